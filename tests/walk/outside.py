"""What happens without anybody pressing anything: in Segment, in Slack, and by the clock."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from playground.sample import ACME
from playground.segment.state import Plan, Role
from playground.segment.weather import Weather
from playground.slack.faults import Fault
from tests.walk.acts import Act
from tests.walk.house import EVERYBODY, House

SOURCES = ("acme/web-app", "acme/web-app", "acme/backend", "acme/ios-app", "acme/billing-events",
           "beacon/app")  # fmt: skip
TOKENS = ("acme", "acme", "beacon", "acme-eu")
METHODS = ("views.open", "views.update", "views.push", "views.publish", "chat.postMessage",
           "chat.update", "users.info", "*")  # fmt: skip
ERRORS = ("internal_error", "ratelimited", "fatal_error", "503", "cut")
SHUT = ("is_archived", "restricted_action_read_only_channel", "channel_is_limited_access")
CUSTOMERS = "C0TOPLCUSTS"
OUTSIDE = "the world"
MINUTE, HOUR, DAY = 60, 3600, 86400
SPANS = (10 * MINUTE, 10 * MINUTE, 10 * MINUTE, HOUR, 9 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY)

Doing = Callable[[House, str], Awaitable[None]]


def outside(house: House, chance: Random) -> Act:
    """One thing that happens, by chance."""
    kinds = _WEIGHTS if not house.troubled else {**_WEIGHTS, "fine": 40}
    what = chance.choices(list(kinds), list(kinds.values()))[0]
    return Act(OUTSIDE, what, value=_about(what, chance))


def death(chance: Random) -> Act:
    """Of who makes one of the next calls, or of one who waits."""
    moment = f"{chance.choice(('before', 'after'))} {chance.choice((1, 1, 1, 2, 2, 3, 4, 6))}"
    waiting = f"{chance.choice(('front', 'worker'))} {chance.randrange(2)}"
    return Act(OUTSIDE, "killed", value=chance.choice((f"caller {moment}",) * 3 + (waiting,)))


def time_goes_on(chance: Random) -> Act:
    return Act(OUTSIDE, "wait", value=chance.choice(SPANS))


def _about(what: str, chance: Random) -> str:
    match what:
        case "token revoked" | "token reduced" | "plan changes":
            return chance.choice(TOKENS)
        case "weather":
            return str(chance.choice([each for each in Weather if each is not Weather.TIMEOUT]))
        case "refusal":
            return f"{chance.choice(METHODS)} {chance.choice(ERRORS)}"
        case "channel shut":
            return chance.choice(SHUT)
        case "leaves" | "returns":
            return chance.choice(EVERYBODY[:3])
        case "odd record":
            return f"{chance.choice(SOURCES)} {chance.choice(_ODD)}"
        case "fine" | "card deleted" | "channel open" | "uninstalled" | "installed":
            return ""
    return chance.choice(SOURCES)


async def happen(house: House, act: Act) -> bool:
    """Whether it could happen. Raises `KeyError` for what never happens."""
    if act.what == "wait":
        await house.time_passes(float(act.value))
        return True
    with suppress(LookupError, ValueError):
        await _HAPPENINGS[act.what](house, str(act.value))
        return True
    return False


# --- in Segment -----------------------------------------------------------------------------------


async def _data_begins(house: House, source: str) -> None:
    """The destination is connected and on, and events come."""
    segment = house.world.segment
    segment.connect_destination(source)
    segment.set_destination_enabled(source, True)
    segment.send_events(source, 50)


async def _sends(house: House, source: str) -> None:
    house.world.segment.send_events(source, 20)


async def _connected(house: House, source: str) -> None:
    house.world.segment.connect_destination(source)


async def _doubled(house: House, source: str) -> None:
    house.world.segment.add_destination(source, enabled=True)


async def _gone(house: House, source: str) -> None:
    house.world.segment.disconnect_destination(source)


async def _switched(house: House, source: str) -> None:
    destination = house.world.segment.featured_destination(source)
    house.world.segment.set_destination_enabled(source, not destination.enabled)


async def _fails(house: House, source: str) -> None:
    destination = house.world.segment.featured_destination(source)
    house.world.segment.set_destination_failing(source, not destination.failing)


async def _source_switched(house: House, source: str) -> None:
    segment = house.world.segment
    segment.set_source_enabled(source, not segment.source(source).enabled)


async def _filtered(house: House, source: str) -> None:
    house.world.segment.add_filter(source, "No tests", 'type = "track"')


_ODD = ("no name", "listed twice", "403", "404", "500", "plain")


async def _odd(house: House, words: str) -> None:
    slug, _, how = words.partition(" ")
    source = house.world.segment.source(slug)
    odd = source.odd
    odd.record, odd.times_listed, odd.statuses = {}, 1, {}
    match how:
        case "no name":
            odd.record = {"name": None}
        case "listed twice":
            odd.times_listed = 2
        case "403" | "404" | "500":
            odd.statuses = {"destinations": int(how)}
            house.troubled |= how == "500"  # asked again and again, until it is over
    house.world.segment.changed()


async def _revoked(house: House, slug: str) -> None:
    house.world.segment.revoke_token(house.world.segment.token(slug, "owner").value)


async def _reduced(house: House, slug: str) -> None:
    """The owner token may do less, or everything again."""
    token = house.world.segment.token(slug, "owner")
    token.role = Role.SOURCE_READONLY if token.role is Role.OWNER else Role.OWNER
    token.revoked = False


async def _plan(house: House, slug: str) -> None:
    workspace = house.world.segment.workspace(slug)
    plans = list(Plan)
    workspace.plan = plans[(plans.index(workspace.plan) + 1) % len(plans)]


async def _weather(house: House, weather: str) -> None:
    house.world.segment.set_weather(weather)
    house.troubled |= weather != Weather.FINE


# --- in Slack -------------------------------------------------------------------------------------


async def _refusal(house: House, words: str) -> None:
    method, _, error = words.partition(" ")
    match error:
        case "ratelimited":
            fault = Fault.rate_limited(1)
        case "503":
            fault = Fault.server_error(503)
        case _:
            fault = Fault(error="internal_error" if error == "cut" else error)
    house.world.slack.faults.next_calls(method, fault)
    house.troubled = True


async def _shut(house: House, how: str) -> None:
    channel = house.world.slack.channels[CUSTOMERS]
    channel.is_archived = how == "is_archived"
    channel.refusal = "" if channel.is_archived else how
    house.troubled = True


async def _open(house: House, _: str) -> None:
    channel = house.world.slack.channels[CUSTOMERS]
    channel.is_archived, channel.refusal = False, ""


async def _leaves(house: House, name: str) -> None:
    """Slack signs them out. Who returns opens Home anew."""
    person = house.person(name)
    person.user.deleted, person.home_shown = True, False


async def _returns(house: House, name: str) -> None:
    house.person(name).user.deleted = False


async def _card_deleted(house: House, _: str) -> None:
    """By an admin of Toplyne's Slack. The oldest message of the channel is a card."""
    messages = house.world.slack.core.state.messages
    card = next((each for each in messages if each.channel == CUSTOMERS), None)
    if card:
        messages.remove(card)


async def _again(house: House, _: str) -> None:
    house.world.slack.faults.duplicate_events += 1


async def _uninstalled(house: House, _: str) -> None:
    if house.world.slack.installations[ACME.id].active:
        house.uninstalled.add(ACME.id)
        await house.world.slack.uninstall(ACME.id)


async def _installed(house: House, _: str) -> None:
    house.uninstalled.discard(ACME.id)
    ada = house.person("ada").user.id
    await house.world.slack.install(ACME.id, ada)
    if house.killed:  # who sees an error tries again
        await house.world.slack.install(ACME.id, ada)


async def _killed(house: House, words: str) -> None:
    """One of the bot's processes, and who it is may turn out in the next act."""
    await house.dies(words)


async def _fine(house: House, _: str) -> None:
    """All trouble ends, and what waited for that goes on."""
    house.world.segment.set_weather(Weather.FINE)
    for slug in dict.fromkeys(SOURCES):
        await _odd(house, f"{slug} plain")
    house.world.slack.faults.clear()
    await _open(house, "")
    await house.time_passes(2 * HOUR)
    house.troubled = False


_HAPPENINGS: dict[str, Doing] = {
    "data begins": _data_begins,
    "events come": _sends,
    "destination connected": _connected,
    "destination doubled": _doubled,
    "destination gone": _gone,
    "destination switched": _switched,
    "destination fails": _fails,
    "source switched": _source_switched,
    "filter added": _filtered,
    "odd record": _odd,
    "token revoked": _revoked,
    "token reduced": _reduced,
    "plan changes": _plan,
    "weather": _weather,
    "refusal": _refusal,
    "channel shut": _shut,
    "channel open": _open,
    "leaves": _leaves,
    "returns": _returns,
    "card deleted": _card_deleted,
    "event twice": _again,
    "uninstalled": _uninstalled,
    "installed": _installed,
    "killed": _killed,
    "fine": _fine,
}
_WEIGHTS = dict.fromkeys(_HAPPENINGS, 4) | {
    "data begins": 14, "events come": 8, "weather": 5, "refusal": 5, "channel shut": 2,
    "uninstalled": 1, "card deleted": 1, "installed": 3, "leaves": 2, "returns": 4, "fine": 3,
    "token revoked": 2, "token reduced": 3, "killed": 0,
}  # fmt: skip
