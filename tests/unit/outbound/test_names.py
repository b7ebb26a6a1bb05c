"""Names as Slack sends them: what a database takes, and what somebody can see."""

import pytest

from bot.outbound.names import first_seen, plain_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Acme", "Acme"),
        ("quote\nline two", "quote line two"),
        ("quote\u2028line two", "quote line two"),
        ("a\tb", "a b"),
        ("nul\x00l", "null"),
        ("half\ud83d", "half"),
        (None, ""),
    ],
)
def test_every_blank_is_a_space_and_what_no_database_takes_is_left_out(
    sent: object, kept: str
) -> None:
    assert plain_name(sent) == kept


def test_a_name_that_nobody_can_see_gives_way() -> None:
    assert first_seen("\u200b\u200b", "", None, "T0ACME00001", "other") == "T0ACME00001"
    assert first_seen("\u200b", " ") == ""
