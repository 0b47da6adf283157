"""What a question in free words is answered with, where a model answered: statements with numbered evidence."""

from __future__ import annotations

from dataclasses import dataclass

from intelligence.asking import Statement


@dataclass(frozen=True, slots=True)
class Proof:
    """A record that bears a statement out. `line` asks for it again; `link` leads to a ticket."""

    number: int
    label: str
    line: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer: `lines` are the requests that were asked, as anyone can repeat them; `few` says where the tickets are
    too few to tell; `dropped` counts statements that nothing bore out.
    """

    statements: tuple[Statement, ...]
    proofs: tuple[Proof, ...]
    lines: tuple[str, ...]
    few: str | None
    by: str
    dropped: int
