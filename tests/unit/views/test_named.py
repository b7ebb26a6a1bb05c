"""Each refusal and each message names the workspace or the source that it is about, or why not.

A code or a kind of message that is new needs its line.
"""

from dataclasses import replace
from string import Formatter
from typing import get_args

import pytest

from bot.strings.errors import BY_FIELD, ERRORS
from bot.views.people.messages import render
from flows.errors import ErrorCode, Field
from flows.model import Situation
from flows.outbox import bodies
from tests.unit.views.message_cases import MESSAGES, stages
from tests.unit.views.message_checks import check_message

# What a refusal names. All else is about a value that belongs to no workspace yet, or to a form.
NAMES: dict[ErrorCode, set[str]] = {
    ErrorCode.TOKEN_SWITCHES: {"found", "expected"},
    ErrorCode.TOKEN_OTHER_WORKSPACE: {"found", "expected"},
    ErrorCode.SLUG_OTHER_WORKSPACE: {"found", "expected"},
    ErrorCode.WRITE_KEY_IS_SOURCE_ID: {"source"},
    ErrorCode.WRITE_KEY_OF_READ_SOURCE: {"source"},
    ErrorCode.WRITE_KEY_OTHER_WORKSPACE: {"workspace"},
    ErrorCode.SOURCE_IS_WRITE_KEY: {"source"},
    ErrorCode.SOURCE_IS_SLUG: {"source", "id"},
    ErrorCode.SOURCE_IS_DESTINATION: {"destination"},
    ErrorCode.SOURCE_UNKNOWN: {"id", "workspace"},
    ErrorCode.SOURCE_DISABLED: {"source"},
    ErrorCode.SOURCE_WRITTEN_TO: {"source"},
}
OF_WORKSPACES = ("TOKEN_", "SLUG_", "SOURCE_", "WRITE_KEY_")
# The value was refused before it was of any workspace, or the screen around it names that.
SAYS_NO_NAME: dict[ErrorCode, str] = {
    ErrorCode.TOKEN_REFUSED: "Segment does not say of which workspace it was",
    ErrorCode.TOKEN_LACKS_CALL: "the call and the role; the screen names the workspace",
    ErrorCode.TOKEN_IS_CONFIG_API: "opens none here",
    ErrorCode.TOKEN_IS_WRITE_KEY: "opens none",
    ErrorCode.TOKEN_IS_OF_SLACK: "opens none of Segment's",
    ErrorCode.TOKEN_NOT_HELD: "it is gone",
    ErrorCode.TOKEN_OTHER_REGION: "the plan is wrong, whatever workspace it is",
    ErrorCode.TOKEN_GONE: "the screen names the workspace whose token was deleted",
    ErrorCode.WRITE_KEY_IS_TOKEN: "nothing of it was asked",
    ErrorCode.WRITE_KEY_UNKNOWN: "of none that Segment knows",
    ErrorCode.SLUG_IS_URL: "no slug was found",
    ErrorCode.SLUG_MALFORMED: "no slug",
    ErrorCode.SLUG_UNKNOWN: "stands beside the field with the slug",
    ErrorCode.SOURCE_IS_FOREIGN_WRITE_KEY: "the screen names the connected workspace",
    ErrorCode.SOURCE_MAY_BE_WRITE_KEY: "might be a secret, so it is not repeated",
    ErrorCode.SOURCE_IS_TOKEN: "a secret is not repeated",
}


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_refusal_of_a_workspaces_value_has_its_line() -> None:
    about = {code for code in ErrorCode if code.name.startswith(OF_WORKSPACES)}
    assert about == NAMES.keys() | SAYS_NO_NAME.keys()
    assert not NAMES.keys() & SAYS_NO_NAME.keys()


@pytest.mark.parametrize("code", NAMES)
def test_a_refusal_names_what_it_is_about(code: ErrorCode) -> None:
    templates = [ERRORS[code], *(BY_FIELD[f, code] for f in Field if (f, code) in BY_FIELD)]
    for template in templates:
        assert fields_of(template) >= NAMES[code]


ZORK = "Zork Ltd"
# These are about the customer, the app or the next step, and not about a workspace in Segment.
OF_NO_WORKSPACE = (
    bodies.Welcome,
    bodies.CsmMessage,
    bodies.HelpReceived,
    bodies.Farewell,  # nothing of it is stored any more; in place of another one it names both
    bodies.Reminder,  # about the step that is next; its button leads to a screen that names it
    bodies.TokenWarning,
    bodies.Hint,
    bodies.PassOn,
)


def _of_zork(situation: Situation) -> Situation:
    """With a workspace whose name is not that of a source."""
    integration = situation.integration
    assert integration.credentials
    workspace = replace(integration.credentials.workspace, name=ZORK)
    credentials = replace(integration.credentials, workspace=workspace)
    request = integration.replay and replace(integration.replay, workspace=workspace)
    return replace(
        situation, integration=replace(integration, credentials=credentials, replay=request)
    )


@pytest.mark.parametrize("stage", ["destination disabled", "replay sent", "finished with history"])
@pytest.mark.parametrize(
    "body",
    [each for each in MESSAGES if not isinstance(each, OF_NO_WORKSPACE)],
    ids=lambda of: str(of.kind),
)
def test_a_message_names_the_segment_workspace(body: bodies.Personal, stage: str) -> None:
    situation = _of_zork(dict(stages())[stage])
    if isinstance(body, bodies.ReplayInstructions) and situation.integration.replay is None:
        return  # that of a set-up of before
    blocks = check_message(render(body, situation))
    assert ZORK in str(blocks)


def test_every_kind_of_message_is_looked_at() -> None:
    assert {type(body) for body in MESSAGES} | {bodies.Farewell} >= set(get_args(bodies.Personal))
