"""What was said of one Segment workspace is not taken for said of another."""

from dataclasses import fields, replace

from flows.model import Integration
from flows.replay.facts import PastReplay
from flows.setup.leaving import in_workspace
from flows.vocabulary import Plan, Workspace
from tests.contract import samples

OF_THE_SET_UP = {
    *("id", "tenant_id", "team_id", "created", "revision", "generation", "left_before", "changed"),
    *("plan", "plan_chosen", "upgraded_on", "upgraded_from", "region", "started", "disconnected"),
    *("asked", "added", "failed_tries", "last_error", "last_active", "forms"),
    *("reminders", "csm", "credentials", "workspace_before", "token_forgotten"),
    *("reopened", "keeps_watching", "changed_by"),
}


def test_each_fact_is_of_the_set_up_or_goes_with_its_workspace() -> None:
    full = samples.full_integration()
    past = PastReplay(1, full.sources, samples.NOON, samples.NOON, full.created)
    of_one = replace(
        full,
        says_connected=full.live_started,
        live_plan=Plan.BUSINESS,
        replay_unsent=full.replay_sent,
        past_replays=(past,),
        left_replays=(past.left("wsacme"),),
    )
    other = in_workspace(of_one, Workspace("beacon", "wsbeacon", "Beacon"))
    new = Integration(id="", tenant_id="", team_id="", created=full.created)
    left = [(each.number, each.workspace_id) for each in other.left_replays]
    assert left == [(1, "wsacme"), (1, "wsacme"), (2, "wsacme")], "each names its workspace"
    for each in fields(Integration):
        if each.name == "left_replays":
            continue
        if each.name in OF_THE_SET_UP:
            assert getattr(other, each.name) == getattr(of_one, each.name), each.name
        else:
            assert getattr(of_one, each.name) != getattr(new, each.name), f"a sample: {each.name}"
            assert getattr(other, each.name) == getattr(new, each.name), each.name
