"""An internal note as HTML, which shows text as it is and makes nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from integrations.marks import shown


def html_of(paragraphs: Sequence[str], mark: str) -> str:
    """Paragraphs and the mark, escaped."""
    return "".join(f"<p>{escape(one, quote=False)}</p>" for one in (*paragraphs, shown(mark)))
