"""Tickets in memory are what a fresh look at the database would give."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.picture import TicketRows
from storage.vectors import Members

DIM = 3
ids = st.integers(1, 12)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("put"), ids, st.integers(0, 20)),
        st.tuples(st.just("settle"), ids, st.integers(0, 3)),
        st.tuples(st.just("drop"), ids, st.just(0)),
    ),
    max_size=60,
)


def empty() -> TicketRows:
    none = np.empty(0, np.int64)
    return TicketRows(Members(none, none.copy(), np.empty(0), np.empty((0, DIM), np.float32)))


def vector(ticket: int, at: int) -> np.ndarray:
    return np.array([ticket, at, 1], np.float32)


@given(changes)
def test_rows_follow_every_change_in_order_of_time(steps: list[tuple[str, int, int]]) -> None:
    rows = empty()
    truth: dict[int, list[int]] = {}
    for what, ticket, value in steps:
        if what == "put":
            rows.put(ticket, float(value), vector(ticket, value))
            truth[ticket] = [value, truth.get(ticket, [0, 0])[1]]
        elif what == "settle":
            rows.settle({ticket: value or None})
            if ticket in truth:
                truth[ticket][1] = value
        else:
            rows.drop([ticket])
            truth.pop(ticket, None)
    seen = rows.members()
    assert len(rows) == len(truth)
    assert (np.diff(seen.times) >= 0).all()
    assert {
        int(t): [int(at), int(home)] for t, at, home in zip(seen.ticket_ids, seen.times, seen.theme_ids, strict=True)
    } == truth
    for row, ticket in enumerate(seen.ticket_ids.tolist()):
        assert seen.vectors[row].tolist() == vector(ticket, truth[ticket][0]).tolist()


def test_the_last_days_are_the_end_of_the_rows() -> None:
    rows = empty()
    for ticket in range(1, 200):
        rows.put(ticket, float(ticket), vector(ticket, ticket))
    recent = rows.members(datetime.fromtimestamp(150, UTC))
    assert recent.ticket_ids.tolist() == list(range(150, 200))
    assert rows.first == datetime.fromtimestamp(1, UTC)
    assert empty().first is None
