"""Who does a step and who manages the set-up, as pure functions like `flows.setup.steps`."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flows.errors import ErrorCode, Field, FieldError
from flows.model import Added, Delegation, Integration, Screen
from flows.recording import Change
from flows.setup.events import Declined, Delegated, ManagersChanged
from flows.vocabulary import Stamp

ASKED_REMEMBERED = 10
MOST_A_DAY = 3  # messages to one colleague about one step, in any 24 hours
A_DAY = timedelta(days=1)
MOST_ADDED = 20
MAX_NOTE = 1000  # letters to a colleague or to Toplyne


def delegate(
    integration: Integration, to: str, screen: Screen, stamp: Stamp, note: str = ""
) -> Change:
    """Asks a colleague to do a screen, who may then do it. A second time replaces the first.

    Of those who have done it the oldest are forgotten, but nobody for whom somebody waits.
    """
    known = _known(integration, to, screen)
    asked = Delegation(to, screen, stamp, is_open=True, earlier=_lately(known, stamp.at))
    others = [each for each in integration.asked if each is not known]
    done = [each for each in others if not each.is_open]
    over = done[: max(0, len(others) + 1 - ASKED_REMEMBERED)]
    kept = (*(each for each in others if each not in over), asked)
    return Change(replace(integration, asked=kept), (Delegated(stamp, to, screen, note),))


def why_not_asked(
    integration: Integration, to: str, screen: Screen, at: datetime
) -> FieldError | None:
    """Why this is too much by now, if it is."""
    known = _known(integration, to, screen)
    if len(_lately(known, at)) >= MOST_A_DAY:
        return FieldError(Field.COLLEAGUE, ErrorCode.ASKED_OFTEN, {"limit": str(MOST_A_DAY)})
    waiting = [each for each in integration.asked if each.is_open and each is not known]
    if len(waiting) < ASKED_REMEMBERED:
        return None
    limit = {"limit": str(ASKED_REMEMBERED)}
    return FieldError(Field.COLLEAGUE, ErrorCode.TOO_MANY_ASKED, limit)


def _lately(known: Delegation | None, at: datetime) -> tuple[datetime, ...]:
    """When they were asked in the day before `at`."""
    times = (*known.earlier, known.asked.at) if known else ()
    return tuple(each for each in times if at - each < A_DAY)


def _known(integration: Integration, to: str, screen: Screen) -> Delegation | None:
    asked = (each for each in integration.asked if (each.user_id, each.screen) == (to, screen))
    return next(asked, None)


def decline(integration: Integration, screen: Screen, stamp: Stamp) -> Change:
    """Whoever was asked says that it is not for them. They may not do that step any more."""
    asked = next(
        (e for e in integration.asked if e.is_open and (e.user_id, e.screen) == (stamp.by, screen)),
        None,
    )
    if asked is None:
        return Change(integration)
    left = tuple(each for each in integration.asked if each is not asked)
    event = Declined(stamp, asked.asked.by, screen)
    return Change(replace(integration, asked=left), (event,))


def without(integration: Integration, gone: Collection[str]) -> Integration:
    """The set-up in which nobody waits for people who have left."""
    asked = tuple(e for e in integration.asked if not (e.is_open and e.user_id in gone))
    return integration if asked == integration.asked else replace(integration, asked=asked)


@dataclass(frozen=True, slots=True)
class WhoManages:
    """Who was added to those who can manage a set-up, and who was asked, by `asked_key`."""

    added: tuple[str, ...]
    asked: tuple[str, ...]


def set_managers(
    integration: Integration, shown: WhoManages, wanted: WhoManages, stamp: Stamp
) -> Change:
    """Makes the changes between what a form showed and what came back. What others changed while
    it was open stays.
    """
    dropped, over = {*shown.added} - {*wanted.added}, {*shown.asked} - {*wanted.asked}
    left = tuple(each for each in integration.added if each.user_id not in dropped)
    known = {*shown.added, *(each.user_id for each in left)}
    new = [user_id for user_id in dict.fromkeys(wanted.added) if user_id not in known]
    new = new[: max(0, MOST_ADDED - len(left))]
    kept = tuple(each for each in integration.asked if asked_key(each) not in over)
    gone = [each.user_id for each in integration.added if each not in left]
    gone += [each.user_id for each in integration.asked if each not in kept]
    if not new and not gone:
        return Change(integration)
    added = (*left, *(Added(user_id, stamp) for user_id in new))
    after = replace(integration, added=added, asked=kept)
    return Change(after, (ManagersChanged(stamp, tuple(new), tuple(dict.fromkeys(gone))),))


def people_of(integration: Integration) -> WhoManages:
    """What a form shows."""
    added = tuple(each.user_id for each in integration.added)
    return WhoManages(added, tuple(map(asked_key, integration.asked)))


def asked_key(asked: Delegation) -> str:
    """Names in a form who was asked for what."""
    return f"{asked.user_id}:{asked.screen}"
