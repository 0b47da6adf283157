"""Dates as exports write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final

_FORMATS: Final = (
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d %H:%M",
    "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%d %b %Y", "%d %B %Y %H:%M", "%d %B %Y", "%d-%b-%Y %H:%M", "%d-%b-%Y",
    "%d/%b/%y %I:%M %p", "%d/%b/%Y %I:%M %p", "%d/%b/%y",
    "%b %d, %Y %I:%M:%S %p", "%b %d, %Y %I:%M %p", "%b %d, %Y %H:%M", "%b %d, %Y", "%B %d, %Y %I:%M %p",
    "%B %d, %Y %H:%M", "%B %d, %Y", "%B %d, %Y at %I:%M %p", "%a %b %d %H:%M:%S %Y", "%Y%m%d", "%Y%m%d%H%M%S",
)  # fmt: skip
_NUMERIC: Final = re.compile(
    r"(?P<first>\d{1,2})[/.-](?P<second>\d{1,2})[/.-](?P<year>\d{4}|\d\d)"
    r"(?:,?[ T]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<s>\d\d)(?:\.\d+)?)?[ ]?(?P<half>[ap]\.?m\.?)?)?",
    re.IGNORECASE,
)
_EPOCH: Final = re.compile(r"\d{9,11}(?:\.\d{1,9})?|\d{12,13}")
_ZONE_WORD: Final = re.compile(r"[ ]?(?:UTC|GMT|Z)$")
_OFFSET: Final = re.compile(r"[ ]?([+-]\d\d):?(\d\d)$")


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads dates of one file. `zone` is the time zone of dates that name none; `day_first` decides 03/04/2026."""

    zone: tzinfo = UTC
    day_first: bool = False

    @classmethod
    def for_values(cls, values: Iterable[str], zone: tzinfo = UTC) -> DateReader:
        """Choose `day_first` by a sample of the file: one 25/12/2025 settles it, and dots are European."""
        day_first = False
        for value in values:
            match = _NUMERIC.fullmatch(value.strip())
            if match and int(match["first"]) > 12:
                return cls(zone, day_first=True)
            if match and int(match["second"]) > 12:
                return cls(zone, day_first=False)
            day_first = day_first or bool(match and "." in value[:5])
        return cls(zone, day_first)

    def read(self, text: str) -> datetime | None:
        """Return the aware UTC time that `text` means, or None when it is no date."""
        text = " ".join(text.split())
        if not text or len(text) > 60 or not any(character.isdigit() for character in text):
            return None
        for way in (_epoch, datetime.fromisoformat, self._worded, self._numeric, parsedate_to_datetime):
            try:
                found = way(text)
                if found is not None:
                    return self._in_utc(found)
            except (ValueError, TypeError, OverflowError, IndexError):  # not written this way
                continue
        return None

    def _in_utc(self, found: datetime) -> datetime:
        aware = found if found.tzinfo else found.replace(tzinfo=self.zone)
        return aware.astimezone(UTC)

    def _worded(self, text: str) -> datetime | None:
        """The formats of `_FORMATS`, with or without "UTC" or an offset behind them."""
        bare, zone = text, self.zone
        if _ZONE_WORD.search(text):
            bare, zone = _ZONE_WORD.sub("", text), UTC
        elif offset := _OFFSET.search(text):
            bare = text[: offset.start()]
            zone = datetime.fromisoformat(f"2000-01-01T00:00:00{offset[1]}:{offset[2]}").tzinfo
        try:
            return datetime.fromisoformat(bare).replace(tzinfo=zone)
        except ValueError:
            pass  # an ISO date before the zone is one of the ways; the others follow
        for pattern in _FORMATS:
            try:
                return datetime.strptime(bare, pattern).replace(tzinfo=zone)
            except ValueError:
                continue
        return None

    def _numeric(self, text: str) -> datetime | None:
        match = _NUMERIC.fullmatch(text)
        if match is None:
            return None
        first, second = int(match["first"]), int(match["second"])
        day, month = (first, second) if (self.day_first or first > 12) and second <= 12 else (second, first)
        year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
        hour = int(match["hour"] or 0)
        if match["half"]:
            hour = hour % 12 + 12 * (match["half"][0].lower() == "p")
        return datetime(year, month, day, hour, int(match["minute"] or 0), int(match["s"] or 0), tzinfo=self.zone)


def _epoch(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970."""
    if not _EPOCH.fullmatch(text):
        return None
    number = float(text)
    return datetime.fromtimestamp(number / 1000 if number >= 1e11 else number, UTC)
