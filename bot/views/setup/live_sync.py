"""The fourth screen: does the data of each chosen source reach Toplyne?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ContextBlock
from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.strings import names
from bot.strings import setup as strings
from bot.strings.blockers import BLOCKERS, UNHEARD
from bot.views.kit.blocks import actions, button, context, section
from bot.views.kit.next_step import mending_button
from bot.views.kit.text import code, every, moment, name, stamp, user
from bot.views.kit.wording import blocked_text, history_label, missing_history
from bot.views.setup.common import (
    foot,
    more_line,
    screen_view,
    steps_section,
    workspace_name,
)
from flows.checks.poll import usual_pause
from flows.model import Integration, Screen, Situation, SourceStatus
from flows.replay.window import missing_sources
from flows.setup.blockers import (
    Blocked,
    Blocker,
    current_screen,
    first_to_mend,
    is_live,
    lost_token,
    source_blocker,
)
from flows.setup.progress import all_stopped_since
from flows.setup.results import ShowStep
from flows.setup.steps import lacks_word
from flows.vocabulary import Plan, Source

STATUSES_SHOWN = 40
_ONLY_TIME_HELPS = (Blocker.NO_EVENTS, Blocker.NOT_LOOKED_YET, Blocker.SOURCE_UNHEARD)


def live_sync_view(result: ShowStep, *, poll_interval: timedelta) -> View:
    """What each source still lacks. For Free, what Toplyne does next."""
    if result.situation.integration.plan is Plan.FREE:
        return _free_view(result)
    return _sources_view(result, poll_interval)


def source_state(source: Source, status: SourceStatus | None) -> str:
    """How far one source is, or was before Segment ceased to say, in words; mrkdwn."""
    blocked = source_blocker(source, status)
    if blocked:
        state = strings.LIVE_STATE[blocked.blocker]
    elif status is None or status.first_delivered_at is None:
        state = strings.LIVE_STATE[Blocker.NO_EVENTS]
    else:
        delivered, since = f"{status.delivered:,}", moment(status.first_delivered_at)
        known = strings.LIVE_ARRIVED_BEFORE if status.or_earlier else strings.LIVE_ARRIVING
        state = known.format(events=delivered, since=since)
    if status is None or status.unheard is None:
        return state
    because = UNHEARD[status.unheard]
    if blocked and blocked.blocker is Blocker.SOURCE_UNHEARD:
        return strings.LIVE_UNHEARD.format(state=state, because=because)
    return strings.LIVE_BEFORE.format(state=state, when=moment(status.observed_at), because=because)


def _sources_view(result: ShowStep, poll_interval: timedelta) -> View:
    situation = result.situation
    started = is_live(situation)
    stopped = all_stopped_since(situation) if started else None
    works = started and stopped is None
    check = button(strings.CHECK_AGAIN, Action.CHECK_AGAIN, Screen.LIVE_SYNC)
    blocks: list[Block] = [
        section(_headline(situation, stopped) if started else strings.LIVE_TITLE),
        *_source_blocks(situation),
        _watching(situation, poll_interval),
        *([_go_on(situation)] if stopped else []),
        foot(Screen.LIVE_SYNC, back=Screen.SOURCES, more=[check] if works else []),
    ]
    callback = Callback.LIVE_SYNC if works else Callback.LIVE_CHECK
    submit = _onwards(situation) if works else strings.CHECK_AGAIN
    return screen_view(callback, result, blocks, submit=submit, external_id=result.window)


def _headline(situation: Situation, stopped: datetime | None) -> str:
    if stopped:
        return strings.LIVE_STOPPED.format(since=moment(stopped))
    return "\n".join((strings.LIVE_STARTED, *_following(situation)))


def _following(situation: Situation) -> list[str]:
    """What comes after live sync, while it is still to come."""
    integration = situation.integration
    if missing := missing_sources(situation):
        return [f"{missing_history(missing)}."]
    if integration.replay or integration.outcome:
        return []
    return [
        strings.LIVE_NEXT_HISTORY if integration.plan is Plan.BUSINESS else strings.LIVE_NEXT_TEAM
    ]


def _go_on(situation: Situation) -> ActionsBlock:
    """The way onwards while mending comes first."""
    screen = current_screen(situation)
    return actions(button(_onwards(situation), Action.GO_TO, screen))


def _onwards(situation: Situation) -> str:
    if missing := missing_sources(situation):
        return history_label(missing)
    integration = situation.integration
    wants_replay = integration.plan is Plan.BUSINESS and integration.replay is None
    return strings.LIVE_REPLAY if wants_replay else strings.CONTINUE


def _source_blocks(situation: Situation) -> list[Block]:
    """Whose sources, then one block per source. Steps stand below the first that is not done."""
    integration = situation.integration
    statuses = situation.observed.statuses
    first = first_to_mend(situation)
    blocks: list[Block] = []
    credentials, chosen = integration.credentials, integration.sources_chosen
    if credentials and chosen:
        where = credentials.workspace
        words = {"workspace": name(where.label), "slug": code(where.slug), "who": user(chosen.by)}
        region, when = names.REGION[integration.region], moment(chosen.at)
        blocks.append(context(strings.LIVE_OF.format(**words, region=region, when=when)))
    is_long = len(integration.sources) > STATUSES_SHOWN
    for source in _shown(situation) if is_long else integration.sources:
        status = statuses.get(source.id)
        blocked = source_blocker(source, status)
        line = strings.LIVE_LINE.format(
            mark=_mark(blocked),
            source=name(source.label),
            state=source_state(source, status),
            id=code(source.id),
        )
        blocks.append(section(line, accessory=_elsewhere(blocked)))
        if blocked and blocked == first:
            blocks += _how(blocked, integration)
    return [*blocks, *more_line(len(integration.sources) - STATUSES_SHOWN)]


def _shown(situation: Situation) -> Sequence[Source]:
    """Of very many, the one to mend comes first, then the others that do not deliver. One that
    delivers stays in sight, since the headline speaks of it.
    """
    sources, statuses = situation.integration.sources, situation.observed.statuses
    first = first_to_mend(situation)
    works = {each.id: source_blocker(each, statuses.get(each.id)) is None for each in sources}
    to_mend = first.source if first else None
    ordered = sorted(sources, key=lambda each: (each != to_mend, works[each.id]))
    *shown, last = ordered[:STATUSES_SHOWN]
    if not works[last.id]:
        last = next((each for each in ordered if works[each.id]), last)
    return [*shown, last]


def _elsewhere(blocked: Blocked | None) -> ButtonElement | None:
    """The way to where it is mended, if that is another screen."""
    if blocked is None or blocked.blocker.screen is Screen.LIVE_SYNC:
        return None
    return mending_button(blocked, Action.GO_TO, main=False)


def _mark(blocked: Blocked | None) -> str:
    if blocked is None:
        return strings.LIVE_DOING
    return strings.LIVE_WAITING if blocked.blocker in _ONLY_TIME_HELPS else strings.LIVE_NOT


def _how(blocked: Blocked, integration: Integration) -> list[Block]:
    text = blocked_text(blocked)
    following = section(strings.LIVE_NEXT.format(next=text.next))
    if not text.steps or blocked.source is None:
        return [following]
    title = strings.LIVE_STEPS.format(source=name(blocked.source.label))
    return [steps_section(title, text.steps, text.page, integration)]


def _watching(situation: Situation, interval: timedelta) -> ContextBlock:
    """When Segment was asked last, and whether it will be asked again."""
    integration = situation.integration
    looked = _looked_words(situation)
    if integration.token_forgotten:
        return context(looked, strings.LIVE_UNWATCHED)
    if lost_token(situation):
        return context(looked, strings.LIVE_LOST)
    pause = usual_pause(situation, interval)
    statuses = situation.observed.statuses
    waits = any(source_blocker(s, statuses.get(s.id)) for s in integration.sources)
    template = strings.LIVE_POLLS if waits else strings.LIVE_WATCHED
    return context(looked, template.format(interval=every(pause)))


def _looked_words(situation: Situation) -> str:
    observed = situation.observed
    if observed.looked_at and observed.failures:
        return strings.LIVE_UNANSWERED.format(when=moment(observed.looked_at))
    statuses = observed.statuses
    asked = [statuses[s.id].last_asked for s in situation.integration.sources if s.id in statuses]
    if observed.looked_at and asked:
        return strings.LIVE_LOOKED.format(when=moment(max(asked)))
    return strings.LIVE_NOT_LOOKED


def _free_view(result: ShowStep) -> View:
    integration = result.situation.integration
    said, text = integration.says_connected, BLOCKERS[Blocker.ARRIVAL_UNCONFIRMED]
    blocks: list[Block] = [
        section(f"{strings.FREE_NOW}\n{_free_state(integration)}"),
        steps_section(strings.FREE_CONNECT, text.steps, text.page, integration),
        *([] if integration.live_started or said else [context(strings.FREE_LOOKS)]),
        foot(Screen.LIVE_SYNC, back=Screen.CREDENTIALS),
    ]
    says = lacks_word(integration)
    callback = Callback.LIVE_CONNECTED if says else Callback.LIVE_SYNC
    submit = strings.FREE_SAY_CONNECTED if says else strings.CONTINUE
    if not (says or integration.live_started):
        submit = ""
    return screen_view(callback, result, blocks, submit=submit, external_id=result.window)


def connected_button(integration: Integration, workspace: str) -> list[ButtonElement]:
    """“I’ve connected it” beside the main button of a message about this workspace."""
    if not lacks_word(integration, workspace):
        return []
    return [button(strings.FREE_SAY_CONNECTED, Action.SAY_CONNECTED, workspace)]


def _free_state(integration: Integration) -> str:
    if integration.live_started:
        return strings.FREE_ARRIVING
    if integration.credentials is None:
        return strings.FREE_NO_WORKSPACE
    verification = integration.credentials.verification
    template, said = strings.FREE_STATE[verification], strings.FREE_NEXT[verification]
    if integration.says_connected:
        said = strings.FREE_SAID_CONNECTED.format(who=stamp(integration.says_connected))
    return template.format(workspace=workspace_name(integration), next=said)
