"""What people type after `areas`: `add Billing: invoice, refund`, `owner Billing @ann`, `map #billing Billing`. Pure.

An area's name may hold several words: it stands in quotes, or before a colon, or is all there is. Answers are the
arguments of a request, in normal forms: words "invoice, refund", people "U0ANN", channels "C0123" or "#billing".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final

from bot.errors import BadInput

ACTIONS: Final[dict[str, str]] = {
    "propose": "propose",
    "suggest": "propose",
    "add": "add",
    "new": "add",
    "edit": "edit",
    "change": "edit",
    "rename": "rename",
    "words": "words",
    "keywords": "words",
    "examples": "examples",
    "owner": "owner",
    "channel": "channel",
    "alerts": "channel",
    "map": "map",
    "source": "map",
    "remove": "remove",
    "delete": "remove",
    "reassign": "reassign",
    "undo": "undo",
}
EXAMPLES: Final[dict[str, str]] = {
    "propose": "areas propose",
    "add": "areas add Billing: invoice, refund",
    "edit": "areas edit Billing",
    "rename": "areas rename Billing to Payments",
    "words": "areas words Billing: invoice, refund",
    "examples": "areas examples Billing: I was charged twice; where is my invoice",
    "owner": "areas owner Billing @ann",
    "channel": "areas channel Billing #billing-alerts",
    "map": "areas map #billing-support Billing",
    "remove": "areas remove Billing",
    "reassign": "areas reassign 90d",
    "undo": "areas undo 17",
}
PREVIEWED: Final = frozenset({"add", "words", "examples", "map", "remove"})
NONE: Final = "none"
RESERVED: Final = frozenset({NONE, "unassigned", "all"})
MOST_NAME: Final = 40
MOST_WORDS, MOST_WORD = 20, 40
MOST_EXAMPLES, MOST_EXAMPLE = 6, 150
MOST_DAYS: Final = 365
USUAL_DAYS: Final = "30d"

_QUOTES: Final = '"“”„‟«»'
_QUOTED: Final = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}](?::|\s+:(?=\s|$))?\s*(.*)", re.DOTALL)
# After one separator the word belongs to the list; after two, which `said` writes, it confirms.
_CONFIRM: Final = re.compile(r"(?<!:)(?<![^,;][,;])\s+(?:confirm|yes)\s*$", re.IGNORECASE)
_FLAG: Final = re.compile(r"(?:^|.*\s)(?:confirm|yes)", re.IGNORECASE | re.DOTALL)
_TO: Final = re.compile(r"\s+(?:to|->|→)\s+")
_PERSON: Final = re.compile(r"@?([UW][A-Z0-9]{2,20})")
_CHANNEL: Final = re.compile(r"#?([CG][A-Z0-9]{5,20})|#([\w.-]{1,80})")
_DAYS: Final = re.compile(r"([0-9]{1,3}) ?(?:d|days?)?", re.IGNORECASE)
_BEFORE: Final = re.compile(r"(?:[\s,;]|:(?=\s|$))+")  # a piece of a list: "ding, : dong"
_SEEN: Final = re.compile(r"\w")


def read(rest: str) -> tuple[dict[str, str], dict[str, str]]:
    """Arguments (action, area, value) and filters of what follows `areas`. Raises BadInput."""
    word, _, tail = rest.strip().partition(" ")
    if not word:
        return {}, {}
    action, tail = _action(word), tail.strip()
    confirmed = action in PREVIEWED and _CONFIRM.search(tail) is not None
    tail = _CONFIRM.sub("", tail) if confirmed else tail
    args = {"action": action, **_READERS[action](action, tail)}
    return args, {"confirm": "yes"} if confirmed else {}


def _action(word: str) -> str:
    plain = word.casefold().strip(f":,{_QUOTES}")
    if plain in ACTIONS:
        return ACTIONS[plain]
    near = get_close_matches(plain[:40], ACTIONS, n=1, cutoff=0.7)
    hint = f"Did you mean `areas {ACTIONS[near[0]]}`?" if near else f"There are {', '.join(EXAMPLES)}."
    raise BadInput(problem=f'I do not understand "{word[:40]}" after `areas`.', fix=hint)


def _example(action: str) -> str:
    return f"For example: `{EXAMPLES[action]}`."


def name_of(text: str, action: str = "add") -> str:
    """An area's name: one line without quotes and colons. Raises BadInput."""
    found = " ".join(text.translate(dict.fromkeys(map(ord, _QUOTES), " ")).split())
    if not 2 <= len(found) <= MOST_NAME or not _SEEN.search(found):
        raise BadInput(problem=f"An area's name has 2 to {MOST_NAME} characters.", fix=_example(action))
    if ":" in found or found.casefold() in RESERVED or found.startswith(("to ", "-> ")):
        raise BadInput(problem=f'"{found}" cannot be an area\'s name.', fix=_example(action))
    return found


def words_of(text: str) -> tuple[str, ...]:
    """Words that mark an area, from a list with commas or lines. Raises BadInput."""
    return _listed(text, r"[,;\n]", MOST_WORDS, MOST_WORD, "words", least=2)


def examples_of(text: str) -> tuple[str, ...]:
    """Sentences that belong to an area, from a list with semicolons or lines. Raises BadInput."""
    return _listed(text, r"[;\n]", MOST_EXAMPLES, MOST_EXAMPLE, "examples", least=3)


def _listed(text: str, between: str, most: int, longest: int, what: str, *, least: int) -> tuple[str, ...]:
    plain = text.translate(dict.fromkeys(map(ord, _QUOTES), " "))
    pieces = [_piece(piece) for piece in re.split(between, plain)]
    found = {piece.casefold(): piece for piece in reversed(pieces) if piece}
    kept = tuple(reversed(found.values()))
    wrong = next((one for one in kept if not least <= len(one) <= longest or not _SEEN.search(one)), None)
    if wrong is not None:
        raise BadInput(problem=f'"{wrong[:40]}" cannot be used.', fix=f"Use {least} to {longest} characters for each.")
    if len(kept) > most:
        raise BadInput(problem=f"These are {len(kept)} {what}.", fix=f"Use at most {most}: the most telling ones.")
    return kept


def _piece(text: str) -> str:
    plain = " ".join(text.split())
    leading = _BEFORE.match(plain)
    return plain[leading.end() if leading else 0 :].rstrip(" ,;")


def said(pieces: tuple[str, ...], between: str) -> str:
    """A list in its normal form; one that ends like a confirmation gets its separator twice at the end."""
    text = f"{between} ".join(pieces)
    return text + between * 2 if _FLAG.fullmatch(text) else text


def owner_of(text: str, action: str = "owner") -> str | None:
    """A person's Slack id; None for nobody. Raises BadInput."""
    if text.casefold() == NONE:
        return None
    found = _PERSON.fullmatch(text.strip())
    if found is None:
        raise BadInput(problem=f'"{text[:40]}" is nobody I know.', fix=f"Mention the person. {_example(action)}")
    return found[1]


def channel_of(text: str, action: str) -> str:
    """A channel as "C0123" or "#name", or "none". Raises BadInput."""
    if text.casefold() == NONE:
        return NONE
    found = _CHANNEL.fullmatch(text.strip())
    if found is None:
        raise BadInput(problem=f'"{text[:40]}" is no channel.', fix=_example(action))
    return found[1] or f"#{found[2]}"


def days_of(text: str) -> int:
    """How many days back. Raises BadInput."""
    found = _DAYS.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= MOST_DAYS:
        raise BadInput(problem=f'"{text[:40]}" is no number of days.', fix=f"Give 1 to {MOST_DAYS}, as in 90d.")
    return int(found[1])


def _split(tail: str, action: str) -> tuple[str, str]:
    """The name and what follows it; where nothing tells them apart, all of it is the name."""
    if found := _QUOTED.fullmatch(tail):
        if ":" in found[1] and not found[2]:  # the shell's quotes around all of it
            return _split(found[1].strip(), action)
        return found[1], found[2].strip()
    name, _, value = tail.partition(":")
    if not name.strip():
        raise BadInput(problem=f"`areas {action}` needs an area.", fix=_example(action))
    return name, value.strip()


def _nothing(action: str, tail: str) -> dict[str, str]:
    if tail:
        raise BadInput(problem=f"`areas {action}` takes nothing more.", fix=_example(action))
    return {}


def _only_name(action: str, tail: str) -> dict[str, str]:
    name, value = _split(tail, action)
    if value:
        raise BadInput(problem=f"`areas {action}` takes an area's name alone.", fix=_example(action))
    return {"area": name_of(name, action)}


def _list(action: str, tail: str) -> dict[str, str]:
    if action == "add" and not tail:
        return {}  # the window of a new one
    name, value = _split(tail, action)
    if value.casefold() == NONE:
        kept = NONE
    else:
        kept = said(examples_of(value), ";") if action == "examples" else said(words_of(value), ",")
    if not kept and action != "add":
        raise BadInput(problem="I cannot tell the name from the rest.", fix=f"Put a colon between. {_example(action)}")
    return {"area": name_of(name, action), **({"value": kept} if kept and (action, kept) != ("add", NONE) else {})}


def _rename(action: str, tail: str) -> dict[str, str]:
    name, value = _split(tail, action)
    if not value and (between := _TO.search(tail)):
        name, value = tail[: between.start()], tail[between.end() :]
    elif not value and len(parts := tail.split()) == 2:
        name, value = parts
    value = value.removeprefix("to ").removeprefix("-> ")
    if not value:
        raise BadInput(problem="I cannot tell the old name from the new one.", fix=_example(action))
    return {"area": name_of(name, action), "value": name_of(value, action)}


def _last(action: str, tail: str) -> tuple[str, str]:
    name, value = _split(tail, action)
    if not value:
        name, _, value = tail.strip().rpartition(" ")
    if not name.strip():
        raise BadInput(problem=f"`areas {action}` needs an area and what to set.", fix=_example(action))
    return name, value


def _owner(action: str, tail: str) -> dict[str, str]:
    name, value = _last(action, tail)
    return {"area": name_of(name, action), "value": owner_of(value) or NONE}


def _channel(action: str, tail: str) -> dict[str, str]:
    name, value = _last(action, tail)
    return {"area": name_of(name, action), "value": channel_of(value, action)}


def _map(action: str, tail: str) -> dict[str, str]:
    """The channel stands first, or last."""
    first, _, rest = tail.partition(" ")
    if _CHANNEL.fullmatch(first) and rest.strip():
        name, more = _split(rest.strip(), action)
        if more:
            raise BadInput(problem="That is too much for `areas map`.", fix=_example(action))
        channel = first
    else:
        name, channel = _last(action, tail)
    chosen = channel_of(channel, action)
    if chosen == NONE:
        raise BadInput(problem="I need the channel too.", fix=_example(action))
    plain = " ".join(name.strip(f"{_QUOTES} ").split())
    area = NONE if plain.casefold() == NONE else name_of(plain, action)
    return {"area": area, "value": chosen}


def _reassign(_action: str, tail: str) -> dict[str, str]:
    return {"value": f"{days_of(tail or USUAL_DAYS)}d"}


def _undo(action: str, tail: str) -> dict[str, str]:
    if not (tail.isascii() and tail.isdigit() and len(tail) <= 9):
        raise BadInput(problem="A change has a number.", fix=_example(action))
    return {"value": str(int(tail))}


_READERS: Final[Mapping[str, Callable[[str, str], dict[str, str]]]] = {
    "propose": _nothing,
    "add": _list,
    "edit": _only_name,
    "rename": _rename,
    "words": _list,
    "examples": _list,
    "owner": _owner,
    "channel": _channel,
    "map": _map,
    "remove": _only_name,
    "reassign": _reassign,
    "undo": _undo,
}
