"""A report as one HTML page: no script, nothing loaded from elsewhere, made for light, dark and paper."""

from __future__ import annotations

import re
from html import escape

from bot.blocks.parts import clean
from bot.charts.charts import charts
from bot.charts.svg import svg
from bot.report_document import Document, Entry, Part
from intelligence.reports.values import Report, Said

_ADDRESS = re.compile(r"https?://[^\s<>\"'\\`]{1,1990}")
_CHARTS = {"volume": ("trend", "mix"), "themes": ("pareto",)}
_STYLE = """
:root{color-scheme:light dark;--text:#1d1c1d;--quiet:#5c5b5d;--page:#fff;--card:#f6f7f9;--edge:#e2e4e8;--accent:#2f6fb5;
--rise:#c4501b;--band:#dfe5ec;--grid:#e8e8e8;--muted:#a9b4c0}
@media (prefers-color-scheme:dark){:root{--text:#e8e8ea;--quiet:#a5a7ab;--page:#17181b;--card:#202226;--edge:#34373d;
--accent:#6ea8e6;--rise:#f0875a;--band:#2c333d;--grid:#2d3035;--muted:#565e69}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0}
h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--edge)}
.period,.facts,.by,footer{color:var(--quiet)}
.period{margin:.2rem 0 1rem}
.summary{font-size:1.06rem;margin:0 0 1rem}
ul.entries{list-style:none;margin:.6rem 0;padding:0}
ul.entries>li{padding:.55rem 0;border-bottom:1px solid var(--edge)}
ul.entries>li:last-child{border-bottom:0}
.decisions ul.entries>li{background:var(--card);border:1px solid var(--edge);border-left:4px solid var(--rise);
border-radius:6px;padding:.6rem .8rem;margin:.5rem 0}
.head{font-weight:600;overflow-wrap:anywhere}
.facts{font-size:.92rem}
p.note{margin:.25rem 0 0;font-size:.95rem}
blockquote{margin:.4rem 0 0;padding:.1rem 0 .1rem .8rem;border-left:3px solid var(--edge);overflow-wrap:anywhere}
.by{font-size:.85rem}
a{color:var(--accent)}
ul.mix{columns:2;gap:2rem;padding-left:1.1rem;margin:.4rem 0}
.chart{max-width:46rem;width:100%;height:auto;display:block;margin:.8rem 0;font-family:inherit}
.chart .text{fill:var(--text)}.chart .quiet{fill:var(--quiet)}
.chart .bar{fill:var(--accent)}.chart .rise{fill:var(--rise)}.chart .band{fill:var(--band)}.chart .muted{fill:var(--muted)}
.chart .stroke{fill:none;stroke-linejoin:round}.chart .line.stroke{stroke:var(--accent)}
.chart .grid.stroke{stroke:var(--grid)}.chart .muted.stroke{stroke:var(--muted);stroke-dasharray:4 4}
footer{margin-top:2.5rem;font-size:.85rem;border-top:1px solid var(--edge);padding-top:.8rem}
@media print{:root{--text:#000;--quiet:#444;--page:#fff;--card:#fff;--edge:#bbb;--accent:#1d4f88;--rise:#a33d0f;
--band:#e4e4e4;--grid:#ddd;--muted:#999}body{font-size:10.5pt}main{max-width:none;padding:0}
h2{break-after:avoid}ul.entries>li,.chart{break-inside:avoid}a{text-decoration:none;color:inherit}}
"""


def page(document: Document, report: Report) -> str:
    """The whole page with its charts drawn in."""
    pictures = {drawing.name: svg(drawing) for drawing in charts(report)}
    body = "".join(_part(part, pictures) for part in document.parts)
    summary = " ".join(words(sentence) for sentence in document.summary)
    footer = "<br>".join(words(line) for line in document.footer)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{words(document.title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>{words(document.title)}</h1><p class="period">{words(document.period)}</p>'
        f'<p class="summary">{summary}</p>{body}<footer>{footer}</footer></main></body></html>\n'
    )


def words(text: str) -> str:
    """Plain words, escaped."""
    return escape(clean(text))


def _part(part: Part, pictures: dict[str, str]) -> str:
    lead = "".join(f"<p>{words(line)}</p>" for line in part.lead)
    drawn = "".join(pictures.get(name, "") for name in _CHARTS.get(part.name, ()))
    rows = "" if part.name == "volume" and drawn else "".join(map(_entry, part.entries))
    rows = f'<ul class="entries">{rows}</ul>' if rows else ""
    return f'<section class="{part.name}"><h2>{words(part.title)}</h2>{lead}{drawn}{rows}</section>'


def _entry(entry: Entry) -> str:
    head = f'<span class="head">{words(entry.head)}</span>'
    if entry.url and _ADDRESS.fullmatch(entry.url):
        head = f'<a href="{escape(entry.url)}">{head}</a>'
    facts = f' <span class="facts">{words(" · ".join(entry.facts))}</span>' if entry.facts else ""
    notes = "".join(f'<p class="note">{words(note)}</p>' for note in entry.notes)
    return f"<li>{head}{facts}{notes}{''.join(map(_quote, entry.quotes))}</li>"


def _quote(quote: Said) -> str:
    link = f' · <a href="{escape(quote.link)}">open</a>' if quote.link and _ADDRESS.fullmatch(quote.link) else ""
    by = f'<span class="by">{words(quote.who)}, {quote.at:%Y-%m-%d}{link}</span>'
    return f"<blockquote>{words(quote.text)}<br>{by}</blockquote>"
