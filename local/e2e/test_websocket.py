"""A WebSocket API: whoever may not connect never gets past the handshake."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ..beside import OUTCOMES_BY_STATUS, UNAUTHORIZED, Beside
from ..bookshop import Bookshop
from ..calls import NOT_ASKED, Api, Call, Kind
from ..wallet import Wallet
from .conftest import Step

SUBPROTOCOL, QUERY = "subprotocol:bearer", "query:token"
CONTEXT = {"sub": "{alice}", "username": "alice", "custom_scopes": "books/read"}

# Each asks the authorizer: API Gateway keeps no answers for WebSocket APIs.
CALLS = [
    Call("$connect", "none", 401, NOT_ASKED),
    Call("$connect", "garbage", UNAUTHORIZED, "malformed_token"),
    Call("$connect", "expired", UNAUTHORIZED, "token_expired"),
    Call("$connect", "alice's ID token", UNAUTHORIZED, "wrong_token_use"),
    Call("$connect", "another app client's", UNAUTHORIZED, "wrong_client"),
    Call("$connect", "machine: books/write", 403, "insufficient_scope"),
    Call("$connect", "alice: books/read", 101, "granted", context=CONTEXT),
]


@pytest.fixture(scope="session")
def deployed(shop: Bookshop, home: Path, step: Step) -> Beside:
    with step("building and deploying examples/websocket"):
        return Beside("websocket", shop, home)


@pytest.fixture(scope="module", params=[SUBPROTOCOL, QUERY])
def api(deployed: Beside, request: pytest.FixtureRequest) -> Iterator[Api]:
    """The API with the token in either of its places."""
    url = f"{deployed.url}/prod".replace("http", "ws", 1)
    if request.param == SUBPROTOCOL:
        yield Api(url, deployed.log, Kind(by_subprotocol, OUTCOMES_BY_STATUS, challenges={}))
        return
    source = ["route.request.querystring.token"]
    with deployed.changed(SUBPROTOCOL, QUERY, IdentitySource=source):
        yield Api(url, deployed.log, Kind(by_query, OUTCOMES_BY_STATUS, challenges={}))


@pytest.mark.parametrize("call", CALLS)
def test_connect(call: Call, api: Api, wallet: Wallet) -> None:
    assert api.make_alone(call, CALLS, wallet) == []


def test_no_answer_is_kept(api: Api, wallet: Wallet) -> None:
    granted = CALLS[-1]
    assert [api.make(granted, wallet).problems for _ in range(2)] == [[], []]


def by_subprotocol(api_url: str, call: Call, token: str | None) -> httpx.Response:
    return _connect(api_url, ["bearer", token] if token else None)


def by_query(api_url: str, call: Call, token: str | None) -> httpx.Response:
    return _connect(f"{api_url}?token={token}" if token else api_url, None)


def _connect(url: str, subprotocols: list[str] | None) -> httpx.Response:
    """The answer to the handshake; if it is 101, with what the back end says to a message."""
    try:
        with connect(url, subprotocols=subprotocols, proxy=None, open_timeout=30) as socket:
            socket.send(json.dumps({"action": "hello"}))
            return httpx.Response(101, text=socket.recv(timeout=30))
    except InvalidStatus as refusal:
        return httpx.Response(refusal.response.status_code, content=refusal.response.body)
