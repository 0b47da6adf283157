"""Evidence for the roadmap and what articles spared, in words."""

from __future__ import annotations

from bot.answers_evidence import ArticleLine, EvidenceLine
from bot.words import count, joined, people
from intelligence.reports.articles import Avoided


def evidence_facts(line: EvidenceLine) -> list[str]:
    """ "89 tickets", "61 customers, 2 unknown", "revenue 120,000 of 9 accounts that name it", "planned for Q2"."""
    facts = [count(line.tickets, "ticket"), people(line.customers, line.unknown)]
    if line.revenue is not None:
        facts.append(f"revenue {line.revenue:,.0f} of {count(line.revenue_accounts, 'account')} that name it")
    facts += [f"planned for {line.roadmap}"] if line.roadmap else []
    return facts


def evidence_head(line: EvidenceLine) -> str:
    """ "ENG-812 Export to Excel (TI-42, TI-57)"; of a theme without an issue only its own key."""
    keys = joined([theme.key for theme in line.themes], 4)
    return f"{line.subject} {line.title}" + (f" ({keys})" if line.subject != keys else "")


def evidence_who(line: EvidenceLine) -> str | None:
    """The accounts that asked most."""
    return f"Asked by {joined(list(line.accounts), 6)}" if line.accounts else None


def article_said(line: ArticleLine) -> str:
    """What an article spared, or why that cannot be said."""
    if line.avoided is None or line.control is None:
        return line.note or "nothing can be said yet"
    return f"{avoided_said(line.avoided)}, compared with {line.control.key} {line.control.title}"


def avoided_said(found: Avoided) -> str:
    """ "about 12 tickets avoided in 28 days (95% CI 3 to 19): 19 came, 31 expected"."""
    number = round(abs(found.tickets))
    what = f"about {count(number, 'ticket')} avoided" if found.tickets >= 0 else f"about {number:,} more than expected"
    doubt = "" if found.beyond_noise else ", within noise"
    span = f"95% CI {found.low:,.0f} to {found.high:,.0f}{doubt}"
    return f"{what} in {count(found.days, 'day')} ({span}): {found.theme.after:,} came, {found.expected:,.0f} expected"
