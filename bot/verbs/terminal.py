"""Verbs of the command line alone: set up, run, bring, keep, measure."""

from __future__ import annotations

from bot.verbs.parts import Right, Verb, Where


def _cli(name: str, says: str, example: str, right: Right = Right.ADMIN) -> Verb:
    return Verb(name, says, example, right=right, where=Where.CLI)


TERMINAL: tuple[Verb, ...] = (
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
