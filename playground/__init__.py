"""A Slack workspace that runs on this machine: Web API, Socket Mode, signed HTTP and a page in the browser.

It stands alone: nothing of the product is imported here. See docs/playground.md.
"""

from playground.block_rules import check_attachments, check_blocks, check_view
from playground.delivery import Attempt, Delivery
from playground.errors import DispatchFailed, OperationTimeout, PlaygroundError, Refused, SlackError
from playground.faults import Fault
from playground.people import App
from playground.playground import Playground
from playground.proxies import remove_proxies
from playground.shapes import Problem
from playground.slack import Call

__all__ = [
    "App",
    "Attempt",
    "Call",
    "Delivery",
    "DispatchFailed",
    "Fault",
    "OperationTimeout",
    "Playground",
    "PlaygroundError",
    "Problem",
    "Refused",
    "SlackError",
    "check_attachments",
    "check_blocks",
    "check_view",
    "remove_proxies",
]
