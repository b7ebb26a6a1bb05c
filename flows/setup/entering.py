"""Secrets entered on a page of our own: for one person and one step, once, for a short while."""

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto

from pydantic import SecretStr

from flows.checks.question import CheckKind, PendingCheck, Question, Typed
from flows.checks.run import Checking
from flows.entry_links import EntryLink, FoundLinks, digest_of
from flows.errors import ErrorCode, Field, FieldError, FlowError, NotFound, NotInstalled
from flows.model import Screen, Situation
from flows.outbox.bodies import CheckDone
from flows.outbox.messages import DIRECT_CONVERSATIONS, Message
from flows.ports import Ids
from flows.recording import Recorder
from flows.secret_shapes import looks_secret
from flows.setup.permissions import NotAllowed, Wide
from flows.setup.results import Notice, Result, ShowLink, ShowStep
from flows.setup.screens import ORDER, reachable
from flows.setup.service import SetUp
from flows.setup.submission import Ref, Submitting, current, newer, stale
from flows.setup.write_back import WritingBack
from flows.vocabulary import Actor, Plan, Stamp

LINK_LIFETIME = timedelta(minutes=15)
PATH_BYTES = 32
MAX_SLUG_KEPT = 200
FIELDS = {Screen.CREDENTIALS: Field.TOKEN, Screen.WRITE_BACK: Field.WRITE_KEY}
KINDS = {Screen.CREDENTIALS: CheckKind.TOKEN, Screen.WRITE_BACK: CheckKind.WRITE_KEY}


class Why(Enum):
    """Why a link opens no form."""

    UNKNOWN = auto()  # none of ours, or replaced by a newer one
    USED = auto()
    EXPIRED = auto()
    OUTDATED = auto()  # the set-up that it belongs to is no longer there


class LinkGone(FlowError):
    """A link opens no form."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.name)
        self.why = why


class Entering:
    """Makes links to one-time pages, and takes what is entered there.

    `takes_secrets`: Toplyne can be given a write key, so one is collected.
    """

    def __init__(
        self,
        recorder: Recorder,
        submitting: Submitting,
        setup: SetUp,
        writing_back: WritingBack,
        checking: Checking,
        links: FoundLinks,
        ids: Ids,
        *,
        takes_secrets: bool,
    ) -> None:
        self._recorder = recorder
        self._submitting = submitting
        self._setup = setup
        self._writing_back = writing_back
        self._checking = checking
        self._links = links
        self._ids = ids
        self._takes_secrets = takes_secrets

    async def use_other(self, actor: Actor, ref: Ref, held_id: str) -> Result:
        """Begins anew with the token of another workspace, which was held when it was refused.

        It is checked once more, as some time may have passed. Only who may disconnect may do it.
        """
        situation = await self._submitting.situation(actor, Wide.MANAGE, ref)
        integration_id = situation.integration.id
        async with self._recorder.uow(actor.tenant_id, write=False) as work:
            check, token = await work.checks.get(held_id) or (None, None)
        if check is None or not token or not _holds(check, situation):
            gone = FieldError(Field.TOKEN, ErrorCode.TOKEN_NOT_HELD)
            return ShowStep(Screen.CREDENTIALS, situation, errors=(gone,))
        seen = replace(ref, revision=check.revision)
        if old := stale(situation, Screen.CREDENTIALS, seen, actor):
            return old
        typed = replace(check.typed, confirmed=True)
        question = Question(CheckKind.TOKEN, actor, integration_id, check.revision, typed, token)
        return await self._checking.run(question, situation)

    async def issue(self, actor: Actor, ref: Ref, screen: Screen, slug: str = "") -> Result:
        """Makes a link for whoever may enter this screen's secret. Raises `NoSetUp`."""
        if screen not in FIELDS:
            raise NotFound(screen)
        situation = await self._submitting.situation(actor, screen, ref)
        if old := stale(situation, screen, ref, actor):
            return old
        if reachable(situation, screen) is not screen:
            return current(situation)
        if screen is Screen.WRITE_BACK and not self._takes_secrets:
            return ShowStep(screen, situation)
        path = secrets.token_urlsafe(PATH_BYTES)
        integration = situation.integration
        link = EntryLink(
            id=self._ids("page"),
            digest=digest_of(path),
            tenant_id=actor.tenant_id,
            team_id=actor.team_id,
            integration_id=integration.id,
            generation=integration.generation,
            revision=integration.revision,
            screen=screen,
            user_id=actor.user_id,
            slug=_plain_slug(slug),
            expires_at=situation.now + LINK_LIFETIME,
        )
        async with self._recorder.uow(actor.tenant_id) as work:
            await work.entry_links.put(link)
            await work.commit()
        return ShowLink(screen, situation, link.id, SecretStr(path))

    async def opened(self, path: str) -> tuple[EntryLink, Situation]:
        """What the page is about. Opening it uses up nothing. Raises `LinkGone`."""
        link = await self._links.find(digest_of(path))
        if link is None:
            raise LinkGone(Why.UNKNOWN)
        if link.used_at:
            raise LinkGone(Why.USED)
        now = self._recorder.clock.now()
        if link.expires_at <= now:
            raise LinkGone(Why.EXPIRED)
        try:
            seen = await self._recorder.uow.look(link.tenant_id, link.integration_id)
        except (NotFound, NotInstalled):
            raise LinkGone(Why.OUTDATED) from None
        situation = Situation(*seen, now)
        integration = situation.integration
        if not integration.begun or integration.generation != link.generation:
            await self._let_go(link, Screen.PLAN, Notice.DISCONNECTED)
            raise LinkGone(Why.OUTDATED)
        return link, situation

    async def form(self, path: str) -> ShowStep:
        """What the page shows: its form, or with a notice that somebody was faster.

        Whatever would refuse what is typed is found before it is typed. Raises as `submit`.
        """
        link, _ = await self.opened(path)
        return await self._still(link)

    async def _still(self, link: EntryLink) -> ShowStep:
        actor, ref = _of(link)
        try:
            situation = await self._submitting.situation(actor, link.screen, ref)
        except NotAllowed:
            await self._let_go(link, link.screen, refused=True)
            raise
        old = stale(situation, link.screen, ref, actor)
        if old is None and reachable(situation, link.screen) is not link.screen:
            old = newer(situation, actor, *ORDER)
        if old:
            await self._let_go(link, old.screen, old.notice, changed=old.changed)
        return old or ShowStep(link.screen, situation, typed=Typed(link.slug))

    async def _let_go(
        self,
        link: EntryLink,
        screen: Screen,
        notice: Notice | None = None,
        *,
        changed: Stamp | None = None,
        refused: bool = False,
    ) -> None:
        """Nothing comes of the page any more, so the window that waits for it goes on, once."""
        kind = KINDS[link.screen]
        done = CheckDone(link.id, kind, screen, notice, not_allowed=refused, changed=changed)
        key = f"check:{link.id}:over"  # the link may be of use again, and then says how it ended
        message = Message(done, f"{DIRECT_CONVERSATIONS}{link.user_id}", key, link.integration_id)
        with suppress(NotInstalled):
            async with self._recorder.uow(link.tenant_id) as work:
                await work.outbox.add(message)
                await work.commit()

    async def submit(
        self, path: str, raw: str, raw_slug: str = "", *, for_toplyne: bool = False
    ) -> Result:
        """Checks what was entered as the window in Slack would, with its rights and limits.

        Only what is accepted, or kept to be checked later, uses the link up. Raises `LinkGone`,
        `Repeated`, and what the use cases of the step raise.
        """
        link, _ = await self.opened(path)
        shown = await self._still(link)
        if shown.notice:
            return shown
        situation, (actor, ref) = shown.situation, _of(link)
        if not raw.strip():  # on a page there is nothing to be kept
            missing = FieldError(FIELDS[link.screen], ErrorCode.REQUIRED)
            typed = Typed(_plain_slug(raw_slug))
            return ShowStep(link.screen, situation, errors=(missing,), typed=typed)
        if link.screen is Screen.WRITE_BACK:
            return await self._writing_back.submit(actor, ref, raw, for_toplyne=for_toplyne)
        if situation.integration.plan is Plan.FREE:
            return await self._setup.submit_free(actor, ref, raw_slug, raw, for_toplyne=for_toplyne)
        return await self._setup.submit_token(actor, ref, raw, for_toplyne=for_toplyne)


def _of(link: EntryLink) -> tuple[Actor, Ref]:
    """Who acts on the page, and on what."""
    actor = Actor(link.tenant_id, link.team_id, link.user_id)
    ref = Ref(link.integration_id, link.revision, "", link.generation, page=link.id)
    return actor, ref


def _plain_slug(raw: str) -> str:
    """A slug that was typed, unless it is something else, such as a token."""
    return "" if looks_secret(raw) else raw.strip()[:MAX_SLUG_KEPT]


def _holds(check: PendingCheck, situation: Situation) -> bool:
    is_own = check.is_held and check.integration_id == situation.integration.id
    return is_own and check.expires_at > situation.now
