"""What a test does in the page, in people's words."""

from __future__ import annotations

from typing import Any

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 10
MAIN = "#main .composer-field"
ROW = (
    "const row = [...document.querySelectorAll(arguments[1] + ' .message')]"
    ".findLast(one => one.textContent.includes(arguments[0])); "
)
THREAD = ".thread-pane .composer-field"


class Page:
    """One tab of the page."""

    def __init__(self, driver: Any, stage: Any, patience: float = PATIENCE) -> None:
        """`stage` is a Stage, or whatever knows `people` by name and the page's `url(person, channel)`."""
        self.driver, self.stage, self.patience = driver, stage, patience

    def open(self, person: str, channel: str = "support", theme: str = "light") -> Page:
        self.driver.get("about:blank")
        media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        self.driver.get(self.stage.url(person, channel))
        self.until(f"return document.documentElement.dataset.ready === '{self.stage.people[person]}'")
        self.until("return !document.querySelector('.skeleton')")
        return self

    def leave(self) -> None:
        """Look at nothing, so that nothing complains when the server goes away; what was complained of is dropped."""
        self.driver.get("about:blank")
        self.errors()

    def until(self, script: str, *arguments: Any) -> Any:
        """The first truthy value of a script."""
        wait = WebDriverWait(self.driver, self.patience, poll_frequency=0.05)
        return wait.until(lambda driver: driver.execute_script(script, *arguments), message=script)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def see(self, text: str, within: str = "#main") -> None:
        """Wait until something visible shows this text."""
        script = (
            "return [...document.querySelectorAll(arguments[1] + ' *')].some("
            "one => one.textContent.includes(arguments[0]) && one.checkVisibility())"
        )
        self.until(script, text, within)

    def find(self, selector: str) -> Any:
        return self.until("return document.querySelector(arguments[0])", selector)

    def press(self, label: str, within: str = "body") -> None:
        """Click the last visible button, link or entry with this name."""
        script = (
            "const hit = [...document.querySelectorAll(arguments[1])].flatMap(root => "
            "[...root.querySelectorAll('button, a, [role=option], [role^=menuitem]')]).filter(one => "
            "(one.getAttribute('aria-label') || one.textContent).trim().startsWith(arguments[0]) "
            "&& one.checkVisibility() && !one.disabled).at(-1); "
            "if (hit) { hit.scrollIntoView({block: 'center'}); hit.click(); } return Boolean(hit)"
        )
        self.until(script, label, within)

    def type(self, text: str, field: str = MAIN) -> None:
        """Type into a field; one that is drawn anew in between is looked up again."""

        def typed(driver: Any) -> bool:
            driver.find_element(By.CSS_SELECTOR, field).send_keys(text)
            return True

        gone = (NoSuchElementException, StaleElementReferenceException)
        WebDriverWait(self.driver, self.patience, poll_frequency=0.05, ignored_exceptions=gone).until(typed)

    def send(self, text: str, field: str = MAIN) -> None:
        """Type and press Enter, past an open suggestion list."""
        self.type(text, field)
        self.type(Keys.ESCAPE if self.suggestions() else "", field)
        self.type(Keys.ENTER, field)

    def suggestions(self) -> list[str]:
        return self.run(
            "return [...document.querySelectorAll('.completion:popover-open .completion-title')]"
            ".map(one => one.textContent)"
        )

    def row(self, text: str, within: str = "#main") -> str:
        """The whole text of the last message that contains `text`."""
        return self.until(ROW + "return row?.innerText", text, within)

    def hover(self, text: str, within: str = "#main") -> None:
        """Bring up the hover menu of a message."""
        over = "row?.dispatchEvent(new PointerEvent('pointerover', {bubbles: true})); "
        self.until(ROW + over + "return Boolean(row?.querySelector('.toolbar'))", text, within)

    def tool(self, name: str) -> None:
        self.run("document.querySelector(`.toolbar [data-tool=${arguments[0]}]`).click()", name)

    def errors(self) -> list[str]:
        """What the browser's console complained about."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
