"""Who does a step and who manages the set-up, as pure functions like `flows.setup.steps`."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from flows.model import Added, Delegation, Integration, Screen
from flows.recording import Change
from flows.setup.events import Declined, Delegated, ManagersChanged
from flows.vocabulary import Stamp

ASKED_REMEMBERED = 10
MOST_ADDED = 20


def delegate(
    integration: Integration, to: str, screen: Screen, stamp: Stamp, note: str = ""
) -> Change:
    asked = Delegation(to, screen, stamp, is_open=True)
    earlier = (e for e in integration.asked if (e.user_id, e.screen) != (to, screen))
    after = replace(integration, delegation=asked, asked=(*earlier, asked)[-ASKED_REMEMBERED:])
    return Change(after, (Delegated(stamp, to, screen, note),))


def decline(integration: Integration, screen: Screen, stamp: Stamp) -> Change:
    """Whoever was asked says that it is not for them. They may not do that step any more."""
    asked = next(
        (e for e in integration.asked if e.is_open and (e.user_id, e.screen) == (stamp.by, screen)),
        None,
    )
    if asked is None:
        return Change(integration)
    newest = None if integration.delegation == asked else integration.delegation
    left = tuple(each for each in integration.asked if each is not asked)
    event = Declined(stamp, asked.asked.by, screen)
    return Change(replace(integration, delegation=newest, asked=left), (event,))


def set_managers(
    integration: Integration, users: Sequence[str], asked: Collection[str], stamp: Stamp
) -> Change:
    """Sets who else can manage the set-up, and who of those that were asked still may.

    `asked` names those by `asked_key`.
    """
    before = {each.user_id: each for each in integration.added}
    wanted = list(dict.fromkeys(users))[:MOST_ADDED]
    added = tuple(before.get(user_id, Added(user_id, stamp)) for user_id in wanted)
    kept = tuple(each for each in integration.asked if asked_key(each) in asked)
    new = tuple(user_id for user_id in wanted if user_id not in before)
    gone = [user_id for user_id in before if user_id not in wanted]
    gone += [each.user_id for each in integration.asked if each not in kept]
    if not new and not gone:
        return Change(integration)
    open_one = integration.delegation if integration.delegation in kept else None
    after = replace(integration, added=added, asked=kept, delegation=open_one)
    return Change(after, (ManagersChanged(stamp, new, tuple(dict.fromkeys(gone))),))


def asked_key(asked: Delegation) -> str:
    return f"{asked.user_id}:{asked.screen}"
