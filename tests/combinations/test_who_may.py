"""Every button, window, command and shortcut × every kind of person, at one set-up.

What is pressed names the integration of Acme, also where the person is of another company. The
laws say what may change, and that nothing of Acme is shown to those who may not even look. Where
the same laws hold for several kinds, `make test` deals the presses among them; `make faults` has
each kind make all.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.strings import managing
from flows.csm.events import CustomerReplied, ReplyWithheld
from flows.setup.events import HelpAsked
from playground.sample import ACME
from playground.slack.model import Channel, Team, User
from playground.slack.person import Person
from tests.combinations.dealing import assert_covers, dealt
from tests.combinations.presses import Drawn, Press, all_ids, every_press, ids_pressed
from tests.combinations.standings import INTEGRATION, Copies, Standing, walk_to
from tests.combinations.table import messages_forgotten, windows_remembered
from tests.support.template import sqlite_url
from tests.support.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

INITECH = Team("T0INITECH01", "Initech", "initech")
REFUSAL = managing.REFUSED_STATE.partition("{")[0]
SECRETIVE = ("Acme Inc", "Web app")  # the Segment workspace and a source
UNCOUNTED = frozenset({"rate_gates", "due", "seen_requests"})


class Kind(StrEnum):
    STARTER = "starter"
    ADMIN = "admin"
    ADDED = "added"
    ASKED = "asked for the credentials"
    MEMBER = "full member"
    GUEST = "guest"
    SINGLE_CHANNEL_GUEST = "single-channel guest"
    STRANGER = "of a connected workspace"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    OTHER_TENANT = "of another customer"


MANAGE = (Kind.STARTER, Kind.ADMIN, Kind.ADDED)
# The same laws hold for each of a row.
ALIKE: dict[str, Sequence[Kind]] = {
    "who manages": MANAGE,
    "who was asked": (Kind.ASKED,),
    "who may look": (Kind.MEMBER,),
    "who may do nothing": (
        Kind.GUEST, Kind.SINGLE_CHANNEL_GUEST, Kind.STRANGER, Kind.BOT, Kind.DEACTIVATED,
    ),
    "who belongs elsewhere": (Kind.OTHER_TENANT,),
}  # fmt: skip
# What a step's facts are called, and what any press of somebody who acts may move.
OF_CREDENTIALS = frozenset(
    {
        "credentials", "region", "sources", "sources_chosen", "token_forgotten", "failed_tries",
        "last_error", "live_started", "keeps_watching",
    }
)  # fmt: skip
ASKING = frozenset({"asked"})
OF_WORDS = frozenset({"csm", "forms", "last_active", "revision", "changed", "changed_by"})
WORDS = frozenset({HelpAsked.kind, CustomerReplied.kind, ReplyWithheld.kind})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prepared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[World, Copies]]:
    """Ada has started the set-up, and everything is there: token, sources, a Replay request."""
    folder: Path = tmp_path_factory.mktemp("who_may")
    async with world(sqlite_url(folder)) as made:
        copies = Copies(made, folder)
        made.slack.add(*people())
        await made.start_bot()
        await walk_to(made, copies, Standing.PREPARED)
        # After Toplyne's own, else its card finds the channel closed and waits for a minute.
        assert (await made.slack.install(INITECH.id, "U0INITPETER")).ok
        with closing(copies.open()) as database:
            let_in(database)
        await copies.keep(Standing.PREPARED)
        await made.stop_bot()
        made.slack.breaches.clear()
        ada = made.person("ada").user
        ada.is_admin = ada.is_owner = False  # she manages it because she started it
        yield made, copies


def people() -> Iterator[Any]:
    made = {
        Kind.ADMIN: {"is_admin": True},
        Kind.ADDED: {},
        Kind.ASKED: {},
        Kind.MEMBER: {},
        Kind.GUEST: {"is_guest": True},
        Kind.SINGLE_CHANNEL_GUEST: {"is_single_channel_guest": True},
        Kind.STRANGER: {"is_stranger": True},
        Kind.BOT: {"is_bot": True},
        Kind.DEACTIVATED: {"deleted": True},
    }
    found = [
        User(f"U0KIND{kind.name}", ACME.id, kind.name.lower(), kind.value, **flags)
        for kind, flags in made.items()
    ]
    yield from found
    yield Channel("C0ACMEMIXED", ACME.id, "mixed", members=[each.id for each in found])
    peter = User("U0INITPETER", INITECH.id, "peter", "Peter Ng", is_admin=True)
    yield INITECH
    yield peter
    yield Channel("C0INITGENRL", INITECH.id, "office", members=[peter.id])


def let_in(database: sqlite3.Connection) -> None:
    """Ada added one colleague, and asked another for the credentials."""
    (text,) = database.execute(
        "SELECT facts FROM integrations WHERE id = ?", (INTEGRATION,)
    ).fetchone()
    facts = json.loads(text)
    by = facts["started"]
    facts["added"] = [{"user_id": "U0KINDADDED", "by": by}]
    asked = {"user_id": "U0KINDASKED", "screen": "credentials", "asked": by, "is_open": True}
    facts["asked"] = [{**asked, "earlier": []}]
    database.execute(
        "UPDATE integrations SET facts = ? WHERE id = ?", (json.dumps(facts), INTEGRATION)
    )


async def test_every_id_is_pressed() -> None:
    assert ids_pressed(every_press()) == all_ids()
    assert_covers(every_press(), ALIKE, Kind)


@pytest.mark.parametrize("kind", Kind, ids=lambda each: each.name.lower())
async def test_every_press_by(prepared: tuple[World, Copies], kind: Kind) -> None:
    made, copies = prepared
    presses = dealt(every_press(), ALIKE, kind)
    with closing(copies.open()) as database:
        await copies.put_back(Standing.PREPARED, database)
        await made.start_bot(worker=False)
        try:
            found = [
                f"{press.name} × {kind}: {fault}"
                for press in presses
                for fault in faults(kind, press, await pressed(made, copies, database, kind, press))
            ]
        finally:
            await made.stop_bot()
            made.slack.breaches.clear()
    assert not found, f"{len(presses)} presses\n" + "\n".join(found)


@dataclass(frozen=True)
class Pressed:
    before: dict[str, list[Any]]
    after: dict[str, list[Any]]
    shown: str

    @property
    def moved(self) -> set[str]:
        """The facts that changed."""
        old, new = (json.loads(each["integrations"][0]["facts"]) for each in self._states)
        return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}

    @property
    def told(self) -> set[str]:
        """The kinds of what the history has more."""
        old, new = (Counter(row["kind"] for row in each["history"]) for each in self._states)
        return set(new - old)

    @property
    def _states(self) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
        return self.before, self.after


async def pressed(
    made: World, copies: Copies, database: sqlite3.Connection, kind: Kind, press: Press
) -> Pressed:
    user = made.slack.users[_IDS.get(kind, f"U0KIND{kind.name}")]
    person: Person = made.slack._person(user, user.team_id)
    before, seen = of_acme(database), Counter[str]()

    def remember() -> None:
        seen.update(everything_shown(person))

    facts = json.loads(before["integrations"][0]["facts"])
    drawn = Drawn(facts["generation"], facts["revision"])
    with messages_forgotten(made):
        await press.make(made, drawn, remember, person)
        await windows_remembered(made)
        shown = "\n".join(everything_shown(person) - seen)
    after = of_acme(database)
    if before != after or kind is Kind.OTHER_TENANT:
        await copies.put_back(Standing.PREPARED, database)
    return Pressed(before, after, shown)


_IDS = {Kind.STARTER: "U0ACMEADA01", Kind.OTHER_TENANT: "U0INITPETER"}


def everything_shown(person: Person) -> Counter[str]:
    modals = (f"{each.title}\n{each.text}" for each in person.modals)
    return Counter([*modals, *(message.visible_text for message in person.messages())])


def of_acme(database: sqlite3.Connection) -> dict[str, list[Any]]:
    """All rows of the tenant."""
    database.row_factory = sqlite3.Row
    tables = [row["name"] for row in database.execute(
        "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'tenant_id'"
    )]  # fmt: skip
    return {
        name: [dict(row) for row in database.execute(
            f"SELECT * FROM {name} WHERE tenant_id = ?", (ACME.id,)
        )]
        for name in sorted(set(tables) - UNCOUNTED)
    }  # fmt: skip


def faults(kind: Kind, press: Press, outcome: Pressed) -> Iterator[str]:
    if press.by_csm:
        if outcome.before != outcome.after:
            yield "a customer's people did what CSMs do"
    elif kind in MANAGE:
        if REFUSAL in outcome.shown:
            yield f"refused: {outcome.shown}"
    elif kind is Kind.ASKED:
        if left := outcome.moved - OF_CREDENTIALS - ASKING - OF_WORDS:
            yield f"changed {sorted(left)}"
    elif kind is Kind.MEMBER:
        if left := outcome.moved - OF_WORDS:
            yield f"changed {sorted(left)}"
        if told := outcome.told - WORDS:
            yield f"did {sorted(told)}"
        for table in ("vault", "write_keys", "pending_checks", "replay_requests", "deliveries"):
            if outcome.before[table] != outcome.after[table]:
                yield f"changed {table}"
    else:
        yield from _outsider(outcome)


def _outsider(outcome: Pressed) -> Iterator[str]:
    for table, rows in outcome.before.items():
        if rows != outcome.after[table]:
            yield f"changed {table}"
    for name in SECRETIVE:
        if name in outcome.shown:
            yield f"was shown {name!r}: {outcome.shown}"
