"""Reminders: the message and its later states, the modal that asks for a date, the row on Home."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    DatePickerElement,
    InteractiveElement,
    OverflowMenuElement,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.ids import Action, Callback, input_action, input_block
from bot.strings import dialogs, messages
from bot.strings import reminders as strings
from bot.strings.next_steps import LOOK_NEXT
from bot.views.kit.blocks import (
    actions,
    button,
    context,
    field,
    make_metadata,
    modal,
    option,
    plain,
    section,
)
from bot.views.kit.message import Rendered, compose, naming, spoken
from bot.views.kit.next_step import look_button, to_do_button
from bot.views.kit.standing import asked_day, scheduled_words
from bot.views.kit.text import TOPLYNE, day, moment, name, user
from bot.views.kit.wording import blocked_text
from bot.views.people.managing import ask_buttons, ask_words, who_can_words
from bot.views.replay.message import day_label
from flows.errors import Field
from flows.model import Screen, Situation
from flows.outbox.bodies import Reminder, UnaskedNews
from flows.reminders.facts import Reminders, Role, Snooze
from flows.reminders.steps import SNOOZE_DAYS, is_done
from flows.replay.facts import ReplayRequest
from flows.setup.blockers import Blocked, Blocker, current_screen, due_blocker
from flows.setup.permissions import Onlooker


class Choice(StrEnum):
    """What a person can choose about reminders. Any other value is a snooze in days."""

    DATE = "date"
    STOP = "stop"
    STOP_ALL = "stop_all"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice, and the blocker of the reminder where it was made."""

    choice: str
    blocker: str


def parse_choice(value: str) -> Chosen:
    """Reads an option's value back."""
    return Chosen(*value.partition(":")[::2])


def blocker_in(blocks: Iterable[Mapping[str, Any]]) -> str:
    """What the reminder with these blocks is about. Empty if it is another message."""
    elements = (each for block in blocks for each in block.get("elements", ()))
    menus = (each for each in elements if each.get("action_id") == Action.REMINDER_SNOOZE)
    menu = next(menus, None)
    return parse_choice(menu["options"][0]["value"]).blocker if menu else ""


def reminder(body: Reminder, situation: Situation, onlooker: Onlooker | None = None) -> Rendered:
    """A reminder in its current state: open with its buttons, put off, or done."""
    blocked = due_blocker(situation)
    if blocked is None or blocked.blocker is not body.blocker:
        return _done(body.blocker, situation)
    if older := _older(body, situation.integration.reminders):
        return older
    state, next_step = _words(body, blocked, situation)
    doing = _doing(blocked, situation)
    if onlooker:
        state, next_step = f"{state} {who_can_words(onlooker)}", ask_words(onlooker)
        doing = ask_buttons(onlooker)
    if put_off := _put_off(blocked, situation):
        resume = button(strings.RESUME_BUTTON, Action.REMINDERS_RESUME, blocked.blocker)
        doing = doing if onlooker else [to_do_button(situation)]
        return compose(f"{put_off} {state}", next_step, [*doing, resume])
    lines = [*role_lines(body), *([strings.LAST] if body.is_last else [])]
    more = _more(blocked, situation, may_do=onlooker is None)
    blocks: list[Block] = [
        section(f"{state}\n{next_step}"),
        *([context(*lines)] if lines else []),
        actions(*doing, *more),
    ]
    return Rendered(spoken([state, next_step, *lines], doing), blocks)


def _older(body: Reminder, reminders: Reminders) -> Rendered | None:
    """One that another follows. The matter is open, so it leads there: by that one if its reader
    has it.
    """
    newest, decided = next(reversed(reminders.with_reader), None), body.decided
    if newest is None or decided is None or newest.at <= decided:
        return None
    what = blocked_text(Blocked(body.blocker)).next
    readers = {each.to for each in reminders.with_reader if each.at == decided}
    if newest.to in readers and newest.blocker == body.blocker:
        return compose(strings.OLDER.format(what=what), strings.OLDER_NEXT)
    state = strings.OLDER_TO.format(what=what, who=user(newest.to))
    return compose(state, LOOK_NEXT, [look_button()])


def _words(body: Reminder, blocked: Blocked, situation: Situation) -> tuple[str, str]:
    request, scheduled = situation.integration.replay, situation.integration.replay_scheduled
    if blocked.blocker is Blocker.REPLAY_NOT_RUNNING and request and scheduled:
        workspace = name(request.workspace.label)
        if named := asked_day(situation):
            asked = strings.STARTED_ASKED.format(day=day(named), workspace=workspace)
            return asked, strings.STARTED_NEXT
        is_answered = body.decided and body.decided <= scheduled.reported.at
        if scheduled.on is None and not is_answered:
            state = f"{scheduled_words(scheduled, workspace)} {strings.NO_DAY_WHY}"
            return state, _look(blocked, situation)
        running = messages.REPLAY_RUNNING_BUTTON
        following = messages.REPLAY_SCHEDULED_NEXT.format(button=running)
        return scheduled_words(scheduled, workspace), following
    state = f"{blocked_text(blocked).state} {strings.WHY.get(blocked.blocker, '')}".rstrip()
    return state, _look(blocked, situation)


def _look(blocked: Blocked, situation: Situation) -> str:
    """What to do, and how long it takes."""
    screen = current_screen(situation)
    following = strings.LOOK.get(blocked.blocker) or blocked_text(blocked).next
    return strings.NEXT_TAKES.format(next=following, duration=messages.DURATION[screen])


def role_lines(body: Reminder | UnaskedNews) -> list[str]:
    """Why this person gets it, if it was meant for somebody else first."""
    template = strings.ROLE.get(body.role) if body.role else None
    return [template.format(who=user(body.instead_of))] if template else []


def _doing(blocked: Blocked, situation: Situation) -> list[ButtonElement]:
    """The way to the set-up or, while Segment works, the answers about it."""
    request, scheduled = situation.integration.replay, situation.integration.replay_scheduled
    if blocked.blocker is not Blocker.REPLAY_NOT_RUNNING or not (request and scheduled):
        return [to_do_button(situation)]
    number = str(request.number)
    is_running = button(
        messages.REPLAY_RUNNING_BUTTON, Action.REPLAY_RUNNING, number, style="primary"
    )
    if scheduled.on is None or asked_day(situation):
        label = day_label(scheduled, situation)
        return [is_running, button(label, Action.REPLAY_SCHEDULED, number)]
    return [is_running]


def _more(blocked: Blocked, situation: Situation, *, may_do: bool) -> list[InteractiveElement]:
    screen = current_screen(situation)
    check = button(strings.CHECK_BUTTON, Action.CHECK_NOW)
    snoozes = [
        *(option(strings.SNOOZES[days], f"{days}:{blocked.blocker}") for days in SNOOZE_DAYS),
        option(strings.SNOOZE_DATE, f"{Choice.DATE}:{blocked.blocker}"),
    ]
    stops = [
        option(strings.STOP, f"{Choice.STOP}:{blocked.blocker}"),
        option(strings.STOP_ALL, f"{Choice.STOP_ALL}:{blocked.blocker}"),
    ]
    unsent = blocked.blocker is Blocker.REPLAY_NOT_SENT
    request = situation.integration.replay if unsent else None
    return [
        *([check] if may_do and screen is Screen.LIVE_SYNC else []),
        *([_sent(request)] if may_do and request else []),
        StaticSelectElement(
            action_id=Action.REMINDER_SNOOZE,
            placeholder=plain(strings.SNOOZE),
            options=snoozes,
        ),
        *([button(strings.DELEGATE_BUTTON, Action.DELEGATE, screen)] if may_do else []),
        button(strings.HELP_BUTTON, Action.ASK_HELP, screen),
        OverflowMenuElement(action_id=Action.REMINDER_STOP, options=stops),
    ]


def _sent(request: ReplayRequest) -> ButtonElement:
    """For whom the reminder comes too late: it was sent, and nobody said so."""
    return button(strings.SENT_BUTTON, Action.REPLAY_SENT, str(request.number))


def _done(blocker: Blocker, situation: Situation) -> Rendered:
    """It is drawn so once, and stays so: it names nothing that comes next."""
    if situation.integration.disconnected:
        return compose(strings.DISCONNECTED, messages.OVER_NEXT)
    if not is_done(blocker, due_blocker(situation), situation.integration):
        return compose(strings.NOT_NEXT, messages.OVER_NEXT)
    what = blocked_text(Blocked(blocker)).next
    return compose(strings.DONE.format(what=what), messages.OVER_NEXT)


def _snoozer(snooze: Snooze) -> str:
    return TOPLYNE if snooze.of_toplyne else user(snooze.by)


def _put_off(blocked: Blocked, situation: Situation) -> str:
    """Who snoozed or stopped reminders like this one. Empty if nobody did."""
    asked = situation.integration.reminders.put_off(blocked.blocker, situation.now)
    if asked is None:
        return ""
    if isinstance(asked, Snooze):
        return strings.SNOOZED.format(who=_snoozer(asked), until=moment(asked.until))
    template = strings.STOPPED if asked.blocker else strings.STOPPED_ALL
    return template.format(who=user(asked.by))


# --- the date -----------------------------------------------------------------------------------


def snooze_view(situation: Situation) -> View:
    """Asks until which day to send no reminders."""
    next_week = situation.today + timedelta(days=7)
    picker = DatePickerElement(
        action_id=input_action(Field.UNTIL), initial_date=next_week.isoformat()
    )
    return modal(
        strings.DATE_TITLE,
        Callback.SNOOZE,
        [section(strings.DATE), field(strings.DATE_LABEL, picker, input_block(Field.UNTIL))],
        submit=strings.DATE_SUBMIT,
        close=dialogs.CANCEL,
        metadata=make_metadata(situation.integration),
    )


# --- what a choice came to ----------------------------------------------------------------------


def chosen_message(blocker: str, situation: Situation) -> Rendered:
    """The reminder in which somebody chose, as it is now. Earlier versions name no blocker."""
    blocked = due_blocker(situation)
    about = Blocker(blocker) if blocker else blocked.blocker if blocked else Blocker.PLAN_MISSING
    return naming(reminder(Reminder(about, Role.DID_LAST), situation), situation.integration)


def unchanged_view(situation: Situation) -> View:
    """Tells on Home why a choice changed nothing: it is so already, or about what is over."""
    blocked = due_blocker(situation)
    put_off = _put_off(blocked, situation) if blocked else ""
    text = strings.UNCHANGED.format(state=put_off or strings.UNCHANGED_ON)
    return modal(strings.UNCHANGED_TITLE, Callback.DONE, [section(text)])


# --- Home ---------------------------------------------------------------------------------------


def reminders_row(situation: Situation, next_on: date | None) -> Block:
    """The state of reminders and the choices to change it. None comes before `next_on`."""
    text, is_put_off = _home_state(situation, next_on)
    blocked = due_blocker(situation)
    if is_put_off:
        about = blocked.blocker if blocked else ""
        resume: ButtonElement = button(strings.RESUME_BUTTON, Action.REMINDERS_RESUME, about)
        return section(text, accessory=resume)
    if next_on is None or blocked is None:
        return section(text)
    return section(text, accessory=_home_select(blocked.blocker))


def _home_state(situation: Situation, next_on: date | None) -> tuple[str, bool]:
    blocked = due_blocker(situation)
    asked = situation.integration.reminders.put_off(
        blocked.blocker if blocked else "", situation.now
    )
    if isinstance(asked, Snooze):
        text = strings.HOME_SNOOZED.format(who=_snoozer(asked), until=moment(asked.until))
        return text, True
    if asked:
        template = strings.HOME_STOPPED if asked.blocker else strings.HOME_STOPPED_ALL
        return template.format(who=user(asked.by)), True
    if next_on is None:
        return strings.HOME_NONE, False
    return strings.HOME_NEXT.format(day=day(next_on)), False


def _home_select(blocker: Blocker) -> StaticSelectElement:
    snoozes = (
        option(strings.HOME_SNOOZE.format(how_long=strings.SNOOZES[days]), f"{days}:{blocker}")
        for days in SNOOZE_DAYS
    )
    return StaticSelectElement(
        action_id=Action.REMINDERS_CHANGE,
        placeholder=plain(strings.HOME_CHANGE),
        options=[
            *snoozes,
            option(strings.HOME_SNOOZE_DATE, f"{Choice.DATE}:{blocker}"),
            option(strings.HOME_STOP, f"{Choice.STOP}:{blocker}"),
            option(strings.HOME_STOP_ALL, f"{Choice.STOP_ALL}:{blocker}"),
        ],
    )
