"""What CSMs report of a customer's Replay."""

from datetime import date

from flows.csm.deciding import CsmCommand, Deciding, Errors
from flows.csm.marks import ReplayMark, SeenRequests, confirming, mark_named, marking, of_request
from flows.csm.meanwhile import HISTORY
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Situation
from flows.pasted import ticket_number
from flows.recording import Change, Recorder
from flows.replay import steps as replay_steps
from flows.replay.reports import MAX_TICKET, check_promised
from flows.secret_shapes import check_text
from flows.vocabulary import Stamp
from flows.zones import zone


class ReplayForCsm:
    """Wrong input comes back as errors. Right input raises what `Deciding.told` raises."""

    def __init__(self, recorder: Recorder, deciding: Deciding) -> None:
        self._recorder = recorder
        self._deciding = deciding

    async def schedule_replay(
        self,
        command: CsmCommand,
        on: date | None,
        ticket: str,
        seen: SeenRequests | None = None,
        *,
        no_day: bool = False,
    ) -> Errors:
        """`on` is the day that Segment promised, `ticket` their number. Both may be unknown.

        A newer answer than the CSM saw stays. `no_day`: the day reported before was a mistake.
        """
        here = zone((await self._deciding.require(command)).time_zone)
        ticket, today = ticket_number(ticket), self._recorder.clock.now().date()
        if wrong := (*check_promised(on, today), *check_text(Field.TICKET, ticket, MAX_TICKET)):
            return wrong

        def decision(of: Situation, by: Stamp) -> Change:
            return replay_steps.schedule_replay(of.integration, on, ticket, by, here, no_day=no_day)

        mark = ReplayMark.NO_DAY if no_day else ReplayMark.SCHEDULED
        fresh = of_request(decision, mark, seen or SeenRequests())
        await self._deciding.told(command, fresh, mark.rule.about)
        return ()

    async def mark_replay(
        self, command: CsmCommand, mark: str, seen: SeenRequests | None = None
    ) -> Errors:
        """Sets a `ReplayMark`: running, finished, or confirmed by Toplyne's own data."""
        await self._deciding.require(command)
        said = mark_named(mark)
        decision = marking(said, seen or SeenRequests()) if said else None
        if said is None or decision is None:
            return (FieldError(Field.MARK, ErrorCode.REQUIRED),)
        await self._deciding.told(command, decision, said.rule.about)
        return ()

    async def confirm_history(self, command: CsmCommand, number: int) -> None:
        """Toplyne has the history of the Replay with this number."""
        await self._deciding.require(command)
        await self._deciding.told(command, confirming(number), HISTORY)
