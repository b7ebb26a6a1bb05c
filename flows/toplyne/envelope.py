"""A delivery on the wire: one envelope for all kinds, with secrets only as JWE."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import SecretStr

from flows.model import Integration
from flows.toplyne.model import EVENT_TYPE, VERSION, Delivery, DeliveryKind
from flows.toplyne.triggers import SECRET_NAME, about
from flows.vocabulary import Source, Workspace


class Sealer(Protocol):
    """Encrypts so that only Toplyne can read it."""

    def seal(self, plaintext: SecretStr) -> str:
        """A compact JWE."""
        ...


def envelope(delivery: Delivery, data: Mapping[str, Any]) -> str:
    """The body of a delivery, as JSON."""
    document = {
        "type": EVENT_TYPE[delivery.kind],
        "version": VERSION,
        "id": delivery.id,
        "timestamp": wire_time(delivery.at),
        "data": data,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def secret_data(
    delivery: Delivery, integration: Integration, secret: SecretStr, sealer: Sealer
) -> dict[str, Any]:
    """The open data about a secret, and the secret as a JWE.

    The ciphertext names whose secret it is, so that it cannot pass for another's.
    """
    name = SECRET_NAME[delivery.kind]
    entered_at = wire_time(datetime.fromisoformat(delivery.subject))
    inside = {
        "integration_id": integration.id,
        "entered_at": entered_at,
        name: secret.get_secret_value(),
    }
    return {
        **about(integration),
        **_said_of(delivery.kind, integration),
        "entered_at": entered_at,
        "jwe": sealer.seal(SecretStr(json.dumps(inside))),
    }


def _said_of(kind: DeliveryKind, integration: Integration) -> dict[str, Any]:
    credentials = integration.credentials
    workspace = _workspace(credentials.workspace) if credentials else None
    found: dict[str, Any] = {"workspace": workspace, "region": integration.region.value}
    if kind is DeliveryKind.CREDENTIALS and credentials:
        found["kind"] = credentials.kind.value
        found["verification"] = credentials.verification.value
    if kind is DeliveryKind.WRITE_KEY:
        source = integration.write_back.source
        found["source"] = _source(source) if source else None
    return found


def _workspace(workspace: Workspace) -> dict[str, str]:
    return {"id": workspace.id, "slug": workspace.slug, "name": workspace.name}


def _source(source: Source) -> dict[str, str]:
    return {"id": source.id, "slug": source.slug, "name": source.name}


def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
