"""Invitations: a link for one customer, with which the app is installed for a known account."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flows.csm import steps
from flows.csm.deciding import Errors
from flows.csm.members import Csms
from flows.errors import Field
from flows.installed import Installation
from flows.invitations import Invitation, Seals
from flows.model import Integration
from flows.pasted import account_name
from flows.recording import Change, Recorder
from flows.secret_shapes import check_text
from flows.vocabulary import Actor, Stamp

INVITATION_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invited:
    """`text` is what the link carries."""

    invitation: Invitation
    text: str


class Inviting:
    """Raises what `Csms.require` raises."""

    def __init__(self, recorder: Recorder, csms: Csms, seals: Seals) -> None:
        self._recorder = recorder
        self._csms = csms
        self._seals = seals

    async def invite(self, csm: Actor, raw: str) -> Invited | Errors:
        """Makes a link for a Toplyne account, whose owner becomes the CSM. The newest one counts
        on the board; earlier ones work on.
        """
        await self._csms.require(csm)
        account = account_name(raw)
        if wrong := check_text(Field.ACCOUNT, account, steps.MAX_ACCOUNT, required=True):
            return wrong
        now = self._recorder.clock.now()
        made = Invitation(csm.tenant_id, account, csm.user_id, now, now + INVITATION_LIFETIME)
        async with self._recorder.uow(csm.tenant_id) as work:
            await work.invitations.put(made)
            await work.commit()
        return Invited(made, self._seals.seal(made))

    def read(self, text: str) -> Invitation | None:
        """The invitation that a link carries. None if it is not ours, or has expired."""
        found = self._seals.open(text)
        if found is None or found.expires_at <= self._recorder.clock.now():
            return None
        return found

    async def followed(self, invitation: Invitation) -> None:
        """The customer has installed the app, so nobody need wait for it any more."""
        async with self._recorder.uow(invitation.tenant_id) as work:
            await work.invitations.installed(invitation.account, self._recorder.clock.now())
            await work.commit()


def as_invited(installation: Installation) -> Callable[[Integration], Change]:
    """What an installation through a link sets, unless CSMs have set it already. In each Slack
    workspace of an organisation: they are one customer.
    """
    if not installation.account:
        return Change
    by = Stamp(installation.invited_by, installation.installed.at, of_toplyne=True)

    def decide(integration: Integration) -> Change:
        named = Change(integration)
        if not integration.csm.account:
            named = steps.set_account(integration, installation.account, by)
        owned = steps.claim(named.integration, by)
        return Change(owned.integration, (*named.events, *owned.events))

    return decide
