"""CSM and customer write to each other through the app: each stays in their own Slack."""

from contextlib import suppress

from flows.change import Change
from flows.csm import steps as csm_steps
from flows.csm.caring import Errors, check_text
from flows.csm.service import Decided, Deciding
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Situation
from flows.outbox.announce import contact
from flows.recording import Recorder
from flows.secret_shapes import looks_secret
from flows.setup.steps import once
from flows.setup.submission import Ref
from flows.vocabulary import Actor, Stamp

MAX_TEXT = 2000


class Conversing:
    """What looks like a secret is withheld on both sides: nothing of it is stored."""

    def __init__(self, recorder: Recorder, deciding: Deciding) -> None:
        self._recorder = recorder
        self._deciding = deciding

    async def write(
        self, csm: Actor, tenant_id: str, integration_id: str, text: str, *, form: str
    ) -> Errors:
        """To the customer's contact, by direct message; once from each modal.

        Raises what `Deciding.decide` raises.
        """
        person = await self._deciding.require(csm)
        text = text.strip()
        if wrong := _wrong(text):
            return wrong

        def decision(now: Situation, by: Stamp) -> Change:
            to = contact(now.integration)
            change = csm_steps.write(now.integration, to, text, person.name, by)
            return once(form, change, now.integration)

        with suppress(Decided):  # by this very modal
            await self._deciding.decide(csm, tenant_id, integration_id, decision, tells=True)
        return ()

    async def reply(self, actor: Actor, ref: Ref, text: str) -> Errors:
        """The customer's answer, for the thread of their card; once from each modal."""
        text = text.strip()
        wrong = _wrong(text)
        if wrong and not looks_secret(text):
            return wrong
        stamp = self._recorder.stamp(actor)

        def decide(now: Situation) -> Change:
            if wrong:
                return csm_steps.reply_withheld(now.integration, stamp)
            return once(ref.form, csm_steps.reply(now.integration, text, stamp), now.integration)

        await self._recorder.change(actor.tenant_id, ref.integration_id, decide, actor=actor)
        return wrong


def _wrong(text: str) -> Errors:
    if not text:
        return (FieldError(Field.TEXT, ErrorCode.REQUIRED),)
    return check_text(Field.TEXT, text, MAX_TEXT)
