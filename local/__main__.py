"""`python -m local demo | local | stop | clean`: what the targets of the Makefile do."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from . import bookshop, left_up, rest_api
from .calls import Table
from .cloud import DEFAULT_PORT, ROOT, Cloud, end_cloud, port_asked_for
from .leash import leashed
from .output import outlive_reader
from .steps import Failed, step
from .wallet import Wallet

STATE = ROOT / ".local"


def main() -> int:
    commands: dict[str, Callable[[], int]] = {
        "demo": lambda: leashed(lambda: told(demo)),
        "local": lambda: leashed(lambda: told(leave_up), let_go_on_success=True),
        "stop": lambda: told(stop),
        "clean": lambda: told(clean),
    }
    command = commands.get(" ".join(sys.argv[1:]))
    if command is None:
        print(f"usage: python -m local {' | '.join(commands)}", file=sys.stderr)
        return 2
    outlive_reader()
    return command()


def told(work: Callable[[], int]) -> int:
    """Runs `work`; a failure that explains itself is told without a traceback."""
    try:
        return work()
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1


def demo() -> int:
    shop = open_bookshop(STATE / "demo", port_asked_for() or DEFAULT_PORT)
    api, wallet, calls = rest_api.api(shop), Wallet(shop), rest_api.calls()
    with step("getting tokens"):
        for call in calls:
            wallet[call.token]
    print()
    table = Table(api, wallet)
    table.run(calls)
    lines = api.log.save(STATE / "demo")
    print(f"\nQuestions for {lines.relative_to(ROOT)}, its log lines, are in docs/operations.md.")
    print(f"{table.passed} as expected, {table.failed} not")
    return min(table.failed, 1)


def leave_up() -> int:
    home, asked = STATE / "cloud", port_asked_for()
    told_again = left_up.tell_again(home, asked)
    print(told_again or left_up.tell(open_bookshop(home, asked or DEFAULT_PORT), home))
    return 0


def stop() -> int:
    print(left_up.stop(STATE / "cloud", port_asked_for()))
    return 0


def clean() -> int:
    for folder in ("*", "reader/checkout/.local/*"):
        for record in STATE.glob(f"{folder}/cloud.json"):
            end_cloud(record.parent)
    shutil.rmtree(STATE, ignore_errors=True)
    return 0


def open_bookshop(home: Path, port: int) -> bookshop.Bookshop:
    cloud = Cloud(home, port)
    with step(f"starting the local cloud on 127.0.0.1:{port}"):
        cloud.start()
    with step("building the authorizer"):
        bookshop.build(home)
    with step("deploying the bookshop"):
        return bookshop.deploy(cloud)


if __name__ == "__main__":
    sys.exit(main())
