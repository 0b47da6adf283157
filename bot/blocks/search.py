"""Tickets that mean what was searched for."""

from __future__ import annotations

from bot.answers_tickets import SearchHit, SearchResult
from bot.blocks import ids
from bot.blocks.message import Rendered, rendered
from bot.blocks.parts import (
    Block,
    actions,
    address,
    button,
    clean,
    context,
    header,
    inline,
    quoted,
    rich,
    rich_link,
    rich_moment,
    rich_section,
    text,
    truncate,
)
from bot.grammar import Request, render
from bot.words import count

MOST_VALUE = 2000


def search(answer: SearchResult, *, shared: bool = False) -> Rendered:
    """The answer to `search`."""
    words = inline(answer.query, 80)
    if not answer.hits:
        told = f"No ticket means “{words}” among {count(answer.total, 'ticket')}. Try fewer or plainer words."
        return rendered(told, [context(told)])
    told = f"{count(len(answer.hits), 'ticket')} nearest to “{words}”"
    blocks: list[Block | None] = [
        header(f"Nearest to “{truncate(clean(answer.query), 100)}”"),
        *(_hit(hit) for hit in answer.hits),
        _buttons(answer, shared=shared),
        context(f"Searched {count(answer.total, 'ticket')} by meaning, best first"),
    ]
    return rendered(told, blocks)


def _hit(hit: SearchHit) -> Block:
    line = [text(truncate(clean(hit.who), 60) or "a customer"), text(", "), rich_moment(hit.at)]
    line += [text(f" · {hit.theme_key}")] if hit.theme_key else []
    line.append(text(f" · ticket {hit.ticket_id}"))
    if url := address(hit.link):
        line += [text(" · "), rich_link(url, "open")]
    return rich(quoted(hit.excerpt, 200), rich_section(*line))


def _buttons(answer: SearchResult, *, shared: bool) -> Block | None:
    keys = list(dict.fromkeys(hit.theme_key for hit in answer.hits if hit.theme_key))[:3]
    made = [button(f"Open {key}", f"{ids.OPEN}:{key}", f"theme {key}") for key in keys]
    again = render(Request("search", {"text": answer.query}))
    if not shared and clean(answer.query) and len(again) <= MOST_VALUE:
        made.append(button("Share here", ids.SHARE, again))
    return actions(*made) if made else None
