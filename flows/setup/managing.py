"""People who may only look: whom they ask, and how somebody is added who can manage the set-up."""

import asyncio
from collections.abc import Sequence

from flows.audit import AuditEntry
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Screen, Situation
from flows.outbox.bodies import AskedToGoOn
from flows.outbox.messages import DIRECT_CONVERSATIONS, Message
from flows.ports import Directory, UnitOfWork
from flows.recording import Recorder
from flows.setup import people_steps
from flows.setup.blockers import first_blocker
from flows.setup.people_steps import WhoManages
from flows.setup.permissions import Right, Wide, managing, still_there, why_not
from flows.setup.results import Done, Mistakes, Said
from flows.setup.submission import Ref, Submitting, current, not_left, under_way
from flows.vocabulary import Actor

TRAIL_SHOWN = 50
ASKED_AT_ONCE = 5


class Managing:
    """Use cases of who manages a set-up. `directory` knows who is still there."""

    def __init__(self, recorder: Recorder, submitting: Submitting, directory: Directory) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._directory = directory

    async def ask(self, actor: Actor, right: Right, ref: Ref) -> Done:
        """Asks those who can, by direct message. The same person asks each of them once a day.

        They can do what comes next, too, which the message names. Without anybody left, admins of
        the Slack workspace are, whom Slack does not name to apps.
        """
        situation = await self._submitting.situation(actor, Wide.LOOK, ref)
        following = managing(situation.integration, current(situation).screen)
        able = [each for each in managing(situation.integration, right) if each in following]
        able = [each for each in able if each != actor.user_id]
        to = (await still_there(self._directory, situation.integration, able))[:ASKED_AT_ONCE]

        async def send(work: UnitOfWork) -> Situation:
            now = under_way(await self._recorder.load(work, situation.integration.id), ref)
            for user_id in to:
                await work.outbox.add(_asked(now, actor.user_id, user_id))
            return now

        now = await self._recorder.transact(actor.tenant_id, send)
        return Done(Said.MANAGERS_ASKED, now, " ".join(to))

    async def trail(self, actor: Actor) -> Sequence[AuditEntry]:
        """Who did what with the credentials of the person's workspace, newest first."""
        await self._submitting.look(actor)
        async with self._recorder.uow(actor.tenant_id, write=False) as work:
            return await work.audit.latest(actor.team_id, TRAIL_SHOWN)

    async def decline(self, actor: Actor, ref: Ref, screen: Screen) -> Situation:
        """Whoever was asked says that it is not for them, and whoever asked hears it.

        It makes them nobody's contact. Nothing changes if nobody waits for it. Raises `NoSetUp`.
        """
        seen = await self._submitting.not_left(actor, Wide.LOOK, ref)
        stamp = self._recorder.stamp(actor)
        recorded = await self._recorder.change(
            actor.tenant_id,
            seen.integration.id,
            lambda now: people_steps.decline(not_left(now, ref).integration, screen, stamp),
        )
        return recorded.after

    async def set_people(
        self, actor: Actor, ref: Ref, shown: WhoManages, wanted: WhoManages
    ) -> Done | Mistakes:
        """Changes who else can manage the set-up, and who of those asked for one step still may.

        `shown` is what the form showed, `wanted` what came back.
        """
        users = wanted.added
        await self._submitting.situation(actor, Wide.MANAGE, ref)
        if len(users) > people_steps.MOST_ADDED:
            limit = {"limit": str(people_steps.MOST_ADDED)}
            return Mistakes((FieldError(Field.PEOPLE, ErrorCode.TOO_MANY_PEOPLE, limit),))
        # Whoever was there already may have left: that is no mistake of this form's.
        known = {actor.user_id, *shown.added}
        others = [user_id for user_id in users if user_id not in known]
        checks = (why_not(self._directory, actor, each) for each in others)
        if wrong := next(filter(None, await asyncio.gather(*checks)), None):
            return Mistakes((FieldError(Field.PEOPLE, wrong),))
        stamp = self._recorder.stamp(actor)
        recorded = await self._submitting.record(
            actor,
            ref,
            Wide.MANAGE,
            lambda now: people_steps.set_managers(now.integration, shown, wanted, stamp),
        )
        return Done(Said.PEOPLE_SET, recorded.after)


def _asked(situation: Situation, by: str, to: str) -> Message:
    of, day = situation.integration, situation.now.date()
    key = f"go_on:{of.id}:{of.generation}:{by}:{to}:{day.isoformat()}"  # a new set-up asks anew
    blocked = first_blocker(situation)
    body = AskedToGoOn(by, to, blocked.blocker if blocked else None)
    return Message(body, f"{DIRECT_CONVERSATIONS}{to}", key, of.id)
