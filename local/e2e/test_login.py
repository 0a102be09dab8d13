"""`authz login`, `token`, `refresh` and `revoke`, as people and programs use them."""

import json
import os
import pty
import shutil
import signal
import subprocess
import termios
import time
from pathlib import Path

import httpx
import pytest

from ..bookshop import Bookshop
from ..browser import CHROMEDRIVER, CHROMIUM, browser
from ..cloud import ROOT, free_port
from ..steps import run
from ..tokens import claims
from .conftest import Step

AUTHZ = ROOT / "target" / "debug" / "authz"
SECONDS = 60
THANKS = "Done. You may close this window; authz goes on in the terminal."


@pytest.fixture(scope="module", autouse=True)
def authz(home: Path, step: Step) -> None:
    env = {"CARGO_TARGET_DIR": str(ROOT / "target")}
    with step("building authz"):
        build = ["cargo", "build", "--locked", "--package", "authz"]
        run(build, cwd=ROOT, log=home / "authz.log", env=env)


@pytest.fixture(scope="session")
def asked(shop: Bookshop) -> list[str]:
    """The command that asks for a token of the machine."""
    return [
        *("token", "--domain", shop.cloud_url, "--client-id", shop.machine.id),
        *("--scope", "books/write", "--only", "access_token"),
    ]


def test_the_secret_comes_from_the_environment(shop: Bookshop, asked: list[str]) -> None:
    token = _output(*asked, AUTHZ_CLIENT_SECRET=shop.machine.secret)
    assert _status(shop, "POST", token) == 201


def test_the_secret_comes_from_a_file(shop: Bookshop, asked: list[str], tmp_path: Path) -> None:
    secret = tmp_path / "client-secret"
    secret.write_text(f"{shop.machine.secret}\n")
    token = _output(*asked, "--client-secret-file", str(secret))
    assert _status(shop, "POST", token) == 201


def test_the_secret_comes_from_a_prompt(shop: Bookshop, asked: list[str]) -> None:
    token = _at_prompt(shop.machine.secret, *asked, "--client-secret-prompt")
    assert _status(shop, "POST", token) == 201


def test_a_wrong_secret_is_refused(asked: list[str]) -> None:
    wrong = _authz(*asked, AUTHZ_CLIENT_SECRET="wrong")
    said = "the server refused: `invalid_client` (Invalid client credentials.)"
    assert said in wrong.stderr


def test_explain_takes_such_a_token(shop: Bookshop, asked: list[str], tmp_path: Path) -> None:
    config = tmp_path / "explain.toml"
    config.write_text(
        f"[[issuers]]\nuser_pool_id = '{shop.pool_id}'\nclient_ids = ['{shop.machine.id}']\n"
        f"jwks_uri = '{shop.keys_url}'\n"
    )
    token = _output(*asked, AUTHZ_CLIENT_SECRET=shop.machine.secret)
    call = ["--token", "-", "--request", "POST /books"]
    explained = _authz("explain", "--config", str(config), *call, stdin=token)
    assert explained.returncode == 0, explained


@pytest.fixture(scope="session")
def pool(shop: Bookshop) -> list[str]:
    """Whom a person signs in at, by the pool's discovery document, and with which client."""
    discovery = f"{shop.cloud_url}/{shop.pool_id}/.well-known/openid-configuration"
    client = ["--client-id", shop.web.id]
    return ["--user-pool-id", shop.pool_id, "--discovery-url", discovery, *client]


@pytest.fixture(scope="session")
def signed_in(shop: Bookshop, pool: list[str], home: Path, step: Step) -> Path:
    """The file with the tokens of alice, who has signed in with a browser."""
    if not (CHROMIUM and CHROMEDRIVER):
        pytest.skip("there is no Chromium with ChromeDriver; local/chromium.sh installs it")
    file = home / "alice.json"
    callback = f"http://localhost:{free_port()}/callback"
    with step("signing alice in with Chromium"), shop.called_back_at(callback):
        problem = _sign_in(
            shop,
            home,
            *("login", *pool, "--scope", "openid", "--scope", "books/read"),
            *("--redirect-uri", callback, "--no-browser", "--output", str(file)),
        )
    assert problem == ""
    return file


def test_her_access_token_opens_the_shop(shop: Bookshop, signed_in: Path) -> None:
    token = json.loads(signed_in.read_text())["access_token"]
    assert _status(shop, "GET", token) == 200


def test_the_id_token_is_hers(shop: Bookshop, signed_in: Path) -> None:
    token = json.loads(signed_in.read_text())["id_token"]
    assert claims(token)["cognito:username"] == shop.alice.name


def test_the_file_is_its_owners_alone(signed_in: Path) -> None:
    assert oct(signed_in.stat().st_mode & 0o777) == "0o600"


def test_refresh_gives_another_token(shop: Bookshop, signed_in: Path, tmp_path: Path) -> None:
    """This time the server is found by its domain. The refresh token is kept."""
    file = Path(shutil.copy(signed_in, tmp_path))
    place = ["--domain", shop.cloud_url, "--client-id", shop.web.id]
    token = _output("refresh", *place, "--tokens", str(file), "--only", "access_token")
    assert _status(shop, "GET", token) == 200
    first, second = (json.loads(each.read_text()) for each in (signed_in, file))
    assert second["access_token"] == token != first["access_token"]
    assert second["refresh_token"] == first["refresh_token"]


def test_revoke_says_that_this_pool_cannot(pool: list[str], signed_in: Path) -> None:
    """MiniStack has no revocation endpoint, and its discovery document says so."""
    revoked = _authz("revoke", *pool, "--tokens", str(signed_in))
    said = "the issuer's discovery document names no `revocation_endpoint`"
    assert said in revoked.stderr


def _sign_in(shop: Bookshop, home: Path, *arguments: str) -> str:
    """Runs `authz login`, and a browser for the page that it tells; what went wrong."""
    login = subprocess.Popen(
        [AUTHZ, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        page = next((line.strip() for line in login.stderr if "http" in line), None)
        if page is None:
            return "no page to sign in at was told"
        with browser(home) as window:
            shown = window.sign_in(page, shop.alice.name, shop.alice.password)
        if shown != THANKS:
            return f"the browser shows `{shown}`"
        printed, told = login.communicate(timeout=SECONDS)
    finally:
        login.kill()
        login.wait()
    if login.returncode != 0 or printed:
        return f"status {login.returncode}, printed `{printed}`, told `{told}`"
    return ""


def _at_prompt(secret: str, *arguments: str) -> str:
    """What `authz` prints after it was given the secret at its terminal, which must not show it."""
    reading, writing = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        os.dup2(writing, 1)
        os.execv(AUTHZ, [AUTHZ, *arguments])
    os.close(writing)
    try:
        deadline = time.monotonic() + SECONDS
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            if time.monotonic() > deadline:
                return "the terminal shows what is typed"
            time.sleep(0.01)
        os.write(terminal, f"{secret}\n".encode())
        with os.fdopen(reading) as output:
            printed = output.read().strip()
        shown = os.read(terminal, 4096).decode()
        if secret in shown:
            return "the terminal shows the secret"
        return printed or f"nothing was printed, and shown: {shown}"
    finally:
        os.close(terminal)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _status(shop: Bookshop, method: str, token: str) -> int:
    """What the bookshop answers to this token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(
        method, f"{shop.api_url}/books", headers=headers, timeout=SECONDS
    ).status_code


def _output(*arguments: str, **env: str) -> str:
    ended = _authz(*arguments, **env)
    return ended.stdout.strip() or str(ended)


def _authz(*arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTHZ, *arguments],
        env=os.environ | env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
