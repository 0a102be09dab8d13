"""examples/attach: what docs/attach.md shows guards the APIs of a plain CloudFormation template."""

from dataclasses import replace
from pathlib import Path

from .. import cors, sam, tokens
from ..beside import OUTCOMES_BY_STATUS, UNAUTHORIZED
from ..bookshop import Bookshop
from ..calls import CACHED, NOT_ASKED, OUTCOMES, Call, Kind, Table, over_http
from ..cloud import ROOT
from ..steps import step
from ..verdicts import VerdictLog
from . import production
from .rest_api import bearer

TEMPLATE = ROOT / "examples" / "attach" / "cloudformation.yaml"
GUIDE = ROOT / "docs" / "attach.md"
REST = Kind(
    over_http,
    OUTCOMES,
    {401: 'Bearer realm="books"', 403: 'Bearer realm="books", error="insufficient_scope"'},
    lambda call, answer: cors.fault(answer),
)
HTTP = Kind(over_http, OUTCOMES_BY_STATUS, challenges={})


def run(shop: Bookshop, home: Path) -> Table:
    """Deploys the authorizer, attaches it as the guide says, and calls both APIs."""
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
        sam.build(production.TEMPLATE, production.BUILT, log)
        authorizer = sam.deploy(production.BUILT, "authorizer", {"Config": f'"{config}"'}, log)
        attached = {"AuthorizerArn": authorizer["AuthorizerArn"]}
        apis = sam.deploy_template(TEMPLATE, "books-attached", attached, log)
    verdicts = VerdictLog(authorizer["LogGroup"])
    rest = f"{shop.cloud_url}/restapis/{apis['RestApiId']}/prod/_user_request_"
    http = f"{shop.cloud_url}/_aws/execute-api/{apis['HttpApiId']}/$default"
    table = Table(rest, verdicts, REST)
    print("\nA REST API, the authorizer attached as docs/attach.md says:")
    made = calls(shop)
    table.run(made)
    table.check("docs/attach.md shows these calls as they were", _not_shown(made, table))
    table.api_url, table.kind = http, HTTP
    print("\nAn HTTP API, the authorizer attached as docs/attach.md says:")
    table.run(of_http_api(calls(shop)))
    print()
    return table


def calls(shop: Bookshop) -> list[Call]:
    hers = shop.sign_in(shop.alice)
    name, token = "alice: books/read", bearer(hers["access_token"])
    changed = bearer(tokens.with_other_signature(hers["access_token"]))
    context = {"sub": shop.alice.sub, "custom_scopes": "books/read"}
    return [
        Call("OPTIONS /books", "none (preflight)", None, 204, NOT_ASKED),
        Call("GET /books", "none", None, 401, NOT_ASKED),
        Call("GET /books", "signature changed", changed, 401, "invalid_signature"),
        Call("GET /books", name, token, 200, "granted", context=context),
        Call("POST /books", name, token, 403, CACHED),
        Call("GET /books", name, token, 200, CACHED),
    ]


def of_http_api(made: list[Call]) -> list[Call]:
    """The same calls, with what MiniStack makes of the error `Unauthorized` where an HTTP API
    asked, and without the preflight: it does not take over `CorsConfiguration`."""
    return [
        replace(call, status=UNAUTHORIZED) if call.reason == "invalid_signature" else call
        for call in made
        if not call.request.startswith("OPTIONS")
    ]


def _not_shown(made: list[Call], table: Table) -> str:
    """The first line of the table that the guide does not have."""
    shown = [line.split() for line in GUIDE.read_text().splitlines()]
    lines = [f"{c.request} {c.token_name} {c.status} {c.reason} yes" for c in made]
    lines.append(f"The authorizer was asked {table.invocations} times for {len(made)} calls.")
    return next((line for line in lines if line.split() not in shown), "")
