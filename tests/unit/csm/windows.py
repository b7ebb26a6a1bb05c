"""Every window of CSMs, filled in, with what refuses it and what does not, each for a reason.

What else happens is about something that the window neither shows nor changes, so it holds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slack_sdk.models.views import View

from bot.ids import Callback
from bot.views.csm import modals
from bot.views.csm.questions import answered_view
from flows.csm.deciding import Looked
from flows.csm.facts import Rejectable
from flows.csm.marks import ReplayMark
from flows.csm.steps import confirm_arrival
from flows.model import Integration, Situation
from flows.vocabulary import Stamp
from tests.support.flow_services import CSM, INTEGRATION, TEAM
from tests.unit.csm import meanwhile as then
from tests.unit.csm.meanwhile import Step
from tests.unit.views.every_view import owned
from tests.unit.views.message_cases import MIRA, stages

STAGES = dict(stages())
Json = dict[str, Any]
Draw = Callable[[Looked, str], View]
Happenings = Mapping[str, Step]


def of_customer(situation: Situation) -> Integration:
    named = {"id": INTEGRATION, "tenant_id": TEAM, "team_id": TEAM}
    return replace(situation.integration, revision=7, **named)  # type: ignore[arg-type]


def additional(now: Integration, confirmed: Stamp | None = None) -> Integration:
    """The Replay has finished, and a request for more has been sent since."""
    assert now.replay
    assert now.replay_finished
    past = now.replay.past(now.replay_finished, confirmed)
    newest = replace(now.replay, number=now.replay.number + 1)
    return replace(now, past_replays=(past,), replay=newest, replay_finished=None)


FREE, CONFIRMED = of_customer(STAGES["free unverified"]), of_customer(STAGES["free confirmed"])
OWNED, DONE = of_customer(owned()), of_customer(STAGES["finished a moment ago"])
CONFIRMED_END = replace(DONE, replay_confirmed=MIRA)
ARRIVING = replace(confirm_arrival(CONFIRMED, MIRA).integration, revision=8)
WRITTEN = of_customer(STAGES["replay written"])
SENT = of_customer(STAGES["replay sent a moment ago"])
SCHEDULED = of_customer(STAGES["replay scheduled"])
RUNNING = of_customer(STAGES["replay running a moment ago"])


@dataclass(frozen=True)
class Window:
    id: Callback
    name: str
    before: Integration
    draw: Draw
    typed: Mapping[str, Any]  # by action id
    refused: Happenings
    holds: Mapping[str, Happenings] = field(default_factory=dict)  # by reason

    def text(self) -> str:
        """What was typed, of which nothing is lost."""
        return next((each["value"] for each in self.typed.values() if "value" in each), "")


def option(action: str, value: str) -> Json:
    return {f"input_{action}": {"selected_option": {"value": value}}}


def text(action: str, value: str) -> Json:
    return {f"input_{action}": {"value": value}}


ANOTHER_MATTER = "it is another matter, which stays open"
OF_ITS_OWN = "the message answers nobody: it is the CSM's own"
GOES_ON = "it comes after any such report, and takes none of them back"
IMPLIED = "Segment's answer implies that it was sent, whoever says so"
NOT_AN_ANSWER = "it is a question, and stands on the card with its own button"
OF_A_NUMBER = "it names the Replay that it is about by its number"
OF_THE_OTHER = "it is about the request after the Replay that this one is about"
STILL_THERE = "Segment has the request, and the CSM says what Segment does"
QUIETER = "it only makes it quieter: for a shorter time than theirs it is refused beside its field"

_OF_SET_UP: Happenings = {**then.WORKSPACE, **then.LEAVING}
_OF_REQUEST: Happenings = {**_OF_SET_UP, **then.REQUEST, **then.SENDING, **then.CONFIRMED}
_AFTER = {NOT_AN_ANSWER: {"Bob passes a question on": then.WORDS["Bob passes a question on"]}}


def _rejections() -> Iterator[Window]:
    of_credentials: Happenings = {**then.CREDENTIALS, **_OF_SET_UP}
    of_sources: Happenings = {**then.SOURCES, **_OF_SET_UP}
    reports: Happenings = {**then.PLANNED, **then.RUNS, **then.ENDS, **then.SENT}
    of_replay: Happenings = {**_OF_REQUEST, **reports, **then.LIVE_ONLY}
    question = _AFTER[NOT_AN_ANSWER]
    for what, before, refused in (
        (Rejectable.CREDENTIALS, FREE, of_credentials),
        (Rejectable.ARRIVAL, ARRIVING, {**of_credentials, **then.ARRIVING_NOT}),
        (Rejectable.SOURCES, SENT, of_sources),
        (Rejectable.REPLAY, WRITTEN, {**of_replay, **question}),  # it implies that it was sent
        (Rejectable.REPLAY, SENT, of_replay),
        (Rejectable.REPLAY, SCHEDULED, of_replay),
        (Rejectable.REPLAY, DONE, {**of_replay, **then.ENDS_NOT}),
    ):
        typed = {**option("what", what), **text("reason", "Please leave out the staging site")}
        yield Window(Callback.REJECT, what, before, modals.reject_view, typed, refused)


def _talk() -> Iterator[Window]:
    typed, over = text("text", "Workspace Owner."), {**then.ANSWERS, **then.LEAVING}

    def draws(matter: int | None) -> Draw:
        return lambda looked, value: modals.message_view(looked, value, {}, matter)

    yield Window(
        Callback.CSM_MESSAGE, "answer", OWNED, draws(1), typed, over, {ANOTHER_MATTER: then.WORDS}
    )
    yield Window(
        Callback.CSM_MESSAGE, "again", OWNED, draws(2), typed, then.LEAVING,
        {OF_ITS_OWN: {**then.ANSWERS, **then.WORDS}},
    )  # fmt: skip
    yield Window(
        Callback.CSM_MESSAGE, "message", OWNED, draws(None), typed, then.LEAVING,
        {OF_ITS_OWN: {**then.ANSWERS, **then.WORDS}},
    )  # fmt: skip
    yield Window(
        Callback.CSM_ANSWERED, "answered", OWNED,
        lambda looked, value: answered_view(looked, value, {}),
        {"input_what": {"selected_options": [{"value": "1"}]}},
        over, {ANOTHER_MATTER: then.WORDS},
    )  # fmt: skip


def _customers() -> Iterator[Window]:
    to = {"input_colleague": {"selected_user": CSM.user_id}}
    for before in (OWNED, SENT):
        yield Window(Callback.CSM_ASSIGN, "", before, modals.assign_view, to, then.OWNER)
    account = text("account", "Mine")
    yield Window(Callback.CSM_ACCOUNT, "", OWNED, modals.account_view, account, then.ACCOUNT)
    finished = {**then.ENDS, **then.CONFIRMED, **then.LIVE_ONLY}
    yield Window(
        Callback.CSM_SNOOZE, "", SENT, modals.csm_snooze_view, option("mark", "7"),
        {**then.STOPPED, **finished, **then.LEAVING}, {QUIETER: then.QUIET},
    )  # fmt: skip


def _confirmations() -> Iterator[Window]:
    of_credentials: Happenings = {**then.CREDENTIALS, **_OF_SET_UP}
    draw = modals.confirm_view
    yield Window(Callback.CSM_CONFIRM, "credentials", FREE, draw, {}, of_credentials)
    yield Window(Callback.CSM_CONFIRM, "arrival", CONFIRMED, draw, {}, of_credentials)
    rejects, another = "Tom rejects the request", "Bob prepares another"
    of_history = {**_OF_SET_UP, **then.CONFIRMED, **then.ENDS_NOT, rejects: then.REQUEST[rejects]}
    yield Window(
        Callback.CSM_CONFIRM, "history", DONE, draw, {}, of_history,
        {OF_A_NUMBER: {another: then.REQUEST[another]}},
    )  # fmt: skip


def _marks() -> Iterator[Window]:
    answers: Happenings = {**then.PLANNED, **then.RUNS, **then.RUNS_NOT}
    ends: Happenings = {**_OF_REQUEST, **then.ENDS}
    going_on = {GOES_ON: then.PLANNED, STILL_THERE: then.LIVE_ONLY, **_AFTER}
    instead = {IMPLIED: then.SENT, STILL_THERE: then.LIVE_ONLY, **_AFTER}
    table: tuple[
        tuple[ReplayMark, tuple[Integration, ...], Happenings, Mapping[str, Happenings]], ...
    ]
    table = (
        (ReplayMark.SCHEDULED, (WRITTEN, SENT, SCHEDULED), {**ends, **answers}, instead),
        (ReplayMark.NO_DAY, (SCHEDULED,), {**ends, **answers}, instead),
        (ReplayMark.NOT_FINISHED, (DONE,), {**_OF_REQUEST, **then.ENDS_NOT}, instead),
        (
            ReplayMark.NOT_CONFIRMED, (CONFIRMED_END,),
            {**_OF_SET_UP, **then.REQUEST, **then.CONFIRMED_NOT}, instead,
        ),
        (ReplayMark.NOT_RUNNING, (RUNNING,), {**ends, **answers}, instead),
        (ReplayMark.NOT_SENT, (SENT, SCHEDULED, RUNNING), {**ends, **answers}, instead),
        (
            ReplayMark.RUNNING, (WRITTEN, SENT, SCHEDULED), {**ends, **then.RUNS},
            {**going_on, IMPLIED: then.SENT},
        ),
        (
            ReplayMark.FINISHED, (SENT, SCHEDULED, RUNNING), ends,
            {**going_on, GOES_ON: answers},
        ),
        (
            ReplayMark.CONFIRMED, (SENT, RUNNING, DONE), _OF_REQUEST,
            {**going_on, GOES_ON: {**answers, **then.ENDS}},
        ),
        (
            ReplayMark.EARLIER, (additional(DONE),), {**_OF_SET_UP, **then.EARLIER},
            {OF_THE_OTHER: {
                **then.REQUEST, **then.SENDING, **answers, **then.ENDS, **then.CONFIRMED
            }},
        ),
        (
            ReplayMark.NOT_EARLIER, (additional(DONE, MIRA),),
            {**_OF_SET_UP, **then.EARLIER_NOT},
            {OF_THE_OTHER: {
                **then.REQUEST, **then.SENDING, **answers, **then.ENDS, **then.CONFIRMED
            }},
        ),
    )  # fmt: skip
    for mark, all_before, refused, holds in table:
        ticket = text("ticket", "4712") if mark is ReplayMark.SCHEDULED else {}
        typed, draw = {**option("mark", mark), **ticket}, modals.replay_mark_view
        for before in all_before:
            yield Window(Callback.CSM_REPLAY, mark, before, draw, typed, refused, holds)


WINDOWS = [*_rejections(), *_talk(), *_customers(), *_confirmations(), *_marks()]
