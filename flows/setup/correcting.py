"""What happens to the other answers when something that a CSM sent back is corrected."""

from dataclasses import replace

from flows.csm.facts import Rejectable
from flows.model import Integration, Verification
from flows.setup.blockers import is_rejected
from flows.vocabulary import Workspace


def same_workspace(expected: Workspace, found: Workspace) -> bool:
    """Compares ids if both are known, else slugs."""
    if expected.id and found.id:
        return expected.id == found.id
    return expected.slug.casefold() == found.slug.casefold()


def corrected(integration: Integration, what: Rejectable) -> Integration:
    """Clears the rejection of an answer that was given again."""
    if not is_rejected(integration, what):
        return integration
    return replace(integration, csm=replace(integration.csm, rejection=None))


def in_workspace(integration: Integration, found: Workspace) -> Integration:
    """Clears the answers about another workspace, whose credentials a CSM had rejected."""
    known = integration.credentials
    rejected = known is not None and known.verification is Verification.REJECTED
    if known is None or not rejected or same_workspace(known.workspace, found):
        return integration
    return replace(
        integration,
        sources=(),
        sources_chosen=None,
        arrival_confirmed=None,
        live_started=None,
        replay_draft=None,
        replay=None,
        replay_sent=None,
        replay_scheduled=None,
        replay_running=None,
        replay_finished=None,
        replay_confirmed=None,
        past_replays=(),
        outcome=None,
        outcome_reached=None,
    )
