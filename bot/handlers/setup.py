"""The set-up modal, from the plan to live sync."""

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, previewed, ref_of, says_toplyne_gets_it
from bot.inbound.press import Press
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
        self._submitting = deps.submitting
        self._setup = deps.setup
        self._entering = deps.entering
        self._answers = deps.answers

    async def handle_nothing(self, ack: AsyncAck) -> None:
        await ack()

    async def handle_pick_plan(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        view, plan = press.view, Plan(press.value)
        result = await self._setup.choose_plan(actor, ref_of(view), plan)
        if isinstance(result, AskDay):
            await press.push(self._answers.view(result))
        else:
            await press.update(self._answers.view(result))

    async def handle_credentials(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        form, ref = Form(view), ref_of(view)
        token, told = form.text(Field.TOKEN), says_toplyne_gets_it(view)
        if form.block_of(Field.SLUG):
            slug = form.text(Field.SLUG)
            result = await self._setup.submit_free(actor, ref, slug, token, for_toplyne=told)
        else:
            result = await self._setup.submit_token(actor, ref, token, for_toplyne=told)
        await self._answers.submission(ack, view, result, Screen.CREDENTIALS)

    async def handle_no_token(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Handles "I cannot create a token" (Free). Goes on with the slug in the form."""
        await ack()
        view = press.view
        slug = Form(view).text(Field.SLUG)
        result = await self._setup.submit_free(actor, ref_of(view), slug, None)
        await press.update(self._answers.view(result))

    async def handle_use_other(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Confirms that a token of another workspace is meant: on the screen or in a message."""
        await ack()
        held = press.value
        result = await self._entering.use_other(actor, press.ref, held)
        await press.here(self._answers.view(result))

    async def handle_not_listed(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Shows the field for Source IDs as well. What was chosen stays."""
        await ack()
        view = press.view
        shown = await self._submitting.still_at(actor, ref_of(view), Screen.SOURCES)
        if shown.notice:
            await press.update(self._answers.view(shown))
            return
        await press.update(sources_view(shown, unlisted=True))

    async def handle_open_page(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """Shows the link of a page on which the secret is entered instead of here."""
        await ack()
        view, screen = press.view, Screen(press.value)
        slug = Form(view).text(Field.SLUG)
        result = await self._entering.issue(actor, ref_of(view), screen, slug)
        await press.update(self._answers.view(result))

    async def handle_on_page(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        """Shows the page's link where `CREDENTIALS_ENTRY` leaves no other place for the secret."""
        result = await self._entering.issue(actor, ref_of(view), Screen(previewed(view)), "")
        await self._answers.submission(ack, view, result)

    async def handle_search_sources(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        situation = await self._submitting.situation(actor, Screen.SOURCES, ref_of(press.view))
        await ack(options=source_options(situation.observed, str(press.body.get("value") or "")))

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

    async def handle_say_connected(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        """In the message that the workspace is confirmed, which is drawn anew."""
        await ack()
        confirmed = Confirmed(press.value)
        result = await self._setup.say_connected(actor, press.ref, confirmed.workspace)
        await press.redraw(render(confirmed, result.situation))

    async def handle_check_again(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        result = await self._setup.check_live(actor, ref_of(press.view))
        await press.update_late(self._answers.view(result))

    async def handle_go_to(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        screen = Screen(press.value)
        result = await self._setup.show(actor, ref_of(press.view), screen)
        await press.update(self._answers.view(result))
        await self._setup.seen(actor, result)
