"""Are the names of themes readable? Groups texts by their true label, names the groups, prints title beside label.

    uv run python -m benchmarks.naming                # the demo's story, by what each ticket is really about
    uv run python -m benchmarks.naming rows.csv       # columns text,label

A reader judges the list; the figures below it only say what must never get worse: how many titles share a content word
with their label, how many stay within eight words, and that no title holds a mask or repeats another.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.demo.story import EventKind, StoryEvent, build_story
from intelligence.clean import problem_text
from intelligence.encoder.minilm import MiniLMEncoder
from intelligence.model import Message, Role
from intelligence.redact import KnownPeople, redact
from intelligence.themes.naming import ThemeName, Words, name_themes
from intelligence.themes.phrases import FUNCTION_WORDS, stem
from intelligence.themes.titles import middle_of_theme

STORY_END: Final = datetime(2026, 11, 20, 15, tzinfo=UTC)
TEXTS: Final = 40  # of each theme, as in production
_MASK: Final = re.compile(r"\[[a-z ]+ \d+\]|\b(?:customer|email|phone) \d")


def read_rows(path: Path) -> dict[str, list[str]]:
    """Texts by label."""
    groups: dict[str, list[str]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            groups[row["label"]].append(row["text"])
    return groups


def read_story(scale: float) -> dict[str, list[str]]:
    """First messages of the story's tickets by the title of their intent, redacted and cleaned as in production."""
    story = build_story(end=STORY_END, scale=scale)
    people = KnownPeople({person.first_name: f"[customer {n}]" for n, person in enumerate(story.company.people, 1)})
    titles = {name: intent["title"] for name, intent in story.truth["intents"].items()}
    groups: dict[str, list[str]] = defaultdict(list)
    for event in story.events:
        if event.key in story.truth["tickets"]:
            text = redact(_written(event), people=people).text
            message = Message(Role.CUSTOMER, text, event.at)
            groups[titles[story.truth["tickets"][event.key]["intent"]]].append(problem_text([message]))
    return groups


def _written(event: StoryEvent) -> str:
    """What the customer wrote; for a helpdesk's notification that stands in its attachment."""
    if event.kind is not EventKind.NOTIFICATION:
        return event.text
    attached = event.extra["attachments"]
    return str(attached[0]["text"]) if isinstance(attached, list) else event.text


def named(groups: Mapping[str, Sequence[str]], encoder: MiniLMEncoder | None) -> dict[str, ThemeName]:
    """The name of every group, by label."""
    labels = sorted(groups)
    texts = {number: groups[one][:TEXTS] for number, one in enumerate(labels)}
    words = {number: _placed(said, encoder) for number, said in texts.items()}
    names = name_themes(words, encode=encoder.encode if encoder else None)
    return {label: names[number] for number, label in enumerate(labels)}


def _placed(texts: Sequence[str], encoder: MiniLMEncoder | None) -> list[Words]:
    """Texts with their vectors and their closeness to the middle, as they are stored in production."""
    if encoder is None:
        return [Words(text) for text in texts]
    vectors = encoder.encode(texts)
    middle = middle_of_theme(list(vectors))
    return [Words(text, float(row @ middle), row) for text, row in zip(texts, vectors, strict=True)]


def measured(names: Mapping[str, ThemeName]) -> str:
    titles = [name.title for name in names.values()]
    shared = sum(bool(_content([label]) & _content([name.title])) for label, name in names.items())
    known = sum(bool(_content([label]) & _content([name.title, *name.phrases])) for label, name in names.items())
    short = sum(2 <= len(title.split()) <= 8 for title in titles)
    masked = sum(bool(_MASK.search(text)) for name in names.values() for text in (name.title, *name.phrases))
    distinct = len({title.casefold() for title in titles})
    return (
        f"{len(titles)} themes: word of the label in the title {shared / len(titles):.2f}, in title or phrases "
        f"{known / len(titles):.2f}, two to eight words {short / len(titles):.2f}, masks {masked}, distinct {distinct}"
    )


def _content(texts: Iterable[str]) -> set[str]:
    words = re.findall(r"[a-z0-9]+", " ".join(texts).lower())
    return {stem(word) for word in words if word not in FUNCTION_WORDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path, nargs="?", help="CSV with the columns text and label; else the demo's story")
    parser.add_argument("--scale", type=float, default=0.5, help="size of the story")
    parser.add_argument("--words-only", action="store_true", help="name without an encoder")
    chosen = parser.parse_args()
    groups = read_rows(chosen.rows) if chosen.rows else read_story(chosen.scale)
    names = named(groups, None if chosen.words_only else MiniLMEncoder())
    for label, name in names.items():
        print(f"{label[:46]:46} | {name.title:50} | {', '.join(name.phrases[:4])}")
    print(measured(names))


if __name__ == "__main__":
    main()
