"""Sample data: Segment workspaces of five customers who are about to connect Toplyne."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from playground.segment.state import (
    Destination,
    DestinationKind,
    Period,
    Plan,
    Region,
    Role,
    Source,
    State,
    Token,
    TokenKind,
    Workspace,
    new_id,
    new_token,
    random_text,
)

TOPLYNE = DestinationKind(
    id="6408ac6c144a7d5ac55cf414",
    slug="actions-toplyne-cloud",
    name="Toplyne Cloud Mode (Actions)",
    call_types=("identify", "group", "track"),
)
_GLOBEX_SOURCES = 120


def sample_state(now: datetime) -> State:
    """All sample workspaces. Ids, write keys and tokens are new each time."""
    builders = (_acme, _acme_europe, _beacon, _corner_shop, _globex)
    return State(featured=TOPLYNE, workspaces=[build(now) for build in builders])


def _workspace(now: datetime, slug: str, name: str, plan: Plan, region: Region) -> Workspace:
    return Workspace(
        id=new_id(),
        slug=slug,
        name=name,
        plan=plan,
        region=region,
        created_at=now - timedelta(days=900),
        tokens=_tokens(),
    )


def _tokens() -> list[Token]:
    revoked = new_token("revoked", Role.OWNER, TokenKind.PUBLIC)
    revoked.revoked = True
    return [
        new_token("owner", Role.OWNER, TokenKind.PUBLIC),
        new_token("member", Role.MEMBER, TokenKind.PUBLIC, prefixed=False),
        new_token("limited", Role.SOURCE_READONLY, TokenKind.PUBLIC),
        revoked,
    ]


def _source(
    now: datetime, slug: str, kind: str, name: str | None, daily: Mapping[str, int]
) -> Source:
    return Source(
        id=new_id(),
        slug=slug,
        kind=kind,
        name=name,
        write_keys=[random_text(32)],
        daily=dict(daily),
        active=[Period(now - timedelta(days=800))],
    )


def _switched_off(source: Source, since: datetime) -> Source:
    source.active[-1].end = since
    return source


def _acme(now: datetime) -> Workspace:
    acme = _workspace(now, "acme", "Acme Inc", Plan.BUSINESS, Region.US)
    web = {"identify": 40, "track": 2937, "page": 1013, "group": 12}
    backend = {"identify": 310, "track": 1820, "group": 95}
    ios = {"identify": 22, "track": 640, "screen": 900}
    old = {"identify": 5, "track": 60, "page": 30}
    website = _source(now, "web-app", "javascript", "Web app", web)
    website.destinations.append(_other_destination())
    acme.sources = [
        website,
        _source(now, "backend", "python", "Backend", backend),
        _source(now, "ios-app", "ios", "iOS app", ios),
        _source(now, "billing-events", "http-api", None, {"track": 18}),
        _switched_off(
            _source(now, "old-site", "javascript", "Old site", old), now - timedelta(days=45)
        ),
    ]
    acme.tokens.append(new_token("config-api", Role.OWNER, TokenKind.CONFIG))
    return acme


def _other_destination() -> Destination:
    kind = DestinationKind(id=secrets.token_hex(12), slug="webhooks", name="Webhooks")
    return Destination(id=new_id(), kind=kind, name="Data lake", enabled=True)


def _acme_europe(now: datetime) -> Workspace:
    europe = _workspace(now, "acme-eu", "Acme Europe", Plan.BUSINESS, Region.EU)
    shop = {"identify": 61, "track": 1204, "page": 800, "group": 20}
    europe.sources = [
        _source(now, "shop", "javascript", "Shop", shop),
        _source(now, "crm", "node", "CRM", {"identify": 33, "group": 14}),
    ]
    return europe


def _beacon(now: datetime) -> Workspace:
    beacon = _workspace(now, "beacon", "Beacon", Plan.TEAM, Region.US)
    app = {"identify": 15, "track": 410, "page": 260, "group": 6}
    beacon.sources = [
        _source(now, "app", "javascript", "App", app),
        _source(now, "jobs", "node", "Jobs", {"track": 75}),
    ]
    return beacon


def _corner_shop(now: datetime) -> Workspace:
    shop = _workspace(now, "corner-shop", "Corner Shop", Plan.FREE, Region.US)
    shop.sources = [_source(now, "website", "javascript", "Website", {"track": 40, "page": 90})]
    shop.tokens.append(new_token("config-api", Role.OWNER, TokenKind.CONFIG))
    return shop


def _globex(now: datetime) -> Workspace:
    globex = _workspace(now, "globex", "Globex", Plan.BUSINESS, Region.US)
    globex.sources = [
        _source(
            now,
            f"store-{number:03}",
            "javascript",
            f"Store {number:03}",
            {"identify": number, "track": number * 20, "page": number * 7, "group": number % 5},
        )
        for number in range(1, _GLOBEX_SOURCES + 1)
    ]
    return globex
