"""What must hold after every act. A broken law yields lines, which begin with its name."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from bot.ids import Action, Callback
from bot.strings import status as strings
from flows.checks.question import HELD
from flows.outbox.bodies import Reminder
from flows.projection import project
from flows.reminders.events import ReminderSent
from flows.setup.events import Disconnected, Reopened, Started
from playground.sample import ACME
from tests.walk.agreement import (
    home_and_card_agree,
    it_is_as_in_segment,
    status_says_the_same,
    the_board_agrees,
    the_digest_agrees,
)
from tests.walk.house import CUSTOMERS, STRANGERS, STRIDE, House, moment
from tests.walk.outside import CUSTOMERS as CHANNEL
from tests.walk.outside import OUTSIDE
from tests.walk.promises import no_promise_lies_in_the_past, nothing_is_overdue
from tests.walk.step import Law, Step

GAP, HELD_UP, MOST = timedelta(days=2), timedelta(hours=6), 8
# A link opens by itself, a search offers options, a choice in a form is told to nobody.
SILENT = frozenset(
    {Action.OPEN_LINK, Action.REMINDERS_RESUME, Action.SEARCH_SOURCES, Action.BOARD_SEARCH}
)
NEVER_EXCUSED = ("interaction_failed", "job_failed", "message_broken", "never retrieved",
                 "worker_turn_failed", "leases_not_renewed", "Traceback")  # fmt: skip
OF_PEOPLE_WHO_LEFT = '"error": "user_disabled"'
# What Slack sees when a process dies during its requests.
DEATHS = frozenset({"app_crashed", "dispatch_failed", "event_not_acknowledged",
                    "http_service_error", "operation_timeout"})  # fmt: skip
BEGINS = frozenset({"/segment", Action.START, "connect_segment", Action.USE_OTHER})
ENDS = frozenset({Callback.DISCONNECT, Callback.FORGET_TOKEN, Callback.RECEIPT, Action.USE_OTHER})
REPLACES = frozenset({Callback.CREDENTIALS, Action.NO_TOKEN})  # on Free, perhaps by none
DROPS = frozenset({Action.PICK_PLAN, Callback.UPGRADED})  # what only Free accepts, and says so
REOPENS = frozenset({Action.REOPEN, Callback.UPGRADED})
FAILED = tuple(
    text.partition("{")[0][:40]
    for text in (strings.FAILURE_STATE, strings.FAILURE_BESIDE, strings.TRY_AGAIN_STATE)
)
RAW_ID = re.compile(r"(?<![\w@#|<])(?:[UCTW]0[A-Z0-9]{7,}|(?:int|chk|evt|form)_[A-Za-z0-9]{8,})\b")
PLACEHOLDER = re.compile(r"\{(?!oops)[a-z_]+\}")
MENTION = re.compile(r"<@(\w+)>")
EMPTY = re.compile(r"\bNone\b(?! of those)|Traceback|datetime\(|<[A-Z]\w+\.\w+: ")
OF_CUSTOMER = ("integrations", "overview", "vault", "write_keys", "pending_checks", "observations",
               "incidents", "history", "replay_requests", "cards", "home_viewers")  # fmt: skip


def broken(step: Step) -> list[str]:
    return [f"{law.__name__}: {line}" for law in LAWS for line in law(step)]


# --- Slack, the log, secrets ----------------------------------------------------------------------


def no_breach(step: Step) -> Iterator[str]:
    for each in step.house.world.slack.breaches:
        if step.killed and each.error in DEATHS:
            continue
        yield f"{each.where}: {each.error} {each.detail}"


def no_error_is_logged(step: Step) -> Iterator[str]:
    for line in step.log:
        bad = any(word in line for word in NEVER_EXCUSED)
        excused = step.troubled or OF_PEOPLE_WHO_LEFT in line
        if bad or ('"level": "error"' in line and not excused):
            yield re.sub(r'"(timestamp|reference|tenant_id|sequence)": [^,}]*,? ?', "", line)[:900]


def nothing_looks_failed(step: Step) -> Iterator[str]:
    if not step.troubled:
        for place, text in step.new.items():
            if any(failed in text for failed in FAILED):
                yield f"{place[0]} says that something failed"
        for modal in (m for name in step.after.screens for m in step.house.person(name).modals):
            if any(e.startswith(FAILED) for e in modal.errors.values()):
                yield f"{modal.callback_id} says beside a field that something failed"
    for name, screen in step.after.screens.items():
        for notice in screen.notices[len(step.before.screens[name].notices) :]:
            if not (step.killed and notice in DEATHS) and not any(
                known in notice
                for known in ("not installed any more", "not a valid", "there is no global")
            ):
                yield f"Slack says {notice!r}"


def no_secret_is_shown(step: Step) -> Iterator[str]:
    for place, text in step.new.items():
        if any(secret in text for secret in step.typed):
            yield f"{place[0]} shows a secret"
    if any(secret in line for line in step.log for secret in step.typed):
        yield "the log has a secret"


# --- messages -------------------------------------------------------------------------------------


def nothing_is_said_twice(step: Step) -> Iterator[str]:
    keys: Counter[str] = Counter()
    for message in step.house.world.slack.core.state.messages:
        if step.house.deaths and message.channel == CHANNEL:
            continue  # a crash may repeat these (docs/operations.md)
        keys[str(((message.metadata or {}).get("event_payload") or {}).get("key") or "")] += 1
    for key, count in keys.items():
        if key and count > 1:
            yield f"{key} {count} times"


def reminders_keep_their_distance(step: Step) -> Iterator[str]:
    if step.after.history[ReminderSent.kind] == step.before.history[ReminderSent.kind]:
        return
    rows = step.house.ask(
        "SELECT kind, at FROM history WHERE tenant_id = ? AND kind IN (?, ?, ?) ORDER BY sequence",
        ACME.id, ReminderSent.kind, Started.kind, Disconnected.kind,
    )  # fmt: skip
    since = [i for i, (kind, _) in enumerate(rows) if kind != ReminderSent.kind]
    never = _never_sent(step.house)
    moments = [_moment(at) for _, at in rows[(since[-1] + 1 if since else 0) :]]
    life = [at for at in moments if int(at * 1000) not in never]
    if len(life) > MOST:
        yield f"{len(life)} reminders in one life"
    for earlier, later in pairwise(life):
        if later - earlier < (GAP - HELD_UP).total_seconds():
            yield f"two within {(later - earlier) / 3600:.0f} hours"


def _never_sent(house: House) -> set[int]:
    """The moments, in milliseconds, of reminders that had no reason any more when they could go."""
    taken_back = house.ask(
        "SELECT key FROM outbox WHERE tenant_id = ? AND kind = ? AND state = 'sent' AND ts = ''",
        ACME.id, Reminder.kind,
    )  # fmt: skip
    ends = (int(key.rpartition(":")[2]) for (key,) in taken_back)
    return {each + late for each in ends for late in (-1, 0, 1)}


def _moment(stored: object) -> float:
    return (
        float(stored)
        if isinstance(stored, int | float)
        else datetime.fromisoformat(str(stored)).timestamp()
    )


def who_asked_gets_the_answer(step: Step) -> Iterator[str]:
    before = {m.get("number"): m for m in (step.before.facts.get("csm") or {}).get("matters", [])}
    for matter in (step.after.facts.get("csm") or {}).get("matters", []):
        ended, was = matter.get("ended"), before.get(matter.get("number"))
        if not ended or not ended.get("answer") or not was or was.get("ended") or not was.get("by"):
            continue
        sent = step.house.ask(
            "SELECT 1 FROM outbox WHERE kind = 'csm_message' AND conversation = ?",
            f"user:{was['by']}",
        )
        if not sent:
            yield f"{was['reason']} of {was['by']} counts as answered, and nothing went to them"


# --- where it stands ------------------------------------------------------------------------------


def the_overview_is_as_derived(step: Step) -> Iterator[str]:
    situation, stored = step.after.situation, step.after.overview
    if situation is None or stored is None:
        return
    bot = step.house.bot
    derived = project(situation, bot.settings.poll_interval, bot.rules)
    for name in derived.__slots__:
        if name != "next_poll_at" and getattr(derived, name) != getattr(stored, name):
            yield f"{name} is {getattr(stored, name)!r}, derived {getattr(derived, name)!r}"


def checking_ends(step: Step) -> Iterator[str]:
    if step.troubled:
        return
    for name in (*CUSTOMERS, *STRANGERS):
        modal = step.house.person(name).modal
        if modal and modal.callback_id == Callback.PROGRESS:
            yield f"{name} still looks at {modal.text.splitlines()[:2]}"
    rows = step.house.ask("SELECT id, kind, expires_at FROM pending_checks WHERE tenant_id = ?",
                          ACME.id)  # fmt: skip
    for id_, kind, until in rows:
        # One that is held waits for a press, and not much longer than it says.
        if not id_.startswith(f"{HELD}_") or moment(until) < step.house.now() - 2 * STRIDE:
            yield f"{kind} still waits"


# --- what acts do ---------------------------------------------------------------------------------


def only_what_says_so_does_it(step: Step) -> Iterator[str]:
    """Begins, reopens, disconnects, deletes."""
    for kind, doors in (
        (Started.kind, BEGINS),
        (Disconnected.kind, ENDS),
        (Reopened.kind, REOPENS),
    ):
        if step.after.history[kind] > step.before.history[kind] and not step.ids & doors:
            yield f"{kind} by {step.act.what} {step.act.id}"
    lost = step.after.tokens < step.before.tokens
    if (
        lost
        and not step.ids & (ENDS | REPLACES | DROPS)
        and step.act.what not in ("uninstalled", "installed", "wait")
    ):
        yield f"the token was deleted by {step.act.what} {step.act.id}"


def a_press_shows_something(step: Step) -> Iterator[str]:
    act = step.act
    if act.who == OUTSIDE or not step.done or act.beside or step.troubled:
        return
    if act.what in ("close", "say", "open home") or act.id in SILENT or act.value == "no":
        return
    if any(modal.errors for modal in step.house.person(act.who).modals):
        return  # the same mistake is named again
    if step.before.screens == step.after.screens and step.before.changes == step.after.changes:
        yield f"{act.who}: {act.what} {act.id} in {act.place or 'the open'} shows nothing"


def nothing_remains(step: Step) -> Iterator[str]:
    """Of a customer who has been gone for a while."""
    if step.act.what != "wait" or step.troubled or ACME.id not in step.house.uninstalled:
        return
    for table in OF_CUSTOMER:
        rows = step.house.ask(f"SELECT count(*) FROM {table} WHERE tenant_id = ?", ACME.id)
        if rows[0][0]:
            yield f"{table} has {rows[0][0]} rows after the uninstall"


def words_are_for_people(step: Step) -> Iterator[str]:
    for place, text in step.new.items():
        shown = _visible(step.house, place)
        for pattern in (RAW_ID, PLACEHOLDER, EMPTY):
            if found := pattern.search(shown):
                around = shown[max(0, found.start() - 60) : found.end() + 20]
                yield f"{place[0]} says {found.group()!r}: {around!r}"
        for user_id in MENTION.findall(text):
            user, teams = step.house.world.slack.users.get(user_id), _teams(step.house, place)
            if user is None or not set(user.teams) & teams:
                yield f"{place[0]} mentions {user.name if user else user_id}, who is not there"


def _visible(house: House, place: tuple[str, ...]) -> str:
    kind, *where = place
    if kind == "message":
        for name in ("ada", "hank", "mira"):
            person = house.person(name)
            for message in house.world.slack.core.state.messages:
                if [message.channel, message.ts] == where[:2]:
                    return person._shown(message).visible_text
        return ""
    person = house.person(where[0])
    if kind == "home":
        return person.home.text if person.home else ""
    return next((f"{m.title}\n{m.text}" for m in person.modals if m.id == where[1]), "")


def _teams(house: House, place: tuple[str, ...]) -> set[str]:
    if place[0] == "message":
        return {house.world.slack.channels[place[1]].team_id}
    return set(house.person(place[1]).user.teams)


LAWS: tuple[Law, ...] = (
    no_breach,
    no_error_is_logged,
    nothing_looks_failed,
    no_secret_is_shown,
    nothing_is_said_twice,
    reminders_keep_their_distance,
    who_asked_gets_the_answer,
    the_overview_is_as_derived,
    home_and_card_agree,
    status_says_the_same,
    the_board_agrees,
    the_digest_agrees,
    it_is_as_in_segment,
    nothing_is_overdue,
    no_promise_lies_in_the_past,
    checking_ends,
    only_what_says_so_does_it,
    a_press_shows_something,
    nothing_remains,
    words_are_for_people,
)
