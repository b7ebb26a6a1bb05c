"""One error of each class that is refused, and what is said of it."""

from aiohttp import ClientError
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.errors import SlackApiError

from bot.inbound.authorize import Foreign
from bot.inbound.refusals import NoListener, Sentence, sentence
from flows.csm.members import NotCsm
from flows.csm.refused import OutOfReach
from flows.errors import (
    DirectoryUnavailable,
    ErrorCode,
    Field,
    FieldError,
    LeftWorkspace,
    MissingScope,
    NotFound,
    NotInstalled,
    NotTaken,
    OwnWorkspace,
    StorageUnavailable,
    TooMany,
)
from flows.setup.permissions import NotAllowed, NotMember, Wide
from flows.setup.results import NoSetUp
from tests.unit.setup.setup_cases import ready

FULL = FieldError(Field.NOTE, ErrorCode.QUESTIONS_FULL, {"limit": "50"})
ERRORS: tuple[Exception, ...] = (
    NoSetUp(None),
    NotAllowed(ready(), Wide.MANAGE),
    NotMember(),
    TooMany(3.0),
    NotTaken(FULL),
    NotCsm(),
    OwnWorkspace(),
    Foreign(),
    NotInstalled("T1"),
    LeftWorkspace("T1"),
    OutOfReach("T1"),
    NotFound("int_1"),
    StorageUnavailable(),
    DirectoryUnavailable(),
    MissingScope(),
    SlackApiError("", {"error": "internal_error"}),
    ClientError(),
    NoListener(),
    BoltUnhandledRequestError(request=None, current_response=None),  # type: ignore[arg-type]
    ValueError(),
)


def refused(reference: str) -> list[Sentence]:
    """Each sentence that somebody may read, with this reference."""
    return [
        sentence(error, reference, to_csm=to_csm) for error in ERRORS for to_csm in (False, True)
    ]
