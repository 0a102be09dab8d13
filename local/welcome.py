"""What `make local` tells: where everything is, and what to try with which token."""

from pathlib import Path

from .bookshop import Bookshop
from .cloud import REGION


def welcome(shop: Bookshop, home: Path) -> str:
    tokens = home / "tokens"
    tokens.write_text(
        f"API={shop.api_url}\n"
        f"ALICE={shop.sign_in(shop.alice)['access_token']}\n"
        f"CAROL={shop.sign_in(shop.carol)['access_token']}\n"
        f"MACHINE={shop.pool.machine(shop.machine, 'books/write')}\n"
    )
    return f"""
The bookshop is open until `make clean`:

  API        {shop.api_url}
  keys       {shop.keys_url}
  sign-in    {shop.pool.url}/oauth2/authorize and /oauth2/token

alice may read books, carol is in the group admins, the machine may write.
Their tokens are good for an hour:

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
"""
