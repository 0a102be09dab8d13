"""What `make local` leaves up: told of again, its secrets kept to its owner, and ended."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from .. import left_up, private
from ..bookshop import Bookshop
from ..cloud import ROOT, free_port, running_cloud
from ..steps import Failed

SECONDS = 60
PRIVATE = ("machine-secret", "people.json", "tokens")
START = "import sys, pathlib; from local.cloud import Cloud; Cloud(pathlib.Path(sys.argv[1]), int(sys.argv[2])).start()"


@pytest.fixture
def unfinished(shop: Bookshop, home: Path) -> Path:
    """The home of a cloud that is up, of which nothing was told yet."""
    for name in PRIVATE:
        (home / name).unlink(missing_ok=True)
    return home


@pytest.fixture
def told(shop: Bookshop, unfinished: Path) -> str:
    """What is said of it when it is ready."""
    return left_up.tell(shop, unfinished)


def test_a_cloud_that_is_not_ready_is_said_to_be_so(unfinished: Path) -> None:
    with pytest.raises(Failed, match="not ready"):
        left_up.tell_again(unfinished, None)


def test_a_cloud_that_is_up_is_told_of_again_and_left_as_it_is(told: str, home: Path) -> None:
    tokens = (home / "tokens").read_text()
    assert left_up.tell_again(home, None) == f"The local cloud is up already.\n{told}"
    assert (home / "tokens").read_text() == tokens


def test_nobody_else_can_read_its_tokens_and_secrets(told: str, home: Path) -> None:
    assert _modes(home) == {0o600}


def test_tokens_that_are_over_are_replaced(told: str, shop: Bookshop, home: Path) -> None:
    over, tokens = shop.expiring_token, (home / "tokens").read_text()
    private.write(home / "tokens", re.sub("(?<=^MACHINE=).*", over, tokens, flags=re.MULTILINE))
    assert over in (home / "tokens").read_text()
    left_up.tell_again(home, None)
    assert over not in (home / "tokens").read_text()
    assert _modes(home) == {0o600}


def test_another_port_than_its_own_is_refused(told: str, home: Path) -> None:
    with pytest.raises(Failed, match="not at port 1"):
        left_up.tell_again(home, 1)


def test_it_tells_where_the_secret_of_the_machine_is(told: str, shop: Bookshop, home: Path) -> None:
    """And a line that uses it."""
    file = str((home / "machine-secret").relative_to(ROOT))
    (line,) = re.findall(r"^  (cargo run .* token .*(?:\\\n.*)+)", told, re.MULTILINE)
    words = line.replace("\\\n", " ").split()
    assert words[words.index("--client-secret-file") + 1] == file
    assert words[words.index("--client-id") + 1] == shop.machine.id
    assert Path(ROOT, file).read_text() == f"{shop.machine.secret}\n"


@pytest.fixture
def another(home: Path) -> Iterator[tuple[Path, int, psutil.Process]]:
    """A cloud that outlives its starter: its home, its port and its process."""
    home, port = home.parent / "stopped", free_port()
    command = [sys.executable, "-c", START, str(home), str(port)]
    subprocess.run(command, cwd=ROOT, timeout=SECONDS, check=True, start_new_session=True)
    process, _ = running_cloud(home)
    yield home, port, process
    left_up.stop(home, None)


def test_make_stop_ends_it(another: tuple[Path, int, psutil.Process]) -> None:
    home, port, process = another
    with pytest.raises(Failed, match="not at port 1"):
        left_up.stop(home, 1)
    assert left_up.stop(home, port) == f"the local cloud at http://127.0.0.1:{port} has ended"
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert not home.exists()
    assert left_up.stop(home, None) == "no local cloud is up"


@pytest.mark.parametrize("port", ["0", "65536", "99999999999", "-1", "x", "²"])
def test_a_port_out_of_range_is_refused_in_a_sentence(port: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local", "demo"],
        cwd=ROOT,
        env=os.environ | {"PORT": port},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 1
    said = f"PORT is `{port}`; write a number from 1 to 65535, as in PORT=4566"
    assert done.stderr.strip() == said


def _modes(home: Path) -> set[int]:
    return {(home / name).stat().st_mode & 0o777 for name in PRIVATE}
