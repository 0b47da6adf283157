"""What a sentence of a model claims: its figures, quotes, themes, directions and causes, to be held against values."""

from __future__ import annotations

import re
from typing import Final

SENTENCE: Final = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“A-Z0-9])|\n+")
NUMBER: Final = re.compile(r"(?<![\w.,])[-−+]?\d[\d,]*(?:\.\d+)?(?![\w])|\d+(?:[.,]\d+)*")
KEY: Final = re.compile(r"\bTI-(\d+)\b", re.IGNORECASE)
QUOTED: Final = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]|(?<!\w)['‘]([^'‘’]{3,}?)['’](?!\w)")
_WORDS: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "million",
    "dozen",
]
_VAGUE: Final = [
    "half",
    "third",
    "quarter",
    "double",
    "doubled",
    "doubling",
    "triple",
    "tripled",
    "tripling",
    "quadrupled",
    "twice",
    "thrice",
    "twofold",
    "threefold",
    "tenfold",
    "dozens",
    "hundreds",
    "thousands",
    "millions",
    "majority",
    "minority",
    "twenties",
    "couple",
    "pair",
    "single",
    "both",
]
UNCHECKABLE: Final = re.compile(rf"\b(?:{'|'.join((*_WORDS[2:], *_VAGUE))})\b", re.IGNORECASE)
CAUSAL: Final = re.compile(r"\b(?:caused by|because of|due to|results? from|thanks to)\b", re.IGNORECASE)
UP: Final = re.compile(
    r"\b(?:up|rose|rising|rises?|risen|grew|grow(?:s|n|ing)?|more than|increas\w+|jump\w*|climb\w*|surg\w+)\b",
    re.IGNORECASE,
)
DOWN: Final = re.compile(
    r"\b(?:down|fell|fall(?:s|en|ing)?|fewer|less|decreas\w+|drop\w*|declin\w+|shrank|shrink\w*)\b", re.IGNORECASE
)
ODD_DIGIT: Final = re.compile(r"[^\x00-\x7f]")


def flat(text: str) -> str:
    """A text as quotes are compared: one line, no case, no punctuation at its end."""
    return " ".join(text.split()).rstrip(".,!?").lower()


def figure(number: str) -> str:
    """A figure as figures are compared: "+1,240.0" is "1240"."""
    text = number.replace(",", "").lstrip("+-−")
    return text.rstrip("0").rstrip(".") if "." in text else text.lstrip("0") or "0"


def quoted(sentence: str) -> list[str]:
    """What stands between quotation marks."""
    return [one or other for one, other in QUOTED.findall(sentence)]
