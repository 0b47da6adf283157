"""Documentation that can be wrong is tested: settings, verbs, jobs and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import reference
from bot.clock import SystemClock
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("name", reference.PAGES)
def test_pages_made_of_tables_are_fresh(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == reference.PAGES[name](), "run `make docs`"


def test_every_setting_is_in_a_group_and_in_the_example() -> None:
    names = [name for group in reference.grouped().values() for name in group]
    assert sorted(names) == sorted(Settings.model_fields)
    example = re.findall(r"^# ([A-Z_]+)=", reference.env_example(), flags=re.MULTILINE)
    assert sorted(example) == sorted(name.upper() for name in Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())


def test_the_example_with_every_line_uncommented_gives_the_defaults(tmp_path: Path) -> None:
    lines = reference.env_example().splitlines()
    values = [line.removeprefix("# ") for line in lines if re.match(r"# [A-Z_]+=.", line)]
    file = tmp_path / "example.env"
    file.write_text("\n".join(values), encoding="utf-8")
    assert Settings(_env_file=str(file)) == Settings(_env_file=None)  # pyright: ignore[reportCallIssue]


def test_every_job_is_described() -> None:
    from bot.intake import ANSWER
    from bot.jobs import build_registry

    class Reads:
        """A history that is never asked: only the names of the jobs are looked at."""

    class Parts:
        settings = Settings(_env_file=None)  # pyright: ignore[reportCallIssue]
        clock = SystemClock()

    registry = build_registry(Parts(), Reads())  # pyright: ignore[reportArgumentType]
    described = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/jobs.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(described) == sorted([*registry, ANSWER])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
