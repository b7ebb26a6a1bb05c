"""Errors in the words of Segment's APIs."""

from dataclasses import dataclass
from typing import Any


@dataclass
class ApiError(Exception):
    """An error response. `wait`, in whole seconds, becomes `Retry-After`."""

    status: int
    type: str
    message: str
    field: str | None = None
    data: dict[str, Any] | None = None
    wait: int | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The Public API's error envelope."""
        error: dict[str, Any] = {"type": self.type, "message": self.message}
        if self.field is not None:
            error["field"] = self.field
        if self.data is not None:
            error["data"] = self.data
        return {"errors": [error]}


def unauthorized() -> ApiError:
    return ApiError(401, "unauthorized", "This request carries no valid token.")


def forbidden() -> ApiError:
    return ApiError(403, "forbidden", "The token may not make this call.")


def not_found() -> ApiError:
    return ApiError(404, "not-found", "There is no such resource.")


def invalid(name: str, message: str) -> ApiError:
    return ApiError(422, "input-validation", f'"{name}" {message}', field=name)


def not_acceptable() -> ApiError:
    return ApiError(406, "not-acceptable", "Only application/json is served.")


def too_many(consumed: int, milliseconds: int, *, with_header: bool) -> ApiError:
    """429. Only a limit on the token, not on the sender's address, sends the header."""
    points = {"remainingPoints": 0, "msBeforeNext": milliseconds, "consumedPoints": consumed}
    wait = -(-milliseconds // 1000) if with_header else None
    return ApiError(429, "request-error", "Too many requests.", data=points, wait=wait)


def odd(status: int) -> ApiError:
    """An answer that only one source or destination gets."""
    return ApiError(status, "odd", "Only this one is answered like that.")


def unavailable() -> ApiError:
    return ApiError(503, "service-unavailable", "The service cannot answer at the moment.")
