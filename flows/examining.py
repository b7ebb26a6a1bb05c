"""Asking Segment about one submission, with no transaction open: a question → an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from flows.access import Access
from flows.diagnosis import Refused, TokenAccepted, examine_free, examine_token
from flows.errors import (
    ErrorCode,
    Field,
    FieldError,
    NotFound,
    SegmentInvalid,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.model import Actor, Plan, Situation, Source, SourceStatus
from flows.ports import Segment, SegmentSource, UnitOfWorkFactory
from flows.results import CheckKind
from flows.sources import SourceAnswers, examine_sources, known_sources, observe_sources
from flows.steps import other_workspace

OWNER_ROLE = "Workspace Owner"
FIELD_OF = {
    CheckKind.TOKEN: Field.TOKEN,
    CheckKind.SOURCES: Field.SOURCES,
    CheckKind.LIVE_SYNC: Field.SOURCES,
}


@dataclass(frozen=True, slots=True)
class SourcesExamined:
    """Sources that exist, how far they deliver (empty: could not be asked), the list learned."""

    sources: tuple[Source, ...]
    statuses: tuple[SourceStatus, ...]
    found: tuple[SegmentSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    statuses: tuple[SourceStatus, ...]


Answer = TokenAccepted | Refused | SourcesExamined | Observation


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

    async def answer(self, question: Question, situation: Situation) -> Answer:
        """Raises `SegmentUnavailable` alone: what Segment refuses is an answer too.

        An answer that no call should get is Segment's trouble or ours, never the customer's.
        """
        try:
            return await self._ask(question, situation)
        except SegmentRefused as error:
            return refusal(question.kind, error)
        except (SegmentNotFound, SegmentInvalid) as error:
            raise SegmentUnavailable(error.call, "unexpected answer") from error

    async def _ask(self, question: Question, situation: Situation) -> Answer:
        match question.kind:
            case CheckKind.TOKEN:
                return await self._examine_token(question, situation)
            case CheckKind.SOURCES:
                return await self._examine_sources(question, situation)
            case CheckKind.LIVE_SYNC:
                token = await self._stored_token(question)
                return Observation(await self.observe(token, situation))

    async def _examine_token(
        self, question: Question, situation: Situation
    ) -> TokenAccepted | Refused:
        integration = situation.integration
        if integration.plan is Plan.FREE:
            slug = question.answers["slug"]
            return await examine_free(self._segment, question.secret, slug)
        if question.secret is None:
            raise ValueError("a token check needs its token")
        answer = await examine_token(
            Access(self._segment, question.secret, integration.region),
            may_be_elsewhere=integration.plan is Plan.BUSINESS,
            now=situation.now,
        )
        if isinstance(answer, TokenAccepted):
            mistake = other_workspace(integration, answer)
            return Refused((mistake,)) if mistake else answer
        return answer

    async def _examine_sources(
        self, question: Question, situation: Situation
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
        try:
            statuses = await self.observe(token, situation, sources)
        except SegmentUnavailable:
            statuses = ()  # the choice stands all the same; the poll looks again
        return SourcesExamined(sources, statuses, tuple(found))

    async def observe(
        self, token: SecretStr, situation: Situation, sources: tuple[Source, ...] | None = None
    ) -> tuple[SourceStatus, ...]:
        """How far these sources (or the chosen ones) are. Raises `SegmentError`."""
        statuses = await observe_sources(
            Access(self._segment, token, situation.integration.region),
            situation.integration.sources if sources is None else sources,
            situation.observed.statuses,
            situation.now,
        )
        return tuple(statuses)

    async def _stored_token(self, question: Question) -> SecretStr:
        async with self._uow(question.actor.tenant_id, write=False) as work:
            token = await work.vault.get(question.integration_id)
        if token is None:
            raise SegmentRefused("token", 401)
        return token


def refusal(kind: CheckKind, error: SegmentRefused) -> Refused:
    """A call that Segment refused although the token was good when it was entered."""
    if kind is CheckKind.TOKEN:
        code = ErrorCode.TOKEN_REFUSED
    elif error.call == "token":
        code = ErrorCode.TOKEN_GONE
    else:
        code = ErrorCode.TOKEN_LACKS_CALL
    return Refused((FieldError(FIELD_OF[kind], code, {"call": error.call, "role": OWNER_ROLE}),))


def sources_to(answers: SourceAnswers) -> dict[str, str]:
    """Source answers as they are stored with a check."""
    return {"chosen": "\n".join(answers.chosen), "pasted": answers.pasted}


def sources_from(stored: Mapping[str, str]) -> SourceAnswers:
    chosen = tuple(part for part in stored["chosen"].split("\n") if part)
    return SourceAnswers(chosen, stored["pasted"])
