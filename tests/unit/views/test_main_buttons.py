"""At most one main button in each message and on each Home."""

from typing import Any

from tests.unit.views.every_view import elements, every_home, every_message

Json = dict[str, Any]


def main_buttons(blocks: list[Json]) -> list[Json]:
    return [each for each in elements(blocks) if each.get("style") == "primary"]


def test_messages_and_home_have_at_most_one_main_button() -> None:
    for blocks in [*every_message(), *(home["blocks"] for home in every_home())]:
        main = [each["text"]["text"] for each in main_buttons(blocks)]
        assert len(main) <= 1, main
