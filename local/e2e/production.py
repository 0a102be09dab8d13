"""template.yaml, the authorizer alone, in both forms of its configuration."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3

from .. import sam
from ..bookshop import Bookshop
from ..cloud import ROOT
from ..steps import Failed, step

TEMPLATE = ROOT / "template.yaml"
BUILT = ROOT / ".local" / "build" / "production"
API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5"


def checks(shop: Bookshop, home: Path) -> Iterator[tuple[str, str]]:
    """Each check's name with what is wrong, empty if nothing is."""
    short = {"UserPoolId": shop.pool_id, "ClientIds": shop.web.id, "RequiredScopes": "books/read"}
    toml = f"""
        [[issuers]]
        user_pool_id = '{shop.pool_id}'
        client_ids = ['{shop.web.id}']
        jwks_uri = '{shop.keys_url}'
    """
    full = {"Config": f'"{toml}"', "ApiArn": API}
    token = shop.sign_in(shop.alice)["access_token"]
    log = home / "production.log"
    with step("building and deploying the production template in both forms"):
        sam.build(TEMPLATE, BUILT, log)
        shortly = sam.deploy(BUILT, "short", short, log)["AuthorizerArn"]
        fully = sam.deploy(BUILT, "full", full, log)["AuthorizerArn"]
    yield "the short form refuses garbage", _differs("Unauthorized", answer(shortly, "garbage"))
    yield "the full form lets a real token in", _differs("Allow", answer(fully, token))
    with step("deploying one form of the configuration over the other"):
        refusals = [
            # A stack keeps the earlier value of a parameter that is not given.
            ("the full form after the short one", "short", full, "Both forms"),
            ("neither form", "neither", {}, "No configuration"),
            ("a pool without clients", "pool", {"UserPoolId": shop.pool_id}, "without ClientIds"),
        ]
        refused = [(claim, word, _refusal(*deployed, log)) for claim, *deployed, word in refusals]
        emptied = dict.fromkeys(short, '""')
        now_fully = sam.deploy(BUILT, "short", full | emptied, log)["AuthorizerArn"]
    for claim, word, refusal in refused:
        yield f"{claim} is refused with what to write", "" if word in refusal else refusal
    claim = "the full form takes the place of the short one, which is emptied"
    yield claim, _differs("Allow", answer(now_fully, token))


def answer(function: str, token: str) -> str:
    """The effect of the policy, or the message of the error."""
    event = {
        "type": "TOKEN",
        "authorizationToken": f"Bearer {token}",
        "methodArn": f"{API}/prod/GET/books",
    }
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    reply = json.load(answer["Payload"])
    if "policyDocument" not in reply:
        return reply["errorMessage"]
    return reply["policyDocument"]["Statement"][0]["Effect"]


def _refusal(stack: str, parameters: dict[str, str], log: Path) -> str:
    try:
        sam.deploy(BUILT, stack, parameters, log)
    except Failed as failure:
        return str(failure)
    return "deployed"


def _differs(want: object, got: object) -> str:
    return "" if got == want else f"want {want}, got {got}"
