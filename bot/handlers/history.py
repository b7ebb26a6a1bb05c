"""Historic sync: plan upgrade, the Replay request, its marks, and the receipt."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import reply, update_view
from bot.context import actor_of, ref_of
from bot.dependencies import Dependencies
from bot.forms import Form
from bot.ids import EVENTS_INPUT, Action, Callback
from bot.views.dialogs import forget_token_view, upgraded_view
from bot.views.messages import render
from bot.views.setup_history import replay_view
from flows.errors import Field
from flows.model import Actor, CallType, Screen
from flows.records import MessageKind
from flows.replay import WindowAnswers
from flows.results import ShowStep
from flows.steps import Mark
from flows.submitting import Ref

Body = Mapping[str, Any]
SOME = "some"  # value of the choice "only some events"
_MARKS = {
    Action.REPLAY_SENT: Mark.SENT,
    Action.REPLAY_RUNNING: Mark.RUNNING,
    Action.REPLAY_FINISHED: Mark.FINISHED,
}


def register(app: AsyncApp, deps: Dependencies) -> None:
    handlers = HistoryModal(deps)
    app.action(Action.UPGRADED)(handlers.handle_open_upgraded)
    app.view(Callback.UPGRADED)(handlers.handle_upgraded)
    app.action(Action.FINISH_LIVE_ONLY)(handlers.handle_finish_live_only)
    app.action(Action.REOPEN)(handlers.handle_reopen)
    app.action(Action.PICK_EVENTS)(handlers.handle_pick_events)
    app.view(Callback.REPLAY)(handlers.handle_replay)
    app.view(Callback.REPLAY_PREVIEW)(handlers.handle_preview)
    for action in _MARKS:
        app.action(action)(handlers.handle_mark)
    app.action(Action.KEEP_WATCHING)(handlers.handle_keep_watching)
    app.action(Action.FORGET_TOKEN)(handlers.handle_open_forget_token)
    app.view(Callback.FORGET_TOKEN)(handlers.handle_forget_token)


class HistoryModal:
    def __init__(self, deps: Dependencies) -> None:
        self._setup = deps.setup
        self._replaying = deps.replaying
        self._answers = deps.answers

    async def handle_open_upgraded(
        self, ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        situation = (await self._setup.show(actor_of(body), Screen.UPGRADE)).situation
        await self._answers.push(client, respond, body, upgraded_view(situation))

    async def handle_upgraded(
        self, ack: AsyncAck, body: Body, view: Body, client: AsyncWebClient
    ) -> None:
        day = Form(view).day(Field.UPGRADED_ON)
        result = await self._replaying.declare_upgrade(actor_of(body), ref_of(view), day)
        if result.errors:
            await self._answers.submission(ack, view, result, Screen.UPGRADE)
            return
        await self._answers.update(client, view["root_view_id"], result)
        await ack()

    async def handle_finish_live_only(
        self, ack: AsyncAck, body: Body, client: AsyncWebClient
    ) -> None:
        await ack()
        result = await self._replaying.finish_live_only(actor_of(body), ref_of(body["view"]))
        await self._answers.update(client, body["view"]["id"], result)

    async def handle_reopen(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        result = await self._replaying.reopen(actor_of(body), ref_of(body["view"]))
        await self._answers.update(client, body["view"]["id"], result)

    async def handle_pick_events(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        """Shows the filters for "only some"; dates that were typed stay."""
        await ack()
        actor, ref = actor_of(body), ref_of(body["view"])
        newer = await self._setup.still_at(actor, ref, Screen.REPLAY)
        if newer.notice:
            await self._answers.update(client, body["view"]["id"], newer)
            return
        some = body["actions"][0]["selected_option"]["value"] == SOME
        shown = await self._replaying.open_replay(actor, measure=False)
        await update_view(client, body["view"]["id"], replay_view(shown, picked_some=some))

    async def handle_replay(self, ack: AsyncAck, body: Body, view: Body) -> None:
        form = Form(view)
        names = form.text(Field.EVENT_NAMES).replace(",", "\n").splitlines()
        answers = WindowAnswers(
            start=form.midnight(Field.START),
            end=form.moment(Field.END),
            only_some=form.option(EVENTS_INPUT) == SOME,
            call_types=tuple(CallType(value) for value in form.options(Field.CALL_TYPES)),
            event_names=tuple(dict.fromkeys(name.strip() for name in names if name.strip())),
        )
        result = await self._replaying.preview_replay(actor_of(body), ref_of(view), answers)
        await self._answers.submission(ack, view, result, Screen.REPLAY)

    async def handle_preview(self, ack: AsyncAck, body: Body, view: Body) -> None:
        result = await self._replaying.request_replay(actor_of(body), ref_of(view))
        await self._answers.submission(ack, view, result, Screen.REPLAY_PREVIEW)

    async def handle_mark(
        self, ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """The three marks, pressed in the modal or under the message with the text to send."""
        await ack()
        actor = actor_of(body)
        mark = _MARKS[Action(body["actions"][0]["action_id"])]
        view = body.get("view")
        if view and view["type"] == "modal":
            result = await self._replaying.mark_replay(actor, ref_of(view), mark)
            await self._answers.update(client, view["id"], result)
            return
        result = await self._replaying.mark_replay(actor, await self._newest(actor), mark)
        await _redraw(respond, result)

    async def _newest(self, actor: Actor) -> Ref:
        integration = (await self._setup.show(actor, Screen.REPLAY_STATUS)).situation.integration
        return Ref(integration.id, integration.revision)

    async def handle_keep_watching(self, ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        result = await self._setup.keep_watching(actor_of(body), ref_of(body["view"]))
        await self._answers.update(client, body["view"]["id"], result)

    async def handle_open_forget_token(
        self, ack: AsyncAck, body: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        situation = (await self._setup.show(actor_of(body), Screen.RECEIPT)).situation
        await self._answers.push(client, respond, body, forget_token_view(situation))

    async def handle_forget_token(
        self, ack: AsyncAck, body: Body, view: Body, client: AsyncWebClient
    ) -> None:
        result = await self._setup.forget_token(actor_of(body), ref_of(view))
        await self._answers.update(client, view["root_view_id"], result)
        await ack()


async def _redraw(respond: AsyncRespond, result: ShowStep) -> None:
    """The message under which the button was pressed shows the new state."""
    request = result.situation.integration.replay
    if request:
        params = {"number": str(request.number)}
        rendered = render(MessageKind.REPLAY_REQUEST, params, result.situation)
        await reply(respond, rendered, replace=True)
