"""A conversation as a field of data: no text inside can end the field or pose as somebody who gives instructions.

Three walls, none of which ever refuses a text. The messages are JSON, so a line break or a quotation mark cannot leave
its string. The field's tag carries a hash of its content, which no author can foresee. Tokens that chat templates give
a meaning to are bent, one character for one, so that quotes can still be found in the message they come from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from intelligence.model import Message

MAX_CHARACTERS: Final = 24_000  # about 6,000 tokens: a longer thread says its problem at the start and its end
INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufff9-\ufffb\ufeff\uffa0\ud800-\udfff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)
#: One selector chooses a variant of the character before it, as in Japanese names; bytes are hidden in a row of them.
SMUGGLED: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}")
_TEMPLATE: Final = re.compile(
    r"<(?=\|)|(?<=\|)>|<(?=｜)|(?<=｜)>"  # <|im_start|> and its full-width relative
    r"|<(?=</?SYS>>)|<(?=/?SYS>>)|(?<=<SYS)>|(?<=/SYS)>|(?<=SYS>)>"  # <<SYS>>
    r"|\[(?=/?INST\])|(?<=\[INST)\]|(?<=\[/INST)\]"  # [INST]
    r"|<(?=/?(?:start_of_turn|end_of_turn|s|bos|eos|system|assistant|human|user|tool_call|data-[0-9a-f]{2,})>)",
    re.IGNORECASE,
)
_BENT: Final = str.maketrans("<>[]", "‹›⁅⁆")


def neutral(text: str) -> str:
    """The text without invisible characters and with the marks of chat templates bent: `<|end|>` becomes `‹|end|›`.

    Ordinary texts and code come back unchanged; of markup only tags that are such marks too, like `</s>`.
    """
    return _TEMPLATE.sub(lambda match: match.group().translate(_BENT), SMUGGLED.sub("", INVISIBLE.sub("", text)))


def fenced(value: Any) -> str:
    """JSON between two tags that are named after a hash of what is between them."""
    content = json.dumps(value, ensure_ascii=False, indent=1)
    tag = f"data-{hashlib.sha256(content.encode('utf-8')).hexdigest()[:12]}"
    return f"<{tag}>\n{content}\n</{tag}>"


def conversation_field(messages: Sequence[Message], subject: str) -> str:
    """The fenced conversation: subject and messages in order, with who speaks. Private notes stay out.

    The middle of a conversation beyond MAX_CHARACTERS is left out, and said to be.
    """
    spoken = [{"from": m.role.value, "text": neutral(m.text)} for m in messages if not m.private_note]
    return fenced({"subject": neutral(subject), "messages": _shortened(spoken)})


def _shortened(spoken: list[dict[str, str]]) -> list[dict[str, str]]:
    room = MAX_CHARACTERS
    if sum(len(m["text"]) for m in spoken) <= room:
        return spoken
    opening = {**spoken[0], "text": _clipped(spoken[0]["text"], room // 2)}
    room -= len(opening["text"])
    closing: list[dict[str, str]] = []
    for message in reversed(spoken[1:]):
        if len(message["text"]) > room:
            if not closing:
                closing.append({**message, "text": _clipped(message["text"], room)})
            break
        room -= len(message["text"])
        closing.append(message)
    left_out = len(spoken) - 1 - len(closing)
    gap = [{"from": "note", "text": f"{left_out} messages are left out here"}] if left_out else []
    return [opening, *gap, *reversed(closing)]


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(0, length - 2)] + " …"
