"""What `make local` leaves up: told of again, its secrets kept to its owner, and ended."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .. import left_up, private
from ..bookshop import Bookshop
from ..cloud import ROOT, free_port, running_cloud
from ..steps import Failed

SECONDS = 60
PRIVATE = ("machine-secret", "people.json", "tokens")
START = "import sys, pathlib; from local.cloud import Cloud; Cloud(pathlib.Path(sys.argv[1]), int(sys.argv[2])).start()"


def checks(shop: Bookshop, home: Path) -> Iterator[tuple[str, str]]:
    """Each check's name with what is wrong, empty if nothing is."""
    for name in PRIVATE:
        (home / name).unlink(missing_ok=True)
    yield "a cloud that is not ready is said to be so", _refusal(lambda: left_up.tell_again(home, None), "not ready")
    first = left_up.tell(shop, home)
    tokens = (home / "tokens").read_text()
    again = left_up.tell_again(home, None)
    yield "a cloud that is up is told of again, and left as it is", _unlike(first, tokens, again, home)
    yield "nobody else can read its tokens and secrets", _open_to_others(home)
    over = shop.short_lived_token("books/write")
    private.write(home / "tokens", re.sub("(?<=^MACHINE=).*", over, tokens, flags=re.MULTILINE))
    left_up.tell_again(home, None)
    kept = over in (home / "tokens").read_text()
    yield "tokens that are over are replaced", "they are not" if kept else _open_to_others(home)
    yield "another port than its own is refused", _refusal(lambda: left_up.tell_again(home, 1), "not at port 1")
    yield "it tells where the machine's secret is, and a line that uses it", _without_secret(first, shop, home)
    yield "`make stop` ends it", _stopped(home.parent / "stopped")
    for port in ("0", "65536", "99999999999", "-1", "x", "²"):
        yield f"PORT={port} is refused in a sentence", _not_refused(port)


def _unlike(first: str, tokens: str, again: str, home: Path) -> str:
    if again != f"The local cloud is up already.\n{first}":
        return f"it says\n{again}\nafter\n{first}"
    return "" if (home / "tokens").read_text() == tokens else "it has other tokens"


def _open_to_others(home: Path) -> str:
    modes = {name: (home / name).stat().st_mode & 0o777 for name in PRIVATE}
    return ", ".join(f"{name} has the mode {mode:o}" for name, mode in modes.items() if mode != 0o600)


def _without_secret(text: str, shop: Bookshop, home: Path) -> str:
    file = str((home / "machine-secret").relative_to(ROOT))
    (line,) = re.findall(r"^  (cargo run .* token .*(?:\\\n.*)+)", text, re.MULTILINE)
    words = line.replace("\\\n", " ").split()
    if words[words.index("--client-secret-file") + 1] != file:
        return f"the line is {line}"
    if words[words.index("--client-id") + 1] != shop.machine.id:
        return f"the line is of another client: {line}"
    return "" if Path(ROOT, file).read_text() == f"{shop.machine.secret}\n" else "it is another one"


def _stopped(home: Path) -> str:
    """Starts a cloud of its own, which outlives its starter, and ends it."""
    port = free_port()
    command = [sys.executable, "-c", START, str(home), str(port)]
    started = subprocess.run(command, cwd=ROOT, timeout=SECONDS, start_new_session=True)
    running = running_cloud(home)
    if started.returncode != 0 or running is None:
        return "it did not start"
    if other := _refusal(lambda: left_up.stop(home, 1), "not at port 1"):
        return other
    said = left_up.stop(home, port)
    if said != f"the local cloud at http://127.0.0.1:{port} has ended":
        return said
    if running[0].is_running() and running[0].status() != "zombie":
        return "it goes on"
    if home.exists():
        return f"it leaves {home}"
    said = left_up.stop(home, None)
    return "" if said == "no local cloud is up" else said


def _not_refused(port: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "local", "demo"],
        cwd=ROOT,
        env=os.environ | {"PORT": port},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    said = f"PORT is `{port}`; write a number from 1 to 65535, as in PORT=4566"
    return "" if done.returncode == 1 and done.stderr.strip() == said else str(done)


def _refusal(work: Callable[[], object], said: str) -> str:
    try:
        work()
    except Failed as failure:
        return "" if said in str(failure) else str(failure)
    return "it is not refused"
