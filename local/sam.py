"""SAM CLI, as a user runs it."""

import platform
import sys
from collections.abc import Mapping
from pathlib import Path

import boto3

from .cloud import ROOT
from .steps import Failed, run

# The local cloud runs the functions as plain processes of this machine.
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def build(template: Path, into: Path, log: Path) -> None:
    """Builds for this machine."""
    if sys.platform != "linux":
        raise Failed("the local cloud runs Linux binaries as plain processes: use Linux for it.")
    compile_authorizer(log)
    architecture = ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    run([*_build(template, into), *architecture], cwd=ROOT, log=log)


def compile_authorizer(log: Path) -> None:
    """What `sam build` runs for a Rust function, which shows nothing until it has ended: run
    before, it shows what it compiles, and `sam build` finds it done."""
    command = ["cargo", "lambda", "build", "--release", "--bin", "cognito-authorizer"]
    command += ["--arm64"] if ARCHITECTURE == "arm64" else []
    run(command, cwd=ROOT, log=log, env={"CARGO_TARGET_DIR": str(ROOT / "target")})


def build_for_aws(template: Path, into: Path, log: Path, env: Mapping[str, str]) -> None:
    """Builds for the architecture that the template itself names."""
    run(_build(template, into), cwd=ROOT, log=log, env=env)


def _build(template: Path, into: Path) -> list[str]:
    return ["sam", "build", "--template", str(template), "--build-dir", str(into)]


def deploy(built: Path, stack: str, parameters: dict[str, str], log: Path) -> dict[str, str]:
    """Deploys what `build` made and returns the outputs of the stack."""
    parameters = {"Architecture": ARCHITECTURE} | parameters
    return deploy_template(built / "template.yaml", stack, parameters, log)


def deploy_template(
    template: Path, stack: str, parameters: dict[str, str], log: Path
) -> dict[str, str]:
    """Deploys a template that needs no build and returns the outputs of the stack."""
    command = ["sam", "deploy", "--template", str(template), "--stack-name", stack]
    command += ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
    overrides = [f"{k}={v}" for k, v in parameters.items()]
    run([*command, "--parameter-overrides", *overrides], cwd=ROOT, log=log)
    return outputs(stack)


def outputs(stack: str) -> dict[str, str]:
    """The outputs of a stack that is deployed."""
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def validate(template: Path, log: Path) -> None:
    run(["sam", "validate", "--lint", "--template", str(template)], cwd=ROOT, log=log)
