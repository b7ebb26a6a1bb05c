"""What can be seen and read after an act: one look, of which two are compared by the laws."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flows.model import Situation
from flows.overview import Overview
from playground.sample import ACME
from playground.slack.model import Json
from tests.combinations.laws import Screen
from tests.walk.house import EVERYBODY, House

Place = tuple[str, ...]  # where something is drawn, and which version
SECRETS = "SELECT (SELECT count(*) FROM vault WHERE tenant_id = ?)"
HISTORY = "SELECT kind, count(*) FROM history WHERE tenant_id = ? GROUP BY kind"
CHANGES = (
    "SELECT max(sequence) FROM history",
    "SELECT max(sequence) FROM outbox",
    "SELECT tenant_id, revision FROM integrations ORDER BY tenant_id",
    "SELECT tenant_id, kind, subject, document FROM observations ORDER BY 1, 2, 3",
    "SELECT count(*) FROM inbox",
)


@dataclass(frozen=True)
class Look:
    """`drawn` is all text and blocks of what people see, by where it stands."""

    history: Counter[str]
    facts: dict[str, Any]
    tokens: int
    changes: Any
    screens: dict[str, Screen]
    drawn: dict[Place, str] = field(default_factory=dict)
    situation: Situation | None = None
    overview: Overview | None = None
    written: int = -1


async def look(house: House, earlier: Look | None = None) -> Look:
    """What is drawn and stored as in the `earlier` look is not read again."""
    known = earlier.drawn if earlier else {}
    drawn = _drawn(house, known)
    screens = _screens(house, drawn)
    written = house.written
    if earlier and earlier.written == written:
        return replace(earlier, screens=screens, drawn=drawn)
    facts = house.ask("SELECT facts FROM integrations WHERE tenant_id = ?", ACME.id)
    situation, overview = await _stored(house)
    return Look(
        Counter(dict(house.ask(HISTORY, ACME.id))),
        _document(facts[0][0]) if facts else {},
        house.ask(SECRETS, ACME.id)[0][0],
        [house.ask(each) for each in CHANGES],
        screens,
        drawn,
        situation,
        overview,
        written,
    )


def _document(stored: Any) -> Any:
    """SQLite keeps JSON as text."""
    return json.loads(stored) if isinstance(stored, str) else stored


async def _stored(house: House) -> tuple[Situation | None, Overview | None]:
    recorder = house.bot.recorder
    async with recorder.uow(ACME.id, write=False) as work:
        found = await work.integrations.of_team(ACME.id)
        if found is None:
            return None, None
        return await recorder.load(work, found.id), await work.overviews.get(found.id)


def _screens(house: House, drawn: Mapping[Place, str]) -> dict[str, Screen]:
    """What each person sees, as far as it shows whether something changed."""
    core = house.world.slack.core
    messages = tuple((each.ts, each.edited) for each in core.state.messages)
    answers: dict[str, list[str]] = {}
    for each in core.state.messages:
        if each.ephemeral_to:
            place = ("message", each.channel, each.ts, each.edited)
            answers.setdefault(each.ephemeral_to, []).append(drawn[place])
    found = {}
    for person in map(house.person, EVERYBODY):
        windows = [("modal", person.user.name, m.id, m.view.hash) for m in person.modals]
        home = core.state.home_of(person.user)
        found[person.user.name] = Screen(
            {f"{place[2]} {place[3]}": drawn[place] for place in windows},
            sum(len(modal.errors) for modal in person.modals),
            messages,
            tuple(answers.get(person.user.id, ())),
            home.hash if home else "",
            tuple(person.notices),
        )
    return found


def _drawn(house: House, known: Mapping[Place, str]) -> dict[Place, str]:
    core, found = house.world.slack.core, dict[Place, str]()
    for name in EVERYBODY:
        person = house.person(name)
        for modal in person.modals:
            place: Place = ("modal", name, modal.id, modal.view.hash)
            found[place] = known.get(place) or _as_text(modal.view.payload)
        if home := core.state.home_of(person.user):
            place = ("home", name, home.hash)
            found[place] = known.get(place) or _as_text(home.payload)
    for message in core.state.messages:
        if message.is_app:
            place = ("message", message.channel, message.ts, message.edited)
            both = {"text": message.text, "blocks": message.blocks}
            found[place] = known.get(place) or _as_text(both)
    return found


def _as_text(payload: Json) -> str:
    return json.dumps(payload, ensure_ascii=False)
