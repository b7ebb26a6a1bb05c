"""What people were told, in stories that chance seldom finds: drawn again, or still true."""

from collections.abc import Awaitable

import pytest

from bot.views.people.messages import render
from flows.csm.facts import Rejectable
from flows.model import Outcome
from flows.outbox import bodies
from flows.replay.steps import Mark
from flows.vocabulary import Plan
from tests.support.flow_services import ADA
from tests.unit.setup.test_use_cases import Story
from tests.unit.setup.told_laws import DECISIONS, Standing, Told

CONFIRMED = "Toplyne has confirmed your Segment workspace corner-shop."
SENT_BACK = f"reject {Rejectable.REPLAY}"


class Watched(Story):
    """The same customer. After each press the laws of what people were told hold."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()

    async def press(self, name: str, call: Awaitable[object] | None = None) -> None:
        old = self.services.storage.tables.copied()
        await (call or DECISIONS[name](self.services))
        after = await self.services.situation()
        assert after is not None
        self.told.check(name, after, old, self.services.storage.tables)

    async def enter(self, slug: str) -> None:
        await self.press("submit", self.services.setup.submit_free(ADA, self.ref, slug, None))

    async def say_connected(self, workspace: str = "") -> None:
        said = self.services.setup.say_connected(ADA, self.ref, workspace)
        await self.press("say_connected", said)

    async def disconnect(self) -> None:
        await self.press("disconnect", self.services.setup.disconnect(ADA, self.ref))

    async def confirmed(self) -> None:
        await self.press("choose_plan", self.choose(Plan.FREE))
        await self.enter("corner-shop")
        await self.press("confirm")
        assert self.shown(bodies.Confirmed) == Standing(f"{CONFIRMED} ", has_buttons=True)

    async def finished(self) -> None:
        await self.press("reach_live", self.reach_live())
        await self.press("preview", self.preview(8))
        await self.press("request", self.services.replaying.request_replay(ADA, self.ref))
        for mark in (Mark.SENT, Mark.FINISHED):
            await self.press("mark", self.services.following.mark(ADA, self.ref, mark))

    def shown(self, kind: type[bodies.Personal]) -> Standing:
        """What the newest message of this kind says."""
        keys = [key for key in self.told.shown if key.startswith(f"{kind.kind}:")]
        return self.told.shown[keys[-1]]


@pytest.fixture
def story() -> Watched:
    return Watched()


@pytest.mark.parametrize("then", ["reject", "another slug", "another plan", "disconnect"])
async def test_a_confirmation_ends_with_what_was_confirmed(story: Watched, then: str) -> None:
    """And says no other workspace's name."""
    await story.confirmed()
    match then:
        case "reject":
            await story.press("reject")
        case "another slug":
            await story.enter("other-shop")
        case "another plan":
            await story.press("choose_plan", story.choose(Plan.BUSINESS))
        case _:
            await story.disconnect()
    over = Standing(f"This is over: {CONFIRMED} ", has_buttons=False)
    assert story.shown(bodies.Confirmed) == over
    if then in ("reject", "another slug"):  # whoever presses the old button changes nothing
        await story.say_connected("corner-shop")
        integration = story.services.integration()
        assert integration is not None
        assert integration.says_connected is None
        await story.enter("third-shop")
        await story.press("confirm")
        assert "third-shop" in story.shown(bodies.Confirmed).state
        await story.say_connected("third-shop")
        integration = story.services.integration()
        assert integration is not None
        assert integration.says_connected is not None


async def test_what_was_said_in_the_window_stands_in_the_message_too(story: Watched) -> None:
    await story.confirmed()
    await story.say_connected()
    outbox = story.services.storage.tables.outbox.values()
    drawn = [each.message.body for each in outbox if isinstance(each.message.body, bodies.Redraw)]
    assert [body.of for body in drawn if body.of.startswith("confirmed:")]


async def test_a_message_of_an_earlier_version_blames_no_other_workspace(story: Watched) -> None:
    await story.confirmed()
    await story.disconnect()
    situation = await story.services.situation()
    assert situation is not None
    text = render(bodies.Confirmed(), situation).text
    assert "Toplyne has confirmed your Segment workspace. " in text


async def test_data_that_arrived_was_before_the_disconnect(story: Watched) -> None:
    await story.confirmed()
    await story.press("confirm_arrival")
    await story.disconnect()
    said = story.shown(bodies.ArrivalConfirmed)
    assert not said.has_buttons
    assert said.state.startswith("Before the disconnect: ")


async def test_a_finished_replay_that_is_sent_back_is_not_summed_up_as_finished(
    story: Watched,
) -> None:
    await story.finished()
    assert "with live data and history" in story.shown(bodies.Summary).state
    await story.press(SENT_BACK)
    assert "Toplyne has sent the Replay request back since" in story.shown(bodies.Summary).state
    await story.press("preview", story.preview(9))
    await story.press("request", story.services.replaying.request_replay(ADA, story.ref))
    for mark in (Mark.SENT, Mark.FINISHED):
        await story.press("mark", story.services.following.mark(ADA, story.ref, mark))
    integration = story.services.integration()
    assert integration is not None
    assert integration.outcome is Outcome.WITH_HISTORY
    assert "with live data and history" in story.shown(bodies.Summary).state


@pytest.mark.parametrize("marks", [("schedule", "mark running"), ("mark running",), ("schedule",)])
async def test_reports_that_are_taken_back_end_what_was_said_of_them(
    story: Watched, marks: tuple[str, ...]
) -> None:
    await story.press("reach_live", story.reach_live())
    await story.press("preview", story.preview(8))
    await story.press("request", story.services.replaying.request_replay(ADA, story.ref))
    await story.press("mark", story.services.following.mark(ADA, story.ref, Mark.SENT))
    for name in (*marks, "mark not_sent", *marks, "mark finished", "mark confirmed"):
        await story.press(name)
    await story.disconnect()
