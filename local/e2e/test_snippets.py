"""The snippets of docs/attach.md, each checked by its own tool."""

import json
import os
import shutil
from pathlib import Path

import hcl2
import pytest

from .. import sam
from ..cloud import ROOT
from ..steps import Failed, run

SNIPPETS = ROOT / "examples" / "attach"
CDK = ROOT / ".local" / "cdk"
TERRAFORM = ROOT / ".local" / "terraform"

# What cfn-lint says of a DependsOn that a GetAtt makes needless. CDK writes some, always.
CDK_REPEATS_DEPENDENCIES = "W3005"


def test_cfn_lint_takes_the_cloudformation(home: Path) -> None:
    run(["cfn-lint", str(SNIPPETS / "cloudformation.yaml")], cwd=ROOT, log=home / "cfn-lint.log")


def test_sam_validate_takes_the_sam(home: Path) -> None:
    sam.validate(SNIPPETS / "sam.yaml", home / "validate.log")


@pytest.fixture(scope="session")
def synthesized(home: Path) -> Path:
    """What `cdk synth` makes of cdk/."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    log = home / "cdk.log"
    env = {
        "CDK_HOME": str(CDK / "home"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "npm_config_cache": str(CDK / "npm"),
        "npm_config_update_notifier": "false",
    }
    app = CDK / "app"
    app.mkdir(parents=True, exist_ok=True)
    for source in (SNIPPETS / "cdk").iterdir():
        if source.is_file():
            shutil.copy(source, app)
    lock, installed = (app / "package-lock.json").read_text(), CDK / "installed"
    if not installed.exists() or installed.read_text() != lock:
        install = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            run(install, cwd=app, log=log, env=env)
        except Failed as failure:
            pytest.skip(f"the packages of CDK are not to be had: {failure}")
        installed.write_text(lock)
    synth = ["npx", "--no-install", "cdk", "synth", "--quiet", "--no-notices"]
    run(synth, cwd=app, log=log, env=env)
    return app / "cdk.out" / "Books.template.json"


def test_cfn_lint_takes_what_cdk_makes(synthesized: Path, home: Path) -> None:
    lint = ["cfn-lint", str(synthesized), "--ignore-checks", CDK_REPEATS_DEPENDENCIES]
    run(lint, cwd=ROOT, log=home / "cdk-lint.log")


def test_the_authorizer_of_cdk_guards_every_call(synthesized: Path) -> None:
    """Preflights are the only calls that anybody may make."""
    resources = json.loads(synthesized.read_text())["Resources"]
    calls = [
        each["Properties"]
        for each in resources.values()
        if each["Type"] in ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route")
    ]
    guarded = [call for call in calls if call.get("AuthorizationType") == "CUSTOM"]
    assert len(guarded) == 4
    for call in calls:
        assert call in guarded or call.get("HttpMethod") == "OPTIONS"


def test_the_terraform_is_hcl() -> None:
    with (SNIPPETS / "terraform" / "main.tf").open() as text:
        assert hcl2.load(text)["resource"]


def terraform(log: Path, *arguments: str) -> None:
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    shutil.copytree(SNIPPETS / "terraform", TERRAFORM, dirs_exist_ok=True)
    env = {"CHECKPOINT_DISABLE": "true", "TF_CLI_CONFIG_FILE": os.devnull}
    run(["terraform", *arguments, "-no-color"], cwd=TERRAFORM, log=log, env=env)


def test_terraform_fmt_changes_nothing(home: Path) -> None:
    terraform(home / "terraform.log", "fmt", "-check")


def test_terraform_validate_takes_it(home: Path) -> None:
    log = home / "terraform.log"
    try:
        terraform(log, "init", "-backend=false", "-input=false")
    except Failed:
        pytest.skip("the AWS provider of Terraform is not to be had")
    terraform(log, "validate")
