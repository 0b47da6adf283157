"""What people type about issues and about reporters who wait: the verbs `issue`, `link` and `loop`, and their rule."""

from __future__ import annotations

from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import issue_preview, loop, preferences, tracking
from bot.grammar import Request
from bot.preferences import ISSUES
from intelligence.model import Scope
from storage.tracked_issues import DOCS


def issue(deps: Deps, scope: Scope, request: Request, *, by: str) -> object:
    """What may be the same; with `confirm` it is opened. Raises ThemeNotFound, BadInput."""
    key, target = request.args["theme"], DOCS if "docs" in request.filters else None
    if "confirm" in request.filters:
        return tracking.request(deps, scope, key, None, by=by, target=target)
    return tracking.form(deps, scope, key, target)


def waiting(deps: Deps, scope: Scope, request: Request, *, by: str) -> object:
    """The drafts that wait, or a person's word about one of them. Raises BadInput."""
    action, draft = request.args.get("action"), request.args.get("draft", "")
    if action is None:
        return loop.review(deps, scope)
    word = next((one for one in loop.Word if one == action.casefold()), None)
    if word is None or not (draft.isascii() and draft.isdigit() and len(draft) <= 9):
        raise BadInput(
            problem=f'"{f"{action} {draft}".strip()[:60]}" is nothing to do with a draft.',
            fix="Type `loop send 3`, `loop told 3` or `loop skip 3`.",
        )
    return loop.decide(deps, scope, int(draft), word, by=by)


def setting(deps: Deps, scope: Scope, name: str, value: str | None, *, by: str) -> object:
    """Change what is set. Raises BadInput."""
    if name.casefold() == ISSUES and value is not None:
        return issue_preview.choose(deps, scope, value, by=by)
    return preferences.change(deps, scope.workspace, name, value, by=by)
