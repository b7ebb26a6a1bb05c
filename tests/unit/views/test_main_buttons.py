"""One main button in everything that the app draws, and in a window it is in the foot."""

from typing import Any

from bot.ids import Callback
from tests.unit.views.every_view import elements, every_home, every_message, every_modal

Json = dict[str, Any]
# These answer in one sentence, as a message does, and the one button stands below it.
ANSWERS = (Callback.DONE,)


def main_buttons(blocks: list[Json]) -> list[Json]:
    return [each for each in elements(blocks) if each.get("style") == "primary"]


def test_the_main_button_of_a_window_is_in_its_foot() -> None:
    """A button that opens a page cannot be there: Slack knows no such foot."""
    for modal in every_modal():
        main = main_buttons(modal["blocks"])
        if modal["callback_id"] in ANSWERS or all("url" in each for each in main):
            assert len(main) + ("submit" in modal) <= 1, modal["callback_id"]
        else:
            raise AssertionError((modal["callback_id"], [each["text"]["text"] for each in main]))


def test_messages_and_home_have_at_most_one_main_button() -> None:
    for blocks in [*every_message(), *(home["blocks"] for home in every_home())]:
        main = [each["text"]["text"] for each in main_buttons(blocks)]
        assert len(main) <= 1, main
