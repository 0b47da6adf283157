"""Bring a customer list: who belongs to which account, on which plan, with which attributes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from sqlmodel import Session

from bot.deps import Deps
from bot.errors import FileUnreadable
from bot.flows.customers import KnownCustomer, is_forgotten
from integrations.files.customers import ImportedCustomer, read_customers
from integrations.files.help_pages import Refused
from integrations.files.tables import UnreadableFileError
from intelligence.model import Source
from storage import people, segments, workspaces

_CHUNK: Final = 200
_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class CustomersImported:
    """What an import of customers did. `unknown` people were in no ticket so far: they are known when they write.
    `repeated` rows said nothing new, `forgotten` people stay forgotten, `filled` are earlier tickets that know more now.
    """

    path: str
    rows: int
    people: int
    accounts: int
    unknown: int
    repeated: int
    refused: int
    forgotten: int
    filled: int
    problems: tuple[str, ...] = ()


def import_customers(
    deps: Deps, workspace: str, path: Path, *, source: Source = Source.SLACK, past: bool = False
) -> CustomersImported:
    """Store a list of customers; again it changes nothing. Of rows about the same the last one counts, and it is said.

    Tickets keep the attributes of their own date; with `past` earlier ones get those that they do not have. Raises
    FileUnreadable where the file cannot be used, or nothing in it can.
    """
    try:
        read = list(read_customers(path, source))
    except UnreadableFileError as error:
        fix = "Give a CSV with id, email or account, and plan, region, revenue or whatever is known of accounts."
        raise FileUnreadable(path=path, reason=error, fix=fix) from error
    refused = [row for row in read if isinstance(row, Refused)]
    good = [row for row in read if isinstance(row, ImportedCustomer)]
    if not good:
        why = f"nothing in it can be used ({refused[0].where}: {refused[0].reason})" if refused else "it has no rows"
        raise FileUnreadable(path=path, reason=why, fix="Check that it is the right file.")
    kept, repeated, doubts = _distinct(good)
    unknown = forgotten = 0
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, deps.clock.now(), timezone=deps.settings.timezone)
    waiting = iter(kept)
    while chunk := list(islice(waiting, _CHUNK)):
        with deps.db.write() as session:
            told = [_store(deps, session, workspace, row) for row in chunk]
        unknown += told.count("unknown")
        forgotten += told.count("forgotten")
    problems = [f"{one.where}: {one.reason}" for one in refused] + doubts
    return CustomersImported(
        str(path),
        len(read),
        sum(bool(row.external_id or row.email) for row in kept) - forgotten,
        len({row.account.lower() for row in kept if row.account}),
        unknown,
        repeated,
        len(refused),
        forgotten,
        _fill(deps, workspace) if past else 0,
        tuple(problems[:_TOLD]),
    )


def _distinct(rows: Iterable[ImportedCustomer]) -> tuple[list[ImportedCustomer], int, list[str]]:
    """The last row about each person, how many said the same again, and those that contradict each other."""
    kept: dict[str, ImportedCustomer] = {}
    repeated, doubts = 0, list[str]()
    plans: dict[str, ImportedCustomer] = {}
    for row in rows:
        before = kept.get(row.key)
        if before is not None and _said(before) == _said(row):
            repeated += 1
        elif before is not None:
            doubts.append(f"line {row.line}: {row.key} stands in line {before.line} too; the later line counts")
        account = (row.account or "").lower()
        other = plans.get(account)
        if account and row.plan and other is not None and other.plan != row.plan and before is None:
            doubts.append(
                f"line {row.line}: {row.account} has plan {other.plan} in line {other.line}; the later counts"
            )
        if account and row.plan:
            plans[account] = row
        kept.pop(row.key, None)
        kept[row.key] = row
    return list(kept.values()), repeated, doubts


def _said(row: ImportedCustomer) -> tuple[object, ...]:
    return row.name, row.email, row.account, row.plan, dict(row.attributes)


def _store(deps: Deps, session: Session, workspace: str, row: ImportedCustomer) -> str:
    """Store one row: "known" or "unknown" for a person, "account" for an account alone, "forgotten" for who is left out."""
    now = deps.clock.now()
    source, external_id = (row.source, row.external_id) if row.external_id else (Source.EMAIL, row.email or "")
    if external_id and is_forgotten(session, workspace, KnownCustomer(source, external_id, email=row.email)):
        return "forgotten"
    account = None
    if row.account:
        about = {"name": row.account, "plan": row.plan, "attributes": row.attributes}
        account = people.account_id(session, workspace, row.account.lower(), now, **about)
    if not external_id:
        return "account"
    known = people.is_known(session, workspace, source, external_id, row.email)
    person = people.customer_id(
        session, workspace, source, external_id, now, name=row.name, email=row.email, account=account
    )
    people.move_to_account(session, person, account)
    return "known" if known else "unknown"


def _fill(deps: Deps, workspace: str) -> int:
    """Give earlier tickets the account and the attributes that they lack, some hundred in a transaction."""
    filled, after = 0, 0
    while True:
        with deps.db.write() as session:
            changed, last = segments.fill(session, workspace, after)
        filled += changed
        if last is None:
            return filled
        after = last
