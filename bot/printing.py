"""Answers in a terminal: the same values and words as in Slack, as tables and lines, and as JSON for programs.

Words of tickets are printed as plain text: no markup of the terminal's or of Rich is read in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import (
    printing_areas,
    printing_backtest,
    printing_candidate,
    printing_issues,
    printing_mining,
    review_words,
    words,
)
from bot.answers import (
    ChannelView,
    Done,
    Health,
    ImportReport,
    KnownAnswer,
    Quote,
    SearchResult,
    ThemeCard,
    ThemeLine,
    ThemeList,
    TicketReading,
    Why,
    Workaround,
)
from bot.answers_alerts import AlertsView, Backtest
from bot.answers_areas import AreaForm, AreaPreview, AreaProposals, AreasView
from bot.answers_candidate import CandidateCard, CandidateList
from bot.answers_evidence import ArticleList, EvidenceList
from bot.answers_mining import Backlog, RiskList
from bot.answers_privacy import ForgetPreview
from bot.answers_reports import ReportAnswer
from bot.answers_review import Quality, ReviewCard, ReviewOver, Saved
from bot.answers_settings import SettingsView
from bot.answers_tracking import Drafts, IssueForm, IssuePreview
from bot.blocks.parts import clean, truncate
from bot.edits import EditForm, MergePreview, MoveForm, SplitPreview
from bot.help import Help, HelpLine
from bot.plain_values import plain
from bot.privacy_words import FINAL, forgetting
from bot.report_document import document
from intelligence.model import LabelSet
from intelligence.taxonomy import DEFINITIONS

MOST_QUOTE = 300
MOST_LINE = 600


def to_json(value: object) -> str:
    """An answer as JSON: field names as in bot.answers, times ISO 8601, themes with their key."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2)


def show(value: object, console: Console | None = None) -> None:
    """Print an answer for people. Raises TypeError for a value that is no answer."""
    out = console or Console(highlight=False)
    if isinstance(value, Sequence) and not isinstance(value, str):
        _channels(out, value) if all(isinstance(entry, ChannelView) for entry in value) else _each(out, value)
        return
    draw = _DRAWN.get(type(value))
    if draw is None:
        raise TypeError(f"{type(value).__name__} cannot be printed")
    draw(out, value)


def _each(out: Console, values: Sequence[object]) -> None:
    for value in values:
        show(value, out)


def _line(out: Console, text: str, style: str = "") -> None:
    out.print(Text(truncate(clean(text), MOST_LINE) or "–", style=style), soft_wrap=True)


def _gap(out: Console) -> None:
    out.print(Text(""))


def _words(text: str, most: int = 110) -> Text:
    return Text(truncate(clean(text), most))


def _table(*columns: str, right: Iterable[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def _themes(out: Console, answer: ThemeList) -> None:
    facts = [words.count(answer.total_tickets, "ticket")]
    if answer.total_tickets:
        facts.append(f"{words.percent(answer.covered)} in a theme")
        facts.append(f"{words.percent(answer.unsure)} read as unsure")
    facts += [f"{answer.not_read:,} not read (language)"] if answer.not_read else []
    facts += [f"last ticket {answer.last_ticket_at:%Y-%m-%d %H:%M}"] if answer.last_ticket_at else []
    _line(out, f"Themes, {words.period(answer.period.name)}", "bold")
    _line(out, " · ".join(facts), "dim")
    if answer.filters:
        _line(out, "Only " + ", ".join(words.filtered(name, value) for name, value in answer.filters.items()), "dim")
    if answer.lines:
        out.print(_rows(answer.lines))
    if answer.pages > 1:
        _line(out, f"Page {answer.page} of {answer.pages}; page:{min(answer.page + 1, answer.pages)} turns", "dim")
    for said in (answer.few, answer.note):
        if said:
            _line(out, said)


def _rows(lines: Sequence[ThemeLine]) -> Table:
    table = _table("", "id", "theme", "tickets", "customers", "change", "state", "sev", "owner", right=("tickets",))
    for line in lines:
        theme = line.theme
        change = Text(words.change(line.change), style="dim" if line.change.within_noise else "bold")
        people = words.people(line.customers, line.unknown).replace(" customers", "").replace(" customer", "")
        table.add_row(
            str(line.rank or ""),
            theme.key,
            _words(theme.title, 70),
            f"{line.tickets:,}",
            people,
            change,
            words.STATE_WORDS[theme.state],
            str(theme.severity or ""),
            _words(theme.owner or "", 20),
        )
    return table


def _card(out: Console, card: ThemeCard) -> None:
    theme = card.theme
    _line(out, f"{theme.key} {theme.title}", "bold")
    _line(out, f"{words.STATE_WORDS[theme.state]}, {words.STATE_MEANS[theme.state]}. {_facts(card)}")
    if card.days:
        _line(out, f"{words.sparkline([n for _, n in card.days])}  {words.days_line(card.days, card.usual)}")
    for release in card.releases:
        _line(out, f"  release {release.name} on {release.at:%Y-%m-%d}", "dim")
    for entry in card.lifts[:3]:
        _line(out, f"  {words.lift(entry)}")
    _quotes(out, card.quotes, card.held_back)
    _workaround(out, card.workaround)
    for page in card.links:
        _line(out, f"{words.posted_link(page)} {page.url}")
    for entry in card.lineage:
        taken = ", taken back" if entry.undone else ""
        _line(out, f"  {entry.at:%Y-%m-%d}: {entry.text} ({entry.actor}{taken})", "dim")


def _facts(card: ThemeCard) -> str:
    facts = [words.count(card.tickets, "ticket"), words.people(card.customers, card.unknown)]
    facts += [f"{card.frustrated} frustrated"] if card.frustrated else []
    facts += [str(card.theme.severity)] if card.theme.severity else []
    facts += [f"owner {card.theme.owner}"] if card.theme.owner else []
    stands = f" ({card.issue_status})" if card.issue_status else ""
    facts += [f"issue {card.theme.issue_key}{stands}"] if card.theme.issue_key else []
    if card.docs_issue:
        facts.append(f"documentation {card.docs_issue.key} ({card.docs_issue.status})")
    facts += [f"planned for {card.planned}"] if card.planned else []
    return " · ".join(facts)


def _quotes(out: Console, quotes: Sequence[Quote], held_back: int) -> None:
    for quote in quotes:
        if clean(quote.text):
            where = f"  {quote.link}" if quote.link else ""
            _line(out, f"  “{truncate(clean(quote.text), MOST_QUOTE)}”")
            _line(out, f"   {quote.who or 'a customer'}, {quote.at:%Y-%m-%d}{where}", "dim")
    if held_back:
        _line(out, f"  {words.count(held_back, 'quote')} held back: their channels share counts only", "dim")


def _workaround(out: Console, value: Workaround | None) -> None:
    if value is not None and clean(value.text):
        _line(out, f"{words.workaround(value)}:")
        _line(out, f"  “{truncate(clean(value.text), MOST_QUOTE)}”")


def _known(out: Console, answer: KnownAnswer) -> None:
    word = words.VERDICT_WORDS[answer.verdict]
    if answer.best is not None:
        _line(out, f"{word}, {words.sure(answer.probability)}", "bold")
        _card(out, answer.best)
    else:
        _line(out, f"{word}. {words.without_theme(answer)}", "bold")
    for told, phrases in (("Both say", answer.matched), ("Only this one says", answer.differs)):
        if shown := [f"“{truncate(clean(phrase), 60)}”" for phrase in phrases if clean(phrase)]:
            _line(out, f"{told} {words.joined(shown, 4)}", "dim")
    if answer.draft:
        _line(out, f"Draft reply: {answer.draft}")
    rest = [c for c in answer.candidates if answer.best is None or c.theme.id != answer.best.theme.id]
    for candidate in rest[:3]:
        told = f"  or {candidate.theme.key} {truncate(clean(candidate.theme.title), 80)}"
        _line(out, f"{told} ({words.count(candidate.tickets, 'ticket')})", "dim")


def _search(out: Console, answer: SearchResult) -> None:
    if not answer.hits:
        _line(out, f"No ticket means that among {words.count(answer.total, 'ticket')}. Try fewer or plainer words.")
        return
    table = _table("ticket", "day", "theme", "who", "says", right=("ticket",))
    for hit in answer.hits:
        day = f"{hit.at:%Y-%m-%d}"
        table.add_row(str(hit.ticket_id), day, hit.theme_key or "", _words(hit.who, 24), _words(hit.excerpt, 160))
    out.print(table)
    _line(out, f"Searched {words.count(answer.total, 'ticket')} by meaning, best first", "dim")


def _why(out: Console, answer: Why) -> None:
    _line(out, f"Why {answer.subject}", "bold")
    if answer.reading is not None:
        _reading(out, answer.reading)
    for line in answer.lines:
        _line(out, f"• {line}")
    for receipt in answer.receipts:
        _gap(out)
        for line in words.receipt_lines(receipt):
            _line(out, line)


def _reading(out: Console, reading: TicketReading) -> None:
    _line(out, f"  “{truncate(clean(reading.excerpt), MOST_QUOTE)}”")
    if (analysis := reading.analysis) is None:
        return
    title = DEFINITIONS[analysis.subcategory].title
    sure = "unsure" if analysis.unsure else f"{words.percent(analysis.confidence)} sure"
    sure = f"by {clean(analysis.corrected_by)}'s word" if analysis.corrected_by else sure
    _line(out, f"{title} ({sure}), frustration {analysis.frustration}, urgency {analysis.urgency}")
    if analysis.drivers:
        _line(out, f"Words that decided: {', '.join(analysis.drivers)}", "dim")


def _health(out: Console, answer: Health) -> None:
    for problem in answer.problems:
        _line(out, f"! {problem}", "bold")
    if not answer.problems:
        _line(out, "All is well", "bold")
    for line in (*words.health_figures(answer), words.health_strip(answer)):
        _line(out, line)


def _edit_form(out: Console, form: EditForm) -> None:
    theme = form.theme
    _line(out, f"{theme.key} {theme.title}", "bold")
    _line(out, f"{words.count(form.tickets, 'ticket')}, planned for {theme.roadmap or 'nothing'}")
    _line(out, f"ticket-intel rename {theme.key} <title> · ticket-intel plan {theme.key} Q2", "dim")


def _merge_preview(out: Console, preview: MergePreview) -> None:
    kept, absorbed = preview.kept, preview.absorbed
    alerts, tickets = words.count(preview.alerts, "alert"), words.count(preview.tickets, "ticket")
    _line(out, f"Moves {tickets} from {absorbed.key} into {kept.key}; {alerts} follow", "bold")
    for theme, said in ((kept, preview.kept_quotes), (absorbed, preview.absorbed_quotes)):
        _line(out, f"{theme.key} {theme.title}")
        _quotes(out, said, 0)
    if preview.stays_out:
        _line(out, f"{words.count(preview.stays_out, 'ticket')} stay out: somebody said that they are not {kept.key}.")
    _line(out, f"To do it: ticket-intel merge {kept.key} {absorbed.key} confirm", "dim")


def _forget_preview(out: Console, preview: ForgetPreview) -> None:
    headline, *rest = forgetting(preview)
    _line(out, headline, "bold")
    for line in rest:
        _line(out, f"  {line}")
    _line(out, FINAL)
    _line(out, f"To do it: ticket-intel forget {preview.handle} confirm", "dim")


def _split_preview(out: Console, preview: SplitPreview) -> None:
    _line(out, f"{preview.theme.key} {preview.theme.title}: {words.count(preview.tickets, 'ticket')}", "bold")
    for part in preview.parts:
        size = f"{words.count(part.tickets, 'ticket')}, {words.people(part.customers, part.unknown)}"
        _line(out, f"{part.number}. {part.title} ({size})")
        _quotes(out, part.quotes, 0)
    number = preview.chosen or preview.parts[0].number
    _line(out, f"To let a part leave: ticket-intel split {preview.theme.key} {number} confirm", "dim")


def _move_form(out: Console, form: MoveForm) -> None:
    home = f"in {form.home.key} {form.home.title}" if form.home else "in no theme"
    _line(out, f"Ticket {form.ticket_id} is {home}", "bold")
    _line(out, form.excerpt)
    for theme in form.nearest[:5]:
        _line(out, f"  {theme.key} {theme.title}")
    _line(out, f"To move it: ticket-intel move {form.ticket_id} TI-n, or: move {form.ticket_id} new", "dim")


def _done(out: Console, answer: Done) -> None:
    _line(out, answer.text)
    for line in answer.details:
        _line(out, f"  {line}", "dim")
    if answer.undo and answer.undo.startswith("area:"):
        _line(out, f"To take it back: ticket-intel areas undo {answer.undo.removeprefix('area:')}", "dim")
    if answer.undo and answer.undo.startswith("event:"):
        _line(out, f"To take it back: ticket-intel undo {answer.undo.removeprefix('event:')}", "dim")
    if answer.undo and answer.undo.startswith("edition:"):
        _line(out, "To take it back: ticket-intel candidate back", "dim")


def _channel(out: Console, view: ChannelView) -> None:
    _channels(out, [view])


def _channels(out: Console, views: Sequence[Any]) -> None:
    if not views:
        _line(out, "No channels yet. Invite me to one in Slack: /invite @Ticket Intel")
        return
    table = _table("channel", "id", "is for", "tickets", "quotes", right=("tickets",))
    for view in views:
        role = words.ROLE_WORDS[view.role] if view.role else "not chosen yet"
        table.add_row(_words(f"#{view.name}", 40), view.channel_id, role, f"{view.tickets:,}", view.quotes)
    out.print(table)


def _alerts(out: Console, view: AlertsView) -> None:
    _line(out, f"False alarms: {view.budget}", "bold")
    table = _table("alert", "theme", "tickets", "severity", "owner", right=("tickets",))
    for line in view.living:
        theme = f"{line.theme.key} {line.theme.title}" if line.theme else "gone"
        kind = f"{words.KIND_WORDS[line.kind]}, {words.ALERT_WORDS[line.state].lower()}"
        table.add_row(kind, _words(theme, 60), f"{line.tickets:,}", line.severity or "", line.owner or "")
    out.print(table) if view.living else _line(out, "No living alerts.")
    _line(out, "Not sent in the last 7 days:" if view.silences else "Everything that was found was sent.")
    for silence in view.silences:
        named = ", ".join(theme.key for theme in silence.themes)
        times = words.count(silence.times, "time")
        _line(out, f"  {times} {words.KIND_WORDS[silence.kind].lower()}: {silence.reason} ({named})", "dim")
    for rule in (*view.rules, f"Quiet hours {view.quiet}." if view.quiet else "No quiet hours."):
        _line(out, f"  {rule}", "dim")


def _settings(out: Console, view: SettingsView) -> None:
    table = _table("setting", "is", "takes", "set by")
    for line in view.lines:
        people = f" ({', '.join(line.people)})" if line.people else ""
        since = f"{line.by}, {line.at:%Y-%m-%d}" if line.by and line.at else ""
        table.add_row(line.name, _words(f"{line.value}{people}"), line.takes, _words(since, 40))
    out.print(table)
    for one in view.trail:
        _line(out, f"  {one.at:%Y-%m-%d %H:%M} {one.actor}: {one.action} {one.subject}", "dim")


def _help(out: Console, answer: Help) -> None:
    table = _table("verb", "", "example")
    for line in answer.lines:
        table.add_row(line.name, line.says, line.example)
    out.print(table)
    if answer.detailed and answer.lines:
        _detail(out, answer.lines[0])


def _detail(out: Console, line: HelpLine) -> None:
    _line(out, f"Type {line.usage}")
    if line.aliases:
        _line(out, f"Also {', '.join(line.aliases)}")
    _line(out, f"For {line.right}")


def _import(out: Console, report: ImportReport) -> None:
    verb = "would be stored" if report.dry_run else "stored"
    facts = [f"{report.read:,} rows read", f"{words.count(report.stored, 'ticket')} {verb}"]
    facts += [f"{report.duplicates:,} known before"] if report.duplicates else []
    facts += [f"{report.rejected:,} refused"] if report.rejected else []
    facts += [f"{report.undated:,} without a date"] if report.undated else []
    facts += [f"{report.forgotten:,} of forgotten customers"] if report.forgotten else []
    _line(out, f"{report.path}: {', '.join(facts)}, {words.span(report.seconds)}", "bold")
    for problem in report.problems:
        _line(out, f"  {problem}", "dim")
    if report.rejected_file:
        _line(out, f"The refused rows and why: {report.rejected_file}")
    if report.themes:
        _line(out, "The themes with most customers:")
        out.print(_rows(report.themes))


def _review(out: Console, answer: ReviewCard) -> None:
    _saved(out, answer.saved)
    _line(out, f"Review {review_words.progress(answer.progress)}, ticket {answer.ticket_id}", "bold")
    for spoken in answer.said:
        _line(out, f"  {spoken.role}: “{truncate(clean(spoken.text), MOST_LINE)}”")
    if (found := answer.analysis) is None:
        _line(out, "A second reading: choose the label yourself.")
        _line(out, "Answer with: ticket-intel review fix LABEL, or unsure", "dim")
        return
    labels = LabelSet(found.subcategory, found.area, found.frustration, found.urgency)
    sure = "unsure" if found.unsure else f"{words.percent(found.confidence)} sure"
    _line(out, f"I read {review_words.category(labels)} ({sure}); {clean(review_words.others(labels))}")
    if found.drivers:
        _line(out, f"Words that decided: {clean(', '.join(found.drivers))}", "dim")
    _line(out, "Answer with: ticket-intel review right, fix LABEL, or unsure", "dim")


def _review_over(out: Console, answer: ReviewOver) -> None:
    _saved(out, answer.saved)
    _line(out, answer.text)


def _saved(out: Console, saved: Saved | None) -> None:
    if saved is not None:
        _line(out, saved.text, "dim")


def _quality(out: Console, answer: Quality) -> None:
    _line(out, f"Category: {review_words.share(answer.accuracy.primary, enough=answer.enough)}", "bold")
    _line(out, f"Sub-category: {review_words.share(answer.accuracy.subcategory, enough=answer.enough)}")
    learned = review_words.taught(answer.taught)
    for line in (
        *(f"  when I say {line}" for line in review_words.category_lines(answer)),
        review_words.agreement(answer.agreement),
        *(f"  {line}" for line in review_words.confusion_lines(answer)),
        *review_words.alert_lines(answer.alerts),
        *([learned] if learned else []),
    ):
        _line(out, line)
    _line(out, f"Last {answer.days} days; accuracy is from the random cards of `review` alone", "dim")


def _report(out: Console, answer: ReportAnswer) -> None:
    shown = document(answer)
    _line(out, f"{shown.title}, {shown.period}", "bold")
    _line(out, " ".join(shown.summary))
    for part in shown.parts:
        _gap(out)
        _line(out, part.title, "bold")
        for line in part.lead:
            _line(out, line)
        for entry in part.entries:
            _line(out, f"  {entry.head}: {' · '.join(entry.facts)}" if entry.facts else f"  {entry.head}")
            for note in entry.notes:
                _line(out, f"     {note}", "dim")
            _quotes(out, [Quote(one.text, one.who, one.at, one.link) for one in entry.quotes], 0)
    _gap(out)
    for line in shown.footer:
        _line(out, line, "dim")


_DRAWN: dict[type, Callable[[Console, Any], None]] = {
    ThemeList: _themes,
    ThemeCard: _card,
    ReportAnswer: _report,
    Backlog: printing_mining.backlog,
    RiskList: printing_mining.risk,
    EvidenceList: printing_mining.evidence,
    ArticleList: printing_mining.articles,
    KnownAnswer: _known,
    SearchResult: _search,
    Why: _why,
    Health: _health,
    Done: _done,
    EditForm: _edit_form,
    MergePreview: _merge_preview,
    SplitPreview: _split_preview,
    ForgetPreview: _forget_preview,
    IssueForm: printing_issues.form,
    Drafts: printing_issues.drafts,
    IssuePreview: printing_issues.preview,
    MoveForm: _move_form,
    ReviewCard: _review,
    ReviewOver: _review_over,
    Quality: _quality,
    CandidateList: printing_candidate.listing,
    CandidateCard: printing_candidate.card,
    ChannelView: _channel,
    SettingsView: _settings,
    AreasView: printing_areas.areas,
    AreaForm: printing_areas.form,
    AreaPreview: printing_areas.preview,
    AreaProposals: printing_areas.proposals,
    AlertsView: _alerts,
    Backtest: printing_backtest.backtest,
    Help: _help,
    ImportReport: _import,
}
