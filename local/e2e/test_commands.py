"""The commands of the documents, run as they stand: each page from its beginning, in a checkout and
a home of its own."""

import contextlib
import functools
import json
import os
import re
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .. import commands
from ..browser import CHROMEDRIVER, CHROMIUM
from ..cloud import BIN, DEFAULT_PORT, ROOT, end_cloud, free_port
from ..commands import Block, is_as_shown, missing
from ..steps import Failed
from ..terminal import Terminal
from .conftest import Step

READER = ROOT / ".local" / "reader"
CHECKOUT, HOME = READER / "checkout", READER / "home"
CLOUD = CHECKOUT / ".local" / "cloud"  # where `make local` keeps its own
LEFT_OUT = (".git", ".local", ".aws-sam", "target", "node_modules", "cdk.out", "__pycache__")

BLOCKS = [block for page in commands.pages() for block in commands.blocks(page)]
RUN = [block for block in BLOCKS if block.where in commands.WORDS]
INSTALL_AUTHZ = next(block for block in BLOCKS if "cargo install" in block.text)

# What a page takes for done, because its text says so.
DONE_BEFORE = {"docs/operations.md": "make demo && cd .local/demo"}
# What a reader who explains a token has.
CONFIGURATION = """
[[issuers]]
user_pool_id = "eu-west-1_AbCdEf123"
client_ids = ["1example23456789clientid"]
jwks_file = "events/jwks.json"
"""
# The ports that these take unless told otherwise.
PORTS = {"cargo lambda": 9000, "authz login": 8400}
# Tools that no page says how to get.
TOOLS = ("jq", "npm")
# What the local cloud makes anew each time, and what a line of the log says anew.
NEW = re.compile(
    r"(?<=client_id=)[^&]+|(?<=&state=)[^&]+|(?<=_challenge=)[^&]+|(?<=&nonce=).+"
    r'|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<="duration_ms":)[\d.]+|(?<="request_id":")[^"]+'
)

# The environment as it was before a local cloud of the tests changed it.
BEFORE = dict(os.environ)


@dataclass
class Outcome:
    """What came of a block."""

    skipped: str = ""
    problems: list[str] = field(default_factory=list)


Play = Callable[[str], dict[Block, Outcome]]


@pytest.fixture(scope="session")
def play(no_engine: str, step: Step) -> Play:
    """Types the commands of a page, once."""

    @functools.cache
    def play(page: str) -> dict[Block, Outcome]:
        return _played([block for block in RUN if block.page == page], no_engine, step)

    return play


@pytest.mark.parametrize("block", RUN, ids=str)
def test_the_commands_run_as_they_stand(block: Block, play: Play) -> None:
    outcome = play(block.page)[block]
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.problems == []


def _played(blocks: list[Block], no_engine: str, step: Step) -> dict[Block, Outcome]:
    _check_out()
    lacking = _lacking(no_engine)
    outcomes = {block: Outcome(_reason_to_skip(block, lacking)) for block in blocks}
    runs = [block for block, outcome in outcomes.items() if not outcome.skipped]
    reader = Reader(Terminal(CHECKOUT, _environment(), READER))
    try:
        with step(f"preparing for {blocks[0].page}"):
            reader.prepare(runs)
        for block in runs:
            with step(f"typing {block}"):
                outcomes[block].problems = reader.run(block)
        reader.tidy_up()
    except Failed as failure:  # nothing after it can be typed
        for outcome in outcomes.values():
            outcome.problems = outcome.problems or [str(failure)]
    finally:
        reader.terminal.close()
        end_cloud(CLOUD)
    return outcomes


class Reader:
    """Whoever types the commands."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.told = ""  # what `make local` has said

    def prepare(self, blocks: list[Block]) -> None:
        """Does what the page takes for done."""
        if any(block.where == "cloud" for block in blocks):
            self.told = self._must("make local")
            self._get_a_browser()
        uses_authz = any(re.search(r"\bauthz \w", block.text) for block in blocks)
        if uses_authz and INSTALL_AUTHZ not in blocks:
            self._must(INSTALL_AUTHZ.text)
        for page in {block.page for block in blocks} & DONE_BEFORE.keys():
            self._must(DONE_BEFORE[page])

    def run(self, block: Block) -> list[str]:
        """Types its commands; what is not as it should be."""
        if block.where == "background":
            problem = self.terminal.start_beside(block.text)
            return [problem] if problem else []
        problems, printed = [], ""
        for command, shown in block.commands():
            if block.where == "cloud":
                command, shown = self._filled(command), shown and self._filled(NEW.sub("…", shown))
            status, out, err = self.terminal.type(command, self._answer(command))
            # A terminal shows both; what is said beside a result is not part of it.
            printed = out if out.strip() else err
            if shown is None and status != 0:
                problems.append(f"{command} ends with {status}:\n{out}{err}")
            if shown is not None and not is_as_shown(shown, printed):
                problems.append(f"{command} prints\n{out}{err}")
        lines = missing(NEW.sub("…", block.output), printed + self.terminal.shown_beside())
        return [*problems, *(f"this is not printed: {line}" for line in lines)]

    def tidy_up(self) -> None:
        if self.told:
            self._must(f"cd {CHECKOUT} && make stop")

    def _must(self, command: str) -> str:
        status, out, err = self.terminal.type(command)
        if status != 0:
            raise Failed(f"{command} ends with {status}:\n{out}{err}")
        return out

    def _filled(self, text: str) -> str:
        """With the ids and the address that `make local` has told."""

        def told(pattern: str) -> str:
            return re.search(pattern, self.told, re.DOTALL)[1]

        person, machine = told(r"login .*?--client-id (\S+)"), told(r" token .*?--client-id (\S+)")
        client = person if "authz login" in text else machine
        text = text.replace(f"http://127.0.0.1:{DEFAULT_PORT}", told(r"--domain (\S+)"))
        text = re.sub(r"\beu-west-1_\w+", told(r"(eu-west-1_\w+)"), text)
        return re.sub(r"(--client-id |CLIENT_IDS=)\S+", lambda match: match[1] + client, text)

    def _answer(self, command: str) -> str:
        """What is typed when the command asks for it: the secret of the machine."""
        asks = re.search(r"\bread -", command)
        return (CLOUD / "machine-secret").read_text() if asks else ""

    def _get_a_browser(self) -> None:
        (password,) = re.findall(r"as alice with the password (\S+)", self.told)
        opener = HOME / "bin" / "xdg-open"
        browse = f"{BIN}/python -m local.xdg_open alice {password} {READER}"
        opener.write_text(f'#!/bin/sh\ncd {ROOT} && exec {browse} "$1"\n')
        opener.chmod(0o700)


def _check_out() -> None:
    """Makes a checkout without anything that was built but the tools and what cargo keeps."""
    end_cloud(CLOUD)  # if a run was killed
    shutil.rmtree(CHECKOUT, ignore_errors=True)
    shutil.copytree(ROOT, CHECKOUT, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    (CHECKOUT / "target").symlink_to(ROOT / "target")
    (CHECKOUT / ".local").mkdir()
    (CHECKOUT / ".local" / "venv").symlink_to(BIN.parent)
    (HOME / "bin").mkdir(parents=True, exist_ok=True)
    event = json.loads((ROOT / "events" / "rest-token-allowed.json").read_text())
    (CHECKOUT / "token.txt").write_text(event["authorizationToken"].removeprefix("Bearer "))
    (CHECKOUT / "authorizer.toml").write_text(CONFIGURATION)


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in BEFORE.items()
        if not name.startswith(("AWS_", "SAM_", "PYTEST_")) and name != "VIRTUAL_ENV"
    }
    real_home = Path(BEFORE.get("HOME", "/"))
    path = [each for each in BEFORE["PATH"].split(os.pathsep) if each != str(BIN)]
    return kept | {
        "HOME": str(HOME),
        "PATH": os.pathsep.join([str(HOME / "bin"), str(HOME / ".cargo" / "bin"), *path]),
        "PORT": str(free_port()),
        # Rust and packages are there already; what is installed is in the reader's home.
        "CARGO_HOME": BEFORE.get("CARGO_HOME", str(real_home / ".cargo")),
        "RUSTUP_HOME": BEFORE.get("RUSTUP_HOME", str(real_home / ".rustup")),
        "CARGO_INSTALL_ROOT": str(HOME / ".cargo"),
        # cargo-lambda keeps its linker there; with another one all would be compiled anew.
        "XDG_CACHE_HOME": BEFORE.get("XDG_CACHE_HOME", str(real_home / ".cache")),
        "npm_config_cache": str(ROOT / ".local" / "cdk" / "npm"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_SKIP_PULL_IMAGE": "1",  # it is there, or nothing of `engine` is run
    }


def _lacking(no_engine: str) -> dict[str, str]:
    """What cannot run on this machine, as a pattern of mark and text, with the reason."""
    lacking = {f"{tool} ": f"{tool} is not installed" for tool in TOOLS if not shutil.which(tool)}
    for command, port in PORTS.items():
        with contextlib.suppress(OSError):
            socket.create_connection(("localhost", port)).close()
            lacking[f"{command} "] = f"port {port}, which `{command}` takes, is taken"
    if no_engine:
        lacking["^engine"] = no_engine
    if not (CHROMIUM and CHROMEDRIVER):
        why = "there is no Chromium with ChromeDriver; local/chromium.sh installs it"
        lacking["^cloud"] = why
    return lacking


def _reason_to_skip(block: Block, lacking: dict[str, str]) -> str:
    found = (why for what, why in lacking.items() if re.search(what, f"{block.where} {block.text}"))
    return next(found, "")
