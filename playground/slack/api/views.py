"""views.*: modals and Home."""

from playground.slack.api.call import Call, Method
from playground.slack.breaches import SlackError
from playground.slack.checked import checked_view
from playground.slack.core import Core
from playground.slack.model import Json, View
from playground.slack.tickets import Trigger


class ViewMethods:
    """Each method answers with the new view."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def methods(self) -> dict[str, Method]:
        return {
            "views.open": Method(self._open, ("trigger_id", "view")),
            "views.push": Method(self._push, ("trigger_id", "view")),
            "views.update": Method(self._update, ("view",), ("view_id", "external_id", "hash")),
            "views.publish": Method(self._publish, ("user_id", "view"), ("hash",)),
        }

    def _open(self, call: Call) -> Json:
        view = self._checked(call, "modal")
        trigger = self._redeemed(call)
        if trigger.view_id:
            # Slack answers ok, but some of its clients then show nothing:
            # https://github.com/slackapi/bolt-js/issues/1072
            self._core.breach("views.open", "opened_from_a_modal", "push or update instead")
        return self._answer(call, self._core.views.open(trigger, view, call.installation.id))

    def _push(self, call: Call) -> Json:
        view = self._checked(call, "modal")
        trigger = self._redeemed(call)
        return self._answer(call, self._core.views.push(trigger, view))

    def _update(self, call: Call) -> Json:
        view_id, external_id = call.text("view_id"), call.text("external_id")
        if bool(view_id) == bool(external_id):
            raise SlackError("invalid_arguments", "either view_id or external_id")
        payload = self._checked(call, "modal")
        view = self._core.views.find(call.installation.id, view_id, external_id)
        return self._answer(call, self._core.views.update(view, payload, call.text("hash")))

    def _publish(self, call: Call) -> Json:
        if not self._core.manifest.home_enabled:
            raise SlackError("not_enabled")
        payload = self._checked(call, "home")
        try:
            user = call.user("user_id")
        except SlackError as error:
            if error.error != "user_not_found":
                raise
            raise SlackError("invalid_arguments", "user_id is nobody of this workspace") from None
        view = self._core.views.publish(call.installation, user, payload, call.text("hash"))
        return self._answer(call, view)

    def _redeemed(self, call: Call) -> Trigger:
        return self._core.triggers.redeem(call.text("trigger_id"), call.installation.serves)

    def _checked(self, call: Call, surface: str) -> Json:
        return checked_view(self._core, call.args["view"], surface)

    def _answer(self, call: Call, view: View) -> Json:
        self._core.changed()
        return {"view": self._core.views.as_json(view, call.installation)}
