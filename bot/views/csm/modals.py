"""Modals that CSMs fill in about one customer. `private_metadata` is the pressed button's value.

What a window shows, and somebody may change meanwhile, has its number in a `block_id`.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    InputBlock,
    PlainTextInputElement,
    RadioButtonsElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.ids import ASKS_FOR, SHOWS, Callback, in_unit, input_action, input_block
from bot.strings import board as board_strings
from bot.strings import csm as strings
from bot.strings import dialogs
from bot.strings import reminders as reminder_strings
from bot.strings.blockers import SOURCE_UNNAMED
from bot.strings.messages import WITHHELD
from bot.strings.suggestions import SUGGESTED
from bot.views.csm.customer_lines import whose
from bot.views.csm.questions import about_blocks
from bot.views.kit.blocks import field, modal, option, plain, section
from bot.views.kit.next_step import person
from bot.views.kit.text import NAME_LIMIT, clip, name, tidy
from bot.views.kit.wording import workspace_words
from flows.csm.conversation import MAX_MESSAGE
from flows.csm.deciding import Looked
from flows.csm.judging import MAX_REASON
from flows.csm.marks import ReplayMark, SeenRequests, replay_marks, requests_shown
from flows.csm.needs import recipient
from flows.csm.seen import StampNumber, account_shown, end_shown, owner_shown
from flows.csm.steps import MAX_ACCOUNT, Confirmable, confirmable, oldest_unconfirmed, rejectable
from flows.errors import Field, NotFound
from flows.model import Integration, Situation
from flows.reminders.steps import SNOOZE_DAYS
from flows.replay.reports import MAX_TICKET
from flows.secret_shapes import looks_secret
from flows.setup.blockers import first_blocker

UNTIL_DAY = "day"  # the choice to snooze until a date


def message_view(
    looked: Looked,
    customer_value: str,
    names: Mapping[str, str],
    number: int | None = None,
    reader: str | None = None,
) -> View:
    """Asks what to write to the person who opened matter `number`, or else to the contact.

    `reader` gets it, if not that person: empty if nobody would, and then it asks nothing. What
    answers no matter begins with a text that fits what the customer has to do. Raises `NotFound`.
    """
    integration = looked.situation.integration
    user_id = recipient(integration, number)
    gone = person(user_id, names)
    if reader == "":
        nobody = [whose(looked), section(strings.MESSAGE_NOBODY.format(gone=gone))]
        return modal(strings.MESSAGE_TITLE, Callback.DONE, nobody)
    told = strings.MESSAGE.format(contact=gone)
    if reader:
        told = strings.MESSAGE_INSTEAD.format(gone=gone, contact=person(reader, names))
    about = [] if number is None else about_blocks(integration, number, names)
    draft = suggested(looked.situation) if number is None else ""
    return _modal(
        strings.MESSAGE_TITLE,
        Callback.CSM_MESSAGE,
        [
            *about,
            section(told, block_id=f"{ASKS_FOR}:{user_id}"),
            text_field(strings.MESSAGE_LABEL, strings.MESSAGE_HINT, number, draft),
        ],
        strings.MESSAGE_SUBMIT,
        looked,
        customer_value,
        end_shown(integration, number),
    )


def suggested(situation: Situation) -> str:
    """What a CSM could write about what is outstanding, in plain text. Empty if nothing is."""
    blocked = first_blocker(situation)
    if blocked is None:
        return ""
    label = (blocked.source.label if blocked.source else "") or SOURCE_UNNAMED
    shown = WITHHELD if looks_secret(label) else clip(tidy(label), NAME_LIMIT)
    return SUGGESTED[blocked.blocker].format(source=shown)


def text_field(label: str, hint: str, number: int | None = None, draft: str = "") -> InputBlock:
    """The input for a message to the other side. Its `block_id` holds the matter it answers."""
    block_id = input_block(Field.TEXT, "" if number is None else str(number))
    element = PlainTextInputElement(
        action_id=input_action(Field.TEXT),
        multiline=True,
        initial_value=draft or None,
        max_length=MAX_MESSAGE,
    )
    return field(label, element, block_id, hint=hint)


def confirm_view(looked: Looked, customer_value: str) -> View:
    """Asks whether what only a CSM can say is true. It must wait for that."""
    integration, what = looked.situation.integration, confirmable(looked.situation)
    if what is None:
        raise NotFound("nothing to confirm")
    credentials, past = integration.credentials, oldest_unconfirmed(integration)
    of_history = what is Confirmable.HISTORY and past
    seen = past.number if past and of_history else integration.revision
    text = strings.CONFIRM[what].format(
        workspace=workspace_words(credentials.workspace) if credentials else "",
        customer=name(looked.name),
        number=seen,
    )
    question = section(text, block_id=f"{ASKS_FOR}:{what}:{seen}")
    title, submit = strings.CONFIRM_TITLE[what], strings.CONFIRM_SUBMIT[what]
    return _modal(title, Callback.CSM_CONFIRM, [question], submit, looked, customer_value)


def confirms(form_asked: str) -> tuple[Confirmable, int]:
    """What a submitted question was about: the request's number, else the revision that was seen.

    Raises `NotFound`.
    """
    what, _, number = form_asked.partition(":")
    if what not in list(Confirmable) or not number.isdecimal():
        raise NotFound("question")
    return Confirmable(what), int(number)


def saved_view(looked: Looked) -> View:
    """After a window that lay on the board."""
    said = strings.SAVED.format(refresh=board_strings.REFRESH)
    blocks = [whose(looked), section(said)]
    return modal(strings.SAVED_TITLE, Callback.DONE, blocks)


def assign_view(looked: Looked, customer_value: str) -> View:
    """Asks who will look after the customer. The input's `block_id` holds who does so far."""
    block_id = input_block(Field.COLLEAGUE, str(owner_shown(looked.situation.integration)))
    people = UserSelectElement(
        action_id=input_action(Field.COLLEAGUE), placeholder=plain(strings.ASSIGN_PLACEHOLDER)
    )
    return _modal(
        strings.ASSIGN_TITLE,
        Callback.CSM_ASSIGN,
        [
            section(strings.ASSIGN),
            field(strings.ASSIGN_LABEL, people, block_id),
        ],
        strings.ASSIGN_SUBMIT,
        looked,
        customer_value,
    )


def account_view(looked: Looked, customer_value: str) -> View:
    """Asks for the Toplyne account and shows the known one."""
    account = PlainTextInputElement(
        action_id=input_action(Field.ACCOUNT),
        initial_value=looked.situation.integration.csm.account or None,
        max_length=MAX_ACCOUNT,
    )
    return _modal(
        strings.ACCOUNT_TITLE,
        Callback.CSM_ACCOUNT,
        [
            section(strings.ACCOUNT),
            field(
                strings.ACCOUNT_LABEL,
                account,
                input_block(Field.ACCOUNT, str(account_shown(looked.situation.integration))),
                hint=strings.ACCOUNT_HINT,
                optional=True,
            ),
        ],
        strings.ACCOUNT_SUBMIT,
        looked,
        customer_value,
    )


def csm_snooze_view(looked: Looked, customer_value: str) -> View:
    """Asks for how many days, or until which day, to send the customer no reminders."""
    choices = [option(reminder_strings.SNOOZES[days], str(days)) for days in SNOOZE_DAYS]
    until_day = option(strings.SNOOZE_DATE, UNTIL_DAY)
    radio = RadioButtonsElement(
        action_id=input_action(Field.MARK),
        options=[*choices, until_day],
        initial_option=choices[0],
    )
    next_week = looked.situation.today + timedelta(days=7)
    day = DatePickerElement(action_id=input_action(Field.UNTIL), initial_date=next_week.isoformat())
    return _modal(
        strings.SNOOZE_TITLE,
        Callback.CSM_SNOOZE,
        [
            section(strings.SNOOZE),
            field(strings.SNOOZE_LABEL, radio, input_block(Field.MARK)),
            field(
                strings.SNOOZE_DAY_LABEL,
                day,
                input_block(Field.UNTIL),
                hint=strings.SNOOZE_DAY_HINT,
                optional=True,
            ),
        ],
        strings.SNOOZE_SUBMIT,
        looked,
        customer_value,
    )


def replay_mark_view(looked: Looked, customer_value: str) -> View:
    """Asks what Segment says about the Replay. At least one mark must be open."""
    integration = looked.situation.integration
    marks = replay_marks(integration)
    radio = RadioButtonsElement(
        action_id=input_action(Field.MARK),
        options=[option(strings.REPLAY_MARK[mark], mark) for mark in marks],
    )
    scheduled = _scheduled_fields(integration) if ReplayMark.SCHEDULED in marks else []
    return _modal(
        strings.REPLAY_TITLE,
        Callback.CSM_REPLAY,
        [
            section(strings.REPLAY),
            field(strings.REPLAY_LABEL, radio, _about_requests(integration)),
            *scheduled,
        ],
        strings.REPLAY_SUBMIT,
        looked,
        customer_value,
    )


def _about_requests(integration: Integration) -> str:
    """The `block_id` of the marks. It holds numbers of what they are about."""
    shown = requests_shown(integration)
    numbers = (shown.newest, shown.earlier, shown.sent, shown.answer, shown.confirmed)
    return input_block(Field.MARK, ":".join("" if each is None else str(each) for each in numbers))


def requests_in(form_block: str | None) -> SeenRequests:
    """Reads those numbers back. Windows of earlier versions hold fewer, or none."""
    _, _, numbers = (form_block or "").partition(":")
    newest, earlier, sent, answer, confirmed, *_ = *numbers.split(":"), "", "", "", "", ""
    return SeenRequests(
        newest=in_unit(newest, int),
        earlier=in_unit(earlier, int),
        sent=in_unit(sent, StampNumber),
        answer=in_unit(answer, StampNumber),
        confirmed=in_unit(confirmed, int),
    )


def _scheduled_fields(integration: Integration) -> list[Block]:
    said = integration.replay_scheduled
    day = DatePickerElement(
        action_id=input_action(Field.SCHEDULED_ON),
        initial_date=said.on.isoformat() if said and said.on else None,
    )
    ticket = PlainTextInputElement(
        action_id=input_action(Field.TICKET),
        initial_value=(said.ticket if said else "") or None,
        max_length=MAX_TICKET,
    )
    return [
        field(
            strings.REPLAY_DAY_LABEL,
            day,
            input_block(Field.SCHEDULED_ON),
            hint=strings.REPLAY_DAY_HINT,
            optional=True,
        ),
        field(
            strings.REPLAY_TICKET_LABEL,
            ticket,
            input_block(Field.TICKET),
            hint=strings.REPLAY_TICKET_HINT,
            optional=True,
        ),
    ]


def reject_view(looked: Looked, customer_value: str) -> View:
    """Asks what to reject and why."""
    reason = PlainTextInputElement(
        action_id=input_action(Field.REASON), multiline=True, max_length=MAX_REASON
    )
    return _modal(
        dialogs.REJECT_TITLE,
        Callback.REJECT,
        [
            section(dialogs.REJECT),
            _what_field(looked.situation.integration),
            field(
                dialogs.REJECT_LABEL, reason, input_block(Field.REASON), hint=dialogs.REJECT_HINT
            ),
        ],
        dialogs.REJECT_SUBMIT,
        looked,
        customer_value,
    )


def _what_field(integration: Integration) -> InputBlock:
    """The choice of what to reject. Its `block_id` holds the revision that the CSM saw."""
    options = [option(strings.REJECT_WHAT[what], what) for what in rejectable(integration)]
    radio = RadioButtonsElement(
        action_id=input_action(Field.WHAT), options=options, initial_option=options[-1]
    )
    block_id = input_block(Field.WHAT, str(integration.revision))
    return field(strings.REJECT_WHAT_LABEL, radio, block_id)


def _modal(
    title: str,
    callback: Callback,
    blocks: Sequence[Block],
    submit: str,
    looked: Looked,
    customer_value: str,
    shows: int | None = None,
) -> View:
    block_id = None if shows is None else f"{SHOWS}:{shows}"
    return modal(
        title,
        callback,
        [whose(looked, block_id), *blocks],
        submit=submit,
        close=dialogs.CANCEL,
        metadata=customer_value,
    )
