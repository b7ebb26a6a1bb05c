"""The message after a check that outlived its modal: what it found, and the way back."""

from collections.abc import Iterator

from slack_sdk.models.blocks import ButtonElement

from bot.ids import Action
from bot.strings import messages as strings
from bot.strings import names
from bot.strings import setup as setup_strings
from bot.views.kit.blocks import button, section
from bot.views.kit.message import Rendered, compose
from bot.views.kit.name_list import first_of, name_list
from bot.views.kit.next_step import main_button, next_words
from bot.views.kit.text import clip, code, escape, name
from bot.views.kit.wording import changed_words, error_text, notice_text
from bot.views.setup.common import workspace_name
from flows.checks.question import CheckKind
from flows.errors import ErrorCode, FieldError
from flows.model import Integration, Screen, Situation
from flows.outbox.bodies import CheckDone
from flows.setup.results import Notice


def check_done(done: CheckDone, situation: Situation) -> Rendered:
    if done.error:
        return _refused(done, done.error, situation)
    if done.notice is None:
        workspace = workspace_name(situation.integration) or strings.SEGMENT
        good = strings.CHECK_GOOD[done.what].format(workspace=workspace)
        state = " ".join([good, *_sources(done, situation)])
        return compose(state, next_words(situation), [main_button(situation)])
    who_changed = done.changed and changed_words(done.changed)
    said = who_changed or escape(notice_text(done.notice))
    state = " ".join([said, *_about(done, situation)])
    if done.notice is Notice.TOKEN_REFUSED:
        enter = button(
            strings.CHECK_TOKEN_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
        )
        return compose(state, strings.CHECK_TOKEN_NEXT, [enter])
    return compose(state, next_words(situation), [main_button(situation)])


def _about(done: CheckDone, situation: Situation) -> list[str]:
    """The workspace and the sources that the check was about, each if it is known."""
    workspace = workspace_name(situation.integration)
    found = [strings.CHECK_WORKSPACE.format(workspace=workspace)] if workspace else []
    return [*found, *_sources(done, situation)]


def _sources(done: CheckDone, situation: Situation) -> list[str]:
    """Those that were chosen in the form, else those that are saved."""
    integration, catalogue = situation.integration, situation.observed.catalogue
    answers = done.typed.sources
    if done.what is CheckKind.WRITE_KEY:
        of_key = integration.write_back.source
        labels = [of_key.label] if of_key else []
    elif answers and answers.chosen:
        known = {e.source.id: e.source.label for e in catalogue.entries} if catalogue else {}
        labels = [known.get(source_id, source_id) for source_id in answers.chosen]
    else:
        labels = [source.label for source in integration.sources]
    return [strings.CHECK_SOURCES.format(sources=name_list(labels))] if labels else []


def other_button(error: FieldError) -> list[ButtonElement]:
    """Confirms that the token of another workspace is meant, if it is held for that."""
    held, found = error.params.get("held"), error.params.get("found", "")
    if not held:
        return []
    label = setup_strings.OTHER_BUTTON.format(found=clip(found, 40))
    return [button(label, Action.USE_OTHER, held, style="danger")]


def other_words(error: FieldError, integration: Integration) -> str:
    """What a switch deletes here, what it keeps, and what stays in Segment."""
    words = {each: name(error.params.get(each, "")) for each in ("found", "expected")}
    plan = names.PLAN[integration.plan] if integration.plan else ""
    things = ", ".join(each.format(**words) for each in _lost(integration))
    return setup_strings.OTHER.format(
        **words,
        lost=setup_strings.OTHER_LOST.format(things=things),
        kept=setup_strings.OTHER_KEPT.format(**words, plan=plan),
        remains=setup_strings.OTHER_REMAINS.format(**words),
    )


def _lost(integration: Integration) -> Iterator[str]:
    yield setup_strings.OTHER_TOKEN
    if integration.sources:
        yield setup_strings.OTHER_SOURCES.format(sources=_as_template(_with_ids(integration)))
    if integration.live_started:
        yield setup_strings.OTHER_LIVE
    if request := integration.replay:
        sent = setup_strings.OTHER_SENT if integration.replay_sent else setup_strings.OTHER_UNSENT
        if not integration.replay_finished:
            yield sent.format(number=request.number)
    if integration.outcome:
        yield setup_strings.OTHER_FINISHED
    if integration.write_back.entered:
        yield setup_strings.OTHER_WRITE_KEY
    if integration.asked or integration.added:
        yield setup_strings.OTHER_PEOPLE


def _with_ids(integration: Integration) -> str:
    return first_of(
        setup_strings.OTHER_SOURCE.format(source=name(each.label), id=code(each.id))
        for each in integration.sources
    )


def _as_template(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _refused(done: CheckDone, error: FieldError, situation: Situation) -> Rendered:
    why = f"{strings.CHECK_BAD[done.what]} {escape(error_text(error))}"
    state = " ".join([why, *_about(done, situation)])
    ask = button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, done.screen)
    if other := other_button(error):
        between = [section(other_words(error, situation.integration))]
        enter = button(strings.CHECK_BAD_BUTTON, Action.OPEN_SCREEN, done.screen, style="primary")
        return compose(state, strings.CHECK_BAD_NEXT, [enter, *other, ask], between=between)
    unavailable = error.code in (ErrorCode.SEGMENT_UNAVAILABLE, ErrorCode.SECRET_LOST)
    label = strings.CHECK_UNAVAILABLE_BUTTON if unavailable else strings.CHECK_BAD_BUTTON
    next_step = strings.CHECK_UNAVAILABLE_NEXT if unavailable else strings.CHECK_BAD_NEXT
    again = button(label, Action.OPEN_SCREEN, done.screen, style="primary")
    return compose(state, next_step, [again, ask])
