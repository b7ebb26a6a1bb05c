"""How CSMs see a Replay request: a line on the card, and a button that opens its text."""

from slack_sdk.models.blocks import ButtonElement

from bot.ids import Action, numbered_value
from bot.strings import cards as strings
from bot.strings import replay as replay_strings
from bot.views.kit.blocks import button
from bot.views.kit.text import moment, utc
from flows.history import Event
from flows.model import Integration
from flows.replay.events import ReplayRequested
from flows.replay.facts import ReplayRequest
from flows.replay.text import rounded


def request_lines(integration: Integration) -> list[str]:
    """The newest request in one line of mrkdwn. Empty before the first."""
    return [_line(integration.replay)] if integration.replay else []


def _line(request: ReplayRequest) -> str:
    window = request.window
    count = f"{rounded(request.estimate or 0):,}"
    estimated = replay_strings.ESTIMATED.format(count=count)
    return strings.REPLAY_REQUEST.format(
        number=request.number,
        when=moment(request.requested.at),
        start=utc(window.start),
        end=utc(window.end),
        events=replay_strings.ALL_EVENTS if window.everything else replay_strings.SOME_EVENTS,
        estimate=estimated if request.estimate is not None else "",
    )


def request_button(integration: Integration, customer_value: str) -> list[ButtonElement]:
    """The button that opens the exact text of the newest request."""
    if integration.replay is None:
        return []
    return [see_request(customer_value, integration.replay.number)]


def event_button(event: Event, customer_value: str) -> list[ButtonElement]:
    """The button below the line that a request was prepared. It opens that version."""
    if not isinstance(event, ReplayRequested) or not customer_value:
        return []
    return [see_request(customer_value, event.number)]


def see_request(customer_value: str, number: int) -> ButtonElement:
    value = numbered_value(customer_value, number)
    return button(strings.SEE_REQUEST, Action.CSM_REQUEST, value)
