"""The summary of a whole set-up, sent to the customer when the Replay has finished."""

from slack_sdk.models.blocks import Block

from bot.ids import Action
from bot.strings import messages as strings
from bot.strings import names
from bot.strings import replay as replay_strings
from bot.views.kit.blocks import button, section
from bot.views.kit.message import Rendered, compose
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import step_lines
from bot.views.kit.text import code, lines, name, utc
from bot.views.replay.status import open_lines
from flows.model import Integration, Screen, Situation
from flows.replay.facts import ReplayRequest
from flows.replay.request import sources_left_out
from flows.replay.text import rounded
from flows.setup.blockers import delivering_sources
from flows.vocabulary import Plan


def completed(situation: Situation) -> Rendered:
    """What is connected, what the history covers, who did what, and what is still open."""
    left = open_lines(situation)
    receipt = button(strings.COMPLETED_BUTTON, Action.OPEN_SCREEN, Screen.RECEIPT, style="primary")
    return compose(
        strings.COMPLETED_STATE,
        strings.COMPLETED_NEXT_OPEN if left else strings.COMPLETED_NEXT,
        [receipt],
        between=[
            section(lines(_facts(situation))),
            section(lines((strings.COMPLETED_WHO, *step_lines(situation)))),
            *_open_blocks(left),
        ],
    )


def _open_blocks(left: list[str]) -> list[Block]:
    return [section(lines((strings.COMPLETED_OPEN, *left)))] if left else []


def _facts(situation: Situation) -> list[str]:
    integration, observed = situation.integration, situation.observed
    delivering = delivering_sources(integration, observed)
    silent = sources_left_out(integration, observed)
    found = [_workspace(integration)]
    if delivering:
        sources = name_list(source.label for source in delivering)
        found.append(strings.COMPLETED_LIVE.format(sources=sources))
    if silent:
        sources = name_list(source.label for source in silent)
        found.append(strings.COMPLETED_SILENT.format(sources=sources))
    if integration.replay:
        found.append(_history(integration.replay))
    return found


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


def _history(request: ReplayRequest) -> str:
    window = request.window
    count = f"{rounded(request.estimate or 0):,}"
    everything = window.everything
    return strings.COMPLETED_HISTORY.format(
        start=utc(window.start),
        end=utc(window.end),
        events=replay_strings.ALL_EVENTS if everything else replay_strings.SOME_EVENTS,
        estimate=replay_strings.ESTIMATED.format(count=count) if request.estimate else "",
    )
