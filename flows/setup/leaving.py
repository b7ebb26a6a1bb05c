"""Steps out of a set-up: keep watching or forget the token, disconnect, remove the app, enter
another Segment workspace.
"""

from dataclasses import replace

from flows.csm.facts import Rejectable
from flows.model import Integration, Screen, Situation, WriteBack
from flows.recording import Change, touched
from flows.reminders.facts import Reminders
from flows.replay.facts import PastReplay
from flows.setup.blockers import is_watched
from flows.setup.events import Disconnected, TokenForgotten, Uninstalled
from flows.setup.replays import runs_at_segment
from flows.vocabulary import Stamp, Workspace

LEFT_REPLAYS = 20  # the last ones


def keep_watching(integration: Integration, stamp: Stamp) -> Change:
    """Notes the choice, where there is something to watch: not on Free."""
    if integration.outcome is None or not is_watched(integration):
        return Change(integration)
    return Change(replace(integration, keeps_watching=stamp))


def forget_token(integration: Integration, stamp: Stamp) -> Change:
    """Forgets the token as the customer chose. Nothing is watched then, which is no incident."""
    if integration.token_forgotten:
        return Change(integration)
    after = touched(_without_token(integration, stamp), Screen.RECEIPT)
    return Change(after, (TokenForgotten(stamp),))


def _without_token(integration: Integration, stamp: Stamp) -> Integration:
    """Marks the credentials as touched, so that a check still running cannot restore a token."""
    after = replace(integration, token_forgotten=stamp, keeps_watching=None)
    return touched(after, Screen.CREDENTIALS, is_done=False)


def disconnect(integration: Integration, stamp: Stamp, instead: str = "") -> Change:
    """Clears all but who this is, which CSM looks after it, and what a Replay brought. The history
    stays.

    `instead` is the name of the workspace that takes the place of the one before.
    """
    if integration.disconnected:
        return Change(integration)
    reminders = integration.reminders
    last = reminders.sent[-1].at if reminders.sent else reminders.before
    changed = dict.fromkeys(Screen, integration.revision + 1)
    after = Integration(
        id=integration.id,
        tenant_id=integration.tenant_id,
        team_id=integration.team_id,
        created=integration.created,
        revision=integration.revision,
        generation=integration.generation,
        changed=changed,
        last_active=stamp,
        csm=replace(integration.csm.without_rejection(*Rejectable), calls=()),
        # Somebody who begins again at once must not be reminded sooner for it.
        reminders=Reminders(refused=reminders.refused, before=last),
        left_replays=_left_replays(integration),
        disconnected=stamp,
    )
    known = integration.credentials
    workspace = known.workspace.label if known and instead else ""
    runs, said = runs_at_segment(integration), integration.replay_scheduled
    ticket = said.ticket if runs and said else ""
    return Change(after, (Disconnected(stamp, workspace, instead, runs, ticket),))


def in_workspace(integration: Integration, found: Workspace) -> Integration:
    """Clears all about another workspace, what CSMs said of it too."""
    credentials = integration.credentials
    known = credentials.workspace if credentials else integration.workspace_before
    if known is None or known.is_same(found):
        return integration
    return replace(
        integration,
        csm=integration.csm.without_rejection(*Rejectable),
        sources=(),
        sources_chosen=None,
        says_connected=None,
        arrival_confirmed=None,
        live_started=None,
        live_plan=None,
        replay_draft=None,
        replay=None,
        replay_sent=None,
        replay_unsent=None,
        replay_scheduled=None,
        replay_running=None,
        replay_finished=None,
        replay_confirmed=None,
        past_replays=(),
        left_replays=_left_replays(integration),
        outcome=None,
        outcome_reached=None,
        write_back=WriteBack(),
    )


def _left_replays(integration: Integration) -> tuple[PastReplay, ...]:
    """What another set-up needs to know, so that no history comes twice unnoticed."""
    request, past = integration.replay, integration.past_replays
    if request is None:
        return integration.left_replays
    if sent := integration.replay_sent:
        past = (*past, request.past(integration.replay_finished or sent, None))
    left = (each.left(request.workspace.id) for each in past)
    return (*integration.left_replays, *left)[-LEFT_REPLAYS:]


def uninstall(integration: Integration, stamp: Stamp) -> Change:
    """The app was removed from Slack: the token goes. Progress stays in case they return."""
    after = replace(_without_token(integration, stamp), write_back=WriteBack())
    return Change(after, (Uninstalled(stamp),))


def as_left(situation: Situation) -> Situation:
    """The earlier set-up that something belongs to, as somebody disconnected it."""
    integration = situation.integration
    left = integration.disconnected or integration.left_before
    return replace(situation, integration=replace(integration, disconnected=left))
