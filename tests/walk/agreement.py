"""Laws: Home, status, card, board and digest say the same, and it is what Segment really does."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.ids import Callback
from bot.strings import board as strings
from bot.strings import names
from bot.strings.cards import DISCONNECTED
from bot.views.csm import card as cards
from bot.views.csm.customer_lines import blocker_words
from bot.views.kit.next_step import header_words, state_words
from bot.views.kit.wording import blocked_text
from flows.csm.board import Customer
from flows.csm.facts import Need
from flows.model import DestinationState, Situation
from flows.setup.blockers import first_blocker
from flows.vocabulary import TokenState
from playground.sample import ACME
from playground.segment.state import Outcome, Role
from playground.segment.state import Source as Truth
from playground.slack.elements import options_of
from tests.scenario.looking import cards as cards_of
from tests.walk.house import CSMS, CUSTOMERS, House
from tests.walk.outside import DAY
from tests.walk.step import Step

A_LOOK = 2 * DAY  # seconds; every watched set-up is looked at in this time, complete ones too
FORGETS = timedelta(days=30)  # Segment's figures
OF_ACME = re.compile(r"(?:^|\||\*|• )Acme(?:>|\*| \(|:)")
BROKEN = (Need.TOKEN_REVOKED, Need.BROKEN)


def home_and_card_agree(step: Step) -> Iterator[str]:
    """With what is stored, and so with each other. Seen only when nothing keeps them from it."""
    situation = step.after.situation
    if situation is None or step.troubled or ACME.id in step.house.uninstalled:
        return
    if not situation.integration.disconnected:
        words = header_words(situation)
        for name in CUSTOMERS:
            person = step.house.person(name)
            home, seen = person.home, person.home_shown and not person.user.deleted
            if home and person.user.is_guest and words in home.text:
                yield f"{name} is a guest, and their Home says {words!r}"
            elif home and seen and not person.user.is_guest and words not in home.text:
                yield f"{name}'s Home says {home.text.splitlines()[:1]}, it is {words!r}"
    state = cards._state(situation, first_blocker(situation), "{step} · {blocker}")
    own = [c for c in cards_of(step.house.person("mira")) if _is_card_of(c, situation)]
    if own and state != DISCONNECTED and _plain(state) not in _plain(own[-1].visible_text):
        yield f"the card says {own[-1].visible_text.splitlines()[:2]}, it is {state!r}"


def status_says_the_same(step: Step) -> Iterator[str]:
    """What `/segment status` answers is what is stored, and so what Home and card say."""
    act, situation, person = step.act, step.after.situation, None
    if act.value == "/segment status" and act.who in CUSTOMERS and act.times == 1:
        person = step.house.person(act.who)
    if person is None or situation is None or not step.done or act.beside or step.troubled:
        return
    if person.user.is_guest or person.user.deleted or ACME.id in step.house.uninstalled:
        return
    where = person._first_channel()
    said = [m.message.text for m in person.messages(where.id if where else None) if m.is_ephemeral]
    if not said or state_words(situation) not in said[-1]:
        yield f"{act.who} is told {said[-1:]}, it is {state_words(situation)!r}"


def _is_card_of(card: object, situation: object) -> bool:
    blocks = getattr(card, "blocks", [])
    values = str([e.get("value") or options_of(e) for b in blocks for e in b.get("elements") or []])
    return f"{ACME.id}|" in values


def _plain(text: str) -> str:
    return re.sub(r"[*_`~]|&\w+;|[<>&]", "", text)


# --- the board and the digest ---------------------------------------------------------------------


def the_board_agrees(step: Step) -> Iterator[str]:
    """Seen when a CSM had it drawn. It does not change by itself while it is open."""
    act, now, was = step.act, step.after.situation, step.before.situation
    if act.who not in CSMS or act.beside or now is None or was is None or _lost(step):
        return
    if _board_words(now) != _board_words(was):
        return
    for place, text in step.new.items():
        if place[0] in ("modal", "home") and place[1] in CSMS:
            payload = json.loads(text)
            if place[0] == "home" or payload.get("callback_id") == Callback.BOARD:
                for line in _lines_of_acme(payload["blocks"]):
                    if _plain(_board_words(now)) not in _plain(line):
                        yield f"{place[0]} says {line!r}, it is {_board_words(now)!r}"


def _board_words(situation: Situation) -> str:
    """Derived from the facts, not from what is stored for the board."""
    integration, blocked = situation.integration, first_blocker(situation)
    if integration.disconnected:
        return strings.STATE_DISCONNECTED
    if integration.empty and not integration.begun and not integration.outcome:
        return strings.STATE_NOT_STARTED
    if blocked is None:
        return strings.STATE_FINISHED
    return strings.STEP.format(
        step=names.STEP[blocked.blocker.step], blocker=blocked_text(blocked).csm
    )


def _lines_of_acme(blocks: list[Any]) -> Iterator[str]:
    for block in blocks:
        text = str((block.get("text") or {}).get("text") or "")
        if block["type"] == "section" and OF_ACME.search(text.partition("\n")[0]):
            yield text


def the_digest_agrees(step: Step) -> Iterator[str]:
    """A line is there because somebody is needed, and says what for."""
    before, after = step.before.overview, step.after.overview
    if before is None or after is None or before != after or _lost(step):
        return
    need = Need(after.need) if after.need else None
    words = strings.NEED[need] if need else "nobody is needed"
    if need in BROKEN:
        words = blocker_words(Customer("", "", after, None, left=False))
    for place, text in step.new.items():
        if place[0] == "message" and place[3] == "" and "eeds you today" in text:
            for block in json.loads(text)["blocks"]:
                lines = str((block.get("text") or {}).get("text") or "").splitlines()
                for line in (each for each in lines if each.startswith("• ")):
                    if OF_ACME.search(line) and _plain(words) not in _plain(line):
                        yield f"the digest says {line!r}, it is {words!r}"


# --- Segment --------------------------------------------------------------------------------------


def it_is_as_in_segment(step: Step) -> Iterator[str]:
    """After time for a look in which nothing happened and nothing was in its way."""
    situation, was, act = step.after.situation, step.before.situation, step.act
    if act.what != "wait" or float(act.value or 0) < A_LOOK or step.troubled or _lost(step):
        return
    if situation is None or was is None or step.after.overview is None:
        return
    if step.after.overview.next_poll_at is None or was.integration != situation.integration:
        return
    if (token := situation.observed.token) and token.state is not TokenState.ACCEPTED:
        yield from _is_refused(step.house, situation)
        return
    for source in situation.integration.sources:
        try:
            truth = step.house.world.segment.source(source.id)
        except LookupError:
            continue
        if not truth.odd.statuses and truth.odd.times_listed == 1:
            yield from _differs(step, situation, truth, was.now)


def _is_refused(house: House, situation: Situation) -> Iterator[str]:
    credentials = situation.integration.credentials
    workspace = house.world.segment.workspace(credentials.workspace.slug if credentials else "")
    if all(each.role is Role.OWNER and not each.revoked for each in workspace.tokens):
        yield f"the token counts as refused, and {workspace.slug} refuses none"


def _differs(step: Step, situation: Situation, truth: Truth, since: datetime) -> Iterator[str]:
    status = situation.observed.statuses.get(truth.id)
    if status is None or status.last_asked <= since:
        yield f"{truth.slug} was not looked at since {since:%d.%m. %H:%M}"
        return
    featured = step.house.world.segment.state.featured
    found = [each for each in truth.destinations if each.kind == featured]
    state = DestinationState.DISABLED if found else DestinationState.MISSING
    if any(each.enabled for each in found):
        state = DestinationState.ENABLED
    if status.destination is not state or status.enabled != truth.enabled:
        seen = f"{status.destination}, {status.enabled}"
        yield f"{truth.slug} counts as {seen}; it is {state}, {truth.enabled}"
    lately = step.house.now() - FORGETS + timedelta(days=1)
    entries = [e for each in found for e in each.ledger(Outcome.DELIVERED).entries]
    if status.first_delivered_at is None and any(e.at > lately and e.count for e in entries):
        yield f"events of {truth.slug} reached Toplyne, and it counts as none"


def _lost(step: Step) -> bool:
    """Whether Acme has no app, or people of Toplyne's cannot see theirs."""
    return ACME.id in step.house.uninstalled
