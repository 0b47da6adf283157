"""Verbatim phrases: what a customer wanted, tried, saw and blamed. Nothing here is ever reworded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from intelligence.model import Message, Role

_SENTENCE: Final = re.compile(r"[^\s.!?\n](?:[^.!?\n]|[.!?](?=[\w./:@-]))*[.!?]*")
_CLAUSE: Final = r"([^.?!;\n,()]{4,110}?)(?=\s*(?:[.?!;\n,()]|$|\s(?:but|because|however|since|although|and then)\s))"
_FLAGS: Final = re.IGNORECASE | re.MULTILINE
_MAX_QUOTE: Final = 240
_LONGEST_READ: Final = 6_000  # characters of one message: a log that follows holds no sentences


def _clauses(*openings: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"\b(?:{opening})\s+{_CLAUSE}", _FLAGS) for opening in openings)


_GOAL: Final = _clauses(
    r"(?:am|are|was|were|'m|'re|been|just|simply)?\s?(?:trying|attempting|hoping|looking)\s+to(?!\s+(?:find out|see) why)",
    r"(?:is|was|isn't) there (?:a|any|some) (?:\w+ )?way (?:to|of|for me to)|any way to|is it possible (?:to|for \w+ to)",
    r"(?:i|we)(?:'d| would)? (?:want|wanted|need|needed|like|would like|have) to|my goal is to|the goal is to",
    r"how (?:do|can|could|should|would|does) (?:i|we|you|one|somebody)|how to",
    r"(?:ability|option|possibility|way|want you|allow (?:us|me|users)) to|in order to|so (?:that )?(?:i|we) can",
    r"(?:can|could|may) (?:i|we)",
    r"(?:can't|cannot|can not|couldn't|unable to|not able to|won't let me)",
)
_CAUSE: Final = (
    re.compile(
        r"\b((?:since|after|following) (?:the |an? |your |my |our |i |we )?(?:\w+ ){0,4}?(?:updat|upgrad|release|rollout|"
        r"deploy|migrat|install|version|change)\w*(?: (?:to|of|from|on) [\w.]{1,20}){0,2})",
        _FLAGS,
    ),
    re.compile(
        rf"\b(?:because(?: of)?|due to|caused by|the (?:cause|reason|culprit|problem) (?:is|was)(?: that)?|turns out(?: that)?"
        rf"|it was)\s+{_CLAUSE}",
        _FLAGS,
    ),
)
_STATED_GAP: Final = re.compile(
    r"\b((?:there(?:'s| is| are) (?:currently )?no|no way to|does(?:n't| not) support|not supported|lacks?|missing)"
    r"[^.?!;\n,]{3,80})",
    _FLAGS,
)
_ERROR: Final = re.compile(
    r"`([^`\n]{4,160})`|\"([^\"\n]{4,160})\"|“([^”\n]{4,160})”"
    r"|\b((?:[A-Z]\w*(?:Error|Exception)|(?:error|ERROR|Error|HTTP|http|status|code)[ :#]{1,3}(?:code )?[A-Z\d][\w-]{1,40})"
    r"(?:: [^\n.\"]{1,120})?)"
)
_ERROR_WORDS: Final = re.compile(
    r"error|fail|invalid|denied|refused|unable|cannot|can't|could not|timed? ?out|not found|exception|unexpected|rejected"
    r"|forbidden|went wrong|null|undefined|\b[45]\d\d\b",
    re.IGNORECASE,
)
_RIVAL: Final = re.compile(
    r"\b(?:(?:just |works? |exactly |much )?like (?:in |on |with )?|(?:coming|came|switch(?:ed|ing)?|mov(?:ed|ing)|migrat(?:ed|ing)) "
    r"(?:over )?(?:from|to) |compared (?:to|with) |unlike |go(?:ing)? (?:back )?to |as (?:in|with) |used? (?:to use )?)"
    r"((?:[A-Z][a-zA-Z0-9]{2,}|[A-Z]{2,})(?: [A-Z][a-zA-Z0-9]+){0,2})"
    r"|\b[Ii]n ([A-Z][a-zA-Z0-9]{2,}),? (?:i|I|you|we|it|it's|there|this|that)\b"
    r"|\b([A-Z][a-zA-Z]{2,}) (?:does|has|had|lets|can|allows|offers|supports|shows) (?:this|it|that|me|you|us|exactly|one)"
)
_NOT_RIVALS: Final = frozenset(
    [
        "I",
        "The",
        "This",
        "That",
        "It",
        "We",
        "You",
        "My",
        "Our",
        "Your",
        "Settings",
        "Windows",
        "Mac",
        "Linux",
        "English",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "PDF",
        "CSV",
        "API",
        "URL",
        "JSON",
        "HTML",
        "SQL",
        "USD",
        "EUR",
        "Excel",
        "Please",
        "Thanks",
    ]
)
_LINK: Final = re.compile(r"https?://[^\s<>|\"')\]]{4,300}")
_SOURCE: Final = re.compile(
    r"\b((?:(?:your|the|our|official|this)\s+)?(?:\w+\s)?(?:docs?|documentation|guide|manual|readme|tutorial|help (?:page|article|"
    r"cent(?:er|re))|knowledge base|faq|website|site|pricing page|landing page|ad|advert|sales \w+|webinar|demo|release notes|"
    r"changelog|video|brochure|newsletter|email))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence exactly as it stands in a message."""

    text: str
    message: Message

    @property
    def customer(self) -> bool:
        return self.message.role is Role.CUSTOMER


def sentences(messages: Iterable[Message]) -> list[Sentence]:
    """All sentences in order, verbatim, each at most 240 characters (a longer one is cut at a space)."""
    found: list[Sentence] = []
    for message in messages:
        if message.private_note:
            continue
        for match in _SENTENCE.finditer(message.text[:_LONGEST_READ]):
            text = match.group().strip()
            if len(text) > _MAX_QUOTE:
                text = text[:_MAX_QUOTE].rsplit(" ", 1)[0]
            if any(character.isalpha() for character in text):
                found.append(Sentence(text, message))
    return found


def goal_phrase(said: Sequence[Sentence]) -> str | None:
    """What the customer was trying to do, in their words, or None where they do not say."""
    return _first(_GOAL, (s.text for s in said if s.customer))


def cause_phrase(heard: Sequence[Sentence]) -> str | None:
    """The words that name a cause: an agent's explanation before the customer's guess, then an error, then a gap."""
    answers = [s.text for s in heard if not s.customer]
    said = [s.text for s in heard if s.customer]
    stated = _first(_CAUSE, answers) or _first(_CAUSE, said)
    if stated:
        return stated
    errors = error_strings(heard)
    return errors[0] if errors else _first((_STATED_GAP,), said)


def error_strings(heard: Sequence[Sentence]) -> list[str]:
    """Quoted or named error messages of the customer, in order, without repeats."""
    found: dict[str, None] = {}
    for message in dict.fromkeys(s.message for s in heard if s.customer):
        for match in _ERROR.finditer(message.text[:_LONGEST_READ]):
            text = next(group for group in match.groups() if group).strip()
            if match.group(4) or _ERROR_WORDS.search(text):
                found.setdefault(text, None)
    return list(found)


def rival(said: Sequence[Sentence]) -> str | None:
    """The name of another product the customer compares with, or None."""
    for sentence in said:
        for match in _RIVAL.finditer(sentence.text) if sentence.customer else ():
            name = next(group for group in match.groups() if group)
            if name.split()[0] not in _NOT_RIVALS:
                return name
    return None


def linked_page(heard: Sequence[Sentence]) -> str | None:
    """The first address that an agent gave, or None."""
    answers = dict.fromkeys(s.message for s in heard if not s.customer)
    return next((m.group() for a in answers if (m := _LINK.search(a.text))), None)


def cited_source(said: Sequence[Sentence]) -> str | None:
    """The source the customer relied on ("your pricing page"), or None."""
    return _first((_SOURCE,), (s.text for s in said if s.customer))


def matching(said: Sequence[Sentence], pattern: re.Pattern[str]) -> str | None:
    """The first customer sentence that matches, or None."""
    return next((s.text for s in said if s.customer and pattern.search(s.text.lower())), None)


def _first(patterns: Sequence[re.Pattern[str]], texts: Iterable[str]) -> str | None:
    ordered = list(texts)
    for pattern in patterns:
        for text in ordered:
            if match := pattern.search(text):
                return match.group(1).strip(" -:\"'")
    return None
