"""What a run leaves behind when it cannot go on: nothing, and a word on what to do."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import psutil

from ..cloud import ROOT, free_port
from ..steps import within

SECONDS = 60


def checks() -> Iterator[tuple[str, str]]:
    """Each check's name with what is wrong, empty if nothing is."""
    yield "a taken port is reported", _taken_port()
    yield "SIGTERM leaves no process behind", _interrupted_by(signal.SIGTERM)
    yield "SIGKILL leaves no process behind", _interrupted_by(signal.SIGKILL)


def _taken_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = _demo(port)
        output, _ = demo.communicate(timeout=SECONDS)
    if demo.returncode == 0 or f"port {port} of 127.0.0.1 cannot be used" not in output:
        return f"status {demo.returncode}: {output}"
    return ""


def _interrupted_by(number: signal.Signals) -> str:
    """Interrupts a run as soon as its cloud is up, while it builds or deploys."""
    port = free_port()
    demo = _demo(port)
    if not within(SECONDS, lambda: _is_up(port)):
        demo.kill()
        return "the local cloud did not start"
    started = psutil.Process(demo.pid).children(recursive=True)
    demo.send_signal(number)
    demo.wait(SECONDS)
    _, left = psutil.wait_procs(started, timeout=10)
    alive = [process for process in left if process.status() != psutil.STATUS_ZOMBIE]
    return ", ".join(" ".join(process.cmdline()) for process in alive)


def _demo(port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "local", "demo"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_ministack/health").is_success
    except httpx.TransportError:
        return False
