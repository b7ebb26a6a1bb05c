"""Settings as a test gives them."""

from pydantic_settings import PydanticBaseSettingsSource

from bot.settings import Settings


class GivenSettings(Settings):
    """Reads neither the environment nor a file. To look there takes a sixth of a bot's start."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[Settings],
        init_settings: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)
