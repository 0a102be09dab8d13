"""Long steps: what runs, for how long, and the end of its log when it fails."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path


class Failed(Exception):
    """A step failed in a way that its message explains in full."""


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Shows the name of a step and the seconds that it has taken so far."""
    began = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(1):
            print(f"\r{name} … {time.monotonic() - began:.0f} s", end="", flush=True)

    print(f"{name} …", end="", flush=True)
    ticker = threading.Thread(target=tick, daemon=True)
    if sys.stdout.isatty():
        ticker.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        done.set()
        if ticker.is_alive():
            ticker.join()
            print(f"\r{name} …", end="")
        print(f" {outcome} in {time.monotonic() - began:.1f} s", flush=True)


def run(command: list[str], *, cwd: Path, log: Path, env: Mapping[str, str] = {}) -> None:
    """Runs a command with its output in `log`; a failure shows the end of it.

    `env` is added to the environment.
    """
    with log.open("wb") as output:
        result = subprocess.run(
            command,
            check=False,
            cwd=cwd,
            env=os.environ | env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    if result.returncode != 0:
        raise Failed(f"`{' '.join(command)}` failed; the end of {log}:\n\n{tail(log)}")


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Waits until `condition` holds; false if it does not in that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def tail(log: Path, lines: int = 30, columns: int = 500) -> str:
    last = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(line[:columns] for line in last)
