"""examples/attach: what docs/attach.md shows guards the APIs of a plain CloudFormation template."""

from dataclasses import replace
from pathlib import Path

import pytest

from .. import cors, sam
from ..beside import OUTCOMES_BY_STATUS, UNAUTHORIZED
from ..bookshop import Bookshop
from ..calls import CACHED, NOT_ASKED, OUTCOMES, Api, Call, Kind, over_http
from ..cloud import ROOT
from ..verdicts import VerdictLog
from ..wallet import Wallet
from .conftest import Step

TEMPLATE = ROOT / "examples" / "attach" / "cloudformation.yaml"
GUIDE = ROOT / "docs" / "attach.md"
REST = Kind(
    over_http,
    OUTCOMES,
    {401: 'Bearer realm="books"', 403: 'Bearer realm="books", error="insufficient_scope"'},
    lambda call, answer, wallet: cors.fault(answer),
)
HTTP = Kind(over_http, OUTCOMES_BY_STATUS, challenges={})
CONTEXT = {"sub": "{alice}", "custom_scopes": "books/read"}
CALLS = [
    Call("OPTIONS /books", "none (preflight)", 204, NOT_ASKED),
    Call("GET /books", "none", 401, NOT_ASKED),
    Call("GET /books", "signature changed", 401, "invalid_signature"),
    Call("GET /books", "alice: books/read", 200, "granted", context=CONTEXT),
    Call("POST /books", "alice: books/read", 403, CACHED),
    Call("GET /books", "alice: books/read", 200, CACHED),
]
# What MiniStack makes of the error `Unauthorized` where an HTTP API asked; and without the
# preflight: it does not take over `CorsConfiguration`.
CALLS_OF_HTTP_API = [
    replace(call, status=UNAUTHORIZED) if call.reason == "invalid_signature" else call
    for call in CALLS
    if not call.request.startswith("OPTIONS")
]


@pytest.fixture(scope="session")
def attached(shop: Bookshop, built: Path, home: Path, step: Step) -> tuple[Api, Api]:
    """A REST and an HTTP API, with the authorizer attached as the guide says."""
    log = home / "attach.log"
    config = f"""
        [[issuers]]
        user_pool_id = '{shop.pool_id}'
        client_ids = ['{shop.web.id}', '{shop.machine.id}']
        jwks_uri = '{shop.keys_url}'
        [[routes]]
        route = 'GET /books'
        scopes = ['books/read']
        [[routes]]
        route = 'POST /books'
        scopes = ['books/write']
    """
    with step("deploying the authorizer, and attaching it by plain CloudFormation"):
        authorizer = sam.deploy(built, "authorizer", {"Config": f'"{config}"'}, log)
        arn = {"AuthorizerArn": authorizer["AuthorizerArn"]}
        apis = sam.deploy_template(TEMPLATE, "books-attached", arn, log)
    verdicts = VerdictLog(authorizer["LogGroup"])
    rest = f"{shop.cloud_url}/restapis/{apis['RestApiId']}/prod/_user_request_"
    http = f"{shop.cloud_url}/_aws/execute-api/{apis['HttpApiId']}/$default"
    return Api(rest, verdicts, REST), Api(http, verdicts, HTTP)


@pytest.mark.parametrize("call", CALLS)
def test_rest_api(call: Call, attached: tuple[Api, Api], wallet: Wallet) -> None:
    assert attached[0].make_alone(call, CALLS, wallet) == []


@pytest.mark.parametrize("call", CALLS_OF_HTTP_API)
def test_http_api(call: Call, attached: tuple[Api, Api], wallet: Wallet) -> None:
    assert attached[1].make_alone(call, CALLS_OF_HTTP_API, wallet) == []


def test_the_guide_shows_these_calls() -> None:
    shown = [line.split() for line in GUIDE.read_text().splitlines()]
    lines = [f"{c.request} {c.token} {c.status} {c.reason} yes" for c in CALLS]
    asked = sum(call.reason not in (CACHED, NOT_ASKED) for call in CALLS)
    lines.append(f"The authorizer was asked {asked} times for {len(CALLS)} calls.")
    assert [line for line in lines if line.split() not in shown] == []
