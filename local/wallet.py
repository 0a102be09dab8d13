"""The tokens of the calls, by the names that the tables give them."""

import re
from collections.abc import Callable

from . import tokens
from .bookshop import Bookshop


class Wallet:
    """Gets each token once, when it is first asked for. Two wallets share no token that counts, so
    that API Gateway has no answer for the one from a call of the other."""

    def __init__(self, shop: Bookshop) -> None:
        self.shop = shop
        self._got: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str | None:
        if name not in self._got:
            self._got[name] = _MADE[name](self)
        return self._got[name]

    def fill(self, text: str) -> str:
        """Puts in what a table cannot know: the `sub` of a person, the id of the people's app."""
        for name in re.findall(r"{(alice|bob|web)}", text):
            known = self.shop.web.id if name == "web" else getattr(self.shop, name).sub
            text = text.replace(f"{{{name}}}", known)
        return text


def _alice(wallet: Wallet) -> str:
    return wallet.shop.sign_in(wallet.shop.alice)["access_token"]


def _refreshed(wallet: Wallet) -> str:
    hers = wallet.shop.sign_in(wallet.shop.alice)
    return wallet.shop.pool.refresh(wallet.shop.web, hers["refresh_token"])


def _machine(scope: str) -> Callable[[Wallet], str]:
    return lambda wallet: wallet.shop.pool.machine(wallet.shop.machine, scope)


def _forged(forge: Callable[..., str], **how: str) -> Callable[[Wallet], str]:
    return lambda wallet: forge(_machine("books/read")(wallet), **how)


def _by_public_key(wallet: Wallet) -> str:
    token = _machine("books/read")(wallet)
    return tokens.signed_with_public_key(token, wallet.shop.public_key_of(token))


_MADE: dict[str, Callable[[Wallet], str | None]] = {
    "none": lambda wallet: None,
    "none (preflight)": lambda wallet: None,
    "not a bearer token": lambda wallet: "Basic YWxpY2U6c2VjcmV0",
    "garbage": lambda wallet: "garbage",
    "expired": lambda wallet: tokens.expired(wallet.shop.expiring_token),
    "alice's ID token": lambda wallet: wallet.shop.sign_in(wallet.shop.alice)["id_token"],
    "another app client's": lambda wallet: wallet.shop.pool.machine(
        wallet.shop.stranger, "books/read"
    ),
    "signature changed": _forged(tokens.with_other_signature),
    "scope added by hand": _forged(tokens.with_claims, scope="books/read books/write"),
    "alg none": _forged(tokens.unsigned),
    "HS256, public key": _by_public_key,
    "alice: books/read": _alice,
    "alice's, refreshed": _refreshed,
    "alice's second": _alice,
    "alice's third": _alice,
    "alice's fourth": _alice,
    "carol: admins": lambda wallet: wallet.shop.sign_in(wallet.shop.carol)["access_token"],
    "machine: books/read": _machine("books/read"),
    "machine: books/write": _machine("books/write"),
}
