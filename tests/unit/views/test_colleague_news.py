"""Each message among colleagues × what makes it untrue: it then says and offers something else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.views.people.messages import render
from flows.checks.question import TokenAccepted
from flows.csm.facts import Rejectable
from flows.csm.steps import reject
from flows.model import Integration, Observed, Screen, Situation, TokenKind, Verification
from flows.outbox import bodies
from flows.outbox.bodies import AskedToGoOn, ColleagueAsked, ColleagueDid, Deed, DelegationNews
from flows.outbox.messages import Message
from flows.outdated import redraw_outdated
from flows.recording import Change
from flows.replay.steps import Mark, mark_replay, request_replay
from flows.replay.undoing import retract_sent, undo
from flows.replay.window import past_replays
from flows.setup import people_steps, steps
from flows.setup.blockers import Blocker
from flows.setup.events import Disconnected
from flows.setup.leaving import disconnect
from flows.vocabulary import Plan, Region, Source, Stamp, Workspace
from tests.support.fakes import FakeStorage
from tests.unit.views.message_cases import ADA, MIRA, NOW, delivering, integration, request
from tests.unit.views.message_checks import buttons, check_message, mrkdwn_of

BOB, CAROL, LINUS = "U0BOB00001", "U0CAROL001", "U0LINUS001"
BY_ADA, BY_BOB, BY_CAROL = Stamp(ADA.by, NOW), Stamp(BOB, NOW), Stamp(CAROL, NOW)
TOKEN = TokenAccepted(
    TokenKind.PUBLIC_API, Verification.VERIFIED, Workspace("acme", "w" * 22, "Acme"), Region.US
)
WEB = (Source("src9", "nine", "Nine"),)
Does = Callable[[Integration], Change]


def asked(screen: Screen, of: Integration) -> Integration:
    alone = replace(of, asked=(), started=BY_ADA)
    return people_steps.delegate(alone, BOB, screen, BY_ADA).integration


FULL = integration()
SEEN = Observed(statuses=delivering(FULL))
LIVE = replace(FULL, live_started=Stamp("", NOW))
NO_TOKEN = asked(
    Screen.CREDENTIALS, replace(FULL, credentials=None, sources=(), sources_chosen=None)
)
NO_SOURCES = asked(Screen.SOURCES, replace(FULL, sources=(), sources_chosen=None))
NOT_ASKED_FOR = asked(Screen.REPLAY, LIVE)
NOT_SENT = asked(Screen.REPLAY_STATUS, replace(LIVE, replay=request(LIVE)))


def at(of: Integration) -> Situation:
    """Segment delivers what the set-up can know of."""
    return Situation(of, SEEN if of.live_started else Observed(), NOW)


def after(of: Integration, *deeds: Does) -> Integration:
    """The set-up after these, each saved with a revision of its own."""
    for deed in deeds:
        of = replace(deed(of).integration, revision=of.revision + 1)
    return of


def token(by: Stamp) -> Does:
    return lambda of: steps.accept_token(of, TOKEN, by)


def sent(by: Stamp) -> Does:
    return lambda of: mark_replay(at(of), Mark.SENT, by)


def leave(of: Integration) -> Change:
    return disconnect(of, BY_ADA)


def plan(which: Plan) -> Does:
    return lambda of: steps.choose_plan(of, which, BY_ADA)


def decline(screen: Screen) -> Does:
    return lambda of: people_steps.decline(of, screen, BY_BOB)


def unsend(of: Integration) -> Change:
    return undo(at(of), Mark.SENT, BY_BOB)


def not_sent(of: Integration) -> Change:
    return retract_sent(of, MIRA)


def take_out(of: Integration) -> Change:
    return steps.choose_sources(of, of.sources[1:], BY_CAROL)


def let_manage(of: Integration) -> Change:
    shown = people_steps.people_of(of)
    return people_steps.set_managers(of, shown, replace(shown, added=(LINUS,)), BY_ADA)


def take_back(of: Integration) -> Change:
    shown = people_steps.people_of(of)
    return people_steps.set_managers(of, shown, replace(shown, asked=()), BY_ADA)


def ask_on(of: Integration) -> Change:
    """Bob asks Linus for the same."""
    return people_steps.delegate(of, LINUS, Screen.CREDENTIALS, BY_BOB)


def to_bob(screen: Screen) -> ColleagueAsked:
    return ColleagueAsked(ADA.by, screen, BOB)


def heard(how: bodies.Heard, screen: Screen) -> DelegationNews:
    return DelegationNews(how, BOB, screen)


GO_ON = AskedToGoOn(LINUS, ADA.by, Blocker.CREDENTIALS_MISSING)
TO_BOB = AskedToGoOn(LINUS, BOB, Blocker.CREDENTIALS_MISSING)
DONE, NOTHING = bodies.Heard.DONE, bodies.Heard.NOTHING
NOT_THEM, LEFT, QUIET = bodies.Heard.NOT_THEM, bodies.Heard.LEFT, bodies.Heard.QUIET
ASKED_ON = bodies.Heard.ASKED_ON
SHOW, OTHERS, NONE = ["Show me how", "Not me"], ["Ask somebody else", "Do it myself"], list[str]()
# The message, the set-up, what happens, a part of what it then says, and its buttons then.
CASES: list[tuple[bodies.Personal, Integration, tuple[Does, ...], str, list[str]]] = [
    (to_bob(Screen.CREDENTIALS), NO_TOKEN, (), "asks you to", SHOW),
    (to_bob(Screen.CREDENTIALS), NO_TOKEN, (token(BY_BOB),), "That is over", NONE),
    (to_bob(Screen.CREDENTIALS), NO_TOKEN, (token(BY_CAROL),), "That is over", NONE),
    (to_bob(Screen.CREDENTIALS), NO_TOKEN, (leave,), "That is over", NONE),
    (to_bob(Screen.CREDENTIALS), NO_TOKEN, (take_back,), "That is over", NONE),
    (
        to_bob(Screen.CREDENTIALS),
        NO_TOKEN,
        (decline(Screen.CREDENTIALS),),
        "That is over",
        NONE,
    ),
    (to_bob(Screen.SOURCES), NO_SOURCES, (plan(Plan.FREE),), "That is over", NONE),
    (
        to_bob(Screen.SOURCES),
        NO_SOURCES,
        (plan(Plan.FREE), plan(Plan.BUSINESS)),
        "asks you to choose",
        SHOW,
    ),
    (to_bob(Screen.REPLAY), NOT_ASKED_FOR, (plan(Plan.TEAM),), "That is over", NONE),
    (to_bob(Screen.REPLAY_STATUS), NOT_SENT, (sent(BY_BOB),), "That is over", NONE),
    (to_bob(Screen.REPLAY_STATUS), NOT_SENT, (sent(BY_BOB), unsend), "asks you to send", SHOW),
    (to_bob(Screen.REPLAY_STATUS), NOT_SENT, (sent(BY_BOB), not_sent), "asks you to send", SHOW),
    (
        heard(DONE, Screen.CREDENTIALS),
        NO_TOKEN,
        (token(BY_BOB),),
        "It is done.",
        ["Choose the sources"],
    ),
    (heard(DONE, Screen.CREDENTIALS), NO_TOKEN, (token(BY_BOB), leave), "It is done.", NONE),
    (
        heard(DONE, Screen.REPLAY_STATUS),
        NOT_SENT,
        (sent(BY_BOB),),
        "It is done.",
        ["Report their answer"],
    ),
    (heard(DONE, Screen.REPLAY_STATUS), NOT_SENT, (sent(BY_BOB), unsend), "is open again", OTHERS),
    (heard(DONE, Screen.REPLAY), NOT_SENT, (), "It is done.", ["Send the request"]),
    (heard(DONE, Screen.REPLAY), NOT_SENT, (take_out,), "is open again", OTHERS),
    (
        heard(DONE, Screen.SOURCES),
        NO_SOURCES,
        (
            lambda of: steps.choose_sources(of, WEB, BY_BOB),
            lambda of: reject(of, Rejectable.SOURCES, "No", MIRA),
        ),
        "is open again",
        OTHERS,
    ),
    *(
        (heard(how, Screen.CREDENTIALS), NO_TOKEN, deeds, says_then, left)
        for how, is_not_done in ((NOTHING, True), (QUIET, True), (NOT_THEM, False), (LEFT, False))
        for deeds, says_then, left in (
            ((), "not done yet" if is_not_done else "They", OTHERS),
            ((decline(Screen.CREDENTIALS),), "You asked", OTHERS),
            ((token(BY_CAROL),), "It is done now." if is_not_done else "They", NONE),
            ((leave,), "has ended" if is_not_done else "They", NONE),
        )
    ),
    *(
        (DelegationNews(ASKED_ON, BOB, Screen.CREDENTIALS, LINUS), NO_TOKEN, deeds, then, left)
        for deeds, then, left in (
            ((), f"They have asked <@{LINUS}> to do it in their place", OTHERS),
            ((token(BY_CAROL),), "It is done now.", NONE),
            ((leave,), "has ended", NONE),
        )
    ),
    (to_bob(Screen.CREDENTIALS), NO_TOKEN, (ask_on,), "in your place", NONE),
    (heard(NOTHING, Screen.SOURCES), NO_SOURCES, (plan(Plan.FREE),), "does not include it", NONE),
    (
        heard(NOTHING, Screen.REPLAY),
        NOT_ASKED_FOR,
        (lambda of: request_replay(of, request(of)),),
        "It is done now.",
        NONE,
    ),
    (GO_ON, NO_TOKEN, (), "asks you to go on", ["Enter the token", "Let them manage it"]),
    (GO_ON, NO_TOKEN, (let_manage,), "asks you to go on", ["Enter the token"]),
    (GO_ON, NO_TOKEN, (token(BY_CAROL),), "is no longer needed", NONE),
    (GO_ON, NO_TOKEN, (plan(Plan.FREE),), "is no longer needed", NONE),
    (GO_ON, NO_TOKEN, (leave,), "is no longer needed", NONE),
    (TO_BOB, NO_TOKEN, (), "asks you to go on", ["Enter the token"]),
    (
        ColleagueDid(BOB, Deed.SOURCES_CHANGED, "Web app"),
        LIVE,
        (),
        "changed",
        ["Open the set-up", "Ask for help"],
    ),
    (ColleagueDid(BOB, Deed.SOURCES_CHANGED, "Web app"), LIVE, (leave,), "changed", NONE),
    (ColleagueDid(BOB, Deed.DISCONNECTED), LIVE, (leave,), "disconnected", ["Ask for help"]),
]


@pytest.mark.parametrize(
    ("body", "of", "deeds", "then", "left"), CASES, ids=[str(n) for n in range(len(CASES))]
)
def test_a_message_holds_after_all_that_makes_it_untrue(
    body: bodies.Personal, of: Integration, deeds: tuple[Does, ...], then: str, left: list[str]
) -> None:
    blocks = check_message(render(body, at(after(of, *deeds))))
    assert then in mrkdwn_of(blocks)[0]
    assert [each["text"]["text"] for each in buttons(blocks)] == left


def test_every_kind_among_colleagues_is_in_the_table() -> None:
    assert {type(body) for body, *_ in CASES} == {
        ColleagueAsked,
        DelegationNews,
        AskedToGoOn,
        ColleagueDid,
    }
    assert {body.how for body, *_ in CASES if isinstance(body, DelegationNews)} == set(bodies.Heard)


def test_what_was_done_before_somebody_is_asked_once_more_stays_open() -> None:
    """A token can be replaced while it works."""
    of = replace(asked(Screen.CREDENTIALS, LIVE), revision=7, changed={Screen.CREDENTIALS: 3})
    news = DelegationNews(NOT_THEM, BOB, Screen.CREDENTIALS, revision=7)
    left = buttons(check_message(render(news, at(of))))
    assert [each["text"]["text"] for each in left] == OTHERS
    replaced = after(of, token(BY_CAROL))
    assert not buttons(check_message(render(news, at(replaced))))


def test_the_sending_of_an_earlier_request_is_not_asked_for_again() -> None:
    """Undo takes back one request's sending; who was asked to send the one before has done it."""
    done = after(NOT_SENT, sent(BY_BOB), lambda of: mark_replay(at(of), Mark.FINISHED, BY_BOB))
    further = replace(done, past_replays=past_replays(done), replay_finished=None, replay_sent=None)
    further = after(replace(further, replay_running=None), sent(BY_CAROL), unsend)
    assert further.replay_sent is None
    assert not any(each.is_open for each in further.asked)


# --- drawn again ----------------------------------------------------------------------------------


async def test_of_an_earlier_set_up_nothing_is_drawn_again() -> None:
    storage, key = FakeStorage(), "delegation_news:1"
    of = replace(NO_TOKEN, tenant_id="T1")
    storage.install("T1")
    news = Message(heard(NOTHING, Screen.CREDENTIALS), f"user:{ADA.by}", key, of.id)
    left = Disconnected(BY_ADA)
    ended = after(of, leave)
    async with storage("T1") as work:
        await work.outbox.add(news)
        await redraw_outdated(work, at(of), at(ended), [left])
        await work.outbox.add(Message(bodies.Farewell(), f"user:{ADA.by}", "farewell", of.id))
        began = after(ended, lambda now: steps.begin(now, BY_ADA), plan(Plan.FREE))
        await redraw_outdated(work, at(ended), at(began), [])
        await work.commit()
    again = [m.message.body for m in storage.messages if isinstance(m.message.body, bodies.Redraw)]
    assert [each.of for each in again] == [key, "farewell"], "which offers no new beginning now"
