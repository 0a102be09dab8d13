"""`python -m local demo | test | local | stop | clean`: what the targets of the Makefile do."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from . import beside, bookshop, sam
from . import left_up as up
from .calls import NOT_ASKED, Table
from .cloud import (
    DEFAULT_PORT,
    ROOT,
    Cloud,
    end_cloud,
    free_port,
)
from .e2e import (
    alarms,
    appsync,
    arm64,
    attach,
    housekeeping,
    http_api,
    left_up,
    login,
    long_steps,
    page,
    production,
    questions,
    rest_api,
    rotation,
    samples,
    snippets,
    websocket,
)
from .leash import leashed
from .steps import Failed, step
from .verdicts import VerdictLog

STATE = ROOT / ".local"


def main() -> int:
    commands: dict[str, Callable[[], int]] = {
        "demo": lambda: leashed(lambda: told(demo)),
        "test": lambda: leashed(lambda: told(test)),
        "local": lambda: leashed(lambda: told(leave_up), let_go_on_success=True),
        "stop": lambda: told(stop),
        "clean": lambda: told(clean),
    }
    command = commands.get(" ".join(sys.argv[1:]))
    if command is None:
        print(f"usage: python -m local {' | '.join(commands)}", file=sys.stderr)
        return 2
    return command()


def told(work: Callable[[], int]) -> int:
    """Runs `work`; a failure that explains itself is told without a traceback."""
    try:
        return work()
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1


def demo() -> int:
    shop = open_bookshop(STATE / "demo", chosen_port(DEFAULT_PORT))
    log = VerdictLog(shop.log_group)
    table = Table(shop.api_url, log)
    run_calls(table, shop)
    lines = log.save(STATE / "demo")
    print(f"Questions for {lines.relative_to(ROOT)}, its log lines, are in docs/operations.md.")
    print(f"{table.passed} as expected, {table.failed} not")
    return min(table.failed, 1)


def test() -> int:
    """The end-to-end tests: again from nothing, on a port of their own."""
    home = STATE / "test"
    shop = open_bookshop(home, chosen_port(free_port()))
    with step("validating the templates"):
        others = map(beside.template, ("http-api", "websocket", "appsync"))
        for template in (bookshop.TEMPLATE, production.TEMPLATE, samples.TEMPLATE, *others):
            sam.validate(template, home / "validate.log")
    log = VerdictLog(shop.log_group)
    table = Table(shop.api_url, log)
    run_calls(table, shop)
    shop.use_request_authorizer()
    print("The same calls through a REQUEST authorizer, which sees every Authorization header:")
    run_calls(table, shop, not_bearer="malformed_token")
    for api in (http_api, websocket, appsync, attach):
        table.add(api.run(shop, home))
    for claim, problem in chain(
        login.checks(shop, home),
        page.checks(shop, home),
        left_up.checks(shop, home),
        long_steps.checks(home),
        production.checks(shop, home),
        alarms.checks(shop, home),
        snippets.checks(home),
        arm64.checks(home),
        samples.checks(home),
        rotation.checks(shop),
        questions.checks(log, home),
        housekeeping.checks(),
    ):
        table.check(claim, problem)
    not_run = f", {table.not_run} NOT RUN (see above)" if table.not_run else ""
    print(f"\n{table.passed} passed, {table.failed} failed{not_run}")
    return min(table.failed, 1)


def leave_up() -> int:
    home, asked = STATE / "cloud", port_asked_for()
    told_again = up.tell_again(home, asked)
    print(told_again or up.tell(open_bookshop(home, asked or DEFAULT_PORT), home))
    return 0


def stop() -> int:
    print(up.stop(STATE / "cloud", port_asked_for()))
    return 0


def clean() -> int:
    for record in STATE.glob("*/cloud.json"):
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


def run_calls(table: Table, shop: bookshop.Bookshop, not_bearer: str = NOT_ASKED) -> None:
    with step("getting tokens"):
        calls = rest_api.calls(shop, not_bearer)
    print()
    table.run(calls)
    print()


def chosen_port(default: int) -> int:
    return port_asked_for() or default


def port_asked_for() -> int | None:
    """The number in the variable PORT, if there is one."""
    port = os.environ.get("PORT")
    if not port:
        return None
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise Failed(f"PORT is `{port}`; write a number from 1 to 65535, as in PORT={DEFAULT_PORT}")
    return int(port)


if __name__ == "__main__":
    sys.exit(main())
