"""AppSync: GraphQL calls to examples/appsync, first as MiniStack serves it, then through the
stand-in for what MiniStack lacks."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import httpx

from .. import tokens
from ..appsync import AppSync
from ..beside import Beside
from ..bookshop import Bookshop
from ..calls import CACHED, NOT_ASKED, OUTCOMES, Call, Kind, Table
from ..steps import NotRun, step
from .rest_api import bearer

TITLE = "Programming Rust"
# The field of the route table, and `__typename` for the fields beside it.
OPERATIONS = {
    "Query.books": "query Books { __typename books { title } }",
    "Mutation.addBook": """
        mutation Add($title: String!) { __typename addBook(title: $title) { title } }
    """,
}
REFUSED = {"errors": [{"errorType": "UnauthorizedException"}]}
ADDED = {"data": {"__typename": "Mutation", "addBook": {"title": TITLE}}}
ADD_DENIED = {
    "data": {"__typename": "Mutation", "addBook": None},
    "errors": [{"path": ["addBook"], "errorType": "Unauthorized"}],
}
BOOKS_DENIED = {
    "data": {"__typename": "Query", "books": None},
    "errors": [{"path": ["books"], "errorType": "Unauthorized"}],
}
KEPT_SECONDS = 300  # what the authorizer says in `ttlOverride` of a token that lives longer

# A resolver whose answer is what the authorizer said of the token.
NAMES_CALLER = """
export function request() { return {}; }
export function response(ctx) { return [{ title: ctx.identity.resolverContext.sub }]; }
"""


@dataclass(frozen=True)
class Ask(Call):
    """A query or mutation, and the whole answer to it but for messages and locations."""

    body: dict = field(default_factory=lambda: REFUSED)


def run(shop: Bookshop, home: Path) -> Table:
    """Deploys examples/appsync and calls its fields in both ways."""
    api = Beside("appsync", shop, home)
    url = f"{shop.cloud_url}/v1/apis/{api.api_id}/graphql"
    table = Table(url, api.log, Kind(over_graphql, OUTCOMES, challenges={}, fault=fault))
    if shutil.which("node"):
        by_ministack(shop, api.api_id, table)
    else:
        table.check("examples/appsync as MiniStack serves it", NotRun("its resolvers need Node.js"))
    by_stand_in(shop, api.api_id, table)
    return table


def by_ministack(shop: Bookshop, api_id: str, table: Table) -> None:
    """MiniStack keeps no answer, and asks even without a token."""
    with step("getting tokens"):
        refused = refusals(shop, without_token="missing_token")
        name, token = reader(shop)
        books = titled("The Rust Programming Language")
        writer = bearer(shop.pool.machine(shop.machine, "books/write"))
    print("\nAn AppSync API, as MiniStack serves it:")
    table.run(
        [
            *refused,
            Ask("Query.books", name, token, 200, "granted", body=books),
            Ask("Query.books", name, bearer(token), 200, "granted", body=books),
            Ask("Mutation.addBook", "machine: books/write", writer, 200, "granted", body=ADDED),
        ]
    )
    boto3.client("appsync").update_resolver(
        apiId=api_id,
        typeName="Query",
        fieldName="books",
        dataSourceName="Nothing",
        runtime={"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"},
        code=NAMES_CALLER,
    )
    print("\nThe same, with a resolver that reads the context of the authorizer:")
    table.run([Ask("Query.books", name, token, 200, "granted", body=titled(shop.alice.sub))])
    print()


def by_stand_in(shop: Bookshop, api_id: str, table: Table) -> None:
    """What the authorizer denies is null, and what it says serves for as long as it says."""
    seconds = 0.0
    resolvers = {
        "Query.books": lambda context, arguments: [{"title": context["sub"]}],
        "Mutation.addBook": lambda context, arguments: {"title": arguments["title"]},
    }
    with step("getting tokens"):
        refused = refusals(shop, without_token=NOT_ASKED)
        name, token = reader(shop)
        writer = shop.pool.machine(shop.machine, "books/write")
    hers, machine = titled(shop.alice.sub), "machine: books/write"
    add, books = "Mutation.addBook", "Query.books"
    with AppSync(api_id, resolvers, lambda: seconds) as stand_in:
        table.api_url = stand_in.url
        print("\nAn AppSync API, through the stand-in:")
        table.run(
            [
                *refused,
                Ask(books, "garbage", "garbage", 401, "malformed_token"),
                Ask(books, name, token, 200, "granted", body=hers),
                Ask(f"{add}: null", name, token, 200, CACHED, path=add, body=ADD_DENIED),
                Ask(add, machine, writer, 200, "granted", body=ADDED),
                Ask(f"{books}: null", machine, writer, 200, CACHED, path=books, body=BOOKS_DENIED),
            ]
        )
        seconds = KEPT_SECONDS - 1
        print(f"\nAfter {seconds} s:")
        table.run([Ask("Query.books", name, token, 200, CACHED, body=hers)])
        seconds = KEPT_SECONDS
        print(f"\nAfter {seconds} s:")
        table.run([Ask("Query.books", name, token, 200, "granted", body=hers)])
    print()


def refusals(shop: Bookshop, without_token: str) -> list[Ask]:
    id_token = shop.sign_in(shop.alice)["id_token"]
    strangers = shop.pool.machine(shop.stranger, "books/read")
    expired = tokens.expired(shop.short_lived_token("books/read"))
    books = "Query.books"
    return [
        Ask(books, "none", None, 401, without_token),
        Ask(books, "garbage", "garbage", 401, "malformed_token"),
        Ask(books, "expired", expired, 401, "token_expired"),
        Ask(books, "alice's ID token", id_token, 401, "wrong_token_use"),
        Ask(books, "another app client's", strangers, 401, "wrong_client"),
    ]


def reader(shop: Bookshop) -> tuple[str, str]:
    return "alice: books/read", shop.sign_in(shop.alice)["access_token"]


def titled(title: str) -> dict:
    return {"data": {"__typename": "Query", "books": [{"title": title}]}}


def over_graphql(url: str, call: Call) -> httpx.Response:
    headers = {"Authorization": call.token} if call.token else {}
    request = {"query": OPERATIONS[call.path or call.request], "variables": {"title": TITLE}}
    return httpx.post(url, json=request, headers=headers, timeout=30)


def fault(call: Ask, answer: httpx.Response) -> str:
    got = answer.json()
    for error in got.get("errors", []):
        error.pop("message")
        error.pop("locations", None)
    return "" if got == call.body else f"want {call.body}, got {answer.text[:200]}"
