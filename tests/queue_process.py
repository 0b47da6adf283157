"""A worker process for the queue's contract: it claims a job and waits to be killed, frozen or told to go on.

Each is forked from a server that has imported the storage already: an interpreter of its own would take two seconds.
"""

from __future__ import annotations

import multiprocessing
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from storage import queue
from storage.engine import Database

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["storage.queue", "storage.engine"])


def start(url: str, now: datetime, *, in_transaction: bool) -> tuple[BaseProcess, Connection]:
    """A process that holds the one job that is due, and the line to it: send to let it go on, receive what it says."""
    here, there = FORKS.Pipe()
    process = FORKS.Process(target=work, args=(there, url, now, in_transaction), daemon=True)
    process.start()
    there.close()
    assert here.recv() == "working"
    return process, here


def work(line: Connection, url: str, now: datetime, in_transaction: bool) -> None:
    db = Database(url)
    with db.write() as session:
        [job] = queue.claim(session, now)
    if in_transaction:
        with db.write() as session:
            queue.enqueue(session, "effect", {}, key="effect", now=now)
            session.flush()
            _wait(line)
    _wait(line)
    try:
        with db.write() as session:
            queue.enqueue(session, "effect", {}, key="effect", now=now)
            queue.finish(session, job, now)
        line.send("finished")
    except queue.LeaseLost:
        line.send("lease lost")


def _wait(line: Connection) -> None:
    line.send("working")
    line.recv()
