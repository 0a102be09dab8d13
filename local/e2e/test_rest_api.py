"""The REST API of the bookshop, with either type of authorizer."""

from collections.abc import Iterator

import pytest

from .. import rest_api
from ..bookshop import Bookshop
from ..calls import NOT_ASKED, Api, Call
from ..wallet import Wallet

BY_TOKEN = rest_api.calls(not_bearer=NOT_ASKED)
# It sees every Authorization header.
BY_REQUEST = rest_api.calls(not_bearer="malformed_token")


@pytest.fixture(scope="session")
def api(shop: Bookshop) -> Api:
    return rest_api.api(shop)


@pytest.fixture
def request_authorizer(shop: Bookshop) -> Iterator[None]:
    with shop.request_authorizer():
        yield


@pytest.mark.parametrize("call", BY_TOKEN)
def test_token_authorizer(call: Call, api: Api, wallet: Wallet) -> None:
    assert api.make_alone(call, BY_TOKEN, wallet) == []


@pytest.mark.parametrize("call", BY_REQUEST)
def test_request_authorizer(
    call: Call, api: Api, wallet: Wallet, request_authorizer: None
) -> None:
    assert api.make_alone(call, BY_REQUEST, wallet) == []
