"""A long step says for how long it has run and what its tool does, on a terminal and elsewhere."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ..cloud import ROOT

SECONDS = 60
# A step whose tool says something and then goes on until that was shown twice, or for some 10 s.
STEP = """
import pathlib, sys, threading
from local import steps

class Shown(steps._OneLine if sys.stdout.isatty() else steps._Lines):
    every = 0.01
    times = 0
    def so_far(self, seconds, said):
        super().so_far(seconds, said)
        Shown.times += said == "Compiling books v1.0.0"
        if Shown.times == 2:
            pathlib.Path(sys.argv[1], "enough").touch()

steps._OneLine = steps._Lines = Shown
tool = 'printf "   Compiling books v1.0.0\\\\n\\\\n"; i=0; until [ -e enough ] || [ $i = 1000 ]; do i=$((i + 1)); sleep 0.01; done'
with steps.step("building"):
    steps.run(["sh", "-c", tool], cwd=pathlib.Path(sys.argv[1]), log=pathlib.Path(sys.argv[1], "log"))
"""
ON_A_TERMINAL = r"building …(\r\x1b\[Kbuilding … \d+ s  (Compiling books v1.0.0)?)+\r\x1b\[Kbuilding … done in [0-9.]+ s"
IN_LINES = r"building …\n(  \d+ s(  Compiling books v1.0.0)?\n)+building … done in [0-9.]+ s"


def checks(home: Path) -> Iterator[tuple[str, str]]:
    """Each check's name with what is wrong, empty if nothing is."""
    yield "a long step changes one line on a terminal", _unlike(ON_A_TERMINAL, _on_a_terminal(home))
    yield "a long step prints plain lines elsewhere", _unlike(IN_LINES, _in_lines(home))


def _unlike(pattern: str, shown: str) -> str:
    whole = re.fullmatch(pattern, shown.strip())
    return "" if whole and "Compiling" in shown else repr(shown)


def _in_lines(home: Path) -> str:
    return subprocess.run(_command(home), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS).stdout


def _on_a_terminal(home: Path) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(_command(home), cwd=ROOT, stdout=theirs) as shown:
        os.close(theirs)
        output = b""
        try:
            while part := os.read(ours, 4096):
                output += part
        except OSError:  # what Linux says at the end of a terminal
            pass
        shown.wait(SECONDS)
    os.close(ours)
    return output.decode()


def _command(home: Path) -> list[str]:
    (home / "enough").unlink(missing_ok=True)
    return [sys.executable, "-c", STEP, str(home)]
