"""A customer list from a file: duplicates, unknown ids, accounts alone, and tickets of the past."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databases import NOW
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_world import encoder
from stored import HERE, ticket

from bot.clock import SimulatedClock
from bot.compose import build_deps
from bot.deps import Deps
from bot.errors import FileUnreadable
from bot.flows.import_customers import CustomersImported, import_customers
from bot.settings import load_settings
from integrations.files.customers import ImportedCustomer, read_customers
from integrations.files.help_pages import Refused
from intelligence.model import Scope, Source
from storage import people, reports, segments, workspaces


@pytest.fixture
def deps(sqlite_template: Path, tmp_path: Path) -> Iterator[Deps]:
    shutil.copyfile(sqlite_template, tmp_path / "t.db")
    url = f"sqlite:///{tmp_path}/t.db"
    made = build_deps(
        load_settings(None, database_url=url, workspace=HERE), clock=SimulatedClock(NOW), embedder=encoder()
    )
    with made.db.write() as session:
        workspaces.ensure(session, HERE, NOW)
    yield made
    made.close()


def bring(deps: Deps, folder: Path, text: str, *, past: bool = False) -> CustomersImported:
    (folder / "c.csv").write_text(text, encoding="utf-8")
    return import_customers(deps, HERE, folder / "c.csv", past=past)


def test_people_accounts_and_what_is_compared_by(deps: Deps, tmp_path: Path) -> None:
    made = bring(
        deps,
        tmp_path,
        "User ID,Name,Email,Company,Plan,Region,Identity Provider,Revenue\n"
        "U1,Ana,ana@acme.example,Acme,Enterprise,eu,Okta,120000\n"
        ",,,Globex,Pro,us,,9500\n",
    )
    assert (made.people, made.accounts, made.unknown, made.refused) == (1, 2, 1, 0)
    with deps.db.read() as session:
        person = people.customer_of(session, HERE, Source.SLACK, "U1")
        assert person is not None
        account = people.account_of(session, person)
        told = {"plan": "Enterprise", "region": "eu", "identity_provider": "Okta", "revenue": "120000"}
        assert people.segments(session, account) == told
        assert sorted(reports.revenues(session, HERE).values()) == [9_500.0, 120_000.0]
    assert bring(deps, tmp_path, (tmp_path / "c.csv").read_text()).unknown == 0


def test_duplicate_ids_are_told_and_the_last_line_counts(deps: Deps, tmp_path: Path) -> None:
    made = bring(deps, tmp_path, "id,account,plan\nU1,Acme,Pro\nU1,Acme,Pro\nU1,Globex,Free\nU2,Acme,Enterprise\n")
    assert (made.people, made.repeated) == (2, 1)
    assert made.problems == (
        "line 4: slack U1 stands in line 3 too; the later line counts",
        "line 5: Acme has plan Pro in line 3; the later counts",
    )
    with deps.db.read() as session:
        person = people.customer_of(session, HERE, Source.SLACK, "U1")
        assert person is not None
        account = people.account_of(session, person)
        assert account is not None
        assert people.accounts(session, HERE, {account})[account].name == "Globex"


def test_rows_that_say_nobody_are_refused_by_line(deps: Deps, tmp_path: Path) -> None:
    made = bring(deps, tmp_path, "id,email,source\n,,slack\nU1,,nowhere\nU2,not an address,\nU3,u3@x.example,zendesk\n")
    assert (made.people, made.refused, made.rows) == (1, 3, 4)
    assert [problem.split(":")[0] for problem in made.problems] == ["line 2", "line 3", "line 4"]
    assert "nowhere" in made.problems[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour,size\nred,3\n", "no column id, email or account"),
        ("", "empty"),
        ("id,plan\n", "no rows"),
        ("id,plan\n,Pro\n", "nothing in it can be used"),
    ],
)
def test_what_is_no_customer_list_is_said(deps: Deps, tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FileUnreadable, match=told):
        bring(deps, tmp_path, text)


def test_earlier_tickets_are_filled_only_when_asked_and_keep_what_they_know(deps: Deps, tmp_path: Path) -> None:
    with deps.db.write() as session:
        person = people.customer_id(session, HERE, Source.SLACK, "U1", NOW)
        blank = ticket(session, "C1/1", at=NOW - timedelta(days=30), customer_id=person)
        told = ticket(session, "C1/2", at=NOW - timedelta(days=9), customer_id=person, segments={"plan": "Free"})
    text = "id,account,plan,revenue\nU1,Acme,Pro,12480\n"

    def known() -> dict[int, dict[str, str]]:
        with deps.db.read() as session:
            found = segments.by_ticket(session, Scope(HERE), NOW - timedelta(days=40), NOW + timedelta(days=1))
            return {number: dict(values) for number, values in found.items()}

    assert bring(deps, tmp_path, text).filled == 0
    assert known() == {blank: {}, told: {"plan": "Free"}}
    assert bring(deps, tmp_path, text, past=True).filled == 2
    assert known()[blank] == {"plan": "Pro", "revenue": "10,000 to 99,999"}
    assert known()[told] == {"plan": "Free", "revenue": "10,000 to 99,999"}
    assert bring(deps, tmp_path, text, past=True).filled == 0


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=5), max_size=6))
def test_any_table_is_read_row_by_row(tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("c") / "c.csv"
    path.write_text("id,email,plan\n" + "\n".join(",".join(row) for row in cells), encoding="utf-8")
    for row in read_customers(path, Source.SLACK):
        assert isinstance(row, ImportedCustomer | Refused)
        if isinstance(row, ImportedCustomer):
            assert row.external_id or row.email or row.account
