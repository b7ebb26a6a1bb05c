"""The laws of the step machine: what must hold for any presses in any order."""

import re
from dataclasses import replace

from bot.ids import customer_value
from bot.views.csm.card import card_message
from bot.views.people.home import home_view
from bot.views.people.status import status_message
from bot.views.setup.screen import step_view
from flows.history import StoredEvent
from flows.model import Credentials, Integration, Outcome, Situation, Step, TokenKind, Verification
from flows.projection import project
from flows.replay.events import ReplayRequested
from flows.replay.window import replayed_sources
from flows.setup.blockers import current_screen, delivering_sources, replay_prerequisites
from flows.setup.progress import progress
from flows.setup.results import ShowStep
from flows.vocabulary import Plan
from tests.support.fake_tables import Tables
from tests.support.flow_services import INTEGRATION, POLL_INTERVAL, TEAM, Services

CONVERSATION = re.compile(r"(user|home|csm):[A-Za-z0-9_]+")
KEY = (TEAM, INTEGRATION)
# The only ways in which a person's credentials may be deleted.
LETS_GO = frozenset({"disconnect", "forget_token"})


def history_of(tables: Tables) -> list[StoredEvent]:
    return [entry for tenant, of, entry in tables.history if (tenant, of) == KEY]


def check_history(before: Tables, after: Tables) -> None:
    """The history only grows, and each entry has its own place."""
    old, new = history_of(before), history_of(after)
    assert new[: len(old)] == old
    places = [entry.sequence for entry in new]
    assert places == sorted(set(places))


def check_revisions(integration: Integration, before: Integration | None) -> None:
    assert all(revision <= integration.revision for revision in integration.changed.values())
    if before:
        assert integration.revision >= before.revision
        assert integration == before or integration.revision > before.revision


def check_overview(services: Services, situation: Situation) -> None:
    """The stored overview equals the derived one, at any later time too."""
    stored = services.storage.tables.overviews.get(KEY)
    rebuilt = project(replace(situation, now=situation.now.replace(year=2040)), POLL_INTERVAL)
    assert stored == rebuilt
    assert rebuilt.blocked_since <= situation.now


def check_messages(tables: Tables) -> None:
    """Each intent has its own key, and a conversation to which it can be delivered."""
    keys = [stored.message.key for stored in tables.outbox.values()]
    assert len(keys) == len(set(keys))
    assert all(CONVERSATION.fullmatch(s.message.conversation) for s in tables.outbox.values())


def check_secrets(services: Services, situation: Situation) -> None:
    """No stored value shows a token. No token is kept that the facts do not mention."""
    tables, integration = services.storage.tables, situation.integration
    stored = repr(tables)
    assert not [token for token in services.segment.tokens if token in stored]
    if KEY in tables.vault:
        assert integration.credentials is not None
        assert integration.credentials.kind is not TokenKind.NONE
        assert integration.token_forgotten is None
    if integration.disconnected:
        assert not tables.checks


def check_verified(services: Services, situation: Situation) -> None:
    """Verified means that Segment said that this very token opens this very workspace."""
    credentials = situation.integration.credentials
    if credentials is None or credentials.verification is not Verification.VERIFIED:
        return
    if situation.integration.token_forgotten is None:
        token = services.storage.tables.vault[KEY].get_secret_value()
        assert (token, credentials.workspace.id) in services.segment.opened


def check_nothing_lost(
    pressed: str, before: Integration | None, after: Integration, tables: Tables, old: Tables
) -> None:
    """Credentials stay until somebody deletes them or they cannot serve the plan."""
    if before is None or before.credentials is None or pressed in LETS_GO:
        return
    served = serves(before.credentials, after.plan)
    if served:
        assert after.credentials is not None, pressed
        if KEY in old.vault and after.credentials.kind is not TokenKind.NONE:
            assert KEY in tables.vault, pressed
    if served and before.credentials.verification is Verification.VERIFIED:
        known, found = before.credentials.workspace, after.credentials
        assert found is not None
        switches = pressed == "submit" and not before.sources and after.plan is not Plan.FREE
        assert found.workspace.slug == known.slug or switches, pressed


def serves(credentials: Credentials, plan: Plan | None) -> bool:
    """Free takes any credentials. Other plans need a token that the Public API accepted."""
    verified = credentials.verification is Verification.VERIFIED
    return plan is Plan.FREE or (verified and credentials.kind is TokenKind.PUBLIC_API)


def check_replay(services: Services, before: Situation | None, old: Tables) -> None:
    """A request is made only if nothing is missing, and only for sources that deliver and whose
    history did not come with an earlier Replay.
    """
    fresh = history_of(services.storage.tables)[len(history_of(old)) :]
    requested = [e for e in fresh if isinstance(e.event, ReplayRequested)]
    if not requested:
        return
    assert len(requested) == 1
    assert before is not None
    assert replay_prerequisites(before) == ()
    integration = services.integration()
    assert integration is not None
    assert integration.replay is not None
    asked = [entry.source for entry in integration.replay.sources]
    assert asked
    done = {source.id for source in replayed_sources(before.integration)}
    delivering = delivering_sources(before)
    assert asked == [source for source in delivering if source.id not in done]
    arrived = {
        found.source.id
        for token in services.segment.tokens.values()
        for found in token.workspace.sources
        if found.events
    }
    assert {source.id for source in asked} <= arrived


def check_facts(situation: Situation) -> None:
    """Facts that follow from each other are consistent."""
    integration = situation.integration
    if integration.disconnected:
        assert (integration.plan, integration.credentials, integration.sources) == (None, None, ())
        assert (integration.outcome, integration.replay_draft) == (None, None)
    if integration.outcome is Outcome.WITH_HISTORY:
        assert integration.replay_finished
        assert integration.replay
    if integration.outcome is Outcome.LIVE_ONLY:
        assert integration.live_started
    if integration.outcome is None:
        assert integration.keeps_watching is None or integration.live_started
    stamps = (integration.replay_sent, integration.replay_running, integration.replay_finished)
    reached = [stamp is not None for stamp in stamps]
    assert reached == sorted(reached, reverse=True)
    assert [row.step for row in progress(situation)] == list(Step)


def check_drawn(situation: Situation, events: list[StoredEvent]) -> None:
    """The person's current screen can be drawn on every surface."""
    screen = current_screen(situation)
    assert step_view(ShowStep(screen, situation)).to_dict()["blocks"]
    assert status_message(situation).text
    assert home_view(situation, events[::-1]).to_dict()["blocks"]
    card = card_message(
        situation,
        installation_name="Acme",
        customer_value=customer_value(TEAM, INTEGRATION),
        names={},
    )
    assert card.text
