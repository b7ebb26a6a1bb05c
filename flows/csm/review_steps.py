"""What a CSM decides, as pure functions like those of `flows.steps`."""

from dataclasses import replace

from flows.change import Change
from flows.csm.events import (
    CredentialsConfirmed,
    CredentialsRejected,
    ReplayRejected,
    SourcesRejected,
)
from flows.csm.facts import Rejectable, Rejection
from flows.model import Integration, Screen, Verification
from flows.setup.blockers import is_rejected
from flows.setup.events import LiveSyncStarted
from flows.setup.steps import finish_live_only, touched
from flows.vocabulary import Plan, Stamp


def confirm(integration: Integration, stamp: Stamp) -> Change:
    credentials = integration.credentials
    if credentials is None or credentials.verification is not Verification.UNVERIFIED:
        return Change(integration)
    after = replace(credentials, verification=Verification.CONFIRMED, reviewed=stamp, reason="")
    return Change(
        touched(replace(integration, credentials=after), Screen.CREDENTIALS),
        (CredentialsConfirmed(stamp),),
    )


REJECTED_ON = {
    Rejectable.CREDENTIALS: Screen.CREDENTIALS,
    Rejectable.SOURCES: Screen.SOURCES,
    Rejectable.REPLAY: Screen.REPLAY,
}


def rejectable(integration: Integration) -> tuple[Rejectable, ...]:
    """What there is to send back: what was entered, and has not been sent back already."""
    credentials = integration.credentials
    there = {
        Rejectable.CREDENTIALS: credentials is not None and credentials.accepted,
        Rejectable.SOURCES: bool(integration.sources),
        Rejectable.REPLAY: integration.replay is not None,
    }
    return tuple(
        what for what, is_there in there.items() if is_there and not is_rejected(integration, what)
    )


def reject(integration: Integration, what: Rejectable, reason: str, stamp: Stamp) -> Change:
    """The customer corrects it; whatever else was reached stays."""
    if what not in rejectable(integration):
        return Change(integration)
    if what is Rejectable.CREDENTIALS:
        return _reject_credentials(integration, reason, stamp)
    rejection = Rejection(what, reason, stamp)
    after = replace(integration, csm=replace(integration.csm, rejection=rejection))
    if what is Rejectable.SOURCES:
        return Change(touched(after, Screen.SOURCES), (SourcesRejected(stamp, reason),))
    after = replace(after, outcome=None, outcome_reached=None)
    event = ReplayRejected(stamp, reason)
    return Change(touched(after, Screen.REPLAY, Screen.REPLAY_STATUS), (event,))


def _reject_credentials(integration: Integration, reason: str, stamp: Stamp) -> Change:
    credentials = integration.credentials
    if credentials is None:
        return Change(integration)
    after = replace(credentials, verification=Verification.REJECTED, reviewed=stamp, reason=reason)
    return Change(
        touched(replace(integration, credentials=after), Screen.CREDENTIALS),
        (CredentialsRejected(stamp, reason),),
    )


def confirm_arrival(integration: Integration, stamp: Stamp) -> Change:
    """Free: the CSM sees the data arrive, which also proves the credentials good enough."""
    credentials = integration.credentials
    if integration.plan is not Plan.FREE or integration.live_started:
        return Change(integration)
    if credentials is None or not credentials.accepted:
        return Change(integration)
    confirmed = confirm(integration, stamp)
    # Nobody of the customer's did the rest; a CSM cannot be named in the customer's Slack.
    by_itself = Stamp("", stamp.at)
    after = replace(confirmed.integration, arrival_confirmed=stamp, live_started=by_itself)
    started = LiveSyncStarted(stamp)
    finished = finish_live_only(after, by_itself)
    return Change(
        touched(finished.integration, Screen.LIVE_SYNC),
        (*confirmed.events, started, *finished.events),
    )
