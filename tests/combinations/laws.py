"""What must hold after every press, for every button and every standing of the customer."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.ids import Action, Beginning, Callback
from bot.strings import csm, dialogs, managing, reminders
from flows.csm.events import CustomerReplied
from flows.outbox.bodies import AskedToGoOn
from flows.replay.events import ReplayQuestioned
from flows.setup.events import HelpAsked, Started
from playground.sample import ACME, TOPLYNE
from playground.slack.person import Person
from tests.combinations.presses import SAID, SEARCH, Place, Press
from tests.combinations.standings import INTEGRATION, NOTHING_BEGUN, Standing
from tests.scenario.looking import CUSTOMERS
from tests.support.world import World

# A link opens by itself.
SILENT = frozenset({Action.OPEN_LINK.value})
ASKING = frozenset(
    {
        Action.ASK_HELP,
        Action.DELEGATE,
        Action.DISCONNECT,
        Action.REPLY,
        Action.REMINDER_SNOOZE,
        Action.REMINDERS_CHANGE,
        Callback.HELP,
        Callback.DELEGATE,
        Callback.REPLY,
        Callback.SNOOZE,
    }
)


@dataclass(frozen=True)
class Stored:
    """What the bot's database holds about the customer."""

    facts: dict[str, Any]
    history: Counter[str]
    secrets: int
    asked_to_go_on: int  # messages to those who manage the set-up
    waited: str  # since when somebody has been waiting for Segment's answer

    @property
    def begun(self) -> bool:
        return bool(self.facts.get("last_active")) and not self.facts.get("disconnected")


@dataclass(frozen=True)
class Screen:
    """What one person sees."""

    modals: dict[str, str] = field(default_factory=dict)  # title and text, by id and hash
    errors: int = 0
    messages: tuple[tuple[str, str], ...] = ()  # with the time of the last edit
    answers: tuple[str, ...] = ()  # what only this person sees in a conversation
    home: str = ""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    press: Press
    standing: Standing
    before: tuple[Stored, Screen]
    after: tuple[Stored, Screen]
    is_changed: bool  # anything in the database
    log: list[str]
    breaches: list[str]


def stored(database: sqlite3.Connection) -> Stored:
    facts = database.execute("SELECT facts FROM integrations WHERE id = ?", (INTEGRATION,))
    row = facts.fetchone()
    kinds = "SELECT kind, count(*) FROM history WHERE tenant_id = ? GROUP BY kind"
    secrets = "SELECT (SELECT count(*) FROM vault) + (SELECT count(*) FROM pending_checks)"
    asked = "SELECT count(*) FROM outbox WHERE integration_id = ? AND kind = ?"
    waited = "SELECT document FROM observations WHERE integration_id = ? AND kind = 'waited'"
    return Stored(
        json.loads(row[0]) if row else {},
        Counter(dict(database.execute(kinds, (ACME.id,)).fetchall())),
        database.execute(secrets).fetchone()[0],
        database.execute(asked, (INTEGRATION, AskedToGoOn.kind)).fetchone()[0],
        str(database.execute(waited, (INTEGRATION,)).fetchone()),
    )


def screen(world: World, person: Person) -> Screen:
    home = world.slack.core.state.home_of(person.user)
    return Screen(
        {
            f"{modal.id} {modal.view.hash}": f"{modal.title}\n{modal.text}"
            for modal in person.modals
        },
        sum(len(modal.errors) for modal in person.modals),
        tuple((each.ts, each.edited) for each in world.slack.core.state.messages),
        tuple(
            each.visible_text
            for channel in (None, CUSTOMERS if person.user.team_id == TOPLYNE.id else "#general")
            for each in person.messages(channel)
            if each.is_ephemeral
        ),
        home.hash if home else "",
        tuple(person.notices),
    )


def faults(outcome: Outcome) -> Iterator[str]:
    """Describes each broken law."""
    for law in LAWS:
        yield from law(outcome)


def no_trouble(outcome: Outcome) -> Iterator[str]:
    yield from (f"breach: {each}" for each in outcome.breaches)
    yield from (f"logged: {each}" for each in outcome.log)
    (_, before), (_, after) = outcome.before, outcome.after
    if after.notices != before.notices:
        yield f"Slack says {after.notices[-1]!r}"


def only_doors_begin(outcome: Outcome) -> Iterator[str]:
    (before, _), (after, _) = outcome.before, outcome.after
    began = after.history[Started.kind] - before.history[Started.kind]
    expected = int(_is_a_door(outcome.press, outcome.standing))
    if began != expected:
        yield f"{began} set-ups begun, where it is {expected}"
    if after.begun and not before.begun and not expected:
        yield "counts as begun"


def _is_a_door(press: Press, standing: Standing) -> bool:
    if standing in NOTHING_BEGUN:
        return press.begins is not None
    return standing is Standing.DISCONNECTED and press.begins is Beginning.AGAIN


Kept = Callable[[Stored, Stored], object]


def _told(kind: str) -> Kept:
    return lambda before, after: after.history[kind] > before.history[kind]


def _after_name(sentence: str) -> str:
    return sentence.removeprefix("{who}")


PROMISES: dict[str, Kept] = {
    _after_name(dialogs.DELEGATED): lambda _, after: any(
        each["is_open"] for each in after.facts["asked"]
    ),
    # Each is asked once a day, so another press adds no message.
    _after_name(managing.ASKED): lambda _, after: after.asked_to_go_on,
    dialogs.HELPED: lambda before, after: any(
        _told(kind)(before, after) for kind in (HelpAsked.kind, ReplayQuestioned.kind)
    ),
    f"{dialogs.DISCONNECTED_TITLE}\n": lambda _, after: (
        after.facts["disconnected"] and not after.secrets
    ),
    csm.REPLIED: _told(CustomerReplied.kind),
    f"{reminders.DATED_TITLE}\n": lambda _, after: after.facts["reminders"]["snooze"],
}


def what_is_confirmed_is_stored(outcome: Outcome) -> Iterator[str]:
    (before, _), (after, _) = outcome.before, outcome.after
    said = "\n".join(_new(outcome).values())
    for promise, is_kept in PROMISES.items():
        if promise in said and not is_kept(before, after):
            yield f"confirmed and not stored: {promise.strip()!r}"


def something_is_shown(outcome: Outcome) -> Iterator[str]:
    """A press shows its outcome, or changes stored data from which messages are drawn."""
    (_, before), (_, after) = outcome.before, outcome.after
    is_quiet = before.modals == after.modals and before.errors == after.errors
    is_quiet &= (before.messages, before.home) == (after.messages, after.home)
    closed = after.modals.keys() < before.modals.keys() and is_quiet is False
    silent = outcome.press.id in SILENT or outcome.press.option == SEARCH
    # Without its token, the app can speak only where Slack lets it answer a press.
    silent |= outcome.standing is Standing.UNINSTALLED and outcome.press.place is not Place.MESSAGE
    if is_quiet and not outcome.is_changed and not silent:
        yield "nothing is shown and nothing changed"
    if closed and after.messages == before.messages and not outcome.is_changed:
        yield "the window closed as if something were done"


def what_is_written_is_not_lost(outcome: Outcome) -> Iterator[str]:
    """What a person writes to somebody is passed on, or stays to be corrected or copied."""
    (_, before), (_, after) = outcome.before, outcome.after
    words = outcome.press.name.endswith((" input_note", " input_text"))
    if not words or outcome.is_changed or after.errors > before.errors:
        return
    if SAID not in "".join(_new(outcome).values()):
        yield "what was written is lost"


def only_looking_is_waiting(outcome: Outcome) -> Iterator[str]:
    """Asking somebody, or opening a window to do so, does not count as looking at live sync."""
    (before, _), (after, _) = outcome.before, outcome.after
    if outcome.press.id in ASKING and after.waited != before.waited:
        yield "counts as waiting for live sync"


def what_ended_stays_ended(outcome: Outcome) -> Iterator[str]:
    after, _ = outcome.after
    if outcome.standing is Standing.UNINSTALLED and not outcome.press.by_csm and outcome.is_changed:
        yield "something was stored after the uninstall"
    if outcome.standing is not Standing.DISCONNECTED or after.begun:
        return
    if after.secrets or any(after.facts[each] for each in ("plan", "credentials", "sources")):
        yield "something of a set-up is stored after the disconnect"


def new_words(outcome: Outcome) -> str:
    """What the person reads that was not there before: in modals, and as an answer to the press."""
    (_, before), (_, after) = outcome.before, outcome.after
    answers = Counter(after.answers) - Counter(before.answers)
    return "\n".join((*_new(outcome).values(), *answers))


def _new(outcome: Outcome) -> dict[str, str]:
    """The modals that the press drew."""
    (_, before), (_, after) = outcome.before, outcome.after
    return {key: text for key, text in after.modals.items() if key not in before.modals}


LAWS: tuple[Callable[[Outcome], Iterator[str]], ...] = (
    no_trouble,
    only_doors_begin,
    what_is_confirmed_is_stored,
    something_is_shown,
    what_is_written_is_not_lost,
    only_looking_is_waiting,
    what_ended_stays_ended,
)
