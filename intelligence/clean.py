"""The customer's problem in their own words: what a vector should be made of.

Mail leaves greetings, signatures, quoted history, disclaimers and tracking links around the few sentences that matter;
two different problems with one signature would otherwise be neighbours.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from intelligence.model import Message, Role

# Zero-width and directional characters carry no words; ZWJ (U+200D) and the emoji selector (U+FE0F) are part of emoji.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS: Final = re.compile(r"\r\n?|[\u2028\u2029\u0085]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_BLANK_LINES: Final = re.compile(r"\n(?:[ ]?\n){2,}")

# Where the mail that is being answered begins: all that follows was written by somebody else, earlier.
_QUOTE_STARTS: Final = re.compile(
    r"^[ ]?(?:"
    r"-{2,}[ ]?(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)"
    r"[ ]?-{2,}"
    r"|_{10,}$"
    r"|#{0,4}-?[ ]?please (?:type|write) your reply above this line.*"
    r"|(?:on|am|le|el|op|il)[ ](?=[^\n]{0,80}\d)[^\n]{6,200}"
    r"(?:wrote|schrieb[^\n]{0,80}|a écrit|escribió|schreef|ha scritto)[ ]?:"
    r"|(?:from|von|de)[ ]?:[^\n]{3,200}\n[ ]?(?:sent|date|gesendet|envoyé|enviado|to)[ ]?:"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_LINE: Final = re.compile(r"^[ ]?>.*$\n?", re.MULTILINE)

_SIGNATURE_STARTS: Final = re.compile(
    r"^[ ]?(?:--[ ]?$|(?:sent|get)[ ](?:from|outlook|using)[ ](?:my|for|the|mail|outlook|yahoo|gmail)\b"
    r"|von meinem \w+ gesendet|envoyé de mon|enviado desde mi)",
    re.IGNORECASE | re.MULTILINE,
)
_FAREWELL: Final = re.compile(
    r"^[ ]?(?:(?:(?:many|kind|best|warm|with best|with kind)[ ])*(?:regards|wishes|thanks|greetings)"
    r"|best|cheers|sincerely"
    r"|yours(?:[ ](?:sincerely|truly|faithfully))?|thank you(?:[ ](?:so|very) much)?"
    r"(?:[ ]in advance)?|thanks(?:[ ](?:so much|a lot|again|in advance))?|mit freundlichen grüßen|cordialement|saludos)"
    r"[ ]?[,.!–-]*(?:[ ][A-Z][\w.'-]{1,20}){0,2}$",
    re.IGNORECASE | re.MULTILINE,
)
_MAX_SIGNATURE_LINES: Final = 8
_MAX_SIGNATURE_LINE: Final = 80

_DISCLAIMER: Final = re.compile(
    r"\b(?:this (?:e-?mail|message|communication)|diese (?:e-?mail|nachricht))\b[^\n]{0,200}"
    r"\b(?:confidential|privileged|intended (?:solely|only|recipient|for)|vertraulich)\b"
    r"|\bif you (?:are not the|have received this)[^\n]{0,60}(?:intended recipient|in error|by mistake)"
    r"|\bconsider the environment before printing\b|\bunsubscribe\b[^\n]{0,80}$"
    r"|^view (?:this )?(?:e-?mail )?in (?:your )?browser"
    r"|^(?:caution|warning|external)[ ]?:?[ ]?(?:this )?(?:e-?mail|message|sender)[^\n]{0,80}(?:outside|external)",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"\A\W{0,4}(?:(?i:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day)|hallo|bonjour|hola)\b"
    r"(?:[ ,]+"
    r"(?:(?i:there|all|team|everyone|folks|guys|support|sir|sir/madam|madam|or|both|again|the)\b|[A-Z][\w'’-]+)){0,4}"
    r"[ ]?(?:[,.!:;–-]+[ ]?|\n|\Z))",
)
_PLEASANTRY: Final = re.compile(
    r"\A(?:i[ ])?hope (?:you(?:'re| are)?|this (?:e-?mail|message)|all is|everything)\b[^.!?\n]{0,60}[.!?\n][ ]?"
    r"|\Ahow are you(?: doing| today)*\?[ ]?",
    re.IGNORECASE,
)
_ATTACHMENT: Final = re.compile(
    r"\[(?:cid|image|attachment|inline image|screenshot)(?::[^\]\n]{0,120})?\]|<(?:img|https?://[^>\s]{0,40}track)[^>\n]{0,300}>",
    re.IGNORECASE,
)
_URL: Final = re.compile(r"(https?://[^\s?#<>\"')\]]{1,300})[?#][^\s<>\"')\]]{0,2000}")
_MERE_THANKS: Final = re.compile(
    r"\W*(?:(?:ok(?:ay)?|thanks?|thank you|thx|ty|great|perfect|cool|got it|cheers|will do|awesome|super|yes|no|sure"
    r"|so much"
    r"|very much|a lot|again|again!|for your help|all|everyone|team)\W*){1,6}",
    re.IGNORECASE,
)


def normalise(text: str) -> str:
    """Unicode NFC, without invisible and control characters, with single spaces and at most one blank line in a row."""
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", _SPACES.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def problem_text(messages: Sequence[Message]) -> str:
    """Return what the customer said, in order, without what mail programs and manners put around it.

    Agents' and bots' words are left out, and replies that only say thanks. A customer text that is nothing but manners
    is kept as it is: an empty result means that the customer said nothing at all.
    """
    written = [normalise(message.text) for message in messages if message.role is Role.CUSTOMER]
    written = [text for text in written if text]
    cleaned = [_without_wrapping(text) or text for text in written]
    telling = [text for text in cleaned if not _MERE_THANKS.fullmatch(text)]
    return "\n\n".join(_unrepeated(telling or cleaned))


def template(text: str) -> str:
    """The words that stay when the same thing happens to somebody else: no numbers, names of hosts, links or case."""
    text = normalise(text).casefold()
    text = re.sub(r"https?://\S{1,2000}", " url ", text)
    text = re.sub(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", " mail ", text)
    text = re.sub(r"\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\b(?=[a-z]{0,8}\d)[\da-f]{8,64}\b", " id ", text)
    text = re.sub(r"\[(?:email|phone|card|iban|ip|key|id number|link secret|\w+) \d{1,9}\]", " mask ", text)
    text = re.sub(r"\d+", "0", text)
    return " ".join(re.findall(r"[^\W_]+", text))


def fingerprint(text: str) -> str:
    """A short stable hash of `template(text)`: equal for copies of one form letter or alert, 16 hexadecimal digits."""
    return hashlib.blake2b(template(text).encode(), digest_size=8).hexdigest()


def _without_wrapping(text: str) -> str:
    text = _ATTACHMENT.sub(" ", _URL.sub(r"\1", text))
    text = _unquoted(text)
    text = _unsigned(text)
    text = "\n".join(line for line in text.split("\n") if not _DISCLAIMER.search(line[:400]))
    return _ungreeted(normalise(text))


def _unquoted(text: str) -> str:
    """The words above the quoted mail. A forwarded mail with nothing above it *is* the message."""
    start = _QUOTE_STARTS.search(text)
    if start and text[: start.start()].strip():
        text = text[: start.start()]
    return _QUOTED_LINE.sub("", text) if _QUOTED_LINE.sub("", text).strip() else text


def _unsigned(text: str) -> str:
    """The words above the signature: "-- ", "Sent from my phone", or a farewell with a few short lines after it."""
    tail = max(0, len(text) - _MAX_SIGNATURE_LINES * _MAX_SIGNATURE_LINE)
    for mark in (*_SIGNATURE_STARTS.finditer(text, tail), *_FAREWELL.finditer(text, tail)):
        above, below = text[: mark.start()], text[mark.end() :].strip()
        lines = [line for line in below.split("\n") if line.strip()]
        is_short = len(lines) <= _MAX_SIGNATURE_LINES and all(len(line) <= _MAX_SIGNATURE_LINE for line in lines)
        if above.strip() and is_short and "?" not in below:
            return above
    return text


def _ungreeted(text: str) -> str:
    for manners in (_GREETING, _PLEASANTRY):
        rest = manners.sub("", text, count=1).lstrip()
        text = rest or text
    return text


def _unrepeated(texts: Iterable[str]) -> list[str]:
    """Without messages sent twice word for word."""
    return list(dict.fromkeys(texts))
