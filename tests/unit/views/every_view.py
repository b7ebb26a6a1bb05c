"""Everything that the app can draw, as it is sent: modals, messages, App Home."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from pydantic import SecretStr
from slack_sdk.models.views import View

from bot.ids import Action, customer_value, numbered_value
from bot.views.csm import messages as csm_messages
from bot.views.csm import modals as csm_modals
from bot.views.csm.board import board_view, csm_home_view
from bot.views.csm.card import card_message, farewell_card, farewell_line
from bot.views.csm.questions import answered_view
from bot.views.csm.thread import thread_message
from bot.views.kit.message import Rendered
from bot.views.people import dialogs, managing, reminders, said, status
from bot.views.people.home import home_view
from bot.views.people.messages import render
from bot.views.replay import dialogs as replay_dialogs
from bot.views.setup.entry import Entry, link_view
from bot.views.setup.plan import plan_view
from bot.views.setup.screen import step_view
from bot.views.setup.sources import sources_view
from flows.audit import Audited, AuditEntry, Secret
from flows.checks.question import CheckKind
from flows.csm.deciding import Looked
from flows.csm.facts import CsmFacts, Matter, MatterEnd, Need
from flows.csm.inviting import Invited
from flows.csm.steps import Confirmable, confirmable
from flows.errors import ErrorCode, Field, FieldError, Warned, WarningCode
from flows.invitations import Invitation
from flows.model import Added, Delegation, DestinationState, Screen, Situation, Verification
from flows.outbox.announce import THREAD_EVENTS
from flows.outbox.bodies import CheckDone, Reminder
from flows.reminders.facts import Quiet, Reminders
from flows.setup.entering import FIELDS
from flows.setup.leaving import disconnect
from flows.setup.permissions import Onlooker, Wide, onlooker
from flows.setup.results import Done, Said, ShowLink, ShowProgress, ShowStep
from flows.vocabulary import Stamp
from tests.unit.inbound.refusal_cases import refused
from tests.unit.setup.setup_cases import every_result, free, ready
from tests.unit.views import board_cases
from tests.unit.views.event_cases import event
from tests.unit.views.message_cases import (
    ADA,
    CHANNEL_MESSAGES,
    LEFT,
    MESSAGES,
    MIRA,
    request,
    stages,
)
from tests.unit.views.message_cases import status as status_of
from tests.unit.views.message_checks import plain_blocks

Json = dict[str, Any]
SAID = {
    Said.COLLEAGUE_ASKED: "U0BOB00001",
    Said.MANAGERS_ASKED: "U0BOB00001 U0ADA00001",
    Said.SNOOZED: "2026-05-11",
}
ALONE = Onlooker(Screen.CREDENTIALS, ())  # nobody is left who may do it
CUSTOMER = customer_value("T1", "int_1@0")
A_PATH = SecretStr("x" * 43)
ON_BOTH = Entry(on_page=True, address="https://bot.example.com")
ON_PAGE = replace(ON_BOTH, here=False)
NAMES = {ADA.by: "Ada", "U0BOB00001": "Bob"}
TRAIL = [
    AuditEntry(what, secret, who, "T1", "int_1")
    for what in Audited
    for secret in Secret
    for who in (ADA, MIRA, Stamp("", ADA.at), Stamp("operator:root", ADA.at))
]
T = TypeVar("T")
# The other screens look the same whoever gets the token, and wherever it is typed.
ASKING_FOR_SECRETS = (Screen.CREDENTIALS, Screen.WRITE_BACK, Screen.RECEIPT)
UNKNOWN = FieldError(
    Field.SOURCE_IDS, ErrorCode.SOURCE_UNKNOWN, {"id": "src0", "workspace": "Acme"}
)
OTHER = FieldError(
    Field.TOKEN,
    ErrorCode.TOKEN_OTHER_WORKSPACE,
    {"found": "Beacon & <Co>", "expected": "Acme", "held": "held_1"},
)
SWITCHES = CheckDone("chk_1", CheckKind.TOKEN, Screen.CREDENTIALS, error=OTHER)
WRONG = CheckDone("chk_1", CheckKind.SOURCES, Screen.SOURCES, error=UNKNOWN)


def _once(draw: Callable[[], Iterator[T]]) -> Callable[[], tuple[T, ...]]:
    """Drawn once for all tests of a process."""
    return cache(lambda: tuple(draw()))


def invitation_answers() -> Iterator[Rendered]:
    made = Invitation("T1", "a & b" * 16, "U0MIRA0001", ADA.at, ADA.at)
    yield csm_messages.invited_message(Invited(made, "x" * 600), "https://bot.example.com/install")
    for code in (ErrorCode.TOO_LONG, ErrorCode.REQUIRED, ErrorCode.LOOKS_SECRET):
        error = FieldError(Field.ACCOUNT, code, {"limit": "80"})
        yield csm_messages.not_invited_message(error)
    yield csm_messages.no_invitation_message()


def _situations() -> list[Situation]:
    verifications = [free(verification, "of another company") for verification in Verification]
    return [situation for _, situation in stages()] + verifications


def _screens() -> Iterator[View]:
    for count in (12, 1):
        for result in every_result("Web app", count):
            yield step_view(result)
            if result.screen in ASKING_FOR_SECRETS:
                yield step_view(result, entry=replace(ON_BOTH, takes_secrets=True))
                yield step_view(result, entry=ON_PAGE)
    for situation in _situations():
        yield step_view(ShowStep(Screen.CREDENTIALS, situation))
        yield step_view(ShowStep(Screen.CREDENTIALS, situation), entry=ON_PAGE)
        yield step_view(ShowStep(Screen.CREDENTIALS, situation, (OTHER,)))
        yield step_view(ShowStep(Screen.LIVE_SYNC, situation))
    for screen in FIELDS:
        yield link_view(ShowLink(screen, ready(), "page_1", A_PATH), ON_BOTH)


@_once
def every_modal() -> Iterator[Json]:
    for view in _screens():
        yield _travelling(view)
    full = ready()
    yield _travelling(plan_view(ShowStep(Screen.PLAN, full)))
    yield _travelling(sources_view(ShowStep(Screen.SOURCES, ready(count=40)), unlisted=True))
    for kind in CheckKind:
        yield _travelling(dialogs.progress_view(ShowProgress(kind, "chk_1", full)))
    for view in (
        dialogs.upgraded_view(full),
        dialogs.delegate_view(full, Screen.SOURCES),
        dialogs.help_view(full, Screen.SOURCES),
        managing.people_view(with_people(full), "U0CYD00001"),
        managing.people_view(left_alone(full)),
        managing.trail_view(()),
        managing.trail_view(TRAIL),
        managing.refused_view(full, onlooker(full, Wide.MANAGE), "a & b"),
        managing.refused_view(with_people(full), ALONE, "a & b"),
        dialogs.disconnect_view(full),
        dialogs.disconnected_view(full.integration),
        dialogs.forget_token_view(full),
        csm_modals.message_view(looked(full), CUSTOMER, NAMES),
        csm_modals.message_view(looked(full), CUSTOMER, NAMES, reader="U0BOB00001"),
        csm_modals.message_view(looked(full), CUSTOMER, NAMES, reader=""),
        csm_modals.assign_view(looked(full), CUSTOMER),
        csm_modals.account_view(looked(full), CUSTOMER),
        csm_modals.message_view(looked(owned()), CUSTOMER, NAMES, 2),
        answered_view(looked(owned()), CUSTOMER, NAMES),
        csm_modals.csm_snooze_view(looked(full), CUSTOMER),
        csm_modals.replay_mark_view(looked(requested()), CUSTOMER),
        csm_modals.reject_view(looked(requested()), CUSTOMER),
        *(csm_modals.confirm_view(looked(each), CUSTOMER) for each in confirmables()),
        csm_modals.saved_view(looked(full)),
        csm_messages.reply_view(full),
        *(said.said_view(Done(each, full, SAID.get(each, ""))) for each in Said),
        said.said_view(Done(Said.HELP_ASKED, left())),
        said.said_view(Done(Said.ONLY_ASKED, left())),
        *(said.ended_view(situation, "a & b") for situation in (None, left())),
        dialogs.decided_view(),
        *(each.modal for each in refused("0123abcd")),
        reminders.snooze_view(full),
        *_replay_dialogs(full),
    ):
        yield _travelling(view)
    for board in board_cases.boards():
        yield _travelling(board_view(board, board_cases.address, board_cases.OWNERS))


def with_people(situation: Situation) -> Situation:
    """Somebody was added, and colleagues were asked for single steps."""
    asked = tuple(Delegation("U0BOB00001", each, ADA) for each in list(Screen)[:10])
    added = tuple(Added(f"U0BOB{number:05}", ADA) for number in range(1, 21))
    return replace(situation, integration=replace(situation.integration, asked=asked, added=added))


def left_alone(situation: Situation) -> Situation:
    """Nobody but the starter manages the set-up."""
    return replace(situation, integration=replace(situation.integration, asked=(), added=()))


def looked(situation: Situation, name: str = "Acme") -> Looked:
    """As a CSM sees the customer."""
    return Looked(situation, name)


def confirmables() -> list[Situation]:
    """One for each thing that only a CSM can say."""
    found = {confirmable(each): each for each in [*_situations(), requested()]}
    return [found[what] for what in Confirmable]


def _replay_dialogs(full: Situation) -> Iterator[View]:
    asked = request(full.integration)
    yield replay_dialogs.schedule_view(full)
    for stage in ("replay scheduled", "replay promised for today"):
        yield replay_dialogs.schedule_view(dict(stages())[stage])
    yield replay_dialogs.asked_view(full.integration)
    values = [(number, str(number)) for number in (3, 2, 1)]
    mine = replay_dialogs.version_buttons(Action.REPLAY_VERSION, values, asked.number)
    yield replay_dialogs.version_view(asked, [3, 2, 1], "Ada", mine)
    numbered = [(number, numbered_value(CUSTOMER, number)) for number in (3, 2, 1)]
    theirs = replay_dialogs.version_buttons(Action.CSM_REQUEST, numbered, asked.number)
    yield replay_dialogs.version_view(asked, [3, 2, 1], "Ada", theirs)
    named = replace(asked, left_out=())
    silent = replace(full.integration, replay=named, replay_sent=ADA)
    statuses = {s.id: status_of(s, DestinationState.DISABLED) for s in silent.sources}
    left = Situation(silent, replace(full.observed, statuses=statuses), full.now)
    longer = {s.id: replace(full.observed.statuses[s.id], or_earlier=True) for s in silent.sources}
    asks = replace(full, observed=replace(full.observed, statuses=longer))
    yield from (step_view(ShowStep(each, asks)) for each in (Screen.REPLAY, Screen.REPLAY_PREVIEW))
    warned = (Warned(WarningCode.STILL_OPEN, {"count": "1"}),)
    yield step_view(ShowStep(Screen.REPLAY_STATUS, left, warnings=warned))


def left() -> Situation:
    """Somebody has disconnected."""
    situation = ready()
    return replace(situation, integration=disconnect(situation.integration, ADA).integration)


def requested() -> Situation:
    """A Replay request is open, so that everything can be said about it."""
    return dict(stages())["replay written"]


def owned() -> Situation:
    """A CSM owns the customer. Several people have asked, more and longer than is shown."""
    situation, asked = requested(), "Which <role> & what? " * 10
    ended = MatterEnd(Stamp(MIRA.by, situation.now), 3)
    matters = (
        Matter(Need.REPLIED, situation.now, 1, "U0BOB00001"),
        Matter(Need.HELP, situation.now, 2, "U0ADA00001", asked, ended),
        Matter(Need.STUCK, situation.now, 4),
        *(Matter(Need.HELP, situation.now, n, "U0UNKNOWN", asked) for n in range(5, 20)),
    )
    csm = CsmFacts(owner=MIRA, account="Acme", matters=matters)
    return replace(situation, integration=replace(situation.integration, csm=csm))


def put_off(situation: Situation) -> Situation:
    """Somebody has stopped all reminders."""
    stopped = Reminders(quiet=(Quiet("", ADA.by, situation.now),))
    return replace(situation, integration=replace(situation.integration, reminders=stopped))


@_once
def every_home() -> Iterator[Json]:
    for situation in [*_situations(), owned()]:
        yield _travelling(home_view(situation, [], situation.now))
    for situation in _situations():
        for looks in (onlooker(situation, Screen.SOURCES), ALONE):
            home = home_view(situation, [], situation.now, onlooker=looks, manages=False)
            yield _travelling(home)
    yield _travelling(managing.not_member_home())
    yield _travelling(home_view(None, []))
    yield _travelling(home_view(left(), []))
    yield _travelling(home_view(None, [], with_board=True))
    for home in board_cases.homes():
        yield _travelling(csm_home_view(home, board_cases.address, board_cases.OWNERS, ""))
    yield _travelling(home_view(put_off(ready()), []))


@_once
def every_message() -> Iterator[list[Json]]:
    """The blocks of each message."""
    for situation in [*_situations(), owned()]:
        yield _blocks(card_message(situation, installation_name="Acme", customer_value=CUSTOMER,
                                   names=NAMES))  # fmt: skip
        yield _blocks(status.status_message(situation))
        for looks in (onlooker(situation, Wide.MANAGE), ALONE):
            yield _blocks(status.status_message(situation, looks))
            yield _blocks(managing.refused_message(situation, looks))
            for body in MESSAGES:
                yield _blocks(render(body, situation, onlooker=looks))
        for body in MESSAGES:
            yield _blocks(render(body, situation))
        for done in (WRONG, SWITCHES):
            yield _blocks(render(done, situation))
        for body in MESSAGES:
            if isinstance(body, Reminder):
                yield _blocks(render(body, put_off(situation)))
    for event_kind in THREAD_EVENTS:
        yield _blocks(
            thread_message(
                event(event_kind), names=NAMES, customer_value=CUSTOMER, owner="U0MIRA",
                card_link="https://toplyne.slack.com/archives/C1/p1",
            )
        )  # fmt: skip
    for lost in CHANNEL_MESSAGES:
        yield _blocks(csm_messages.channel_message(lost))
    yield _blocks(farewell_card(LEFT))
    yield _blocks(farewell_line(LEFT))
    for message in (
        status.status_message(None),
        status.nothing_to_disconnect_message(left()),
        *(status.ended_message(situation) for situation in (None, left())),
        status.help_message(),
        status.unknown_command_message(),
        status.token_in_command_message(),
        status.token_of_outsider_message(),
        status.csm_help_message(),
        *invitation_answers(),
        status.csm_bound_message("C0CUSTOMERS"),
        *(each.message for each in refused("0123abcd")),
        managing.kept_from_reader(),
        status.expired_trigger_message(),
    ):
        yield _blocks(message)


def _travelling(view: Any) -> Json:
    made: Json = json.loads(json.dumps(view.to_dict()))
    return made


def _blocks(rendered: Rendered) -> list[Json]:
    return plain_blocks(rendered.blocks)


def elements(blocks: list[Json]) -> Iterator[Json]:
    """All elements that can be pressed or filled in. Inputs sent with the modal are marked."""
    for block in blocks:
        inside = block["type"] == "input" and not block.get("dispatch_action")
        found = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        for element in found:
            if element and "action_id" in element:
                yield {**element, "answers_with_the_modal": inside}


def words(node: Any) -> Iterator[str]:
    """Every text that a person can read."""
    if isinstance(node, list):
        for each in node:
            yield from words(each)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for each in node.values():
            yield from words(each)
