"""What `make local` tells: where everything is, and what to try with which token."""

import json
import time
from dataclasses import asdict
from pathlib import Path

from . import private
from .bookshop import Bookshop
from .cloud import REGION
from .tokens import User, claims

# Tokens that end sooner than this are replaced when `make local` tells of them again.
GOOD_FOR_SECONDS = 300


def welcome(shop: Bookshop, home: Path) -> str:
    """Tells of a bookshop that has just been deployed."""
    people = {"alice": asdict(shop.alice), "carol": asdict(shop.carol)}
    private.write(home / "people.json", json.dumps(people))
    private.write(home / "machine-secret", f"{shop.machine.secret}\n")
    return told(shop, home)


def is_complete(home: Path) -> bool:
    """Whether the bookshop in the cloud of `home` is all there, and its people are known."""
    return (home / "people.json").exists()


def again(shop: Bookshop, home: Path) -> str:
    """Tells the same of one that is up already: the tokens too, as long as they are good."""
    for name, person in json.loads((home / "people.json").read_text()).items():
        setattr(shop, name, User(**person))
    return told(shop, home)


def told(shop: Bookshop, home: Path) -> str:
    tokens, secret = home / "tokens", home / "machine-secret"
    if _end(tokens) < time.time() + GOOD_FOR_SECONDS:
        private.write(
            tokens,
            f"API={shop.api_url}\n"
            f"ALICE={shop.sign_in(shop.alice)['access_token']}\n"
            f"CAROL={shop.sign_in(shop.carol)['access_token']}\n"
            f"MACHINE={shop.pool.machine(shop.machine, 'books/write')}\n",
        )
    until = time.strftime("%H:%M", time.localtime(_end(tokens)))
    return f"""
The bookshop is open until `make stop`:

  API        {shop.api_url}
  keys       {shop.keys_url}
  sign-in    {shop.pool.url}/oauth2/authorize and /oauth2/token

alice may read books, carol is in the group admins, the machine may write.
Their tokens are good until {until}; after that, `make local` makes new ones:

  . {tokens.relative_to(Path.cwd())}
  curl -i $API/books
  curl -i $API/books -H "Authorization: Bearer $ALICE"
  curl -i $API/users/{shop.alice.sub}/loans -H "Authorization: Bearer $ALICE"
  curl -i $API/admin/reports -H "Authorization: Bearer $ALICE"
  curl -i $API/admin/reports -H "Authorization: Bearer $CAROL"
  curl -i -X POST $API/books -H "Authorization: Bearer $MACHINE"

The authorizer's verdicts:

  AWS_ENDPOINT_URL={shop.pool.url} AWS_DEFAULT_REGION={REGION} AWS_ACCESS_KEY_ID=test \\
    AWS_SECRET_ACCESS_KEY=test .local/venv/bin/sam logs --cw-log-group {shop.log_group}

Sign in yourself, as alice with the password {shop.alice.password}

  cargo run --quiet --package authz -- login --domain {shop.pool.url} --client-id {shop.web.id} \\
    --scope openid --scope books/read --only access_token

Get a token as the machine, whose secret is in {secret.relative_to(Path.cwd())}

  cargo run --quiet --package authz -- token --domain {shop.pool.url} \\
    --client-id {shop.machine.id} --client-secret-file {secret.relative_to(Path.cwd())} \\
    --scope books/write --only access_token
"""


def _end(tokens: Path) -> float:
    """When the first of the tokens ends, in seconds since 1970; 0 if there are none."""
    if not tokens.exists():
        return 0
    lines = dict(line.split("=", 1) for line in tokens.read_text().splitlines())
    return min(claims(token)["exp"] for name, token in lines.items() if name != "API")
