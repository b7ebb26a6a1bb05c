"""What CSMs do with a customer, as pure functions like those of `flows.setup.steps`.

Each returns the same integration if there is nothing to change.
"""

from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum

from flows.csm.arrival import is_arrival_told, reject_arrival, without_arrival
from flows.csm.events import (
    AccountSet,
    Assigned,
    Claimed,
    CredentialsConfirmed,
    CredentialsRejected,
    CsmWrote,
    CustomerReplied,
    MattersAnswered,
    ReplayRejected,
    ReplyWithheld,
    SourcesRejected,
    Unclaimed,
)
from flows.csm.facts import CsmFacts, Rejectable, Rejection
from flows.csm.needs import recipient
from flows.model import Integration, Outcome, Screen, Situation, Verification
from flows.recording import Change, touched
from flows.replay.facts import PastReplay
from flows.replay.window import unconfirmed_replays
from flows.setup.blockers import Blocker, due_blocker, first_blocker
from flows.setup.events import LiveSyncStarted
from flows.setup.replays import is_rejected, is_withdrawn
from flows.setup.steps import corrected, finish_live_only
from flows.vocabulary import Plan, Stamp

MAX_ACCOUNT = 80


class Confirmable(StrEnum):
    """What only a CSM can say."""

    CREDENTIALS = "credentials"
    ARRIVAL = "arrival"
    HISTORY = "history"


# --- who owns the customer, and what is said ------------------------------------------------------


def claim(integration: Integration, stamp: Stamp, gone: Stamp | None = None) -> Change:
    """Takes a customer without owner or with one who is `gone`. Another owner keeps theirs."""
    if integration.csm.owner not in (None, gone):
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=stamp)),
        (Claimed(stamp),),
    )


def unclaim(integration: Integration, stamp: Stamp) -> Change:
    """Leaves the customer without owner."""
    if integration.csm.owner is None:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, owner=None)),
        (Unclaimed(stamp),),
    )


def assign(integration: Integration, to: str, stamp: Stamp) -> Change:
    """Makes another CSM the owner, even if the customer had one."""
    owner = integration.csm.owner
    if owner and owner.by == to:
        return Change(integration)
    new = Stamp(to, stamp.at, of_toplyne=True)
    return Change(
        _with(integration, replace(integration.csm, owner=new)),
        (Assigned(stamp, to),),
    )


def set_account(integration: Integration, account: str, stamp: Stamp) -> Change:
    """Sets which Toplyne account this is. Empty takes it back."""
    if integration.csm.account == account:
        return Change(integration)
    return Change(
        _with(integration, replace(integration.csm, account=account, account_set=stamp)),
        (AccountSet(stamp, account),),
    )


def answered(integration: Integration, matters: Collection[int], stamp: Stamp) -> Change:
    """Ends those of these matters that are still open. They were dealt with outside this app."""
    numbers = [each.number for each in integration.csm.open_matters if each.number in matters]
    if not numbers:
        return Change(integration)
    return Change(integration, (MattersAnswered(stamp, tuple(numbers)),))


def write(
    integration: Integration, matter: int | None, text: str, name: str, stamp: Stamp, to: str = ""
) -> Change:
    """A CSM's message, to the person who opened the matter it answers, if it answers one.

    `name` is the CSM's. `to` is the person whom they were shown. Raises `NotFound`.
    """
    to, number = to or recipient(integration, matter), integration.csm.numbered + 1
    return Change(integration, (CsmWrote(stamp, to, text, name, number, matter),))


def reply(integration: Integration, text: str, stamp: Stamp, seen: int | None = None) -> Change:
    """The customer's answer."""
    number = integration.csm.numbered + 1
    return Change(integration, (CustomerReplied(stamp, text, number, seen),))


def reply_withheld(integration: Integration, stamp: Stamp) -> Change:
    """An answer that held a secret. None of it is kept."""
    return Change(integration, (ReplyWithheld(stamp),))


# --- what the customer entered --------------------------------------------------------------------


def confirm(integration: Integration, stamp: Stamp) -> Change:
    """Confirms credentials that Segment could not check."""
    credentials = integration.credentials
    if credentials is None or credentials.verification is not Verification.UNVERIFIED:
        return Change(integration)
    after = replace(credentials, verification=Verification.CONFIRMED, reviewed=stamp, reason="")
    return Change(
        touched(replace(integration, credentials=after), Screen.CREDENTIALS),
        (CredentialsConfirmed(stamp),),
    )


def confirmable(situation: Situation) -> Confirmable | None:
    """What waits for a CSM's word, if anything."""
    integration = situation.integration
    blocked = first_blocker(situation)
    match blocked.blocker if blocked else None:
        case Blocker.CREDENTIALS_UNVERIFIED:
            return Confirmable.CREDENTIALS
        case Blocker.ARRIVAL_UNCONFIRMED:
            return Confirmable.ARRIVAL
    return Confirmable.HISTORY if oldest_unconfirmed(integration) else None


def oldest_unconfirmed(integration: Integration) -> PastReplay | None:
    """The oldest Replay whose end was reported, and of which only a CSM can say that it came."""
    return next(iter(unconfirmed_replays(integration)), None)


def rejectable(integration: Integration) -> tuple[Rejectable, ...]:
    """What there is to reject: what was entered and has not been rejected yet."""
    counts = integration.outcome is not Outcome.LIVE_ONLY and not is_withdrawn(integration)
    there = {
        Rejectable.CREDENTIALS: integration.credentials is not None,
        Rejectable.SOURCES: bool(integration.sources),
        Rejectable.REPLAY: integration.replay is not None and counts,
        Rejectable.ARRIVAL: is_arrival_told(integration),
    }
    return tuple(
        what for what, is_there in there.items() if is_there and not is_rejected(integration, what)
    )


def snoozable(situation: Situation) -> bool:
    """Whether a reminder can come: the set-up is under way, or something is due after its end."""
    integration = situation.integration
    is_waited_for = due_blocker(situation) is not None
    return integration.begun and (integration.outcome is None or is_waited_for)


def reject(integration: Integration, what: Rejectable, reason: str, stamp: Stamp) -> Change:
    """Sends something back for the customer to correct. All other progress stays."""
    if what not in rejectable(integration):
        return Change(integration)
    if what is Rejectable.CREDENTIALS:
        return _reject_credentials(integration, reason, stamp)
    if what is Rejectable.ARRIVAL:
        return reject_arrival(integration, reason, stamp)
    rejection = Rejection(what, reason, stamp)
    after = _with(integration, integration.csm.with_rejection(rejection))
    if what is Rejectable.SOURCES:
        rejected = touched(after, Screen.SOURCES, is_done=False)
        return Change(rejected, (SourcesRejected(stamp, reason),))
    if not integration.past_replays:  # what came before is not rejected
        after = replace(after, outcome=None, outcome_reached=None)
    event = ReplayRejected(stamp, reason)
    return Change(touched(after, Screen.REPLAY, Screen.REPLAY_STATUS, is_done=False), (event,))


def _reject_credentials(integration: Integration, reason: str, stamp: Stamp) -> Change:
    """What a CSM said of the data of that workspace goes too."""
    credentials = integration.credentials
    if credentials is None:
        return Change(integration)
    after = replace(credentials, verification=Verification.REJECTED, reviewed=stamp, reason=reason)
    rejected = replace(without_arrival(integration), credentials=after)
    return Change(
        touched(rejected, Screen.CREDENTIALS, is_done=False),
        (CredentialsRejected(stamp, reason),),
    )


def confirm_arrival(integration: Integration, stamp: Stamp) -> Change:
    """Free: the CSM sees the data arrive. This also proves the credentials good enough."""
    credentials = integration.credentials
    if integration.plan is not Plan.FREE or integration.live_started:
        return Change(integration)
    if credentials is None or not credentials.accepted:
        return Change(integration)
    confirmed = confirm(integration, stamp)
    # The customer did not do the rest, and a CSM cannot be named in the customer's Slack.
    by_itself = Stamp("", stamp.at)
    after = replace(
        corrected(confirmed.integration, Rejectable.ARRIVAL),
        arrival_confirmed=stamp,
        live_started=by_itself,
        live_plan=integration.plan,
    )
    started = LiveSyncStarted(stamp)
    finished = finish_live_only(after, by_itself)
    return Change(
        touched(finished.integration, Screen.LIVE_SYNC),
        (*confirmed.events, started, *finished.events),
    )


def _with(integration: Integration, facts: CsmFacts) -> Integration:
    return replace(integration, csm=facts)
