"""J10: a Replay request leaves no question open, is revised, and is followed to its end."""

from datetime import timedelta

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import card_says, thread
from tests.scenario.story import (
    change_request,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    told,
)
from tests.support.world import World

WHICH = "Which events?"
EXCEPT = "All Track events except these"
KEPT = "For how long does your Segment workspace keep events?"
DELETIONS = "Are deletions of users under way in Segment?"
END = "To"


async def reach_form(world: World, ada: Person) -> None:
    """Two sources deliver. One has no groups, the other has a filter."""
    await reach_live_sync(world, ada, "Web app", "iOS app")
    for name in ("Web app", "iOS app"):
        source = source_id(world, "acme", name)
        world.segment.connect_destination(source, enabled=True)
        world.segment.send_events(source, 50, ("track",))
    web = source_id(world, "acme", "Web app")
    world.segment.add_filter(web, "No staff", 'email contains "@acme"')
    await minutes_pass(world, 10)
    await ada.click("Check again")
    await see(ada, "Web app: arriving", "iOS app: arriving")
    await ada.submit()
    await change_request(ada)
    await see(ada, "In 30 days")


async def request(ada: Person) -> None:
    """Submits the form, reads the preview, asks for the text."""
    await ada.submit()
    await see(ada, "word for word")
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")


async def test_the_form_says_what_would_disappoint(a_world: World, ada: Person) -> None:
    await reach_form(a_world, ada)
    shown = ada.modal.text
    assert "No Group in 30 days. Without Group, accounts cannot be built" in shown
    assert "No staff" in shown
    assert "which cut a Replay too" in shown
    assert "Open Mappings and press New mapping" in shown
    assert "Live sync began at" in shown
    assert "events, if every day was like the last 30" in shown
    ada.fill(KEPT, "180 days")
    ada.fill(DELETIONS, "Yes, some are pending")
    ada.fill(WHICH, "All but some")
    await ada.submit()
    ada.fill(EXCEPT, ["Report Opened"])
    await ada.submit()
    shown = ada.modal.text
    assert "Your workspace keeps events for 180 days" in shown
    assert "pending deletions of users have finished" in shown
    assert "Of the Track calls all events except these:\n- Report Opened\n" in shown
    assert "- Signed Up" in shown
    assert "User deletions: some are pending" in shown
    await ada.submit()
    await told(ada, "We keep events for: 180 days")


async def ask_and_revise(ada: Person, mira: Person) -> None:
    """Segment asks something. Then the request is changed to all events."""
    await ada.click("They asked me something")
    await see(ada, "Copy what Segment asks")
    ada.fill("What did they ask?", "Why only sign-ups?")
    await ada.submit()
    await told(mira, "about the Replay request. Note: “Why only sign-ups?”", "#customers")
    await ada.close()

    await ada.click("Change the request")
    await see(ada, "Segment has version 1 of your request already")
    ada.fill(WHICH, "All events (recommended)")
    await ada.submit()
    assert "It replaces the Replay request that we sent you on" in ada.modal.text
    await ada.submit()


async def look_at_both(ada: Person) -> None:
    """Every version can be seen again."""
    await ada.click("All versions")
    await see(ada, "It is the current one")
    await ada.click("Version 1")
    await see(ada, "A newer one took its place", "- Signed Up")
    await ada.close()
    await ada.close()


async def follow(ada: Person, mira: Person, second: VisibleMessage) -> None:
    """Reports Segment's answers with the messages' buttons, until the Replay has finished."""
    await ada.click("I’ve sent it to Segment", message=second)
    sent = await told(ada, "was sent to Segment, as @Ada Okafor reported")
    await ada.click("It’s scheduled", message=sent)
    await see(ada, "What did Segment say?")
    ada.fill("Their ticket number", "4711")
    await ada.submit()
    planned = await told(ada, "Segment has scheduled the Replay for Acme Inc (ticket 4711)")
    await told(mira, "Replay scheduled, ticket 4711, reported by", "#customers")
    await ada.click("It’s running", message=planned)
    running = await told(ada, "The Replay for Acme Inc is running")
    await ada.click("It’s finished", message=running)
    summary = await told(ada, "Segment is connected to Toplyne, with live data and history.")
    assert "Live data: Web app, iOS app" in summary.visible_text
    assert "all events" in summary.visible_text
    await told(mira, "Complete: workspace Acme Inc, plan Business (US)", "#customers")
    still = (
        "still open: ada waits for an answer; whether the history of Web app, iOS app has arrived"
    )
    assert any(still in line for line in thread(mira))


async def test_names_are_taken_as_segment_knows_them_and_unknown_ones_are_named(
    a_world: World, ada: Person
) -> None:
    await reach_form(a_world, ada)
    ada.fill(WHICH, "Only some")
    await ada.submit()
    ada.fill("Other event names", "• “signed\u00a0up”,\n- Sign Upp")
    await ada.submit()
    await see(ada, "names of the last 30 days: Sign Upp.", "- Signed Up\n- Sign Upp")
    await ada.submit()
    await told(ada, "Of the Track calls only these events")


async def test_a_request_is_revised_and_followed_to_its_end(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_form(a_world, ada)
    ada.fill(WHICH, "Only some")
    await ada.submit()
    ada.fill("Of the Track calls only these events", ["Signed Up"])
    await request(ada)
    first = await told(ada, "Of the Track calls only these events")
    line = await told(mira, "Replay request 1 prepared by", "#customers")
    await mira.click("See the request", message=line)
    await see(mira, "Version 1 for Acme Inc", "Of the Track calls only these events")
    await mira.close()
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    await ask_and_revise(ada, mira)
    second = await told(ada, "Events: all")
    old = await told(ada, "Version 1 of the Replay request is out of date: a newer one")
    assert old.ts == first.ts
    await card_says(mira, "Replay request: version 2")
    await look_at_both(ada)
    await follow(ada, mira, second)


async def test_an_end_with_something_open_is_asked_about_first(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_form(a_world, ada)
    await request(ada)
    await ada.click("I’ve sent it to Segment")
    await see(ada, "Sent to Segment: reported by")
    a_world.segment.set_destination_enabled(source_id(a_world, "acme", "Web app"), False)
    await ada.click("Back")
    await see(ada, "Web app: arriving")
    await ada.click("Check again")
    await see(ada, "Web app: the Toplyne destination is switched off")
    await ada.submit()
    await ada.click("It’s finished")
    await see(ada, "Still open", "Finish all the same")
    await ada.click("Finish all the same")
    summary = await told(ada, "Segment is connected to Toplyne, with live data and history.")
    assert "Still open" in summary.visible_text
    still = "still open: Toplyne destination switched off on Web app; whether the history of"
    await told(mira, still, "#customers")


async def test_where_segment_does_not_show_since_when_it_is_live_the_person_says_so(
    a_world: World, ada: Person
) -> None:
    """Toplyne was connected by hand; somebody comes for the history three months later."""
    began, web = a_world.segment.now(), source_id(a_world, "acme", "Web app")
    for days in (62, 10, 10, 8):
        let_data_arrive(a_world, "acme", "Web app")
        await minutes_pass(a_world, days * 24 * 60)
    await reach_live_sync(a_world, ada)
    await see(ada, "Web app: arriving, 150 events delivered in 30 days, perhaps others before")
    news = await told(ada, "Events of Web app reach Toplyne: live sync has started")
    await ada.click("Prepare the request", message=news)
    await see(
        ada, "word for word", "Web app may have been live before", "choose that day as the end"
    )
    assert "Why this end" not in ada.modal.text
    await change_request(ada)
    await see(ada, "Since when has Toplyne been connected to Web app?")
    assert "Live sync began" not in ada.modal.text
    ada.fill(END, (began + timedelta(days=10)).isoformat())
    await ada.submit()
    end = began + timedelta(days=10)
    await see(ada, "word for word", f"End (UTC): {end:%Y-%m-%d %H:%M}")
    assert "twice" not in ada.modal.text
    await change_request(ada)
    ada.fill(END, (began + timedelta(days=89)).isoformat())
    await ada.submit()
    await see(ada, "word for word", "Those before this end come twice")
    await change_request(ada)
    ada.fill(END, began.isoformat())
    await ada.submit()
    await see(ada, "word for word", f"End (UTC): {began:%Y-%m-%d %H:%M}", f"Source ID: {web}")
    assert "Why this end" not in ada.modal.text
    await ada.close(everything=True)
    await ada.command("/segment replay")
    await see(ada, "word for word", f"End (UTC): {began:%Y-%m-%d %H:%M}")
    await ada.submit()
    await see(ada, "Sent to Segment: not reported yet")
