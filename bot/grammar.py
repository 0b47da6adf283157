"""What people type after `/ticket-intel` (or `ticket-intel`), as a value. Pure; `bot.verbs` is the table it reads.

Takes what Slack sends: escaped characters (`&amp;`), wrapped links (`<https://…|…>`), smart quotes, invisible
characters, any case. `render` writes a request so that `parse` reads the same one again: buttons carry it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bot import area_grammar
from bot.errors import BadInput, UnknownVerb
from bot.help import Help as Help
from bot.help import HelpLine as HelpLine
from bot.help import help_for as help_for
from bot.help import help_on as help_on
from bot.normal_forms import IN_SEVERAL_WORDS, NORMAL, READERS, THE_REST, choice, hint, short, theme_key, verb_of
from bot.verbs.filters import FILTERS
from bot.verbs.parts import Arg, ArgKind, Verb, Where
from bot.verbs.table import BY_NAME

MOST_WORDS = 50  # after a verb that takes no free text
_QUOTES = '"“”„‟«»'
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TOKEN = re.compile(rf"(?:(\w{{1,20}}):)?[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|(\S+)")
_WRAPPED = re.compile(r"<([^<>]*)>")
_PREFIX = re.compile(r"/?ticket-intel(?=\s|$)", re.IGNORECASE)
_VERSION = re.compile(r"v?[0-9]+(\.[0-9]+)+")
_SIMPLE = re.compile(r"[a-z_]+|v?[0-9][\w.+-]*")
_IN_QUOTES = frozenset({ArgKind.WORD, ArgKind.AREA})
_FILLERS = frozenset({"in", "at", "on", "to", "for", "the", "last", "this", "from", "with", "is"})


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: a verb's name ("" for the bare command), its arguments and filters by name, and the page.

    Values are normal forms: themes "TI-42", periods "7d", kinds and states as in `intelligence.model`, moments ISO in
    the team's zone. A verb that is not available yet keeps no arguments.
    """

    verb: str
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    filters: Mapping[str, str] = field(default_factory=dict[str, str])
    page: int = 1


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    name: str | None = None  # of `name:"..."`
    quoted: bool = False


def parse(text: str, *, where: Where = Where.SLACK) -> Request:
    """The request in a line of text. Raises UnknownVerb (with the nearest verb) or BadInput (with what to type)."""
    line = _readable(text, slack=where is not Where.CLI)
    word, _, rest = line.partition(" ")
    if not word:
        return Request("")
    verb = verb_of(word)
    if verb is None:
        if (key := theme_key(line)) is not None:
            return Request("theme", {"theme": key})
        raise UnknownVerb(word=short(word), hint=hint(word, several=bool(rest)))
    if verb.where is Where.CLI and where is not Where.CLI:
        fix = f"Run `ticket-intel {verb.name}` in a terminal there."
        raise BadInput(problem=f"`{verb.name}` works on the machine the bot runs on.", fix=fix)
    if verb.args and verb.args[0].kind is ArgKind.TEXT:
        return Request(verb.name, {verb.args[0].name: _free_text(verb, rest)})
    if any(arg.kind is ArgKind.AREA for arg in verb.args):
        return Request(verb.name, *area_grammar.read(_INVISIBLE.sub("", rest)))
    if verb.args and verb.args[-1].kind is ArgKind.TEXT:
        return _about_theme(verb, rest)
    tokens = _tokens(rest, verb)
    if len(tokens) > MOST_WORDS:
        raise BadInput(problem=f"That is too much for `{verb.name}`.", fix=_example(verb))
    return _Reader(verb, tokens).request()


def render(request: Request) -> str:
    """A request as text that `parse` reads as the same request, escaped as Slack escapes what people type."""
    if not request.verb:
        return ""
    verb = BY_NAME[request.verb]
    parts = [verb.name]
    for arg in verb.args:
        if arg.name in request.args:
            value = request.args[arg.name]
            plain = arg.kind not in _IN_QUOTES or (arg.kind is ArgKind.WORD and _VERSION.fullmatch(value))
            parts.append(value if plain else f'"{value}"')
    for name, value in request.filters.items():
        sign = "=" if FILTERS[name].number else ":"
        parts.append(name if FILTERS[name].flag else f"{name}{sign}{_quoted(value)}")
    if request.page > 1:
        parts.append(f"page:{request.page}")
    line = " ".join(parts)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(value: str) -> str:
    return value if _SIMPLE.fullmatch(value) else f'"{value}"'


def _readable(text: str, *, slack: bool) -> str:
    """The text as it was typed: unwrapped, unescaped, without what cannot be seen."""
    if slack:
        text = _WRAPPED.sub(_unwrapped, text)
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    line = _CONTROL.sub(" ", text).strip()
    visible = _INVISIBLE.sub("", line)
    line = line if visible else ""  # letters of some scripts need their joiners: only the words of commands lose them
    line = _PREFIX.sub("", line, count=1).strip() if _PREFIX.match(line) else line
    word, *rest = line.split(None, 1) or [""]
    return " ".join([_INVISIBLE.sub("", word), *(part.strip() for part in rest)]).strip()


def _unwrapped(found: re.Match[str]) -> str:
    """`<https://a.b|a.b>` -> `a.b`; `<#C1|help>` -> `#C1`; `<@U1|ann>` -> `@U1`; `<!subteam^S1|@team>` -> `@S1`."""
    target, _, label = found[1].partition("|")
    if target[:1] in {"#", "@"}:
        return target
    if target.startswith("!subteam^"):
        return f"@{target.removeprefix('!subteam^')}"
    return label or target


def _free_text(verb: Verb, rest: str) -> str:
    text = rest.strip()
    inner = text[1:-1]
    if len(text) >= 2 and text[0] in _QUOTES and text[-1] in _QUOTES and not any(q in inner for q in _QUOTES):
        text = inner.strip()
    if not _INVISIBLE.sub("", text).strip():
        raise BadInput(problem=f"`{verb.name}` needs words.", fix=f"For example: `{verb.example}`.")
    return text


def _about_theme(verb: Verb, rest: str) -> Request:
    """A theme and then words that are taken as they are: "TI-42 Export to Excel"."""
    words = _INVISIBLE.sub("", rest).split(None, 3)
    for width in (3, 2, 1):  # "TI – 42"
        key = theme_key(" ".join(words[:width])) if len(words) >= width else None
        if key is not None:
            text = _INVISIBLE.sub("", rest).split(None, width)[width:]
            named = {verb.args[1].name: _free_text(verb, text[0])} if text else {}
            return Request(verb.name, {verb.args[0].name: key, **named})
    raise BadInput(problem=f"`{verb.name}` needs a theme first.", fix=_example(verb))


def _tokens(rest: str, verb: Verb) -> list[_Token]:
    found: list[_Token] = []
    for match in islice(_TOKEN.finditer(_INVISIBLE.sub("", rest)), MOST_WORDS + 1):
        if match[3] is None:
            found.append(_Token(_clean(match[2]), match[1].casefold() if match[1] else None, quoted=True))
            continue
        name, value = _named(match[3], verb)
        found.append(_Token(_clean(value), name) if name else _Token(_clean(match[3])))
    return found


def _named(word: str, verb: Verb) -> tuple[str | None, str]:
    """The filter's name and value in "area:billing" or "spike=2.0"; no name in any other word."""
    name, sign, value = word.partition(":")
    if sign and (meant := _filter_name(name)) and _means(meant, verb):
        return name.casefold(), value
    name, sign, value = word.partition("=")
    if sign and _filter_name(name) in verb.filters:
        return name.casefold(), value
    return None, word


def _means(name: str, verb: Verb) -> bool:
    """Filters are known everywhere, so that a verb can refuse them, but not the numbers: "new:..." is a word too."""
    entry = FILTERS.get(name)
    return entry is None or entry.number is None or name in verb.filters


def _clean(value: str) -> str:
    return " ".join(value.translate(dict.fromkeys(map(ord, _QUOTES))).split())


def _filter_name(word: str) -> str | None:
    """The filter, "page" or "period" that people mean by a name before a colon."""
    plain = word.casefold()
    if plain in {"page", "period", "since"}:
        return "page" if plain == "page" else "period"
    return next((f.name for f in FILTERS.values() if plain in {f.name, *f.aliases}), None)


class _Reader:
    """Reads the tokens after a verb: filters wherever they stand, then arguments in their order."""

    def __init__(self, verb: Verb, tokens: Sequence[_Token]) -> None:
        self.verb = verb
        self.waiting = list(reversed(tokens))
        self.found: dict[str, str] = {}  # filters, page and period, by name

    def request(self) -> Request:
        plain: list[_Token] = []
        while self.waiting:
            token = self.waiting.pop()
            if not self._took_filter(token) and (token.quoted or token.text.casefold() not in _FILLERS):
                plain.append(token)
        self.waiting = list(reversed(plain))
        args: dict[str, str] = {}
        for arg in self.verb.args:
            value = self._argument(arg)
            if value is not None:
                args[arg.name] = value
            elif arg.required:
                raise BadInput(problem=f"`{self.verb.name}` needs one word more.", fix=_example(self.verb))
        if self.waiting:
            self._refuse(self.waiting[-1])
        filters = {name: self.found[name] for name in self.verb.filters if name in self.found}
        return Request(self.verb.name, args, filters, int(self.found.get("page", "1")))

    def _took_filter(self, token: _Token) -> bool:
        if token.name is not None:
            self._set(token.name, token.text if token.text or token.quoted else self._next_text())
            return True
        word = token.text.casefold()
        if token.quoted:
            return False
        if word == "page" and self.verb.paged:
            self._set("page", self._next_text())
            return True
        for entry in (FILTERS[name] for name in self.verb.filters):
            named = entry.flag and word in {entry.name, *entry.aliases}
            if named or (entry.bare and entry.choices is not None and word in entry.choices):
                self._set(entry.name, word)
                return True
        return False

    def _next_text(self) -> str:
        return self.waiting.pop().text if self.waiting else ""

    def _set(self, word: str, value: str) -> None:
        name = _filter_name(word)
        if name is None or not self._takes(name):
            raise BadInput(problem=f"`{self.verb.name}` takes no {short(word)}:.", fix=_example(self.verb))
        if name in self.found:
            raise BadInput(problem=f"{name} is there twice.", fix="Give it once.")
        self.found[name] = NORMAL[name](value) if name in NORMAL else choice(FILTERS[name], value)

    def _takes(self, name: str) -> bool:
        if name == "page":
            return self.verb.paged
        if name == "period":
            return any(arg.kind is ArgKind.PERIOD for arg in self.verb.args)
        return name in self.verb.filters

    def _argument(self, arg: Arg) -> str | None:
        if arg.kind is ArgKind.PERIOD and "period" in self.found:
            return self.found["period"]
        if not self.waiting:
            return None
        if arg.kind in THE_REST:
            texts = [token.text for token in reversed(self.waiting)]
            self.waiting.clear()
            return THE_REST[arg.kind](" ".join(texts))
        one = self.waiting[-1].text
        for width in (3, 2, 1) if arg.kind in IN_SEVERAL_WORDS else (1,):  # "TI – 42", "7 days"
            text = " ".join(token.text for token in reversed(self.waiting[-width:]))
            if len(self.waiting) >= width and (value := READERS[arg.kind](text)) is not None:
                del self.waiting[-width:]
                return value
        if arg.required:
            raise BadInput(problem=f'"{short(one)}" is no {arg.name}.', fix=_example(self.verb))
        return None

    def _refuse(self, token: _Token) -> None:
        word = short(token.text)
        plain = token.text.casefold()
        kinds = FILTERS["kind"].choices or {}
        if "kind" in self.verb.filters and plain in kinds:
            raise BadInput(problem=f'"{word}" could be two things.', fix=f"Type kind:{plain} or area:{plain}.")
        raise BadInput(
            problem=f'I do not understand "{word}" after `{self.verb.name}`.', fix=f"It takes `{self.verb.usage}`."
        )


def _example(verb: Verb) -> str:
    return f"For example: `{verb.example}`."
