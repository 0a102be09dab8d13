"""template.yaml as it goes to AWS: `sam build` makes an arm64 program of it on any machine."""

from collections.abc import Iterator
from pathlib import Path

from .. import sam
from ..cloud import ROOT
from ..steps import Failed, NotRun, run, step
from .production import TEMPLATE

STATE = ROOT / ".local" / "arm64"
BUILT = ROOT / ".local" / "build" / "arm64"

# The field e_machine of an ELF header, and its value for AArch64 (System V ABI, chapter 4).
E_MACHINE = slice(18, 20)
EM_AARCH64 = 183


def checks(home: Path) -> Iterator[tuple[str, str | NotRun]]:
    """Each check's name with what is wrong, empty if nothing is."""
    claim = "template.yaml is built for arm64"
    try:
        with step("getting a compiler for arm64"):
            env = _compiler(home / "arm64-toolchain.log")
    except Failed as failure:
        yield claim, NotRun(f"no compiler for it is to be had.\n{failure}")
        return
    with step("building the production template for arm64"):
        sam.build_for_aws(TEMPLATE, BUILT, home / "arm64.log", env)
    yield claim, _not_for_arm64((BUILT / "Authorizer" / "bootstrap").read_bytes())


def _compiler(log: Path) -> dict[str, str]:
    """Environment of a build with a compiler that knows arm64: the machine's, or one in `STATE`.

    Its objects are kept apart from those of the other compiler. cargo-lambda must not have rustup
    change the machine's.
    """
    run(["bash", "local/arm64-toolchain.sh", str(STATE / "toolchain")], cwd=ROOT, log=log)
    env = {"RUSTUP": "none", "CARGO_TARGET_DIR": str(STATE / "target")}
    compiler = STATE / "toolchain" / "rustc"
    return env | {"RUSTC": str(compiler)} if compiler.exists() else env


def _not_for_arm64(program: bytes) -> str:
    machine = int.from_bytes(program[E_MACHINE], "little")
    if program[:4] != b"\x7fELF" or machine != EM_AARCH64:
        return f"it starts with {program[:4]!r} and is for machine {machine}"
    return ""
