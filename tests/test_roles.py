"""Who may do what: people and Slack's user groups, by settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from office import HERE, Office, an_office

from bot.blocks import settings as drawn
from bot.errors import BadInput
from bot.flows import agents, preferences, usergroups
from bot.grammar import parse
from bot.messenger import Refused
from bot.preferences import BY_NAME


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    with an_office(tmp_path, sqlite_template) as made:
        yield made


@dataclass
class Groups:
    """Slack's user groups; those that are not here may not be read."""

    members: dict[str, set[str]] = field(default_factory=dict)

    def group(self, group: str) -> frozenset[str]:
        if group not in self.members:
            raise Refused("missing_scope", "needed: usergroups:read")
        return frozenset(self.members[group])

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def set_to(office: Office, name: str, value: str) -> str:
    asked = parse(f"settings {name} {value}")
    return preferences.change(office.deps, HERE, name, asked.args["value"], by="U0ANN").text


def roles(office: Office) -> tuple[set[str], set[str] | None, set[str]]:
    with office.deps.db.read() as session:
        editors = agents.known_editors(office.deps, session, HERE)
        return (
            set(agents.known_agents(office.deps, session, HERE)),
            None if editors is None else set(editors),
            set(agents.known_admins(office.deps, session, HERE)),
        )


def test_a_group_is_named_as_slack_writes_it_and_gives_its_role_to_its_members(office: Office) -> None:
    assert roles(office) == (set(), None, set())
    assert set_to(office, "agents", "<!subteam^S0SUPPORT|@support> @U0BEN") == "Agents: one person and one user group."
    assert set_to(office, "editors", "S0PRODUCT") == "Editors: one user group."
    assert set_to(office, "admins", "@U0ANN <!subteam^S0OPS>") == "Admins: one person and one user group."
    assert roles(office) == ({"U0BEN"}, set(), {"U0ANN"})
    groups = Groups({"S0SUPPORT": {"U0EVE"}, "S0PRODUCT": {"U0PIA"}, "S0OPS": {"U0OLE"}})
    assert usergroups.look(office.deps, groups, HERE) == 3
    assert roles(office) == ({"U0BEN", "U0EVE"}, {"U0PIA"}, {"U0ANN", "U0OLE"})
    groups.members["S0PRODUCT"] = set()
    usergroups.look(office.deps, groups, HERE)
    assert roles(office)[1] == set()
    shown = str(drawn.settings(preferences.settings(office.deps, HERE)).blocks)
    assert "<!subteam^S0SUPPORT>" in shown and "U0EVE" not in shown


def test_a_group_that_may_not_be_read_is_told_to_who_named_it_and_keeps_its_members(office: Office) -> None:
    set_to(office, "editors", "S0PRODUCT")
    usergroups.look(office.deps, Groups({"S0PRODUCT": {"U0PIA"}}), HERE)
    assert usergroups.look(office.deps, Groups(), HERE, by="U0ANN") == 0
    assert "usergroups:read" in office.letters("U0ANN")[-1]
    assert roles(office)[1] == {"U0PIA"}


@pytest.mark.parametrize(
    ("name", "value"), [("editors", "@support team"), ("agents", "S1"), ("push", "support"), ("push", "#")]
)
def test_what_names_nobody_changes_nothing(office: Office, name: str, value: str) -> None:
    with pytest.raises(BadInput, match=r"nobody I know|no channel I know"):
        set_to(office, name, value)
    assert roles(office) == (set(), None, set())


def test_channels_of_the_quiet_line_are_shown(office: Office) -> None:
    assert set_to(office, "push", "<#C0SUPPORT|support>, #C0OTHER") == "Push: in 2 channels."
    shown = str(drawn.settings(preferences.settings(office.deps, HERE)).blocks)
    assert "<#C0SUPPORT>" in shown
    assert BY_NAME["push"].show([]) == "nowhere"
