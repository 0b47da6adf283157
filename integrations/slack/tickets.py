"""Ticket addresses: which helpdesk or tracker an URL belongs to, and the ticket it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket of another system. `tenant` tells two customers of the same vendor apart ("acme", "acme/web")."""

    provider: str
    tenant: str
    external_id: str
    url: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two addresses the same ticket."""
        return self.provider, self.tenant.lower(), self.external_id


_PROVIDERS: Final = (
    (
        "zendesk",
        r"(?P<tenant>[\w-]+)\.zendesk\.com/"
        r"(?:agent/(?:#/)?tickets|tickets|hc/[\w-]+/requests|requests)/(?P<id>\d+)",
    ),
    (
        "intercom",
        r"app(?:\.eu|\.au)?\.intercom\.(?:com|io)/a/(?:apps|inbox)/(?P<tenant>[\w-]+)/"
        r"(?:[\w/-]{0,120}?conversations?/)(?P<id>\d+)",
    ),
    ("freshdesk", r"(?P<tenant>[\w-]+)\.freshdesk\.com/(?:a/tickets|helpdesk/tickets|support/tickets)/(?P<id>\d+)"),
    ("helpscout", r"secure\.helpscout\.net/conversation/(?P<id>\d+)"),
    ("front", r"app\.frontapp\.com/open/(?P<id>(?:cnv|msg)_\w+)"),
    (
        "hubspot",
        r"app(?:-\w+)?\.hubspot\.com/(?:contacts|help-desk|live-messages)/(?P<tenant>\d+)/"
        r"(?:ticket|record/0-5|view/\w+/ticket|inbox)/(?P<id>\d+)",
    ),
    ("gorgias", r"(?P<tenant>[\w-]+)\.gorgias\.com/app/(?:ticket|views/\d+)/(?P<id>\d+)"),
    (
        "salesforce",
        r"(?P<tenant>[\w.-]+)\.(?:lightning\.force|my\.salesforce)\.com/(?:lightning/r/Case/)?(?P<id>500\w{12,15})",
    ),
    ("servicenow", r"(?P<tenant>[\w-]+)\.service-now\.com/[^\s]{0,200}?(?P<id>(?:INC|CS|RITM|REQ)\d{4,10})"),
    ("plain", r"app\.plain\.com/workspace/(?P<tenant>\w+)/thread/(?P<id>th_\w+)"),
    ("pylon", r"app\.usepylon\.com/issues\?[^\s]{0,200}?issueNumber=(?P<id>\d+)"),
    ("jira", r"(?P<tenant>[\w.-]+(?:/[\w-]+){0,4}?)/browse/(?P<id>[A-Z][A-Z0-9_]+-\d+)"),
    ("jira", r"(?P<tenant>[\w.-]+)/servicedesk/customer/portal/\d+/(?P<id>[A-Z][A-Z0-9_]+-\d+)"),
    ("linear", r"linear\.app/(?P<tenant>[\w-]+)/issue/(?P<id>[A-Z][A-Z0-9]*-\d+)"),
    ("github", r"github\.com/(?P<tenant>[\w.-]+/[\w.-]+)/(?:issues|discussions)/(?P<id>\d+)"),
    ("gitlab", r"(?P<tenant>[\w.-]+/[\w./-]{1,120}?)/-/(?:issues|work_items)/(?P<id>\d+)"),
    ("pagerduty", r"(?P<tenant>[\w-]+)\.pagerduty\.com/incidents/(?P<id>\w+)"),
    # Self-hosted and lesser known systems: the words that all of them use in their addresses.
    (
        "other",
        r"(?P<tenant>[\w.-]+(?::\d+)?)/(?:[\w#-]+/){0,6}"
        r"(?:tickets?|cases?|conversations?|requests?)/(?:view/)?(?P<id>[A-Z]{0,8}-?\d+)",
    ),
)  # fmt: skip
_PATTERNS: Final = tuple((provider, re.compile(rf"https?://{pattern}")) for provider, pattern in _PROVIDERS)
_MAX_URL: Final = 2_000


def ticket_ref(url: str) -> TicketRef | None:
    """The ticket that `url` leads to, or None when no known system writes its ticket addresses like this."""
    url = url[:_MAX_URL]
    for provider, pattern in _PATTERNS:
        if match := pattern.match(url):
            return TicketRef(provider, match.groupdict().get("tenant") or "", match["id"], url)
    return None
