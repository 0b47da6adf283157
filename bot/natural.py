"""What people mean when they mention the bot in their own words: a request line of the grammar, by keywords."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import BadInput
from bot.grammar import parse
from bot.verbs.parts import Right
from bot.verbs.table import BY_WORD

_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_THEME = re.compile(r"\bti[ -]?(\d{1,9})\b", re.IGNORECASE)
_PERIODS = (
    (re.compile(r"\b(?:today|24 ?h(?:ours)?)\b", re.I), "24h"),
    (re.compile(r"\b(?:week|7 ?d(?:ays)?)\b", re.I), "7d"),
    (re.compile(r"\b(?:month|30 ?d(?:ays)?)\b", re.I), "30d"),
    (re.compile(r"\b(?:quarter|90 ?d(?:ays)?)\b", re.I), "90d"),
)
_NARROWER = (
    (re.compile(r"\bnew\b", re.I), "state:new"),
    (re.compile(r"\b(?:rising|growing|hot|trending)\b", re.I), "state:rising"),
    (re.compile(r"\b(?:came|come|are|is) back\b|\bregress", re.I), "state:regressed"),
    (re.compile(r"\bbugs?\b", re.I), "kind:bug"),
    (re.compile(r"\b(?:feature requests?|wishes)\b", re.I), "kind:feature"),
    (re.compile(r"\b(?:my|mine)\b", re.I), "mine"),
)
_PLAN = re.compile(r"\b(free|pro|team|business|enterprise)\b(?= (?:plan|customers?|accounts?|users?))", re.I)
_THEMES = re.compile(
    r"\b(?:themes?|topics?|trends?|trending|top (?:issues|problems|themes|requests|bugs|complaints)|what(?:'s| is) (?:hot|rising|new)|"
    r"what are (?:people|customers|users) \w+)\b",
    re.IGNORECASE,
)
_HELP = re.compile(r"^(?:help|hi|hello|hey|what can you do|commands?|how do you work)\b", re.IGNORECASE)
_HEALTH = re.compile(r"^(?:health|status|ping|are you (?:ok|there|alive|up))\b", re.IGNORECASE)
_KNOWN = re.compile(
    r"\b(?:is this|is that|known|seen (?:this|that|it)|(?:any|some)(?:body|one) else|others? (?:too|have)|pattern|"
    r"(?:have|has) (?:we|any\w*) \w+ this|duplicate)\b",
    re.IGNORECASE,
)
_QUESTION_WORDS = re.compile(
    r"^\W*(?:(?:hey|hi|please|pls|so|and|ok)\W+)*(?:is|are|was|has|have|do|did|does)?\W*"
    r"(?:this|that|it|we|anyone|anybody)?\W*(?:a|an)?\W*(?:known|seen|already)?\W*(?:this|that|it)?\W*"
    r"(?:a|an)?\W*(?:pattern|issue|problem|thing|bug|before)?\W*[:?-]*\W*",
    re.IGNORECASE,
)
MOST_AFTER_GREETING = 3
MOST_LINE_WORDS = 12  # a longer text that happens to begin with a verb is a ticket, not a command


_TOPICS = re.compile(
    r"\b(?:churn\w*|leav(?:e|es|ing)|at risk|cancel\w*|feature requests?|missing|gaps?|friction|stuck|docs?|documentation|"
    r"bugs?|alerts?|accura\w+|customers|complain\w*|trends?|themes?|topics?|tickets)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:what|which|who|how|why|where|when|do|does|did|are|is|was|were|has|have|can|could|should|show|tell|list|"
    r"compare|give)\b|\?\s*$",
    re.IGNORECASE,
)
_SMALL = re.compile(
    r"\b(?:what(?:'s|s)?|which|who|how|is|are|was|were|the|a|an|of|in|on|for|at|by|from|with|to|and|our|my|mine|us|me|we|i|"
    r"there|about|this|that|these|those|last|past|current|now|right|lately|recently|days?|new|top|most|main|biggest|please|"
    r"pls|show|tell|list|give|any|all|have|has|do|does|did|been|people|customers|users|asking|ask|plan|accounts?|hey|hi|"
    r"issues|problems|happening|came|come|back|\d+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A request line for the grammar; with `about_thread` the question is about the thread it was asked in. Not `certain`
    where the keywords leave words unexplained: a model that can look things up may know better.
    """

    line: str
    about_thread: bool = False
    certain: bool = True


def words_of(text: str) -> str:
    """What was said, without our name."""
    return " ".join(_MENTION.sub(" ", text).split())


def meaning_of(text: str, *, in_thread: bool, areas: Sequence[str] = ()) -> Meaning:
    """Read a mention or direct message. Never raises; what is not understood in a thread asks about the thread.

    `areas` are the names of the workspace's product areas: "what's new in billing?" asks for one.
    """
    words = words_of(text)
    if not words:
        return Meaning("known", about_thread=True) if in_thread else Meaning("help")
    for pattern, line in ((_HELP, "help"), (_HEALTH, "health")):
        if found := pattern.match(words):
            return Meaning(line, certain=len(words[found.end() :].split()) <= MOST_AFTER_GREETING)
    first = words.split(" ", 1)[0].lower().rstrip(":,?!")
    if first in BY_WORD and len(words.split()) <= MOST_LINE_WORDS and not (in_thread and _is_bare_known(words)):
        line, verb = first + words[len(first) :].lstrip(":,?!"), BY_WORD[first]
        if reads := _reads(line):
            return Meaning(line)
        if not (_THEMES.search(words) or first != verb.name):
            return Meaning(line, certain=reads or verb.right is not Right.READ)
    if _THEMES.search(words) and not _KNOWN.search(words):
        return Meaning(" ".join(["themes", *_narrowed(words, areas)]), certain=_explained(words, areas))
    if found := _THEME.search(words):
        return Meaning(f"theme TI-{found[1]}", certain=_explained(words, areas))
    if in_thread:
        about_data = _ASKS.search(words) and _TOPICS.search(words)
        return Meaning("known", about_thread=True, certain=bool(_KNOWN.search(words)) or not about_data)
    told = _QUESTION_WORDS.sub("", words, count=1).strip()
    certain = bool(_KNOWN.search(words)) or not _ASKS.search(words)
    return Meaning(f"known {told}" if len(told.split()) >= 2 else "help", certain=certain)


def _explained(words: str, areas: Sequence[str]) -> bool:
    """Whether nothing is left of a question beyond what the keywords understood."""
    left = words
    for name in areas:
        left = re.sub(rf"\b{re.escape(name)}\b", " ", left, flags=re.IGNORECASE)
    for pattern in (_THEMES, _THEME, _PLAN, *(one for one, _ in (*_PERIODS, *_NARROWER)), _SMALL):
        left = pattern.sub(" ", left)
    return re.search(r"\w", left) is None


def _reads(line: str) -> bool:
    try:
        parse(line)
    except BadInput:
        return False
    return True


def _is_bare_known(words: str) -> bool:
    return bool(_KNOWN.search(words)) and len(_QUESTION_WORDS.sub("", words, count=1).split()) < 2


def _narrowed(words: str, areas: Sequence[str]) -> list[str]:
    """The period, product area, state, kind and plan that a question about themes names, as filters."""
    found = [name for pattern, name in _PERIODS if pattern.search(words)][:1]
    area = next((one for one in areas if re.search(rf"\b{re.escape(one)}\b", words, re.IGNORECASE)), None)
    found += [f'area:"{area}"' if " " in area else f"area:{area}"] if area else []
    for pattern, narrower in _NARROWER:
        found += [narrower] if pattern.search(words) else []
    plan = _PLAN.search(words)
    return [*found, *([f"plan:{plan[1].lower()}"] if plan else [])]
