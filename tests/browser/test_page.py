"""The page in a real browser, against the real server and a real Bolt app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from page_stage import HOUR, Stage, build

pytest.importorskip("selenium", reason="selenium is not installed (uv sync --group browser)")

from page_driver import MAIN, THREAD, Page
from selenium.webdriver.common.keys import Keys

from playground.playground import Playground

pytestmark = pytest.mark.browser

HOSTILE = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> '
    "<javascript:alert(1)|click> <!channel> [x](javascript:alert(1))"
)


@pytest.fixture
def page(driver: Any, stage: Stage) -> Iterator[Page]:
    one = Page(driver, stage)
    yield one
    assert one.errors() == []
    one.leave()


def test_a_message_is_sent_and_shown(page: Page) -> None:
    page.open("maya").send("Hello *zebra* and `code`")
    assert page.until("return [...document.querySelectorAll('#main strong')].some(one => one.textContent === 'zebra')")
    stored = page.stage.playground.messages(page.stage.channels["support"])[-1]
    assert stored["user"] == page.stage.people["maya"]
    assert page.find(MAIN).get_attribute("value") == ""


def test_shift_enter_is_a_new_line_and_mentions_become_tokens(page: Page) -> None:
    page.open("maya").type("one" + Keys.SHIFT + Keys.ENTER + Keys.NULL + "two @Tick")
    assert page.suggestions()[0] == "Ticket Intel"
    page.type(Keys.TAB)
    page.type("please" + Keys.ENTER)
    page.see("please")
    stored = page.stage.playground.messages(page.stage.channels["support"])[-1]
    assert stored["text"] == f"one\ntwo <@{page.stage.people['bot']}> please"


def test_a_thread_opens_takes_a_reply_and_refuses_commands(page: Page) -> None:
    page.open("maya")
    page.run("document.querySelector('.thread-summary').click()")
    page.see("All of them. Chrome", ".thread-pane")
    page.send("/ticket-intel themes", THREAD)
    page.see("Slash commands do not work in threads: mention @Ticket Intel instead.", ".thread-pane")
    page.run("const field = document.querySelector(arguments[0]); field.select()", THREAD)
    page.send("A reply", THREAD)
    page.see("A reply", ".thread-pane")
    page.until("return document.querySelector('#main .thread-count').textContent === '3 replies'")
    page.type(Keys.ESCAPE, THREAD)
    assert page.until("return document.getElementById('thread').hidden")


def test_a_command_is_suggested_and_answered_privately(page: Page) -> None:
    page.open("maya").type("/tick")
    assert page.suggestions() == ["/ticket-intel"]
    page.type(Keys.TAB)
    assert "known <text>" in page.suggestions()
    page.type("themes" + Keys.ESCAPE + Keys.ENTER)
    page.see("Heard: themes")
    assert "Only visible to you" in page.row("Heard: themes")
    page.press("Dismiss", "#main .ephemeral")
    page.until("return !document.querySelector('.ephemeral')")


def test_a_shortcut_answers_on_the_message(page: Page) -> None:
    page.open("jonas").hover("a real Excel file")
    page.tool("shortcuts")
    page.press("Is this a known pattern?", ".menu")
    page.see("Known (96%)", "#main")


def test_a_button_changes_the_message_in_place(page: Page) -> None:
    page.open("priya", "alerts").press("I own this", "#main")
    page.see("@Priya Nair", "#main .context")


def test_a_confirmation_can_be_declined(page: Page) -> None:
    page.open("priya", "alerts").press("Not useful", "#main .actions:not(.context-actions)")
    before = len(page.stage.playground.deliveries)
    page.press("Keep it", ".confirm")
    page.until("return !document.querySelector('.confirm')")
    assert len(page.stage.playground.deliveries) == before


def test_a_modal_shows_errors_then_submits(page: Page) -> None:
    page.open("priya", "alerts").press("Create issue", "#main")
    page.find(".modal [name], .modal input")
    page.press("Create", ".modal-footer")
    page.see("Please complete this required field.", ".modal")
    page.type("short", ".modal .input-block input")
    page.press("Create", ".modal-footer")
    page.see("at least ten characters", ".modal")
    assert page.run("return document.activeElement.value") == "short"
    page.type(" is what it was", ".modal .input-block input")
    page.press("Create", ".modal-footer")
    page.until("return !document.querySelector('.modal')")
    page.until("return document.querySelector('.badge')?.textContent === '1'")
    page.press("Ticket Intel", ".sidebar")
    page.see("Created: short is what it was")


def test_views_are_stacked_and_keep_what_was_typed(page: Page) -> None:
    page.open("priya", "alerts").press("Create issue", "#main")
    page.type("half typed", ".modal .input-block input")
    page.press("Compare", ".modal")
    page.see("side by side", ".modal")
    page.press("Back", ".modal-header")
    page.until("return document.querySelector('.modal .input-block input')?.value === 'half typed'")
    page.type("ident", ".modal [placeholder='Search a team']")
    page.press("Identity team", ".combo-list:popover-open")
    page.type(Keys.ESCAPE, ".modal .input-block input")
    page.until("return !document.querySelector('.modal')")


def test_hostile_text_is_inert(page: Page) -> None:
    stage = page.stage
    room = stage.channels["random"]
    stage.playground.say(stage.people["ana"], room, HOSTILE, raw=True)
    stage.client.conversations_join(channel=room)
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": HOSTILE}},
        {"type": "markdown", "text": HOSTILE},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": HOSTILE}]}],
        },
    ]
    stage.client.chat_postMessage(channel=room, text=HOSTILE, blocks=blocks)
    page.open("maya", "random").see("window.hacked")
    assert page.run("return window.hacked") is None
    assert page.run("return document.querySelectorAll('#main .message :is(script, img, iframe)').length") == 0
    hrefs = page.run("return [...document.querySelectorAll('#main .message a')].map(one => one.protocol)")
    assert set(hrefs) <= {"http:", "https:", "mailto:"}


def test_edit_react_and_delete_ones_own_message(page: Page) -> None:
    page.open("tom").send("first wording")
    page.hover("first wording")
    page.run("document.querySelector('.toolbar button').click()")
    page.until("return document.querySelector('.reaction[aria-pressed=true]')")
    page.hover("first wording")
    page.tool("more")
    page.press("Edit message", ".menu")
    page.type(" improved" + Keys.ENTER, ".edit-form textarea")
    page.see("first wording improved")
    page.see("(edited)")
    page.hover("first wording improved")
    page.tool("more")
    page.press("Delete message", ".menu")
    page.press("Delete", ".confirm")
    page.until("return !document.querySelector('#main .message-items').textContent.includes('first wording')")


def test_two_people_in_two_tabs(page: Page) -> None:
    driver = page.open("maya").driver
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        page.open("ana").send("Is anybody there?")
        driver.switch_to.window(first)
        page.see("Is anybody there?")
        page.press("Customer", "#topbar")
        page.until("return document.documentElement.dataset.ready === arguments[0]", page.stage.people["ana"])
        page.until("return !document.querySelector('.channel-link[data-name=eng-oncall]')")
        assert f"user={page.stage.people['ana']}" in driver.current_url
    finally:
        driver.switch_to.window(driver.window_handles[-1])
        driver.close()
        driver.switch_to.window(first)


def test_the_home_tab_and_unread_marks(page: Page) -> None:
    page.open("sam").press("Ticket Intel", ".sidebar")
    page.see("Good morning")
    stage = page.stage
    stage.playground.say(stage.people["ana"], stage.channels["random"], f"ping <@{stage.people['sam']}>", raw=True)
    page.until("return document.querySelector('.channel-link.unread[data-name=random] .badge')?.textContent === '1'")
    page.press("random", ".sidebar")
    page.until("return !document.querySelector('.channel-link[data-name=random] .badge')")


def test_faults_progress_panel_and_toasts(page: Page) -> None:
    playground = page.open("sam").stage.playground
    playground.progress("Filling the history", 812, 1540)
    assert page.find("#topbar [role=progressbar]").get_attribute("aria-valuenow") == "812"
    playground.progress("Filling the history", 1540, 1540)
    page.until("return document.querySelector('#topbar .progress').hidden")
    page.press("Slack is down", "#panel")
    page.see("Slack is down (on purpose)", "#topbar")
    page.press("Slack is down", "#panel")
    playground.wait_until_connected()
    page.see("connected", "#topbar")
    playground.toast("Done.")
    page.see("Done.", "#toasts")


def test_a_streamed_reply_grows_in_its_thread(page: Page) -> None:
    stage, client = page.open("maya").stage, page.stage.client
    channel, root = stage.channels["support"], stage.marks["excel"]
    page.run("document.querySelector(`#main [data-ts='${arguments[0]}']`).focus()", root)
    page.run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 't', bubbles: true}))")
    page.find(".thread-pane .composer-field")
    reader = {"recipient_user_id": stage.people["maya"], "recipient_team_id": stage.playground.team_id}
    reply = client.chat_startStream(channel=channel, thread_ts=root, markdown_text="Looking at **89", **reader)
    page.find(".thread-pane .streaming[aria-busy]")
    client.chat_appendStream(channel=channel, ts=reply["ts"], markdown_text=" tickets**")
    client.chat_stopStream(channel=channel, ts=reply["ts"])
    page.until("return document.querySelector('.thread-pane strong')?.textContent === '89 tickets'")
    page.until("return !document.querySelector('.streaming')")


def test_attachments_and_files_are_shown(page: Page) -> None:
    page.open("maya", "tickets").see("#4711 Export to Excel loses umlauts", "#main .attachment-body")
    page.see("Enterprise", "#main .attachment-fields")
    client = page.stage.client
    client.files_upload_v2(channel=page.stage.channels["tickets"], content="theme,tickets", filename="themes.csv")
    page.see("themes.csv", "#main .file-card")


def test_a_permalink_opens_the_thread_it_names(page: Page) -> None:
    stage = page.stage
    link = stage.client.chat_getPermalink(channel=stage.channels["support"], message_ts=stage.marks["loop"])[
        "permalink"
    ]
    stage.client.chat_postMessage(channel=stage.channels["eng"], text=f"Evidence: <{link}|first report>")
    page.open("maya", "eng").press("first report", "#main")
    page.see("Which browser?", ".thread-pane")
    page.see("support", "#main .channel-title")


def test_the_page_reconnects_and_sends_what_waited(driver: Any) -> None:
    first = Playground(name="First").start()
    stage = build(first)
    page = Page(driver, stage).open("maya")
    first.stop()
    page.see("Reconnecting", "#topbar")
    page.send("written while away")
    page.see("1 waiting for the connection")
    port = int(first.url.rsplit(":", 1)[1].strip("/"))
    with Playground(port, name="Second") as second:
        again = build(second)
        page.until("return document.querySelector('.status').dataset.look !== 'off'")
        page.see("written while away", "#main .message")
        said = second.messages(again.channels["support"])
        assert [message["text"] for message in said].count("written while away") == 1
    page.leave()  # refused connections are the point here


def test_older_pages_load_while_scrolling(page: Page) -> None:
    stage = page.stage
    room = stage.playground.add_channel("long-history", members=list(stage.people.values()))
    stage.channels["long"] = room
    start = 1_760_000_000
    lines = [{"ts": f"{start + i * HOUR}.000000", "user": stage.people["ana"], "text": f"line {i}"} for i in range(130)]
    stage.playground.load(room, lines)
    page.open("maya", "long").see("line 129")
    page.until(
        "document.querySelector('#main .message-scroll').scrollTop = 0; "
        "return document.querySelector('#main').textContent.includes('line 0')"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("place", ["support", "alerts", "modal", "home", "thread"])
def test_no_serious_accessibility_findings(page: Page, axe: str, theme: str, place: str) -> None:
    page.open("priya", "support" if place == "thread" else "alerts", theme)
    if place == "modal":
        page.press("Create issue", "#main")
        page.press("Create", ".modal-footer")
        page.see("Please complete this required field.", ".modal")
    elif place == "home":
        page.press("Ticket Intel", ".sidebar")
        page.see("Good morning") if page.run("return location.hash.endsWith('home')") else page.press("Home", ".tabs")
    elif place == "thread":
        page.run("document.querySelector('.thread-summary').click()")
        page.see("All of them", ".thread-pane")
    page.run(axe)
    script = "const done = arguments[0]; axe.run().then(found => done(found.violations))"
    found = page.driver.execute_async_script(script)
    nodes = [(one, node) for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]]
    serious = [f"{one['id']}: {node['target']} {node['failureSummary']}" for one, node in nodes]
    assert serious == []
