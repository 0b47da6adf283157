"""Bring tickets from a file: resumable, once per ticket, and history that never alerts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from intelligence.gate import judge
from sqlmodel import Session

from bot.answers import ImportReport
from bot.deps import Deps
from bot.flows import analyze, assign, report
from bot.flows.reading import enqueue_reading
from bot.worker import nothing
from integrations.files import ImportedTicket, RejectedRow, read_tickets
from intelligence.model import RequestVerdict, Role, Scope, Source, Visibility
from storage import people, tickets, workspaces

CHUNK = 200  # rows stored in one transaction: well under 200 ms, so that intake is never kept waiting
READ_CHUNK = 256


@dataclass
class _Tally:
    read: int = 0
    stored: int = 0
    duplicates: int = 0
    undated: int = 0


Progress = Callable[[str, int], None]


def _silent(_stage: str, _done: int) -> None:
    return None


def import_file(
    deps: Deps,
    workspace: str,
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> ImportReport:
    """Store, read and group the tickets of a CSV or JSONL file; run again after an interruption, it goes on.

    Rows that cannot be used are written beside the file with the reason. `progress` is told (stage, rows done).
    Raises FileUnreadable or BadInput before anything is stored.
    """
    started = deps.clock.now()
    tally, rejected, fresh = _Tally(), list[RejectedRow](), list[int]()
    rows = iter(read_tickets(path, dict(mapping) if mapping else None))
    while chunk := list(islice(rows, CHUNK)):
        good = [row for row in chunk if isinstance(row, ImportedTicket)]
        rejected += [row for row in chunk if isinstance(row, RejectedRow)]
        tally.read += len(chunk)
        tally.undated += sum(row.undated for row in good)
        if dry_run:
            tally.stored += len(good)
        else:
            fresh += _store(deps, workspace, path, good, tally)
        progress("stored", tally.read)
    if not dry_run:
        _understand(deps, workspace, fresh, progress)
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
        dict(mapping or {}),
        dry_run,
        tuple(f"line {row.line}: {row.reason}" for row in rejected[:5]),
        tuple(found[:5]),
    )


def _store(deps: Deps, workspace: str, path: Path, rows: Sequence[ImportedTicket], tally: _Tally) -> list[int]:
    with deps.db.write() as session:
        workspaces.ensure(session, workspace, deps.clock.now(), timezone=deps.settings.timezone)
        made: list[int] = []
        for row in rows:
            known = tickets.find(session, workspace, Source.IMPORT, _external(path, row))
            if known is not None:
                tally.duplicates += 1
                if tickets.unread_one(session, known):
                    made.append(known)
                continue
            made.append(_open(deps, session, workspace, path, row))
            tally.stored += 1
    return made


def _external(path: Path, row: ImportedTicket) -> str:
    return row.external_id or f"{path.name}:{row.line}"


def _open(deps: Deps, session: Session, workspace: str, path: Path, row: ImportedTicket) -> int:
    now = deps.clock.now()
    account = customer = None
    if row.account:
        plan = {"plan": row.plan} if row.plan else {}
        account = people.account_id(session, workspace, row.account.lower(), now, name=row.account, **plan)
    if row.requester:
        customer = people.customer_id(
            session, workspace, Source.IMPORT, row.requester.lower(), now, name="", email=row.email, account=account
        )
        account = account or people.account_of(session, customer)
    said = " ".join(m.text for m in row.messages if m.role is Role.CUSTOMER)
    # A row of a ticket export is a request unless it clearly is none: the helpdesk has already let it in.
    verdict = judge(f"{row.subject}\n{said}")
    request = verdict.verdict if verdict.verdict is not RequestVerdict.UNSURE else RequestVerdict.REQUEST
    ticket_id = tickets.open_ticket(
        session,
        workspace,
        tickets.NewTicket(
            Source.IMPORT,
            row.at or now,
            subject=row.subject,
            request=request,
            customer_id=customer,
            account_id=account,
            segments=people.segments(session, account),
            area=row.area,
            visibility=Visibility.PUBLIC,
            url=row.url,
            history=True,
        ),
        now,
    )
    tickets.add_ref(session, workspace, Source.IMPORT, _external(path, row), ticket_id, url=row.url)
    for position, message in enumerate(row.messages):
        tickets.add_message(
            session,
            workspace,
            ticket_id,
            tickets.NewMessage(
                Source.IMPORT,
                f"{_external(path, row)}#{position}",
                message.role,
                message.text,
                message.at,
                permalink=row.url,
            ),
            now,
        )
    if row.resolved:
        tickets.resolve(session, ticket_id, row.at or now)
    # Should the process die before the reading below, a worker reads it: the key makes it once.
    enqueue_reading(deps, session, workspace, ticket_id, because="import", text="")
    return ticket_id


def _understand(deps: Deps, workspace: str, ticket_ids: Sequence[int], progress: Progress) -> None:
    done = 0
    for chunk in _chunks(ticket_ids):
        analyze.read_tickets(deps, workspace, chunk, finish=nothing, assign=False)
        assign.assign_tickets(deps, workspace, chunk, alerts=False)
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
            writer.writerow([row.line, row.reason, json.dumps(row.row, ensure_ascii=False, default=str)])
    return str(target)
