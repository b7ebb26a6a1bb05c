"""Decides what a person's App Home shows: the board to a CSM, their set-up to everybody else."""

from slack_sdk.models.views import View

from bot.outbound.board_screens import BoardScreens
from bot.views.people.home import HISTORY_SHOWN, home_view
from flows.csm.board import Filters
from flows.csm.members import Csms, NotCsm
from flows.csm.paging import FIRST
from flows.outbox.messages import StoredMessage
from flows.recording import Recorder
from flows.vocabulary import Actor


class Homes:
    """`shared`: customers and CSMs use one Slack workspace, so Home shows everybody the set-up."""

    def __init__(
        self, recorder: Recorder, csms: Csms, screens: BoardScreens, *, shared: bool
    ) -> None:
        self._recorder = recorder
        self._csms = csms
        self._screens = screens
        self._shared = shared

    async def view(self, stored: StoredMessage, user_id: str) -> View:
        """Raises `NotFound`, `DirectoryUnavailable`."""
        if stored.tenant_id != await self._csms.team.tenant_id():
            return await self._customers(stored, with_board=False)
        csm = Actor(stored.tenant_id, self._csms.team.team_id, user_id)
        try:
            if not self._shared:
                # A new nonce clears earlier choices, since the list starts from the beginning.
                nonce = str(stored.sequence)
                return await self._screens.home(csm, Filters(), FIRST, nonce)
            await self._csms.require(csm)
        except NotCsm:
            return await self._customers(stored, with_board=False)
        return await self._customers(stored, with_board=True)

    async def _customers(self, stored: StoredMessage, *, with_board: bool) -> View:
        integration_id = stored.message.integration_id
        if not integration_id:
            return home_view(None, (), with_board=with_board)
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            events = await work.history.latest(integration_id, HISTORY_SHOWN)
            overview = await work.overviews.get(integration_id)
        reminder = overview.next_reminder_at if overview else None
        return home_view(situation, events, reminder, with_board=with_board)
