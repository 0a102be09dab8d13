"""The sample events, sent by each tool that events/README.md names and answered as it says."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from .. import sam
from ..cloud import ROOT, free_port
from ..steps import tail
from ..terminal import Background
from .conftest import Step

EVENTS = ROOT / "events"
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| (?P<outcome>\w+) \| (?P<reason>\w+) \|", re.MULTILINE)

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


@pytest.fixture(scope="session")
def watch(home: Path, step: Step) -> Iterator[Watch]:
    watch = Watch(home / "watch.log")
    command = ["cargo", "lambda", "watch", "--ignore-changes", *watch.address]
    command = f"AUTHORIZER_CONFIG_FILE=events/authorizer.toml {' '.join(command)}"
    background = Background(command, ROOT, os.environ, watch.log)
    try:
        assert background.listens(), tail(watch.log)
        with step("`cargo lambda watch` compiles"):
            watch.invoke(SAMPLES[0].file)
        yield watch
    finally:
        background.end()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.file)
def test_cargo_lambda_invoke(sample: Sample, watch: Watch) -> None:
    before = len(watch.reasons())
    reply = watch.invoke(sample.file)
    assert sample.takes(reply), reply
    assert watch.reasons()[before:] == [sample.reason]


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
