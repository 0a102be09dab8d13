"""The sample events, sent by each tool that events/README.md names and answered as it says."""

import contextlib
import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import psutil
import pytest

from .. import sam
from ..cloud import ROOT, free_port
from ..steps import tail, within
from .conftest import Step

EVENTS = ROOT / "events"
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| (?P<outcome>\w+) \| (?P<reason>\w+) \|", re.MULTILINE)

# A command that a document shows, its event, and the first line of its output.
SHOWN = re.compile(r"^\$ ((?:cargo|sam) .* events/(\S+\.json))\n(.+)$", re.MULTILINE)
PAGES = (ROOT / "README.md", EVENTS / "README.md")

# Where cargo-lambda listens unless told otherwise.
PORT = 9000

# For one invocation; the first of `cargo lambda watch` waits until it has compiled.
SECONDS = 900


@dataclass(frozen=True)
class Sample:
    """A row of the table of events/README.md."""

    file: str
    outcome: str
    reason: str

    def takes(self, reply: dict) -> bool:
        event = json.loads((EVENTS / self.file).read_text())
        return self.outcome in _outcomes(event, reply)


SAMPLES = [Sample(**row.groupdict()) for row in ROW.finditer((EVENTS / "README.md").read_text())]


class Watch:
    """A running `cargo lambda watch` and its log."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.port = free_port()
        # A port is asked for on ::1 unless an address is named too.
        self.address = ["--invoke-address", "127.0.0.1", "--invoke-port", str(self.port)]

    def reasons(self) -> list[str]:
        lines = self.log.read_text().splitlines()
        records = (json.loads(line) for line in lines if line.startswith("{"))
        return [record["reason"] for record in records if "reason" in record]

    def invoke(self, file: str) -> dict:
        invoke = ["cargo-lambda", "lambda", "invoke", "cognito-authorizer", *self.address]
        done = _run([*invoke, "--data-file", f"events/{file}"])
        if done.returncode == 0:
            return json.loads(done.stdout)
        return {"errorMessage": done.stderr.partition("\n")[0].removeprefix("Error: ")}


@contextlib.contextmanager
def started(command: str, log: Path, port: int) -> Iterator[None]:
    """Runs `cargo lambda watch` as a shell command, until the end of the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        assert within(60, lambda: _listens(port)), tail(log)
        yield
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        for each in [*family, process]:
            with contextlib.suppress(psutil.NoSuchProcess):  # the one before may have ended it
                each.terminate()
        process.wait()
        psutil.wait_procs(family, timeout=60)


@pytest.fixture(scope="session")
def watch(home: Path, step: Step) -> Iterator[Watch]:
    watch = Watch(home / "watch.log")
    command = ["cargo", "lambda", "watch", "--ignore-changes", *watch.address]
    command = f"AUTHORIZER_CONFIG_FILE=events/authorizer.toml {' '.join(command)}"
    with started(command, watch.log, watch.port):
        with step("`cargo lambda watch` compiles"):
            watch.invoke(SAMPLES[0].file)
        yield watch


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file)
def test_cargo_lambda_invoke(sample: Sample, watch: Watch) -> None:
    before = len(watch.reasons())
    reply = watch.invoke(sample.file)
    assert sample.takes(reply), reply
    assert watch.reasons()[before:] == [sample.reason]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_cargo_lambda_as_typed(page: Path, watch: Watch, home: Path) -> None:
    """The commands of a page as they stand, which must meet at cargo-lambda's own address. `watch`
    has compiled what they need."""
    if _listens(PORT):
        pytest.skip(f"port {PORT}, which cargo-lambda takes unless told otherwise, is taken")
    (typed,) = re.findall(r"^AUTHORIZER.* cargo lambda watch.*$", page.read_text(), re.MULTILINE)
    with started(typed, home / "typed.log", PORT):
        for command, _, shown in shown_by("cargo", page):
            done = _run(["sh", "-c", command])
            printed = done.stdout or done.stderr
            assert is_as_shown(printed, shown), printed


@pytest.fixture(scope="session")
def printed(events_built: Path) -> dict[str, str]:
    """What `sam local invoke` prints of each sample event."""
    invoke = ["sam", "local", "invoke", "Authorizer", "--template", events_built / "template.yaml"]
    invoke += ["--parameter-overrides", f"Architecture={sam.ARCHITECTURE}"]
    invoke += ["--skip-pull-image", "--event"]

    def output(sample: Sample) -> str:
        done = _run([*invoke, f"events/{sample.file}"])
        assert done.returncode == 0, done.stderr
        return done.stdout

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip((sample.file for sample in SAMPLES), pool.map(output, SAMPLES)))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file)
def test_sam_local_invoke(sample: Sample, printed: dict[str, str]) -> None:
    """SAM may end before it has copied the container's log: the reply alone is compared."""
    reply = json.loads(printed[sample.file])
    assert sample.takes(reply), reply


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_page_shows_what_sam_prints(page: Path, printed: dict[str, str]) -> None:
    for _, file, shown in shown_by("sam", page):
        assert is_as_shown(printed[file], shown), printed[file]


def shown_by(tool: str, page: Path) -> list[tuple[str, str, str]]:
    """The commands of a page that send a sample event: each with the event and what it prints."""
    found = [found for found in SHOWN.findall(page.read_text()) if found[0].startswith(f"{tool} ")]
    assert found, f"{page} shows no command of {tool}"
    return found


def is_as_shown(printed: str, shown: str) -> bool:
    """Compares the first line; `…` stands for anything."""
    pattern = re.escape(shown).replace("…", ".*")
    return bool(re.fullmatch(pattern, printed.strip().partition("\n")[0]))


def _outcomes(event: dict, reply: dict) -> set[str]:
    """What a reply may mean: AppSync has one word for both kinds of refusal."""
    match reply:
        case {"errorMessage": "Unauthorized"}:
            return {"unauthorized"}
        case {"errorMessage": _}:
            return {"error"}
        case {"isAuthorized": True}:
            return {"allow"}
        case {"isAuthorized": False}:
            return {"deny", "unauthorized"}
    # As IAM evaluates it: `*` crosses `/`, an explicit Deny wins, silence refuses.
    arn = event.get("methodArn") or event["routeArn"]
    effects = {
        statement["Effect"]
        for statement in reply["policyDocument"]["Statement"]
        if any(fnmatchcase(arn, resource) for resource in statement["Resource"])
    }
    return {"allow"} if effects == {"Allow"} else {"deny"}


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def _listens(port: int) -> bool:
    """On the one address or the other: `localhost` tries both."""
    try:
        socket.create_connection(("localhost", port)).close()
    except OSError:
        return False
    return True
