"""Decides what a person's App Home shows: the board to a CSM, their set-up to everybody else."""

from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from bot.outbound.board_screens import BoardScreens
from bot.outbound.calls import Outgoing
from bot.outbound.errors import ErrorClass, class_of
from bot.views.kit.message import mark_of
from bot.views.people.home import HISTORY_SHOWN, home_view
from bot.views.people.managing import not_member_home
from flows.csm.board import Filters
from flows.csm.members import Csms, NotCsm
from flows.csm.paging import FIRST
from flows.outbox.messages import StoredMessage
from flows.ports import Directory, Unguarded
from flows.recording import Recorder
from flows.setup.blockers import current_screen
from flows.setup.permissions import Members, NotMember, Wide
from flows.vocabulary import Actor

ASKED_ANEW = 3600.0  # seconds until Slack is asked again whether a viewer is still there


class Homes:
    """`shared`: customers and CSMs use one Slack workspace, so Home shows everybody the set-up.

    `takes_keys`: Toplyne can be given a write key.
    """

    def __init__(
        self,
        recorder: Recorder,
        directory: Directory,
        csms: Csms,
        members: Members,
        screens: BoardScreens,
        *,
        shared: bool,
        takes_keys: bool,
    ) -> None:
        self._takes_keys = takes_keys
        self._members = members
        self._recorder = recorder
        self._directory = directory
        self._csms = csms
        self._screens = screens
        self._shared = shared

    async def draw(self, outgoing: Outgoing, stored: StoredMessage, user_id: str) -> None:
        """Draws one person's Home if it looks otherwise now. Forgets those who have left.

        Raises `NotFound`, `DirectoryUnavailable`, and what `Outgoing` raises.
        """
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            drawn = await work.home_viewers.drawn(user_id)
        if drawn and await self._has_left(stored.tenant_id, user_id):
            await self._forget(stored.tenant_id, user_id)
            return
        view = await self.view(stored, user_id)
        mark = mark_of(view.to_dict())
        if mark == drawn:
            return
        try:
            await outgoing.publish_home(user_id, view)
        except SlackApiError as error:
            if class_of(error) is not ErrorClass.GONE:
                raise
            await self._forget(stored.tenant_id, user_id)
            return
        async with self._recorder.uow(stored.tenant_id, unguarded=Unguarded.LEAVING) as work:
            await work.home_viewers.keep_drawn(user_id, mark)
            await work.commit()

    async def _has_left(self, tenant_id: str, user_id: str) -> bool:
        person = await self._directory.person(tenant_id, user_id, max_age=ASKED_ANEW)
        return person is None or not person.is_active

    async def _forget(self, tenant_id: str, user_id: str) -> None:
        async with self._recorder.uow(tenant_id, unguarded=Unguarded.LEAVING) as work:
            await work.home_viewers.forget(user_id)
            await work.commit()

    async def view(self, stored: StoredMessage, user_id: str) -> View:
        """Raises `NotFound`, `DirectoryUnavailable`."""
        if stored.tenant_id != await self._csms.team.tenant_id():
            return await self._customers(stored, user_id, with_board=False)
        csm = Actor(stored.tenant_id, self._csms.team.team_id, user_id)
        try:
            if not self._shared:
                # A new nonce clears earlier choices, since the list starts from the beginning.
                nonce = str(stored.sequence)
                return await self._screens.home(csm, Filters(), FIRST, nonce)
            await self._csms.require(csm)
        except NotCsm:
            return await self._customers(stored, user_id, with_board=False)
        return await self._customers(stored, user_id, with_board=True)

    async def _customers(self, stored: StoredMessage, user_id: str, *, with_board: bool) -> View:
        integration_id = stored.message.integration_id
        if not integration_id:
            return home_view(None, (), with_board=with_board)
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            events = await work.history.latest(integration_id, HISTORY_SHOWN)
            overview = await work.overviews.get(integration_id)
        integration = situation.integration
        actor = Actor(stored.tenant_id, integration.team_id, user_id)
        try:
            member = await self._members.require(actor)
        except NotMember:
            return not_member_home()
        screen = current_screen(integration, situation.observed)
        return home_view(
            situation,
            events,
            overview.next_reminder_at if overview else None,
            may_go_on=not integration.begun or member.may(integration, screen),
            manages=not integration.begun or member.may(integration, Wide.MANAGE),
            with_board=with_board,
            takes_keys=self._takes_keys,
        )
