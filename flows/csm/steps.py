"""What CSMs do with a customer, as pure functions like those of `flows.steps`.

Each returns the integration as it was where there is nothing to change.
"""

from dataclasses import replace

from flows.change import Change
from flows.csm.events import (
    AccountSet,
    Claimed,
    CsmWrote,
    CustomerReplied,
    HandedTo,
    MattersAnswered,
    ReplyWithheld,
    Unclaimed,
)
from flows.csm.facts import CsmFacts
from flows.model import Integration, Screen, Situation
from flows.replay.events import ReplayConfirmed
from flows.replay.steps import Mark, mark_replay
from flows.setup.steps import touched
from flows.vocabulary import Stamp

MAX_ACCOUNT = 80


def claim(integration: Integration, stamp: Stamp) -> Change:
    """Takes a customer that nobody has; one who has it already keeps it."""
    if integration.csm.owner:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=stamp)),
        (Claimed(stamp),),
    )


def unclaim(integration: Integration, stamp: Stamp) -> Change:
    if integration.csm.owner is None:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=None)),
        (Unclaimed(stamp),),
    )


def hand_over(integration: Integration, to: str, stamp: Stamp) -> Change:
    """Makes somebody else the owner, whoever had the customer before."""
    owner = integration.csm.owner
    if owner and owner.by == to:
        return Change(integration)
    new = Stamp(to, stamp.at, of_toplyne=True)
    return Change(
        _with(integration, replace(integration.csm, owner=new)),
        (HandedTo(stamp, to),),
    )


def set_account(integration: Integration, account: str, stamp: Stamp) -> Change:
    """Which Toplyne account this is; empty takes it back."""
    if integration.csm.account == account:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, account=account, account_set=stamp)),
        (AccountSet(stamp, account),),
    )


def answered(integration: Integration, stamp: Stamp) -> Change:
    """Whatever a CSM should look at has been looked at, outside of this app."""
    if not integration.csm.matters:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, matters=())),
        (MattersAnswered(stamp),),
    )


def write(integration: Integration, to: str, text: str, name: str, stamp: Stamp) -> Change:
    """A message of a CSM to somebody of the customer's; `name` is the CSM's."""
    return Change(integration, (CsmWrote(stamp, to, text, name),))


def reply(integration: Integration, text: str, stamp: Stamp) -> Change:
    """The customer's answer."""
    return Change(integration, (CustomerReplied(stamp, text),))


def reply_withheld(integration: Integration, stamp: Stamp) -> Change:
    """An answer that held something secret, of which nothing is kept."""
    return Change(integration, (ReplyWithheld(stamp),))


# --- the Replay -----------------------------------------------------------------------------------


def confirm_replay(situation: Situation, stamp: Stamp) -> Change:
    """Toplyne's side sees the history, which also says that the Replay has finished."""
    integration = situation.integration
    if integration.replay is None or integration.replay_confirmed:
        return Change(integration)
    finished = mark_replay(situation, Mark.FINISHED, stamp)
    after = replace(finished.integration, replay_confirmed=stamp)
    event = ReplayConfirmed(stamp)
    return Change(touched(after, Screen.REPLAY_STATUS), (*finished.events, event))


def _with(integration: Integration, facts: CsmFacts) -> Integration:
    return replace(integration, csm=facts)
