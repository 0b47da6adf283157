"""How customers write a word inside a sentence: "Excel", "SSO", "dark". Titles are made of keys and take it from here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from intelligence.themes.phrases import Token

#: Names that are spelled in one way, whatever hurried customers type.
_FIXED: Final = {
    one.lower(): one
    for one in [
        "2FA",
        "AI",
        "API",
        "AWS",
        "CI",
        "CLI",
        "CPU",
        "CRM",
        "CSS",
        "CSV",
        "DNS",
        "ERP",
        "FAQ",
        "FTP",
        "GDPR",
        "GPU",
        "HTML",
        "HTTP",
        "HTTPS",
        "IBAN",
        "ID",
        "IDs",
        "IMAP",
        "IP",
        "JSON",
        "JWT",
        "KPI",
        "LDAP",
        "MFA",
        "NFC",
        "OAuth",
        "OCR",
        "OTP",
        "PDF",
        "PDFs",
        "PIN",
        "QR",
        "RAM",
        "REST",
        "SAML",
        "SCIM",
        "SDK",
        "SFTP",
        "SLA",
        "SMS",
        "SMTP",
        "SQL",
        "SSL",
        "SSO",
        "TLS",
        "TOTP",
        "UI",
        "URL",
        "URLs",
        "USB",
        "UTC",
        "UX",
        "VAT",
        "VAT",
        "VPN",
        "XLSX",
        "XML",
        "YAML",
        "iCal",
        "iOS",
        "iPad",
        "iPhone",
        "macOS",
    ]
}
_LOUD: Final = 0.5  # of a clause's words in capitals: whoever shouts spells nothing
_HALF: Final = 0.5


class Spelling:
    """The commonest spelling of each word in a theme's texts."""

    def __init__(self, texts: Iterable[Sequence[Sequence[Token]]]) -> None:
        counts: dict[str, Counter[str]] = {}
        for text in texts:
            for clause in text:
                for word in _told(clause):
                    counts.setdefault(word.lower(), Counter())[word] += 1
        self._spelled = {word: _commonest(found) for word, found in counts.items()}

    def respelled(self, title: str) -> str:
        """The title with its names as customers mostly write them, beginning with a capital."""
        words = [self._word(word) for word in title.split()]
        return " ".join([_opened(words[0]), *words[1:]]) if words else title

    def _word(self, word: str) -> str:
        folded = word.lower()
        return _FIXED.get(folded) or self._spelled.get(folded, word)


def _told(clause: Sequence[Token]) -> list[str]:
    """The words whose case says something: not the first of a clause, nor any of a clause in capitals."""
    loud = sum(token.text.isupper() and len(token.text) > 1 for token in clause)
    if loud > 1 and loud >= _LOUD * len(clause):
        return []
    return [token.text for place, token in enumerate(clause) if place or token.text[1:].lower() != token.text[1:]]


def _commonest(found: Counter[str]) -> str:
    """A spelling with a capital where at least half write one, else small letters."""
    capital = Counter({word: count for word, count in found.items() if word != word.lower()})
    if capital.total() < _HALF * found.total():
        return next(iter(found)).lower()
    return min(capital, key=lambda word: (-capital[word], word))


def _opened(word: str) -> str:
    """A first word: "iOS" keeps its small letter."""
    return word if word.lower() != word else word[:1].upper() + word[1:]
