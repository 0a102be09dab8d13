"""A headless Chromium, driven over WebDriver (W3C Recommendation) as a person would use it."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from .cloud import free_port
from .steps import Failed

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
SECONDS = 60

# Beside its own profile: no sandbox, which root cannot have, and nothing of its own on the network.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The key of an element's reference (WebDriver, section 11).
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One window."""

    def __init__(self, driver: httpx.Client, session: str) -> None:
        self._driver = driver
        self._session = session

    def open(self, url: str) -> None:
        self._post("/url", url=url)

    def type(self, selector: str, text: str) -> None:
        self._post(f"/element/{self._find(selector)}/value", text=text)

    def submit(self, selector: str) -> None:
        """Clicks, and waits until the page is another one."""
        page = f"{self._session}/element/{self._find('html')}/name"
        self._post(f"/element/{self._find(selector)}/click")
        _wait(lambda: self._driver.get(page).is_error, "the browser stayed on its page")

    def sign_in(self, page: str, name: str, password: str) -> str:
        """Signs in at the hosted UI of a user pool; what is shown in the end."""
        self.open(page)
        self.type("#username", name)
        self.type("#password", password)
        self.submit("button[type=submit]")
        return self.text()

    def text(self) -> str:
        """What the page shows, once it is all there."""
        script = "return document.readyState === 'complete' ? document.body.innerText : null"
        shown = []

        def is_there() -> bool:
            text = self._post("/execute/sync", script=script, args=[])["value"]
            shown.append((text or "").strip())
            return text is not None

        _wait(is_there, "the page was not loaded")
        return shown[-1]

    def run(self, script: str, *arguments: object) -> dict:
        """Runs a script of the page, which hands its result to its last argument."""
        return self._post("/execute/async", script=script, args=arguments)["value"]

    def _find(self, selector: str) -> str:
        found = self._post("/element", using="css selector", value=selector)
        return found["value"][ELEMENT]

    def _post(self, path: str, **body: object) -> dict:
        answer = self._driver.post(f"{self._session}{path}", json=body)
        if answer.is_error:
            raise Failed(f"the browser could not {path}: {answer.text[:500]}")
        return answer.json()


@contextlib.contextmanager
def browser(home: Path) -> Iterator[Browser]:
    """Starts a browser with an empty profile below `home` and ends it."""
    port, log, profile = free_port(), home / "chromedriver.log", home / "chromium"
    shutil.rmtree(profile, ignore_errors=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [CHROMEDRIVER, f"--port={port}"],
            env=os.environ | {"HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as driver:
            _wait(lambda: _is_ready(driver), f"ChromeDriver did not start; see {log}")
            options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={profile}"]}
            wanted = {"alwaysMatch": {"goog:chromeOptions": options}}
            made = driver.post("/session", json={"capabilities": wanted})
            if made.is_error:
                raise Failed(f"Chromium did not start: {made.text[:500]}")
            session = f"/session/{made.json()['value']['sessionId']}"
            try:
                yield Browser(driver, session)
            finally:
                driver.delete(session)
    finally:
        process.terminate()
        process.wait(SECONDS)


def _is_ready(driver: httpx.Client) -> bool:
    try:
        return driver.get("/status").json()["value"]["ready"]
    except httpx.TransportError:
        return False


def _wait(condition: Callable[[], bool], failure: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(failure)
        time.sleep(0.05)
