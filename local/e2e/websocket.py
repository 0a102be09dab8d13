"""A WebSocket API: whoever may not connect never gets past the handshake."""

import json
from pathlib import Path

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from .. import tokens
from ..beside import OUTCOMES_BY_STATUS, UNAUTHORIZED, Beside
from ..bookshop import Bookshop
from ..calls import NOT_ASKED, Call, Kind, Table
from ..steps import step

SUBPROTOCOL = "subprotocol:bearer"
QUERY = "query:token"


def run(shop: Bookshop, home: Path) -> Table:
    """Deploys examples/websocket and connects with the token in either of its places."""
    api = Beside("websocket", shop, home)
    table = Table(f"{api.url}/prod".replace("http", "ws", 1), api.log)
    for source, send in ((SUBPROTOCOL, by_subprotocol), (QUERY, by_query)):
        if source == QUERY:
            api.change_configuration(SUBPROTOCOL, QUERY)
            api.change_authorizer(IdentitySource=["route.request.querystring.token"])
        table.kind = Kind(send, OUTCOMES_BY_STATUS, challenges={})
        with step("getting tokens"):
            made = calls(shop)
        print(f"\nA WebSocket API, the token in {source}:")
        table.run(made)
        print()
    return table


def calls(shop: Bookshop) -> list[Call]:
    """Each asks the authorizer: API Gateway keeps no answers for WebSocket APIs."""
    hers = shop.sign_in(shop.alice)
    writer = shop.pool.machine(shop.machine, "books/write")
    strangers = shop.pool.machine(shop.stranger, "books/read")
    expired = tokens.expired(shop.short_lived_token("books/read"))
    context = {"sub": shop.alice.sub, "username": shop.alice.name, "custom_scopes": "books/read"}
    name, token = "alice: books/read", hers["access_token"]
    return [
        Call("$connect", "none", None, 401, NOT_ASKED),
        Call("$connect", "garbage", "garbage", UNAUTHORIZED, "malformed_token"),
        Call("$connect", "expired", expired, UNAUTHORIZED, "token_expired"),
        Call("$connect", "alice's ID token", hers["id_token"], UNAUTHORIZED, "wrong_token_use"),
        Call("$connect", "another app client's", strangers, UNAUTHORIZED, "wrong_client"),
        Call("$connect", "machine: books/write", writer, 403, "insufficient_scope"),
        Call("$connect", name, token, 101, "granted", context=context),
        Call("$connect", name, token, 101, "granted", context=context),
    ]


def by_subprotocol(api_url: str, call: Call) -> httpx.Response:
    return _connect(api_url, ["bearer", call.token] if call.token else None)


def by_query(api_url: str, call: Call) -> httpx.Response:
    return _connect(f"{api_url}?token={call.token}" if call.token else api_url, None)


def _connect(url: str, subprotocols: list[str] | None) -> httpx.Response:
    """The answer to the handshake; if it is 101, with what the back end says to a message."""
    try:
        with connect(url, subprotocols=subprotocols, proxy=None, open_timeout=30) as socket:
            socket.send(json.dumps({"action": "hello"}))
            return httpx.Response(101, text=socket.recv(timeout=30))
    except InvalidStatus as refusal:
        return httpx.Response(refusal.response.status_code, content=refusal.response.body)
