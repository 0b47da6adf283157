"""Reading ticket files: columns, encodings, separators, dates, and rows that are no tickets."""

import io
import json
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.files import (
    Column,
    ImportedTicket,
    MappingError,
    RejectedRow,
    UnreadableFileError,
    count_rows,
    detect_mapping,
    file_mapping,
    parse_overrides,
    read_tickets,
)
from integrations.files.dates import DateReader
from integrations.files.json_arrays import array_entries, is_array
from integrations.files.markup import text_of
from intelligence.model import Role

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def read(
    path: Path, content: str | bytes, name: str = "tickets.csv", **options: str
) -> list[ImportedTicket | RejectedRow]:
    file = path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    mapping = file_mapping(file, {Column(key): value for key, value in options.items()})
    found = list(read_tickets(file, mapping, now=NOW))
    assert count_rows(file) == len(found)
    return found


def ticket(found: ImportedTicket | RejectedRow) -> ImportedTicket:
    assert isinstance(found, ImportedTicket), found
    return found


VENDORS = {
    "zendesk": (
        "Id,Subject,Description,Requester,Requester email,Organization,Status,Tags,Created at\n"
        '7,SSO loop,"Login loops\nsince Monday",Ann,ANN@x.com,Acme,Open,"sso okta",2026-01-03 14:05:00 +0100\n',
        ("7", "Login loops\nsince Monday", "Acme", "ann@x.com", datetime(2026, 1, 3, 13, 5, tzinfo=UTC)),
    ),
    "intercom": (
        "Conversation ID,First message,User name,User email,Company name,Conversation started at (UTC),"
        "Conversation tags\n"
        '99,"<p>Login loops</p><p>since Monday</p>",Ann,ann@x.com,Acme,2026-01-03 13:05:00,"sso,okta"\n',
        ("99", "Login loops\n\nsince Monday", "Acme", "ann@x.com", datetime(2026, 1, 3, 13, 5, tzinfo=UTC)),
    ),
    "freshdesk": (
        "Ticket ID;Subject;Description;Full name;Email;Company Name;Created time;Tags\n"
        '12;SSO loop;"Login loops\nsince Monday";Ann;ann@x.com;Acme;2026-01-03 13:05:00;sso,okta\n',
        ("12", "Login loops\nsince Monday", "Acme", "ann@x.com", datetime(2026, 1, 3, 13, 5, tzinfo=UTC)),
    ),
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendor_exports_by_their_usual_headers(tmp_path: Path, vendor: str) -> None:
    content, (external_id, text, organisation, email, at) = VENDORS[vendor]
    (found,) = map(ticket, read(tmp_path, content))
    assert found.external_id == external_id
    assert found.messages[0].text.endswith(text)
    assert (found.organisation, found.email, found.created_at) == (organisation, email, at)
    assert found.tags == ("sso", "okta")
    assert not found.notes


def test_jira_comments_stay_inside_unless_the_reporter_wrote_them(tmp_path: Path) -> None:
    content = (
        "Summary,Issue key,Issue id,Status,Reporter,Reporter Id,Created,Description,Comment,Comment,Comment\n"
        "Cannot print,SUP-7,10040,Done,Ann,qm:1,12/Jan/26 9:00 AM,It prints twice,"
        '"12/Jan/26 9:20 AM;qm:1;Still; it does","12/Jan/26 9:10 AM;5c;SECRET-NOTE",no comment of this kind\n'
    )
    (found,) = map(ticket, read(tmp_path, content))
    assert (found.external_id, found.status) == ("SUP-7", "done")
    assert [(m.role, m.private_note, m.text) for m in found.messages] == [
        (Role.CUSTOMER, False, "Cannot print\n\nIt prints twice"),
        (Role.AGENT, True, "SECRET-NOTE"),
        (Role.CUSTOMER, False, "Still; it does"),
    ]
    explained = " ".join(file_mapping(tmp_path / "tickets.csv").explain())
    assert "3 columns called 'Comment'" in explained


def test_freshdesk_exports_without_a_description(tmp_path: Path) -> None:
    header = (
        "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Tags,Full name,Title,Email,Company Name"
    )
    row = "12,Invoice wrong,Resolved,Low,Email,Problem,Bo,Billing,2026-01-03 13:05:00,,Ann,Head of IT,ann@x.com,Acme"
    (found,) = map(ticket, read(tmp_path, f"{header}\n{row}\n"))
    assert (found.subject, found.messages[0].text, found.status) == ("Invoice wrong", "Invoice wrong", "resolved")
    assert (found.requester, found.organisation, found.area) == ("Ann", "Acme", "Billing")


def test_github_issues_in_one_array(tmp_path: Path) -> None:
    told = [
        {
            "number": 7, "title": "Export stops", "body": "<!-- describe -->\nIt stops at 50%", "state": "CLOSED",
            "author": {"login": "ann", "is_bot": False}, "labels": [{"name": "export"}, {"name": "p 2"}],
            "createdAt": "2026-01-12T08:00:00Z", "url": "https://github.com/acme/app/issues/7",
            "comments": [
                {"author": {"login": "bo"}, "authorAssociation": "MEMBER", "body": "Which version?",
                 "createdAt": "2026-01-12T08:10:00Z"},
                {"author": {"login": "triage[bot]"}, "authorAssociation": "NONE", "body": "Thanks",
                 "createdAt": "2026-01-12T08:11:00Z"},
                {"author": {"login": "cy"}, "authorAssociation": "NONE", "body": "2.4",
                 "createdAt": "2026-01-12T08:12:00Z"},
            ],
        },
        {"number": 8, "title": "Fix", "body": "x", "comments": 3, "pull_request": {"url": "x"}, "user": {"login": "bo"}},
        {"number": 9, "title": "Asked", "body": "How?", "comments": 3, "user": {"login": "cy"}},
        7,
    ]  # fmt: skip
    first, pull, counted, number = read(tmp_path, json.dumps(told), "issues.json")
    one = ticket(first)
    assert [(m.role, m.author) for m in one.messages] == [
        (Role.CUSTOMER, ""), (Role.AGENT, "bo"), (Role.BOT, "triage[bot]"), (Role.CUSTOMER, "cy"),
    ]  # fmt: skip
    assert one.messages[0].text == "Export stops\n\nIt stops at 50%"
    assert (one.requester, one.tags, one.status) == ("ann", ("export", "p 2"), "closed")
    assert isinstance(pull, RejectedRow) and "pull request" in pull.reason
    assert ticket(counted).messages[0].text == "Asked\n\nHow?"
    assert isinstance(number, RejectedRow) and (number.line, number.reason) == (4, "not a JSON object")


def test_an_array_that_breaks_off_loses_only_its_end(tmp_path: Path) -> None:
    good, broken = read(tmp_path, '[{"text": "The export stops"},\n {"text": "It', "issues.json")
    assert ticket(good).messages[0].text == "The export stops"
    assert isinstance(broken, RejectedRow) and (broken.line, "breaks off" in broken.reason) == (2, True)


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.one_of(st.text(), st.integers(), st.just([{}])), max_size=3)),
    st.integers(min_value=1, max_value=30),
    st.sampled_from([None, 2]),
)
def test_arrays_are_read_the_same_in_pieces(told: list[Any], chunk: int, indent: int | None) -> None:
    file = io.StringIO(json.dumps(told, indent=indent))
    assert is_array(file)
    assert list(array_entries(file, 1_000_000, chunk=chunk)) == told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    content = f'id{separator}text\r\n1{separator}"Größe ""falsch""{separator} naïve"\r\n\r\n'
    (found,) = map(ticket, read(tmp_path, content.encode(encoding)))
    assert found.messages[0].text == f'Größe "falsch"{separator} naïve'


def test_reply_columns_become_agent_messages(tmp_path: Path) -> None:
    (found,) = map(ticket, read(tmp_path, "subject,body,agent reply\nExport,It is empty,Try again\n"))
    assert [(message.role, message.text) for message in found.messages] == [
        (Role.CUSTOMER, "Export\n\nIt is empty"),
        (Role.AGENT, "Try again"),
    ]


def test_labelled_rows_without_id_or_date(tmp_path: Path) -> None:
    content = "text,label,split\nWhere is my card?,arrival,train\nWhere is my card?,arrival,test\n"
    found = [ticket(row) for row in read(tmp_path, content)]
    assert len({row.external_id for row in found}) == 2
    assert [row.external_id for row in map(ticket, read(tmp_path, "text\nWhere is my card?\n"))] == [
        found[0].external_id
    ]
    assert found[0].created_at == NOW and found[0].notes == ("no date; import time used",)
    assert found[0].extra == {"label": "arrival", "split": "train"}


def test_conversation_rows(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "messages": [{"role": "user", "text": "Export fails"}, {"role": "agent", "text": "Which one?"}]},
        {"id": 3, "subject": "Login", "description": "loops", "requester": {"email": "a@x.com"}, "tags": ["a b", "c"]},
    ]  # fmt: skip
    first, second = map(ticket, read(tmp_path, "\n".join(map(json.dumps, lines)), "export.jsonl"))
    assert [message.role for message in first.messages] == [Role.CUSTOMER, Role.AGENT]
    assert second.messages[0].text == "Login\n\nloops"
    assert second.email == "a@x.com" and second.tags == ("a b", "c")


def test_helpdesk_comments_tell_author_and_time(tmp_path: Path) -> None:
    row = {"id": 2, "requester_id": 5, "comments": [
        {"author_id": 5, "body": "Help", "created_at": "2026-01-02T10:00:00Z"},
        {"author_id": 9, "body": "internal", "public": False},
    ]}  # fmt: skip
    (found,) = map(ticket, read(tmp_path, json.dumps(row), "export.jsonl"))
    assert [(m.role, m.private_note) for m in found.messages] == [(Role.CUSTOMER, False), (Role.AGENT, True)]
    assert found.created_at == datetime(2026, 1, 2, 10, tzinfo=UTC) and not found.notes


def test_rejected_rows_say_line_and_column(tmp_path: Path) -> None:
    content = 'id,Body,created\n1,"two\nlines",2026-01-01\n2,,2026-01-01\n1,again,2026-01-01\n,\n'
    content += "4,a,2026-01-01,b\n5,ok,2026-01-01\n"
    found = read(tmp_path, content)
    reasons = [str(row) for row in found if isinstance(row, RejectedRow)]
    assert reasons == [
        "line 4: no text from the customer in column 'Body'",
        "line 5: id '1' in column 'id' was already on line 2",
        "line 7: 4 cells, but the header names 3: a cell with a separator is not quoted",
    ]
    assert [row.external_id for row in found if isinstance(row, ImportedTicket)] == ["1", "5"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"messages": "x"}', "column 'messages': the messages are not JSON"),
        ('{"messages": [7]}', "message 1 is not an object"),
        ('{"messages": [{"role": "agent", "text": "hello"}]}', "no text from the customer"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_rejected_json_lines(tmp_path: Path, line: str, reason: str) -> None:
    good = '{"messages": [{"role": "user", "text": "hi"}]}'
    found = read(tmp_path, f"{good}\n{line}\n{good}\n", "x.jsonl")
    assert isinstance(found[1], RejectedRow) and reason in str(found[1]) and str(found[1]).startswith("line 2: ")
    assert isinstance(found[2], ImportedTicket)


def test_dates_that_cannot_be_used_are_noted(tmp_path: Path) -> None:
    found = [ticket(row) for row in read(tmp_path, "text,date\na,soon 5\nb,2030-01-01\nc,\nd,2026-01-01\n")]
    assert [row.notes for row in found] == [
        ("date 'soon 5' in column 'date' not understood; import time used",),
        ("date '2030-01-01' in column 'date' lies in the future; import time used",),
        ("no date; import time used",),
        (),
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-03T14:05:00Z", (14, 5)),
        ("2026-01-03T14:05:00.123+01:00", (13, 5)),
        ("2026-01-03 14:05:00 UTC", (14, 5)),
        ("2026-01-03 14:05:00 +0100", (13, 5)),
        ("2026-01-03 14:05", (13, 5)),
        ("Sat, 03 Jan 2026 14:05:00 +0000", (14, 5)),
        ("Jan 3, 2026 2:05 PM", (13, 5)),
        ("3 Jan 2026 14:05", (13, 5)),
        ("03/Jan/26 2:05 PM", (13, 5)),
        ("1/3/2026 2:05 PM", (13, 5)),
        ("1767449100", (14, 5)),
        ("1767449100000", (14, 5)),
        ("2026/01/03 14:05:00", (13, 5)),
    ],
)
def test_dates(written: str, expected: tuple[int, int]) -> None:
    found = DateReader(timezone(timedelta(hours=1))).read(written)
    assert found is not None
    assert found.replace(second=0, microsecond=0) == datetime(2026, 1, 3, *expected, tzinfo=UTC)


def test_day_and_month_by_the_rest_of_the_file() -> None:
    assert DateReader.for_values(["03/04/2026", "25/12/2025"]).read("03/04/2026") == datetime(2026, 4, 3, tzinfo=UTC)
    assert DateReader.for_values(["03/04/2026"]).read("03/04/2026") == datetime(2026, 3, 4, tzinfo=UTC)
    assert DateReader.for_values(["03.04.2026"]).read("03.04.2026") == datetime(2026, 4, 3, tzinfo=UTC)


@given(st.text(max_size=40) | st.from_regex(r"\A[0-9/.: +\-TZAPM]{1,30}\Z"))
def test_no_text_breaks_the_date_reader(text: str) -> None:
    found = DateReader().read(text)
    assert found is None or found.tzinfo is UTC


def test_named_columns_win(tmp_path: Path) -> None:
    (found,) = map(ticket, read(tmp_path, "Body,Long Answer\nno,yes\n", text="long answer"))
    assert found.messages[0].text == "yes"
    mapping = detect_mapping(["Body", "Long Answer"], parse_overrides(["body=Long Answer"]))
    assert mapping.explain()[0] == "text is read from column 'Long Answer' (as you said)."


@pytest.mark.parametrize("options", [["text"], ["nonsense=a"], ["text="], ["=a"]])
def test_bad_overrides_name_the_choices(options: list[str]) -> None:
    with pytest.raises(MappingError, match="NAME is one of id, subject, text"):
        parse_overrides(options)


def test_mapping_errors_name_the_columns(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="'foo', 'bar'"):
        detect_mapping(["foo", "bar"])
    with pytest.raises(MappingError, match="no column 'Txt'"):
        detect_mapping(["text"], {Column.TEXT: "Txt"})


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "\n , \n", "no header row"),
    ],
)
def test_unreadable_files(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableFileError, match=sentence):
        file_mapping(tmp_path / name)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"none\.csv cannot be read: No such file"):
        file_mapping(tmp_path / "none.csv")


def test_long_cells_are_cut_and_noted(tmp_path: Path) -> None:
    (found,) = map(ticket, read(tmp_path, f'text\n"{"word " * 200_000}"\n'))
    assert len(found.messages[0].text) == 40_000 and "text cut at 40,000 characters" in found.notes


def test_html_becomes_text() -> None:
    assert text_of("<div>Hi&nbsp;all,</div><p>1 &lt; 2<br>x</p><style>p{}</style>") == "Hi all,\n\n1 < 2\nx"
    assert text_of("if a < b then c > d & e") == "if a < b then c > d & e"


def test_reading_streams(tmp_path: Path) -> None:
    file = tmp_path / "big.csv"
    file.write_text("text\n" + "a question\n" * 200_000)
    started = time.process_time()
    first = next(iter(read_tickets(file, file_mapping(file), now=NOW)))
    assert ticket(first).line == 2
    assert time.process_time() - started < 0.5


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6), st.sampled_from([",", ";", "\t"]))
def test_what_a_csv_writer_wrote_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]], sep: str
) -> None:
    lines = [sep.join(["subject", "text"])]
    lines += [sep.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells]
    file = tmp_path_factory.mktemp("csv") / "x.csv"
    file.write_bytes("\r\n".join(lines).encode())
    found = list(read_tickets(file, now=NOW))
    assert len(found) == sum(any(cell.strip() for cell in row) for row in cells)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["x.csv", "x.jsonl"]))
def test_any_bytes_give_rows_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    file = tmp_path_factory.mktemp("any") / name
    file.write_bytes(b"text,id\n" + content if name == "x.csv" else content)
    try:
        found = list(read_tickets(file, now=NOW))
    except (UnreadableFileError, MappingError) as error:
        assert str(error)
    else:
        assert all(isinstance(row, ImportedTicket | RejectedRow) for row in found)
