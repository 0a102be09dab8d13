"""Calls with the answer that each must get, and their table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import httpx

from . import cors
from .verdicts import Said, VerdictLog
from .wallet import Wallet

# What stands for the reason where the authorizer gave none.
CACHED = "(cached)"  # API Gateway used the policy that it had for this token
NOT_ASKED = "(not asked)"  # API Gateway answered by itself

HEADING = ("CALL", "TOKEN", "STATUS", "REASON", "AS EXPECTED")
OUTCOMES = {401: "unauthorized", 403: "deny", 500: "error"}


@dataclass(frozen=True)
class Call:
    """One call, the name of its token and the answer it must get."""

    request: str  # as in "GET /books"
    token: str
    status: int
    reason: str
    path: str | None = None  # the path to send, where `request` shows it in short
    context: dict[str, str] = field(default_factory=dict)  # what the back end must have received
    is_silent: bool = False  # whether a refusal is one by silence, not by a Deny

    def __str__(self) -> str:
        return f"{self.request}, {self.token}, {self.status} {self.reason}"


@dataclass(frozen=True)
class Kind:
    """How a kind of API is called, and what its refusals look like."""

    send: Callable[[str, Call, str | None], httpx.Response]
    outcomes: dict[int, str]  # the authorizer's outcome behind each status
    challenges: dict[int, str]  # WWW-Authenticate, where the API's gateway responses have it
    # What is wrong with a body, for a kind whose status does not say it all.
    fault: Callable[[Call, httpx.Response, Wallet], str] = lambda call, answer, wallet: ""


@dataclass(frozen=True)
class Made:
    """What came of a call."""

    answer: httpx.Response
    reason: str
    invocations: int
    problems: list[str]


class Api:
    """An API: where it is called, and where its authorizer logs."""

    def __init__(self, url: str, log: VerdictLog, kind: Kind) -> None:
        self.url = url
        self.log = log
        self.kind = kind
        self._with_policy: set[str | None] = set()

    def make(self, call: Call, wallet: Wallet) -> Made:
        token = wallet[call.token]
        path = wallet.fill(call.path or call.request.partition(" ")[2])
        self.log.new()
        answer = self.kind.send(self.url, replace(call, path=path), token)
        said = self.log.new()
        reason = self._reason(token, said)
        problems = list(_problems(self.kind, call, answer, said, reason, wallet))
        if said.invocations and answer.status_code not in (401, 500):
            self._with_policy.add(token)
        return Made(answer, reason, said.invocations, problems)

    def make_alone(self, call: Call, calls: Sequence[Call], wallet: Wallet) -> list[str]:
        """Makes a call of a table without the others, but for the first one with its token: that
        asks the authorizer, so that later ones may find a cached answer. Returns the problems."""
        first = next(each for each in calls if each.token == call.token)
        if first != call:
            self.make(first, wallet)
        return self.make(call, wallet).problems

    def _reason(self, token: str | None, said: Said) -> str:
        """The one verdict in the authorizer's log, or what the absence of an invocation means."""
        if said.invocations == 0:
            return CACHED if token in self._with_policy else NOT_ASKED
        if len(said.verdicts) != 1:
            return f"{said.invocations} invocations, {len(said.verdicts)} verdicts"
        return said.verdicts[0]["reason"]


class Table:
    """Makes calls in their order and prints a line for each, with what is not as expected."""

    def __init__(self, api: Api, wallet: Wallet) -> None:
        self.api = api
        self.wallet = wallet
        self.passed = 0
        self.failed = 0

    def run(self, calls: Sequence[Call]) -> None:
        rows = [HEADING, *((c.request, c.token, str(c.status), c.reason, "") for c in calls)]
        widths = [max(map(len, column)) for column in zip(*rows)]
        asked, context_shown = 0, False
        _print(widths, *HEADING)
        for call in calls:
            made = self.api.make(call, self.wallet)
            asked += made.invocations
            self.failed += bool(made.problems)
            self.passed += not made.problems
            shown = "; ".join(f"NO: {problem}" for problem in made.problems) or "yes"
            status = str(made.answer.status_code)
            _print(widths, call.request, call.token, status, made.reason, shown)
            if call.context and not made.answer.is_error and not context_shown:
                context_shown = True
                _print_context(made.answer.json()["authorizer"])
        print(f"\nThe authorizer was asked {asked} times for {len(calls)} calls.")


def over_http(api_url: str, call: Call, token: str | None) -> httpx.Response:
    method = call.request.partition(" ")[0]
    headers = {"Authorization": token if " " in token else f"Bearer {token}"} if token else {}
    if method == "OPTIONS":
        headers |= cors.asked_before("GET")
    return httpx.request(method, f"{api_url}{call.path}", headers=headers, timeout=30)


def unlike_its_deny(call: Call, answer: httpx.Response, _: Wallet) -> str:
    """A resource policy that allows would win over silence, so only what cannot be denied is not."""
    if answer.status_code != 403 or ("explicit deny" in answer.text) != call.is_silent:
        return ""
    return f"want {'silence' if call.is_silent else 'an explicit deny'}, got {answer.text[:200]}"


REST = Kind(
    over_http,
    OUTCOMES,
    {
        401: 'Bearer realm="bookshop"',
        403: 'Bearer realm="bookshop", error="insufficient_scope"',
    },
    lambda call, answer, wallet: unlike_its_deny(call, answer, wallet) or cors.fault(answer),
)


def _problems(
    kind: Kind, call: Call, answer: httpx.Response, said: Said, reason: str, wallet: Wallet
) -> Iterator[str]:
    if answer.status_code != call.status:
        yield f"want {call.status}, got {answer.status_code} {answer.text[:200]}"
    if reason != call.reason:
        yield f"want {call.reason}, got {reason}"
    if fault := kind.fault(call, answer, wallet):
        yield fault
    for verdict in said.verdicts:
        if verdict["outcome"] != kind.outcomes.get(answer.status_code, "allow"):
            yield f"the log says {verdict['outcome']}"
    challenge = answer.headers.get("www-authenticate", "no challenge")
    if challenge != kind.challenges.get(call.status, challenge):
        yield challenge
    if call.context and not answer.is_error:
        received = answer.json()["authorizer"]
        for name, value in call.context.items():
            if received.get(name) != wallet.fill(value):
                yield f"context {name} is {received.get(name)}, want {wallet.fill(value)}"
    # No part of a token that could be used or traced may stand in the log.
    parts = [part for part in (wallet[call.token] or "").split(".") if len(part) > 20]
    if any(part in line for part in parts for line in said.lines):
        yield "the token is in the authorizer's log"


def _print(widths: list[int], *cells: str) -> None:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths)]
    print("  ".join(padded).rstrip(), flush=True)


def _print_context(context: dict[str, str]) -> None:
    print("  the back end received:")
    for name, value in sorted(context.items()):
        print(f"    {name} = {value}")
