"""The optional step after live sync: scores written back to Segment."""

from slack_bolt.async_app import AsyncAck

from bot.handlers.parts import Parts
from bot.ids import Action, Callback
from bot.inbound.dispatch import Body, Table
from bot.inbound.forms import Form, ref_of, says_toplyne_gets_it
from bot.inbound.press import Press
from flows.errors import Field
from flows.model import Screen
from flows.vocabulary import Actor


def register(app: Table, deps: Parts) -> None:
    handlers = WriteBackModal(deps)
    app.view(Callback.WRITE_BACK)(handlers.handle_submission)
    app.action(Action.SKIP_WRITE_BACK)(handlers.handle_skip)


class WriteBackModal:
    def __init__(self, deps: Parts) -> None:
        self._writing_back = deps.writing_back
        self._answers = deps.answers

    async def handle_submission(self, ack: AsyncAck, actor: Actor, view: Body) -> None:
        key, told = Form(view).text(Field.WRITE_KEY), says_toplyne_gets_it(view)
        ref = ref_of(view)
        result = await self._writing_back.submit(actor, ref, key, for_toplyne=told)
        await self._answers.submission(ack, view, result, Screen.WRITE_BACK)

    async def handle_skip(self, ack: AsyncAck, actor: Actor, press: Press) -> None:
        await ack()
        result = await self._writing_back.skip(actor, ref_of(press.view))
        await press.update(self._answers.view(result))
