"""Verbs that do something with a theme: fixed, renamed, merged, planned, tied to an issue, its reporters told."""

from __future__ import annotations

from bot.verbs.parts import THEME, Arg, ArgKind, Persona, Right, Verb

THEMES: tuple[Verb, ...] = (
    Verb(
        "article",
        "Note that an article is live for a theme; later I say what it spared",
        "article TI-42 https://help.example/export",
        args=(
            Arg("theme", ArgKind.THEME, "TI-42", required=False),
            Arg("url", ArgKind.WORD, "https://help.example/export", required=False),
            Arg("at", ArgKind.MOMENT, "2026-01-03", required=False),
        ),
        aliases=("articles", "published"),
        right=Right.EDIT,
    ),
    Verb(
        "resolve",
        "Mark a theme as fixed; I watch whether it comes back",
        "resolve TI-42 4.2",
        args=(THEME, Arg("release", ArgKind.WORD, "release", required=False)),
        aliases=("resolved", "solved", "fixed"),
        right=Right.EDIT,
    ),
    Verb(
        "release",
        "Note that a version went out, so that themes can point at it",
        "release 4.2",
        args=(
            Arg("name", ArgKind.WORD, "4.2"),
            Arg("at", ArgKind.MOMENT, "2026-01-03 14:00", required=False),
        ),
        aliases=("released", "shipped", "deployed"),
        right=Right.EDIT,
        starts=(Persona.ENGINEER,),
    ),
    Verb(
        "rename",
        "Give a theme a title that no machine changes again",
        "rename TI-42 Export to Excel",
        args=(THEME, Arg("title", ArgKind.TEXT, "title", required=False)),
        aliases=("edit", "title", "call"),
        right=Right.EDIT,
    ),
    Verb(
        "merge",
        "Make two themes one; shows first what would move",
        "merge TI-42 TI-57",
        args=(THEME, Arg("other", ArgKind.THEME, "TI-57")),
        filters=("confirm",),
        aliases=("join",),
        right=Right.EDIT,
    ),
    Verb(
        "split",
        "Take a theme apart; shows first the parts it has",
        "split TI-42",
        args=(THEME, Arg("part", ArgKind.WORD, "part", required=False)),
        filters=("confirm",),
        aliases=("divide",),
        right=Right.EDIT,
    ),
    Verb(
        "move",
        "Give a ticket another theme, or one of its own",
        "move 17 TI-57",
        args=(Arg("ticket", ArgKind.TICKET, "17"), Arg("target", ArgKind.TARGET, "TI-57|new", required=False)),
        right=Right.EDIT,
    ),
    Verb(
        "plan",
        "Say when a theme will be worked on, or none",
        "plan TI-42 Q2",
        args=(THEME, Arg("when", ArgKind.TEXT, "Q2|none", required=False)),
        aliases=("roadmap", "planned"),
        right=Right.EDIT,
    ),
    Verb(
        "undo",
        "Take a change back, by the number that it came with",
        "undo 17",
        args=(Arg("change", ArgKind.WORD, "17"),),
        aliases=("revert",),
        right=Right.EDIT,
    ),
    Verb(
        "link",
        "Tie a theme to an issue of the tracker",
        "link TI-42 #812",
        args=(THEME, Arg("issue", ArgKind.WORD, "#812")),
        right=Right.EDIT,
    ),
    Verb(
        "loop",
        "Reporters to tell that it is fixed; each is sent by your click",
        "loop",
        args=(
            Arg("action", ArgKind.WORD, "send|told|skip", required=False),
            Arg("draft", ArgKind.WORD, "3", required=False),
        ),
        aliases=("drafts",),
        right=Right.EDIT,
    ),
    Verb(
        "watch",
        "Hear when a theme gets an alert, gets worse, is fixed or comes back",
        "watch TI-42",
        args=(THEME,),
        aliases=("follow",),
    ),
)
