"""The demo's button that adds sixty sample customers to its Slack and its database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from bot.cli.database import opened
from bot.clock import SystemClock
from bot.demo.customers import SAMPLES, history_of, sample_names, sample_situation
from flows.installed import Installation
from flows.model import Situation
from flows.ports import Unguarded
from flows.reactions import usual_reactions
from flows.recording import Recorder
from flows.vocabulary import Stamp
from playground.extras import Extra
from playground.slack.model import Installation as Installed
from playground.slack.model import Team, User
from playground.world import PlaygroundWorld
from storage.cipher import Cipher
from storage.unit_of_work import SqlUnitOfWorkFactory

UNINSTALLED = (20, 50)  # numbers of the customers who have removed the app again


class SampleCustomers:
    """Fills the playground's Slack and the running bot's database. A second fill adds nothing."""

    def __init__(
        self,
        database_url: str,
        keys: Sequence[SecretStr],
        csm_team_id: str,
        poll_interval: timedelta,
        count: int = SAMPLES,
    ) -> None:
        self._database_url = database_url
        self._keys = keys
        self._csm_team_id = csm_team_id
        self._poll_interval = poll_interval
        self._count = count

    def extra(self) -> Extra:
        label = f"Fill with {self._count} sample customers"
        hint = (
            "In all states, for Mira at Toplyne: type /segment-csm there. Their cards appear one by"
            " one, as fast as Slack lets the app write."
        )
        return Extra("sample_customers", label, hint, self.fill)

    async def fill(self, playground: PlaygroundWorld) -> str:
        """Returns what to tell the person who pressed the button."""
        csms = tuple(user.id for user in playground.slack.core.state.people(self._csm_team_id))
        every = self._poll_interval
        async with opened(self._database_url) as engine:
            uow = SqlUnitOfWorkFactory(engine, Cipher(self._keys), SystemClock())
            recorder = Recorder(uow, _Now(playground), usual_reactions(every))
            made = [
                n for n in range(self._count) if await _one(n, playground, recorder, csms, every)
            ]
        for number in UNINSTALLED:
            if number in made:
                await playground.slack.uninstall(_team_id(number))
        return f"{len(made)} sample customers are there now." if made else "They are there already."


class _Now:
    """The playground's time, which the bot uses too."""

    def __init__(self, playground: PlaygroundWorld) -> None:
        self._clock = playground.clock

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


async def _one(
    number: int,
    playground: PlaygroundWorld,
    recorder: Recorder,
    csms: tuple[str, ...],
    poll_interval: timedelta,
) -> bool:
    """Adds one customer. Returns False if they are there already."""
    team_id, name = _team_id(number), sample_names()[number]
    if team_id in playground.slack.teams:
        return False
    user = User(f"U0SAMPLE{number:03}", team_id, f"sample{number:02}", f"Sam Sample {number:02}")
    user.is_admin = True
    playground.slack.add(Team(team_id, name, f"sample-{number:02}", is_listed=False), user)
    installed = playground.slack.seed_installation(team_id, user.id)
    situation = sample_situation(
        number, team_id, user.id, csms, recorder.clock.now(), poll_interval
    )
    await _store(recorder, _installation(installed, name, situation), installed.token, situation)
    return True


def _team_id(number: int) -> str:
    return f"T0SAMPLE{number:03}"


def _installation(installed: Installed, name: str, situation: Situation) -> Installation:
    return Installation(
        tenant_id=installed.team_id,
        team_id=installed.team_id,
        enterprise_id="",
        is_enterprise_install=False,
        team_name=name,
        app_id="",
        bot_id=installed.bot_id,
        bot_user_id=installed.bot_user_id,
        scopes=tuple(installed.scopes),
        installed=Stamp(installed.installer, situation.integration.created.at),
    )


async def _store(
    recorder: Recorder, installation: Installation, token: str, situation: Situation
) -> None:
    """Stores one customer in one transaction. The card follows as after any change."""
    integration, observed = situation.integration, situation.observed
    async with recorder.uow(installation.tenant_id, unguarded=Unguarded.INSTALLING) as work:
        await work.installations.put(installation, SecretStr(token))
        await work.integrations.add(integration)
        for status in observed.statuses.values():
            await work.observations.put_status(integration.id, status)
        if observed.looked_at:
            await work.observations.put_looked(integration.id, observed.looked_at, 0)
        if observed.token:
            await work.observations.put_token(integration.id, observed.token)
        for event in history_of(integration):
            await work.history.append(integration.id, event)
        await recorder.react(work, situation, situation)
        await work.commit()
