"""The way of a problem as people see it: in the playground's page, with a helpdesk and a tracker on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (uv sync --group browser)")

from journey_world import Journey, a_journey
from page_driver import Page
from test_docs_issues import ASKED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PATIENCE = 60


@dataclass
class Place:
    """Where the page finds people and channels."""

    journey: Journey

    @property
    def people(self) -> dict[str, str]:
        world = self.journey.world
        return {"admin": world.admin, "agent": world.agent, "pm": world.pm}

    def url(self, person: str, channel: str) -> str:
        world = self.journey.world
        place = {"support": world.support, "product": world.product}[channel]
        return f"{world.pg.url}?user={self.people[person]}#/{place}"


@pytest.fixture
def journey(driver: Any, tmp_path: Path) -> Iterator[Journey]:  # the driver first: without a browser nothing is started
    with a_journey(tmp_path, tracker_docs="acme/docs") as made:
        made.world.pg.add_command("/ticket-intel", "Themes, alerts and answers from your tickets", "help")
        yield made


@pytest.fixture
def page(driver: Any, journey: Journey) -> Iterator[Page]:
    one = Page(driver, Place(journey), patience=PATIENCE)
    yield one
    one.leave()


def test_a_problem_goes_its_way_in_the_page(page: Page, journey: Journey, tmp_path: Path) -> None:
    def shot(name: str) -> None:
        page.driver.save_screenshot(str(tmp_path / f"{name}.png"))

    journey.github.alike = False
    journey.reports()

    # The product manager opens an issue from the alert
    page.open("pm", "product")
    page.see("6 tickets")
    shot("1-alert")
    page.press("Create issue", "#main")
    page.see("Goes to GitHub acme/app", "dialog")
    page.see("No issue looks like it.", "dialog")
    shot("2-window")
    page.press("Create issue", "dialog")
    journey.world.until(lambda: journey.theme.issue_key, timeout=PATIENCE)
    journey.world.settle(PATIENCE)
    page.see("acme/app#1")
    shot("3-issue-on-the-alert")

    # Developers close it: the thread of the alert says that reporters can be told
    journey.done()
    page.press("1 reply", "#main")
    page.see("6 reporters can be told", ".thread-pane")
    shot("4-drafts-wait")

    # An agent tells one in Slack and one in the helpdesk
    page.open("agent", "support")
    page.send("/ticket-intel loop")
    page.see("6 reporters can be told")
    shot("5-drafts")
    page.press("Send", "#main")
    page.see("5 reporters can be told")
    page.press("I told them", "#main")
    page.see("4 reporters can be told")
    shot("6-told")

    # Two weeks later the thread says that the fix held
    journey.two_weeks_later()
    page.open("pm", "product")
    page.press("2 replies", "#main")
    page.see("the fix held", ".thread-pane")
    shot("7-held")
    page.send("/ticket-intel theme TI-1")
    page.see("acme/app#1 (done)")
    shot("8-theme")

    # The admin looks at a rule before it works by itself
    page.open("admin", "product")
    page.send("/ticket-intel settings issues auto 5")
    page.see("Switch it on")
    shot("9-rule")
    page.press("Switch it on", "#main")
    page.see("opened by themselves for themes from 5 tickets in 30 days")
    shot("10-rule-on")

    # Docs writers have a queue of their own
    for customer, text in zip(journey.world.customers, ASKED, strict=False):
        journey.world.pg.say(customer, journey.world.support, text)
    journey.world.settle(PATIENCE)
    page.open("pm", "product")
    page.send("/ticket-intel docs 30d")
    page.see("Documentation backlog")
    shot("11-docs")
    page.press("Create issue", "#main")
    page.see("Goes to GitHub acme/docs", "dialog")
    shot("12-docs-window")
    page.press("Create issue", "dialog")
    journey.world.until(lambda: "documentation backlog" in str(journey.github.issues[-1]["body"]), timeout=PATIENCE)
    journey.world.settle(PATIENCE)
    page.open("pm", "product")
    page.send("/ticket-intel docs 30d")
    page.see("Documentation backlog")
    shot("13-docs-followed")
    page.see("Issue acme/docs#")
    assert page.errors() == []
