"""The first set-up of a Slack workspace: its id, how it is stored, and how it begins."""

from flows.errors import NotInstalled
from flows.model import Integration, Observed, Situation
from flows.ports import UnitOfWork
from flows.recording import Also, Change, Decide, Recorder
from flows.setup import steps
from flows.vocabulary import Actor


def set_up_id(team_id: str) -> str:
    """One per Slack workspace for now, so that two first clicks cannot make two."""
    return f"int_{team_id}"


def team_of_set_up(set_up: str) -> str:
    return set_up.removeprefix("int_")


def first_of(recorder: Recorder, actor: Actor) -> Integration:
    """A first, empty set-up for a Slack workspace."""
    stamp, team_id = recorder.stamp(actor), actor.team_id
    began = steps.first_generation(stamp.at)
    return Integration(set_up_id(team_id), actor.tenant_id, team_id, stamp, generation=began)


async def create(recorder: Recorder, actor: Actor) -> Situation:
    """Stores the first, empty set-up of a Slack workspace.

    Raises `RevisionConflict` if it exists, `NotInstalled` if the app does not reach it.
    """
    integration = first_of(recorder, actor)
    async with recorder.uow(actor.tenant_id) as work:
        team = await work.teams.get(actor.team_id)
        if team is None or team.left_at:
            raise NotInstalled(actor.team_id)
        await work.integrations.add(integration)
        await work.commit()
    return Situation(integration, Observed(), recorder.clock.now())


def begins(recorder: Recorder, actor: Actor) -> Decide:
    """Begins the set-up, unless a colleague was a moment faster."""

    def decide(situation: Situation) -> Change:
        integration = situation.integration
        if integration.begun:
            return Change(integration)
        return steps.begin(integration, recorder.stamp(actor))

    return decide


def remember_request(actor: Actor) -> Also:
    """Commands and shortcuts are remembered only if they begin something."""

    async def remember(work: UnitOfWork) -> None:
        if actor.request:
            await work.requests.first(actor.request)

    return remember
