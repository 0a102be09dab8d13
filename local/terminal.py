"""A terminal of a reader, in which one command is typed after the other."""

import contextlib
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from .steps import Failed, within

SECONDS = 1800  # for a command; the first of a tool may have to compile


class Terminal:
    """A shell, and others for what goes on beside it. `files` is where their output goes."""

    def __init__(self, folder: Path, env: Mapping[str, str], files: Path) -> None:
        self.folder, self.env, self.files = folder, env, files
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._beside: list[Background] = []
        self._tell("trap 'failed=$?' ERR")

    def type(self, command: str, answer: str = "") -> tuple[int, str, str]:
        """The status of the first line that failed, or 0; and what stood on both outputs.

        `answer` is what is typed when the command asks for something.
        """
        typed, out, err = (self.files / name for name in ("typed", "out", "err"))
        typed.write_text(answer)
        self._tell(f"failed=0\n{{\n{command}\n}} <'{typed}' >'{out}' 2>'{err}'")
        self._tell('printf "%s\\n" "$failed"')
        if not select.select([self._shell.stdout], [], [], SECONDS)[0]:
            raise Failed(f"after {SECONDS} s there is no end of\n{command}\n{err.read_text()}")
        status = self._shell.stdout.readline().decode().strip()
        shown = [each.read_text(errors="replace") for each in (out, err)]
        return int(status or 1), shown[0], shown[1]

    def start_beside(self, command: str) -> str:
        """Types it in another terminal, where it goes on; what it says if it does not listen."""
        beside = Background(command, self.folder, self.env, self.files / "beside")
        self._beside.append(beside)
        return "" if beside.listens() else f"it does not listen:\n{beside.log.read_text()}"

    def shown_beside(self) -> str:
        """What the last of these terminals shows."""
        return self._beside[-1].log.read_text(errors="replace") if self._beside else ""

    def close(self) -> None:
        for beside in self._beside:
            beside.end()
        _end(self._shell)
        self._shell.stdin.close()
        self._shell.stdout.close()

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._shell.stdin.write(f"{line}\n".encode())
            self._shell.stdin.flush()


class Background:
    """What goes on in a terminal of its own."""

    def __init__(self, command: str, folder: Path, env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                ["bash", "--noprofile", "--norc", "-c", command],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def listens(self) -> bool:
        """Whether it comes to listen at a port."""
        within(60, lambda: self._process.poll() is not None or self._listens())
        return self._listens()

    def end(self) -> None:
        _end(self._process)

    def _listens(self) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            connections = [each.net_connections() for each in _family(self._process)]
            return any(one.status == psutil.CONN_LISTEN for all in connections for one in all)
        return False


def _end(process: subprocess.Popen) -> None:
    """Ends it with all that it started, those first."""
    family = _family(process)
    for each in reversed(family):
        with contextlib.suppress(psutil.NoSuchProcess):  # the one before may have ended it
            each.terminate()
    process.wait()
    psutil.wait_procs(family, timeout=60)


def _family(process: subprocess.Popen) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(process.pid)
        return [first, *first.children(recursive=True)]
    return []
