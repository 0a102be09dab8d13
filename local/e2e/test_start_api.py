"""APIs of every kind that `sam local start-api` knows, with the tokens of the sample events.

It is no API Gateway, and the rows say so: it makes 502 of the error `Unauthorized`, for which AWS
answers 401, ignores Deny statements (what is not allowed is refused) and caches nothing.
"""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ..cloud import ROOT, free_port
from ..sam import ARCHITECTURE
from ..steps import tail, within
from .conftest import Step

TEMPLATE = ROOT / "local" / "e2e" / "apis.yaml"
KINDS = ("rest_token", "rest_request", "http_1", "http_2")
SUB = "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88"

VERDICT = re.compile(r'"message":"verdict",.*?"reason":"(\w+)","kind":"(\w+)"')

# What `sam local` makes of the error `Unauthorized`, for which AWS answers 401.
UNAUTHORIZED = 502


@dataclass(frozen=True)
class Call:
    """A call of an API, and what must come of it."""

    request: str
    event: str | None  # the sample event whose token is sent
    status: int
    reason: str | None  # the authorizer's, if it is asked

    def __str__(self) -> str:
        return f"{self.request}, {self.event}, {self.status}"

    def token(self) -> str:
        sample = json.loads((ROOT / "events" / f"{self.event}.json").read_text())
        return sample["authorizationToken"]


GET = "GET /books"
CALLS = (
    Call(GET, None, 401, None),
    Call(GET, "rest-token-allowed", 200, "granted"),
    Call("POST /books", "rest-token-allowed", 403, "insufficient_scope"),
    Call(f"GET /users/{SUB}/loans", "rest-token-allowed", 200, "granted"),
    Call("GET /users/somebody/loans", "rest-token-allowed", 403, "not_bound"),
    Call(GET, "rest-token-expired", UNAUTHORIZED, "token_expired"),
    Call(GET, "rest-token-id-token", UNAUTHORIZED, "wrong_token_use"),
    Call(GET, "rest-token-wrong-client", UNAUTHORIZED, "wrong_client"),
    Call(GET, "rest-token-unknown-issuer", UNAUTHORIZED, "unknown_issuer"),
    Call(GET, "rest-token-invalid-signature", UNAUTHORIZED, "invalid_signature"),
)


class StartApi:
    """A running `sam local start-api`, and the verdicts that must be in its log."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.port = free_port()
        self.expected = Counter[tuple[str, str]]()

    def call(self, kind: str, call: Call) -> tuple[int, str]:
        if call.reason:
            self.expected[kind, call.reason] += 1
        method, path = call.request.split()
        answer = httpx.request(
            method,
            f"http://127.0.0.1:{self.port}/{kind}{path}",
            headers={"Authorization": call.token()} if call.event else {},
            timeout=60,
        )
        return answer.status_code, answer.text

    def unexpected(self) -> Counter[tuple[str, str]]:
        return self.said() - self.expected

    def said(self) -> Counter[tuple[str, str]]:
        found = VERDICT.findall(self.log.read_text(errors="replace"))
        return Counter((kind, reason) for reason, kind in found)


@pytest.fixture(scope="session")
def api(events_built: Path, home: Path, step: Step) -> Iterator[StartApi]:
    api = StartApi(home / "start-api.log")
    command = ["sam", "local", "start-api", "--template", str(TEMPLATE), "--host", "127.0.0.1"]
    command += ["--port", str(api.port), "--skip-pull-image", "--warm-containers", "EAGER"]
    command += ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    with api.log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        with step("starting `sam local start-api`"):
            within(60, lambda: _listens(api.port) or process.poll() is not None)
            assert process.poll() is None and _listens(api.port), tail(api.log)
        yield api
    finally:
        # It removes its containers.
        process.terminate()
        process.wait()


@pytest.mark.parametrize("call", CALLS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_call(kind: str, call: Call, api: StartApi) -> None:
    status, body = api.call(kind, call)
    assert status == call.status, body
    # The back end answers whom the authorizer has told it about.
    assert status != 200 or body == SUB


def test_the_log_says_why(api: StartApi) -> None:
    """SAM sometimes loses a line of a container's log: any that is there must be expected, and each
    reason must be there for some kind."""
    for kind in KINDS:
        for call in CALLS:
            api.call(kind, call)
    reasons = {call.reason for call in CALLS} - {None}
    within(5, lambda: {reason for _, reason in api.said()} == reasons)
    assert api.unexpected() == Counter()
    assert {reason for _, reason in api.said()} == reasons


def _listens(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
    except httpx.TransportError:
        return False
    return True
