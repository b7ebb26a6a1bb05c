"""Until when it is so, what a customer was told of a CSM's report."""

from datetime import date

from flows.model import Integration
from flows.replay.events import News


def is_news_over(
    news: News, integration: Integration, on: date | None = None, ticket: str = ""
) -> bool:
    """Whether something later was reported of the Replay, it is not so, or there is none now.

    `on` and `ticket` are what the news said of Segment's answer.
    """
    if integration.disconnected or integration.replay is None:
        return True
    if integration.replay_finished or integration.replay_confirmed:
        return not _is_so_at_the_end(news, integration)
    match news:
        case News.CONFIRMED if not _confirmed_before(integration):
            return True
        case News.NOT_CONFIRMED:
            return True
        case News.NOT_SENT:
            return integration.replay_sent is not None
        case News.RUNNING:
            return integration.replay_running is None
        case News.SCHEDULED | News.NOT_RUNNING if integration.replay_sent is None:
            return True
        case News.NOT_FINISHED:
            return integration.replay_sent is None
        case News.SCHEDULED | News.NO_DAY if (on, ticket) != _answer(integration):
            return True
    return integration.replay_running is not None


def _is_so_at_the_end(news: News, integration: Integration) -> bool:
    """Whether Toplyne has the history is all that is left to say then."""
    is_confirmed = integration.replay_confirmed is not None
    if news is News.CONFIRMED:
        return is_confirmed or _confirmed_before(integration)
    return news is News.NOT_CONFIRMED and not is_confirmed


def _confirmed_before(integration: Integration) -> bool:
    return any(past.confirmed for past in integration.past_replays)


def _answer(integration: Integration) -> tuple[date | None, str]:
    """The day that Segment named, and its ticket number, as far as they are known."""
    said = integration.replay_scheduled
    return (said.on, said.ticket) if said else (None, "")
