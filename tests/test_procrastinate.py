"""Why work on PostgreSQL is kept by our own queue: what its contract asks and Procrastinate does not give.

Each test runs the library itself and shows the opposite of a line of the contract in storage/queue.py. One that fails
after an update says that the decision should be looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from databases import postgres_copy
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

LANE = "themes:T1"
SOON = 15.0


@pytest.fixture
def conninfo(postgres: sa.URL):
    with postgres_copy(postgres, "template0") as url:
        yield url.replace("postgresql+psycopg://", "postgresql://")


@asynccontextmanager
async def opened(conninfo: str) -> AsyncIterator[App]:
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=8))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        yield app


async def state(app: App, job: int) -> str:
    return (await app.job_manager.get_job_status_async(job)).value


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SOON):
        while not await look():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def working(app: App, *, concurrency: int = 1) -> AsyncIterator[None]:
    """A worker that does not tell that it lives, as one on a machine that froze."""
    run = asyncio.create_task(
        app.run_worker_async(
            concurrency=concurrency,
            install_signal_handlers=False,
            update_heartbeat_interval=3600,
            fetch_job_polling_interval=0.05,
        )
    )
    try:
        yield
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)


def test_a_frozen_worker_ends_the_run_of_the_one_that_took_over_and_opens_its_lane(conninfo: str) -> None:
    """Contract: a worker that was frozen past its lease changes nothing; jobs of one lane run one at a time."""

    async def story() -> None:
        async with opened(conninfo) as app:
            go_on = [asyncio.Event(), asyncio.Event()]
            began: list[str] = []

            @app.task(name="assign", lock=LANE)
            async def assign(name: str) -> None:
                began.append(name)
                if name == "first":
                    await go_on[began.count("first") - 1].wait()

            first = await assign.defer_async(name="first")
            await assign.defer_async(name="next of the lane")
            async with working(app, concurrency=1), working(app, concurrency=2):
                await until(lambda: _are(began, ["first"]))
                [stalled] = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=0)
                await app.job_manager.retry_job(stalled)
                await until(lambda: _are(began, ["first", "first"]))  # the other has it now
                assert await state(app, first) == "doing"
                go_on[0].set()  # the frozen one wakes
                await until(lambda: _are(began, ["first", "first", "next of the lane"]))
                assert await state(app, first) == "succeeded"  # while the one that took over still runs it
                assert not go_on[1].is_set()
                go_on[1].set()

    asyncio.run(story())


async def _are(began: list[str], wanted: list[str]) -> bool:
    return began == wanted


def test_a_job_that_waits_for_its_retry_holds_up_its_lane(conninfo: str) -> None:
    """Contract: jobs of a lane run in order of (priority, run_at, id), so that what is not due yet is passed."""

    async def story() -> None:
        async with opened(conninfo) as app:
            worker = await app.job_manager.register_worker()
            tomorrow = datetime.now(UTC) + timedelta(days=1)
            await app.configure_task("send", lock=LANE, schedule_at=tomorrow, allow_unknown=True).defer_async()
            await app.configure_task("send", lock=LANE, allow_unknown=True).defer_async()
            assert await app.job_manager.fetch_job(queues=None, worker_id=worker) is None
            await app.configure_task("send", lock="another lane", allow_unknown=True).defer_async()
            assert await app.job_manager.fetch_job(queues=None, worker_id=worker) is not None

    asyncio.run(story())


def test_a_job_cannot_be_ended_in_the_transaction_of_its_last_write(conninfo: str) -> None:
    """Contract: the job's last write checks the token and ends the job, both or neither.

    The worker ends a job after its task has returned, in a transaction of its own: killed in between, it leaves what the
    task has committed, and the job runs again. A task that ends its job itself makes the worker fail at that.
    """

    async def story() -> None:
        async with opened(conninfo) as app:
            worker = await app.job_manager.register_worker()
            await app.configure_task("read", allow_unknown=True).defer_async()
            job = await app.job_manager.fetch_job(queues=None, worker_id=worker)
            assert isinstance(job, Job)
            assert job.id is not None
            ending = "SELECT procrastinate_finish_job_v1(%(id)s, 'succeeded', false)"
            await app.connector.execute_query_async(ending, id=job.id)  # as the task would, beside its own writes
            with pytest.raises(ConnectorException):
                await app.job_manager.finish_job(job, status=Status.SUCCEEDED, delete_job=False)

    asyncio.run(story())
