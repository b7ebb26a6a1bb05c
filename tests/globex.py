"""An Enterprise Grid org for tests: Globex, with two workspaces and people in one or both."""

from playground.slack.model import Channel, Enterprise, Team, User
from playground.slack.world import SlackWorld

GLOBEX = Enterprise("E0GLOBEX001", "Globex", "globex")
EUROPE = Team("T0GLOBEXEUR", "Globex Europe", "globex-europe", enterprise_id=GLOBEX.id)
ASIA = Team("T0GLOBEXASI", "Globex Asia", "globex-asia", enterprise_id=GLOBEX.id)

HANK, INES, JUN = "U0GLOBEXHNK", "U0GLOBEXINE", "U0GLOBEXJUN"
EUROPE_GENERAL, ASIA_GENERAL = "C0GLOBEXEUR", "C0GLOBEXASI"


def move_in(slack: SlackWorld) -> None:
    """Hank, the org's admin, and Ines are at home in Europe. They and Jun are members of Asia."""
    hank = User(HANK, EUROPE.id, "hank", "Hank Scorpio", "Europe/Rome", is_admin=True)
    hank.other_teams, hank.is_org_admin = [ASIA.id], True
    ines = User(INES, EUROPE.id, "ines", "Ines Duarte", "Europe/Lisbon", other_teams=[ASIA.id])
    jun = User(JUN, ASIA.id, "jun", "Jun Okabe", "Asia/Tokyo", is_admin=True)
    slack.add(GLOBEX, EUROPE, ASIA, hank, ines, jun)
    slack.add(
        Channel(EUROPE_GENERAL, EUROPE.id, "general", members=[HANK, INES], invites_app=True),
        Channel(ASIA_GENERAL, ASIA.id, "general", members=[HANK, INES, JUN], invites_app=True),
    )
