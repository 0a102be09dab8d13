"""Long steps: what runs, for how long, and the end of its log when it fails."""

import contextlib
import os
import shutil
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
    """Shows the name of a step, the seconds that it has taken so far and what its tool says."""
    began = time.monotonic()
    done = threading.Event()
    shown = _OneLine(name) if sys.stdout.isatty() else _Lines(name)

    def tick() -> None:
        while not done.wait(shown.every):
            shown.so_far(f"{time.monotonic() - began:.0f} s", _last_line(_log))

    print(f"{name} …", end="", flush=True)
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        done.set()
        ticker.join()
        print(f"{shown.start_of_last_line()} {outcome} in {time.monotonic() - began:.1f} s", flush=True)


class _OneLine:
    """On a terminal: one line that changes."""

    every = 1

    def __init__(self, name: str) -> None:
        self.name = name

    def so_far(self, seconds: str, said: str) -> None:
        columns = shutil.get_terminal_size().columns
        print(f"\r\x1b[K{f'{self.name} … {seconds}  {said}'[: columns - 1]}", end="", flush=True)

    def start_of_last_line(self) -> str:
        return f"\r\x1b[K{self.name} …"


class _Lines:
    """Elsewhere: a line now and then, so that nobody takes silence for an end."""

    every = 10

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_first = True

    def so_far(self, seconds: str, said: str) -> None:
        print("\n" if self.is_first else "", f"  {seconds}  {said}".rstrip(), sep="", flush=True)
        self.is_first = False

    def start_of_last_line(self) -> str:
        return "" if self.is_first else f"{self.name} …"


# Where the command that runs now writes; a step has one at a time.
_log: Path | None = None


def run(command: list[str], *, cwd: Path, log: Path, env: Mapping[str, str] = {}) -> None:
    """Runs a command with its output in `log`; a failure shows the end of it.

    `env` is added to the environment.
    """
    global _log
    with log.open("wb") as output:
        _log = log
        try:
            result = subprocess.run(
                command,
                check=False,
                cwd=cwd,
                env=os.environ | env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        finally:
            _log = None
    if result.returncode != 0:
        raise Failed(f"`{' '.join(command)}` failed; the end of {log}:\n\n{tail(log)}")


def _last_line(log: Path | None) -> str:
    """The last line of a log that says something, without control characters."""
    with contextlib.suppress(OSError):
        for line in reversed(tail(log).splitlines() if log else []):
            if said := "".join(c for c in line if c.isprintable()).strip():
                return said
    return ""


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
