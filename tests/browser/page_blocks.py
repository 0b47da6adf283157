"""Block Kit samples: what the product's surfaces are made of, and one of every element."""

from __future__ import annotations

from typing import Any

Block = dict[str, Any]
Option = dict[str, Any]

SPARK = "▁▁▂▁▁▂▁▃▅█▇"
MARKDOWN = """## Weekly summary
Volume: **847 tickets**, up 12%.

1. *Export to Excel* - see [the theme](https://example.com/ti-1)
2. SSO login

> users need the native format, not CSV

| Theme | Tickets |
|---|---|
| Excel | 89 |
| SSO | 67 |
"""


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str, description: str = "") -> Option:
    return {"text": plain(text), "value": value} | ({"description": plain(description)} if description else {})


def button(text: str, action_id: str, **more: Any) -> Block:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def _quote(text: str, source: str) -> list[Block]:
    return [
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]},
        {"type": "rich_text_section", "elements": [{"type": "text", "text": source, "style": {"italic": True}}]},
    ]


def alert(owner: str = "") -> list[Block]:
    quotes = [
        *_quote(
            "since the update all of us are sent back to the login page, <!channel> 40 people", "Lumen Foods, yesterday"
        ),
        *_quote("Okta says ok, your page says sign in. again and again", "Fjordkraft, 2 days ago"),
    ]
    footer = "*TI-2* · usual range 1-8 a week · baseline 56 days · `why TI-2`" + (
        f" · owned by <@{owner}>" if owner else ""
    )
    return [
        {"type": "header", "text": plain("SSO login fails for Okta users")},
        {
            "type": "section",
            "text": mrkdwn(
                ":large_orange_circle: *Growing* · *23 tickets, 17 customers* in 3 days (normal 4), "
                "since 3 Jan 14:00-18:00"
            ),
        },
        {
            "type": "section",
            "fields": [
                mrkdwn("*Impact*\nP1 · 3 Enterprise accounts"),
                mrkdwn("*Who is different*\nOkta 61% of this theme, 9% of all"),
                mrkdwn("*Release suspects*\n4.2 (71%), 4.1.9 (18%)"),
                mrkdwn(f"*Tickets a day*\n`{SPARK}`  usual 0-2"),
            ],
        },
        {"type": "rich_text", "elements": quotes},
        {
            "type": "actions",
            "elements": [
                button("Create issue", "evidence", style="primary"),
                button("I own this", "own"),
                {
                    "type": "static_select",
                    "action_id": "snooze",
                    "placeholder": plain("Snooze"),
                    "options": [
                        option("Until 5 more tickets", "5"),
                        option("7 days", "7d"),
                        option("Until the next release", "release"),
                    ],
                },
                button(
                    "Not useful",
                    "noise",
                    style="danger",
                    confirm={
                        "title": plain("Not useful?"),
                        "text": mrkdwn("This *lowers* the alert's rank."),
                        "confirm": plain("Yes, it is noise"),
                        "deny": plain("Keep it"),
                    },
                ),
            ],
        },
        {"type": "context", "elements": [mrkdwn(footer)]},
    ]


def try_these_five() -> list[Block]:
    return [
        {"type": "header", "text": plain("Try these five :wave:")},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
                        for text in (
                            "Read the alert below",
                            "Press Evidence",
                            "Post “Okta login loops” in #support",
                            "Ask: is this a known pattern?",
                            "List the themes",
                        )
                    ],
                }
            ],
        },
    ]


def _cell(value: str | int) -> Block:
    if isinstance(value, int):
        return {"type": "raw_number", "value": value, "text": str(value)}
    return {"type": "raw_text", "text": value}


def themes() -> list[Block]:
    rows = [
        ("TI-1", "Export to Excel", 89, "+45%", "rising"),
        ("TI-2", "SSO login fails for Okta users", 67, "new", "new"),
        ("TI-3", "Dashboard loading slow", 54, "0%", "ongoing"),
    ]
    cells = [[{"type": "raw_text", "text": text} for text in ("#", "Theme", "Tickets", "Change", "State")]]
    for row in rows:
        cells.append([_cell(value) for value in row])
    return [
        {"type": "header", "text": plain("Themes, last 7 days")},
        {
            "type": "section",
            "text": mrkdwn("847 tickets · 71% in themes · 9% uncertain · last ticket 4 minutes ago"),
            "accessory": {
                "type": "overflow",
                "action_id": "row",
                "options": [option("Open", "open"), option("Merge…", "merge"), option("Watch", "watch")],
            },
        },
        {
            "type": "table",
            "rows": cells,
            "column_settings": [{}, {"is_wrapped": True}, {"align": "right"}, {"align": "right"}],
        },
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "rate",
                    "positive_button": {"text": plain("Useful"), "value": "good"},
                    "negative_button": {"text": plain("Not useful"), "value": "bad"},
                }
            ],
        },
    ]


def elements() -> list[Block]:
    plans = [option("Free", "free"), option("Team", "team", "up to 50 seats"), option("Enterprise", "enterprise")]
    return [
        {"type": "section", "text": mrkdwn("*Every element*\nRadio, boxes, dates, people")},
        {
            "type": "section",
            "text": mrkdwn("Pick a plan"),
            "accessory": {"type": "radio_buttons", "action_id": "plan", "initial_option": plans[1], "options": plans},
        },
        {
            "type": "section",
            "text": mrkdwn("Which areas?"),
            "accessory": {
                "type": "checkboxes",
                "action_id": "areas",
                "options": [option("Reporting", "r"), option("Sign-in", "s")],
            },
        },
        {
            "type": "actions",
            "elements": [
                {"type": "datepicker", "action_id": "day", "initial_date": "2026-01-03"},
                {"type": "timepicker", "action_id": "hour", "initial_time": "14:00"},
                {"type": "users_select", "action_id": "who", "placeholder": plain("Owner")},
                {"type": "channels_select", "action_id": "where", "placeholder": plain("Channel")},
                button("Docs", "docs", url="https://example.com/docs"),
            ],
        },
        {
            "type": "section",
            "text": mrkdwn("Accounts"),
            "accessory": {
                "type": "multi_static_select",
                "action_id": "plans",
                "placeholder": plain("Plans"),
                "options": plans,
                "initial_options": plans[:2],
            },
        },
        {"type": "divider"},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "text", "text": "bold ", "style": {"bold": True}},
                                {"type": "emoji", "name": "tada"},
                                {"type": "link", "url": "https://example.com", "text": "a link"},
                            ],
                        }
                    ],
                },
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "GET /sso/callback 302\nGET /login 200"}],
                },
            ],
        },
    ]


def ticket_attachment() -> Block:
    return {
        "color": "#d6336c",
        "fallback": "Ticket 4711",
        "author_name": "Helpdesk",
        "title": "#4711 Export to Excel loses umlauts",
        "title_link": "https://helpdesk.example/tickets/4711",
        "text": "The *CSV* shows MÃ¼ller &amp; Co instead of Müller &amp; Co.",
        "fields": [
            {"title": "Plan", "value": "Enterprise", "short": True},
            {"title": "Priority", "value": "High", "short": True},
        ],
        "footer": "Helpdesk",
        "ts": 1767440000,
    }


def answer(text: str) -> list[Block]:
    return [
        {"type": "section", "text": mrkdwn(f"*Heard:* {text}")},
        {"type": "actions", "elements": [button("Share here", "share")]},
    ]


def known(text: str) -> list[Block]:
    return [
        {
            "type": "section",
            "text": mrkdwn(
                ":white_check_mark: *Known* (96%): <https://example.com/ti-2|TI-2> SSO login fails for Okta users"
            ),
        },
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_quote",
                    "elements": [{"type": "text", "text": "Clearing the Okta session cookie helped two of us"}],
                }
            ],
        },
        {"type": "context", "elements": [mrkdwn("Shared phrases: _login loop_, _Okta_, _sent back_")]},
        {
            "type": "actions",
            "elements": [
                button("Same", "same", style="primary"),
                button("Not this", "not_this"),
                button("Notify me when fixed", "notify"),
            ],
        },
    ]


def issue_modal() -> Block:
    return {
        "type": "modal",
        "callback_id": "issue",
        "title": plain("Create issue"),
        "submit": plain("Create"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "section",
                "text": mrkdwn(
                    "*TI-2* SSO login fails for Okta users\nTwo issues look alike: <https://example.com/ENG-1|ENG-1>, <https://example.com/ENG-2|ENG-2>"
                ),
                "accessory": button("Compare", "deeper"),
            },
            {
                "type": "input",
                "block_id": "title",
                "label": plain("Title"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "title",
                    "placeholder": plain("What is broken, for whom"),
                },
            },
            {
                "type": "input",
                "block_id": "kind",
                "label": plain("Kind"),
                "element": {
                    "type": "static_select",
                    "action_id": "kind",
                    "initial_option": option("Bug", "bug"),
                    "options": [option("Bug", "bug"), option("Gap", "gap")],
                },
            },
            {
                "type": "input",
                "block_id": "owner",
                "optional": True,
                "label": plain("Team"),
                "element": {
                    "type": "external_select",
                    "action_id": "owner_search",
                    "min_query_length": 2,
                    "placeholder": plain("Search a team"),
                },
            },
            {
                "type": "input",
                "block_id": "quotes",
                "optional": True,
                "label": plain("Include"),
                "element": {
                    "type": "checkboxes",
                    "action_id": "quotes",
                    "options": [option("Two quotes", "q"), option("The chart", "c")],
                },
            },
            {
                "type": "input",
                "block_id": "notes",
                "optional": True,
                "label": plain("Notes"),
                "hint": plain("Markdown is kept."),
                "element": {"type": "plain_text_input", "action_id": "notes", "multiline": True},
            },
        ],
    }


def second_modal() -> Block:
    return {
        "type": "modal",
        "callback_id": "second",
        "title": plain("Compare"),
        "close": plain("Back"),
        "blocks": [{"type": "section", "text": mrkdwn("ENG-1 and ENG-2, side by side.")}],
    }


def home() -> Block:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Good morning")},
            {
                "type": "section",
                "fields": [
                    mrkdwn("*Themes you own*\n3"),
                    mrkdwn("*Reviews waiting*\n12"),
                    mrkdwn("*Ingest lag*\n4 s"),
                    mrkdwn("*Accuracy*\n87% (95% CI 81-92, n=140)"),
                ],
            },
            {"type": "divider"},
            {
                "type": "section",
                "text": mrkdwn("*TI-2* SSO login fails for Okta users\n23 tickets · growing"),
                "accessory": button("Open", "open_theme"),
            },
            {
                "type": "section",
                "text": mrkdwn("*TI-1* Export to Excel\n89 tickets · rising"),
                "accessory": button("Open", "open_theme_1"),
            },
            {"type": "context", "elements": [mrkdwn("Model spend 0.00 of 5.00 today")]},
        ],
    }
