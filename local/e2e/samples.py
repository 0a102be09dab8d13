"""The sample events, sent by each tool that events/README.md names and answered as it says."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import docker
import psutil

from .. import sam
from ..cloud import ROOT, free_port
from ..steps import Failed, NotRun, step, tail, within
from . import start_api

EVENTS = ROOT / "events"
TEMPLATE = EVENTS / "template.yaml"
BUILT = ROOT / ".local" / "build" / "events"
IMAGE = f"public.ecr.aws/lambda/provided:al2023-{sam.ARCHITECTURE}"
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| (?P<outcome>\w+) \| (?P<reason>\w+) \|", re.MULTILINE)
# A command that a document shows, and the first line of its output.
SHOWN = re.compile(r"^\$ (?P<tool>cargo|sam) .* events/(?P<file>\S+\.json)\n(?P<shown>.+)$", re.MULTILINE)

# For one invocation; the first of `cargo lambda watch` waits until it has compiled.
SECONDS = 900


@dataclass(frozen=True)
class Sample:
    """A row of the table of events/README.md."""

    file: str
    outcome: str
    reason: str


def checks(home: Path) -> Iterator[tuple[str, str | NotRun]]:
    """Each check's name with what is wrong, empty if nothing is."""
    rows = ROW.finditer((EVENTS / "README.md").read_text())
    samples = [Sample(**row.groupdict()) for row in rows]
    claim = f"{len(samples)} sample events are answered as documented"
    apis, each = len(start_api.KINDS), len(start_api.CALLS)
    calls = f"{apis} APIs answer {each} calls each as documented, by `sam local start-api`"
    with step("sending the sample events with `cargo lambda invoke`"):
        problem = by_cargo_lambda(samples, home / "watch.log")
    yield f"{claim}, by `cargo lambda watch`", problem
    if missing := _no_image():
        yield f"{claim}, by `sam local invoke`", NotRun(missing)
        yield calls, NotRun(missing)
        return
    with step("sending the sample events with `sam local invoke`"):
        problem = by_sam(samples, home / "sam-local.log")
    yield f"{claim}, by `sam local invoke`", problem
    with step("calling APIs under `sam local start-api`"):
        problem = start_api.problems(home / "start-api.log")
    yield calls, problem


def by_cargo_lambda(samples: list[Sample], log: Path) -> str:
    """Compares the replies, and the reasons in the log."""
    address = ["--invoke-address", "127.0.0.1", "--invoke-port", str(free_port())]
    invoke = ["cargo-lambda", "lambda", "invoke", "cognito-authorizer", *address, "--data-file"]

    printed = {}

    def answer(sample: Sample) -> tuple[dict, str]:
        before = len(_reasons(log))
        done = _run([*invoke, f"events/{sample.file}"])
        printed[sample.file] = (done.stdout or done.stderr).partition("\n")[0]
        message = done.stderr.partition("\n")[0].removeprefix("Error: ")
        reply = json.loads(done.stdout) if done.returncode == 0 else {"errorMessage": message}
        return reply, ", ".join(_reasons(log)[before:])

    with log.open("wb") as output:
        watch = subprocess.Popen(
            ["cargo-lambda", "lambda", "watch", "--ignore-changes", *address],
            cwd=ROOT,
            env=os.environ | {"AUTHORIZER_CONFIG_FILE": "events/authorizer.toml"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        if not within(60, lambda: _listens(int(address[-1]))):
            return f"it does not listen; the end of {log}:\n{tail(log)}"
        return _differences(samples, answer) or _not_as_shown("cargo", printed)
    finally:
        started = [*psutil.Process(watch.pid).children(recursive=True), watch]
        for process in started:
            process.terminate()
        watch.wait()


def by_sam(samples: list[Sample], log: Path) -> str:
    """Compares the replies: SAM may end before it has copied the container's log."""
    sam.build(TEMPLATE, BUILT, log)
    invoke = ["sam", "local", "invoke", "Authorizer", "--template", str(BUILT / "template.yaml")]
    invoke += ["--parameter-overrides", f"Architecture={sam.ARCHITECTURE}"]
    invoke += ["--skip-pull-image", "--event"]

    def output(sample: Sample) -> str:
        done = _run([*invoke, f"events/{sample.file}"])
        if done.returncode != 0:
            raise Failed(f"`sam local invoke` failed with {sample.file}:\n{done.stderr}")
        return done.stdout.strip()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        files = [sample.file for sample in samples]
        printed = dict(zip(files, pool.map(output, samples)))

    def answer(sample: Sample) -> tuple[dict, str]:
        return json.loads(printed[sample.file]), sample.reason

    return _differences(samples, answer) or _not_as_shown("sam", printed)


def _not_as_shown(tool: str, printed: dict[str, str]) -> str:
    """Compares what the documents show of a tool; `…` stands for anything."""
    shown = [
        (page.name, show["file"], show["shown"])
        for page in (ROOT / "README.md", EVENTS / "README.md")
        for show in SHOWN.finditer(page.read_text())
        if show["tool"] == tool
    ]
    if not shown:
        return f"no document shows what `{tool}` prints"
    return "\n".join(
        f"{page} shows another output for {file} than\n{printed[file]}"
        for page, file, line in shown
        if not re.fullmatch(re.escape(line).replace("…", ".*"), printed[file])
    )


def _differences(samples: list[Sample], answer: Callable[[Sample], tuple[dict, str]]) -> str:
    differences = []
    for sample in samples:
        reply, reason = answer(sample)
        event = json.loads((EVENTS / sample.file).read_text())
        if sample.outcome not in _outcomes(event, reply) or sample.reason != reason:
            differences.append(f"{sample.file}: {reason}: {json.dumps(reply)}")
    return "\n".join(differences)


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


def _reasons(log: Path) -> list[str]:
    lines = (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{"))
    return [line["reason"] for line in lines if "reason" in line]


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
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _no_image() -> str:
    """Why this machine has no container to run the function in; empty if it has."""
    try:
        engine = docker.from_env()
    except docker.errors.DockerException:
        return "no container engine answers; on Debian, local/container-engine.sh starts one."
    try:
        engine.images.get(IMAGE)
    except docker.errors.ImageNotFound:
        try:
            engine.images.pull(IMAGE)
        except docker.errors.APIError as error:
            return f"the image {IMAGE} cannot be pulled: {error}"
    return ""
