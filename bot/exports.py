"""Backlogs and customers at risk as files: Markdown to read, CSV for sheets, JSON for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from bot.answers import Quote
from bot.answers_evidence import EvidenceLine, EvidenceList
from bot.answers_mining import Backlog, BacklogItem, RiskLine, RiskList
from bot.blocks.markdown import words as inert
from bot.blocks.parts import address, clean
from bot.errors import BadInput, FileUnreadable
from bot.printing.show import to_json
from bot.words import period
from bot.words_evidence import evidence_facts, evidence_head, evidence_who
from bot.words_mining import TITLES, below, details, facts_line, risk_facts, risk_totals, todo, totals

Answer = Backlog | RiskList | EvidenceList
ENDINGS = (".md", ".csv", ".json")
_FORMULA = ("=", "+", "-", "@", "\t")  # a sheet would compute what begins so


def export(answer: Answer, path: Path) -> None:
    """Write an answer in the form that the file's name asks for. Raises BadInput or FileUnreadable."""
    write = {".md": as_markdown, ".csv": as_csv, ".json": to_json}.get(path.suffix.lower())
    if write is None:
        raise BadInput(problem=f"{path.name} has no ending I know.", fix="Name it .md, .csv or .json.")
    try:
        path.write_text(f"{write(answer)}\n", encoding="utf-8")
    except OSError as error:
        raise FileUnreadable(path=path, reason=error.strerror or error, fix="Write it somewhere else.") from error


def as_markdown(answer: Answer) -> str:
    """The whole answer as Markdown that mentions nobody and styles nothing by itself."""
    if isinstance(answer, EvidenceList):
        title = f"# Evidence for the roadmap, {period(answer.period.name)}"
        return "\n\n".join([title, *map(_roadmap_item, answer.lines), *_note(answer.note)])
    if isinstance(answer, RiskList):
        head = [f"# Customers at risk, {period(answer.period.name)}", f"{risk_totals(answer)}."]
        return "\n\n".join([*head, *(_customer(line) for line in answer.lines), *_note(answer.note)])
    head = [f"# {TITLES[answer.kind]}, {period(answer.period.name)}", f"{totals(answer)}."]
    return "\n\n".join([*head, *(_item(item) for item in answer.items), *_note(answer.note), inert(below(answer))])


def _note(note: str | None) -> list[str]:
    return [inert(note)] if note else []


def _item(item: BacklogItem) -> str:
    lines = [
        f"## {item.rank}. {inert(item.name, 100)}",
        "",
        " · ".join(inert(fact, 60) for fact in facts_line(item)),
        "",
    ]
    lines += [f"- {label}: {inert(words, 400)}" for label, words in details(item)]
    lines.append(f"- To do: {inert(todo(item), 300)}")
    if item.themes:
        lines.append(f"- Themes: {', '.join(f'{theme.key} {inert(theme.title, 80)}' for theme in item.themes)}")
    return "\n".join([*lines, *_quotes(item.quotes)])


def _customer(line: RiskLine) -> str:
    lines = [f"## {line.rank}. {inert(line.name, 80)}", "", " · ".join(inert(fact, 60) for fact in risk_facts(line))]
    if line.themes:
        lines += ["", f"- Over: {', '.join(f'{theme.key} {inert(theme.title, 80)}' for theme in line.themes)}"]
    return "\n".join([*lines, *_quotes(line.quotes)])


def _roadmap_item(line: EvidenceLine) -> str:
    lines = [f"## {inert(evidence_head(line), 120)}", "", " · ".join(inert(fact, 90) for fact in evidence_facts(line))]
    lines += ["", f"- Tickets a week, the newest last: {', '.join(map(str, line.weeks))}"]
    lines += [f"- {inert(told, 400)}"] if (told := evidence_who(line)) else []
    lines += [f"- Issue: {inert(url, 300)}"] if (url := address(line.url)) else []
    lines += [f"- {line.held_back} quotes held back: their channels share counts only"] if line.held_back else []
    return "\n".join([*lines, *_quotes(line.quotes)])


def _quotes(quotes: Iterable[Quote]) -> list[str]:
    lines: list[str] = []
    for quote in quotes:
        url = address(quote.link)
        where = f" ([open]({url.replace('(', '%28').replace(')', '%29')}))" if url else ""
        lines += ["", f"> {inert(quote.text)}", ">", f"> {inert(quote.who, 60)}, {quote.at:%Y-%m-%d}{where}"]
    return lines


def as_csv(answer: Answer) -> str:
    """A row for each item or customer; cells that a sheet would compute are made text."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    match answer:
        case EvidenceList():
            rows = _evidence_rows(answer)
        case RiskList():
            rows = _risk_rows(answer)
        case Backlog():
            rows = _item_rows(answer)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().rstrip("\n")


def _item_rows(answer: Backlog) -> Iterable[Sequence[object]]:
    yield (
        "rank", "name", "tickets", "customers", "unknown", "before", "score", "area", "plans", "themes", "issue",
        "details", "to_do", "quote", "who", "link",
    )  # fmt: skip
    for item in answer.items:
        quote = item.quotes[0] if item.quotes else None
        yield (
            item.rank,
            item.name,
            item.tickets,
            item.customers,
            item.unknown,
            item.change.before,
            round(item.score, 2),
            item.area or "",
            "; ".join(f"{plan} {n}" for plan, n in item.plans),
            "; ".join(theme.key for theme in item.themes),
            item.issue.key if item.issue else "",
            "; ".join(f"{label}: {words}" for label, words in details(item)),
            todo(item),
            quote.text if quote else "",
            quote.who if quote else "",
            quote.link or "" if quote else "",
        )


def _risk_rows(answer: RiskList) -> Iterable[Sequence[object]]:
    yield (
        "rank",
        "customer",
        "plan",
        "risk",
        "tickets",
        "at_risk",
        "frustrated",
        "dissatisfied",
        "last",
        "themes",
        "quote",
    )
    for line in answer.lines:
        yield (
            line.rank,
            line.name,
            line.plan or "",
            line.risk.value,
            line.tickets,
            line.at_risk,
            line.frustrated,
            line.dissatisfied,
            line.last_at.isoformat(),
            "; ".join(theme.key for theme in line.themes),
            line.quotes[0].text if line.quotes else "",
        )


def _evidence_rows(answer: EvidenceList) -> Iterable[Sequence[object]]:
    """A row a quote; an item without one has one row."""
    yield (
        "subject", "title", "themes", "issue", "roadmap", "tickets", "customers", "unknown", "revenue",
        "accounts_with_revenue", "accounts", "trend_12_weeks", "quote", "who", "quote_on", "link",
    )  # fmt: skip
    for line in answer.lines:
        start = (
            line.subject,
            line.title,
            "; ".join(theme.key for theme in line.themes),
            line.url or "",
            line.roadmap or "",
            line.tickets,
            line.customers,
            line.unknown,
            "" if line.revenue is None else round(line.revenue, 2),
            line.revenue_accounts,
            "; ".join(line.accounts),
            " ".join(map(str, line.weeks)),
        )
        for quote in line.quotes:
            yield (*start, quote.text, quote.who, f"{quote.at:%Y-%m-%d}", quote.link or "")
        if not line.quotes:
            yield (*start, "", "", "", "")


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
