"""A page of another origin in a real browser, whose script calls the bookshop."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..bookshop import Bookshop
from ..browser import CHROMEDRIVER, CHROMIUM, Browser, browser
from ..wallet import Wallet

# What the page does; what it cannot read, the browser has kept from it.
SCRIPT = """
const [url, method, token, done] = arguments;
const headers = token ? { Authorization: `Bearer ${token}` } : {};
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
    token: str
    status: int
    challenge: str | None
    body: str  # a part of it

    def __str__(self) -> str:
        return f"{self.request}, {self.token}, {self.status}"


ALICE = "alice: books/read"
CALLS = [
    Call("GET /books", "none", 401, CHALLENGE, '"Unauthorized"'),
    Call("GET /books", "signature changed", 401, CHALLENGE, '"Unauthorized"'),
    Call("GET /books", ALICE, 200, None, '"path": "/books"'),
    Call("DELETE /books/1", ALICE, 403, DENIED, '"insufficient_scope"'),
    Call("POST /books", "machine: books/write", 201, None, '"path": "/books"'),
    Call("GET /nowhere", "none", 403, None, "Missing Authentication Token"),
]


@pytest.fixture(scope="module")
def page(home: Path) -> Iterator[Browser]:
    """A window that shows an empty page of another origin than the API."""
    if not (CHROMIUM and CHROMEDRIVER):
        pytest.skip("there is no Chromium with ChromeDriver; local/chromium.sh installs it")
    with origin() as url, browser(home) as window:
        window.open(url)
        yield window


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_page_reads_the_answer(call: Call, page: Browser, shop: Bookshop, wallet: Wallet) -> None:
    method, path = call.request.split()
    read = page.run(SCRIPT, f"{shop.api_url}{path}", method, wallet[call.token])
    assert "error" not in read, "the browser keeps the answer from the page"
    assert (read["status"], read["challenge"]) == (call.status, call.challenge)
    assert call.body in read["body"]


@contextlib.contextmanager
def origin() -> Iterator[str]:
    """An empty page on a port of its own."""
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
