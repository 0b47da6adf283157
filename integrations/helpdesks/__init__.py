"""Helpdesks: where tickets come from besides Slack."""
