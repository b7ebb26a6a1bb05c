"""Names, numbers and what people write: every dressing comes off, and no more than that."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flows.errors import ErrorCode
from flows.model import Screen
from flows.pasted import account_name, name, ticket_number, visible, written
from flows.replay.names import meant_names
from flows.setup.results import Mistakes
from flows.setup.submission import Ref
from tests.support.flow_services import ADA, BY_CSM, INTEGRATION, Services
from tests.unit.test_pasted import DRESSINGS


@pytest.mark.parametrize(
    "dressed",
    [
        " Acme\u00a0Inc. ",
        "“Acme Inc.”",
        '"Acme Inc."',
        "`Acme Inc.`",
        "- Acme Inc.",
        "• Acme Inc.",
        "•Acme Inc.",
        "1. Acme Inc.",
        "Acme Inc.,",
        "Acme\nInc.;",
        "\u200bAcme Inc.\ufeff",
        "[“Acme Inc.”]",
        "“Acme Inc.”.",
    ],
)
def test_a_name_keeps_what_belongs_to_it(dressed: str) -> None:
    assert name(dressed) == "Acme Inc."


@pytest.mark.parametrize(
    "right",
    [
        "Acme Inc.",
        "AT&T",
        "Order – Completed",
        "(Test) Acme",
        "Acme (Europe)",
        '"A" and "B"',
        "3M",
        "Yahoo!",
        "a: b",
        "-",
        '"',
        "[Amplitude] Page Viewed",
        "Toys “R” Us",
    ],
)
def test_a_right_name_stays(right: str) -> None:
    assert name(right) == right


@pytest.mark.parametrize(
    "dressed", ["Account: Acme Inc.", "- “Toplyne account: Acme Inc.”", "account name = Acme Inc."]
)
def test_an_account_may_have_its_label(dressed: str) -> None:
    assert account_name(dressed) == "Acme Inc."


# Labels, and what stands around code, are those of values that are no names.
WITHOUT_LABELS = [
    each
    for each in DRESSINGS
    if not any(part in each for part in (":", "：", "=", "Source ID", "token is", "earer"))
]
FULL_STOPS = ("{}.", "“{}.”", "{}!")  # they may belong to a name: Acme Inc., Yahoo!


@pytest.mark.parametrize("dressing", WITHOUT_LABELS)
def test_names_and_numbers_come_out_of_every_dressing(dressing: str) -> None:
    for label in (
        "",
        "Ticket #",
        "Ticket: ",
        "ticket no. ",
        "Our ticket number is ",
        "Request-ID: ",
    ):
        assert ticket_number(dressing.format(f"{label}{TICKET}")).rstrip("!") == TICKET
    for label in ("", "Account: ", "Customer: ", "Toplyne account name = "):
        if dressing not in FULL_STOPS:
            assert account_name(dressing.format(f"{label}Acme Inc")) == "Acme Inc"
    for label in ("", "Event: ", "event name = ", "Tracked event: "):
        lines = visible(dressing.format(f"{label}order completed")).splitlines()
        assert meant_names(lines, ["Order Completed", "Signed Up"]) == ("Order Completed",)


TICKET = "4711-B"


@pytest.mark.parametrize(
    "right", ["4711", "SEG-4711", "case-study 7", "https://x.test/tickets/", "by phone", "I & D 7"]
)
def test_what_is_no_label_of_a_ticket_stays(right: str) -> None:
    assert ticket_number(right) == right


def test_a_ticket_is_taken_out_of_its_address() -> None:
    for dressing in WITHOUT_LABELS:
        address = dressing.format("https://help.test/hc/requests/4711?page=2")
        assert ticket_number(address).rstrip("!") == "4711"


UNSEEN = ("", " ", "\u200b", "\u00a0\ufeff", "\u2800\n\u3164")


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_nobody_can_see_was_not_written(unseen: str) -> None:
    assert written(unseen) == ""
    assert written(f"{unseen}Hello 👩‍💻\n- one{unseen}".strip(unseen)) == "Hello 👩‍💻\n- one"


# How something is said to somebody else that cannot be empty.
SAID: dict[str, Callable[[Services, str], Awaitable[Any]]] = {
    "reason": lambda bot, text: bot.csm.judging.reject(BY_CSM, text),
    "message": lambda bot, text: bot.conversing.write(BY_CSM, text),
    "reply": lambda bot, text: bot.conversing.reply(ADA, Ref(INTEGRATION, 0), text),
    "question": lambda bot, text: bot.following.pass_on(ADA, Ref(INTEGRATION, 0), text),
}


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("place", SAID)
async def test_who_says_nothing_that_can_be_seen_is_asked_for_it(place: str, unseen: str) -> None:
    bot = Services()
    await bot.install()
    await bot.setup.start(ADA)
    answer = await SAID[place](bot, unseen)
    (error,) = answer.errors if isinstance(answer, Mistakes) else answer
    assert error.code is ErrorCode.REQUIRED


@pytest.mark.parametrize("unseen", UNSEEN)
async def test_a_note_that_nobody_can_see_is_none(unseen: str) -> None:
    bot = Services()
    await bot.install()
    await bot.setup.start(ADA)
    await bot.setup.ask_help(ADA, Ref(INTEGRATION, 0), Screen.PLAN, unseen)
    situation = await bot.situation()
    assert situation
    (asked,) = situation.integration.csm.questions
    assert asked.asked == ""
