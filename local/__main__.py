"""`python -m local demo | test | local | clean`: what the targets of the Makefile do."""

import os
import secrets
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from . import bookshop
from .calls import Table
from .cloud import (
    DEFAULT_PORT,
    ROOT,
    Cloud,
    check_port_is_free,
    end_cloud,
    free_port,
    running_cloud,
)
from .e2e import housekeeping, rest_api
from .leash import leashed
from .steps import Failed, run, step
from .verdicts import VerdictLog

STATE = ROOT / ".local"
TEMPLATES = [ROOT / "template.yaml", bookshop.TEMPLATE]


def main() -> int:
    commands: dict[str, Callable[[], int]] = {
        "demo": lambda: leashed(lambda: told(demo)),
        "test": lambda: leashed(lambda: told(test)),
        "local": lambda: leashed(lambda: told(leave_up), let_go_on_success=True),
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
    table = calls_at(open_bookshop(STATE / "demo", chosen_port(DEFAULT_PORT)))
    print(f"{table.passed} as expected, {table.failed} not")
    return min(table.failed, 1)


def test() -> int:
    """The end-to-end tests: again from nothing, on a port of their own."""
    home = STATE / "test"
    shop = open_bookshop(home, chosen_port(free_port()))
    with step("validating the templates"):
        for template in TEMPLATES:
            command = ["sam", "validate", "--lint", "--template", str(template)]
            run(command, cwd=ROOT, log=home / "validate.log")
    table = calls_at(shop)
    passed, failed = table.passed, table.failed
    for name, problem in housekeeping.checks():
        print(f"{name}: {problem or 'yes'}", flush=True)
        passed, failed = (passed, failed + 1) if problem else (passed + 1, failed)
    print(f"\n{passed} passed, {failed} failed")
    return min(failed, 1)


def leave_up() -> int:
    home = STATE / "cloud"
    if running := running_cloud(home):
        raise Failed(f"the local cloud is up already, at {running[1]}; `make clean` ends it.")
    shop = open_bookshop(home, chosen_port(DEFAULT_PORT))
    alice, carol = shop.add_user("alice"), shop.add_user("carol", "admins")
    verifier = secrets.token_urlsafe(48)
    link = shop.pool.login_link(shop.web, "openid books/read", verifier, secrets.token_urlsafe(8))
    reader = shop.sign_in(alice)["access_token"]
    admin = shop.sign_in(carol)["access_token"]
    writer = shop.pool.machine(shop.machine, "books/write")
    print(f"""
The bookshop is open until `make clean`. The tokens are good for an hour.

API          {shop.api_url}
keys         {shop.keys_url}
verdicts     AWS_ENDPOINT_URL={shop.pool.url} … aws logs tail {shop.log_group} (any credentials)

# alice: books/read
ALICE={reader}
# carol: books/read, group admins
CAROL={admin}
# a machine: books/write
MACHINE={writer}

curl -i {shop.api_url}/books
curl -i {shop.api_url}/books -H "Authorization: Bearer $ALICE"
curl -i {shop.api_url}/users/{alice.sub}/loans -H "Authorization: Bearer $ALICE"
curl -i {shop.api_url}/admin/reports -H "Authorization: Bearer $ALICE"
curl -i {shop.api_url}/admin/reports -H "Authorization: Bearer $CAROL"
curl -i -X POST {shop.api_url}/books -H "Authorization: Bearer $MACHINE"

Sign in yourself, as alice with the password {alice.password} :
  {link}
The browser ends at an address with `code=…`, which nobody serves; change it for tokens:
  curl {shop.pool.url}/oauth2/token -d grant_type=authorization_code -d client_id={shop.web.id} \\
    -d redirect_uri={shop.web.callback} -d code_verifier={verifier} -d code=…
""")
    return 0


def clean() -> int:
    for home in STATE.iterdir():
        end_cloud(home)
    shutil.rmtree(STATE, ignore_errors=True)
    return 0


def open_bookshop(home: Path, port: int) -> bookshop.Bookshop:
    check_port_is_free(port)
    cloud = Cloud(home, port)
    with step(f"starting the local cloud on 127.0.0.1:{port}"):
        cloud.start()
    with step("building the authorizer"):
        bookshop.build(home / "build.log")
    with step("deploying the bookshop"):
        return bookshop.deploy(cloud, home / "deploy.log")


def calls_at(shop: bookshop.Bookshop) -> Table:
    with step("creating users and getting tokens"):
        calls = rest_api.calls(shop)
    table = Table(shop.api_url, VerdictLog(shop.log_group))
    print()
    table.run(calls)
    print()
    return table


def chosen_port(default: int) -> int:
    return int(os.environ.get("PORT") or default)


if __name__ == "__main__":
    sys.exit(main())
