"""What docs/operations.md asks of the log, asked of the log of this very run."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jq

from ..operations import Query, members, queries
from ..verdicts import VerdictLog

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


def checks(log: VerdictLog, home: Path) -> Iterator[tuple[str, str]]:
    """Each check's name with what is wrong, empty if nothing is. In the log of this run, the key
    `old` was used and then withdrawn."""
    verdicts = [json.loads(line) for line in log.save(home).read_text().splitlines()]
    asked = queries()
    yield "each question of docs/operations.md is asked", _differs(
        list(COUNTED), [query.question for query in asked]
    )
    for query in asked:
        yield f"the log answers: {query.question}", _answer(query, verdicts) or _words(query)


def _answer(query: Query, verdicts: list[dict]) -> str:
    column, counts = COUNTED[query.question]
    rows = jq.compile(query.jq).input_value(verdicts).all()
    if not rows:
        return "no rows"
    want = sum(map(counts, verdicts))
    return _differs(want, sum(row[column] for row in rows))


def _words(query: Query) -> str:
    """Words of the other query that mean nothing: a misspelt member would find nothing."""
    text = re.sub(r'"[^"]*"', "", query.insights)
    named = set(re.findall(r"\bas (\w+)", text))
    words = set(re.findall(r"\b[A-Za-z_]\w*", text))
    return ", ".join(sorted(words - WORDS - named - members()))


def _differs(want: object, got: object) -> str:
    return "" if got == want else f"want {want}, got {got}"
