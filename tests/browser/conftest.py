"""A headless Chromium and a workspace for it. Where Chromium is missing, its tests are skipped and say so."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_stage import Stage, build, sample_app

from playground.playground import Playground

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1280,860"
)
AXE = "axe-core@4"


def _missing() -> str:
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium is not installed (uv sync --group browser)"
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            return f"{program} is not installed (apt-get install chromium chromium-driver)"
    return ""


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser with a fresh profile for the whole run."""
    if reason := _missing():
        pytest.skip(reason)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A running workspace with the sample app connected."""
    if reason := _missing():
        pytest.skip(reason)
    with Playground(name="Northbeam Analytics") as playground:
        filled = build(playground)
        handler = sample_app(filled)
        handler.connect()
        playground.wait_until_connected()
        yield filled
        handler.close()


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The source of axe-core (MPL-2.0), fetched by npm into pytest's cache and never committed."""
    home = request.config.cache.mkdir("axe-core")
    source = Path(home) / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        if not shutil.which("npm"):
            pytest.skip("npm is not installed, so axe-core cannot be fetched")
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(home), AXE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
        if done.returncode or not source.exists():
            pytest.skip(f"axe-core could not be fetched: {done.stderr.strip()[-200:]}")
    return source.read_text()
