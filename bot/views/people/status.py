"""The answer to `/segment status`, and other short answers that only one person sees."""

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ids import Action
from bot.strings import names, next_steps
from bot.strings import status as strings
from bot.views.kit.blocks import actions, button, context, section
from bot.views.kit.message import Rendered, compose, naming, spoken
from bot.views.kit.next_step import (
    asked_lines,
    ended_words,
    main_button,
    next_words,
    question_lines,
    start_button,
    state_words,
    step_lines,
)
from bot.views.kit.text import lines
from bot.views.kit.wording import unheard_lines, workspace_words
from bot.views.people.managing import alone_words, ask_buttons
from flows.csm.facts import Place
from flows.model import Screen, Situation
from flows.setup.permissions import Onlooker
from flows.setup.progress import progress


def status_message(situation: Situation | None, onlooker: Onlooker | None = None) -> Rendered:
    """Where the set-up stands: the steps, what comes next, and one button for it.

    An onlooker can ask those who can go on.
    """
    if situation is None:
        start = start_button(strings.START_BUTTON)
        return compose(strings.NOT_STARTED, strings.NOT_STARTED_NEXT, [start])
    if situation.integration.disconnected:
        left = compose(state_words(situation), next_words(situation), [main_button(situation)])
        return naming(left, situation.integration)
    main = ask_buttons(onlooker) if onlooker else [main_button(situation)]
    following = next_words(situation, may_go_on=onlooker is None)
    following = " ".join([following, *alone_words(onlooker)])
    sentences = [_spoken_steps(situation), state_words(situation), following]
    blocks = [
        section(lines(step_lines(situation))),
        *_details(situation),
        section(following),
        *([actions(*main)] if main else []),
    ]
    return naming(Rendered(spoken(sentences, main), blocks), situation.integration)


def nothing_to_disconnect_message(situation: Situation | None) -> Rendered:
    """Answers `/segment disconnect` before anything was entered or after all was deleted."""
    start = start_button(strings.START_BUTTON, situation)
    said = compose(strings.NOTHING_TO_DISCONNECT, strings.NOTHING_TO_DISCONNECT_NEXT, [start])
    return naming(said, situation.integration) if situation else said


def ended_message(situation: Situation | None) -> Rendered:
    """Answers a button whose set-up is gone: what happened, and how to begin."""
    state, start = ended_words(situation)
    begun = situation is not None and situation.integration.begun
    said = compose(state, next_steps.OPEN_NEXT if begun else next_steps.ENDED_NEXT, [start])
    return naming(said, situation.integration) if situation else said


def help_message() -> Rendered:
    """Answers `/segment help`."""
    return _help(strings.HELP_STATE)


def unknown_command_message() -> Rendered:
    """Answers an unknown word after `/segment`. Never repeats it, because it could be a secret."""
    return _help(strings.UNKNOWN_STATE)


def token_in_command_message(situation: Situation | None = None) -> Rendered:
    """Answers a token typed after the command: nothing of it is kept, and how to do it instead."""
    if situation is None:
        start = start_button(strings.IN_THE_OPEN_BUTTON)
        return compose(strings.IN_THE_OPEN_STATE, strings.IN_THE_OPEN_NEXT, [start])
    enter = button(
        strings.IN_THE_OPEN_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
    )
    said = compose(strings.IN_THE_OPEN_STATE, strings.IN_THE_OPEN_NEXT, [enter])
    return naming(said, situation.integration)


def token_of_outsider_message() -> Rendered:
    """The same for whoever may not open the set-up."""
    return compose(strings.IN_THE_OPEN_STATE, strings.IN_THE_OPEN_OUTSIDER_NEXT)


def csm_help_message() -> Rendered:
    """Answers `/segment-csm help` and unknown words after `/segment-csm`."""
    commands = section(strings.CSM_HELP_COMMANDS)
    return compose(strings.CSM_HELP_STATE, strings.CSM_HELP_NEXT, between=[commands])


def csm_bound_message(channel_id: str) -> Rendered:
    """Answers `/segment-csm here`: the cards appear in this channel from now on."""
    state = strings.CSM_BOUND_STATE.format(channel=f"<#{channel_id}>")
    return compose(state, strings.CSM_BOUND_NEXT)


def csm_channel_set_message(channel_id: str) -> Rendered:
    """Answers `/segment-csm here` while the settings name another channel."""
    state = strings.CSM_SET_STATE.format(channel=f"<#{channel_id}>")
    return compose(state, strings.CSM_SET_NEXT)


def csm_not_bound_message(place: Place) -> Rendered:
    """Answers `/segment-csm here` where the cards of all customers must not appear."""
    match place:
        case Place.SHARED:
            return compose(strings.CSM_SHARED_STATE, strings.CSM_SHARED_NEXT)
        case Place.DIRECT:
            return compose(strings.CSM_DIRECT_STATE, strings.CSM_SHARED_NEXT)
        case Place.UNSEEN:
            return compose(strings.CSM_UNSEEN_STATE, strings.CSM_UNSEEN_NEXT)
    return compose(strings.CSM_UNTOLD_STATE, strings.CSM_UNTOLD_NEXT)


def decided_message(why: str = "") -> Rendered:
    """Answers a CSM's button on a card that came too late. `why` says what happened meanwhile."""
    return compose(f"{strings.DECIDED_STATE} {why}".rstrip(), strings.DECIDED_NEXT)


def expired_trigger_message() -> Rendered:
    """The trigger has expired: the click came too late for Slack to open a modal."""
    again = start_button(strings.EXPIRED_BUTTON)
    return compose(strings.EXPIRED_STATE, strings.EXPIRED_NEXT, [again])


def _details(situation: Situation) -> list[Block]:
    integration = situation.integration
    found: list[Block] = []
    if integration.credentials:
        workspace = integration.credentials.workspace
        words = workspace_words(workspace)
        found.append(context(strings.WORKSPACE.format(workspace=words)))
    found += [context(line) for line in unheard_lines(situation)]
    if integration.token_forgotten:
        found.append(context(strings.NOT_WATCHED))
    if asked := asked_lines(situation):
        found.append(context(asked))
    if questions := question_lines(integration):
        found.append(context(*questions))
    return found


def _help(state: str) -> Rendered:
    open_setup = start_button(strings.HELP_BUTTON)
    return compose(
        state,
        strings.HELP_NEXT,
        [open_setup, ask_help()],
        between=[section(strings.HELP_COMMANDS)],
    )


def ask_help() -> ButtonElement:
    return button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, Screen.PLAN)


def _spoken_steps(situation: Situation) -> str:
    rows = progress(situation)
    states = (f"{names.STEP[row.step]}: {names.STEP_STATE[row.state]}" for row in rows)
    return f"{', '.join(states)}."
