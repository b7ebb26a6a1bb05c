"""Prometheus metrics: counts and times by kind and outcome. No label holds an id or a secret."""

import time
from collections.abc import Iterable, Mapping
from itertools import product
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from flows.outbox.bodies import BODIES
from flows.outbox.jobs import NOTHING, JobKind, Waiting
from flows.outbox.messages import MessageState
from flows.toplyne.model import DeliveryKind, DeliveryState

# Fine up to the three seconds that Slack allows, coarse above.
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 10.0)


M = TypeVar("M", Counter, Gauge)
State = TypeVar("State", MessageState, DeliveryState)
WAITING = "{} that wait, and those that were given up, by kind and state"


class Metrics:
    """A registry and its metrics. Each app has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._made(
            Counter, "bot_slack_requests", "Requests from Slack by kind and outcome", "outcome"
        )
        self._seconds = Histogram(
            "bot_slack_request_seconds",
            "Time until the acknowledgement by kind of request",
            ["kind"],
            buckets=SECONDS,
            registry=self.registry,
        )
        # By kind and status; Prometheus takes longer to find them.
        self._of_requests: dict[tuple[str, int], tuple[Histogram, Counter]] = {}
        self._messages = self._made(
            Counter, "bot_messages", "Attempts to send a message by kind and outcome", "outcome"
        )
        self._outbox = self._made(Gauge, "bot_outbox_messages", WAITING.format("Messages"), "state")
        self._sent_to_toplyne = self._made(
            Counter, "bot_handoffs", "Tries to deliver to Toplyne's backend", "outcome"
        )
        self._handoffs = self._made(
            Gauge, "bot_handoff_deliveries", WAITING.format("Deliveries"), "state"
        )
        self._events = self._made(
            Gauge, "bot_failed_events", "Events of Slack that could not be worked on, by kind"
        )
        self._jobs = self._made(
            Counter, "bot_jobs", "Background work by kind and how it ended", "outcome"
        )
        self._due = self._made(Gauge, "bot_due", "Things that are due now, by kind")
        self._late = self._made(Gauge, "bot_due_oldest_seconds", "For how long the first is due")
        self._attempts = self._made(
            Gauge, "bot_due_attempts", "Most attempts in a row at one thing that is due"
        )
        self._checks = self._made(
            Counter, "bot_segment_checks", "Questions to Segment by kind and outcome", "outcome"
        )

    def _made(self, metric: type[M], name: str, says: str, *labels: str) -> M:
        return metric(name, says, ["kind", *labels], registry=self.registry)

    def refused(self, status: int) -> None:
        """Counts a request that was refused unread: too large, badly signed or malformed."""
        self._requests.labels("unknown", _outcome(status)).inc()

    def answered(self, kind: str, status: int, began: float) -> None:
        """Counts one request and the time until its acknowledgement, from `time.perf_counter`."""
        key = kind, status
        if key not in self._of_requests:
            times, requests = self._seconds.labels(kind), self._requests
            self._of_requests[key] = times, requests.labels(kind, _outcome(status))
        times, count = self._of_requests[key]
        times.observe(time.perf_counter() - began)
        count.inc()

    def message(self, kind: str, outcome: str) -> None:
        self._messages.labels(kind, outcome).inc()

    def outbox(self, counts: Mapping[tuple[str, MessageState], int]) -> None:
        """Sets the gauges to the database's counts. A missing count means none.

        Kinds of another version are counted, too, as long as there are any.
        """
        states = (MessageState.PENDING, MessageState.DEAD)
        _set_waiting(self._outbox, (body.kind for body in BODIES), states, counts)

    def failed_events(self, counts: Mapping[str, int]) -> None:
        """Sets the gauges to the database's counts. Kinds that are not passed have none."""
        self._events.clear()
        for kind, how_many in counts.items():
            self._events.labels(kind).set(how_many)

    def sent_to_toplyne(self, kind: str, outcome: str) -> None:
        self._sent_to_toplyne.labels(kind, outcome).inc()

    def handoffs(self, counts: Mapping[tuple[str, DeliveryState], int]) -> None:
        """Sets the gauges of deliveries to Toplyne. Kinds that are not passed have none waiting."""
        states = (DeliveryState.PENDING, DeliveryState.DEAD)
        _set_waiting(self._handoffs, map(str, DeliveryKind), states, counts)

    def job(self, kind: str, outcome: str) -> None:
        self._jobs.labels(kind, outcome).inc()

    def due(self, waiting: Mapping[JobKind, Waiting]) -> None:
        """Sets the gauges to what is due in the database now."""
        for kind in JobKind:
            found = waiting.get(kind, NOTHING)
            self._due.labels(kind.value).set(found.count)
            self._late.labels(kind.value).set(found.oldest)
            self._attempts.labels(kind.value).set(found.attempts)

    def check(self, kind: str, outcome: str) -> None:
        self._checks.labels(kind, outcome).inc()


def _set_waiting(
    gauge: Gauge,
    kinds: Iterable[str],
    states: Iterable[State],
    counts: Mapping[tuple[str, State], int],
) -> None:
    gauge.clear()
    for kind, state in product({*kinds, *(kind for kind, _ in counts)}, states):
        gauge.labels(kind, state.value).set(counts.get((kind, state), 0))


def _outcome(status: int) -> str:
    match status:
        case 401:
            return "unsigned"
        case 400 | 413:
            return "malformed"
        case 503:
            return "unavailable"
    return "ok" if status < 400 else "failed"
