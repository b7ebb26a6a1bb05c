"""Only full members of Toplyne's own Slack workspace are CSMs."""

from dataclasses import replace

import pytest

from flows.csm.members import Csms, CsmTeam, NotCsm
from flows.errors import DirectoryUnavailable
from flows.installed import Team
from flows.vocabulary import Actor, Person
from tests.support.fake_directory import HERE, FakeDirectory
from tests.support.fakes import FakeStorage, FakeTenants
from tests.support.flow_services import ADA, CSM, CSM_TEAM, TEAM

MEMBER = replace(HERE, teams=(CSM_TEAM,))
NO_CSMS: dict[str, Person | None] = {
    "guest": replace(MEMBER, is_full_member=False),
    "left": replace(MEMBER, is_active=False),
    "of another workspace": replace(MEMBER, teams=(TEAM,)),
    "of no known workspace": replace(MEMBER, teams=()),
    "unknown to Slack": None,
}


@pytest.fixture
def directory() -> FakeDirectory:
    return FakeDirectory()


def csms_of(directory: FakeDirectory, team_id: str = CSM_TEAM) -> Csms:
    return Csms(directory, CsmTeam(FakeTenants(FakeStorage()), team_id))


async def test_a_full_member_is_a_csm(directory: FakeDirectory) -> None:
    assert await csms_of(directory).require(CSM) == MEMBER


@pytest.mark.parametrize("name", NO_CSMS)
async def test_nobody_else_is(directory: FakeDirectory, name: str) -> None:
    directory.people[CSM.user_id] = NO_CSMS[name]
    csms = csms_of(directory)
    with pytest.raises(NotCsm):
        await csms.require(CSM)


@pytest.mark.parametrize("actor", [ADA, Actor("", "", CSM.user_id), Actor(CSM_TEAM, TEAM, "U1")])
async def test_slack_is_not_even_asked_about_other_workspaces(
    directory: FakeDirectory, actor: Actor
) -> None:
    with pytest.raises(NotCsm):
        await csms_of(directory).require(actor)
    assert directory.asked == []


async def test_without_a_workspace_nobody_is_until_it_is_known(directory: FakeDirectory) -> None:
    csms = csms_of(directory, "")
    with pytest.raises(NotCsm):
        await csms.require(Actor("", "", CSM.user_id))
    csms.team.default(CSM_TEAM)
    await csms.require(CSM)
    csms.team.default(TEAM)
    assert csms.team.team_id == CSM_TEAM


async def test_slack_is_asked_again_after_it_was_away(directory: FakeDirectory) -> None:
    csms = csms_of(directory)
    directory.is_away = True
    with pytest.raises(DirectoryUnavailable):
        await csms.require(CSM)
    directory.is_away = False
    await csms.require(CSM)
    assert directory.asked == [CSM.user_id]


async def test_their_workspace_can_be_one_of_an_organisation() -> None:
    storage = FakeStorage()
    team = CsmTeam(FakeTenants(storage), CSM_TEAM)
    assert await team.tenant_id() == CSM_TEAM  # nothing is installed yet
    storage.tables.teams["E0TOPLYNE", CSM_TEAM] = Team(CSM_TEAM, "Toplyne", storage.clock.now())
    assert await team.tenant_id() == "E0TOPLYNE"
