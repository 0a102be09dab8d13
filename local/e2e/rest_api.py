"""The REST API of the bookshop: who may call what, and why not."""

from .. import tokens
from ..bookshop import Bookshop
from ..calls import CACHED, NOT_ASKED, Call


def calls(shop: Bookshop, not_bearer: str) -> list[Call]:
    """The calls in their order: the first one of a token asks the authorizer, later ones do not.

    `not_bearer` is the reason to refuse an Authorization header without a bearer token.
    """
    hers = shop.sign_in(shop.alice)
    reader = shop.pool.machine(shop.machine, "books/read")
    return [
        *without_a_valid_token(shop, not_bearer, hers["id_token"], reader),
        *of_alice(shop, hers),
        *of_machines_and_admins(shop, reader),
        *of_a_trickster(shop),
    ]


def without_a_valid_token(
    shop: Bookshop, not_bearer: str, id_token: str, reader: str
) -> list[Call]:
    expired = tokens.expired(shop.short_lived_token("books/read"))
    strangers = shop.pool.machine(shop.stranger, "books/read")
    changed = tokens.with_other_signature(reader)
    widened = tokens.with_claims(reader, scope="books/read books/write")
    unsigned = tokens.unsigned(reader)
    by_public_key = tokens.signed_with_public_key(reader, shop.public_key_of(reader))
    get, post = "GET /books", "POST /books"
    return [
        Call(get, "none", None, 401, NOT_ASKED),
        Call(get, "not a bearer token", "Basic YWxpY2U6c2VjcmV0", 401, not_bearer),
        Call(get, "garbage", "Bearer garbage", 401, "malformed_token"),
        Call(get, "expired", bearer(expired), 401, "token_expired"),
        Call(get, "alice's ID token", bearer(id_token), 401, "wrong_token_use"),
        Call(get, "another app client's", bearer(strangers), 401, "wrong_client"),
        Call(get, "signature changed", bearer(changed), 401, "invalid_signature"),
        Call(post, "scope added by hand", bearer(widened), 401, "invalid_signature"),
        Call(get, "alg none", bearer(unsigned), 401, "unsupported_algorithm"),
        Call(get, "HS256, public key", bearer(by_public_key), 401, "unsupported_algorithm"),
    ]


def of_alice(shop: Bookshop, hers: dict) -> list[Call]:
    """Alice may read, and see her own loans: one policy says so for every route."""
    name, token = "alice: books/read", bearer(hers["access_token"])
    renewed = bearer(shop.pool.refresh(shop.web, hers["refresh_token"]))
    curious, nosy = (
        bearer(shop.sign_in(shop.alice)["access_token"]),
        bearer(shop.sign_in(shop.alice)["access_token"]),
    )
    own, bobs = f"/users/{shop.alice.sub}/loans", f"/users/{shop.bob.sub}/loans"
    context = {
        "sub": shop.alice.sub,
        "username": shop.alice.name,
        "client_id": shop.web.id,
        "token_use": "access",
        "custom_scopes": "books/read",
        "principalId": shop.alice.sub,
    }
    return [
        Call("OPTIONS /books", "none (preflight)", None, 200, NOT_ASKED),
        Call("GET /books", name, token, 200, "granted", context=context),
        Call("POST /books", name, token, 403, CACHED),
        Call("GET /books", name, token, 200, CACHED),
        Call("GET /books/1", name, token, 200, CACHED),
        Call("DELETE /books/1", name, token, 403, CACHED),
        Call("GET /users/(alice)/loans", name, token, 200, CACHED, path=own),
        Call("GET /users/(bob)/loans", name, token, 403, CACHED, path=bobs, is_silent=True),
        Call("GET /admin/reports", name, token, 403, CACHED),
        Call("GET /books", "alice's, refreshed", renewed, 200, "granted"),
        Call("GET /users/(bob)/loans", "alice's second", nosy, 403, "not_bound", path=bobs),
        Call("GET /users/(alice)/loans", "alice's second", nosy, 200, CACHED, path=own),
        Call("GET /admin/reports", "alice's third", curious, 403, "not_in_group"),
    ]


def of_machines_and_admins(shop: Bookshop, reader: str) -> list[Call]:
    reader, writer = bearer(reader), bearer(shop.pool.machine(shop.machine, "books/write"))
    admin = bearer(shop.sign_in(shop.carol)["access_token"])
    context = {"groups": "admins", "username": shop.carol.name}
    return [
        Call("POST /books", "machine: books/read", reader, 403, "insufficient_scope"),
        Call("GET /books", "machine: books/read", reader, 200, CACHED),
        Call("POST /books", "machine: books/write", writer, 201, "granted"),
        Call("PUT /books/1", "machine: books/write", writer, 200, CACHED),
        Call("GET /admin/reports", "machine: books/write", writer, 403, CACHED),
        Call("GET /admin/reports", "carol: admins", admin, 200, "granted", context=context),
    ]


def of_a_trickster(shop: Bookshop) -> list[Call]:
    """Paths that mean one thing to the gateway and another to a policy or a back end."""
    token = bearer(shop.sign_in(shop.alice)["access_token"])
    # MiniStack decodes the path once before it routes; AWS does not. What arrives here is what
    # an authorizer on AWS gets for the path that is shown.
    up = "/books/..%252fadmin%252freports"
    return [
        Call(
            "GET /books/..%2fadmin%2freports", "alice's fourth", token, 401, "invalid_path", path=up
        ),
        Call("GET /books/*", "alice's fourth", token, 401, "invalid_path"),
    ]


def bearer(token: str) -> str:
    return f"Bearer {token}"
