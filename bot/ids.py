"""Every id that Slack sends back to us. Handlers match them exactly. A test compares both sides."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flows.errors import Field, NotFound
from flows.model import Integration


class Command(StrEnum):
    SEGMENT = "/segment"
    SEGMENT_CSM = "/segment-csm"


class Shortcut(StrEnum):
    CONNECT_SEGMENT = "connect_segment"


class Callback(StrEnum):
    """`callback_id` of each modal. It says what the main button does, which is in the foot."""

    PLAN = "setup_plan"
    CREDENTIALS = "setup_credentials"
    SOURCES = "setup_sources"
    LIVE_SYNC = "setup_live_sync"  # goes on
    LIVE_CHECK = "setup_live_check"
    LIVE_CONNECTED = "setup_live_connected"  # Free
    WRITE_BACK = "setup_write_back"
    ON_PAGE = "setup_on_page"  # leads to a page of our own, where alone the secret is entered
    ENTRY = "setup_entry"  # waits for what is entered on a page of our own
    UPGRADE = "setup_upgrade"
    REPLAY = "setup_replay"
    REPLAY_EVENTS = "setup_replay_events"
    REPLAY_PREVIEW = "setup_replay_preview"
    REPLAY_NEEDS = "setup_replay_needs"  # leads to what must be done before the request
    REPLAY_STATUS = "setup_replay_status"
    STATUS_SENT = "setup_status_sent"
    STATUS_SCHEDULED = "setup_status_scheduled"
    STATUS_RUNNING = "setup_status_running"
    STATUS_FINISHED = "setup_status_finished"
    REPLAY_SCHEDULED = "replay_scheduled"
    REPLAY_ASKED = "replay_asked"
    REPLAY_VERSION = "replay_version"
    RECEIPT = "setup_receipt"
    PROGRESS = "setup_progress"
    DELEGATE = "delegate"
    PEOPLE = "people"
    UPGRADED = "upgraded"
    HELP = "ask_for_help"
    DISCONNECT = "disconnect"
    FORGET_TOKEN = "forget_token"  # noqa: S105
    DONE = "done"
    REJECT = "csm_reject"
    SNOOZE = "snooze_until"
    BOARD = "csm_board"
    CSM_MESSAGE = "csm_message"
    CSM_ASSIGN = "csm_assign"
    CSM_ACCOUNT = "csm_account"
    CSM_ANSWERED = "csm_answered"
    CSM_CONFIRM = "csm_confirm_question"
    CSM_SNOOZE = "csm_snooze"
    CSM_REPLAY = "csm_replay"
    REPLY = "reply"


class Action(StrEnum):
    """`action_id` of each button, and of the inputs that report a change at once."""

    NOT_LISTED = "source_not_listed"  # asks for Source IDs, too
    PICK_PLAN = "pick_plan"  # value: the plan
    START = "start_setup"  # begins or resumes a set-up; value: `Beginning`
    OPEN_SETUP = "open_setup"  # in a message, Home or the status: resumes in a modal
    OPEN_SCREEN = "open_screen"  # the same, at the screen in its value
    GO_TO = "go_to"  # inside a modal: Back, Replace the token, Change sources; value: the screen
    DELEGATE = "open_delegate"  # value: the screen
    NOT_ME = "not_me"  # in a message to a colleague who was asked; value: the screen
    ASK_HELP = "open_help"  # value: the screen
    ASK_MANAGERS = "ask_managers"  # value: the screen, or that it belongs to none
    WHO_DID = "who_did"  # opens the audit trail of credentials
    PEOPLE = "open_people"  # value: somebody to be added, if anybody
    SAY_CONNECTED = "say_connected"  # Free
    CHECK_AGAIN = "check_again"
    CHECK_NOW = "check_now"  # the same, in a message: opens live sync
    REMINDER_SNOOZE = "reminder_snooze"  # value: a choice and the blocker
    REMINDER_STOP = "reminder_stop"  # the same value
    REMINDERS_CHANGE = "reminders_change"  # on Home; the same value
    REMINDERS_RESUME = "reminders_resume"
    OPEN_PAGE = "open_page"  # where a secret is entered outside Slack; value: the screen
    NO_TOKEN = "no_token"  # noqa: S105 - Free: "I cannot create a token"
    USE_OTHER = "use_other"  # value: the token of another workspace that is held
    SKIP_WRITE_BACK = "skip_write_back"
    FINISH_LIVE_ONLY = "finish_live_only"
    REOPEN = "reopen"
    REPLAY_REVISE = "replay_revise"  # opens the form even after a request was made
    REPLAY_SENT = "replay_sent"
    REPLAY_UNSEND = "replay_unsend"  # takes back that it was sent
    REPLAY_SCHEDULED = "open_replay_scheduled"
    REPLAY_ASKED = "open_replay_asked"
    REPLAY_RUNNING = "replay_running"
    REPLAY_NOT_RUNNING = "replay_not_running"  # takes that back
    REPLAY_FINISHED = "replay_finished"
    REPLAY_NOT_FINISHED = "replay_not_finished"  # takes that back
    REPLAY_FINISH_ANYWAY = "replay_finish_anyway"
    REPLAY_VERSION = "replay_version"  # value: its number
    FORGET_TOKEN = "open_forget_token"  # noqa: S105
    DISCONNECT = "open_disconnect"
    OPEN_LINK = "open_link"  # a link button, too, must be acknowledged
    CSM_CONFIRM = "csm_confirm"  # value: tenant, integration and the answer that it shows
    CSM_HISTORY = "csm_history"  # value: tenant, integration and number of the request
    CSM_REJECT = "csm_open_reject"
    CSM_ARRIVING = "csm_arriving"  # the same
    OPEN_BOARD = "open_board"
    BOARD_CLAIM = "board_claim"  # value: tenant and integration
    BOARD_PREVIOUS = "board_previous"  # value: which page (`flows.csm.paging`)
    BOARD_NEXT = "board_next"
    BOARD_REFRESH = "board_refresh"
    BOARD_SHOW_ALL = "board_show_all"
    CSM_REQUEST = "csm_request"  # value: tenant, integration and number of the request
    CSM_CLAIM = "csm_claim"
    CSM_UNCLAIM = "csm_unclaim"  # value: tenant, integration and the owner whom it shows
    CSM_ASSIGN = "csm_open_hand_over"  # old cards in Slack carry this id
    CSM_MESSAGE = "csm_open_message"  # value: as below; the number only where it answers a matter
    CSM_ANSWERED = "csm_answered_here"  # value: tenant, integration and number of the matter
    CSM_ANSWER = "csm_answer"  # on a line of board or digest; value: tenant and integration
    CSM_OPEN_CONFIRM = "csm_open_confirm"  # the same; what it is about shows when it opens
    CSM_MORE = "csm_more"  # value: a choice, tenant and integration
    REPLY = "open_reply"  # the customer's button in a CSM's message
    PASS_ON = "pass_on"  # noqa: S105 - what they typed to the app; value: the text
    # inputs that report a change while the modal stays open
    BOARD_STAGE = "board_stage"
    BOARD_WAITING = "board_waiting"
    BOARD_OWNER = "board_owner"
    BOARD_AGE = "board_age"
    BOARD_SEARCH = "board_search"
    SEARCH_SOURCES = "search_sources"  # external select


# These open or show something and store nothing, so a second one does no harm. All other presses
# have one effect for each signed request.
LOOKING = frozenset(
    {
        Action.OPEN_SETUP, Action.OPEN_SCREEN, Action.GO_TO, Action.DELEGATE, Action.ASK_HELP,
        Action.PEOPLE, Action.REPLAY_REVISE, Action.REPLAY_SCHEDULED, Action.REPLAY_ASKED,
        Action.REPLAY_VERSION, Action.FORGET_TOKEN, Action.DISCONNECT,
        Action.OPEN_LINK, Action.CSM_REJECT, Action.OPEN_BOARD, Action.BOARD_PREVIOUS,
        Action.BOARD_NEXT, Action.BOARD_REFRESH, Action.BOARD_SHOW_ALL, Action.CSM_REQUEST,
        Action.CSM_ASSIGN, Action.CSM_MESSAGE, Action.CSM_MORE,
        Action.CSM_ANSWER, Action.CSM_OPEN_CONFIRM, Action.REPLY, Action.BOARD_STAGE,
        Action.BOARD_WAITING, Action.BOARD_OWNER, Action.BOARD_AGE, Action.BOARD_SEARCH,
        Action.SEARCH_SOURCES, Action.WHO_DID, Action.NOT_LISTED,
    }
)  # fmt: skip


# Buttons and windows for CSMs alone.
OF_CSMS: frozenset[str] = frozenset(
    {
        Action.CSM_CONFIRM, Action.CSM_HISTORY, Action.CSM_REJECT, Action.CSM_ARRIVING,
        Action.OPEN_BOARD, Action.BOARD_CLAIM, Action.BOARD_PREVIOUS, Action.BOARD_NEXT,
        Action.BOARD_REFRESH, Action.BOARD_SHOW_ALL, Action.CSM_REQUEST, Action.CSM_CLAIM,
        Action.CSM_UNCLAIM, Action.CSM_ASSIGN, Action.CSM_MESSAGE, Action.CSM_ANSWERED,
        Action.CSM_ANSWER, Action.CSM_OPEN_CONFIRM, Action.CSM_MORE, Action.BOARD_STAGE,
        Action.BOARD_WAITING, Action.BOARD_OWNER, Action.BOARD_AGE, Action.BOARD_SEARCH,
        Callback.REJECT, Callback.BOARD, Callback.CSM_MESSAGE, Callback.CSM_ASSIGN,
        Callback.CSM_ACCOUNT, Callback.CSM_ANSWERED, Callback.CSM_CONFIRM, Callback.CSM_SNOOZE,
        Callback.CSM_REPLAY,
    }
)  # fmt: skip


class Beginning(StrEnum):
    """Why a button that begins a set-up was drawn. Only `AGAIN` restarts a disconnected one."""

    FIRST = "first"
    AGAIN = "again"  # drawn after a disconnect


def input_action(field: Field) -> str:
    """The `action_id` of a field's input."""
    return f"input_{field}"


def input_block(field: Field, nonce: str = "") -> str:
    """The `block_id` around a field's input. A new `nonce` makes Slack forget what was typed."""
    return f"field_{field}:{nonce}" if nonce else f"field_{field}"


ASKS_FOR = "asks_for"  # the block of a question or preview that names what it is about
PLACE = "slack_workspace"  # the block of a message that says which Slack workspace it is about
SHOWS = "shows"  # the block with the number of what somebody may change meanwhile
TOLD_TOPLYNE = "told_toplyne"  # the block that says that Toplyne receives the secret


# --- which set-up a window, button or menu is about -----------------------------------------------


def set_up_name(integration: Integration) -> str:
    """Names this set-up and none that began before or after it in the same Slack workspace."""
    return f"{integration.id}@{integration.generation}"


def parse_set_up_name(text: str) -> tuple[str, int]:
    """Returns integration and generation. What earlier versions drew names none, which is 0."""
    integration_id, _, generation = text.partition("@")
    return integration_id, int(generation) if generation.isdecimal() else 0


# --- the numbers that buttons and windows carry ---------------------------------------------------

N = TypeVar("N", bound=int)
# What a number counts. It is named where the number is read, so that none gets to another decision.
Unit = Callable[[int], N]


def in_unit(text: str, unit: Unit[N]) -> N | None:
    """None if there is no number."""
    return unit(int(text)) if text.isdecimal() else None


# --- which customer a CSM's button is about: tenant and set-up in one value ---------------------


class More(StrEnum):
    """The choices in a card's menu."""

    ACCOUNT = "account"
    SNOOZE = "snooze"
    REPLAY = "replay"
    REJECT = "reject"
    ANSWERED = "answered"


def customer_value(tenant_id: str, set_up: str) -> str:
    """`set_up` comes from `set_up_name`, or is the integration alone where any will do."""
    return f"{tenant_id}|{set_up}"


def numbered_value(customer: str, number: int) -> str:
    """Names a request or matter of a customer, or what a button shows of them.

    `customer` comes from `customer_value`.
    """
    return f"{customer}|{number}"


def parse_numbered_value(value: str) -> tuple[str, str, int]:
    """Returns tenant, set-up and number. Raises `NotFound` for any other value."""
    customer, _, number = value.rpartition("|")
    if not number.isascii() or not number.isdigit():
        raise NotFound("number")
    return (*parse_customer_value(customer), int(number))


def parse_about_value(value: str) -> tuple[str, str, int | None]:
    """Like `parse_numbered_value`, but the number may be missing. Raises `NotFound`."""
    if value.count("|") > 1:
        return parse_numbered_value(value)
    return (*parse_customer_value(value), None)


def parse_customer_value(value: str) -> tuple[str, str]:
    """Returns tenant and set-up. Raises `NotFound` for any other value."""
    tenant_id, separator, set_up = value.partition("|")
    if not separator or not tenant_id or not set_up:
        raise NotFound("customer")
    return tenant_id, set_up


def more_value(more: More, customer: str) -> str:
    return f"{more}|{customer}"


def parse_more_value(value: str) -> tuple[More, str]:
    """Returns the choice and the customer's value. Raises `NotFound` for any other value."""
    more, _, customer = value.partition("|")
    try:
        return More(more), customer
    except ValueError:
        raise NotFound("choice") from None
