"""Slack's JSON as plain values. Everything here is pure and accepts any JSON: payloads vary by client and year."""
