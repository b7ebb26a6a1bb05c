"""What the app says to people on its own: one pure function for each kind of message."""

from collections.abc import Callable, Mapping

from slack_sdk.models.blocks import ButtonElement

from bot.ids import Action
from bot.strings import messages as strings
from bot.strings.blockers import SOURCE_UNNAMED, WORKS_AGAIN
from bot.views.csm.messages import csm_message, replay_news, sent_back
from bot.views.kit.blocks import button, link_button
from bot.views.kit.links import Page, segment_url
from bot.views.kit.message import Rendered, compose
from bot.views.kit.next_step import main_button, mending_button, next_words
from bot.views.kit.text import escape, name, user
from bot.views.kit.wording import blocked_text
from bot.views.people.reminders import reminder, role_lines
from bot.views.replay.completed import completed
from bot.views.replay.message import replay_request
from bot.views.setup.check_message import check_done
from flows.csm.facts import Rejectable
from flows.model import Integration, Screen, Situation
from flows.outbox.messages import MessageKind
from flows.secret_shapes import looks_secret
from flows.setup.blockers import Blocked, Blocker, current_screen, incidents, replay_prerequisites
from flows.vocabulary import Source

Params = Mapping[str, str]
Renderer = Callable[[Params, Situation], Rendered]


def render(kind: MessageKind, params: Params, situation: Situation) -> Rendered:
    """The message as it is to be sent now. Raises KeyError for kinds that are not for people."""
    return RENDERERS[kind](params, situation)


def _welcome(_params: Params, _situation: Situation) -> Rendered:
    start = button(strings.WELCOME_BUTTON, Action.OPEN_SETUP, style="primary")
    return compose(strings.WELCOME_STATE, strings.WELCOME_NEXT, [start])


def _delegated(params: Params, _situation: Situation) -> Rendered:
    screen = Screen(params["screen"])
    state = strings.DELEGATED_STATE.format(by=user(params["by"]), task=strings.TASK[screen])
    next_step = strings.DELEGATED_NEXT.format(
        duration=strings.DURATION[screen], need=strings.NEED[screen]
    )
    open_it = button(strings.DELEGATED_BUTTON, Action.OPEN_SCREEN, screen, style="primary")
    return compose(state, next_step, [open_it])


def _confirmed(_params: Params, situation: Situation) -> Rendered:
    state = strings.CONFIRMED_STATE.format(workspace=_workspace(situation.integration))
    return compose(state, next_words(situation), [main_button(situation)])


def _rejected(params: Params, situation: Situation) -> Rendered:
    what = Rejectable(params.get("what", Rejectable.CREDENTIALS))
    if what is not Rejectable.CREDENTIALS:
        return sent_back(what, params.get("reason", ""))
    state = strings.REJECTED_STATE.format(workspace=_workspace(situation.integration))
    reason = params.get("reason") or _stored_reason(situation.integration)
    if reason:
        said = strings.WITHHELD if looks_secret(reason) else escape(reason)
        state = f"{state} {strings.REJECTED_REASON.format(reason=said)}"
    correct = button(
        strings.REJECTED_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
    )
    return compose(state, strings.REJECTED_NEXT, [correct, _help(situation)])


def _first_data(params: Params, situation: Situation) -> Rendered:
    state = strings.FIRST_DATA_STATE.format(
        source=_source_name(params["source_id"], situation.integration)
    )
    replay = situation.integration.replay
    if replay or replay_prerequisites(situation.integration, situation.observed):
        return compose(state, next_words(situation), [main_button(situation)])
    return compose(state, strings.FIRST_DATA_NEXT, [main_button(situation)])


def _arrival_confirmed(_params: Params, situation: Situation) -> Rendered:
    return compose(strings.ARRIVAL_STATE, next_words(situation), [main_button(situation)])


def _incident(params: Params, situation: Situation) -> Rendered:
    broken = _broken(params)
    words = blocked_text(broken)
    next_step = strings.INCIDENT_NEXT.format(next=words.next)
    state = " ".join([words.state, *role_lines(params)])
    return compose(state, next_step, [mending_button(broken), _help(situation)])


def _incident_over(params: Params, situation: Situation) -> Rendered:
    source = name(params["source"] or SOURCE_UNNAMED)
    state = WORKS_AGAIN[Blocker(params["blocker"])].format(source=source)
    next_step = next_words(situation)
    if incidents(situation.integration, situation.observed):
        next_step = strings.INCIDENT_OVER_MORE.format(next=next_step)
    state = " ".join([state, *role_lines(params)])
    return compose(state, next_step, [main_button(situation)])


def _broken(params: Params) -> Blocked:
    label = params["source"]
    source = Source(params["source_id"], "", label) if label else None
    return Blocked(Blocker(params["blocker"]), source)


def _help_received(_params: Params, situation: Situation) -> Rendered:
    go_on = button(strings.HELP_BUTTON, Action.OPEN_SETUP)
    return compose(strings.HELP_STATE, strings.HELP_NEXT, [go_on])


def _disconnected(_params: Params, situation: Situation) -> Rendered:
    tokens = link_button(
        strings.DISCONNECTED_TOKENS_BUTTON, segment_url(Page.TOKENS, situation.integration)
    )
    again = button(strings.DISCONNECTED_AGAIN_BUTTON, Action.OPEN_SETUP)
    return compose(strings.DISCONNECTED_STATE, strings.DISCONNECTED_NEXT, [tokens, again])


def _token_in_message(_params: Params, _situation: Situation) -> Rendered:
    enter = button(
        strings.IN_THE_OPEN_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
    )
    return compose(strings.IN_THE_OPEN_STATE, strings.IN_THE_OPEN_NEXT, [enter])


def _message_hint(_params: Params, situation: Situation) -> Rendered:
    next_step = strings.HINT_NEXT.format(next=next_words(situation), help=strings.ASK_HELP_BUTTON)
    return compose(strings.HINT_STATE, next_step, [main_button(situation), _help(situation)])


def _help(situation: Situation) -> ButtonElement:
    screen = current_screen(situation.integration, situation.observed)
    return button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, screen)


def _workspace(integration: Integration) -> str:
    credentials = integration.credentials
    return name(credentials.workspace.label) if credentials else ""


def _stored_reason(integration: Integration) -> str:
    return integration.credentials.reason if integration.credentials else ""


def _source_name(source_id: str, integration: Integration) -> str:
    labels = (source.label for source in integration.sources if source.id == source_id)
    return name(next(labels, strings.SOURCE_GONE))


RENDERERS: Mapping[MessageKind, Renderer] = {
    MessageKind.WELCOME: _welcome,
    MessageKind.CHECK_DONE: check_done,
    MessageKind.DELEGATED: _delegated,
    MessageKind.CONFIRMED: _confirmed,
    MessageKind.REJECTED: _rejected,
    MessageKind.FIRST_DATA: _first_data,
    MessageKind.ARRIVAL_CONFIRMED: _arrival_confirmed,
    MessageKind.REPLAY_REQUEST: replay_request,
    MessageKind.COMPLETED: completed,
    MessageKind.REPLAY_NEWS: replay_news,
    MessageKind.CSM_MESSAGE: csm_message,
    MessageKind.REMINDER: reminder,
    MessageKind.INCIDENT: _incident,
    MessageKind.INCIDENT_OVER: _incident_over,
    MessageKind.HELP_RECEIVED: _help_received,
    MessageKind.DISCONNECTED: _disconnected,
    MessageKind.TOKEN_IN_MESSAGE: _token_in_message,
    MessageKind.MESSAGE_HINT: _message_hint,
}
