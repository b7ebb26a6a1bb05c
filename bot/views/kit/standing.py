"""What is outstanding, in words that know how far this set-up has come with it."""

from datetime import date

from bot.strings import messages, next_steps
from bot.strings import reminders as asking
from bot.strings.blockers import ARRIVAL_CHECKED
from bot.views.kit.text import day, escape, name, signed
from bot.views.kit.wording import blocked_text
from flows.model import Situation
from flows.replay.facts import Scheduled
from flows.setup.blockers import Blocked, Blocker
from flows.setup.replays import day_come


def standing_words(
    blocked: Blocked, situation: Situation, label: str = "", *, may_press: bool = True
) -> tuple[str, str]:
    """The state and what comes next, each a sentence of mrkdwn. `label`: the button below that
    says so, where it is not `standing_label`. Without `may_press` there is none to name.
    """
    words, integration = blocked_text(blocked), situation.integration
    if blocked.blocker is Blocker.REPLAY_NOT_RUNNING:
        named = label or standing_label(blocked, situation)
        state, following = _with_segment(words.state, situation, named)
        return state, following if may_press else next_steps.NEXT.format(next=words.next)
    if blocked.blocker is Blocker.ARRIVAL_UNCONFIRMED and integration.says_connected:
        return words.state, next_steps.NEXT.format(next=ARRIVAL_CHECKED)
    return words.state, next_steps.NEXT.format(next=words.next)


def standing_label(blocked: Blocked, situation: Situation) -> str:
    """The words on the button that opens the screen for it."""
    integration = situation.integration
    if blocked.blocker is Blocker.REPLAY_NOT_RUNNING:
        if asked_day(situation):
            return next_steps.SAY_WHETHER_BUTTON
        if integration.replay_scheduled is None:
            return next_steps.ANSWER_BUTTON
    if blocked.blocker is Blocker.ARRIVAL_UNCONFIRMED and integration.says_connected:
        return next_steps.BUTTON[Blocker.CREDENTIALS_UNVERIFIED]  # nothing is to be done there
    return next_steps.BUTTON[blocked.blocker]


def asked_day(situation: Situation) -> date | None:
    """The day that Segment named, if whoever reads this can say whether the Replay has started."""
    return day_come(situation.integration, situation.now, situation.here)


def _with_segment(unanswered: str, situation: Situation, label: str) -> tuple[str, str]:
    """Where the request is with Segment: not answered, to be run on a day, or that day is here."""
    integration = situation.integration
    request, scheduled = integration.replay, integration.replay_scheduled
    if request is None or scheduled is None:
        return unanswered, messages.REPLAY_SENT_NEXT.format(button=label)
    workspace = name(request.workspace.label)
    if late := asked_day(situation):
        return asking.STARTED_ASKED.format(day=day(late), workspace=workspace), asking.STARTED_NEXT
    following = messages.REPLAY_SCHEDULED_NEXT.format(button=label)
    return scheduled_words(scheduled, workspace), following


def scheduled_words(scheduled: Scheduled, workspace: str) -> str:
    """What Segment promised and, if it did not keep it, what it promised before."""
    on, missed = scheduled.on, scheduled.missed
    template = messages.REPLAY_MISSED_STATE if missed else messages.REPLAY_SCHEDULED_STATE
    when = messages.REPLAY_MISSED_ON if missed else messages.REPLAY_SCHEDULED_ON
    return template.format(
        workspace=workspace,
        missed=day(missed) if missed else "",
        when=when.format(day=day(on)) if on else "",
        ticket=messages.REPLAY_SCHEDULED_TICKET.format(ticket=escape(scheduled.ticket))
        if scheduled.ticket
        else "",
        by=signed(scheduled.reported),
    )
