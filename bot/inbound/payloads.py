"""The shapes of what Slack posts, as far as anything here or in Bolt relies on them.

Ids end up in keys of the database, so they are held to the characters that Slack uses.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, model_validator


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._|-]{1,255}$")]
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[str, AfterValidator(_is_day)]
Moment = Annotated[int, Field(ge=0, lt=10**10)]
Object = Mapping[str, Any]


class Identified(BaseModel):
    id: Id


class Person(Identified):
    team_id: Id | None = None


class Choice(BaseModel):
    value: str


class Given(BaseModel):
    """What stands in an element: typed, or chosen."""

    value: str | None = None
    selected_option: Choice | None = None
    selected_options: list[Choice] | None = None
    selected_user: Id | None = None
    selected_date: Day | None = None
    selected_date_time: Moment | None = None


class Action(Given):
    action_id: str


class State(BaseModel):
    values: Mapping[str, Mapping[str, Given]]


class View(BaseModel):
    id: Id
    type: Text
    callback_id: str
    private_metadata: str | None = None
    hash: str | None = None
    root_view_id: Id | None = None
    app_installed_team_id: Id | None = None
    team_id: Id | None = None
    blocks: list[Object] | None = None
    state: State | None = None


class ResponseUrl(BaseModel):
    response_url: Text


class Interaction(BaseModel):
    """What all of them share; org-wide installations have no team in them."""

    user: Person
    team: Identified | None = None
    enterprise: Identified | None = None
    channel: Identified | None = None
    message: Object | None = None
    trigger_id: Id | None = None
    response_url: Text | None = None
    response_urls: list[ResponseUrl] | None = None
    is_enterprise_install: bool | str | None = None

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> "Interaction":
        if self.team is None and self.enterprise is None:
            raise ValueError("neither team nor enterprise")
        return self


class BlockActions(Interaction):
    trigger_id: Id
    actions: Annotated[list[Action], Field(min_length=1)]
    view: View | None = None


class Closed(Interaction):
    view: View


class SubmittedView(View):
    state: State


class Submission(Interaction):
    view: SubmittedView


class Suggestion(Interaction):
    action_id: str
    value: str | None = None
    view: View | None = None


class Shortcut(Interaction):
    callback_id: str
    trigger_id: Id


INTERACTIONS: Mapping[str, type[Interaction]] = {
    "block_actions": BlockActions,
    "view_submission": Submission,
    "view_closed": Closed,
    "block_suggestion": Suggestion,
    "shortcut": Shortcut,
    "message_action": Shortcut,
}


class Command(BaseModel):
    command: Text
    team_id: Id
    user_id: Id
    channel_id: Id
    trigger_id: Id
    response_url: Text
    enterprise_id: Id | None = None


class Authorization(BaseModel):
    team_id: Id | None = None
    enterprise_id: Id | None = None
    is_enterprise_install: bool | None = None


class Happened(BaseModel):
    """The inner event; who and where are ids, or whole objects in a few kinds."""

    type: Text
    user: Id | Identified | None = None
    channel: Id | Identified | None = None
    text: str | None = None
    tab: str | None = None
    tokens: Object | None = None


class Event(BaseModel):
    event_id: Id
    event_time: Moment | None = None
    event: Happened
    team_id: Id | None = None
    enterprise_id: Id | None = None
    authorizations: list[Authorization] | None = None

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> "Event":
        if not self.team_id and not self.enterprise_id:
            raise ValueError("neither team_id nor enterprise_id")
        return self
