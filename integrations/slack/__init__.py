"""Slack's JSON as plain values. Everything here is pure and accepts any JSON: payloads vary by client and year."""

from integrations.slack.content import flatten
from integrations.slack.events import (
    Change,
    RefusalReason,
    SlackFile,
    SlackMessage,
    SlackRefusal,
    message_event,
    timestamp,
)
from integrations.slack.notifications import Notification, parse_notification
from integrations.slack.text import links, plain_text, unescape
from integrations.slack.tickets import TicketRef, ticket_ref

__all__ = [
    "Change",
    "Notification",
    "RefusalReason",
    "SlackFile",
    "SlackMessage",
    "SlackRefusal",
    "TicketRef",
    "flatten",
    "links",
    "message_event",
    "parse_notification",
    "plain_text",
    "ticket_ref",
    "timestamp",
    "unescape",
]
