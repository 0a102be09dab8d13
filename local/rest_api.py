"""The REST API of the bookshop: who may call what, and why not."""

from .bookshop import Bookshop
from .calls import CACHED, NOT_ASKED, REST, Api, Call
from .verdicts import VerdictLog

GET, POST = "GET /books", "POST /books"
OWN, BOBS = "/users/{alice}/loans", "/users/{bob}/loans"


def api(shop: Bookshop) -> Api:
    return Api(shop.api_url, VerdictLog(shop.log_group), REST)


def calls(not_bearer: str = NOT_ASKED) -> list[Call]:
    """The calls in their order: the first one of a token asks the authorizer, later ones do not.

    `not_bearer` is the reason to refuse an Authorization header without a bearer token.
    """
    return [
        *without_a_valid_token(not_bearer),
        *of_alice(),
        *of_machines_and_admins(),
        *of_a_trickster(),
    ]


def without_a_valid_token(not_bearer: str) -> list[Call]:
    return [
        Call(GET, "none", 401, NOT_ASKED),
        Call(GET, "not a bearer token", 401, not_bearer),
        Call(GET, "garbage", 401, "malformed_token"),
        Call(GET, "expired", 401, "token_expired"),
        Call(GET, "alice's ID token", 401, "wrong_token_use"),
        Call(GET, "another app client's", 401, "wrong_client"),
        Call(GET, "signature changed", 401, "invalid_signature"),
        Call(POST, "scope added by hand", 401, "invalid_signature"),
        Call(GET, "alg none", 401, "unsupported_algorithm"),
        Call(GET, "HS256, public key", 401, "unsupported_algorithm"),
    ]


def of_alice() -> list[Call]:
    """Alice may read, and see her own loans: one policy says so for every route."""
    name = "alice: books/read"
    context = {
        "sub": "{alice}",
        "username": "alice",
        "client_id": "{web}",
        "token_use": "access",
        "custom_scopes": "books/read",
        "principalId": "{alice}",
    }
    return [
        Call("OPTIONS /books", "none (preflight)", 200, NOT_ASKED),
        Call(GET, name, 200, "granted", context=context),
        Call(POST, name, 403, CACHED),
        Call(GET, name, 200, CACHED),
        Call("GET /books/1", name, 200, CACHED),
        Call("DELETE /books/1", name, 403, CACHED),
        Call("GET /users/(alice)/loans", name, 200, CACHED, path=OWN),
        Call("GET /users/(bob)/loans", name, 403, CACHED, path=BOBS, is_silent=True),
        Call("GET /admin/reports", name, 403, CACHED),
        Call(GET, "alice's, refreshed", 200, "granted"),
        Call("GET /users/(bob)/loans", "alice's second", 403, "not_bound", path=BOBS),
        Call("GET /users/(alice)/loans", "alice's second", 200, CACHED, path=OWN),
        Call("GET /admin/reports", "alice's third", 403, "not_in_group"),
    ]


def of_machines_and_admins() -> list[Call]:
    context = {"groups": "admins", "username": "carol"}
    return [
        Call(POST, "machine: books/read", 403, "insufficient_scope"),
        Call(GET, "machine: books/read", 200, CACHED),
        Call(POST, "machine: books/write", 201, "granted"),
        Call("PUT /books/1", "machine: books/write", 200, CACHED),
        Call("GET /admin/reports", "machine: books/write", 403, CACHED),
        Call("GET /admin/reports", "carol: admins", 200, "granted", context=context),
    ]


def of_a_trickster() -> list[Call]:
    """Paths that mean one thing to the gateway and another to a policy or a back end."""
    # MiniStack decodes the path once before it routes; AWS does not. What arrives here is what
    # an authorizer on AWS gets for the path that is shown.
    shown, sent = "GET /books/..%2fadmin%2freports", "/books/..%252fadmin%252freports"
    return [
        Call(shown, "alice's fourth", 401, "invalid_path", path=sent),
        Call("GET /books/*", "alice's fourth", 401, "invalid_path"),
    ]
