"""Two workspaces to play with: a customer's and the vendor's own."""

from playground.slack.model import Channel, Team, User
from playground.slack.world import SlackWorld

ACME = Team("T0ACME00001", "Acme", "acme")
TOPLYNE = Team("T0TOPLYNE01", "Toplyne", "toplyne")

TRY_THIS = (
    "As Ada at Acme, type /segment in #general. Press Business, paste the owner token of Acme Inc"
    " (Segment, in the panel), and choose Web app.",
    "For Web app, press Connect destination, Switch on, Send 100 events and, because Segment"
    " reports late, +1 hour. Back in Slack: Check again.",
    "Prepare the request and tell the app how it goes. Then, as Mira at Toplyne, see #customers,"
    " and type /segment-csm.",
)


def fill(world: SlackWorld) -> None:
    """Put the sample teams, people and channels into an empty Slack."""
    world.add(*_acme(), *_toplyne())


def _acme() -> list[Team | User | Channel]:
    people = [
        User(
            "U0ACMEADA01",
            ACME.id,
            "ada",
            "Ada Okafor",
            "America/New_York",
            email="ada@acme.example",
            is_admin=True,
            is_owner=True,
        ),
        User(
            "U0ACMEGRACE",
            ACME.id,
            "grace",
            "Grace Lindqvist",
            "Europe/Berlin",
            "de-DE",
            "grace@acme.example",
        ),
        User(
            "U0ACMELINUS",
            ACME.id,
            "linus",
            "Linus Haddad",
            "Asia/Kolkata",
            "en-GB",
            "linus@acme.example",
            tz_is_named=False,
        ),
    ]
    members = [p.id for p in people]
    channels = [
        Channel("C0ACMEGENRL", ACME.id, "general", members=[*members]),
        Channel("C0ACMEDATA1", ACME.id, "data", members=[*members]),
    ]
    return [ACME, *people, *channels]


def _toplyne() -> list[Team | User | Channel]:
    people = [
        User(
            "U0TOPLMIRA1",
            TOPLYNE.id,
            "mira",
            "Mira Castellanos",
            "America/Los_Angeles",
            email="mira@toplyne.example",
            is_admin=True,
            is_owner=True,
        ),
        User(
            "U0TOPLTOM01",
            TOPLYNE.id,
            "tom",
            "Tom Breitner",
            "Asia/Kolkata",
            "en-GB",
            "tom@toplyne.example",
        ),
    ]
    members = [p.id for p in people]
    channels = [
        Channel("C0TOPLGENRL", TOPLYNE.id, "general", members=[*members]),
        Channel("C0TOPLCUSTS", TOPLYNE.id, "customers", members=[*members], invites_app=True),
    ]
    return [TOPLYNE, *people, *channels]
