"""Product areas as people edit them: previews that come true, undo, and words that stand over what the machine finds."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import HERE, SCOPE, Office, an_office
from rich.console import Console

from bot.answers import Done
from bot.answers_areas import AreaPreview, AreaProposals, AreasView
from bot.errors import BadInput, ChangedMeanwhile
from bot.flows import alert_care, area_moves, areas, correct, naming
from bot.flows.ask import Asker, ask
from bot.grammar import parse
from bot.listeners import drawing
from bot.printing.show import show, to_json
from intelligence.areas import Held, Move, Subject, decided, moves, suggest
from intelligence.model import Area, DecidedBy, LabelSet, PatternKind, RequestVerdict, Role, Source, Visibility
from storage import analyses, memberships, messages, reviews, themes, tickets, vectors, workspaces
from storage import areas as stored

BILLING = "I was charged twice on my invoice this month"
LOGIN = "The login page comes back again and again"


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


def asked(office: Office, line: str, by: str = "U0ANN") -> Any:
    return ask(office.deps, Asker(SCOPE, by), parse(line))


def done(office: Office, line: str, by: str = "U0ANN") -> Done:
    answer = asked(office, line, by)
    assert isinstance(answer, Done)
    office.work()
    return answer


def listed(office: Office) -> AreasView:
    answer = asked(office, "areas")
    assert isinstance(answer, AreasView)
    return answer


def numbers(office: Office) -> dict[str, int]:
    view = listed(office)
    return {one.area.name: one.tickets for one in view.lines} | {"unassigned": view.unassigned}


def fill(office: Office, text: str, count: int, area: str | None = None, **values: Any) -> list[int]:
    """Tickets as they were read while there was no list."""
    with office.deps.db.write() as session:
        made = [office.ticket(session, text, **values) for _ in range(count)]
        for one in made:
            found = analyses.current(session, SCOPE, [one])[one]
            analyses.store(session, HERE, one, replace(found, area=area), f"again{one}", office.clock.now())
    return made


def theme_about(office: Office, text: str, count: int) -> int:
    """A theme of tickets in no area, with their vectors."""
    made = fill(office, text, count)
    (vector,) = office.deps.embedder.encode([text])
    with office.deps.db.write() as session:
        theme = themes.give_birth(session, HERE, office.clock.now(), first_at=office.clock.now(), title=text)
        memberships.place_many(session, HERE, [(one, theme, 1.0) for one in made], office.clock.now())
        for one in made:
            vectors.store(session, HERE, one, office.deps.embedder.model, f"h{one}", vector)
    return theme


def area_of(office: Office, ticket: int) -> str | None:
    with office.deps.db.read() as session:
        return analyses.current(session, SCOPE, [ticket])[ticket].area


def told_by_ticket(session: Any, ticket: int) -> str | None:
    """The area that the ticket itself has, which its next reading obeys."""
    found = tickets.one(session, SCOPE, ticket)
    assert found is not None
    return found.area


def imported(office: Office, text: str, area: str) -> int:
    """A ticket with an area column."""
    with office.deps.db.write() as session:
        made = tickets.open_ticket(
            session, HERE, tickets.NewTicket(Source.IMPORT, office.clock.now(), area=area), office.clock.now()
        )
        new = messages.NewMessage(Source.IMPORT, f"i{made}", Role.CUSTOMER, text, office.clock.now())
        messages.add(session, HERE, made, new, office.clock.now())
        base = office.ticket(session, text)
        analysis = analyses.current(session, SCOPE, [base])[base]
        analyses.store(session, HERE, made, replace(analysis, area=area), f"i{made}", office.clock.now())
        tickets.set_request(session, base, RequestVerdict.NOT_REQUEST, DecidedBy.PERSON, office.clock.now())
    return made


def test_what_a_preview_promises_comes_true_and_can_be_taken_back(office: Office) -> None:
    fill(office, BILLING, 4)
    fill(office, LOGIN, 3)
    seen = asked(office, "areas add Billing: invoice, charged")
    assert isinstance(seen, AreaPreview)
    assert seen.effect.moves == (Move(None, "Billing", 4),)
    assert seen.effect.looked == 7
    assert listed(office).lines == ()  # nothing yet
    told = ask(office.deps, Asker(SCOPE, "U0ANN"), parse(seen.line))
    assert isinstance(told, Done)
    assert told.text == "Added Billing with 2 words."
    office.work()
    assert numbers(office) == {"Billing": 4, "unassigned": 3}
    run = listed(office).run
    assert run is not None and run.over and (run.looked, run.moved) == (7, 4)
    assert told.undo is not None
    back = done(office, f"areas undo {told.undo.removeprefix('area:')}")
    assert back.text == "Taken back: added Billing with 2 words."
    assert numbers(office) == {"unassigned": 7}
    with pytest.raises(BadInput, match="taken back before"):
        asked(office, f"areas undo {told.undo.removeprefix('area:')}")


def test_the_rule_of_a_new_reading_and_of_a_stored_one_are_the_same(office: Office) -> None:
    done(office, "areas add Billing: invoice, charged confirm")
    fill(office, BILLING, 2)
    with office.deps.db.write() as session:
        fresh = office.ticket(session, BILLING)
    done(office, "areas reassign 7d")
    assert area_of(office, fresh) == "Billing"


def test_an_imported_area_a_mapping_and_a_persons_word_stand(office: Office) -> None:
    kept = imported(office, BILLING, "Accounts")
    (corrected, other) = fill(office, BILLING, 2)
    with office.deps.db.read() as session:
        machine = reviews.machine_labels(session, corrected)
    assert machine is not None
    said = LabelSet(machine.subcategory, "Legal", machine.frustration, machine.urgency)
    correct.correct(office.deps, SCOPE, corrected, said, by="U0BEN")
    mapped = fill(office, BILLING, 1, channel="CINTERNAL", visibility=Visibility.PRIVATE)[0]
    done(office, "areas add Internal: nothing confirm")
    done(office, "areas map CINTERNAL Internal confirm")
    done(office, "areas add Billing: invoice, charged confirm")
    assert [area_of(office, one) for one in (kept, corrected, other, mapped)] == [
        "Accounts",
        "Legal",
        "Billing",
        "Internal",
    ]
    view = listed(office)
    assert view.unlisted == (("Accounts", 1), ("Legal", 1))
    assert [one.sources for one in view.lines] == [("cinternal",), ()]
    with office.deps.db.write() as session:
        (review,) = reviews.since(session, HERE)
    correct.undo(office.deps, SCOPE, review.id, by="U0BEN")
    assert area_of(office, corrected) == "Billing"  # what the machine has said meanwhile


def test_a_mapping_is_previewed_written_into_tickets_and_ends(office: Office) -> None:
    made = fill(office, LOGIN, 3)
    done(office, "areas add Sign-in: nothing confirm")
    seen = asked(office, "areas map CSUPPORT Sign-in")
    assert isinstance(seen, AreaPreview)
    assert seen.effect.moves == (Move(None, "Sign-in", 3),)
    done(office, "areas map CSUPPORT Sign-in confirm")
    with office.deps.db.read() as session:
        assert told_by_ticket(session, made[0]) == "Sign-in"
    done(office, "areas map CSUPPORT none confirm")
    with office.deps.db.read() as session:
        assert told_by_ticket(session, made[0]) is None
    assert area_of(office, made[0]) is None
    with pytest.raises(BadInput, match="is not read"):
        asked(office, "areas map #ceng Sign-in")


def test_a_new_name_goes_everywhere_but_to_imports(office: Office) -> None:
    done(office, "areas add Billing: invoice, charged confirm")
    (one, corrected) = fill(office, BILLING, 2, "Billing")
    kept = imported(office, BILLING, "Billing")
    login = fill(office, LOGIN, 1)[0]
    with office.deps.db.read() as session:
        was = reviews.machine_labels(session, login)
    assert was is not None
    correct.correct(
        office.deps, SCOPE, login, LabelSet(was.subcategory, "Billing", was.frustration, was.urgency), by="U1"
    )
    done(office, "areas map CINTERNAL Billing confirm")
    told = done(office, "areas rename Billing to Payments")
    assert [area_of(office, t) for t in (one, corrected, login, kept)] == ["Payments"] * 3 + ["Billing"]
    with office.deps.db.write() as session:
        reviews.apply(session, HERE, [login])
        assert [c.area for c in workspaces.channels(session, HERE) if c.id == "CINTERNAL"] == ["Payments"]
    assert area_of(office, login) == "Payments"
    done(office, f"areas undo {str(told.undo).removeprefix('area:')}")
    assert [area_of(office, t) for t in (one, login)] == ["Billing", "Billing"]


def test_a_removed_area_lets_its_tickets_go(office: Office) -> None:
    done(office, "areas add Billing: invoice, charged confirm")
    done(office, "areas add Invoices: my invoice confirm")
    fill(office, BILLING, 2)
    done(office, "areas reassign 30d")
    before = numbers(office)
    told = done(office, "areas remove Invoices confirm")
    assert numbers(office) == {"Billing": 2, "unassigned": 0}
    done(office, f"areas undo {str(told.undo).removeprefix('area:')}")
    assert numbers(office) == before
    assert [one.area.name for one in listed(office).lines] == ["Billing", "Invoices"]


def test_an_undo_does_not_undo_what_came_after(office: Office) -> None:
    first = done(office, "areas add Billing: invoice confirm")
    done(office, "areas words Billing: refund confirm", by="U0BEN")
    with pytest.raises(BadInput, match="Billing was changed after that"):
        asked(office, f"areas undo {str(first.undo).removeprefix('area:')}")
    assert listed(office).lines[0].area.words == ("refund",)


def test_who_saves_a_window_over_a_newer_change_is_told(office: Office) -> None:
    done(office, "areas add Billing: invoice confirm")
    form = areas.form(office.deps, SCOPE, "Billing")
    done(office, "areas words Billing: refund confirm", by="U0BEN")
    with pytest.raises(ChangedMeanwhile, match="words of Billing are refund by <@U0BEN>"):
        areas.save(office.deps, SCOPE, "Billing", Area("Billing", ("fee",)), by="U0ANN", seen=form.version)
    again = areas.form(office.deps, SCOPE, "billing")
    areas.save(office.deps, SCOPE, "Billing", Area("Fees", ("fee",)), by="U0ANN", seen=again.version)
    assert [one.area for one in listed(office).lines] == [Area("Fees", ("fee",))]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("areas add billing: refund", "There is an area billing already"),
        ("areas words Nothing: a b", 'no area "Nothing"'),
        ("areas channel Billing #nowhere", "not among the channels I know"),
        ("areas channel Billing CSHARED", "Customers read #cshared"),
        ("areas channel Billing #cleft", "I am not in #cleft"),
        ("areas undo 1000", "cannot be taken back"),
    ],
)
def test_what_cannot_be_is_named_and_changes_nothing(office: Office, line: str, problem: str) -> None:
    done(office, "areas add Billing: invoice confirm")
    with office.deps.db.write() as session:
        for channel, visibility, member in (("CSHARED", Visibility.SHARED, True), ("CLEFT", Visibility.PUBLIC, False)):
            workspaces.put_channel(session, HERE, channel, name=channel.lower(), visibility=visibility, member=member)
    before = listed(office).lines
    with pytest.raises(BadInput, match=problem):
        asked(office, line)
    assert listed(office).lines == before


def test_a_run_goes_on_where_it_stopped_and_gives_way_to_a_newer_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(area_moves, "BATCH", 2)
    fill(office, BILLING, 5)
    with office.deps.db.write() as session:
        stored.save(session, HERE, [Area("Billing", ("invoice",))], by="U1", now=office.clock.now())
        version = stored.note(session, HERE, "U1", "Billing", {"text": "x"}, office.clock.now())
        area_moves.start(office.deps, session, HERE, version)
    with pytest.raises(RuntimeError, match="killed"):
        area_moves.reassign_batch(office.deps, HERE, version, None, finish=_killed)
    assert numbers(office) == {"Billing": 0, "unassigned": 5}
    assert area_moves.reassign_batch(office.deps, HERE, version, None) == 2
    with office.deps.db.write() as session:
        area_moves.start(office.deps, session, HERE, version + 1)
    assert area_moves.reassign_batch(office.deps, HERE, version, 3) == 0  # the older one stops
    office.work()
    assert numbers(office) == {"Billing": 5, "unassigned": 0}
    assert area_moves.reassign_batch(office.deps, HERE, version + 1, None) == 0  # twice changes nothing


def _killed(_session: object) -> None:
    raise RuntimeError("killed")


def test_the_history_suggests_areas_which_one_line_adds(office: Office) -> None:
    for text in (BILLING, LOGIN):
        theme_about(office, text, 6)
    found = asked(office, "areas propose")
    assert isinstance(found, AreaProposals)
    assert sorted(one.tickets for one in found.proposals) == [6, 6]
    assert {w for one in found.proposals for w in one.words} >= {"invoice", "login"}
    assert all(one.quotes for one in found.proposals)
    for one in found.proposals:
        ask(office.deps, Asker(SCOPE, "U0ANN"), parse(one.line))
    office.work()
    assert numbers(office)["unassigned"] == 0
    assert asked(office, "areas propose").proposals == ()


def test_an_alert_goes_to_the_areas_channel_and_its_owner_hears(office: Office) -> None:
    done(office, "areas add Billing: invoice, charged confirm")
    with office.deps.db.write() as session:
        workspaces.put_channel(session, HERE, "CBILL", name="billing", member=True)
    theme, made = office.theme(5)
    with office.deps.db.write() as session:
        themes.update(session, theme, area="Billing")
    done(office, "areas channel Billing #billing")
    done(office, "areas owner Billing @U0OLA")
    alert = office.raised(theme, made, PatternKind.NEW)
    office.work()
    assert office.episode(alert).channel == "CBILL"
    (post,) = office.posted("CBILL")
    assert "area Billing of <@U0OLA>" in str(post.blocks)
    assert any("has an alert" in text for text in office.letters("U0OLA"))
    with office.deps.db.write() as session:
        workspaces.put_channel(session, HERE, "CBILL", member=False)  # we were removed: the team's channel again
    other, more = office.theme(5)
    with office.deps.db.write() as session:
        themes.update(session, other, area="Billing")
    assert office.episode(office.raised(other, more)).channel == "CENG"


def test_an_alert_released_from_shadow_goes_to_the_areas_channel(office: Office) -> None:
    done(office, "areas add Billing: invoice confirm")
    with office.deps.db.write() as session:
        workspaces.put_channel(session, HERE, "CBILL", name="billing", member=True)
        workspaces.update(session, HERE, shadow=True)
    done(office, "areas channel Billing #billing")
    theme, made = office.theme(5)
    with office.deps.db.write() as session:
        themes.update(session, theme, area="Billing")
    alert = office.raised(theme, made)
    told = alert_care.release_from_shadow(office.deps, HERE, alert, "U0ANN")
    assert told.text == "Posted to <#CBILL>."
    assert office.episode(alert).channel == "CBILL"


def test_a_theme_named_by_a_person_follows_its_tickets_too(office: Office) -> None:
    theme = theme_about(office, BILLING, 5)
    with office.deps.db.write() as session:
        themes.update(session, theme, title="Double charges", title_by=DecidedBy.PERSON)
    done(office, "areas add Billing: invoice confirm")
    assert office.standing(theme).area == "Billing"
    with office.deps.db.write() as session:
        themes.update(session, theme, area=None)
        naming.rename(office.deps, session, HERE, [theme])
    assert (office.standing(theme).area, office.standing(theme).title) == ("Billing", "Double charges")


def test_every_answer_is_printed_and_drawn(office: Office) -> None:
    theme_about(office, BILLING, 6)
    told = [
        asked(office, line) for line in ("areas", "areas propose", "areas add", "areas add Billing: &lt;b&gt;, invoice")
    ]
    told.append(done(office, "areas add Billing: invoice, charged confirm"))
    told += [asked(office, line) for line in ("areas edit Billing", "areas", "areas remove Billing")]
    out = Console(file=io.StringIO(), width=200)
    show(told, out)
    printed = out.file.getvalue()  # type: ignore[attr-defined]
    for words in (
        "6 tickets of 90 days are in no area",
        "6 tickets from unassigned to Billing",
        "ticket-intel areas undo ",
        "words: invoice, charged",
        "6 tickets of 30 days, 0% unassigned",
        "6 tickets from Billing to unassigned",
    ):
        assert words in printed, words
    drawn = [drawing.draw(one, parse("areas")) for one in told]
    assert "&lt;b&gt;" in str(drawn[3].blocks)
    assert "<b>" not in str(drawn)
    assert json.loads(to_json(told[-2]))["lines"][0]["tickets"] == 6


KNOWN = st.sampled_from(["Billing", "Login", "Gone", None])
HELD = st.builds(Held, st.integers(1, 99), KNOWN, KNOWN, KNOWN, KNOWN, st.booleans(), st.booleans())


@given(st.lists(HELD, max_size=20))
def test_the_order_of_words_about_an_area(found: list[Held]) -> None:
    listed = {"Billing", "Login"}
    for one in found:
        area = decided(one, listed, lambda _: "nearest")
        fixed = one.imported or one.mapped
        assert area == (fixed or (one.own if one.model and one.own in listed else "nearest"))
    told = moves((one, decided(one, listed, lambda _: "nearest")) for one in found)
    assert sum(one.tickets for one in told) == sum(
        not one.said and decided(one, listed, lambda _: "nearest") != one.shown for one in found
    )


def test_suggestions_differ_and_leave_out_what_is_there() -> None:
    axes = np.eye(3, dtype=np.float32)
    texts = (("invoice is wrong", "wrong invoice", "the invoice again"), ("login loop", "cannot login", "login page"))
    made = [Subject(k, f"t{k}", 9 - k, texts[k % 2], axes[k % 2]) for k in range(4)]
    made.append(Subject(9, "imported", 3, ("a phone app crash", "the app", "app on my phone"), axes[2], "Mobile"))
    found = suggest(made)
    assert [(one.name, one.subjects, one.tickets) for one in found] == [
        ("Invoice", (0, 2), 16),
        ("Login", (1, 3), 14),
        ("Mobile", (9,), 3),
    ]
    assert [one.name for one in suggest(made, ["invoice", "Mobile"])] == ["Wrong", "Login"]
