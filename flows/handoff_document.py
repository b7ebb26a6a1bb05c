"""The JSON document of a Replay request, as Toplyne's backend gets it."""

from typing import Any

from flows.model import Integration, ReplayRequest


def handoff_document(integration: Integration, request: ReplayRequest) -> dict[str, Any]:
    """Everything that Segment asks for."""
    return {"integration": {"id": integration.id}, "number": request.number}
