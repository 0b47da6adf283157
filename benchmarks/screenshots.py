"""Takes the pictures of docs/images: the demo, driven in a headless Chromium. Run by hand, look at what it wrote.

    PYTHONPATH=tests/browser uv run --group browser python -m benchmarks.screenshots --scale 0.3

The story's seed is fixed; its dates are today's. The page is driven by the same words as in the browser's tests.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from demo_process import LIVE, running_demo  # pyright: ignore[reportMissingImports] - beside the tests
from page_driver import THREAD, Page  # pyright: ignore[reportMissingImports]

from benchmarks.small_png import Pixels, small_png
from playground import remove_proxies

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
SIZE = (1240, 800)
ALERTS = "eng-alerts"  # where the story's last alerts about themes stand
FLAGS = "--headless=new --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --disable-background-networking"
MOST_BYTES = 120_000
#: Scrolling a message into view moves the page itself as well, which nobody could do by hand.
STILL = "for (const one of [document.documentElement, document.body]) one.scrollTop = 0"
DECODE = """
const [png, done] = arguments;
const image = new Image();
image.onload = () => {
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const reader = new FileReader();
  reader.onload = () => done(reader.result.split(",")[1]);
  reader.readAsDataURL(new Blob([canvas.getImageData(0, 0, image.width, image.height).data]));
};
image.src = `data:image/png;base64,${png}`;
"""


@contextmanager
def _browser() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS.split(), f"--window-size={SIZE[0]},{SIZE[1]}", f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            yield driver
        finally:
            driver.quit()


def _take(page: Page, name: str) -> None:
    """Save what the window shows, when nothing moves any more."""
    page.run("document.querySelectorAll('.toast, .toolbar').forEach(one => one.remove())")
    page.until("return document.getAnimations().every(one => one.playState !== 'running')")
    metrics = {"width": SIZE[0], "height": SIZE[1], "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    taken = page.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
    data = small_png(_pixels(page.driver, taken))
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.png").write_bytes(data)
    print(f"{name}.png: {len(data) / 1000:.0f} kB{' TOO LARGE' if len(data) > MOST_BYTES else ''}")


def _pixels(driver: Any, png: str) -> Pixels:
    """The picture's (height, width, 3) pixels, decoded by the browser in a tab without the page's content policy."""
    here = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        raw = base64.b64decode(driver.execute_async_script(DECODE, png))
    finally:
        driver.close()
        driver.switch_to.window(here)
    return np.frombuffer(raw, np.uint8).reshape(SIZE[1], SIZE[0], 4)[..., :3]


def _show_alert(page: Page) -> None:
    """Bring the last alert about a theme into view: one that names several tickets."""
    page.until(
        "const rows = [...document.querySelectorAll('#main .message')].filter(one => /\\d+ tickets/.test(one.innerText)"
        " && /Evidence/.test(one.innerText)); const row = rows.at(-1); if (row) { row.id = 'shown-alert'; row.scrollIntoView({block: 'start'}) } return rows.length"
    )
    page.run(STILL)


def _to_top(page: Page, pane: str) -> None:
    """Scroll so that the last message of a pane begins where the eye does."""
    script = "const row = [...document.querySelectorAll(arguments[0] + ' .message')].at(-1); "
    page.run(script + "row.style.scrollMarginTop = '64px'; row.scrollIntoView({block: 'start'})", pane)
    page.run(STILL)


def _alert(page: Page) -> None:
    page.open("dana", ALERTS)
    _show_alert(page)
    _take(page, "alert")


def _dark(page: Page) -> None:
    page.open("dana", ALERTS, theme="dark")
    _show_alert(page)
    _take(page, "alert-dark")


def _evidence(page: Page) -> None:
    page.open("dana", ALERTS)
    _show_alert(page)
    page.press("Evidence", "#shown-alert")
    page.see("vidence", ".modal")
    _take(page, "evidence")


def _thread(page: Page) -> None:
    page.open("theo", "support")
    page.send("Okta login loops for me as well: I approve the prompt and land on the sign-in page again.")
    page.until("return [...document.querySelectorAll('#main .message')].at(-1).innerText.includes('Okta login loops')")
    page.hover("Okta login loops for me as well")  # the pinned guide says the same words further up
    page.tool("reply")
    page.type("@Tick", THREAD)
    page.press("Ticket Intel", ".completion:popover-open")
    page.send("is this a known pattern?", THREAD)
    page.until("return document.querySelectorAll('.thread-pane .message').length > 2")
    page.until("return /[Kk]nown|New/.test(document.querySelector('.thread-pane .message:last-child')?.innerText)")
    _to_top(page, ".thread-pane")
    _take(page, "known")


def _themes(page: Page) -> None:
    page.open("mira", "support").send("/ticket-intel themes 30d")
    page.see("Only visible to you")
    _to_top(page, "#main")
    _take(page, "themes")


def _home(page: Page) -> None:
    page.open("ada").press("Ticket Intel", ".sidebar")
    page.press("Home", ".tabs")
    page.see("Ask me")
    _take(page, "home")


_REPORT = "const row = [...document.querySelectorAll('#main .message')].filter(one => /Weekly report/.test(one.innerText)).at(-1);"
#: Pictures are loaded where they are seen: each is brought into view until it is there.
_DRAWN = (
    "const left = [...document.querySelectorAll(arguments[0] + ' .message img')]"
    ".find(one => !(one.complete && one.naturalWidth)); left?.scrollIntoView(); return !left"
)


def _report(page: Page) -> None:
    """The weekly report with its trend, from the top of its message."""
    page.open("dana", "product-insights")
    page.until(f"{_REPORT} row?.scrollIntoView({{block: 'start'}}); return Boolean(row)")
    page.until(_DRAWN, "#main")
    page.until(f"{_REPORT} row.scrollIntoView({{block: 'start'}}); return true")
    _take(page, "report")


def _report_thread(page: Page) -> None:
    """Its thread: first the other charts."""
    page.open("dana", "product-insights")
    page.until(f"{_REPORT} const open = row?.querySelector('.thread-count'); open?.click(); return Boolean(open)")
    page.until("return document.querySelectorAll('.thread-pane .message').length > 2")
    page.until(_DRAWN, ".thread-pane")
    page.run("document.querySelectorAll('.thread-pane .message')[1].scrollIntoView({block: 'start'})")
    _take(page, "report-thread")


PICTURES: tuple[Callable[[Page], None], ...] = (
    _alert,
    _evidence,
    _thread,
    _themes,
    _home,
    _dark,
    _report,
    _report_thread,
)


def main() -> None:
    """Start the demo, wait for its history, take every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="0.3")
    parser.add_argument("--only", default="", help="the beginning of a picture's function name, without the underscore")
    options = parser.parse_args()
    remove_proxies(os.environ)  # Slack's SDK reads proxies from it and ignores NO_PROXY
    with running_demo(options.scale, "--seed", "7") as demo:
        demo.wait_for(LIVE, 900)
        with _browser() as driver:
            page = Page(driver, demo, patience=30)
            for picture in PICTURES:
                if picture.__name__.lstrip("_").startswith(options.only):
                    picture(page)


if __name__ == "__main__":
    main()
