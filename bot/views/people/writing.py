"""Answers to what people write to the app, where nobody reads it."""

from bot.ids import Action
from bot.strings import messages as strings
from bot.views.kit.blocks import button
from bot.views.kit.message import Rendered, compose
from bot.views.kit.next_step import main_button, next_words
from bot.views.people.managing import alone_words, ask_buttons
from flows.model import Screen, Situation
from flows.outbox.bodies import Hint, TokenWarning
from flows.setup.blockers import current_screen
from flows.setup.permissions import Onlooker


def hint(situation: Situation, onlooker: Onlooker | None) -> Rendered:
    """What to do instead of writing. An onlooker can ask those who may go on."""
    screen = current_screen(situation)
    following = next_words(situation, may_go_on=onlooker is None)
    following = " ".join([following, *alone_words(onlooker)])
    next_step = strings.HINT_NEXT.format(next=following, help=strings.ASK_HELP_BUTTON)
    main = ask_buttons(onlooker) if onlooker else [main_button(situation)]
    ask = button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, screen)
    return compose(strings.HINT_STATE, next_step, [*main, ask])


def token_warning() -> Rendered:
    """Somebody wrote a token, which is not kept."""
    enter = button(
        strings.IN_THE_OPEN_BUTTON, Action.OPEN_SCREEN, Screen.CREDENTIALS, style="primary"
    )
    return compose(strings.IN_THE_OPEN_STATE, strings.IN_THE_OPEN_NEXT, [enter])


def render_nowhere(body: TokenWarning | Hint) -> Rendered:
    """Answers people of a Slack workspace that has no set-up, such as Toplyne's own."""
    match body:
        case TokenWarning():
            return compose(strings.IN_THE_OPEN_STATE, strings.IN_THE_OPEN_NOWHERE)
        case Hint():
            return compose(strings.HINT_STATE, strings.HINT_NOWHERE)
