"""template.yaml as it goes to AWS: `sam build` makes an arm64 program of it on any machine."""

from pathlib import Path

import pytest

from .. import sam
from ..cloud import ROOT
from ..steps import Failed, run
from .conftest import TEMPLATE, Step

STATE = ROOT / ".local" / "arm64"
BUILT = ROOT / ".local" / "build" / "arm64"

# The field e_machine of an ELF header, and its value for AArch64 (System V ABI, chapter 4).
E_MACHINE = slice(18, 20)
EM_AARCH64 = 183


@pytest.fixture(scope="session")
def program(home: Path, step: Step) -> bytes:
    try:
        with step("getting a compiler for arm64"):
            env = _compiler(home / "arm64-toolchain.log")
    except Failed as failure:
        pytest.skip(f"no compiler for arm64 is to be had: {failure}")
    with step("building template.yaml for arm64"):
        sam.build_for_aws(TEMPLATE, BUILT, home / "arm64.log", env)
    return (BUILT / "Authorizer" / "bootstrap").read_bytes()


def test_the_program_is_for_arm64(program: bytes) -> None:
    assert program[:4] == b"\x7fELF"
    assert int.from_bytes(program[E_MACHINE], "little") == EM_AARCH64


def _compiler(log: Path) -> dict[str, str]:
    """Environment of a build with a compiler that knows arm64: the machine's, or one in `STATE`.

    Its objects are kept apart from those of the other compiler. cargo-lambda must not have rustup
    change the machine's.
    """
    run(["bash", "local/arm64-toolchain.sh", str(STATE / "toolchain")], cwd=ROOT, log=log)
    env = {"RUSTUP": "none", "CARGO_TARGET_DIR": str(STATE / "target")}
    compiler = STATE / "toolchain" / "rustc"
    return env | {"RUSTC": str(compiler)} if compiler.exists() else env
