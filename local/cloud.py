"""The local cloud: one MiniStack on loopback, with its own state and its own port."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from .leash import end_group
from .steps import Failed, tail

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REGION = "eu-west-1"
DEFAULT_PORT = 4566
START_SECONDS = 60


class Cloud:
    """A running MiniStack. Everything it writes is below `home`."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def start(self) -> None:
        """Starts from nothing and returns when it answers.

        From now on this process and all that it starts see this cloud, never the real one.
        """
        if running := running_cloud(self.home):
            raise Failed(f"this local cloud is up already, at {running[1]}: `make clean` ends it.")
        check_port_is_free(self.port)
        shutil.rmtree(self.home, ignore_errors=True)
        scratch = self.home / "tmp"
        scratch.mkdir(parents=True)
        self.isolate()
        env = os.environ | {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "TMPDIR": str(scratch),
            # Listeners and a container engine that nobody here needs. With an engine at hand
            # MiniStack would remove containers that look like its own.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent",
        }
        log = self.home / "ministack.log"
        with log.open("wb") as output:
            ministack = subprocess.Popen(
                [BIN / "ministack"], env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._write_record(ministack.pid)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if ministack.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"MiniStack did not start; the end of {log}:\n\n{tail(log)}")
            time.sleep(0.1)

    def isolate(self) -> None:
        """Replaces the user's AWS settings, profile and credentials in the environment."""
        for name in [name for name in os.environ if name.startswith(("AWS_", "SAM_"))]:
            del os.environ[name]
        os.environ |= {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.1",
            "NO_PROXY": "127.0.0.1,localhost",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_ministack/health").is_success
        except httpx.TransportError:
            return False

    def _write_record(self, pid: int) -> None:
        """For `running_cloud`: the start time tells this process from a later one with its id."""
        record = {"pid": pid, "started": psutil.Process(pid).create_time(), "url": self.url}
        (self.home / "cloud.json").write_text(json.dumps(record))


def running_cloud(home: Path) -> tuple[psutil.Process, str] | None:
    """The process and the URL of the cloud that a former run left up in `home`."""
    with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
        record = json.loads((home / "cloud.json").read_text())
        process = psutil.Process(record["pid"])
        alive = process.status() != psutil.STATUS_ZOMBIE
        if alive and process.create_time() == record["started"]:
            return process, record["url"]
    return None


def end_cloud(home: Path) -> None:
    """Ends the cloud that a former run left up in `home`, with the Lambda functions it runs."""
    if running := running_cloud(home):
        process, _ = running
        end_group(os.getpgid(process.pid))
        psutil.wait_procs([process], timeout=10)


def port_asked_for() -> int | None:
    """The number in the variable PORT, if there is one."""
    port = os.environ.get("PORT")
    if not port:
        return None
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise Failed(f"PORT is `{port}`; write a number from 1 to 65535, as in PORT={DEFAULT_PORT}")
    return int(port)


def check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failed(
                f"port {port} of 127.0.0.1 cannot be used: {error.strerror}.\n"
                "`make stop` ends what `make local` left up; anything else is yours to end.\n"
                f"Or choose another port, such as: PORT={free_port()} make demo"
            ) from None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
