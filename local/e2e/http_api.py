"""An HTTP API: the same decisions as simple responses and as policies, in both payload formats."""

from pathlib import Path

from .. import tokens
from ..beside import OUTCOMES_BY_STATUS, UNAUTHORIZED, Beside
from ..bookshop import Bookshop
from ..calls import CACHED, NOT_ASKED, Call, Kind, Table, over_http
from ..steps import step
from .rest_api import bearer

KIND = Kind(over_http, OUTCOMES_BY_STATUS, challenges={})
SIMPLE = 'http_api_response = "simple"'
IAM = 'http_api_response = "iam"'
BY_TOKEN = ["$request.header.Authorization"]


def run(shop: Bookshop, home: Path) -> Table:
    """Deploys examples/http-api and makes the same calls in three ways."""
    api = Beside("http-api", shop, home)
    api.take_over_definition()
    table = Table(f"{api.url}/$default", api.log, KIND)

    def make_calls(way: str, one_answer_for_all: bool) -> None:
        with step("getting tokens"):
            made = calls(shop, one_answer_for_all)
        print(f"\nAn HTTP API, {way}:")
        table.run(made)
        print()

    make_calls("payload format 2.0, simple responses", one_answer_for_all=False)
    api.change_configuration(SIMPLE, IAM)
    api.change_authorizer(EnableSimpleResponses=False, IdentitySource=BY_TOKEN)
    make_calls("payload format 2.0, policies", one_answer_for_all=True)
    # MiniStack leaves out `version`, by which AWS tells this format from that of REST APIs: the
    # authorizer takes the event for one of those, which it answers alike.
    api.change_authorizer(AuthorizerPayloadFormatVersion="1.0")
    make_calls("payload format 1.0, policies", one_answer_for_all=True)
    return table


def calls(shop: Bookshop, one_answer_for_all: bool) -> list[Call]:
    """The calls in their order. Where one answer holds for all routes, the first one of a token
    asks the authorizer and later ones do not; simple responses hold for one route and path."""

    def later(reason: str) -> str:
        return CACHED if one_answer_for_all else reason

    hers = shop.sign_in(shop.alice)
    name, token = "alice: books/read", bearer(hers["access_token"])
    writer = bearer(shop.pool.machine(shop.machine, "books/write"))
    strangers = bearer(shop.pool.machine(shop.stranger, "books/read"))
    expired = bearer(tokens.expired(shop.short_lived_token("books/read")))
    own, bobs = f"/users/{shop.alice.sub}/loans", f"/users/{shop.bob.sub}/loans"
    context = {
        "sub": shop.alice.sub,
        "username": shop.alice.name,
        "client_id": shop.web.id,
        "custom_scopes": "books/read",
    }
    get, id_token = "GET /books", bearer(hers["id_token"])
    return [
        Call(get, "none", None, 401, NOT_ASKED),
        Call(get, "garbage", "Bearer garbage", UNAUTHORIZED, "malformed_token"),
        Call(get, "expired", expired, UNAUTHORIZED, "token_expired"),
        Call(get, "alice's ID token", id_token, UNAUTHORIZED, "wrong_token_use"),
        Call(get, "another app client's", strangers, UNAUTHORIZED, "wrong_client"),
        Call(get, name, token, 200, "granted", context=context),
        Call("POST /books", name, token, 403, later("insufficient_scope")),
        Call(get, name, token, 200, CACHED),
        Call("GET /users/(alice)/loans", name, token, 200, later("granted"), path=own),
        Call("GET /users/(bob)/loans", name, token, 403, later("not_bound"), path=bobs),
        Call(get, "machine: books/write", writer, 403, "insufficient_scope"),
        Call("POST /books", "machine: books/write", writer, 201, later("granted")),
    ]
