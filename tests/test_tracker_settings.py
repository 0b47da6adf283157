"""Which tracker the settings connect, where its token may go, and what the doctor says of it."""

from __future__ import annotations

from typing import Any

import pytest
from tracker_vendors import REPOSITORY, SECRET, GitHubVendor, JiraVendor, LinearVendor, Vendor, serving

from bot.errors import BadSettings
from bot.schedule import ISSUES, ticks_of
from bot.settings import Settings, load_settings
from bot.tracker_check import examine_tracker
from bot.trackers import build_tracker

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
