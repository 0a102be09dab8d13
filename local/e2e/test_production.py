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


def short_parameters(shop: Bookshop) -> dict[str, str]:
    return {"UserPoolId": shop.pool_id, "ClientIds": shop.web.id, "RequiredScopes": "books/read"}


def test_the_short_form_refuses_garbage(shop: Bookshop, built: Path, home: Path) -> None:
    deployed = sam.deploy(built, "short", short_parameters(shop), home / "short.log")
    assert answer(deployed["AuthorizerArn"], "garbage") == "Unauthorized"


def test_the_full_form_lets_a_real_token_in(full: dict[str, str], wallet: Wallet) -> None:
    assert answer(full["AuthorizerArn"], wallet["alice: books/read"]) == "Allow"


def test_both_forms_at_once_are_refused(shop: Bookshop, built: Path, home: Path) -> None:
    both = short_parameters(shop) | full_parameters(shop)
    with pytest.raises(Failed, match="OneFormOfConfiguration"):
        sam.deploy(built, "both", both, home / "both.log")
