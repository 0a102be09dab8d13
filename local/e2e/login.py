"""`authz login`, `token`, `refresh` and `revoke`, as people and programs use them."""

import json
import os
import pty
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from ..bookshop import Bookshop
from ..browser import CHROMEDRIVER, CHROMIUM, browser
from ..cloud import ROOT, free_port
from ..steps import NotRun, run, step
from ..tokens import claims

AUTHZ = ROOT / "target" / "debug" / "authz"
SECONDS = 60
THANKS = "Done. You may close this window; authz goes on in the terminal."


def checks(shop: Bookshop, home: Path) -> Iterator[tuple[str, str | NotRun]]:
    """Each check's name with what is wrong, empty if nothing is."""
    with step("building authz"):
        build = ["cargo", "build", "--locked", "--package", "authz"]
        run(build, cwd=ROOT, log=home / "authz.log", env={"CARGO_TARGET_DIR": str(ROOT / "target")})
    yield from of_a_machine(shop, home)
    claim = "authz login signs a person in with a browser"
    if CHROMIUM and CHROMEDRIVER:
        yield from of_a_person(shop, home, claim)
    else:
        yield claim, NotRun("there is no Chromium with ChromeDriver; local/chromium.sh installs it")


def of_a_machine(shop: Bookshop, home: Path) -> Iterator[tuple[str, str]]:
    secret = home / "client-secret"
    secret.write_text(f"{shop.machine.secret}\n")
    asked = [
        *("token", "--domain", shop.cloud_url, "--client-id", shop.machine.id),
        *("--scope", "books/write", "--only", "access_token"),
    ]
    ways = {
        "the environment": _output(*asked, AUTHZ_CLIENT_SECRET=shop.machine.secret),
        "a file": _output(*asked, "--client-secret-file", str(secret)),
        "a prompt": _at_prompt(shop.machine.secret, *asked, "--client-secret-prompt"),
    }
    for way, token in ways.items():
        yield f"authz token, its secret from {way}", _refusal(shop, "POST", token, 201)
    config = home / "explain.toml"
    config.write_text(
        f"[[issuers]]\nuser_pool_id = '{shop.pool_id}'\nclient_ids = ['{shop.machine.id}']\n"
        f"jwks_uri = '{shop.keys_url}'\n"
    )
    call = ["--token", "-", "--request", "POST /books"]
    explained = _authz("explain", "--config", str(config), *call, stdin=token)
    yield "authz explain takes such a token", "" if explained.returncode == 0 else str(explained)
    wrong = _authz(*asked, AUTHZ_CLIENT_SECRET="wrong")
    said = "the server refused: `invalid_client` (Invalid client credentials.)"
    yield "authz token, a wrong secret", "" if said in wrong.stderr else str(wrong)


def of_a_person(shop: Bookshop, home: Path, claim: str) -> Iterator[tuple[str, str]]:
    """A sign-in by the pool's discovery document, then a new access token, by its domain."""
    file = home / "alice.json"
    callback = f"http://localhost:{free_port()}/callback"
    shop.call_back_to(callback)
    discovery = f"{shop.cloud_url}/{shop.pool_id}/.well-known/openid-configuration"
    pool = ["--user-pool-id", shop.pool_id, "--discovery-url", discovery]
    client = ["--client-id", shop.web.id]
    with step("signing alice in with Chromium"):
        problem = _sign_in(
            shop,
            home,
            *("login", *pool, *client, "--scope", "openid", "--scope", "books/read"),
            *("--redirect-uri", callback, "--no-browser", "--output", str(file)),
        )
    yield claim, problem
    if problem:
        return
    first = json.loads(file.read_text())
    yield "her access token opens GET /books", _refusal(shop, "GET", first["access_token"], 200)
    name = claims(first["id_token"]).get("cognito:username")
    yield "the ID token is hers", "" if name == shop.alice.name else f"it is of {name}"
    mode = oct(file.stat().st_mode & 0o777)
    yield "the file is its owner's alone", "" if mode == "0o600" else mode

    place = ["--domain", shop.cloud_url, *client]
    token = _output("refresh", *place, "--tokens", str(file), "--only", "access_token")
    yield "authz refresh gives a token that opens GET /books", _refusal(shop, "GET", token, 200)
    second = json.loads(file.read_text())
    kept = second["refresh_token"] == first["refresh_token"]
    yield "it is another one, and the refresh token is kept", (
        "" if kept and second["access_token"] == token != first["access_token"] else "no"
    )
    # MiniStack has no revocation endpoint, and its discovery document says so.
    revoked = _authz("revoke", *pool, *client, "--tokens", str(file))
    said = "the issuer's discovery document names no `revocation_endpoint`"
    yield "authz revoke says that this pool cannot", "" if said in revoked.stderr else str(revoked)


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
            window.open(page)
            window.type("#username", shop.alice.name)
            window.type("#password", shop.alice.password)
            window.submit("button[type=submit]")
            shown = window.text()
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


def _refusal(shop: Bookshop, method: str, token: str, want: int) -> str:
    """What is wrong with the answer of the bookshop to this token."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.request(method, f"{shop.api_url}/books", headers=headers, timeout=SECONDS)
    return "" if answer.status_code == want else f"{answer.status_code}: {answer.text[:200]}"


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
