"""What a colleague is asked to do, and what whoever asked hears of it."""

from slack_sdk.models.blocks import Block

from bot.ids import Action
from bot.strings import messages as strings
from bot.strings import names
from bot.views.csm.messages import quoted
from bot.views.kit.blocks import button, context, section
from bot.views.kit.message import Rendered, compose, naming
from bot.views.kit.next_step import main_button, next_words, start_button
from bot.views.kit.text import code, name, numbered, user
from bot.views.kit.wording import blocked_text
from bot.views.people.managing import offer
from flows.model import Screen, Situation
from flows.outbox.bodies import ColleagueAsked, DelegationNews, Heard
from flows.outbox.colleagues import asked_on_to, became_of, is_asked_anew, is_awaited
from flows.setup.blockers import due_blocker, setup_screen
from flows.setup.permissions import Onlooker
from flows.setup.progress import ScreenState

_NOT_YET = (Heard.NOTHING, Heard.QUIET, Heard.ASKED_ON)  # they say so, which may not hold any more
SOURCES_NAMED = 5  # all that fits if every name is as long as can be


def colleague_asked(body: ColleagueAsked, situation: Situation) -> Rendered:
    """To the colleague: what to do where, how long it takes, and a note. Without buttons once
    nobody waits for them any more.
    """
    screen = body.screen
    if not is_awaited(body, situation):
        return _asked_no_more(screen, situation, anew=is_asked_anew(body, situation))
    if to := asked_on_to(body, situation):
        state = strings.DELEGATED_ON_STATE.format(task=strings.TASK[screen], to=user(to))
        return compose(state, strings.DELEGATED_ON_NEXT, between=_where(situation))
    state = strings.DELEGATED_STATE.format(by=user(body.by), task=strings.TASK[screen])
    next_step = strings.DELEGATED_NEXT.format(
        button=strings.DELEGATED_BUTTON,
        duration=strings.DURATION[screen],
        need=strings.NEED[screen],
    )
    open_it = button(strings.DELEGATED_BUTTON, Action.OPEN_SCREEN, screen, style="primary")
    if not situation.integration.begun:
        open_it = start_button(strings.DELEGATED_BUTTON)
    not_me = [button(strings.DELEGATED_NOT_ME, Action.NOT_ME, screen)] if body.to else []
    note = [section(strings.DELEGATED_NOTE), quoted(body.note)] if body.note else []
    between = [*note, *_where_and_how(screen, situation)]
    return compose(state, next_step, [open_it, *not_me], between=between)


def declined_message(screen: Screen, situation: Situation) -> Rendered:
    """In place of the request, once the colleague says that it is not for them."""
    return naming(_asked_no_more(screen, situation), situation.integration)


def _asked_no_more(screen: Screen, situation: Situation, *, anew: bool = False) -> Rendered:
    state = strings.DELEGATED_OVER_STATE.format(task=strings.TASK[screen])
    following = strings.DELEGATED_ANEW_NEXT if anew else strings.DELEGATED_OVER_NEXT
    return compose(state, following, between=_where(situation))


def delegation_news(
    body: DelegationNews, situation: Situation, onlooker: Onlooker | None = None
) -> Rendered:
    """To whoever asked: it is done, or somebody else must be found. It says what became of it."""
    by = user(body.by) if body.by not in ("", body.to) else ""
    by = strings.HEARD_BY.format(by=by) if by and body.how is Heard.DONE else by
    now = became_of(body, situation)
    is_open, is_said_done = now is ScreenState.OPEN, body.how is Heard.DONE
    template = strings.HEARD_STATE[body.how]
    if is_said_done and is_open:
        template = strings.HEARD_DONE_NO_MORE
    elif body.how in _NOT_YET and not is_open:
        template = strings.HEARD_SINCE[now]
    asker = user(body.asker) if body.asker else strings.HEARD_YOU
    task = strings.TASK[body.screen]
    state = template.format(asker=asker, to=user(body.to), task=task, by=by)
    if now is ScreenState.ENDED or not (is_said_done or is_open):
        return compose(state, strings.OVER_NEXT)
    if not is_open and situation.integration.outcome:
        return compose(state, strings.OVER_NEXT)  # the summary at the end says what comes then
    if not is_open:
        return offer(state, next_words(situation), [main_button(situation)], onlooker)
    ask = button(strings.HEARD_ASK_BUTTON, Action.DELEGATE, body.screen, style="primary")
    do_it = button(strings.HEARD_DO_BUTTON, Action.OPEN_SCREEN, body.screen)
    if not situation.integration.begun:
        do_it = start_button(strings.HEARD_DO_BUTTON)
        do_it.style = None
    return offer(state, strings.HEARD_NEXT, [ask, do_it], onlooker)


def _where(situation: Situation, *sources: str) -> list[Block]:
    """The Segment workspace, and sources of it."""
    credentials = situation.integration.credentials
    if credentials is None:
        return []
    where = strings.DELEGATED_WHERE.format(
        workspace=name(credentials.workspace.label),
        slug=code(credentials.workspace.slug),
        region=names.REGION[situation.integration.region],
    )
    return [context(where, *sources)]


def _where_and_how(screen: Screen, situation: Situation) -> list[Block]:
    """For a colleague who sees this for the first time: whose sources, and what to do there."""
    integration = situation.integration
    named = [f"{name(s.label)} {code(s.id)}" for s in integration.sources[:SOURCES_NAMED]]
    sources = [strings.DELEGATED_SOURCES.format(sources=", ".join(named))] if named else []
    found = _where(situation, *sources)
    blocked = due_blocker(situation)
    if blocked and setup_screen(situation) is screen:
        steps = blocked_text(blocked, below=strings.DELEGATED_BUTTON).steps
        if steps:
            found.append(section(f"{strings.DELEGATED_HOW}\n{numbered(steps)}"))
    return found
