"""An HTTP API: the same decisions as simple responses and as policies, in both payload formats."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..beside import OUTCOMES_BY_STATUS, UNAUTHORIZED, Beside
from ..bookshop import Bookshop
from ..calls import CACHED, NOT_ASKED, Api, Call, Kind, over_http
from ..wallet import Wallet
from .conftest import Step

KIND = Kind(over_http, OUTCOMES_BY_STATUS, challenges={})
SIMPLE = 'http_api_response = "simple"'
IAM = 'http_api_response = "iam"'
POLICIES = {
    "EnableSimpleResponses": False,
    "IdentitySource": ["$request.header.Authorization"],
}
# In each way the line of the configuration and the settings of the authorizer.
WAYS = {
    "2.0, simple": (SIMPLE, {}),
    "2.0, policies": (IAM, POLICIES),
    # MiniStack leaves out `version`, by which AWS tells this format from that of REST APIs: the
    # authorizer takes the event for one of those, which it answers alike.
    "1.0, policies": (IAM, POLICIES | {"AuthorizerPayloadFormatVersion": "1.0"}),
}


def calls(way: str) -> list[Call]:
    """The calls in their order. Where one answer holds for all routes, the first one of a token
    asks the authorizer and later ones do not; simple responses hold for one route and path."""

    def later(reason: str) -> str:
        return reason if way == "2.0, simple" else CACHED

    name, writer, get = "alice: books/read", "machine: books/write", "GET /books"
    own, bobs = "/users/{alice}/loans", "/users/{bob}/loans"
    context = {
        "sub": "{alice}",
        "username": "alice",
        "client_id": "{web}",
        "custom_scopes": "books/read",
    }
    return [
        Call(get, "none", 401, NOT_ASKED),
        Call(get, "garbage", UNAUTHORIZED, "malformed_token"),
        Call(get, "expired", UNAUTHORIZED, "token_expired"),
        Call(get, "alice's ID token", UNAUTHORIZED, "wrong_token_use"),
        Call(get, "another app client's", UNAUTHORIZED, "wrong_client"),
        Call(get, name, 200, "granted", context=context),
        Call("POST /books", name, 403, later("insufficient_scope")),
        Call(get, name, 200, CACHED),
        Call("GET /users/(alice)/loans", name, 200, later("granted"), path=own),
        Call("GET /users/(bob)/loans", name, 403, later("not_bound"), path=bobs),
        Call(get, writer, 403, "insufficient_scope"),
        Call("POST /books", writer, 201, later("granted")),
    ]


@pytest.fixture(scope="session")
def deployed(shop: Bookshop, home: Path, step: Step) -> Beside:
    with step("building and deploying examples/http-api"):
        api = Beside("http-api", shop, home)
    api.take_over_definition()
    return api


@pytest.fixture(scope="module")
def api(deployed: Beside, way: str) -> Iterator[Api]:
    line, settings = WAYS[way]
    with deployed.changed(SIMPLE, line, **settings):
        yield Api(f"{deployed.url}/$default", deployed.log, KIND)


ROWS = [(way, call) for way in WAYS for call in calls(way)]


@pytest.mark.parametrize(("way", "call"), ROWS, scope="module")
def test_http_api(way: str, call: Call, api: Api, wallet: Wallet) -> None:
    assert api.make_alone(call, calls(way), wallet) == []
