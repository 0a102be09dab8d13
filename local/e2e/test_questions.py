"""What docs/operations.md asks of the log, asked of the log of the bookshop."""

import re
from collections.abc import Callable

import httpx
import jq
import pytest

from .. import rest_api
from ..bookshop import Bookshop
from ..issuer import Issuer, Key
from ..operations import Query, members, queries
from ..steps import within
from ..verdicts import VerdictLog
from ..wallet import Wallet

# What else stands in a query of CloudWatch Logs Insights ("CloudWatch Logs Insights language query
# syntax", Amazon CloudWatch Logs user guide). `@timestamp` is a field of every log event.
WORDS = set("filter stats count sum max pct ispresent by as sort desc and timestamp".split())

# For each question the column that adds up, and the lines that it counts.
COUNTED: dict[str, tuple[str, Callable[[dict], int]]] = {
    "Who is refused, and why?": ("refusals", lambda line: line["outcome"] != "allow"),
    "Which routes are refused, and why?": ("refusals", lambda line: line["outcome"] == "deny"),
    "Which keys are asked for that no issuer has?": (
        "refusals",
        lambda line: line["reason"] == "unknown_key",
    ),
    "Which clients still use a withdrawn key?": (
        "uses",
        lambda line: line.get("kid") == "old" and "client_id" in line,
    ),
    "How long does it take?": ("requests", lambda line: 1),
    "Are the keys fresh?": ("fetches", lambda line: line.get("jwks_fetches", 0)),
    "Who calls what?": ("calls", lambda line: line["outcome"] == "allow"),
}


@pytest.fixture(scope="session")
def verdicts(shop: Bookshop) -> list[dict]:
    """The lines about all calls of the bookshop's table, and about an issuer that withdraws a key."""
    log = VerdictLog(shop.log_group)
    log.new()
    api, wallet = rest_api.api(shop), Wallet(shop)
    for call in rest_api.calls():
        api.make(call, wallet)
    old, new = Key("old"), Key("new")
    with Issuer() as issuer, shop.configured_with(issuer.configuration(cooldown=1)):
        issuer.publish(old)
        assert _status(shop, old) == 200
        issuer.publish(new)
        assert within(10, lambda: _status(shop, new) == 200), "the new key is never fetched"
        assert _status(shop, old) == 401
    return log.new().verdicts


def _status(shop: Bookshop, key: Key) -> int:
    headers = {"Authorization": f"Bearer {key.token()}"}
    return httpx.get(f"{shop.api_url}/books", headers=headers, timeout=30).status_code


def test_each_question_is_asked() -> None:
    assert [query.question for query in queries()] == list(COUNTED)


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.question)
def test_the_log_answers(query: Query, verdicts: list[dict]) -> None:
    column, counts = COUNTED[query.question]
    rows = jq.compile(query.jq).input_value(verdicts).all()
    assert rows
    assert sum(row[column] for row in rows) == sum(map(counts, verdicts))


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.question)
def test_the_query_has_no_unknown_words(query: Query) -> None:
    """A misspelt member would find nothing."""
    text = re.sub(r'"[^"]*"', "", query.insights)
    named = set(re.findall(r"\bas (\w+)", text))
    words = set(re.findall(r"\b[A-Za-z_]\w*", text))
    assert words - WORDS - named - members() == set()
