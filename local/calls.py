"""Calls with the answer that each must get, made one after the other and shown as a table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from . import cors
from .steps import NotRun
from .verdicts import Said, VerdictLog

# What stands for the reason where the authorizer gave none.
CACHED = "(cached)"  # API Gateway used the policy that it had for this token
NOT_ASKED = "(not asked)"  # API Gateway answered by itself

HEADING = ("CALL", "TOKEN", "STATUS", "REASON", "AS EXPECTED")
OUTCOMES = {401: "unauthorized", 403: "deny", 500: "error"}


@dataclass(frozen=True)
class Call:
    """One call, its token and the answer it must get."""

    request: str  # as in "GET /books"
    token_name: str
    token: str | None
    status: int
    reason: str
    path: str | None = None  # the path to send, where `request` shows it in short
    context: dict[str, str] = field(default_factory=dict)  # what the back end must have received
    is_silent: bool = False  # whether a refusal is one by silence, not by a Deny


@dataclass(frozen=True)
class Kind:
    """How a kind of API is called, and what its refusals look like."""

    send: Callable[[str, Call], httpx.Response]
    outcomes: dict[int, str]  # the authorizer's outcome behind each status
    challenges: dict[int, str]  # WWW-Authenticate, where the API's gateway responses have it
    # What is wrong with a body, for a kind whose status does not say it all.
    fault: Callable[[Call, httpx.Response], str] = lambda call, answer: ""


class Table:
    """Makes calls and prints a line for each, with what is not as expected."""

    def __init__(self, api_url: str, log: VerdictLog, kind: Kind | None = None) -> None:
        self.api_url = api_url
        self.log = log
        self.kind = kind or REST
        self.with_policy: set[str | None] = set()
        self.context_shown = False
        self.passed = 0
        self.failed = 0
        self.not_run = 0

    def run(self, calls: list[Call]) -> None:
        rows = [HEADING, *((c.request, c.token_name, str(c.status), c.reason, "") for c in calls)]
        self.widths = [max(map(len, column)) for column in zip(*rows)]
        self.invocations = 0
        self._print(*HEADING)
        for call in calls:
            self._run(call)
        print(f"\nThe authorizer was asked {self.invocations} times for {len(calls)} calls.")
        self._check_log(calls)

    def _run(self, call: Call) -> None:
        self.log.new()
        answer = self.kind.send(self.api_url, call)
        said = self.log.new()
        reason = self._reason(call, said)
        problems = list(_problems(self.kind, call, answer, said, reason))
        if said.invocations and answer.status_code not in (401, 500):
            self.with_policy.add(call.token)
        self.invocations += said.invocations
        self._count(problems)
        shown = "; ".join(problems) or "yes"
        self._print(call.request, call.token_name, str(answer.status_code), reason, shown)
        if call.context and not answer.is_error and not self.context_shown:
            self.context_shown = True
            _print_context(answer.json()["authorizer"])

    def _reason(self, call: Call, said: Said) -> str:
        """The one verdict in the authorizer's log, or what the absence of an invocation means."""
        if said.invocations == 0:
            return CACHED if call.token in self.with_policy else NOT_ASKED
        if len(said.verdicts) != 1:
            return f"{said.invocations} invocations, {len(said.verdicts)} verdicts"
        return said.verdicts[0]["reason"]

    def _check_log(self, calls: list[Call]) -> None:
        """No part of a token that could be used or traced may stand in the log."""
        parts = {part for call in calls for part in (call.token or "").split(".") if len(part) > 20}
        leaked = any(part in line for part in parts for line in self.log.lines)
        self.check("no token is in the authorizer's log", "one is" if leaked else "")

    def add(self, other: "Table") -> None:
        """Counts what another table showed."""
        self.passed += other.passed
        self.failed += other.failed
        self.not_run += other.not_run

    def check(self, claim: str, problem: str | NotRun) -> None:
        """Counts and shows something else than a call."""
        if isinstance(problem, NotRun):
            self.not_run += 1
            print(f"NOT RUN: {claim}: {problem.why}", flush=True)
            return
        self._count([problem] if problem else [])
        print(f"{claim}: {f'NO: {problem}' if problem else 'yes'}", flush=True)

    def _count(self, problems: list[str]) -> None:
        if problems:
            self.failed += 1
        else:
            self.passed += 1

    def _print(self, *cells: str) -> None:
        padded = [cell.ljust(width) for cell, width in zip(cells, self.widths)]
        print("  ".join(padded).rstrip(), flush=True)


def over_http(api_url: str, call: Call) -> httpx.Response:
    method, path = call.request.split(" ", 1)
    headers = {"Authorization": call.token} if call.token else {}
    if method == "OPTIONS":
        headers |= cors.asked_before("GET")
    return httpx.request(method, f"{api_url}{call.path or path}", headers=headers, timeout=30)


def unlike_its_deny(call: Call, answer: httpx.Response) -> str:
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
    lambda call, answer: unlike_its_deny(call, answer) or cors.fault(answer),
)


def _problems(
    kind: Kind, call: Call, answer: httpx.Response, said: Said, reason: str
) -> Iterator[str]:
    if answer.status_code != call.status:
        yield f"NO: want {call.status}, got {answer.text[:200]}"
    if reason != call.reason:
        yield f"NO: want {call.reason}"
    if fault := kind.fault(call, answer):
        yield f"NO: {fault}"
    for verdict in said.verdicts:
        if verdict["outcome"] != kind.outcomes.get(answer.status_code, "allow"):
            yield f"NO: the log says {verdict['outcome']}"
    challenge = answer.headers.get("www-authenticate", "no challenge")
    if challenge != kind.challenges.get(call.status, challenge):
        yield f"NO: {challenge}"
    if call.context and not answer.is_error:
        received = answer.json()["authorizer"]
        for name, value in call.context.items():
            if received.get(name) != value:
                yield f"NO: context {name} is {received.get(name)}, want {value}"


def _print_context(context: dict[str, str]) -> None:
    print("  the back end received:")
    for name, value in sorted(context.items()):
        print(f"    {name} = {value}")
