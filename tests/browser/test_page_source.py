"""Rules of the page's source that need no browser: text stays text, nothing from elsewhere, small modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "playground" / "page"
MODULES = sorted((PAGE / "js").glob("*.js"))
MARKUP_SINKS = re.compile(
    r"\.(?:innerHTML|outerHTML|srcdoc)\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser"
    r"|createContextualFragment|setHTML|setAttribute\(\s*[\"'](?:on|style|srcdoc)"
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_is_small_documented_and_never_writes_markup(path: Path) -> None:
    source = path.read_text()
    assert not MARKUP_SINKS.search(source)
    assert source.startswith("/**")
    assert source.count("\n") < 300


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_imports_are_modules_of_the_page(path: Path) -> None:
    for target in re.findall(r"from \"([^\"]+)\"", path.read_text()):
        assert target.startswith("./")
        assert (path.parent / target).is_file(), target


def test_every_module_is_reached_from_main() -> None:
    seen: set[str] = set()
    todo = ["main.js"]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += re.findall(r"from \"\./([^\"]+)\"", (PAGE / "js" / name).read_text())
    assert seen == {path.name for path in MODULES}


def test_the_document_fits_a_strict_content_security_policy() -> None:
    document = (PAGE / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", document)
    for address in re.findall(r"(?:src|href)=\"([^\"]+)\"", document):
        assert address.startswith(("/static/", "#"))


@pytest.mark.parametrize("path", sorted((PAGE / "css").glob("*.css")), ids=lambda path: path.name)
def test_styles_load_nothing(path: Path) -> None:
    assert not re.search(r"url\(|@import", path.read_text())
    assert f"/static/css/{path.name}" in (PAGE / "index.html").read_text()
