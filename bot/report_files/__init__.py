"""A report as files for people without Slack: Markdown, one HTML page, CSV tables."""
