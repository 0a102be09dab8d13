"""template.yaml, the authorizer alone, in both forms of its configuration; and every template."""

from pathlib import Path

import pytest

from .. import beside, bookshop, sam
from ..bookshop import Bookshop
from ..cloud import ROOT
from ..functions import answer
from ..steps import Failed
from ..wallet import Wallet
from .conftest import TEMPLATE, full_parameters

TEMPLATES = [
    TEMPLATE,
    bookshop.TEMPLATE,
    ROOT / "events" / "template.yaml",
    *map(beside.template, ("http-api", "websocket", "appsync")),
]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_is_valid(template: Path, home: Path) -> None:
    sam.validate(template, home / "validate.log")


@pytest.fixture(scope="session")
def short_parameters(shop: Bookshop) -> dict[str, str]:
    return {"UserPoolId": shop.pool_id, "ClientIds": shop.web.id, "RequiredScopes": "books/read"}


@pytest.fixture(scope="session")
def short(short_parameters: dict[str, str], built: Path, home: Path) -> dict[str, str]:
    """The outputs of template.yaml, deployed as the stack `short` with the short form."""
    return sam.deploy(built, "short", short_parameters, home / "short.log")


def test_the_short_form_refuses_garbage(short: dict[str, str]) -> None:
    assert answer(short["AuthorizerArn"], "garbage") == "Unauthorized"


def test_the_full_form_lets_a_real_token_in(full: dict[str, str], wallet: Wallet) -> None:
    assert answer(full["AuthorizerArn"], wallet["alice: books/read"]) == "Allow"


def test_the_full_form_takes_the_place_of_the_short_one_which_is_emptied(
    short_parameters: dict[str, str], shop: Bookshop, wallet: Wallet, built: Path, home: Path
) -> None:
    sam.deploy(built, "changed", short_parameters, home / "changed.log")
    parameters = full_parameters(shop) | dict.fromkeys(short_parameters, '""')
    changed = sam.deploy(built, "changed", parameters, home / "changed.log")
    assert answer(changed["AuthorizerArn"], wallet["alice: books/read"]) == "Allow"


def test_the_full_form_after_the_short_one_is_refused(
    short: dict[str, str], shop: Bookshop, built: Path, home: Path
) -> None:
    """A stack keeps the earlier value of a parameter that is not given."""
    with pytest.raises(Failed, match="Both forms"):
        sam.deploy(built, "short", full_parameters(shop), home / "both.log")


def test_neither_form_is_refused(shop: Bookshop, built: Path, home: Path) -> None:
    with pytest.raises(Failed, match="No configuration"):
        sam.deploy(built, "neither", {}, home / "neither.log")


def test_a_pool_without_clients_is_refused(shop: Bookshop, built: Path, home: Path) -> None:
    with pytest.raises(Failed, match="without ClientIds"):
        sam.deploy(built, "pool", {"UserPoolId": shop.pool_id}, home / "pool.log")
