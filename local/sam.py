"""SAM CLI, as a user runs it."""

import platform
import sys
from pathlib import Path

import boto3

from .cloud import ROOT
from .steps import Failed, run

# The local cloud runs the functions as plain processes of this machine.
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def build(template: Path, into: Path, log: Path) -> None:
    if sys.platform != "linux":
        raise Failed("the local cloud runs Linux binaries as plain processes: use Linux for it.")
    command = ["sam", "build", "--template", str(template), "--build-dir", str(into)]
    run([*command, "--parameter-overrides", f"Architecture={ARCHITECTURE}"], cwd=ROOT, log=log)


def deploy(built: Path, stack: str, parameters: dict[str, str], log: Path) -> dict[str, str]:
    """Deploys what `build` made and returns the outputs of the stack."""
    command = ["sam", "deploy", "--template", str(built / "template.yaml"), "--stack-name", stack]
    command += ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
    overrides = [f"{k}={v}" for k, v in ({"Architecture": ARCHITECTURE} | parameters).items()]
    run([*command, "--parameter-overrides", *overrides], cwd=ROOT, log=log)
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def validate(template: Path, log: Path) -> None:
    run(["sam", "validate", "--lint", "--template", str(template)], cwd=ROOT, log=log)
