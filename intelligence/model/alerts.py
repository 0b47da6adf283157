"""Patterns told to a team."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """Which team an alert is for."""

    PRODUCT = "product"
    ENGINEERING = "engineering"
    DOCS = "docs"


class AlertState(StrEnum):
    """The life of one alert episode."""

    SHADOW = "shadow"
    OPEN = "open"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    CLOSED = "closed"
