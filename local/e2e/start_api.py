"""APIs of every kind that `sam local start-api` knows, with the tokens of the sample events.

It is no API Gateway, and the rows say so: it makes 502 of the error `Unauthorized`, for which AWS
answers 401, ignores Deny statements (what is not allowed is refused) and caches nothing.
"""

import contextlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from ..cloud import ROOT, free_port
from ..sam import ARCHITECTURE
from ..steps import tail, within

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


def problems(log: Path) -> str:
    """What is not as expected, of each call of each kind."""
    port = free_port()
    with _started(port, log) as api:
        if not within(60, lambda: _listens(port) or api.poll() is not None):
            return f"it does not listen; the end of {log}:\n{tail(log)}"
        if api.poll() is not None:
            return f"it has ended; the end of {log}:\n{tail(log)}"
        made = [_problem(port, kind, call) for kind in KINDS for call in CALLS]
        within(5, lambda: _unexpected(log) == [])
        return "\n".join(filter(None, made + _unexpected(log)))


def _unexpected(log: Path) -> list[str]:
    """SAM sometimes loses a line of a container's log: any that is there must be expected, and each
    reason must be there for some kind."""
    expected = Counter((kind, call.reason) for kind in KINDS for call in CALLS if call.reason)
    said = _verdicts(log)
    lost = {reason for _, reason in expected} - {reason for _, reason in said}
    return [
        *(f"{kind}: {reason}: logged, but not expected" for kind, reason in said - expected),
        *(f"{reason}: expected, but not logged" for reason in lost),
    ]


def _problem(port: int, kind: str, call: Call) -> str:
    method, path = call.request.split()
    answer = httpx.request(
        method,
        f"http://127.0.0.1:{port}/{kind}{path}",
        headers={"Authorization": call.token()} if call.event else {},
        timeout=60,
    )
    # The back end answers whom the authorizer has told it about.
    if answer.status_code == call.status and (call.status != 200 or answer.text == SUB):
        return ""
    return f"{kind}: {call.request} with {call.event}: {answer.status_code} {answer.text[:200]}"


def _verdicts(log: Path) -> Counter[tuple[str, str]]:
    found = VERDICT.findall(log.read_text(errors="replace"))
    return Counter((kind, reason) for reason, kind in found)


@contextlib.contextmanager
def _started(port: int, log: Path) -> Iterator[subprocess.Popen]:
    command = ["sam", "local", "start-api", "--template", str(TEMPLATE), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--skip-pull-image", "--warm-containers", "EAGER"]
    command += ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    with log.open("wb") as output:
        api = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield api
    finally:
        # It removes its containers.
        api.terminate()
        api.wait()


def _listens(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
    except httpx.TransportError:
        return False
    return True
