"""Finds out the kind of what Slack posts, and checks that it has the shape of that kind.

The shapes cover only what this app or Bolt relies on. Ids end up in database keys, so they may hold
only the characters that Slack uses.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from yarl import query_to_pairs


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._|-]{1,255}$")]
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[str, AfterValidator(_is_day)]
EpochSeconds = Annotated[int, Field(ge=0, lt=10**10)]
Object = Mapping[str, Any]
MOST_FIELDS = 200
MOST_DEEP = 40  # levels; a view of Slack's has about twelve


class Shape(BaseModel):
    """Made ready with the first request of its kind, not at each start."""

    model_config = ConfigDict(defer_build=True)


class Identified(Shape):
    id: Id


class TeamPayload(Identified):
    enterprise_id: Id | None = None


class PersonPayload(Identified):
    team_id: Id | None = None


class ChoicePayload(Shape):
    value: str


class Given(Shape):
    """The value of an element, typed or chosen."""

    value: str | None = None
    selected_option: ChoicePayload | None = None
    selected_options: list[ChoicePayload] | None = None
    selected_user: Id | None = None
    selected_users: list[Id] | None = None
    selected_date: Day | None = None
    selected_date_time: EpochSeconds | None = None


class ActionPayload(Given):
    action_id: str


class StatePayload(Shape):
    values: Mapping[str, Mapping[str, Given]]


class ViewPayload(Shape):
    id: Id
    type: Text
    callback_id: str
    private_metadata: str | None = None
    hash: str | None = None
    root_view_id: Id | None = None
    app_installed_team_id: Id | None = None
    team_id: Id | None = None
    blocks: list[Object] | None = None
    state: StatePayload | None = None


class ResponseUrl(Shape):
    response_url: Text


class Interaction(Shape):
    """What all interactions share. Those of org-wide installations may have no team."""

    user: PersonPayload
    team: TeamPayload | None = None
    enterprise: Identified | None = None
    channel: Identified | None = None
    message: Object | None = None
    trigger_id: Id | None = None
    response_url: Text | None = None
    response_urls: list[ResponseUrl] | None = None
    view: ViewPayload | None = None
    is_enterprise_install: bool | str | None = None

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> "Interaction":
        if self.team is None and self.enterprise is None:
            raise ValueError("neither team nor enterprise")
        return self


class BlockActions(Interaction):
    trigger_id: Id
    actions: Annotated[list[ActionPayload], Field(min_length=1)]


class Closed(Interaction):
    view: ViewPayload


class SubmittedView(ViewPayload):
    state: StatePayload


class Submission(Interaction):
    view: SubmittedView


class Suggestion(Interaction):
    action_id: str
    value: str | None = None


class ShortcutPayload(Interaction):
    callback_id: str
    trigger_id: Id


INTERACTIONS: Mapping[str, type[Interaction]] = {
    "block_actions": BlockActions,
    "view_submission": Submission,
    "view_closed": Closed,
    "block_suggestion": Suggestion,
    "shortcut": ShortcutPayload,
    "message_action": ShortcutPayload,
}


class CommandPayload(Shape):
    command: Text
    text: str | None = None
    team_id: Id
    user_id: Id
    channel_id: Id
    trigger_id: Id
    response_url: Text
    enterprise_id: Id | None = None
    is_enterprise_install: bool | str | None = None


class Authorization(Shape):
    team_id: Id | None = None
    enterprise_id: Id | None = None
    is_enterprise_install: bool | None = None


class Written(Shape):
    """What a person wrote may stand beside the text, too."""

    text: str | None = None
    files: list[Object] | None = None
    attachments: list[Object] | None = None


class EventDetails(Written):
    """The inner event. User and channel are ids, or objects in a few kinds of event."""

    type: Text
    user: Id | Identified | None = None
    channel: Id | Identified | None = None
    message: Written | None = None  # an edit has it inside
    previous_message: Written | None = None
    tab: str | None = None
    tokens: Object | None = None
    team_ids: list[Id] | None = None


class EventPayload(Shape):
    event_id: Id
    event_time: EpochSeconds | None = None
    event: EventDetails
    team_id: Id | None = None
    enterprise_id: Id | None = None
    authorizations: list[Authorization] | None = None

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> "EventPayload":
        if not self.team_id and not self.enterprise_id:
            raise ValueError("neither team_id nor enterprise_id")
        return self


class Malformed(Exception):
    """Slack would not send this. The message says what is wrong."""


Parsed = tuple[str, Object]  # the kind of a request, and what it says


def parse_body(body: bytes, content_type: str) -> Parsed:
    """Reads a signed request over HTTP. Raises `Malformed`."""
    read: Callable[[Any], Parsed] = _read_event
    try:
        text = body.decode()
        if content_type.startswith("application/json"):
            said = read_json(text)
        else:
            form = dict(query_to_pairs(text, max_fields=MOST_FIELDS))  # in C, a tenth of urllib's
            if "payload" not in form:
                return _read_command(form)
            read, said = _read_interaction, read_json(form["payload"])
    except (ValueError, RecursionError):
        raise Malformed("unreadable body") from None
    _require_shallow(said)
    return read(said)


def read_json(text: str) -> Any:
    """Half a pair of surrogates, which no database takes, becomes a question mark."""
    said = json.loads(text)
    if "\\ud" in text or "\\uD" in text:
        said = json.loads(json.dumps(said, ensure_ascii=False).encode(errors="replace"))
    return said


def parse_envelope(envelope: Object) -> Parsed:
    """Reads an envelope of Socket Mode. Raises `Malformed`."""
    _require_shallow(envelope)
    match envelope:
        case {"envelope_id": str(), "type": "events_api", "payload": dict(payload)}:
            return _read_event(payload)
        case {"envelope_id": str(), "type": "interactive", "payload": dict(payload)}:
            return _read_interaction(payload)
        case {"envelope_id": str(), "type": "slash_commands", "payload": dict(payload)}:
            return _read_command(payload)
    raise Malformed("unknown envelope")


def _require_shallow(said: object) -> None:
    level = [said]
    for _ in range(MOST_DEEP):  # a loop, because recursion could reach Python's limit
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
            elif isinstance(each, list):
                below += each
        level = below
    if level:
        raise Malformed("nested too deep")


def _read_command(form: Object) -> Parsed:
    """Leaves out the fields of other kinds: nobody has checked them, and a form has only texts."""
    if form.get("ssl_check") == "1":
        return "ssl_check", {"ssl_check": "1"}
    _validate(CommandPayload, form)
    return "command", {name: form[name] for name in CommandPayload.model_fields if name in form}


def _read_event(event: Any) -> Parsed:
    match event:
        case {"type": "url_verification" as kind, "challenge": str(challenge)}:
            return kind, {"type": kind, "challenge": challenge}
        case {"type": "event_callback"}:
            _validate(EventPayload, event)
            return "event", event
        case {"type": "app_rate_limited" as kind}:
            return "event", {"type": kind}
    raise Malformed("unknown event")


def _read_interaction(payload: Any) -> Parsed:
    match payload:
        case {"type": str(kind)} if kind in INTERACTIONS:
            _validate(INTERACTIONS[kind], payload)
            return kind, payload
    raise Malformed("unknown interaction")


def _validate(shape: type[Shape], value: object) -> None:
    try:
        shape.model_validate(value, strict=True)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])
        raise Malformed(f"malformed {where[:100]}") from None
