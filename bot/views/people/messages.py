"""Messages that the app sends unprompted, with one pure function for each kind."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ButtonElement

from bot.ids import Action, Beginning
from bot.strings import messages as strings
from bot.strings.blockers import SOURCE_UNNAMED, WORKS_AGAIN
from bot.strings.csm import TO_CORRECT_NEXT
from bot.strings.next_steps import LOOK_NEXT
from bot.strings.setup import FREE_SAID_CONNECTED
from bot.views.csm.messages import Talk, csm_message, pass_on_offer, rejected_news, replay_news
from bot.views.kit.blocks import button, context
from bot.views.kit.links import Page
from bot.views.kit.message import Rendered, compose, naming, placed_in
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import (
    look_button,
    main_button,
    mending_button,
    next_words,
    own_step,
    start_button,
)
from bot.views.kit.text import code, escape, name, stamp
from bot.views.kit.wording import ask_for_history, blocked_text, history_label, opener
from bot.views.people.asking import colleague_asked, delegation_news
from bot.views.people.managing import asked_to_go_on, colleague_did
from bot.views.people.reminders import reminder, role_lines
from bot.views.people.writing import hint, token_warning
from bot.views.replay.completed import completed
from bot.views.replay.message import replay_request
from bot.views.setup.check_message import check_done
from bot.views.setup.common import workspace_name
from bot.views.setup.live_sync import connected_button
from flows.csm.facts import Rejectable
from flows.model import Integration, Screen, Situation, Verification
from flows.outbox.bodies import (
    ArrivalConfirmed,
    AskedToGoOn,
    CheckDone,
    ColleagueAsked,
    ColleagueDid,
    Confirmed,
    CsmMessage,
    DelegationNews,
    Farewell,
    FirstData,
    HelpReceived,
    Hint,
    IncidentNews,
    PassOn,
    Personal,
    RecoveryNews,
    Rejected,
    Reminder,
    ReplayInstructions,
    ReplayNews,
    Summary,
    TokenWarning,
    Welcome,
)
from flows.replay.window import missing_sources
from flows.says import still_rejected, still_stands
from flows.secret_shapes import looks_secret
from flows.setup.blockers import Blocked, Blocker, current_screen, replay_prerequisites
from flows.setup.replays import rejection_of

# News that name sources or a step, and not yet the Segment workspace. Reminders are about the step
# that is next, and their button leads to a screen that names it.
ABOUT_SOURCES = (
    AskedToGoOn,
    ArrivalConfirmed,
    ColleagueDid,
    DelegationNews,
    FirstData,
    IncidentNews,
    RecoveryNews,
)


def render(
    body: Personal,
    situation: Situation,
    team: str = "",
    talk: Talk = Talk.OPEN,
    *,
    may_go_on: bool = True,
) -> Rendered:
    """Renders the message as it is true now. Its buttons name the set-up.

    `team` is what the Slack workspace is called, for readers who may be in several. `talk` is about
    what a CSM wrote, and `may_go_on` about the reader of a hint.
    """
    rendered = _rendered(body, situation, talk, may_go_on)
    if isinstance(body, ABOUT_SOURCES):
        rendered = _with_workspace(rendered, situation.integration)
    if team and not (isinstance(body, Welcome) and body.team_name):  # which says it already
        rendered = placed_in(rendered, team)
    return naming(rendered, situation.integration)


def _with_workspace(rendered: Rendered, integration: Integration) -> Rendered:
    """The Segment workspace in a small line, for readers whose company has several."""
    credentials = integration.credentials
    if credentials is None:
        return rendered
    workspace = credentials.workspace
    words = {"workspace": name(workspace.label), "slug": code(workspace.slug)}
    line = context(strings.OF_WORKSPACE.format(**words))
    first, *others = rendered.blocks
    return Rendered(rendered.text, [first, line, *others])


def _rendered(  # a line per kind
    body: Personal, situation: Situation, talk: Talk, may_go_on: bool
) -> Rendered:
    match body:
        case Welcome():
            return _welcome(body, situation)
        case CheckDone():
            return check_done(body, situation)
        case ColleagueAsked():
            return colleague_asked(body, situation)
        case DelegationNews():
            return delegation_news(body, situation)
        case AskedToGoOn():
            return asked_to_go_on(body, situation)
        case ColleagueDid():
            return colleague_did(body, situation)
        case Confirmed():
            return _confirmed(body, situation)
        case Rejected():
            return _rejected(body, situation)
        case FirstData():
            return _first_data(body, situation)
        case ArrivalConfirmed():
            return _arrival_confirmed(situation)
        case ReplayInstructions():
            return replay_request(body.number, situation)
        case Summary():
            return completed(situation)
        case ReplayNews():
            return replay_news(body, situation)
        case CsmMessage():
            return csm_message(body, talk)
        case Reminder():
            return reminder(body, situation)
        case IncidentNews():
            return _incident(body, situation)
        case RecoveryNews():
            return _recovery(body, situation)
        case HelpReceived():
            return _help_received(body, situation)
        case Farewell():
            return _farewell(body, situation)
        case TokenWarning():
            return token_warning()
        case Hint():
            return hint(situation, may_go_on=may_go_on)
        case PassOn():
            return pass_on_offer(body)


def _welcome(body: Welcome, situation: Situation) -> Rendered:
    team = name(body.team_name)
    where = strings.WELCOME_WHERE.format(team=team) if team else strings.WELCOME_HERE
    template = strings.WELCOME_AGAIN_STATE if body.again else strings.WELCOME_STATE
    state = template.format(where=where)
    if situation.integration.begun:
        return compose(state, strings.OVER_NEXT)
    return compose(state, strings.WELCOME_NEXT, [start_button(strings.WELCOME_BUTTON)])


def _confirmed(body: Confirmed, situation: Situation) -> Rendered:
    integration = situation.integration
    state = strings.CONFIRMED_STATE.format(workspace=_about(body, integration))
    known = integration.credentials
    is_confirmed = known is not None and known.verification is Verification.CONFIRMED
    if not (is_confirmed and _is_of_workspace(body, integration)):
        return _over(state)
    if integration.live_started:
        return compose(state, strings.OVER_NEXT)
    said, buttons = integration.says_connected, connected_button(integration, body.workspace)
    following = FREE_SAID_CONNECTED.format(who=stamp(said)) if said else next_words(situation)
    return compose(state, following, [main_button(situation), *buttons])


def _about(body: Confirmed | Rejected, integration: Integration) -> str:
    """The workspace that a CSM judged. Without a name where neither the message nor we have one."""
    label = name(body.workspace) or workspace_name(integration)
    return strings.REVIEWED.format(workspace=label) if label else strings.REVIEWED_UNNAMED


def _is_of_workspace(body: Confirmed, integration: Integration) -> bool:
    """Whether what a CSM said is about the workspace that is connected now."""
    known = integration.credentials
    return known is not None and body.workspace in ("", known.workspace.label)


def _over(state: str, template: str = strings.OVER_STATE) -> Rendered:
    """What was asked of the reader is over: the message keeps its words and loses its buttons."""
    return compose(template.format(state=state), strings.OVER_NEXT)


def _rejected(body: Rejected, situation: Situation) -> Rendered:
    is_open = still_rejected(body, situation.integration)
    if body.what is not Rejectable.CREDENTIALS:
        state, buttons = rejected_news(body.what, body.reason, _about(body, situation.integration))
        return compose(state, TO_CORRECT_NEXT, buttons) if is_open else _over(state)
    state = strings.REJECTED_STATE.format(workspace=_about(body, situation.integration))
    standing = rejection_of(situation.integration, body.what)
    reason = body.reason or (standing.reason if standing else "")
    if reason:
        said = strings.WITHHELD if looks_secret(reason) else escape(reason)
        state = f"{state} {strings.REJECTED_REASON.format(reason=said)}"
    correct = button(
        strings.REJECTED_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
    )
    if not is_open:
        return _over(state)
    return compose(state, strings.REJECTED_NEXT, [correct, _help(situation)])


def _first_data(body: FirstData, situation: Situation) -> Rendered:
    known = strings.EVENTS_ARRIVE_STATE if body.or_earlier else strings.FIRST_DATA_STATE
    state = known.format(
        sources=_source_names((body.source_id, *body.others), situation.integration)
    )
    integration = situation.integration
    if missing := missing_sources(situation):
        ask = button(history_label(missing), Action.OPEN_SCREEN, Screen.REPLAY, style="primary")
        following = f"{strings.FIRST_DATA_MISSING} {ask_for_history(missing)}."
        return compose(state, following, [ask])
    if integration.replay or integration.outcome or not integration.live_started:
        return compose(state, strings.OVER_NEXT)  # what it asked for is done
    before = replay_prerequisites(situation)
    blocked = before[0] if before else Blocked(Blocker.REPLAY_NOT_REQUESTED)
    following, main = own_step(blocked, situation)
    if not before:
        duration = strings.DURATION[Screen.REPLAY_PREVIEW]
        following = strings.FIRST_DATA_NEXT.format(duration=duration)
    return compose(state, following, [main])


def _arrival_confirmed(situation: Situation) -> Rendered:
    if situation.integration.disconnected:
        return _over(strings.ARRIVAL_STATE, strings.BEFORE_STATE)
    if situation.integration.live_started is None:  # it was taken back
        return _over(strings.ARRIVAL_STATE)
    return compose(strings.ARRIVAL_STATE, LOOK_NEXT, [look_button()])


def _incident(news: IncidentNews, situation: Situation) -> Rendered:
    broken = Blocked(news.blocker, news.source)
    words = blocked_text(broken)
    next_step = strings.INCIDENT_NEXT.format(next=words.next)
    state = " ".join([words.state, *_also(news), *role_lines(news)])
    if not still_stands(news, situation):
        return _over(state)
    return compose(state, next_step, [mending_button(broken), _help(situation)])


def _recovery(news: RecoveryNews, situation: Situation) -> Rendered:
    label = news.source.label if news.source else ""
    state = WORKS_AGAIN[news.blocker].format(source=name(label or SOURCE_UNNAMED))
    state = " ".join([state, *_also(news), *role_lines(news)])
    if situation.integration.disconnected:
        return _over(state, strings.BEFORE_STATE)
    return compose(state, LOOK_NEXT, [look_button()])


def _also(news: IncidentNews | RecoveryNews) -> list[str]:
    """The other sources of which the same is true."""
    sources = name_list(source.label or SOURCE_UNNAMED for source in news.others)
    return [strings.INCIDENT_ALSO.format(sources=sources)] if news.others else []


def _help_received(body: HelpReceived, situation: Situation) -> Rendered:
    if not situation.integration.begun:
        return compose(strings.HELP_ALONE_STATE, strings.HELP_ALONE_NEXT, [main_button(situation)])
    if not body.goes_on:
        return compose(strings.HELP_ALONE_STATE, strings.HELP_ALONE_NEXT)
    go_on = button(strings.HELP_BUTTON, Action.OPEN_SETUP)
    return compose(strings.HELP_STATE, strings.HELP_NEXT, [go_on])


def _farewell(body: Farewell, situation: Situation) -> Rendered:
    if body.instead:
        words = {"workspace": name(body.workspace), "instead": name(body.instead)}
        following = _and_runs(strings.REPLACED_NEXT.format(**words), body)
        return compose(strings.REPLACED_STATE.format(**words), following)
    following = _and_runs(strings.DISCONNECTED_NEXT, body)
    if body.runs:
        following = f"{following} {strings.FAREWELL_NOT_TWICE}"
    if situation.integration.begun:  # another set-up: nothing to connect again
        return compose(strings.DISCONNECTED_STATE, following)
    tokens = opener(Page.TOKENS, situation.integration)
    again = button(strings.DISCONNECTED_AGAIN_BUTTON, Action.START, Beginning.AGAIN)
    return compose(strings.DISCONNECTED_STATE, following, [tokens, again])


def _and_runs(following: str, body: Farewell) -> str:
    """What to do in Segment, about a Replay that goes on there too."""
    if not body.runs:
        return following
    ticket = strings.REPLAY_SCHEDULED_TICKET.format(ticket=escape(body.ticket))
    runs = strings.FAREWELL_RUNS.format(ticket=ticket if body.ticket else "")
    return f"{following} {runs}"


def _help(situation: Situation) -> ButtonElement:
    screen = current_screen(situation)
    return button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, screen)


def _source_names(ids: Sequence[str], integration: Integration) -> str:
    labels = [source.label for source in integration.sources if source.id in ids]
    return name_list(labels or [strings.SOURCE_GONE])
