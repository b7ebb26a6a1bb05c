"""What CSMs say of what a customer entered: it is good, or it must be corrected."""

from flows.csm import meanwhile, steps
from flows.csm.deciding import CsmCommand, Deciding, Errors
from flows.csm.facts import Rejectable
from flows.csm.meanwhile import About
from flows.csm.seen import SHOWN_ON, Decision, Revision, unless_newer
from flows.errors import Field
from flows.model import Screen, Situation
from flows.pasted import written
from flows.recording import Change, StampedStep
from flows.secret_shapes import check_text
from flows.vocabulary import Stamp

MAX_REASON = 500


class Judging:
    """What CSMs say of a set-up, its people are told. Raises what `Deciding.told` raises."""

    def __init__(self, deciding: Deciding) -> None:
        self._deciding = deciding

    async def confirm(self, command: CsmCommand, seen: Revision | None = None) -> None:
        """`seen` is the revision that the CSM looked at. What was entered since stays."""
        await self._of_credentials(command, steps.confirm, meanwhile.CREDENTIALS, seen)

    async def confirm_arrival(self, command: CsmCommand, seen: Revision | None = None) -> None:
        """Says that data arrives, on Free. `seen` is the revision that the CSM looked at."""
        await self._of_credentials(command, steps.confirm_arrival, meanwhile.ARRIVAL, seen)

    async def _of_credentials(
        self, command: CsmCommand, step: StampedStep, about: About, seen: Revision | None
    ) -> None:
        await self._deciding.require(command)
        decision = unless_newer(_of(step), seen, Screen.CREDENTIALS)
        await self._deciding.told(command, decision, about)

    async def reject(
        self,
        command: CsmCommand,
        reason: str,
        what: Rejectable = Rejectable.CREDENTIALS,
        *,
        seen: Revision | None = None,
    ) -> Errors:
        """Tells the customer the reason and reopens the set-up there.

        `seen` is the revision that the CSM looked at. A newer answer or decision stays.
        """
        await self._deciding.require(command)
        reason = written(reason)
        if wrong := check_text(Field.REASON, reason, MAX_REASON, required=True):
            return wrong

        def decision(now: Situation, by: Stamp) -> Change:
            return steps.reject(now.integration, what, reason, by)

        fresh = unless_newer(decision, seen, *SHOWN_ON[what])
        await self._deciding.told(command, fresh, meanwhile.REJECTS[what])
        return ()


def _of(step: StampedStep) -> Decision:
    """A step that looks at the facts alone, as a decision."""
    return lambda now, by: step(now.integration, by)
