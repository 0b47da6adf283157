"""Phone numbers in running text, told from dates, prices, order numbers and timestamps.

A candidate is a run of 7-15 digits with the separators people use. Its shape, the words before it and, where those do
not decide, libphonenumber's numbering plans say whether it is a phone number. The library's own text matcher is not
used: it knows no words ("order 415-555-2671"), rejects the numbers reserved for examples and is slow on digit runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_MIN_DIGITS: Final = 7
_MAX_DIGITS: Final = 15  # ITU-T E.164
_MAX_LOOKUPS: Final = 300
_SEPARATORS: Final = r"[ \t\u00a0\u202f().\-/\u2010-\u2015]"

_CANDIDATE: Final = re.compile(
    rf"(?=[+(\d])(?<![\w#$€£¥%])(?<![A-Za-z\d][-/_])(?<!\d[.,:])"
    rf"(?:\+[ ]?|\+?\()?\(?\d(?:{_SEPARATORS}{{0,3}}\d){{6,17}}(?:\s?(?:x|ext\.?|extension)\s?\d{{1,6}})?"
    rf"(?![\w%€£$])(?![.,:/+*=-]\d)",
    re.IGNORECASE,
)
# What every candidate holds; without look-behinds it is found ten times faster.
_SEVEN_DIGITS: Final = re.compile(rf"\d(?:{_SEPARATORS}{{0,3}}\d){{6}}")
_GROUP_END: Final = re.compile(rf"\d(?={_SEPARATORS})")
_EXTENSION: Final = re.compile(r"\s?(?:x|ext\.?|extension)\s?\d{1,6}$", re.IGNORECASE)
_LINK: Final = re.compile(
    r"(?:\btel:|\bsms:|\bwa\.me/|[?&]phone=|(?=%2B\d))((?:\+|%2B)?\d[\d-]{6,18}\d)", re.IGNORECASE
)
_VANITY: Final = re.compile(
    r"(?<!\w)(?:\+?1[-. ])?\(?8(?:00|33|44|55|66|77|88)\)?[-. ](?=[A-Z\d-]*[A-Z]{3})[A-Z\d-]{7,10}(?!\w)"
)
_URL: Final = re.compile(r"\b[a-z][a-z\d+.-]{1,20}://[^\s<>\"']+", re.IGNORECASE)

_CALLED: Final = re.compile(
    r"(?:\b(?:tel|telephone|phone|mobile|cell|cellphone|call(?:ing|ed|s)?|ring|dial|whats\s?app|fax|sms|text(?:ed)?|"
    r"reach(?:able)?|hotline|landline|handy|telefon|telefonnummer|téléphone|portable|teléfono|telefono|móvil|"
    r"celular|telefone|cellulare|mobiel|signal|viber|telegram|contact (?:number|no)|(?:my|our|her|his|their) number)\b"
    r"|[☎📞📱☏])[^\d\n]{0,24}$",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"(?:#|№|\b(?:order|invoice|ticket|case|ref|reference|tracking|track|sku|serial|id|ids|uid|pid|part|item|product|"
    r"transaction|txn|receipt|confirmation|booking|reservation|build|version|release|revision|commit|epoch|timestamp|ts|"
    r"time|date|code|error|port|size|bytes|count|total|amount|price|balance|job|process|row|record|workspace|project|"
    r"request|session|event|run|batch|task|document|file|page|post|shipment|parcel|package|policy|contract|quote|po|"
    r"purchase|asset|device|imei|isbn|ean|upc|gtin|sha|hash|account|acct|customer|user|member|subscription|bestellung|"
    r"bestellnummer|rechnung|auftrag|commande|facture|pedido|factura|number of|range|between|from|since|in)\b)"
    r"(?:[\s_]*(?:no|nr|num|number|id|nummer|numéro|is|was|are|of)\b\.?)*[\s:#=\"'(-]*$",
    re.IGNORECASE,
)
_MEASURED: Final = re.compile(
    r"\s?(?:€|\$|£|%|(?:usd|eur|gbp|chf|jpy|inr|kr|dollars?|euros?|bytes?|[kmg]b|ms|rows?|records?|users?|items?|"
    r"px|seconds?|tickets?|times)\b)",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"(?:19|20)\d\d[-./ ]?(?:0[1-9]|1[0-2]|[1-9][-./ ])[-./ ]?(?:0[1-9]|[12]\d|3[01])(?!\d{5})"
    r"|(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|[12]\d|3[01])[-./](?:19|20)?\d\d(?!\d)"
    r"|(?:19|20)\d\d ?[-–/] ?(?:19|20)\d\d(?!\d)"
    r"|[0-2]\d\.[0-5]\d\.[0-5]\d(?!\.\d)"
)
_DOTTED: Final = re.compile(r"\d+\.\d+$|\d{1,3}(?:\.\d{1,5}){3}$")  # a decimal, a version
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[ .\u00a0\u202f]\d{3})+$")
_NORTH_AMERICAN: Final = re.compile(
    r"(?:\+?1[-. \u00a0]{0,2})?(?:\([2-9]\d\d\)[-. \u00a0]{0,2}|[2-9]\d\d[-./ \u00a0\u2010-\u2015]{1,3})"
    r"[2-9]\d\d[-. \u00a0\u2010-\u2015]{1,3}\d{4}$"
)
_EXAMPLE_LOCAL: Final = re.compile(r"555[-. ]01\d\d$")
_INDIAN: Final = re.compile(r"[6-9]\d{4}[ -]\d{5}$")
_SPANISH: Final = re.compile(r"[679]\d\d \d\d \d\d \d\d$")
_PARENTHESISED: Final = re.compile(r"\(\d{2,5}\)")

# Numbering plans tried for a number written the national way, after the workspace's own.
_PLANS: Final = ("GB", "DE", "FR", "IT", "AU", "NL", "BE", "CH", "AT", "BR", "IN", "JP", "SE", "IE", "NZ", "ZA", "ES")


def find_phones(text: str, region: str = "US") -> list[tuple[int, int]]:
    """Return (start, end) of every phone number in `text`, in order.

    `region` (ISO 3166 alpha-2) is the country whose national numbers need no prefix.
    """
    if sum(map(text.count, "0123456789")) < 4:
        return []
    finder = _Finder(text, region)
    return sorted({*finder.links(), *finder.written()})


class _Finder:
    """One search of one text. A limit on lookups bounds the time: beyond it a plausible shape counts as a phone."""

    def __init__(self, text: str, region: str) -> None:
        self._text = text
        self._plans = (region, *(plan for plan in _PLANS if plan != region))
        self._lookups = 0

    def links(self) -> Iterator[tuple[int, int]]:
        """Numbers inside tel:, sms: and WhatsApp links, and numbers spelled with letters."""
        for match in _LINK.finditer(self._text):
            yield match.span(1)
        for match in _VANITY.finditer(self._text):
            yield match.span()

    def written(self) -> Iterator[tuple[int, int]]:
        if _SEVEN_DIGITS.search(self._text) is None:
            return
        beyond = len(self._text) + 1
        urls = iter([*(match.span() for match in _URL.finditer(self._text)), (beyond, beyond)])
        url_start, url_end = next(urls)
        position = 0
        while match := _CANDIDATE.search(self._text, position):
            while url_end <= match.start():
                url_start, url_end = next(urls)
            if match.start() >= url_start:
                position = max(url_end, match.start() + 1)
                continue
            end = self._longest(match.start(), match.end())
            if end is not None:
                yield match.start(), end
            position = end or self._next_group(match)

    def _longest(self, start: int, end: int) -> int | None:
        """The end of the phone number that starts at `start`: the whole candidate, or it without its last groups.

        "415-555-2671 2024" is a number and a year.
        """
        ends = [end]
        ends += [group.end() for group in _GROUP_END.finditer(self._text, start, end)][:-4:-1]
        return next((stop for stop in ends if self._is_phone(start, stop)), None)

    def _next_group(self, match: re.Match[str]) -> int:
        group = _GROUP_END.search(self._text, match.start(), match.end())
        return group.end() if group else match.end()

    def _is_phone(self, start: int, end: int) -> bool:
        written = _EXTENSION.sub("", self._text[start:end])
        digits = re.sub(r"\D", "", written)
        if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS or _DATE.match(written):
            return False
        before = self._text[max(0, start - 48) : start]
        if _CALLED.search(before):
            return True
        if _MEASURED.match(self._text, end):
            return False
        if written.startswith("+"):
            return len(digits) > _MIN_DIGITS and len(set(digits)) > 1
        return not _NUMBERED.search(before) and self._has_shape_of_phone(written, digits)

    def _has_shape_of_phone(self, written: str, digits: str) -> bool:
        if _NORTH_AMERICAN.match(written) or _EXAMPLE_LOCAL.match(written):
            return True
        if _INDIAN.match(written) or _SPANISH.match(written):
            return True
        if _DOTTED.match(written) or _THOUSANDS.match(written):
            return False
        if written.startswith("00"):
            return self._is_valid("+" + digits[2:], self._plans[:1])
        if written == digits:
            return self._is_bare_phone(digits)
        if written.startswith("0") or _PARENTHESISED.search(written):
            return self._is_valid(digits, self._plans)
        return self._is_valid(digits, self._plans[:1])

    def _is_bare_phone(self, digits: str) -> bool:
        """Digits without any separator: a trunk prefix and a valid number somewhere, or a valid number at home."""
        if digits.startswith("0"):
            return len(digits) >= 10 and self._is_valid(digits, self._plans)
        return len(digits) == 10 and self._is_valid(digits, self._plans[:1])

    def _is_valid(self, number: str, plans: tuple[str, ...]) -> bool:
        # Imported here: the metadata takes 0.1 s to load, and most texts have no candidate that gets this far.
        import phonenumbers

        for plan in plans:
            self._lookups += 1
            if self._lookups > _MAX_LOOKUPS:
                return True
            try:
                parsed = phonenumbers.parse(number, plan)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(parsed):
                return True
        return False
