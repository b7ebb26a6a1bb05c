"""The summary of a whole set-up, sent to the customer when the Replay has finished."""

from bot.ids import Action
from bot.strings import messages as strings
from bot.strings import names
from bot.strings import next_steps as next_strings
from bot.strings import replay as replay_strings
from bot.views.kit.blocks import button, section
from bot.views.kit.message import Rendered, compose
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import step_lines
from bot.views.kit.text import code, lines, name, utc
from bot.views.kit.wording import open_words
from bot.views.replay.ends import end_blocks
from flows.csm.facts import Rejectable
from flows.model import Integration, Screen, Situation
from flows.replay.facts import PastReplay
from flows.replay.steps import open_ends
from flows.replay.window import past_replays
from flows.setup.blockers import delivering_sources, incidents
from flows.setup.replays import is_rejected
from flows.vocabulary import Plan


def completed(situation: Situation) -> Rendered:
    """What is connected, what the history covers, who did what, and what is still open."""
    if situation.integration.disconnected:
        return compose(strings.COMPLETED_LEFT, strings.OVER_NEXT)
    if situation.integration.outcome is None:
        return _goes_on(situation.integration)
    left = end_blocks(situation, Action.OPEN_SCREEN)
    receipt = button(strings.COMPLETED_BUTTON, Action.OPEN_SCREEN, Screen.RECEIPT)
    return compose(
        strings.COMPLETED_STATE[situation.integration.outcome],
        _next(situation),
        [receipt],
        between=[
            section(lines(_facts(situation))),
            section(lines((strings.COMPLETED_WHO, *step_lines(situation)))),
            *left,
        ],
    )


def _next(situation: Situation) -> str:
    """What is open after the end. What broke since has a message of its own."""
    broken = incidents(situation)
    own = next((end for end in open_ends(situation) if end.blocked not in broken), None)
    if own is None:
        return strings.COMPLETED_NEXT
    next_step = next_strings.NEXT.format(next=open_words(own)[1])
    return strings.COMPLETED_NEXT_OPEN.format(next=next_step)


def _goes_on(integration: Integration) -> Rendered:
    """What it summed up is no end any more."""
    is_back = is_rejected(integration, Rejectable.REPLAY)
    state = strings.COMPLETED_REJECTED if is_back else strings.COMPLETED_REOPENED
    what = [section(_workspace(integration))] if integration.credentials else []
    return compose(state, strings.OVER_NEXT, between=what)


def _facts(situation: Situation) -> list[str]:
    integration = situation.integration
    broken = {each.source for each in incidents(situation)}
    delivering = [s for s in delivering_sources(situation) if s not in broken]
    silent = [source for source in integration.sources if source not in delivering]
    found = [_workspace(integration)]
    if delivering:
        sources = name_list(source.label for source in delivering)
        found.append(strings.COMPLETED_LIVE.format(sources=sources))
    if silent:
        sources = name_list(source.label for source in silent)
        found.append(strings.COMPLETED_SILENT.format(sources=sources))
    return [*found, *map(_history, past_replays(integration))]


def _workspace(integration: Integration) -> str:
    credentials = integration.credentials
    workspace = credentials.workspace if credentials else None
    return strings.COMPLETED_WORKSPACE.format(
        workspace=name(workspace.label if workspace else ""),
        slug=code(workspace.slug if workspace else ""),
        id=code(workspace.id if workspace else ""),
        region=names.REGION[integration.region],
        plan=names.PLAN[integration.plan or Plan.BUSINESS],
    )


def _history(past: PastReplay) -> str:
    return strings.COMPLETED_HISTORY.format(
        sources=name_list(source.label for source in past.sources),
        start=utc(past.start),
        end=utc(past.end),
        events=replay_strings.ALL_EVENTS if past.everything else replay_strings.SOME_EVENTS,
    )
