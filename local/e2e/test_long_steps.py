"""A long step says for how long it has run and what its tool does, on a terminal and elsewhere."""

import os
import pty
import re
import subprocess
import sys
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


def test_it_changes_one_line_on_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(_command(tmp_path), cwd=ROOT, stdout=theirs) as shown:
        os.close(theirs)
        output = b""
        try:
            while part := os.read(ours, 4096):
                output += part
        except OSError:  # what Linux says at the end of a terminal
            pass
        shown.wait(SECONDS)
    os.close(ours)
    _is_shown(output.decode(), ON_A_TERMINAL)


def test_it_prints_plain_lines_elsewhere(tmp_path: Path) -> None:
    shown = subprocess.run(_command(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    _is_shown(shown.stdout, IN_LINES)


def _command(folder: Path) -> list[str]:
    return [sys.executable, "-c", STEP, str(folder)]


def _is_shown(shown: str, pattern: str) -> None:
    assert re.fullmatch(pattern, shown.strip())
    assert "Compiling" in shown
