"""A result that is told by message, its window being closed, names workspace and sources."""

from dataclasses import replace

import pytest

from bot.views.kit.name_list import name_list
from bot.views.kit.text import name
from bot.views.setup.check_message import check_done
from flows.checks.question import CheckKind, SourceAnswers, Typed
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Catalogue, CatalogueEntry, Screen, WriteBack
from flows.outbox.bodies import CheckDone
from flows.setup.results import Notice
from flows.vocabulary import Source
from tests.unit.views.message_cases import NAMES, NOW, stages
from tests.unit.views.message_checks import check_message, mrkdwn_of

DOWN = FieldError(Field.TOKEN, ErrorCode.SEGMENT_UNAVAILABLE)
NOTICED = [each for each in Notice if each is not Notice.DISCONNECTED]


def said(done: CheckDone, label: str = "Web app", count: int = 2) -> str:
    situation = dict(stages(label, count))["destination disabled"]
    return "\n".join(mrkdwn_of(check_message(check_done(done, situation))))


@pytest.mark.parametrize("kind", [each for each in CheckKind if each is not CheckKind.WRITE_KEY])
@pytest.mark.parametrize("label", NAMES)
def test_however_it_ended_it_names_workspace_and_sources(kind: CheckKind, label: str) -> None:
    shown = name(NAMES[label])
    sources = f"Sources: {name_list([NAMES[label]] * 7)}."
    good = said(CheckDone("chk_1", kind, Screen.LIVE_SYNC), NAMES[label], 7)
    assert shown in good.partition("Sources:")[0]
    assert sources in good
    for notice in NOTICED:
        text = said(CheckDone("chk_1", kind, Screen.LIVE_SYNC, notice), NAMES[label], 7)
        assert f"Segment workspace: {shown}. {sources}" in text
    bad = said(CheckDone("chk_1", kind, Screen.LIVE_SYNC, error=DOWN), NAMES[label], 7)
    assert f"Segment workspace: {shown}. {sources}" in bad


def test_what_was_chosen_and_not_saved_is_named_and_not_what_was_before() -> None:
    situation = dict(stages())["destination disabled"]
    entries = (CatalogueEntry(Source("src_new", "backend", "Backend"), enabled=True),)
    seen = replace(situation.observed, catalogue=Catalogue(entries, NOW))
    typed = Typed(sources=SourceAnswers(("src_new", "src_gone")))
    done = CheckDone("chk_1", CheckKind.SOURCES, Screen.SOURCES, error=DOWN, typed=typed)
    shown = "\n".join(mrkdwn_of(check_message(check_done(done, replace(situation, observed=seen)))))
    assert "Sources: Backend, src_gone." in shown
    assert "Web app" not in shown.partition("Sources:")[2]


def test_a_write_key_names_its_source() -> None:
    situation = dict(stages())["replay can be requested"]
    done = CheckDone("chk_1", CheckKind.WRITE_KEY, Screen.WRITE_BACK)
    unknown = "\n".join(mrkdwn_of(check_message(check_done(done, situation))))
    assert "Sources:" not in unknown
    back = WriteBack(source=Source("src_back", "scores", "Scores <back>"))
    known = replace(situation, integration=replace(situation.integration, write_back=back))
    shown = "\n".join(mrkdwn_of(check_message(check_done(done, known))))
    assert "Sources: Scores &lt;back&gt;." in shown


def test_before_anything_is_known_nothing_is_named() -> None:
    situation = dict(stages())["no plan"]
    done = CheckDone("chk_1", CheckKind.TOKEN, Screen.CREDENTIALS, error=DOWN)
    shown = "\n".join(mrkdwn_of(check_message(check_done(done, situation))))
    assert "workspace:" not in shown
    assert "Sources:" not in shown
