"""Load without a pause, phase by phase, with a change in the middle of each."""

import itertools
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from .issuer import Issuer
from .steps import Failed
from .verdicts import VerdictLog

WORKERS = 4  # calls at a time, and so execution environments
CALLS = 60  # of a phase, at least
SECONDS = 30  # that a phase may take
COLUMNS = "{:<26}  {:>5}  {:>5}  {:>6}  {:>6}  {:>6}  {:>5}  {:>7}  {:>7}  {:>5}"
HEADING = COLUMNS.format(
    "PHASE", "GOOD", "200", "SHARE", "WAITED", "FORGED", "401", "FETCHES", "AT MOST", "S"
)

# Signs one token and names its `kid`.
Signer = Callable[[], tuple[str, str]]


@dataclass(frozen=True)
class Sent:
    """One call and its answer; status 0 is a connection that broke."""

    kid: str
    good: bool
    at: float
    status: int


@dataclass(frozen=True)
class Phase:
    """What came of a phase."""

    name: str
    sent: list[Sent]
    verdicts: list[dict]
    fetches: int
    at_most: int
    seconds: float

    @property
    def lost(self) -> list[Sent]:
        return [call for call in self.sent if call.good and call.status != 200]

    @property
    def reasons(self) -> set[str]:
        return {verdict["reason"] for verdict in self.verdicts}

    def line(self) -> str:
        good = sum(call.good for call in self.sent)
        granted = good - len(self.lost)
        share = f"{granted / good:.1%}" if good else ""
        waited = sum(verdict.get("key_source") == "fetched" for verdict in self.verdicts)
        forged = [call.status for call in self.sent if not call.good]
        refused = forged.count(401)
        counts = (good, granted, share, waited, len(forged), refused, self.fetches, self.at_most)
        return COLUMNS.format(self.name, *counts, f"{self.seconds:.1f}")


class Load:
    """Calls to one URL, each with a fresh token: of the good signers and of forgers in turn."""

    def __init__(self, url: str, issuer: Issuer, log: VerdictLog, cooldown: float) -> None:
        self.url = url
        self.issuer = issuer
        self.log = log
        self.cooldown = cooldown
        self.good: list[Signer] = []
        self.forged: list[Signer] = []
        log.new()

    def sign_by(self, *good: Signer) -> None:
        """Whose tokens are good from now on."""
        self.good = list(good)

    def phase(
        self,
        name: str,
        change: Callable[[], None] = lambda: None,
        until: Callable[[], bool] = lambda: True,
        calls: int = CALLS,
        fetches_of_each: int | None = None,
    ) -> Phase:
        """Calls without a pause; half-way comes the change, and the end not before `until`.

        Without `fetches_of_each` an execution environment may fetch once per cool-down.
        """
        sent: list[Sent] = []
        done = threading.Event()
        fetches, began = len(self.issuer.fetches), time.monotonic()
        with ThreadPoolExecutor(WORKERS) as pool:
            workers = [pool.submit(self._call, sent, done) for _ in range(WORKERS)]
            try:
                self._wait(name, began, lambda: len(sent) >= calls // 2)
                change()
                self._wait(name, began, lambda: len(sent) >= calls and until())
            finally:
                done.set()
        for worker in workers:
            worker.result()
        seconds = time.monotonic() - began
        if fetches_of_each is None:
            fetches_of_each = math.floor(seconds / self.cooldown) + 1
        fetches = len(self.issuer.fetches) - fetches
        verdicts = self.log.new().verdicts
        phase = Phase(name, sent, verdicts, fetches, fetches_of_each * WORKERS, seconds)
        print(phase.line(), flush=True)
        return phase

    def _call(self, sent: list[Sent], done: threading.Event) -> None:
        with httpx.Client(timeout=SECONDS) as http:
            for number in itertools.count():
                if done.is_set():
                    return
                good, forged = self.good, self.forged
                signers = [*good, *forged]
                turn = number % len(signers)
                kid, token = signers[turn]()
                at, headers = time.time(), {"Authorization": f"Bearer {token}"}
                try:
                    status = http.get(self.url, headers=headers).status_code
                except httpx.TransportError:
                    status = 0
                sent.append(Sent(kid, turn < len(good), at, status))

    def _wait(self, name: str, began: float, condition: Callable[[], bool]) -> None:
        while not condition():
            if time.monotonic() - began > SECONDS:
                raise Failed(f"the phase `{name}` did not end within {SECONDS} s")
            time.sleep(0.01)
