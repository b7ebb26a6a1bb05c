"""The set-up modal, from the plan to live sync."""

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.answers import redraw, update_view
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, pressed_in, previewed, ref_of, says_toplyne_gets_it, value_of
from bot.views.people.messages import render
from bot.views.setup.sources import source_options, sources_view
from flows.checks.question import SourceAnswers
from flows.errors import Field
from flows.model import Screen
from flows.outbox.bodies import Confirmed
from flows.setup.results import AskDay
from flows.vocabulary import Actor, Plan


def register(app: Table, deps: Parts) -> None:
    handlers = SetupModal(deps)
    app.action(Action.PICK_PLAN)(handlers.handle_pick_plan)
    app.view(Callback.CREDENTIALS)(handlers.handle_credentials)
    app.action(Action.NO_TOKEN)(handlers.handle_no_token)
    app.action(Action.USE_OTHER)(handlers.handle_use_other)
    app.action(Action.NOT_LISTED)(handlers.handle_not_listed)
    app.action(Action.OPEN_PAGE)(handlers.handle_open_page)
    app.options(Action.SEARCH_SOURCES)(handlers.handle_search_sources)
    app.view(Callback.SOURCES)(handlers.handle_sources)
    app.view(Callback.ON_PAGE)(handlers.handle_on_page)
    app.view(Callback.LIVE_SYNC)(handlers.handle_live_sync)
    app.view(Callback.LIVE_CHECK)(handlers.handle_live_check)
    app.view(Callback.LIVE_CONNECTED)(handlers.handle_live_connected)
    app.view(Callback.REPLAY_NEEDS)(handlers.handle_needs)
    app.action(Action.SAY_CONNECTED)(handlers.handle_say_connected)
    app.action(Action.CHECK_AGAIN)(handlers.handle_check_again)
    app.action(Action.GO_TO)(handlers.handle_go_to)
    app.view_closed(Callback.PROGRESS)(handlers.handle_nothing)


class SetupModal:
    def __init__(self, deps: Parts) -> None:
        self._setup = deps.setup
        self._entering = deps.entering
        self._answers = deps.answers

    async def handle_nothing(self, ack: AsyncAck) -> None:
        await ack()

    async def handle_pick_plan(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        view, plan = body["view"], Plan(value_of(body))
        result = await self._setup.choose_plan(actor, ref_of(view), plan)
        if isinstance(result, AskDay):
            await self._answers.push(client, respond, body, self._answers.view(result))
        else:
            await self._answers.update(client, view["id"], result)

    async def handle_credentials(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form, ref = Form(view), ref_of(view)
        token, told = form.text(Field.TOKEN), says_toplyne_gets_it(view)
        if form.block_of(Field.SLUG):
            slug = form.text(Field.SLUG)
            result = await self._setup.submit_free(actor, ref, slug, token, for_toplyne=told)
        else:
            result = await self._setup.submit_token(actor, ref, token, for_toplyne=told)
        await self._answers.submission(ack, view, result, Screen.CREDENTIALS)

    async def handle_no_token(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient
    ) -> None:
        """Handles "I cannot create a token" (Free). Goes on with the slug in the form."""
        await ack()
        view = body["view"]
        slug = Form(view).text(Field.SLUG)
        result = await self._setup.submit_free(actor, ref_of(view), slug, None)
        await self._answers.update(client, view["id"], result)

    async def handle_use_other(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """Confirms that a token of another workspace is meant: on the screen or in a message."""
        await ack()
        held = value_of(body)
        result = await self._entering.use_other(actor, pressed_in(body), held)
        await self._answers.here(client, respond, body, self._answers.view(result))

    async def handle_not_listed(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient
    ) -> None:
        """Shows the field for Source IDs as well. What was chosen stays."""
        await ack()
        view = body["view"]
        shown = await self._setup.still_at(actor, ref_of(view), Screen.SOURCES)
        if shown.notice:
            await self._answers.update(client, view["id"], shown)
            return
        await update_view(client, view["id"], sources_view(shown, unlisted=True))

    async def handle_open_page(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient
    ) -> None:
        """Shows the link of a page on which the secret is entered instead of here."""
        await ack()
        view, screen = body["view"], Screen(value_of(body))
        slug = Form(view).text(Field.SLUG)
        result = await self._entering.issue(actor, ref_of(view), screen, slug)
        await self._answers.update(client, view["id"], result)

    async def handle_on_page(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        """Shows the page's link where `CREDENTIALS_ENTRY` leaves no other place for the secret."""
        result = await self._entering.issue(actor, ref_of(view), Screen(previewed(view)), "")
        await self._answers.submission(ack, view, result)

    async def handle_search_sources(self, ack: AsyncAck, body: Body, actor: Actor) -> None:
        situation = await self._setup.under_way(actor, Screen.SOURCES, ref_of(body["view"]))
        await ack(options=source_options(situation.observed, str(body.get("value") or "")))

    async def handle_sources(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form = Form(view)
        chosen = form.options(Field.SOURCES) or form.options(Field.SOURCES, Action.SEARCH_SOURCES)
        answers = SourceAnswers(chosen, form.text(Field.SOURCE_IDS))
        result = await self._setup.choose_sources(actor, ref_of(view), answers)
        await self._answers.submission(ack, view, result, Screen.SOURCES)

    async def handle_live_sync(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        result = await self._setup.go_on(actor, ref_of(view))
        await self._answers.submission(ack, view, result, Screen.LIVE_SYNC)

    async def handle_live_check(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        result = await self._setup.check_live(actor, ref_of(view))
        await self._answers.submission(ack, view, result)

    async def handle_live_connected(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        result = await self._setup.say_connected(actor, ref_of(view))
        await self._answers.submission(ack, view, result)

    async def handle_needs(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        """Leads from the Replay to what it still needs."""
        result = await self._setup.show(actor, ref_of(view), Screen(previewed(view)))
        await self._answers.submission(ack, view, result)
        await self._setup.seen(actor, result)

    async def handle_say_connected(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """In the message that the workspace is confirmed, which is drawn anew."""
        await ack()
        confirmed = Confirmed(value_of(body))
        result = await self._setup.say_connected(actor, pressed_in(body), confirmed.workspace)
        await redraw(client, respond, body, render(confirmed, result.situation))

    async def handle_check_again(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient
    ) -> None:
        await ack()
        result = await self._setup.check_live(actor, ref_of(body["view"]))
        await self._answers.update_late(client, body["view"], result)

    async def handle_go_to(
        self, ack: AsyncAck, body: Body, actor: Actor, client: AsyncWebClient
    ) -> None:
        await ack()
        screen = Screen(value_of(body))
        result = await self._setup.show(actor, ref_of(body["view"]), screen)
        await self._answers.update(client, body["view"]["id"], result)
        await self._setup.seen(actor, result)
