"""Set-ups that hypothesis makes up: every mix of facts and observations, likely or not."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from flows.model import (
    Credentials,
    DestinationState,
    Integration,
    Observed,
    Outcome,
    Situation,
    SourceStatus,
    TokenKind,
    Unheard,
    Verification,
)
from flows.replay.facts import (
    Coverage,
    Deletions,
    DestinationFilter,
    ReplacedRequest,
    ReplayRequest,
    ReplaySource,
    ReplayWindow,
    Scheduled,
    Subset,
)
from flows.vocabulary import (
    CallType,
    Plan,
    Region,
    Source,
    Stamp,
    TokenHealth,
    TokenState,
    Workspace,
)

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
SOURCES = (
    Source("src0", "web", "Web app"),
    Source("src1", "backend"),
    Source("src2", "shop", "Shop"),
)

moments = st.integers(0, 400 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
people = st.sampled_from(["U0ADA", "U0BOB", ""])
stamps = st.builds(Stamp, by=people, at=moments)
event_names = st.lists(st.text(min_size=1, max_size=20), max_size=3).map(tuple)
windows = st.builds(
    ReplayWindow,
    start=moments,
    end=moments,
    call_types=st.lists(st.sampled_from(CallType), unique=True).map(tuple),
    event_names=event_names,
    excluded_names=event_names,
    choice=st.sampled_from(Subset),
    retention_days=st.none() | st.sampled_from([30, 365, 1095]),
    deletions=st.sampled_from(Deletions),
)
workspaces = st.builds(
    Workspace, slug=st.just("acme"), id=st.sampled_from(["", "w1"]), name=st.just("Acme")
)
found_credentials = st.builds(
    Credentials,
    kind=st.sampled_from(TokenKind),
    verification=st.sampled_from(Verification),
    workspace=workspaces,
    region=st.sampled_from(Region),
    entered=stamps,
)
chosen_sources = st.lists(st.sampled_from(SOURCES), unique=True).map(tuple)
calls = st.dictionaries(st.sampled_from(CallType), st.integers(0, 10**9))
filters = st.builds(
    DestinationFilter,
    title=st.text(max_size=20),
    condition=st.text(max_size=20),
    actions=st.lists(st.sampled_from(["drop", "sample"]), max_size=1).map(tuple),
)
some_filters = st.none() | st.lists(filters, max_size=2).map(tuple)
requests = st.builds(
    ReplayRequest,
    number=st.integers(1, 9),
    workspace=workspaces,
    sources=st.lists(
        st.builds(ReplaySource, st.sampled_from(SOURCES), st.none() | calls, some_filters),
        min_size=1,
        unique_by=lambda entry: entry.source,
    ).map(tuple),
    window=windows,
    left_out=st.just(()),
    requested=stamps,
    region=st.sampled_from(Region),
    live_since=st.none() | moments,
    kept_from=st.none() | moments,
    estimate=st.none() | st.integers(0, 10**9),
    remaining_names=event_names,
    replaces=st.none() | st.builds(ReplacedRequest, st.integers(1, 8), moments, st.just("4711")),
)


def maybe(values: st.SearchStrategy[Stamp]) -> st.SearchStrategy[Stamp | None]:
    return st.none() | values


integrations = st.builds(
    Integration,
    id=st.just("int_1"),
    tenant_id=st.just("T1"),
    team_id=st.just("T1"),
    created=stamps,
    revision=st.integers(0, 99),
    plan=st.none() | st.sampled_from(Plan),
    plan_chosen=maybe(stamps),
    region=st.sampled_from(Region),
    credentials=st.none() | found_credentials,
    sources=chosen_sources,
    sources_chosen=maybe(stamps),
    live_started=maybe(stamps),
    replay_draft=st.none() | windows,
    replay=st.none() | requests,
    replay_sent=maybe(stamps),
    replay_scheduled=st.none()
    | st.builds(Scheduled, stamps, st.none() | st.dates(), st.sampled_from(["", "4711"])),
    replay_running=maybe(stamps),
    replay_finished=maybe(stamps),
    outcome=st.none() | st.sampled_from(Outcome),
    outcome_reached=maybe(stamps),
    token_forgotten=maybe(stamps),
    last_active=maybe(stamps),
    disconnected=maybe(stamps),
)
statuses = st.dictionaries(
    st.sampled_from([source.id for source in SOURCES]),
    st.builds(
        SourceStatus,
        source_id=st.just(""),
        enabled=st.booleans(),
        destination=st.sampled_from(DestinationState),
        destination_id=st.just("d1"),
        delivered=st.integers(0, 10**6),
        first_delivered_at=st.none() | moments,
        observed_at=moments,
        stopped_at=st.none() | moments,
        deleted=st.booleans(),
        unheard=st.none() | st.sampled_from(Unheard),
        or_earlier=st.booleans(),
    ),
)
source_ids = st.sampled_from(["src0", "src1"])
coverages = st.builds(
    Coverage,
    st.dictionaries(source_ids, calls),
    moments,
    st.dictionaries(st.text(min_size=1, max_size=20), st.integers(1, 10**6), max_size=3),
    st.dictionaries(source_ids, some_filters),
)
observations = st.builds(
    Observed,
    statuses=statuses,
    coverage=st.none() | coverages,
    looked_at=st.none() | moments,
    token=st.none() | st.builds(TokenHealth, state=st.sampled_from(TokenState), since=moments),
    waited_at=st.none() | moments,
    failures=st.integers(0, 9),
    round_since=st.none() | moments,
)
situations = st.builds(Situation, integrations, observations, st.just(NOW))
