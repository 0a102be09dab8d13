"""AppSync: GraphQL calls to examples/appsync, first as MiniStack serves it, then through the
stand-in for what MiniStack lacks."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import httpx
import pytest

from ..appsync import AppSync
from ..beside import Beside
from ..bookshop import Bookshop
from ..calls import CACHED, NOT_ASKED, OUTCOMES, Api, Call, Kind
from ..wallet import Wallet
from .conftest import Step

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

# A resolver whose answer is what the authorizer said of the token.
NAMES_CALLER = """
export function request() { return {}; }
export function response(ctx) { return [{ title: ctx.identity.resolverContext.sub }]; }
"""


@dataclass(frozen=True)
class Ask(Call):
    """A query or mutation, and the whole answer to it but for messages and locations."""

    body: dict = field(default_factory=lambda: REFUSED)
    scheme: str = ""  # before the token


def over_graphql(url: str, call: Ask, token: str | None) -> httpx.Response:
    headers = {"Authorization": f"{call.scheme}{token}"} if token else {}
    request = {"query": OPERATIONS[call.path or call.request], "variables": {"title": TITLE}}
    return httpx.post(url, json=request, headers=headers, timeout=30)


def fault(call: Ask, answer: httpx.Response, wallet: Wallet) -> str:
    got = answer.json()
    for error in got.get("errors", []):
        error.pop("message")
        error.pop("locations", None)
    want = json.loads(wallet.fill(json.dumps(call.body)))
    return "" if got == want else f"want {want}, got {answer.text[:200]}"


KIND = Kind(over_graphql, OUTCOMES, challenges={}, fault=fault)

def titled(title: str) -> dict:
    return {"data": {"__typename": "Query", "books": [{"title": title}]}}


BOOKS, ADD = "Query.books", "Mutation.addBook"
ALICE, MACHINE = "alice: books/read", "machine: books/write"
REFUSALS = [
    Ask(BOOKS, "garbage", 401, "malformed_token"),
    Ask(BOOKS, "expired", 401, "token_expired"),
    Ask(BOOKS, "alice's ID token", 401, "wrong_token_use"),
    Ask(BOOKS, "another app client's", 401, "wrong_client"),
]
FOUND = titled("The Rust Programming Language")
# MiniStack keeps no answer, and asks even without a token.
BY_MINISTACK = [
    Ask(BOOKS, "none", 401, "missing_token"),
    *REFUSALS,
    Ask(BOOKS, ALICE, 200, "granted", body=FOUND),
    Ask(BOOKS, ALICE, 200, "granted", body=FOUND, scheme="Bearer "),
    Ask(ADD, MACHINE, 200, "granted", body=ADDED, scheme="Bearer "),
]
# What the authorizer denies is null.
BY_STAND_IN = [
    Ask(BOOKS, "none", 401, NOT_ASKED),
    *REFUSALS,
    Ask(BOOKS, ALICE, 200, "granted", body=titled("{alice}")),
    Ask(f"{ADD}: null", ALICE, 200, CACHED, path=ADD, body=ADD_DENIED),
    Ask(ADD, MACHINE, 200, "granted", body=ADDED),
    Ask(f"{BOOKS}: null", MACHINE, 200, CACHED, path=BOOKS, body=BOOKS_DENIED),
]


@pytest.fixture(scope="session")
def deployed(shop: Bookshop, home: Path, step: Step) -> Beside:
    with step("building and deploying examples/appsync"):
        return Beside("appsync", shop, home)


@pytest.fixture(scope="session")
def api(shop: Bookshop, deployed: Beside) -> Api:
    if not shutil.which("node"):
        pytest.skip("the resolvers need Node.js")
    return Api(f"{shop.cloud_url}/v1/apis/{deployed.api_id}/graphql", deployed.log, KIND)


@pytest.mark.parametrize("call", BY_MINISTACK)
def test_as_ministack_serves_it(call: Ask, api: Api, wallet: Wallet) -> None:
    assert api.make_alone(call, BY_MINISTACK, wallet) == []


@pytest.fixture
def names_caller(deployed: Beside) -> Iterator[None]:
    """Has the resolver of Query.books answer with whom the authorizer has told it about."""
    appsync = boto3.client("appsync")
    place = {"apiId": deployed.api_id, "typeName": "Query", "fieldName": "books"}
    before = appsync.get_resolver(**place)["resolver"]
    kept = {name: before[name] for name in ("dataSourceName", "runtime")}
    appsync.update_resolver(**place, **kept, code=NAMES_CALLER)
    yield
    appsync.update_resolver(**place, **kept, code=before["code"])


def test_a_resolver_reads_the_context(api: Api, names_caller: None, wallet: Wallet) -> None:
    call = Ask(BOOKS, ALICE, 200, "granted", body=titled("{alice}"))
    assert api.make(call, wallet).problems == []


class StandIn:
    """The stand-in with a clock of its own."""

    def __init__(self, deployed: Beside) -> None:
        self.seconds = 0.0
        resolvers = {
            BOOKS: lambda context, arguments: [{"title": context["sub"]}],
            ADD: lambda context, arguments: {"title": arguments["title"]},
        }
        self.endpoint = AppSync(deployed.api_id, resolvers, lambda: self.seconds)
        self.api = Api(self.endpoint.url, deployed.log, KIND)


@pytest.fixture
def stand_in(deployed: Beside) -> Iterator[StandIn]:
    stand_in = StandIn(deployed)
    with stand_in.endpoint:
        yield stand_in


@pytest.mark.parametrize("call", BY_STAND_IN)
def test_as_the_stand_in_serves_it(call: Ask, stand_in: StandIn, wallet: Wallet) -> None:
    assert stand_in.api.make_alone(call, BY_STAND_IN, wallet) == []


@pytest.mark.parametrize(("seconds", "reason"), [(299, CACHED), (300, "granted")])
def test_an_answer_serves_as_long_as_it_says(
    seconds: int, reason: str, stand_in: StandIn, wallet: Wallet
) -> None:
    """The authorizer says 300 s in `ttlOverride` of a token that lives longer."""
    first = Ask(BOOKS, ALICE, 200, "granted", body=titled("{alice}"))
    assert stand_in.api.make(first, wallet).problems == []
    stand_in.seconds = seconds
    later = Ask(BOOKS, ALICE, 200, reason, body=titled("{alice}"))
    assert stand_in.api.make(later, wallet).problems == []
