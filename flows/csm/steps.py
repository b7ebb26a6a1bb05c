"""What CSMs do with a customer, as pure functions like those of `flows.steps`.

Each returns the integration as it was where there is nothing to change.
"""

from dataclasses import replace

from flows.change import Change
from flows.csm.facts import CsmFacts
from flows.history import EventKind
from flows.model import Integration, Screen, Situation
from flows.replay.steps import Mark, mark_replay
from flows.setup.steps import happened, touched
from flows.vocabulary import Stamp

MAX_ACCOUNT = 80


def claim(integration: Integration, stamp: Stamp) -> Change:
    """Takes a customer that nobody has; one who has it already keeps it."""
    if integration.csm.owner:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=stamp)),
        (happened(EventKind.CLAIMED, stamp),),
    )


def unclaim(integration: Integration, stamp: Stamp) -> Change:
    if integration.csm.owner is None:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=None)),
        (happened(EventKind.UNCLAIMED, stamp),),
    )


def hand_over(integration: Integration, to: str, stamp: Stamp) -> Change:
    """Makes somebody else the owner, whoever had the customer before."""
    owner = integration.csm.owner
    if owner and owner.by == to:
        return Change(integration)
    new = Stamp(to, stamp.at, of_toplyne=True)
    return Change(
        _with(integration, replace(integration.csm, owner=new)),
        (happened(EventKind.HANDED_TO, stamp, to=to),),
    )


def set_account(integration: Integration, account: str, stamp: Stamp) -> Change:
    """Which Toplyne account this is; empty takes it back."""
    if integration.csm.account == account:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, account=account, account_set=stamp)),
        (happened(EventKind.ACCOUNT_SET, stamp, account=account),),
    )


def answered(integration: Integration, stamp: Stamp) -> Change:
    """Whatever a CSM should look at has been looked at, outside of this app."""
    if not integration.csm.matters:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, matters=())),
        (happened(EventKind.ANSWERED, stamp),),
    )


def write(integration: Integration, to: str, text: str, name: str, stamp: Stamp) -> Change:
    """A message of a CSM to somebody of the customer's; `name` is the CSM's."""
    event = happened(EventKind.CSM_WROTE, stamp, to=to, text=text, name=name)
    return Change(integration, (event,))


def reply(integration: Integration, text: str, stamp: Stamp) -> Change:
    """The customer's answer."""
    return Change(integration, (happened(EventKind.CUSTOMER_REPLIED, stamp, text=text),))


def reply_withheld(integration: Integration, stamp: Stamp) -> Change:
    """An answer that held something secret, of which nothing is kept."""
    return Change(integration, (happened(EventKind.REPLY_WITHHELD, stamp),))


# --- the Replay -----------------------------------------------------------------------------------


def confirm_replay(situation: Situation, stamp: Stamp) -> Change:
    """Toplyne's side sees the history, which also says that the Replay has finished."""
    integration = situation.integration
    if integration.replay is None or integration.replay_confirmed:
        return Change(integration)
    finished = mark_replay(situation, Mark.FINISHED, stamp)
    after = replace(finished.integration, replay_confirmed=stamp)
    event = happened(EventKind.REPLAY_CONFIRMED, stamp)
    return Change(touched(after, Screen.REPLAY_STATUS), (*finished.events, event))


def _with(integration: Integration, facts: CsmFacts) -> Integration:
    return replace(integration, csm=facts)
