"""Names of buttons, menus, modals and shortcuts, and the small values they carry: what blocks draw, listeners hear.

A value is never customer text, only ids, and parses with `subject`:

- alerts: "alert:12"
- known answers and their candidates: "ticket:17 theme:TI-42"; without a stored ticket "theme:TI-42"
- a theme's row or card: "theme:TI-42"; in a row's menu "window:evidence theme:TI-42"
- channels: "channel:C123", with the role "channel:C123 role:support"
- answers that can be asked for again (paging, row menus, sharing): a request line of the grammar, as in
  "themes 7d area:billing page:2" or "theme TI-42"

An action id may end in ":" and a word, because ids must differ within one block ("show:next"); only the part before
the colon names the listener.
"""

from __future__ import annotations

from typing import Final

COMMAND: Final = "/ticket-intel"

# Alert messages; value "alert:12". Evidence and issue also stand on theme cards, with "theme:TI-42"
ALERT_ISSUE: Final = "alert.issue"
ISSUE_OPEN: Final = "issue.open"  # value "theme:TI-42", with "target:docs" for the documentation; with a tracker only
ISSUE_TIE: Final = "issue.tie"  # value "theme:TI-42 target:main issue:12", the tracker's own id
ISSUE_NOT: Final = "issue.not"  # value "theme:TI-42": not now, of an issue that the rule proposed
ISSUE_OPEN_VIEW: Final = "issue_open"  # private_metadata "theme:TI-42 target:main"
ISSUE_TITLE: Final = "title"
LOOP_SEND: Final = "loop.send"  # value "draft:3"
LOOP_TOLD: Final = "loop.told"  # they were told where we cannot write
LOOP_SKIP: Final = "loop.skip"
ALERT_OWN: Final = "alert.own"
ALERT_SNOOZE: Final = "alert.snooze"
ALERT_USEFUL: Final = "alert.useful"
ALERT_NOT_USEFUL: Final = "alert.not_useful"
ALERT_EVIDENCE: Final = "alert.evidence"
ALERT_POST: Final = "alert.post"  # shadow: the admin sends it to its channel
ALERT_NOISE: Final = "alert.noise"  # shadow: the admin closes it as noise

# Answers of "is this a known pattern?"; value "ticket:17 theme:TI-42"
KNOWN_SAME: Final = "known.same"
KNOWN_NOT: Final = "known.not"
KNOWN_NOTIFY: Final = "known.notify"
KNOWN_PICK: Final = "known.pick"  # a select of themes; its block id is "pick:17", the ticket
KNOWN_FEEDBACK: Final = "known.feedback"  # value "said:good theme:TI-42"
KNOWN_SAFE: Final = "known.safe"  # value "theme:TI-42"; where customers read: the window of what they may read
SAFE_VIEW: Final = "safe"  # private_metadata "channel:C1 thread:1.2 theme:TI-42"
SAFE_TEXT: Final = "text"

# Any answer; value: a request line
SHOW: Final = "show"  # in the place of the answer it stands in (paging)
OPEN: Final = "open"  # beside it (a row's theme)
COPY: Final = "copy"  # the same as Markdown, in a window
SHARE: Final = "share"  # the same answer for everybody in the channel

# A theme's row menu; its options are request lines, or "window:evidence theme:TI-42" and "window:issue theme:TI-42"
ROW: Final = "row"
ROW_EVIDENCE: Final = "evidence"
ROW_ISSUE: Final = "issue"

# Editing themes: values "edit:merge theme:TI-42 other:TI-57 version:17" and the like (see blocks/editing.py)
EDIT: Final = "edit.theme"  # the window of a theme; value "theme:TI-42", in a row's menu "window:edit theme:TI-42"
EDIT_DO: Final = "edit.do"
EDIT_CANCEL: Final = "edit.cancel"
EDIT_AGAIN: Final = "edit.again"  # a request line: the same on top of what somebody else changed
EDIT_SPLIT: Final = "edit.split"
EDIT_OTHER: Final = "edit.other"  # a select of themes; its block id is "merge:TI-42"
EDIT_MOVE: Final = "edit.move"  # value "ticket:17"
EDIT_VIEW: Final = "edit"
EDIT_TITLE: Final = "title"
EDIT_PLAN: Final = "plan"
EDIT_PART: Final = "part"
EDIT_TARGET: Final = "target"  # a select of themes, or "new"
FORGET_DO: Final = "forget.do"  # value "subject:customer-12"; admins alone
PROPOSAL_YES: Final = "proposal.yes"  # value "proposal:17", the event in the theme's lineage
PROPOSAL_NO: Final = "proposal.no"
ROW_EDIT: Final = "edit"

# The window of a product area; its private_metadata is JSON: the area's name may hold spaces
AREA_VIEW: Final = "area"
AREA_PREVIEW: Final = "area.preview"
AREA_NAME: Final = "area.name"
AREA_WORDS: Final = "area.words"
AREA_EXAMPLES: Final = "area.examples"
AREA_OWNER: Final = "area.owner"
AREA_CHANNEL: Final = "area.channel"

# Take a change back; value "event:17" (the change's event in the theme's lineage), "review:17", "missed:17", "area:17"
# or "edition:3" (a candidate that was switched on)
UNDO: Final = "undo"

# Evidence modal; value "alert:12 page:2"
EVIDENCE_PAGE: Final = "evidence.page"

# Review cards; value "card:3". A label's window holds "card:3" or "ticket:17", with "url:https://..." of the card it
# stands in, which the next card replaces
REVIEW_RIGHT: Final = "review.right"
REVIEW_FIX: Final = "review.fix"
REVIEW_UNSURE: Final = "review.unsure"
REVIEW_UNDO: Final = "review.undo"  # value "review:17"
REVIEW_PRIMARY: Final = "label.primary"  # the select whose choice decides which sub-categories are offered
LABEL_VIEW: Final = "label"
LABEL_SUB: Final = "label.sub"
LABEL_AREA: Final = "label.area"
LABEL_FRUSTRATION: Final = "label.frustration"
LABEL_URGENCY: Final = "label.urgency"

# Channel choice; value "channel:C123 role:support"; backfill value "channel:C123"
CHANNEL_ROLE: Final = "channel.role"
CHANNEL_QUOTES: Final = "channel.quotes"  # a select; value "channel:C123 quotes:masked"
BACKFILL_YES: Final = "backfill.yes"
BACKFILL_NO: Final = "backfill.no"

# Links open in the browser; Slack reports the press all the same, and it must be acknowledged
LINK: Final = "link"

# Modals: callback ids; private_metadata holds "alert:12". Inputs: block id and action id are equal.
SNOOZE_VIEW: Final = "snooze"
SNOOZE_UNTIL: Final = "until"  # radio: tickets, days, date, release
SNOOZE_MORE: Final = "more"
SNOOZE_DAY: Final = "day"
NOT_USEFUL_VIEW: Final = "not_useful"
NOT_USEFUL_REASON: Final = "reason"  # noise, duplicate, known, wrong_group
ISSUE_VIEW: Final = "issue"
EVIDENCE_VIEW: Final = "evidence"
ASK_VIEW: Final = "ask"  # the global shortcut's question
ASK_TEXT: Final = "text"

# Shortcuts: callback ids in manifest.yml
KNOWN_SHORTCUT: Final = "known_pattern"
ASK_SHORTCUT: Final = "ask_known"
CORRECT_SHORTCUT: Final = "correct_label"


def subject(value: str) -> dict[str, str]:
    """ "ticket:17 theme:TI-42" as a dict; words without a colon are left out."""
    return dict(part.split(":", 1) for part in value.split() if ":" in part)
