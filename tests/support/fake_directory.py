"""The people of Slack workspaces, without a Slack."""

from dataclasses import replace

from flows.errors import DirectoryUnavailable
from flows.vocabulary import Person

HERE = Person("UTC", "en-US", is_active=True)


class FakeDirectory:
    """Implements `flows.ports.Directory`. Everybody is a full member at UTC until changed."""

    def __init__(self) -> None:
        self.people: dict[str, Person | None] = {}
        self.is_away = False
        self.asked: list[str] = []

    async def person(self, tenant_id: str, user_id: str, *, max_age: float = 0.0) -> Person | None:
        if self.is_away:
            raise DirectoryUnavailable(tenant_id)
        self.asked.append(user_id)
        return self.people.get(user_id, replace(HERE, teams=(tenant_id,)))
