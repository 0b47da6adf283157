"""A customer list from a file: who belongs to which account, and what is known of accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from integrations.files.help_pages import Refused
from integrations.files.tables import Row, UnreadableFileError, header, rows
from intelligence.model import Source

MOST_BYTES: Final = 50_000_000
_MOST_ATTRIBUTES, _LONGEST = 30, 120
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "user_id", "customer_id", "external_id", "requester_id", "slack_id", "contact_id"),
    "source": ("source", "system"),
    "name": ("name", "full_name", "contact", "contact_name"),
    "email": ("email", "e-mail", "mail", "email_address"),
    "account": ("account", "company", "organisation", "organization", "account_name", "company_name"),
    "plan": ("plan", "tier", "subscription"),
}
_WHO: Final = ("id", "email", "account")
_EMPTY: Final = frozenset({"", "null", "none", "n/a", "-"})


@dataclass(frozen=True, slots=True)
class ImportedCustomer:
    """One row: a person under an id or an address, or an account alone. `attributes` are of the account."""

    line: int
    source: Source
    external_id: str = ""
    name: str = ""
    email: str | None = None
    account: str | None = None
    plan: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def key(self) -> str:
        """What makes two rows the same person or account."""
        if self.external_id:
            return f"{self.source} {self.external_id}"
        return self.email or f"account {(self.account or '').lower()}"


def read_customers(path: Path, source: Source) -> Iterator[ImportedCustomer | Refused]:
    """The rows of a CSV or JSON Lines file; `source` is whose ids they are where a row does not say.

    Raises UnreadableFileError for a file without a column that says who, or of more than 50 MB.
    """
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise UnreadableFileError(
            f"it holds {path.stat().st_size / 1e6:,.0f} MB, and {MOST_BYTES / 1e6:,.0f} MB is the most"
        )
    columns = _columns(header(path))
    if not columns.keys() & set(_WHO):
        raise UnreadableFileError("it has no column id, email or account")
    return (_customer(row, columns, source) for row in rows(path))


def _columns(names: list[str]) -> dict[str, str]:
    """The file's own name of each field that it has."""
    plain = {name.strip().lower().replace(" ", "_"): name for name in reversed(names)}
    found = {kind: next((plain[a] for a in aliases if a in plain), None) for kind, aliases in _NAMES.items()}
    return {kind: name for kind, name in found.items() if name is not None}


def _customer(row: Row, columns: Mapping[str, str], usual: Source) -> ImportedCustomer | Refused:
    where = f"line {row.line}"
    if row.problem:
        return Refused(where, row.problem)
    told = {kind: _cell(row, name) for kind, name in columns.items()}
    if not any(told.get(kind) for kind in _WHO):
        return Refused(where, "no id, email or account")
    source = told.get("source", "").lower() or usual.value
    if source not in set(Source):
        return Refused(where, f'"{source[:40]}" is no source; use {", ".join(Source)}')
    email = told.get("email", "").lower()
    if email and ("@" not in email or " " in email):
        return Refused(where, f'"{email[:60]}" is no e-mail address')
    return ImportedCustomer(
        row.line,
        Source(source),
        told.get("id", ""),
        told.get("name", ""),
        email or None,
        told.get("account") or None,
        told.get("plan") or None,
        _attributes(row, set(columns.values())),
    )


def _attributes(row: Row, taken: set[str]) -> dict[str, str]:
    """Every other column that says something, by a name in lower case."""
    found = {name.strip().lower().replace(" ", "_"): _cell(row, name) for name in row.cells if name not in taken}
    return dict([(name, value) for name, value in found.items() if name and value][:_MOST_ATTRIBUTES])


def _cell(row: Row, name: str) -> str:
    value = " ".join(str(row.cells.get(name) or "").split())[:_LONGEST]
    return "" if value.lower() in _EMPTY else value
