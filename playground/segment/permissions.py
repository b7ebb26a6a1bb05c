"""Which calls a token's role may make."""

from enum import Enum, auto

from playground.segment.state import Role


class Permission(Enum):
    WORKSPACE = auto()
    SOURCES = auto()
    WRITE_KEYS = auto()
    DESTINATIONS = auto()
    DELIVERY = auto()
    VOLUME = auto()
    USERS = auto()


_MEMBER = frozenset(
    {
        Permission.WORKSPACE,
        Permission.SOURCES,
        Permission.DESTINATIONS,
        Permission.DELIVERY,
        Permission.VOLUME,
    }
)
_BY_ROLE = {
    Role.OWNER: frozenset(Permission),
    Role.MEMBER: _MEMBER,
    Role.SOURCE_READONLY: frozenset({Permission.WORKSPACE, Permission.SOURCES}),
    Role.NONE: frozenset({Permission.WORKSPACE}),
}


def allows(role: Role, permission: Permission) -> bool:
    return permission in _BY_ROLE[role]
