"""Asking Segment about one submission, with no transaction open: a question → an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from flows.checks.access import Access
from flows.checks.delivery import observe_sources
from flows.checks.segment import Segment, SegmentSource
from flows.checks.shown import Found, Report, Stage, unheard
from flows.checks.sources import examine_sources, known_sources, sources_from
from flows.checks.token import OWNER, Refused, TokenAccepted, examine_free, examine_token, refused
from flows.checks.write_key import WriteKeyAccepted, examine_write_key
from flows.errors import (
    ErrorCode,
    Field,
    NotFound,
    SegmentInvalid,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.model import Integration, Situation, SourceStatus
from flows.ports import UnitOfWorkFactory
from flows.setup.results import CheckKind
from flows.setup.steps import other_workspace
from flows.vocabulary import Actor, Plan, Source

NO_TOKEN = "token"  # noqa: S105 - the name of a call that could not be made without one
# An answer that is kept with a check: its screen said that Toplyne is given the secret too.
FOR_TOPLYNE, YES = "for_toplyne", "yes"
FIELD_OF = {
    CheckKind.TOKEN: Field.TOKEN,
    CheckKind.SOURCES: Field.SOURCES,
    CheckKind.LIVE_SYNC: Field.SOURCES,
    CheckKind.WRITE_KEY: Field.WRITE_KEY,
}


def for_toplyne_answer(told: bool) -> dict[str, str]:
    """Of a check whose screen did or did not say that Toplyne is given the secret."""
    return {FOR_TOPLYNE: YES} if told else {}


@dataclass(frozen=True, slots=True)
class SourcesExamined:
    """Sources that exist, how far they deliver (empty: could not be asked), the list learned."""

    sources: tuple[Source, ...]
    statuses: tuple[SourceStatus, ...]
    found: tuple[SegmentSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    statuses: tuple[SourceStatus, ...]


Answer = TokenAccepted | Refused | SourcesExamined | Observation | WriteKeyAccepted


@dataclass(frozen=True, slots=True)
class Question:
    """One check: what is asked, for whom, from which revision, with which typed answers."""

    kind: CheckKind
    actor: Actor
    integration_id: str
    revision: int
    answers: Mapping[str, str] = field(default_factory=dict)
    secret: SecretStr | None = None


class Examiner:
    """Puts questions to Segment."""

    def __init__(self, uow: UnitOfWorkFactory, segment: Segment) -> None:
        self._uow = uow
        self._segment = segment

    async def answer(
        self, question: Question, situation: Situation, report: Report = unheard
    ) -> Answer:
        """Raises `SegmentUnavailable` alone: what Segment refuses is an answer too.

        An answer that no call should get is Segment's trouble or ours, never the customer's.
        """
        try:
            return await self._ask(question, situation, report)
        except SegmentRefused as error:
            return await self._refused(question, situation, error)
        except (SegmentNotFound, SegmentInvalid) as error:
            raise SegmentUnavailable(error.call, "unexpected answer") from error

    async def _ask(self, question: Question, situation: Situation, report: Report) -> Answer:
        match question.kind:
            case CheckKind.TOKEN:
                return await self._examine_token(question, situation, report)
            case CheckKind.SOURCES:
                return await self._examine_sources(question, situation, report)
            case CheckKind.LIVE_SYNC:
                token = await self._stored_token(question)
                return Observation(await self.observe(token, situation, report=report))
            case CheckKind.WRITE_KEY:
                return await self._examine_write_key(question, situation)

    async def _refused(
        self, question: Question, situation: Situation, error: SegmentRefused
    ) -> Refused:
        """A call that Segment refused although the token was good when it was entered.

        Segment answers a revoked token and a missing right alike: whether the token still opens
        its workspace tells them apart.
        """
        if error.call == NO_TOKEN:
            return refused(Field.TOKEN, ErrorCode.TOKEN_GONE)
        if question.kind is CheckKind.TOKEN or await self._is_stored_revoked(question, situation):
            return refused(Field.TOKEN, ErrorCode.TOKEN_REFUSED)
        params = {"call": error.call, "role": OWNER}
        return refused(FIELD_OF[question.kind], ErrorCode.TOKEN_LACKS_CALL, **params)

    async def _is_stored_revoked(self, question: Question, situation: Situation) -> bool:
        try:
            return await self.is_revoked(await self._stored_token(question), situation)
        except SegmentRefused:
            return True

    async def is_revoked(self, token: SecretStr, situation: Situation) -> bool:
        """Whether a token that was good does not open its workspace any more.

        Raises `SegmentUnavailable` and what Segment should never answer here.
        """
        try:
            await self._segment.workspace(token, situation.integration.region)
        except SegmentRefused:
            return True
        return False

    async def _examine_token(
        self, question: Question, situation: Situation, report: Report
    ) -> TokenAccepted | Refused:
        integration = situation.integration
        answer = await self._ask_about_token(question, integration, situation.now, report)
        if isinstance(answer, TokenAccepted):
            mistake = other_workspace(integration, answer)
            return Refused((mistake,)) if mistake else answer
        return answer

    async def _ask_about_token(
        self, question: Question, integration: Integration, now: datetime, report: Report
    ) -> TokenAccepted | Refused:
        """What a check of Free is asked with is its slug, for the others it is their token."""
        slug = question.answers.get("slug")
        if slug is not None:
            return await examine_free(self._segment, question.secret, slug)
        if question.secret is None:
            raise ValueError("a token check needs its token")
        return await examine_token(
            Access(self._segment, question.secret, integration.region),
            on_business=integration.plan is Plan.BUSINESS,
            now=now,
            report=report,
        )

    async def _examine_write_key(
        self, question: Question, situation: Situation
    ) -> WriteKeyAccepted | Refused:
        if question.secret is None:
            raise ValueError("a check of a write key needs it")
        async with self._uow(question.actor.tenant_id, write=False) as work:
            token = await work.vault.get(question.integration_id)
        return await examine_write_key(self._segment, token, situation.integration, question.secret)

    async def _examine_sources(
        self, question: Question, situation: Situation, report: Report
    ) -> SourcesExamined | Refused:
        token = await self._stored_token(question)
        credentials = situation.integration.credentials
        if credentials is None:
            raise NotFound("credentials")
        answers = sources_from(question.answers)
        known, ask = known_sources(answers, situation.observed.catalogue)
        found: list[SegmentSource] = []
        if ask:
            access = Access(self._segment, token, situation.integration.region)
            found, errors = await examine_sources(access, credentials.workspace, ask)
            if errors:
                return Refused(tuple({error.field: error for error in reversed(errors)}.values()))
        sources = tuple(dict.fromkeys([*known, *(entry.source for entry in found)]))
        report(Found(Stage.CHOICE, ", ".join(source.label for source in sources)))
        try:
            statuses = await self.observe(token, situation, sources)
        except SegmentUnavailable:
            statuses = ()  # the choice stands all the same; the poll looks again
        return SourcesExamined(sources, statuses, tuple(found))

    async def observe(
        self,
        token: SecretStr,
        situation: Situation,
        sources: tuple[Source, ...] | None = None,
        report: Report = unheard,
    ) -> tuple[SourceStatus, ...]:
        """How far these sources (or the chosen ones) are. Raises `SegmentError`."""
        statuses = await observe_sources(
            Access(self._segment, token, situation.integration.region),
            situation.integration.sources if sources is None else sources,
            situation.observed.statuses,
            situation.now,
            report,
        )
        return tuple(statuses)

    async def _stored_token(self, question: Question) -> SecretStr:
        async with self._uow(question.actor.tenant_id, write=False) as work:
            token = await work.vault.get(question.integration_id)
        if token is None:
            raise SegmentRefused(NO_TOKEN, 401)
        return token
