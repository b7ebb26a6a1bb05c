"""What the app's acknowledgements do. One that Slack would not understand is a breach."""

import json
from typing import Any

from playground.slack.app_link import Ack
from playground.slack.breaches import SlackError
from playground.slack.checked import checked_view
from playground.slack.core import Core
from playground.slack.elements import placed
from playground.slack.model import Json, User, View
from playground.slack.responses import Responses


class Acks:
    """Applies an acknowledgement when it arrives."""

    def __init__(self, core: Core, responses: Responses) -> None:
        self._core = core
        self._responses = responses

    def empty(self, ack: Ack, user: User, where: str) -> bool:
        """For interactions that are only acknowledged. Returns whether that succeeded."""
        if self._failed(ack, user, where):
            return False
        if ack.body.strip() not in (b"", b"{}", b'""'):
            self._core.breach(where, "unexpected_body", _shown(ack))
        return True

    def command(self, ack: Ack, user: User, where: str, response_key: str) -> None:
        if self._failed(ack, user, where) or not ack.body.strip():
            return
        try:
            self._responses.reply(response_key, _reply_of(ack), where)
        except SlackError as error:
            self._core.refused(where, error)
            self._core.notify(user.id, "dispatch_failed")

    def options(self, ack: Ack, user: User, where: str) -> Json:
        """`options` or `option_groups`, unchecked. Empty after a failure."""
        if self._failed(ack, user, where):
            return {}
        try:
            return _json_object(ack)
        except SlackError as error:
            self._core.refused(where, error)
            return {}

    def submission(self, ack: Ack, user: User, where: str, view: View) -> bool:
        """Close the view, keep it with errors, replace it, push another or clear the stack."""
        view.busy = False
        if self._failed(ack, user, where):
            self._core.changed()
            return False
        try:
            self._submitted(ack, view)
        except SlackError as error:
            self._core.refused(where, error)
            self._core.notify(user.id, "modal_response_refused")
            return False
        finally:
            self._core.changed()
        return True

    def _submitted(self, ack: Ack, view: View) -> None:
        answer = _json_object(ack) if ack.body.strip() else {}
        action = answer.get("response_action")
        if view not in self._core.views.stack(view.user_id):
            return  # closed while the app was thinking
        if action is None and answer:
            raise SlackError("invalid_response", f"no response_action in {sorted(answer)}")
        if action == "errors":
            self._show_errors(view, answer.get("errors"))
        elif action == "update":
            self._core.views.update(view, self._view_of(answer))
        elif action == "push":
            self._core.views.push_on(view.user_id, self._view_of(answer))
        elif action == "clear":
            self._core.views.clear(view.user_id)
        elif action is None:
            self._core.views.close(view)
        else:
            raise SlackError("invalid_response", f"unknown response_action {action!r}")

    def _show_errors(self, view: View, errors: Any) -> None:
        if not isinstance(errors, dict) or not errors:
            raise SlackError("invalid_response", "errors must be an object that is not empty")
        inputs = {p.block["block_id"] for p in placed(view.blocks) if p.block["type"] == "input"}
        unknown = sorted(set(errors) - inputs)
        if unknown:
            raise SlackError("invalid_response", f"errors for blocks that are no inputs: {unknown}")
        if not all(isinstance(text, str) and text for text in errors.values()):
            raise SlackError("invalid_response", "every error needs a text")
        view.errors = dict(errors)

    def _view_of(self, answer: Json) -> Json:
        return checked_view(self._core, answer.get("view"), "modal")

    def _failed(self, ack: Ack, user: User, where: str) -> bool:
        if ack.ok:
            return False
        self._core.breach(where, _error_of(ack), ack.problem or f"HTTP {ack.status}")
        self._core.notify(user.id, _error_of(ack))
        return True


def _error_of(ack: Ack) -> str:
    if ack.status == 0:
        return "operation_timeout" if "within" in ack.problem else "dispatch_failed"
    return "http_service_error" if ack.status >= 500 else "http_client_error"


def _reply_of(ack: Ack) -> Json:
    """A message as JSON, or only its text."""
    if ack.content_type.startswith("application/json"):
        return _json_object(ack)
    return {"text": ack.body.decode(errors="replace")}


def _json_object(ack: Ack) -> Json:
    try:
        answer = json.loads(ack.body)
    except ValueError:
        raise SlackError("invalid_response", f"not JSON: {_shown(ack)}") from None
    if not isinstance(answer, dict):
        raise SlackError("invalid_response", "must be a JSON object")
    return answer


def _shown(ack: Ack) -> str:
    return ack.body[:200].decode(errors="replace")
