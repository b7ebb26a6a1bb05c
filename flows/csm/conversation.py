"""CSM and customer write to each other through the app. Each stays in their own Slack."""

from contextlib import suppress

from flows.csm import steps
from flows.csm.deciding import CsmCommand, Deciding, Errors
from flows.csm.meanwhile import matters
from flows.csm.refused import SentAlready
from flows.csm.seen import StampNumber, end_shown, still
from flows.errors import Field
from flows.model import Situation
from flows.pasted import written
from flows.recording import Change, Recorder, once, once_unless
from flows.secret_shapes import check_text, looks_secret
from flows.setup.permissions import Members, said_by
from flows.setup.results import Done, Mistakes, Said
from flows.setup.submission import Ref
from flows.vocabulary import Actor, Stamp

MAX_MESSAGE = 2000


class Conversing:
    """Withholds text that looks like a secret, in both directions. None of it is stored."""

    def __init__(self, recorder: Recorder, deciding: Deciding, members: Members) -> None:
        self._recorder = recorder
        self._deciding = deciding
        self._members = members

    async def write(
        self,
        command: CsmCommand,
        text: str,
        *,
        matter: int | None = None,
        to: str = "",
        seen: StampNumber | None = None,
    ) -> Errors:
        """Sends a direct message to whoever opened this matter, else to the customer's contact.

        `to` is the person whom the modal named: the contact may be another one by now. `seen` names
        the end that the CSM saw, of the matter or the set-up: after a newer one nothing is sent.
        Each modal sends once. Raises what `Deciding.told` raises.
        """
        person = await self._deciding.require(command)
        text = written(text)
        if wrong := _wrong(text):
            return wrong

        def decision(now: Situation, by: Stamp) -> Change:
            change = steps.write(now.integration, matter, text, person.name, by, to)
            return once(command.form, change, now.integration)

        fresh = still(decision, seen, lambda now: end_shown(now, matter))

        def unless_repeated(now: Situation, by: Stamp) -> Change:
            if command.form in now.integration.forms:
                raise SentAlready
            return fresh(now, by)

        with suppress(SentAlready):
            about = matters(() if matter is None else (matter,))
            await self._deciding.told(command, unless_repeated, about)
        return ()

    async def reply(
        self, actor: Actor, ref: Ref, text: str, seen: int | None = None
    ) -> Done | Mistakes:
        """Puts the customer's answer in the thread of their card. Each modal sends once.

        `seen` names the newest of what was written when they began it.
        It needs no set-up: a CSM may have asked about its end. Raises `NotTaken`.
        """
        member = await self._members.require(actor)
        text = written(text)
        wrong = _wrong(text)
        if wrong and not looks_secret(text):
            return Mistakes(wrong)
        stamp = self._recorder.stamp(actor)

        def decide(now: Situation) -> Change:
            if wrong:
                withheld = steps.reply_withheld(now.integration, stamp)
                # A name of its own, since the same modal may still send what is right.
                form = f"{ref.form}:withheld" if ref.form else ""
                return once(form, withheld, now.integration)
            of = now.integration
            full = of.csm.why_not_asked(actor.user_id, Field.TEXT)
            change = once_unless(full, ref.form, steps.reply(of, text, stamp, seen), of)
            return said_by(member, now, change)

        recorded = await self._recorder.change(
            actor.tenant_id, ref.integration_id, decide, actor=actor
        )
        return Mistakes(wrong) if wrong else Done(Said.REPLIED, recorded.after)


def _wrong(text: str) -> Errors:
    return check_text(Field.TEXT, text, MAX_MESSAGE, required=True)
