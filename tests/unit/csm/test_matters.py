"""Matters: each question knows who asked and has its own end. Old documents stay readable."""

from datetime import timedelta

import pytest

from flows.csm.events import ChannelCalled
from flows.csm.facts import Called, CsmFacts, Matter, MatterEnd, Need
from flows.csm.needs import ENDED_KEPT, OPEN_KEPT, matter_of
from flows.errors import ErrorCode, NotFound
from flows.model import Integration, Screen
from flows.outbox.bodies import CsmMessage
from flows.setup.submission import Ref
from flows.vocabulary import Actor, Plan
from storage import documents
from tests.support.flow_services import ADA, BOB, BY_CSM, CSM, INTEGRATION, TEAM, Services

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
    await services.csm.answered(BY_CSM, bobs.number)
    assert questions(services) == [("U0ADA", "How long?")]
    (wrong,) = await services.csm.answered(BY_CSM)
    assert wrong.code is ErrorCode.REQUIRED
    assert await services.csm.answered(BY_CSM, stored(services).csm.questions[0].number) == ()
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
    services = await asked(*[(BOB, f"Question {n}") for n in range(OPEN_KEPT + 5)])
    assert len(questions(services)) == OPEN_KEPT
    for matter in stored(services).csm.questions:
        await answer(services, matter.number)
    await services.setup.ask_help(BOB, Ref(INTEGRATION, 0), Screen.PLAN, "One more")
    assert len(stored(services).csm.matters) == ENDED_KEPT + 1
    numbers = [each.number for each in stored(services).csm.matters]
    assert len(set(numbers)) == len(numbers)


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
