"""Which customer a CSM's button is about: tenant and integration in one value."""

from enum import StrEnum

from flows.errors import NotFound


class More(StrEnum):
    """The choices in the menu of a card."""

    ACCOUNT = "account"
    SNOOZE = "snooze"
    REPLAY = "replay"
    REJECT = "reject"
    ANSWERED = "answered"


def customer_value(tenant_id: str, integration_id: str) -> str:
    return f"{tenant_id}|{integration_id}"


def request_value(customer: str, number: int) -> str:
    """Which request of a customer: `customer` is a customer's value."""
    return f"{customer}|{number}"


def parse_request_value(value: str) -> tuple[str, str, int]:
    """Tenant, integration and number. Raises `NotFound` for anything else."""
    customer, _, number = value.rpartition("|")
    if not number.isascii() or not number.isdigit():
        raise NotFound("request")
    return (*parse_customer_value(customer), int(number))


def parse_customer_value(value: str) -> tuple[str, str]:
    """Tenant and integration. Raises `NotFound` for anything else."""
    tenant_id, separator, integration_id = value.partition("|")
    if not separator or not tenant_id or not integration_id:
        raise NotFound("customer")
    return tenant_id, integration_id


def more_value(more: More, customer: str) -> str:
    return f"{more}|{customer}"


def parse_more_value(value: str) -> tuple[More, str]:
    """The choice, and the customer's value. Raises `NotFound` for anything else."""
    more, _, customer = value.partition("|")
    try:
        return More(more), customer
    except ValueError:
        raise NotFound("choice") from None
