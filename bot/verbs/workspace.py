"""Verbs about a workspace: its channels and areas, its alerts, issues and settings, how well it is read, its health."""

from __future__ import annotations

from bot.verbs.filters import RULE
from bot.verbs.parts import THEME, Arg, ArgKind, Persona, Right, Verb

WORKSPACE: tuple[Verb, ...] = (
    Verb(
        "channel",
        "What a channel is for, and what of its words may be shown elsewhere",
        "channel support",
        args=(
            Arg("channel", ArgKind.CHANNEL, "#channel", required=False),
            Arg("role", ArgKind.ROLE, "support|notifications|product|engineering|docs|nothing", required=False),
        ),
        filters=("quotes",),
        aliases=("channels",),
        right=Right.ADMIN,
        starts=(Persona.ADMIN,),
    ),
    Verb(
        "areas",
        "Product areas: their words, owners and channels; what a change would move",
        "areas add Billing: invoice, refund",
        args=(
            Arg(
                "action",
                ArgKind.WORD,
                "propose|add|edit|rename|words|examples|owner|channel|map|remove|reassign|undo",
                required=False,
            ),
            Arg("area", ArgKind.AREA, "name:", required=False),
            Arg("value", ArgKind.TEXT, "words|@owner|#channel", required=False),
        ),
        filters=("confirm",),
        aliases=("area",),
        right=Right.EDIT,
    ),
    Verb(
        "alerts",
        "Living alerts, what was not sent and why, and the rules",
        "alerts",
        aliases=("alarms",),
    ),
    Verb(
        "backtest",
        "The alerts a rule would have sent, and what became of them",
        "backtest 90d spike=2.0",
        args=(Arg("period", ArgKind.PERIOD, "90d|2026-W02", required=False),),
        filters=RULE,
        aliases=("replay", "whatif"),
    ),
    Verb(
        "issue",
        "Open an issue of a theme; shows first what may be the same",
        "issue TI-42",
        args=(THEME,),
        filters=("docs", "confirm"),
        aliases=("issues", "file"),
        right=Right.EDIT,
    ),
    Verb(
        "settings",
        "What is set for this workspace, by whom, since when",
        "settings quiet 20:00-08:00",
        args=(
            Arg("name", ArgKind.WORD, "alerts|quiet|rule|issues|retention|agents|admins", required=False),
            Arg("value", ArgKind.REST, "value", required=False),
        ),
        aliases=("setting", "config", "preferences"),
        right=Right.ADMIN,
    ),
    Verb(
        "review",
        "This week's cards to check: is the label right?",
        "review",
        args=(
            Arg("answer", ArgKind.WORD, "right|fix|unsure", required=False),
            Arg("label", ArgKind.WORD, "feature_usage", required=False),
        ),
        aliases=("cards",),
        right=Right.EDIT,
    ),
    Verb(
        "quality",
        "How often I am right, with intervals, and how alerts did",
        "quality",
        aliases=("accuracy",),
    ),
    Verb(
        "candidate",
        "Try another prompt, model or definition beside what reads, switch it on, take it back",
        "candidate try triage.v2",
        args=(
            Arg("act", ArgKind.WORD, "try|show|use|back", required=False),
            Arg("what", ArgKind.REST, "triage.v2|gpt-4o|feature_usage|3", required=False),
        ),
        filters=("force",),
        aliases=("candidates", "prompts"),
        right=Right.ADMIN,
    ),
    Verb(
        "missed",
        "Tell me of a pattern that I did not see",
        "missed invoices arrive twice",
        args=(Arg("text", ArgKind.TEXT, "<what was missed>"),),
        right=Right.EDIT,
    ),
    Verb(
        "forget",
        "Erase a customer everywhere, for good; shows first what would go",
        "forget ann@acme.com",
        args=(Arg("customer", ArgKind.REST, "<e-mail, id, name or account>"),),
        filters=("confirm",),
        aliases=("erase",),
        right=Right.ADMIN,
    ),
    Verb(
        "health",
        "Is everything running? What waits, and what needs a person",
        "health",
        aliases=("status", "ping"),
        starts=(Persona.ADMIN,),
    ),
    Verb(
        "help",
        "This list, or one verb in detail",
        "help themes",
        args=(Arg("verb", ArgKind.VERB, "verb", required=False),),
        aliases=("?", "h", "commands"),
        starts=(Persona.AGENT, Persona.ADMIN),
    ),
)
