"""Small modals about a Replay: Segment's answer, and one version of the request."""

from collections.abc import Callable, Sequence

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    CheckboxesElement,
    DatePickerElement,
    PlainTextInputElement,
)
from slack_sdk.models.views import View

from bot.ids import Action, Callback, input_action, input_block
from bot.strings import dialogs
from bot.strings import replay as strings
from bot.views.kit.blocks import (
    actions,
    button,
    context,
    field,
    make_metadata,
    modal,
    option,
    section,
)
from bot.views.kit.standing import asked_day
from bot.views.kit.text import day, moment, name, signed
from bot.views.replay.message import text_blocks
from flows.errors import Field
from flows.model import Integration, Situation
from flows.replay.facts import PastReplay, ReplayRequest
from flows.replay.reports import MAX_QUESTION, MAX_TICKET
from flows.replay.text import request_text
from flows.vocabulary import Stamp

MAX_BUTTONS = 24


def schedule_view(situation: Situation, number: int | None = None) -> View:
    """Asks when Segment will run the Replay, and for the ticket number.

    `number` is that of the request; a `block_id` holds it.
    """
    known = situation.integration.replay_scheduled
    late = asked_day(situation)
    asks = strings.SCHEDULE_LATE.format(day=day(late)) if late else strings.SCHEDULE
    picker = DatePickerElement(
        action_id=input_action(Field.SCHEDULED_ON),
        initial_date=known.on.isoformat() if known and known.on and not late else None,
    )
    ticket = PlainTextInputElement(
        action_id=input_action(Field.TICKET),
        max_length=MAX_TICKET,
        initial_value=known.ticket if known and known.ticket else None,
    )
    # Slack's date picker cannot be emptied again.
    none = option(strings.SCHEDULE_NO_DAY, Field.NO_DAY)
    box = CheckboxesElement(action_id=input_action(Field.NO_DAY), options=[none])
    no_day = field(strings.SCHEDULE_NO_DAY_LABEL, box, input_block(Field.NO_DAY), optional=True)
    day_block = input_block(Field.SCHEDULED_ON, _named(number, situation.integration))
    ticket_block = input_block(Field.TICKET)
    hint = strings.SCHEDULE_TICKET_HINT
    return modal(
        strings.SCHEDULE_TITLE,
        Callback.REPLAY_SCHEDULED,
        [
            section(asks),
            field(strings.SCHEDULE_DAY_LABEL, picker, day_block, optional=True),
            *([no_day] if picker.initial_date else []),
            field(strings.SCHEDULE_TICKET_LABEL, ticket, ticket_block, hint=hint, optional=True),
        ],
        submit=strings.SAVE,
        close=dialogs.CANCEL,
        metadata=make_metadata(situation.integration),
    )


def asked_view(integration: Integration, number: int | None = None) -> View:
    """Asks what Segment wants to know. The question goes to the CSM. `number` as above."""
    note = PlainTextInputElement(
        action_id=input_action(Field.NOTE), multiline=True, max_length=MAX_QUESTION
    )
    return modal(
        strings.ASKED_TITLE,
        Callback.REPLAY_ASKED,
        [
            section(strings.ASKED),
            field(
                strings.ASKED_LABEL,
                note,
                input_block(Field.NOTE, _named(number, integration)),
                hint=strings.ASKED_HINT,
            ),
        ],
        submit=strings.ASKED_SUBMIT,
        close=dialogs.CANCEL,
        metadata=make_metadata(integration),
    )


def _named(number: int | None, integration: Integration) -> str:
    newest = integration.replay.number if integration.replay else None
    return str(number or newest or "")


def version_view(
    request: ReplayRequest,
    numbers: Sequence[int],
    requested: str,
    others: Sequence[ButtonElement],
    past: PastReplay | None = None,
    reporter: Callable[[Stamp], str] = signed,
    metadata: str = "",
    about: Sequence[Block] = (),
) -> View:
    """The exact text of one version, and buttons for the others. `requested` is mrkdwn.

    `past`: it has run, whatever came after it, as the `reporter` said. `metadata` is that of the
    modal below, unless the buttons themselves name a customer, whom `about` shows.
    """
    newest = max(numbers, default=request.number)
    state = strings.VERSION_REPLACED if request.number < newest else strings.VERSION_CURRENT
    if past:
        state = strings.VERSION_PAST.format(by=reporter(past.finished))
    head = strings.VERSION_HEAD.format(
        number=request.number, workspace=name(request.workspace.label), requested=requested
    )
    blocks: list[Block] = [*about, section(f"{head}{state}"), *_replaces(request)]
    blocks += text_blocks(request_text(request))
    if others:
        # Within one block, Slack refuses a second button of the same action.
        blocks += [section(strings.VERSIONS), *(actions(each) for each in others[:MAX_BUTTONS])]
    title = strings.VERSION_TITLE.format(number=request.number)
    return modal(title, Callback.REPLAY_VERSION, blocks, metadata=metadata)


def version_buttons(
    action: Action, values: Sequence[tuple[int, str]], shown: int
) -> list[ButtonElement]:
    """One button for each other version. `values` pairs version numbers with button values."""
    return [
        button(strings.VERSION_OTHER.format(number=number), action, value)
        for number, value in values
        if number != shown
    ]


def _replaces(request: ReplayRequest) -> list[Block]:
    if request.replaces is None:
        return []
    when = moment(request.replaces.sent_at)
    words = strings.VERSION_REPLACES.format(number=request.replaces.number, when=when)
    return [context(words)]
