"""The first ten minutes as a visitor has them: the real demo, a real browser, every step measured."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="selenium is not installed (uv sync --group browser)")

from demo_process import LIVE, Demo, running_demo
from page_driver import THREAD, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

NO_TIME = 40  # seconds that a step of one press may take on a busy machine; a quiet one needs a few
SIXTH = "Same here: the pins of our shops are in the wrong place on the map since Monday."
OWN_THEMES = {
    "vpn": "The VPN client drops the connection every {} minutes when I work from home",
    "printer": "Printer on floor {} prints blank pages instead of my document",
    "payslip": "My payslip for month {} is missing from the employee portal",
}


@dataclass
class Stopwatch:
    """How long each step took, and how long it may."""

    steps: list[tuple[str, float, float]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, limit: float = NO_TIME) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.steps.append((name, time.perf_counter() - began, limit))

    def table(self) -> str:
        rows = [f"{seconds:7.1f} s   (limit {limit:.0f} s)   {name}" for name, seconds, limit in self.steps]
        return "\n".join([*rows, f"{sum(seconds for _, seconds, _ in self.steps):7.1f} s   together"])

    @property
    def late(self) -> list[str]:
        return [name for name, seconds, limit in self.steps if seconds > limit]


@pytest.fixture
def demo(driver: Any) -> Iterator[Demo]:  # the driver first: where there is no browser, nothing is started
    with running_demo() as running:
        yield running


@pytest.fixture
def page(driver: Any, demo: Demo) -> Iterator[Page]:
    one = Page(driver, demo, patience=NO_TIME)
    yield one
    one.leave()  # before the demo ends: a page without its server complains for as long as it is open


def test_the_first_ten_minutes(page: Page, demo: Demo, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = Stopwatch()
    try:
        _arrive(page, demo, watch)
        _look(page, watch)
        _ask(page, watch)
        _raise_an_alert(page, watch)
        _read_own_tickets(page, watch, tmp_path)
        _break_slack(page, watch)
        _two_people(page, watch)
    finally:
        with capsys.disabled():
            sys.stdout.write(f"\n{watch.table()}\n")
    assert watch.late == []
    assert page.errors() == []


def _arrive(page: Page, demo: Demo, watch: Stopwatch) -> None:
    with watch.step("the page is open before the replay ends", 30):
        page.open("mira")
    with watch.step("history fills visibly", 60):
        first = page.until("return Number(document.querySelector('#topbar [role=progressbar]')?.ariaValueNow)")
        page.until(
            "return Number(document.querySelector('#topbar [role=progressbar]')?.ariaValueNow) > arguments[0]", first
        )
        page.find("#main .message")
    assert not any(line.startswith(LIVE) for line in demo.said)
    with watch.step("eight weeks are in, the bot is live", 240):
        demo.wait_for(LIVE, 240)
    with watch.step("'Try these five' is pinned and in the guide"):
        page.see("Try these five")
        page.see("Post five tickets for me", "#panel")


def _look(page: Page, watch: Stopwatch) -> None:
    with watch.step("an alert is there, and Evidence opens its proof"):
        page.press("eng-alerts", ".sidebar")
        page.press("Evidence", "#main .actions")
        page.see("vidence", ".modal")
        _ticked(page, "press Evidence")
        page.press("Close", ".modal")
        page.until("return !document.querySelector('.modal')")


def _ask(page: Page, watch: Stopwatch) -> None:
    page.press("support", ".sidebar")
    with watch.step("themes of the week"):
        page.send("/ticket-intel themes 7d")
        page.see("Only visible to you")
        _ticked(page, "See what hurts")
    with watch.step("a wish in one's own words"):
        page.send("/ticket-intel known save a table as xlsx")
        _ticked(page, "Look for a wish")
    with watch.step("a question in a thread, by mention"):
        page.send("Okta login loops for me as well: I approve the prompt and land on the sign-in page again.")
        page.hover("Okta login loops for me as well")
        page.tool("reply")
        page.type("@Tick", THREAD)
        page.press("Ticket Intel", ".completion:popover-open")
        page.send("is this a known pattern?", THREAD)
        _ticked(page, "Ask under your ticket")
        page.press("Close thread", ".thread-pane")


def _raise_an_alert(page: Page, watch: Stopwatch) -> None:
    with watch.step("five posts on a new subject raise a live alert", 90):
        page.press("Post five tickets for me", "#panel")
        _ticked(page, "Post five tickets about something new")
    page.open("lena")  # somebody else: what one person writes within minutes continues the ticket before
    with watch.step("one more ticket, and the alert's count rises"):
        page.send(SIXTH)
        _ticked(page, "see the count rise")
    page.open("mira")


def _read_own_tickets(page: Page, watch: Stopwatch, folder: Path) -> None:
    rows = [text.format(number) for text in OWN_THEMES.values() for number in range(2, 12)]
    own = folder / "my tickets.csv"
    own.write_text("\n".join(["Subject,Description", *(f'Ticket {i},"{row}"' for i, row in enumerate(rows))]))
    with watch.step("the visitor's own file: largest themes", 90):
        page.driver.find_element("css selector", "[data-panel-file=import]").send_keys(str(own))
        page.see("Your largest themes", "#panel")
        page.see("10 tickets", ".guide-results")
        page.press("my-tickets", ".sidebar")
        page.see("Your 30 rows, read")
    with watch.step("the way to their own Slack"):
        page.press("Connect your Slack", "#panel")
        page.see("ticket-intel connect", "#toasts")


def _break_slack(page: Page, watch: Stopwatch) -> None:
    page.open("theo")  # somebody else: what one person writes within minutes continues the ticket before
    with watch.step("Slack goes down and comes back, and nothing is lost", 90):
        page.press("Slack is down", "#panel")
        page.see("Slack is down (on purpose)", "#topbar")
        page.send("Written while Slack is down: the map puts our Dublin shop in the sea.")
        page.press("Slack is down", "#panel")
        page.until("return document.querySelector('#topbar .status').dataset.look === 'ok'")
        _found_at_last(page, "Written while Slack is down")


def _found_at_last(page: Page, text: str) -> None:
    """Search until what was missed has been caught up with; each answer is a new private message."""
    for asked in range(1, 10):
        page.send("/ticket-intel search Dublin shop in the sea")
        page.until("return document.querySelectorAll('#main .ephemeral').length >= arguments[0]", asked)
        if page.run("return document.querySelector('#main').innerText.split(arguments[0]).length > 2", text):
            return
        time.sleep(3)  # a person would look again as well; there is nothing on the page to wait for
    pytest.fail("what was written while Slack was down is not found")


def _two_people(page: Page, watch: Stopwatch) -> None:
    driver = page.driver
    first = driver.current_window_handle
    with watch.step("two people in two tabs"):
        driver.switch_to.new_window("tab")
        try:
            page.open("dana").send("Thanks Mira, I am on it.")
            driver.switch_to.window(first)
            page.see("Thanks Mira, I am on it.")
        finally:
            driver.switch_to.window(driver.window_handles[-1])
            driver.close()
            driver.switch_to.window(first)


def _ticked(page: Page, text: str) -> None:
    """Wait until the guide shows a step as done."""
    page.until(
        "return [...document.querySelectorAll('#panel .guide-steps .done')].some("
        "one => one.textContent.includes(arguments[0]))",
        text,
    )
