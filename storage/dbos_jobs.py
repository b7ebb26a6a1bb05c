"""Jobs as DBOS workflows, enqueued in our own transaction."""

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions

from flows.outbox.jobs import Job, JobKind


class DbosJobWriter:
    """Enqueues a job as the workflow named after its kind, on that kind's queue.

    The job's key is the workflow's id: DBOS keeps the first of one id and ignores the rest.
    The workflow is called with the tenant's id and the subject.
    """

    def __init__(self, client: DBOSClient) -> None:
        self._client = client

    def write(self, connection: sa.Connection, job: Job) -> None:
        self._client.enqueue_in_transaction(
            connection, enqueue_options(job), job.tenant_id, job.subject
        )


def enqueue_options(job: Job) -> EnqueueOptions:
    """How DBOS is asked to run a job; deliveries of one conversation never overlap."""
    options = EnqueueOptions(workflow_name=job.kind.value, queue_name=f"{job.kind.value}s")
    if job.key:
        options["workflow_id"] = job.key
    if job.delay > 0:
        options["delay_seconds"] = job.delay
    if job.kind is JobKind.DELIVER:
        options["queue_partition_key"] = f"{job.tenant_id}:{job.subject}"
    return options
