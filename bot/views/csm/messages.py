"""What customers hear from CSMs, and what Toplyne hears about its channel and cards."""

from enum import Enum, auto

from slack_sdk.models.blocks import Block, ButtonElement, SectionBlock
from slack_sdk.models.views import View

from bot.ids import SHOWS, Action, Callback
from bot.strings import csm as strings
from bot.strings import dialogs, messages
from bot.strings.next_steps import LOOK_NEXT
from bot.views.csm.modals import text_field
from bot.views.kit.blocks import (
    actions,
    button,
    context,
    make_metadata,
    modal,
    plain,
    preformatted,
    section,
)
from bot.views.kit.message import Rendered, compose, spoken
from bot.views.kit.next_step import look_button, own_step
from bot.views.kit.text import SECTION_LIMIT, day_of, escape, name, user
from bot.views.kit.wording import error_text
from bot.views.people.history_lines import promised, said
from bot.views.people.managing import offer
from flows.csm.facts import Rejectable
from flows.csm.inviting import Invited
from flows.errors import FieldError
from flows.model import Situation
from flows.outbox.bodies import AboutChannel, CsmMessage, PassOn, ReplayNews
from flows.outbox.toplyne_bodies import CardLost, ChannelLost
from flows.replay.events import News
from flows.replay.news import is_news_over
from flows.secret_shapes import looks_secret
from flows.setup.blockers import historic_sync_blocker
from flows.setup.permissions import Onlooker
from flows.setup.replays import CORRECTED_ON


def quoted(text: str, block_id: str | None = None) -> SectionBlock:
    """What somebody wrote, unchanged. Nothing in it counts as markup."""
    shown = messages.WITHHELD if looks_secret(text) else text
    return SectionBlock(text=plain(shown, SECTION_LIMIT), block_id=block_id)


class Talk(Enum):
    """Whether what a CSM wrote still waits for its reader."""

    OPEN = auto()
    ANSWERED = auto()
    LEFT = auto()  # its reader's set-up was disconnected since


def csm_message(body: CsmMessage, talk: Talk = Talk.OPEN) -> Rendered:
    """Once it is answered, its button is there for a second thought and no longer the next step."""
    state = strings.WRITES_STATE.format(name=name(body.name) or strings.SOMEBODY)
    is_open = talk is Talk.OPEN
    answer = button(strings.REPLY_BUTTON, Action.REPLY, style="primary" if is_open else None)
    following, buttons = strings.WRITES_NEXT if is_open else strings.ANSWERED_NEXT, [answer]
    if talk is Talk.LEFT:
        state = messages.BEFORE_STATE.format(state=state)
        following, buttons = messages.OVER_NEXT, []
    blocks: list[Block] = [section(state), quoted(body.text), section(following)]
    if body.instead_of:
        blocks.insert(1, context(strings.WRITES_INSTEAD.format(who=user(body.instead_of))))
    if buttons:
        blocks.append(actions(*buttons))
    text = spoken([state, said(body.text), following], buttons if is_open else ())
    return Rendered(text, blocks)


def pass_on_offer(body: PassOn) -> Rendered:
    """Offers to pass on what the reader typed to the app, or says how to write it instead."""
    if not body.text:
        answer = button(strings.REPLY_BUTTON, Action.REPLY, style="primary")
        return compose(strings.PASS_ON_CANNOT_STATE, strings.PASS_ON_CANNOT_NEXT, [answer])
    pass_on = button(strings.PASS_ON_BUTTON, Action.PASS_ON, body.text, style="primary")
    next_step = strings.PASS_ON_NEXT.format(button=strings.PASS_ON_BUTTON)
    typed = quoted(body.text, None if body.seen is None else f"{SHOWS}:{body.seen}")
    return compose(strings.PASS_ON_STATE, next_step, [pass_on], between=[typed])


def passed_on_message(text: str) -> Rendered:
    """What the reader typed was passed on. It takes the place of the offer."""
    state, next_step = strings.PASSED_ON_STATE, strings.PASSED_ON_NEXT
    text_aloud = spoken([state, said(text), next_step])
    return Rendered(text_aloud, [section(state), quoted(text), section(next_step)])


def replay_news(
    news: ReplayNews, situation: Situation, onlooker: Onlooker | None = None
) -> Rendered:
    credentials = situation.integration.credentials
    workspace = name(credentials.workspace.label) if credentials else messages.REVIEWED_UNNAMED
    said_day = promised(news.on, news.ticket)
    state = strings.NEWS_STATE[news.what].format(promised=said_day, workspace=workspace)
    if is_news_over(news.what, situation.integration, news.on, news.ticket):
        return compose(state, messages.OVER_NEXT)
    blocked = historic_sync_blocker(situation.integration)
    if news.what is News.CONFIRMED or blocked is None:
        return compose(state, LOOK_NEXT, [look_button()])
    following, main = own_step(blocked, situation)
    return offer(state, following, [main], onlooker)


def rejected_news(what: Rejectable, reason: str, workspace: str) -> tuple[str, list[ButtonElement]]:
    """What a CSM rejected that is not `workspace` itself, and the buttons to correct it."""
    state = strings.TO_CORRECT[what].format(workspace=workspace)
    if reason:
        state = f"{state} {messages.REJECTED_REASON.format(reason=said(reason))}"
    correct = button(
        messages.REJECTED_BUTTON, Action.OPEN_SCREEN, CORRECTED_ON[what], style="primary"
    )
    ask = button(messages.ASK_HELP_BUTTON, Action.ASK_HELP, CORRECTED_ON[what])
    return state, [correct, ask]


def reply_view(situation: Situation) -> View:
    """Asks for the customer's answer to a CSM's message, and knows what was written by then."""
    shows = f"{SHOWS}:{situation.integration.csm.numbered}"
    return modal(
        strings.REPLY_TITLE,
        Callback.REPLY,
        [
            section(strings.REPLY, block_id=shows),
            text_field(strings.REPLY_LABEL, strings.REPLY_HINT),
        ],
        submit=strings.REPLY_SUBMIT,
        close=dialogs.CANCEL,
        metadata=make_metadata(situation.integration),
    )


# --- for the person at Toplyne who looks after the channel ----------------------------------------


def channel_message(body: AboutChannel) -> Rendered:
    """Tells what happened to the CSM channel or to a card in it."""
    channel = f"<#{body.channel}>"
    match body:
        case ChannelLost(error=error):
            state = strings.CHANNEL_LOST_STATE.get(error, strings.CHANNEL_LOST_OTHERWISE)
            to_do = strings.CHANNEL_NEXT.get(error, strings.CHANNEL_CLOSED_NEXT)
            return compose(state.format(channel=channel, error=escape(error)), to_do)
        case CardLost(customer=lost):
            customer = name(lost) or messages.SOMEBODY
            state = strings.CARD_LOST_STATE.format(customer=customer, channel=channel)
            return compose(state, strings.CARD_LOST_NEXT)


# --- the answers to `/segment-csm invite` ---------------------------------------------------------


def invited_message(invited: Invited, address: str) -> Rendered:
    """The link, to be passed on. `address` is where the app is installed."""
    invitation, link = invited.invitation, f"{address}?invite={invited.text}"
    state = strings.INVITED_STATE.format(account=name(invitation.account))
    next_step = strings.INVITED_NEXT.format(until=day_of(invitation.expires_at))
    return compose(state, next_step, between=[preformatted(link)])


def not_invited_message(error: FieldError) -> Rendered:
    """The name of the account cannot be used."""
    state = strings.NOT_INVITED_STATE.format(why=escape(error_text(error)))
    return compose(state, strings.NOT_INVITED_NEXT)


def no_invitation_message() -> Rendered:
    """Customers and CSMs share one Slack workspace."""
    return compose(strings.NO_INVITATION_STATE, strings.NO_INVITATION_NEXT)
