"""Tickets from files: CSV, JSON Lines and JSON arrays, by columns recognised or named. Streams: never holds a whole file."""

from integrations.files.columns import Column, ColumnMapping, MappingError, detect_mapping, parse_overrides
from integrations.files.tables import UnreadableFileError, count_rows
from integrations.files.tickets import ImportedTicket, RejectedRow, file_mapping, read_tickets

__all__ = [
    "Column",
    "ColumnMapping",
    "ImportedTicket",
    "MappingError",
    "RejectedRow",
    "UnreadableFileError",
    "count_rows",
    "detect_mapping",
    "file_mapping",
    "parse_overrides",
    "read_tickets",
]
