"""The snippets of docs/attach.md, each checked by its own tool."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hcl2

from .. import sam
from ..cloud import ROOT
from ..steps import Failed, NotRun, run, step

SNIPPETS = ROOT / "examples" / "attach"
CDK = ROOT / ".local" / "cdk"
TERRAFORM = ROOT / ".local" / "terraform"

# What cfn-lint says of a DependsOn that a GetAtt makes needless. CDK writes some, always.
CDK_REPEATS_DEPENDENCIES = "W3005"


def checks(home: Path) -> Iterator[tuple[str, str | NotRun]]:
    """Each check's name with what is wrong, empty if nothing is."""
    log = home / "snippets.log"
    with step("checking the snippets of docs/attach.md"):
        cloudformation = _refusal_of_cfn_lint(SNIPPETS / "cloudformation.yaml", log)
        in_sam = _refusal(lambda: sam.validate(SNIPPETS / "sam.yaml", log))
        cdk = _cdk(log)
        hcl, terraform = _not_hcl(SNIPPETS / "terraform" / "main.tf"), _terraform(log)
    yield "`cfn-lint` takes cloudformation.yaml", cloudformation
    yield "`sam validate --lint` takes sam.yaml", in_sam
    yield "`cdk synth` makes a template of cdk/ in which the authorizer guards every call", cdk
    yield "terraform/main.tf is HCL", hcl
    yield "`terraform validate` takes terraform/main.tf", terraform


def _refusal(work: Callable[[], None]) -> str:
    try:
        work()
    except Failed as failure:
        return str(failure)
    return ""


def _refusal_of_cfn_lint(template: Path, log: Path, *options: str) -> str:
    return _refusal(lambda: run(["cfn-lint", str(template), *options], cwd=ROOT, log=log))


def _cdk(log: Path) -> str | NotRun:
    if not (shutil.which("node") and shutil.which("npm")):
        return NotRun("node and npm are not installed.")
    env = {
        "CDK_HOME": str(CDK / "home"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "npm_config_cache": str(CDK / "npm"),
        "npm_config_update_notifier": "false",
    }
    app = CDK / "app"
    for source in (SNIPPETS / "cdk").iterdir():
        if source.is_file():
            app.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, app)
    lock, installed = (app / "package-lock.json").read_text(), CDK / "installed"
    if not installed.exists() or installed.read_text() != lock:
        install = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            run(install, cwd=app, log=log, env=env)
        except Failed as failure:
            return NotRun(f"its packages are not to be had.\n{failure}")
        installed.write_text(lock)
    synth = ["npx", "--no-install", "cdk", "synth", "--quiet", "--no-notices"]
    made = app / "cdk.out" / "Books.template.json"
    return (
        _refusal(lambda: run(synth, cwd=app, log=log, env=env))
        or _refusal_of_cfn_lint(made, log, "--ignore-checks", CDK_REPEATS_DEPENDENCIES)
        or _unguarded(json.loads(made.read_text())["Resources"])
    )


def _unguarded(resources: dict[str, dict]) -> str:
    """The methods and routes of a template that anybody may call, but for preflights."""
    calls = [
        (name, each["Properties"])
        for name, each in resources.items()
        if each["Type"] in ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route")
    ]
    guarded = [name for name, call in calls if call.get("AuthorizationType") == "CUSTOM"]
    preflights = [name for name, call in calls if call.get("HttpMethod") == "OPTIONS"]
    if len(guarded) != 4:
        return f"{len(guarded)} methods and routes have the authorizer, not 4"
    return ", ".join(name for name, _ in calls if name not in guarded + preflights)


def _not_hcl(source: Path) -> str:
    try:
        with source.open() as text:
            hcl2.load(text)
    except Exception as fault:  # the parser's own errors have no common type
        return str(fault)
    return ""


def _terraform(log: Path) -> str | NotRun:
    if not shutil.which("terraform"):
        return NotRun("terraform is not installed.")
    shutil.copytree(SNIPPETS / "terraform", TERRAFORM, dirs_exist_ok=True)
    env = {"CHECKPOINT_DISABLE": "true", "TF_CLI_CONFIG_FILE": os.devnull}

    def terraform(*arguments: str) -> str:
        command = ["terraform", *arguments, "-no-color"]
        return _refusal(lambda: run(command, cwd=TERRAFORM, log=log, env=env))

    if unlike := terraform("fmt", "-check"):
        return unlike
    if terraform("init", "-backend=false", "-input=false"):
        return NotRun("`terraform fmt` takes it, but its AWS provider is not to be had.")
    return terraform("validate")
