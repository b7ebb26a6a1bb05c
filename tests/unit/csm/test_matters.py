"""Matters: each question knows who asked and has its own end. Old documents stay readable."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.csm.events import ChannelCalled
from flows.csm.facts import (
    MOST_OF_ONE,
    MOST_WAITING,
    Called,
    CsmFacts,
    Matter,
    MatterEnd,
    Need,
)
from flows.csm.needs import ENDED_KEPT, attended, matter_of
from flows.errors import ErrorCode, Field, NotFound, NotTaken
from flows.model import Integration, Observed, Screen, Situation
from flows.outbox.bodies import CsmMessage
from flows.setup.events import Uninstalled
from flows.setup.submission import Ref
from flows.vocabulary import Actor, Plan, Stamp
from storage import documents
from tests.support.flow_services import ADA, BOB, BY_CSM, CSM, INTEGRATION, TEAM, Services
from tests.unit.views.message_cases import NOW, integration

DAY = timedelta(days=1)


async def asked(*questions: tuple[Actor, str]) -> Services:
    """A set-up that Ada began. She also did the last step, after all questions."""
    services = Services()
    await services.install()
    await services.setup.start(ADA)
    for who, note in questions:
        await services.setup.ask_help(who, Ref(INTEGRATION, 0), Screen.PLAN, note)
        services.storage.clock.advance(timedelta(minutes=1))
    revision = stored(services).revision
    ref = Ref(INTEGRATION, revision)
    await services.setup.choose_plan(ADA, ref, Plan.BUSINESS)
    return services


def stored(services: Services) -> Integration:
    integration = services.integration()
    assert integration is not None
    return integration


def questions(services: Services) -> list[tuple[str, str]]:
    return [(each.by, each.asked) for each in stored(services).csm.questions]


def written_to(services: Services) -> list[str]:
    messages = (row.message for row in services.storage.tables.outbox.values())
    return [each.conversation for each in messages if isinstance(each.body, CsmMessage)]


async def answer(services: Services, number: int | None, text: str = "Yes") -> None:
    assert await services.conversing.write(BY_CSM, text, matter=number) == ()


async def test_the_answer_goes_to_who_asked_and_ends_that_question_alone() -> None:
    services = await asked((BOB, "Which role?"), (ADA, "How long?"))
    assert questions(services) == [("U0BOB", "Which role?"), ("U0ADA", "How long?")]
    bobs, adas = stored(services).csm.questions
    await answer(services, bobs.number)
    assert written_to(services) == ["user:U0BOB"]
    assert questions(services) == [("U0ADA", "How long?")]
    ended = matter_of(stored(services), bobs.number).ended
    assert ended is not None
    assert (ended.stamp.by, ended.answer) == (CSM.user_id, adas.number + 1)


async def test_a_message_that_answers_nothing_goes_to_the_contact_and_ends_no_question() -> None:
    services = await asked((BOB, "Which role?"))
    await answer(services, None)
    assert written_to(services) == ["user:U0ADA"]
    assert questions(services) == [("U0BOB", "Which role?")]


async def test_what_was_written_back_belongs_to_who_wrote_it() -> None:
    services = await asked()
    await services.conversing.reply(BOB, Ref(INTEGRATION, 0), "Ticket 4711")
    integration = stored(services)
    ref = Ref(INTEGRATION, integration.revision)
    await services.setup.choose_plan(ADA, ref, Plan.TEAM)
    (matter,) = stored(services).csm.questions
    assert (matter.reason, matter.by) == (Need.REPLIED, "U0BOB")
    await answer(services, matter.number)
    assert written_to(services) == ["user:U0BOB"]


async def test_a_question_can_be_answered_elsewhere_by_itself() -> None:
    services = await asked((BOB, "Which role?"), (ADA, "How long?"))
    bobs = stored(services).csm.questions[0]
    await services.csm.owning.answered(BY_CSM, bobs.number)
    assert questions(services) == [("U0ADA", "How long?")]
    (wrong,) = await services.csm.owning.answered(BY_CSM)
    assert wrong.code is ErrorCode.REQUIRED
    assert (
        await services.csm.owning.answered(BY_CSM, stored(services).csm.questions[0].number) == ()
    )
    assert questions(services) == []


async def test_a_question_that_nobody_knows_is_answered_to_nobody() -> None:
    services = await asked((BOB, "Which role?"))
    with pytest.raises(NotFound):
        await answer(services, 99)
    assert written_to(services) == []
    await answer(services, 1)
    assert written_to(services) == ["user:U0BOB"]


async def test_each_question_of_nobodys_customer_calls_the_channel_once_by_name() -> None:
    services = await asked((BOB, "Which role?"), (ADA, "How long?"))
    services.storage.clock.advance(4 * DAY + timedelta(hours=2))
    for _ in range(6):
        await services.calling.call(TEAM, INTEGRATION)
    events = [entry.event for *_, entry in services.storage.tables.history]
    called = [event.by for event in events if isinstance(event, ChannelCalled)]
    assert called == ["U0BOB", "U0ADA"]
    row = services.storage.tables.overviews[(TEAM, INTEGRATION)]
    assert (row.need, row.need_by, row.next_call_at) == ("help", "U0BOB", None)


async def test_what_is_kept_has_an_end() -> None:
    services = await asked()
    for n in range(ENDED_KEPT + 5):
        await services.setup.ask_help(BOB, Ref(INTEGRATION, 0), Screen.PLAN, f"Question {n}")
        await answer(services, stored(services).csm.questions[0].number)
    await services.setup.ask_help(BOB, Ref(INTEGRATION, 0), Screen.PLAN, "One more")
    assert len(stored(services).csm.matters) == ENDED_KEPT + 1
    numbers = [each.number for each in stored(services).csm.matters]
    assert len(set(numbers)) == len(numbers)


async def test_nobody_asks_so_much_that_others_are_not_heard() -> None:
    mine = [(BOB, f"Question {n}") for n in range(MOST_OF_ONE)]
    services = await asked((ADA, "How long?"), *mine[:-1])
    last = Ref(INTEGRATION, 0, form="last")
    for _ in range(2):  # the same window, pressed twice
        await services.setup.ask_help(BOB, last, Screen.PLAN, "Question 9")
    more = Ref(INTEGRATION, 0, form="more")
    with pytest.raises(NotTaken) as refused:
        await services.setup.ask_help(BOB, more, Screen.PLAN, "One more")
    with pytest.raises(NotTaken):
        await services.conversing.reply(BOB, more, "One more")
    assert refused.value.error.code is ErrorCode.TOO_MANY_QUESTIONS
    waiting = questions(services)
    assert waiting == [("U0ADA", "How long?"), *((BOB.user_id, note) for _, note in mine)]

    await answer(services, stored(services).csm.questions[1].number)
    await services.setup.ask_help(BOB, more, Screen.PLAN, "One more")
    assert questions(services)[-1] == ("U0BOB", "One more")
    assert questions(services)[0] == ("U0ADA", "How long?")


async def test_whoever_heard_from_a_csm_since_may_answer_again() -> None:
    services = await asked((BOB, "Which role?"))
    for n in range(MOST_OF_ONE):
        await services.conversing.reply(ADA, Ref(INTEGRATION, 0, form=f"{n}"), f"Answer {n}")
    more = Ref(INTEGRATION, 0, form="more")
    with pytest.raises(NotTaken):
        await services.conversing.reply(ADA, more, "One more")
    await answer(services, stored(services).csm.questions[0].number)
    with pytest.raises(NotTaken):  # that was to Bob
        await services.conversing.reply(ADA, more, "One more")

    await answer(services, None, "Please do answer")
    await services.conversing.reply(ADA, more, "One more")
    assert questions(services)[-1] == ("U0ADA", "One more")
    assert len(questions(services)) == MOST_OF_ONE + 1, "they are still to be answered"


def test_all_together_ask_no_more_than_is_kept_and_nothing_open_is_dropped() -> None:
    opened = [Matter(Need.HELP, NOW, n, f"U{n % 9}") for n in range(1, MOST_WAITING + 1)]
    stuck = Matter(Need.STUCK, NOW, 99)
    csm = CsmFacts(matters=(stuck, *opened), numbered=99)
    wrong = csm.why_not_asked("U0NEW", Field.NOTE)
    assert wrong is not None
    assert wrong.code is ErrorCode.QUESTIONS_FULL
    for rest in (opened[1:], (replace(opened[0], heard=True), *opened[1:])):
        assert replace(csm, matters=(stuck, *rest)).why_not_asked("U0NEW", Field.NOTE) is None
    of = replace(integration(), csm=csm)
    gone = attended(Situation(of, Observed(), NOW), of, [Uninstalled(Stamp("", NOW))])
    assert {*gone.csm.open_matters} >= {*opened}
    assert gone.csm.open_matters[-1].reason is Need.UNINSTALLED


async def test_matters_of_the_version_before_are_read_and_ended_as_they_were() -> None:
    services = await asked()
    integration = stored(services)
    old = f"""{{"matters": [{{"reason": "help", "since": "{integration.created.at.isoformat()}"}}],
        "calls": [{{"reason": "help", "since": "{integration.created.at.isoformat()}",
                    "at": "{integration.created.at.isoformat()}", "made": true}}]}}"""
    document = documents.to_text(documents.INTEGRATION, integration)
    before, _, after = document.partition('"csm":')
    rest = after[after.index("}") + 1 :]
    read = documents.INTEGRATION.validate_json(f'{before}"csm":{old}{rest}')
    since = integration.created.at
    assert read.csm == CsmFacts(
        matters=(Matter(Need.HELP, since),), calls=(Called(Need.HELP, since, since, made=True),)
    )
    services.storage.tables.integrations[(TEAM, INTEGRATION)] = read
    await answer(services, None)
    assert written_to(services) == ["user:U0ADA"]
    assert questions(services) == []
    assert isinstance(stored(services).csm.matters[0].ended, MatterEnd)
