"""Bring tickets from a file: resumable, once per ticket, and history that never alerts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlmodel import Session

from bot.answers_workspace import ImportReport
from bot.deps import Deps
from bot.errors import BadInput, FileUnreadable
from bot.flows import analyze, assign, nightly, report
from integrations.files import (
    ColumnMapping,
    ImportedTicket,
    MappingError,
    RejectedRow,
    UnreadableFileError,
    file_mapping,
    parse_overrides,
    read_tickets,
)
from intelligence.gate import judge
from intelligence.model import RequestVerdict, Role, Scope, Source, Visibility
from storage import bulk, messages, people, rereadings, tickets, tombstones, workspaces

CHUNK = 200  # rows stored in one transaction: well under 200 ms, so that intake is never kept waiting
READ_CHUNK = 256
MAX_SEGMENT = 40
RESOLVED = frozenset({"solved", "closed", "resolved", "done"})
_FREE_MAIL_HOSTS = """
gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com aol.com gmx.de gmx.net web.de
proton.me protonmail.com mail.com qq.com 163.com yandex.ru
"""
FREE_MAIL = frozenset(_FREE_MAIL_HOSTS.split())


def columns_of(path: Path, overrides: Sequence[str] = ()) -> ColumnMapping:
    """Which column holds what. Raises FileUnreadable or BadInput with what to do."""
    try:
        return file_mapping(path, parse_overrides(overrides))
    except UnreadableFileError as error:
        raise FileUnreadable(path=path, reason=str(error), fix="Give a CSV or JSON file.") from error
    except MappingError as error:
        raise BadInput(problem=str(error), fix="Name columns with --map, for example --map text=Body.") from error


@dataclass
class _Tally:
    read: int = 0
    stored: int = 0
    duplicates: int = 0
    undated: int = 0
    forgotten: int = 0


Progress = Callable[[str, int], None]


def _silent(_stage: str, _done: int) -> None:
    return None


def import_file(
    deps: Deps,
    workspace: str,
    path: Path,
    *,
    mapping: Sequence[str] = (),
    dry_run: bool = False,
    progress: Progress = _silent,
) -> ImportReport:
    """Store, read and group the tickets of a CSV or JSON file; run again after an interruption, it goes on.

    `mapping` are the operator's own words about columns ("text=Body").

    Rows that cannot be used are written beside the file with the reason. `progress` is told (stage, rows done).
    Raises FileUnreadable or BadInput before anything is stored.
    """
    started = deps.clock.now()
    columns = columns_of(path, mapping)
    tally, rejected, fresh = _Tally(), list[RejectedRow](), list[int]()
    rows = read_tickets(path, columns, now=started, zone=deps.settings.zone)
    while chunk := list(islice(rows, CHUNK)):
        good = [row for row in chunk if isinstance(row, ImportedTicket)]
        rejected += [row for row in chunk if isinstance(row, RejectedRow)]
        tally.read += len(chunk)
        tally.undated += sum(any("no date" in note for note in row.notes) for row in good)
        if dry_run:
            tally.stored += len(good)
        else:
            fresh += _store(deps, workspace, good, tally)
        progress("stored", tally.read)
    if not dry_run:
        _understand(deps, workspace, fresh, progress)
        if fresh and nightly.is_worth_tidying(deps, workspace):  # a few tickets into a large archive wait for the night
            progress("tidied", len(nightly.tidy(deps, workspace).theme_ids))
    found = report.list_themes(deps, Scope(workspace), report.ThemesRequest(period="365d")).lines if not dry_run else ()
    return ImportReport(
        str(path),
        tally.read,
        tally.stored,
        tally.duplicates,
        len(rejected),
        _write_rejected(path, rejected) if rejected and not dry_run else None,
        tally.undated,
        (deps.clock.now() - started).total_seconds(),
        {str(column): header for column, header in columns.headers.items()},
        dry_run,
        tuple(f"line {row.line}: {row.reason}" for row in rejected[:5]),
        tuple(found[:5]),
        tally.forgotten,
    )


def _store(deps: Deps, workspace: str, rows: Sequence[ImportedTicket], tally: _Tally) -> list[int]:
    """Store the rows that are new; the ids of those that must be read (new, or left unread by an interruption)."""
    now = deps.clock.now()
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, now, timezone=deps.settings.timezone)
        known = bulk.known_refs(session, workspace, Source.IMPORT, [row.external_id for row in rows])
        forgotten = _forgotten(session, workspace, rows)
        tally.forgotten += len(forgotten)
        fresh = [row for row in rows if row.external_id not in known and row.external_id not in forgotten]
        ids = bulk.open_tickets(session, workspace, [_whole(session, workspace, row, now) for row in fresh], now)
        tally.duplicates += len(known)
        tally.stored += len(ids)
        return [*rereadings.unread_of(session, list(known.values())), *ids]


def _forgotten(session: Session, workspace: str, rows: Sequence[ImportedTicket]) -> frozenset[str]:
    """Ids of rows that are of a customer who was forgotten after their date."""
    marks = {row.external_id: _marks(row) for row in rows}
    buried = tombstones.buried(session, workspace, [mark for some in marks.values() for mark in some])
    return frozenset(
        row.external_id
        for row in rows
        if any(
            mark.kind is tombstones.Kind.TICKET or row.created_at <= buried[mark]
            for mark in marks[row.external_id]
            if mark in buried
        )
    )


def _marks(row: ImportedTicket) -> list[tombstones.Mark]:
    marks = [tombstones.ticket(Source.IMPORT, row.external_id)]
    marks += [tombstones.mail(row.email)] if row.email else []
    return [*marks, tombstones.person(Source.IMPORT, (row.email or row.requester).lower())]


def _whole(session: Session, workspace: str, row: ImportedTicket, now: datetime) -> bulk.WholeTicket:
    account, customer = _who(session, workspace, row, now)
    said = " ".join(m.text for m in row.messages if m.role is Role.CUSTOMER)
    verdict = judge(f"{row.subject}\n{said}").verdict
    new = tickets.NewTicket(
        Source.IMPORT,
        row.created_at,
        subject=row.subject,
        # A row of a ticket export is a request unless it clearly is none: the helpdesk has already let it in.
        request=verdict if verdict is not RequestVerdict.UNSURE else RequestVerdict.REQUEST,
        customer_id=customer,
        account_id=account,
        segments={**people.segments(session, account), **_segments(row)},
        area=row.area or None,
        visibility=Visibility.PUBLIC,
        url=row.url or None,
        history=True,
    )
    told = tuple(
        messages.NewMessage(
            Source.IMPORT,
            f"{row.external_id}#{position}",
            message.role,
            message.text,
            message.at,
            permalink=row.url or None,
            private_note=message.private_note,
        )
        for position, message in enumerate(row.messages)
    )
    resolved = row.created_at if row.status.strip().lower() in RESOLVED else None
    return bulk.WholeTicket(new, row.external_id, told, resolved)


def _who(session: Session, workspace: str, row: ImportedTicket, now: datetime) -> tuple[int | None, int | None]:
    """Account and customer of a row: the organisation, else the mail domain of a company; else unknown."""
    account = customer = None
    organisation = row.organisation or company_domain(row.email)
    if organisation:
        plan = row.plan or None
        account = people.account_id(session, workspace, organisation.lower(), now, name=organisation, plan=plan)
    ref = row.email or row.requester
    if ref:
        customer = people.customer_id(
            session,
            workspace,
            Source.IMPORT,
            ref.lower(),
            now,
            name=row.requester,
            email=row.email.lower() or None,
            account=account,
        )
        account = account or people.account_of(session, customer)
    return account, customer


def company_domain(email: str) -> str:
    """The domain of a company's mail address; "" for providers where anybody has an address."""
    domain = email.rpartition("@")[2].lower()
    return "" if domain in FREE_MAIL else domain


def _segments(row: ImportedTicket) -> dict[str, str]:
    """Short values of the columns without a meaning of their own: what a theme's tickets may have in common."""
    plan = {"plan": row.plan} if row.plan else {}
    return {**plan, **{name: value for name, value in row.extra.items() if 0 < len(value) <= MAX_SEGMENT}}


def _understand(deps: Deps, workspace: str, ticket_ids: Sequence[int], progress: Progress) -> None:
    """Read and group; the next chunk is encoded meanwhile, because the encoder leaves the interpreter free."""
    done = 0
    chunks = list(_chunks(ticket_ids))
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as ahead:
        coming = ahead.submit(analyze.gather, deps, workspace, chunks[0]) if chunks else None
        for place, chunk in enumerate(chunks):
            assert coming is not None
            gathered = coming.result()
            if place + 1 < len(chunks):
                coming = ahead.submit(analyze.gather, deps, workspace, chunks[place + 1])
            analyze.conclude(deps, workspace, gathered, assign=False)
            assign.assign_tickets(deps, workspace, chunk, alerts=False, names=False)
            done += len(chunk)
            progress("read", done)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), READ_CHUNK):
        yield ids[start : start + READ_CHUNK]


def _write_rejected(path: Path, rejected: Sequence[RejectedRow]) -> str:
    """Write the refused rows beside the file, each with its line and reason; the name says what they are."""
    target = path.with_name(f"{path.stem}.rejected.csv")
    with target.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["line", "reason", "row"])
        for row in rejected:
            writer.writerow([row.line, row.reason, json.dumps(dict(row.cells), ensure_ascii=False, default=str)])
    return str(target)
