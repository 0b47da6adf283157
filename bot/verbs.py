"""Every verb of Ticket Intel in one table: it drives the parser, `help`, the docs and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from intelligence.model import ChannelRole, PrimaryCategory, QuotePolicy, ThemeState


class Where(StrEnum):
    """Where a verb can be used."""

    SLACK = "slack"
    CLI = "cli"
    BOTH = "both"


class Right(StrEnum):
    """Who may use a verb."""

    READ = "anyone"
    EDIT = "support and product members"
    ADMIN = "admins"


class Persona(StrEnum):
    """Whose work the bare command should help with."""

    AGENT = "agent"
    PRODUCT = "product"
    ENGINEER = "engineer"
    ADMIN = "admin"


class ArgKind(StrEnum):
    """How an argument is read."""

    THEME = "theme"  # TI-42, ti 42, 42 -> "TI-42"
    SUBJECT = "subject"  # a theme, or "ticket 17"
    TICKET = "ticket"  # 17, #17, ticket 17 -> "17"
    TARGET = "target"  # a theme, or "new"
    TEXT = "text"  # the rest of the line, as it is
    WORD = "word"  # one word, or several in quotes
    MOMENT = "moment"  # 2026-01-03 or 2026-01-03 14:00 -> ISO, in the team's zone
    REPORT = "report"  # week, month, quarter, agenda, 2026-W02, 2026-01, 2026-Q1, 7d
    PERIOD = "period"  # 24h, 7d, 2026-W02, month
    ROLE = "role"  # what a channel is for
    CHANNEL = "channel"  # #support or a channel id
    VERB = "verb"
    REST = "rest"  # all words that are left
    AREA = "area"  # a product area's name: in quotes, or before a colon


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument; `shown` is how usage lines write it."""

    name: str
    kind: ArgKind
    shown: str
    required: bool = True

    @property
    def usage(self) -> str:
        return self.shown if self.required else f"[{self.shown}]"


@dataclass(frozen=True, slots=True)
class Number:
    """The numbers that may be given, both ends included."""

    least: float
    most: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A `name:value` filter. `choices` maps every accepted word to its value (short forms included); None takes any
    words. `flag` filters are a word without a value. `bare` words of the choices work without the name too. A `number`
    is written `name=2.5`, and its name means nothing to verbs that do not take it.
    """

    name: str
    shown: str
    aliases: tuple[str, ...] = ()
    choices: dict[str, str] | None = None
    flag: bool = False
    bare: bool = False
    number: Number | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing people can ask for. `starts` names who sees it behind the bare command."""

    name: str
    says: str
    example: str
    args: tuple[Arg, ...] = ()
    filters: tuple[str, ...] = ()
    paged: bool = False
    aliases: tuple[str, ...] = ()
    right: Right = Right.READ
    where: Where = Where.BOTH
    starts: tuple[Persona, ...] = ()
    mined: bool = False  # a backlog: the terminal writes it to a file as well

    @property
    def usage(self) -> str:
        """The verb with its arguments and filters, e.g. "theme TI-42"."""
        filters = [f"[{FILTERS[name].shown}]" for name in self.filters]
        return " ".join([self.name, *(arg.usage for arg in self.args), *filters])


KINDS: dict[str, str] = {kind.value: kind.value for kind in PrimaryCategory} | {
    "bug": "bug_report",
    "bugs": "bug_report",
    "how-to": "how_to",
    "howto": "how_to",
    "question": "how_to",
    "feature": "feature_request",
    "features": "feature_request",
    "request": "feature_request",
    "expectation": "expectation_gap",
    "promise": "expectation_gap",
    "billing": "account_billing",
    "account": "account_billing",
}
STATES: dict[str, str] = {state.value: state.value for state in ThemeState} | {
    "rising": "rising",
    "up": "rising",
    "back": "regressed",
    "fixed": "verifying",
    "calm": "quiet",
    "ongoing": "steady",
}
ROLES: dict[str, str] = {role.value: role.value for role in ChannelRole} | {
    "tickets": "notifications",
    "helpdesk": "notifications",
    "threads": "support",
    "pm": "product",
    "eng": "engineering",
    "documentation": "docs",
    "deploys": "releases",
    "deployments": "releases",
    "none": "nothing",
    "off": "nothing",
}
SHARED: dict[str, str] = {policy.value: policy.value for policy in QuotePolicy} | {
    "none": "counts",
    "numbers": "counts",
    "quotes": "masked",
    "words": "all",
}
FILTERS: dict[str, Filter] = {
    entry.name: entry
    for entry in (
        Filter("area", "area:X", aliases=("product",)),
        Filter("plan", "plan:X", aliases=("tier",)),
        Filter("kind", "kind:bug|how_to|feature|expectation|billing", aliases=("category", "type"), choices=KINDS),
        Filter("state", "state:new|rising|...", aliases=("status",), choices=STATES, bare=True),
        Filter("quotes", "quotes:counts|masked|all", aliases=("show",), choices=SHARED),
        Filter("confirm", "confirm", aliases=("yes",), flag=True),
        Filter("docs", "docs", aliases=("documentation",), flag=True),
        Filter("mine", "mine", aliases=("my",), flag=True),
        Filter("force", "force", aliases=("--force", "anyway"), flag=True),
        Filter("fresh", "fresh", aliases=("--fresh", "again"), flag=True),
        Filter("spike", "spike=2.0", aliases=("ratio",), number=Number(1.2, 20)),
        Filter("new", "new=5", aliases=("new_pattern",), number=Number(3, 50, whole=True)),
        Filter("budget", "budget=2", aliases=("aim",), number=Number(0.1, 50)),
    )
}
#: What makes an alert rule, in `backtest` and in `settings rule`.
RULE = ("spike", "new", "budget")

_ALL = ("area", "plan", "kind", "state", "mine")
_PERIOD = Arg("period", ArgKind.PERIOD, "7d|30d|2026-W02", required=False)
_THEME = Arg("theme", ArgKind.THEME, "TI-42")
_AGENT, _PRODUCT, _ENGINEER, _ADMIN = Persona.AGENT, Persona.PRODUCT, Persona.ENGINEER, Persona.ADMIN


def _mined(name: str, says: str, example: str, aliases: str) -> Verb:
    """A backlog: a period, an area or a plan, a page at a time."""
    also = tuple(aliases.split())
    return Verb(name, says, example, (_PERIOD,), ("area", "plan"), paged=True, aliases=also, mined=True)


_NOW: tuple[Verb, ...] = (
    Verb(
        "themes",
        "What people ask about most, by customers",
        "themes 7d area:billing",
        args=(_PERIOD,),
        filters=_ALL,
        paged=True,
        aliases=("top", "list", "topics"),
        starts=(_AGENT, _PRODUCT, _ENGINEER, _ADMIN),
    ),
    Verb(
        "theme",
        "Everything about one theme: timeline, who, quotes, what helped",
        "theme TI-42",
        args=(_THEME,),
        aliases=("show", "open", "card"),
        starts=(_PRODUCT, _ENGINEER),
    ),
    Verb(
        "known",
        "Is this a known pattern? Verdict, workaround, draft reply",
        "known Okta login loops since Monday",
        args=(Arg("text", ArgKind.TEXT, "<words of the ticket>"),),
        aliases=("seen", "recognise", "recognize"),
        starts=(_AGENT,),
    ),
    Verb(
        "search",
        "Tickets that mean the same, even in other words",
        "search export to excel",
        args=(Arg("text", ArgKind.TEXT, "<words>"),),
        aliases=("find", "lookup"),
        starts=(_AGENT, _PRODUCT),
    ),
    Verb(
        "report",
        "The week, month or quarter in one report; the agenda of the review meeting",
        "report week",
        args=(Arg("period", ArgKind.REPORT, "week|month|quarter|agenda|2026-W02|7d", required=False),),
        filters=("fresh",),
        aliases=("reports", "weekly", "digest"),
        starts=(_PRODUCT,),
    ),
    Verb(
        "why",
        "The receipt: what was counted, compared and decided",
        "why TI-42",
        args=(Arg("subject", ArgKind.SUBJECT, "TI-42|ticket 17"),),
        aliases=("receipt", "explain"),
        starts=(_ENGINEER,),
    ),
    _mined("gaps", "What people ask for that does not exist", "gaps 30d", "features backlog wishes"),
    _mined("friction", "Where people get stuck though it works", "friction 30d area:billing", "ux stuck"),
    _mined("docs", "Pages that would have prevented tickets", "docs 30d", "documentation pages"),
    _mined("bugs", "Bug patterns by severity, with what went out before", "bugs 7d", "defects"),
    _mined("expectations", "Promises that misled, and where they stand", "expectations 30d", "promises"),
    _mined("usecases", "Uses the product was not made for", "usecases 90d", "uses"),
    _mined("risk", "Customers who may leave, and over what", "risk 30d plan:enterprise", "churn"),
    Verb(
        "evidence",
        "What roadmap items can show: tickets, customers, revenue, quotes, trend",
        "evidence TI-42",
        args=(_PERIOD, Arg("subject", ArgKind.WORD, "TI-42|ENG-812", required=False)),
        paged=True,
        aliases=("proof", "case"),
        mined=True,
    ),
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
        args=(_THEME, Arg("release", ArgKind.WORD, "release", required=False)),
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
        starts=(_ENGINEER,),
    ),
    Verb(
        "rename",
        "Give a theme a title that no machine changes again",
        "rename TI-42 Export to Excel",
        args=(_THEME, Arg("title", ArgKind.TEXT, "title", required=False)),
        aliases=("edit", "title", "call"),
        right=Right.EDIT,
    ),
    Verb(
        "merge",
        "Make two themes one; shows first what would move",
        "merge TI-42 TI-57",
        args=(_THEME, Arg("other", ArgKind.THEME, "TI-57")),
        filters=("confirm",),
        aliases=("join",),
        right=Right.EDIT,
    ),
    Verb(
        "split",
        "Take a theme apart; shows first the parts it has",
        "split TI-42",
        args=(_THEME, Arg("part", ArgKind.WORD, "part", required=False)),
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
        args=(_THEME, Arg("when", ArgKind.TEXT, "Q2|none", required=False)),
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
        args=(_THEME, Arg("issue", ArgKind.WORD, "#812")),
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
        args=(_THEME,),
        aliases=("follow",),
    ),
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
        starts=(_ADMIN,),
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
        args=(_THEME,),
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
        starts=(_ADMIN,),
    ),
    Verb(
        "help",
        "This list, or one verb in detail",
        "help themes",
        args=(Arg("verb", ArgKind.VERB, "verb", required=False),),
        aliases=("?", "h", "commands"),
        starts=(_AGENT, _ADMIN),
    ),
)


def _cli(name: str, says: str, example: str, right: Right = Right.ADMIN) -> Verb:
    return Verb(name, says, example, right=right, where=Where.CLI)


_CLI: tuple[Verb, ...] = (
    _cli("demo", "A whole Slack on this machine, with eight weeks of tickets", "demo", Right.READ),
    _cli("connect", "Set up the bot for your workspace", "connect"),
    _cli("doctor", "What is wrong with the set-up, and how to mend it", "doctor"),
    _cli("run", "Start the bot", "run"),
    _cli("customers", "Bring a customer list: accounts, plans and what you compare by", "customers customers.csv"),
    _cli("import", "Bring tickets from a CSV or JSON file", "import tickets.csv"),
    _cli(
        "backfill",
        "Bring a helpdesk's past, or let the model read it by file; again: how far it is",
        "backfill zendesk",
    ),
    _cli(
        "installations", "Where the app is installed by OAuth, and the keys that seal its tokens", "installations list"
    ),
    _cli("jobs", "List, retry or drop waiting work", "jobs list"),
    _cli("mcp", "Answer other agents by the Model Context Protocol, read-only", "mcp"),
    _cli("migrate", "Bring the database to this version", "migrate"),
    _cli("backup", "Copy the SQLite database to a file while the bot runs", "backup monday.db"),
    _cli(
        "copy",
        "Move everything to another database, counted and compared",
        "copy sqlite:///ticket-intel.db postgresql://user:password@host/database",
    ),
    _cli("eval", "Measure the machine on labelled tickets", "eval"),
)

VERBS: tuple[Verb, ...] = (*_NOW, *_CLI)
BY_NAME: dict[str, Verb] = {verb.name: verb for verb in VERBS}
BY_WORD: dict[str, Verb] = {word: verb for verb in VERBS for word in (verb.name, *verb.aliases)}
