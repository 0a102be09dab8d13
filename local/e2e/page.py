"""A page of another origin in a real browser, whose script calls the bookshop."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..bookshop import Bookshop
from ..browser import CHROMEDRIVER, CHROMIUM, Browser, browser
from ..steps import NotRun, step
from ..tokens import with_other_signature
from .rest_api import bearer

# What the page does; what it cannot read, the browser has kept from it.
SCRIPT = """
const [url, method, token, done] = arguments;
const headers = token ? { Authorization: token } : {};
fetch(url, { method, headers }).then(
  async (answer) => done({
    status: answer.status,
    challenge: answer.headers.get("WWW-Authenticate"),
    body: await answer.text(),
  }),
  (error) => done({ error: String(error) }),
);
"""
CHALLENGE = 'Bearer realm="bookshop"'
DENIED = 'Bearer realm="bookshop", error="insufficient_scope"'


@dataclass(frozen=True)
class Call:
    """A call of the page, and what its script must be able to read."""

    request: str
    token_name: str
    token: str | None
    status: int
    challenge: str | None
    body: str  # a part of it


def checks(shop: Bookshop, home: Path) -> Iterator[tuple[str, str | NotRun]]:
    """Each check's name with what is wrong, empty if nothing is."""
    made = calls(shop)
    claims = [f"a page reads {call.status} of {call.request}, {call.token_name}" for call in made]
    if not (CHROMIUM and CHROMEDRIVER):
        why = NotRun("there is no Chromium with ChromeDriver; local/chromium.sh installs it")
        yield from ((claim, why) for claim in claims)
        return
    with step("calling the bookshop from a page"), origin() as url, browser(home) as window:
        window.open(url)
        problems = [problem(window, shop.api_url, call) for call in made]
    yield from zip(claims, problems)


def calls(shop: Bookshop) -> list[Call]:
    hers = bearer(shop.sign_in(shop.alice)["access_token"])
    forged = with_other_signature(hers)
    machine = bearer(shop.pool.machine(shop.machine, "books/write"))
    unauthorized = '"Unauthorized"'
    return [
        Call("GET /books", "no token", None, 401, CHALLENGE, unauthorized),
        Call("GET /books", "signature changed", forged, 401, CHALLENGE, unauthorized),
        Call("GET /books", "alice: books/read", hers, 200, None, '"path": "/books"'),
        Call("DELETE /books/1", "alice: books/read", hers, 403, DENIED, '"insufficient_scope"'),
        Call("POST /books", "machine: books/write", machine, 201, None, '"path": "/books"'),
        Call("GET /nowhere", "no token", None, 403, None, "Missing Authentication Token"),
    ]


def problem(window: Browser, api_url: str, call: Call) -> str:
    """What the script could not read as it should."""
    method, path = call.request.split()
    read = window.run(SCRIPT, f"{api_url}{path}", method, call.token)
    if error := read.get("error"):
        return f"{error}: the browser keeps the answer from the page"
    if read["status"] != call.status or call.body not in read["body"]:
        return f"{read['status']} {read['body'][:200]}"
    if read["challenge"] != call.challenge:
        return f"WWW-Authenticate reads {read['challenge']}"
    return ""


@contextlib.contextmanager
def origin() -> Iterator[str]:
    """An empty page on a port of its own, and so of another origin than the API."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


class _EmptyPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<!DOCTYPE html><title>Books</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Says nothing: the report is the output."""
