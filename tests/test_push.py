"""One quiet line where a ticket is surely known: only where wanted, only once, only with something to say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from office import HERE, SCOPE, Office, an_office

from bot.flows import analyze, preferences, push, recognize, rename
from intelligence.model import Visibility
from storage import memberships, messages, themes, workspaces

SAID = "Signing in with Okta sends me back to the login page again and again"
OTHERS = (
    "Okta sign-in sends us back to the login page again and again",
    "Signing in with Okta returns me to the login page each time",
    "The Okta login sends everybody back to the login page again",
    "With Okta I am sent back to the login page again and again",
)


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def known(office: Office, text: str = SAID, **values: object) -> int:
    """A theme with four tickets, and one more like them: its id. All have vectors."""
    with office.deps.db.write() as session:
        theme = themes.give_birth(
            session, HERE, office.clock.now(), first_at=office.clock.now(), title="Okta login loops"
        )
        old = [office.ticket(session, said) for said in OTHERS]
        memberships.place_many(session, HERE, [(one, theme, 1.0) for one in old], office.clock.now())
        other = themes.give_birth(session, HERE, office.clock.now(), first_at=office.clock.now(), title="Invoices")
        far = [
            office.ticket(session, said)
            for said in ("The invoice of May lists a wrong VAT id", "A wrong VAT id on the invoice")
        ]
        memberships.place_many(session, HERE, [(one, other, 1.0) for one in far], office.clock.now())
        made = office.ticket(session, text, thread_ts="1700000000.000100", **values)
    for one in (*old, *far, made):
        analyze.read_tickets(office.deps, HERE, [one], assign=False)
    return made


def wanted(office: Office, channel: str = "CSUPPORT") -> None:
    preferences.change(office.deps, HERE, "push", f"#{channel}", by="U0ANN")


def asked(office: Office, ticket: int) -> None:
    with office.deps.db.write() as session:
        push.ask(office.deps, session, HERE, [ticket])
    office.work()
    office.work()


def said(office: Office, channel: str = "CSUPPORT") -> list[str]:
    return [message.text for message in office.posted(channel)]


def test_off_by_default(office: Office) -> None:
    ticket = known(office)
    rename.plan_theme(office.deps, SCOPE, "TI-1", "Q2", by="U0ANN")
    asked(office, ticket)
    assert said(office) == []


def test_one_line_in_the_thread_once(office: Office) -> None:
    ticket = known(office)
    wanted(office)
    rename.plan_theme(office.deps, SCOPE, "TI-1", "Q2", by="U0ANN")
    for _ in range(2):
        asked(office, ticket)
    assert len(said(office)) == 1
    message = office.posted("CSUPPORT")[0]
    assert message.thread_ts == "1700000000.000100"
    assert "TI-1" in message.text and "planned for Q2" in str(message.blocks)
    assert "known.not" in str(message.blocks)


def test_nothing_to_say_is_not_said(office: Office) -> None:
    ticket = known(office)
    wanted(office)
    asked(office, ticket)
    assert said(office) == []


def test_a_persons_no_is_obeyed(office: Office) -> None:
    ticket = known(office)
    wanted(office)
    rename.plan_theme(office.deps, SCOPE, "TI-1", "Q2", by="U0ANN")
    recognize.not_this(office.deps, SCOPE, ticket, "TI-1", by="U0ANN")
    asked(office, ticket)
    assert said(office) == []


def test_where_customers_read_the_agent_who_answers_is_told(office: Office) -> None:
    with office.deps.db.write() as session:
        workspaces.put_channel(session, HERE, "CSHARED", name="shared", visibility=Visibility.SHARED, member=True)
    ticket = known(office, channel="CSHARED", visibility=Visibility.SHARED)
    wanted(office, "CSHARED")
    rename.plan_theme(office.deps, SCOPE, "TI-1", "Q2", by="U0ANN")
    with office.deps.db.write() as session:
        from intelligence.model import Role, Source

        reply = messages.NewMessage(
            Source.SLACK,
            "CSHARED/2",
            Role.AGENT,
            "I am looking",
            office.clock.now() + timedelta(minutes=1),
            author="U0GUS",
        )
        messages.add(session, HERE, ticket, reply, office.clock.now())
    asked(office, ticket)
    assert said(office, "CSHARED") == []
    assert len(office.letters("U0GUS")) == 1
