"""What a run leaves behind when it cannot go on: nothing, and a word on what to do."""

import os
import signal
import subprocess
import sys

import httpx
import psutil
import pytest

from ..cloud import ROOT, Cloud, free_port
from ..steps import within

SECONDS = 60


def test_a_taken_port_is_reported(cloud: Cloud) -> None:
    demo = _demo(cloud.port)
    output, _ = demo.communicate(timeout=SECONDS)
    assert demo.returncode != 0
    assert f"port {cloud.port} of 127.0.0.1 cannot be used" in output


def test_a_reader_who_leaves_ends_nothing(cloud: Cloud) -> None:
    """As in `make demo | head`: it goes on until it finds that the port is taken."""
    reading, writing = os.pipe()
    os.close(reading)
    demo = _demo(cloud.port, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    _, told = demo.communicate(timeout=SECONDS)
    assert told.startswith(f"\nport {cloud.port} of 127.0.0.1 cannot be used")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process_behind(number: signal.Signals, cloud: Cloud) -> None:
    """It is interrupted as soon as its cloud is up, while it builds or deploys."""
    port = free_port()
    demo = _demo(port)
    try:
        assert within(SECONDS, lambda: _is_up(port)), "the local cloud did not start"
        started = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(number)
        demo.wait(SECONDS)
    finally:
        demo.kill()
    _, left = psutil.wait_procs(started, timeout=10)
    alive = [process for process in left if process.status() != psutil.STATUS_ZOMBIE]
    assert [" ".join(process.cmdline()) for process in alive] == []


def _demo(
    port: int, stdout: int = subprocess.PIPE, stderr: int = subprocess.STDOUT
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "local", "demo"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(port)},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
    )


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_ministack/health").is_success
    except httpx.TransportError:
        return False
