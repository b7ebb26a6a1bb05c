"""Where a set-up stands and what comes next, in words. Every message and screen uses these."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from slack_sdk.models.blocks import ButtonElement

from bot.ids import Action, Beginning
from bot.strings import messages, names
from bot.strings import next_steps as strings
from bot.views.kit.blocks import button
from bot.views.kit.name_list import name_list
from bot.views.kit.standing import standing_label, standing_words
from bot.views.kit.text import clip, moment, name, stamp, tidy, user
from bot.views.kit.wording import blocked_text, history_label, open_words
from flows.model import Delegation, Integration, Outcome, Screen, Situation, Step, WaitingOn
from flows.replay.events import Left, OpenEnd
from flows.replay.request import silent_sources, sources_left_out
from flows.replay.steps import open_ends
from flows.setup.blockers import (
    Blocked,
    due_blocker,
    first_blocker,
    incidents,
    screen_of,
    setup_screen,
)
from flows.setup.permissions import still_asked
from flows.setup.progress import StepProgress, StepState, progress

HEADER_LIMIT = 150
QUESTIONS_SHOWN = 5


def header_instructs(situation: Situation) -> bool:
    """Whether the header says what the customer does next, so that nothing else has to."""
    end = _first_end(situation)
    blocked = first_blocker(situation) or (end.blocked if end else None)
    if blocked:
        return blocked.blocker.waiting_on is WaitingOn.CUSTOMER
    return end is not None and end.what is Left.HISTORY


def header_words(situation: Situation) -> str:
    """The state in one plain sentence, short enough for a header.

    Nobody waits for what is left open at the end, and no reminder comes about it.
    """
    end = _first_end(situation)
    blocked = first_blocker(situation) or (end.blocked if end else None)
    if blocked is None:
        if end is None or end.what is not Left.HISTORY:
            return _settled(situation)
        labels = ", ".join(tidy(source.label) for source in end.sources)
        following = strings.HISTORY_NEXT[len(end.sources) > 1].format(sources=labels)
        return clip(strings.STILL_OPEN.format(next=following), HEADER_LIMIT)
    words = blocked_text(blocked, markup=False)
    if blocked.blocker.waiting_on is not WaitingOn.CUSTOMER:
        return clip(words.state, HEADER_LIMIT)
    template = strings.STILL_OPEN if end else _asking(blocked, situation.integration)
    return clip(template.format(next=words.next), HEADER_LIMIT)


def _asking(blocked: Blocked, integration: Integration) -> str:
    """Home looks the same to whoever asked a colleague for this step and to the colleague."""
    is_asked = still_asked(integration, blocked.blocker.screen.step)
    return strings.COLLEAGUE_ASKED if is_asked else strings.WAITING_FOR_YOU


def state_words(situation: Situation) -> str:
    """The state in one sentence of mrkdwn."""
    blocked = first_blocker(situation)
    return standing_words(blocked, situation)[0] if blocked else f"{_settled(situation)}."


def next_words(situation: Situation, *, may_go_on: bool = True) -> str:
    """What comes next, in one sentence of mrkdwn. It names a button if the reader `may_go_on`."""
    if situation.integration.disconnected:
        return strings.DISCONNECTED_NEXT
    blocked = first_blocker(situation)
    if blocked is None:
        end = _first_end(situation)
        if end:
            return strings.NEXT.format(next=open_words(end)[1])
        return _unwatched_words(situation) or strings.FINISHED_NEXT[_outcome(situation)]
    return standing_words(blocked, situation, may_press=may_go_on)[1]


def _unwatched_words(situation: Situation) -> str:
    """What nobody can know any more: whether sources deliver that did not before."""
    integration = situation.integration
    silent = sources_left_out(situation)
    if not (silent and integration.token_forgotten):
        return ""
    return strings.UNWATCHED_NEXT.format(sources=name_list(each.label for each in silent))


def main_button(situation: Situation) -> ButtonElement:
    """The button for what comes next. It leads to what broke, else on with the set-up."""
    if not situation.integration.begun:
        return start_button(main_label(situation), situation)
    broken = incidents(situation)
    if broken:
        return mending_button(broken[0])
    if situation.integration.outcome and (ends := end_buttons(situation, Action.OPEN_SCREEN)):
        return ends[0]
    return button(main_label(situation), Action.OPEN_SETUP, style="primary")


def start_button(label: str, situation: Situation | None = None) -> ButtonElement:
    """The only kind of button that begins a set-up.

    Only if drawn after a disconnect, it begins one again.
    """
    again = situation is not None and situation.integration.disconnected
    beginning = Beginning.AGAIN if again else Beginning.FIRST
    return button(label, Action.START, beginning, style="primary")


def ended_words(situation: Situation | None) -> tuple[str, ButtonElement]:
    """What became of the set-up that a button belonged to, and a button that begins one or opens
    the one that began since.
    """
    if situation and situation.integration.begun:
        return _replaced_words(situation.integration), start_button(strings.REPLACED_BUTTON)
    left = situation.integration.disconnected if situation else None
    if left is None:
        return strings.NOTHING_BEGUN, start_button(strings.START, situation)
    return strings.ENDED.format(who=stamp(left)), start_button(strings.AGAIN, situation)


def _replaced_words(integration: Integration) -> str:
    workspace = integration.credentials.workspace.label if integration.credentials else ""
    words = {
        "began": stamp(integration.started or integration.created),
        "workspace": strings.REPLACED_WORKSPACE.format(workspace=name(workspace))
        if workspace
        else "",
    }
    if integration.left_before is None:
        return strings.REPLACED_UNINSTALLED.format(**words)
    return strings.REPLACED.format(left=stamp(integration.left_before), **words)


def mending_button(
    broken: Blocked, action: Action = Action.OPEN_SCREEN, *, main: bool = True
) -> ButtonElement:
    """The button that opens the screen on which to fix what broke, from a message or a window."""
    style: Literal["primary"] | None = "primary" if main else None
    return button(strings.BUTTON[broken.blocker], action, broken.blocker.screen, style=style)


def own_step(blocked: Blocked, situation: Situation) -> tuple[str, ButtonElement]:
    """What a message is about: what to do and the button. It is drawn anew once that is another."""
    label, screen = standing_label(blocked, situation), screen_of(blocked, situation.integration)
    _, following = standing_words(blocked, situation)
    return following, button(label, Action.OPEN_SCREEN, screen, style="primary")


def look_button() -> ButtonElement:
    """Leads to whatever comes next, and says nothing that can change."""
    return button(strings.LOOK_BUTTON, Action.OPEN_SETUP, style="primary")


def to_do_button(situation: Situation) -> ButtonElement:
    """The button that goes on with the set-up, even while something else is broken."""
    blocked = due_blocker(situation)
    if blocked is None or blocked == first_blocker(situation):
        return main_button(situation)
    screen = setup_screen(situation)
    label = standing_label(blocked, situation)
    return button(label, Action.OPEN_SCREEN, screen, style="primary")


def _first_end(situation: Situation) -> OpenEnd | None:
    return next(iter(open_ends(situation)), None) if first_blocker(situation) is None else None


def end_button(end: OpenEnd, action: Action, *, main: bool) -> ButtonElement | None:
    """The button for what is open after the end, if there is something to do for the customer."""
    if end.blocked:
        return mending_button(end.blocked, action, main=main)
    if end.what is Left.HISTORY:
        style: Literal["primary"] | None = "primary" if main else None
        return button(history_label(end.sources), action, Screen.REPLAY, style=style)
    return None


def end_buttons(situation: Situation, action: Action) -> list[ButtonElement]:
    """Buttons for all that is open after the end and can be done by the customer."""
    if first_blocker(situation):
        return []
    found = (end_button(end, action, main=True) for end in open_ends(situation))
    return [each for each in found if each]


def main_label(situation: Situation) -> str:
    """The words on the main button."""
    if situation.integration.disconnected:
        return strings.DISCONNECTED_BUTTON
    blocked = first_blocker(situation)
    return standing_label(blocked, situation) if blocked else strings.FINISHED_BUTTON


def silent_words(situation: Situation) -> str:
    """Which sources do not deliver while others do; mrkdwn. Empty at the end, which lists them."""
    silent = silent_sources(situation)
    if situation.integration.outcome or not silent:
        return ""
    return strings.NOT_ARRIVING.format(sources=name_list(each.label for each in silent))


def step_lines(situation: Situation, said: Blocked | None = None) -> list[str]:
    """The four steps in mrkdwn, each with its state and who did it when.

    `said` stands elsewhere on the same screen and is not repeated.
    """
    rows = progress(situation)
    return [
        _step_line(replace(row, blocked=None) if said and row.blocked == said else row, situation)
        for row in rows
    ]


def asked_lines(situation: Situation) -> str:
    """Who asked whom to do what is not done yet. Empty if nothing is outstanding."""
    waiting = still_asked(situation.integration) if first_blocker(situation) else []
    return "\n".join(map(_asked_line, waiting))


def _asked_line(delegation: Delegation) -> str:
    return strings.ASKED.format(
        by=user(delegation.asked.by),
        to=user(delegation.user_id),
        task=messages.TASK[delegation.screen],
    )


def question_lines(integration: Integration) -> list[str]:
    """Open questions to Toplyne and who asked them, for their colleagues."""
    return [
        strings.QUESTION[each.reason].format(who=user(each.by), when=moment(each.since))
        for each in integration.csm.questions[:QUESTIONS_SHOWN]
        if each.by
    ]


def person(user_id: str, people: Mapping[str, str]) -> str:
    """A name, used where a person of another Slack workspace cannot be mentioned."""
    return name(people.get(user_id, "")) or messages.SOMEBODY


def _settled(situation: Situation) -> str:
    if situation.integration.disconnected:
        return strings.DISCONNECTED
    return strings.FINISHED[_outcome(situation)]


def _outcome(situation: Situation) -> Outcome:
    return situation.integration.outcome or Outcome.WITH_HISTORY


def _step_line(row: StepProgress, situation: Situation) -> str:
    words = {
        "step": names.STEP[row.step],
        "mark": names.STEP_MARK[row.state],
        "state": names.STEP_STATE[row.state],
    }
    if row.blocked and row.state is StepState.BROKEN:
        return _broken_line(row, row.blocked, words)
    if row.blocked:
        state, _ = standing_words(row.blocked, situation)
        if not row.done:
            return strings.STEP_OUTSTANDING.format(**words, outstanding=state)
        done = _done_line(row, {**words, "mark": names.STEP_MARK[StepState.DONE]})
        return strings.STEP_MORE.format(done=done, outstanding=state)
    if row.state is not StepState.DONE:
        return strings.STEP_OTHER.format(**words)
    done = _done_line(row, words)
    silent = silent_words(situation) if row.step is Step.LIVE_SYNC else ""
    return f"{done}. {silent}" if silent else done


def _broken_line(row: StepProgress, blocked: Blocked, words: Mapping[str, str]) -> str:
    """What does not work and since when; then who had done the step."""
    state, done = blocked_text(blocked).state, ""
    if row.done:
        alone = strings.STEP_WORKED_ALONE.format(when=moment(row.done.at))
        done = strings.STEP_WORKED.format(who=stamp(row.done)) if row.done.by else alone
    template = strings.STEP_BROKEN if row.since else strings.STEP_BROKEN_NOW
    count, every = row.part or (0, 0)
    template = strings.STEP_PARTLY if row.part else template
    said = {**words, "count": str(count), "all": str(every), "outstanding": state, "done": done}
    return template.format(**said, since=moment(row.since) if row.since else "").rstrip()


def _done_line(row: StepProgress, words: Mapping[str, str]) -> str:
    if row.done is None:
        return strings.STEP_DONE_UNKNOWN.format(**words)
    if not row.done.by:
        return strings.STEP_DONE_ALONE.format(**words, when=moment(row.done.at))
    return strings.STEP_DONE.format(**words, who=stamp(row.done))
