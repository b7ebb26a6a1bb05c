"""Asks Segment about one submission, with no transaction open: a question → an answer."""

from dataclasses import replace

from pydantic import SecretStr

from flows.checks.delivery import observe_sources
from flows.checks.question import (
    Answer,
    CheckKind,
    CheckStage,
    Found,
    Observation,
    Question,
    Refused,
    Report,
    SourceAnswers,
    SourcesExamined,
    TokenAccepted,
    refused,
    unreported,
)
from flows.checks.segment import Access, Segment, SegmentSource
from flows.checks.sources import examine_sources, known_sources
from flows.checks.token import OWNER_ROLE, examine_free, examine_token, is_revoked
from flows.checks.write_key import examine_write_key
from flows.errors import (
    ErrorCode,
    Field,
    NotFound,
    SegmentInvalid,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.model import Integration, Situation
from flows.ports import ASKED_FOR, UnitOfWorkFactory
from flows.setup.steps import other_workspace
from flows.vocabulary import Plan

MOST_TOKENS = 3  # that one check may see, one replacing the other
NO_TOKEN = "token"  # noqa: S105 - the name of a call that could not be made without one


class Examiner:
    """Puts questions to Segment."""

    def __init__(self, uow: UnitOfWorkFactory, segment: Segment) -> None:
        self._uow = uow
        self._segment = segment

    async def answer(
        self, question: Question, situation: Situation, report: Report = unreported
    ) -> Answer:
        """Raises only `SegmentUnavailable`. A refusal by Segment is an answer too.

        An answer that no call should get is Segment's fault or ours, never the customer's.
        """
        integration, typed = situation.integration, question.typed
        ASKED_FOR.set(question.actor.tenant_id)  # in the task of this check
        try:
            if question.kind is not CheckKind.TOKEN:
                return await self._with_stored_token(question, situation, report)
            if typed.slug:
                found = await examine_free(self._segment, question.secret, typed.slug)
            else:
                found = await examine_token(
                    self._segment,
                    question.entered,
                    integration.region,
                    on_business=integration.plan is Plan.BUSINESS,
                    now=situation.now,
                    report=report,
                )
        except SegmentRefused:
            return refused(Field.TOKEN, ErrorCode.TOKEN_REFUSED)
        except (SegmentNotFound, SegmentInvalid) as error:
            raise _unexpected(error) from error
        if isinstance(found, TokenAccepted):  # a good one, perhaps of another workspace
            instead = typed.instead if typed.confirmed else ""
            mistake = other_workspace(integration, found, question.actor.user_id, instead)
            return Refused((mistake,)) if mistake else found
        return found

    async def _with_stored_token(
        self, question: Question, situation: Situation, report: Report
    ) -> Answer:
        """Asks with the stored token, and asks again if a colleague has replaced it meanwhile.

        An answer is true only of the token with which Segment was asked.
        """
        token = await self._stored_token(question)
        for _ in range(MOST_TOKENS):
            try:
                answer = await self._ask(question, situation, token, report)
            except SegmentRefused as error:
                answer = await self._refused(question, situation.integration, token, error)
            asked, token = token, await self._stored_token(question)
            if token == asked:
                return answer
            situation = await self._newest(question, situation)
        raise SegmentUnavailable(NO_TOKEN, "replaced again and again")

    async def _ask(
        self, question: Question, situation: Situation, token: SecretStr | None, report: Report
    ) -> Answer:
        integration, observed = situation.integration, situation.observed.statuses
        if question.kind is CheckKind.WRITE_KEY:
            return await examine_write_key(self._segment, token, integration, question.entered)
        access = self._access(token, integration)
        if question.kind is CheckKind.SOURCES:
            return await self._examine_sources(access, question, situation, report)
        chosen, now = integration.sources, situation.now
        listed: list[SegmentSource] = []
        found = await observe_sources(access, chosen, observed, now, report, listed=listed)
        return Observation(found, tuple(listed))

    async def _examine_sources(
        self, access: Access, question: Question, situation: Situation, report: Report
    ) -> SourcesExamined | Refused:
        credentials = situation.integration.credentials
        if credentials is None:
            raise NotFound("credentials")
        answers = question.typed.sources or SourceAnswers(())
        known, ask = known_sources(answers, situation.observed.catalogue)
        found: list[SegmentSource] = []
        if ask:
            workspace = credentials.workspace
            found, errors = await examine_sources(self._segment, access, workspace, ask)
            if errors:
                return Refused(tuple(errors))
        sources = tuple(dict.fromkeys([*known, *(entry.source for entry in found)]))
        report(Found(CheckStage.CHOICE, ", ".join(source.label for source in sources)))
        observed, now = situation.observed.statuses, situation.now
        try:
            statuses = await observe_sources(access, sources, observed, now)
        except SegmentUnavailable:
            statuses = ()  # the choice stands all the same, and the poll looks again
        return SourcesExamined(sources, statuses, tuple(found))

    async def _refused(
        self,
        question: Question,
        integration: Integration,
        token: SecretStr | None,
        error: SegmentRefused,
    ) -> Refused:
        """Explains a call that Segment refused although the token was good when it was entered.

        Segment refuses a revoked token and a missing permission alike. To tell them apart, this
        asks whether the token still opens its workspace.
        """
        if error.call == NO_TOKEN:
            return refused(Field.TOKEN, ErrorCode.TOKEN_GONE)
        if await self._is_revoked(token, integration):
            return refused(Field.TOKEN, ErrorCode.TOKEN_REFUSED)
        params = {"call": error.call, "role": OWNER_ROLE}
        return refused(question.kind.field, ErrorCode.TOKEN_LACKS_CALL, **params)

    async def _is_revoked(self, token: SecretStr | None, integration: Integration) -> bool:
        return await is_revoked(self._access(token, integration))

    def _access(self, token: SecretStr | None, integration: Integration) -> Access:
        """Access with the stored token. Raises `SegmentRefused` if there is none."""
        if token is None:
            raise SegmentRefused(NO_TOKEN, 401)
        return self._segment.access(token, integration.region)

    async def _stored_token(self, question: Question) -> SecretStr | None:
        async with self._uow(question.actor.tenant_id, write=False) as work:
            return await work.vault.get(question.integration_id)

    async def _newest(self, question: Question, situation: Situation) -> Situation:
        async with self._uow(question.actor.tenant_id, write=False) as work:
            integration = await work.integrations.get(question.integration_id)
        return replace(situation, integration=integration)


def _unexpected(error: SegmentNotFound | SegmentInvalid) -> SegmentUnavailable:
    return SegmentUnavailable(error.call, "unexpected answer")
