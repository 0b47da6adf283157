"""Which tracker the settings connect, where its token may go, and what the doctor says of it."""

from __future__ import annotations

from typing import Any

import pytest
from tracker_vendors import REPOSITORY, SECRET, GitHubVendor, JiraVendor, LinearVendor, Vendor, serving

from bot.errors import BadSettings
from bot.flows.targets import address
from bot.schedule import ISSUES, ticks_of
from bot.settings import Settings, load_settings
from bot.tracker_check import examine_tracker
from bot.trackers import build_docs_tracker, build_tracker

SET: dict[str, dict[str, Any]] = {
    "github": {"tracker_repository": REPOSITORY},
    "linear": {"tracker_team": "eng"},
    "jira": {"tracker_site": "Acme", "tracker_project": "eng", "tracker_email": "a@acme.example"},
}
PLAYED: dict[str, type[Vendor]] = {"github": GitHubVendor, "linear": LinearVendor, "jira": JiraVendor}


def settings(kind: str, **more: Any) -> Settings:
    return load_settings(None, **{"tracker": kind, "tracker_token": "t", **SET[kind], **more})


@pytest.mark.parametrize("kind", SET)
def test_what_is_missing_is_named(kind: str) -> None:
    for name in (*SET[kind], "tracker_token"):
        with pytest.raises(BadSettings, match=name.upper()):
            build_tracker(settings(kind, **{name: None if name == "tracker_token" else ""}))
    assert ISSUES in ticks_of(settings(kind))
    built = build_tracker(settings(kind))
    assert built is not None
    assert not built.takes_webhooks
    built.close()


def test_none_is_none_and_half_of_one_is_said() -> None:
    assert build_tracker(load_settings(None)) is None
    assert ISSUES not in ticks_of(load_settings(None))
    with pytest.raises(BadSettings, match="TRACKER: say which one"):
        build_tracker(load_settings(None, tracker_token="t"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("tracker_api_url", u) for u in ("http://api.github.com", "https://a@evil.example", "ftp://x", "https://")),
        ("tracker_api_url", "https://api.github.com/?x=1"),
        *(
            ("tracker_site", s)
            for s in ("evil.example/", "acme.evil", "a@b", "https://acme.atlassian.net", "a/b", "-a")
        ),
        *(("tracker_project", p) for p in ('ENG" OR "', "E-1", "1A", "É")),
        ("tracker_team", "eng team"),
        *(("tracker_docs", d) for d in ("acme/docs/../x", 'DOCS" OR "', "https://evil.example", "a b")),
        ("tracker_repository", "acme/app/../x"),
    ],
)
def test_a_setting_that_would_lead_elsewhere_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name.upper()):
        load_settings(None, **{name: value})


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("linear", "https://evil.example"),
        ("linear", "https://api.linear.app.evil.example"),
        ("jira", "https://evil.example"),
        ("jira", "https://api.atlassian.com/other"),
        ("jira", "https://api.atlassian.com.evil.example/ex/jira/1"),
    ],
)
def test_a_token_goes_to_its_vendor_alone(kind: str, url: str) -> None:
    with pytest.raises(BadSettings, match="TRACKER_API_URL"):
        build_tracker(settings(kind, tracker_api_url=url))


def test_a_scoped_jira_token_has_another_address() -> None:
    built = build_tracker(settings("jira", tracker_api_url="https://api.atlassian.com/ex/jira/11-22"))
    assert built is not None
    built.close()


DOCS = {"github": "acme/docs", "linear": "docs", "jira": "docs"}


@pytest.mark.parametrize("kind", SET)
def test_documentation_has_a_place_of_its_own_at_the_same_tracker(kind: str) -> None:
    assert build_docs_tracker(settings(kind)) is None
    here = settings(kind, tracker_docs=DOCS[kind], tracker_secret=SECRET)
    main, docs = build_tracker(here), build_docs_tracker(here)
    assert main is not None
    assert docs is not None
    assert (docs.name, docs.place, docs.takes_webhooks) == (main.name, here.tracker_docs, True)
    assert address(docs) != address(main)
    mine = "acme/docs#1" if kind == "github" else "docs-1"
    theirs = f"{REPOSITORY}#1" if kind == "github" else "ENG-1"
    assert [docs.owns(one) for one in (mine, theirs, "x")] == [True, False, False]
    assert [main.owns(one) for one in (mine, theirs, "x")] == [False, True, False]
    for tracker in (main, docs):
        tracker.close()
    for wrong in ("docs" if kind == "github" else "acme/docs", *SET[kind].values()):
        if kind == "jira" and wrong == "a@acme.example":
            continue
        with pytest.raises(BadSettings, match="TRACKER_DOCS"):
            build_docs_tracker(settings(kind, tracker_docs=wrong if wrong != "Acme" else "eng"))
    with pytest.raises(BadSettings, match="TRACKER: say which one"):
        build_tracker(load_settings(None, tracker_docs=DOCS[kind]))


def test_the_doctor_looks_at_the_place_of_the_documentation() -> None:
    with serving(LinearVendor()) as vendor:
        found = list(examine_tracker(settings("linear", tracker_api_url=vendor.url, tracker_docs="docs")))
        assert [(one.name, one.ok) for one in found[:2]] == [("tracker", True), ("tracker for documentation", False)]
        assert "no team DOCS" in found[1].says


@pytest.mark.parametrize("kind", SET)
def test_the_doctor_looks_at_token_place_and_webhook(kind: str) -> None:
    with serving(PLAYED[kind]()) as vendor:
        known = settings(kind, tracker_api_url=vendor.url, tracker_secret=SECRET)
        tracker, webhook = examine_tracker(known)
        assert tracker.ok, tracker.says
        assert (webhook.ok, "nothing listens" in webhook.says) == (False, True)
        assert all(finding.ok for finding in examine_tracker(settings(kind, tracker_api_url=vendor.url)))
        vendor.fail = [401]
        refused = next(iter(examine_tracker(known)))
        assert not refused.ok
        assert "credentials are refused" in refused.says
    assert not next(iter(examine_tracker(settings(kind, tracker_token=None)))).ok
