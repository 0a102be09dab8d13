"""The questions of docs/operations.md, each as a query of CloudWatch Logs Insights and of jq."""

import re
from dataclasses import dataclass

from .cloud import ROOT

PAGE = ROOT / "docs" / "operations.md"
QUESTION = re.compile(
    r"^### (?P<question>.+?)$.*?^```text\n(?P<insights>filter .+?)^```$.*?"
    r"^jq -sc '\n(?P<jq>.+?)^' verdicts\.jsonl$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Query:
    question: str
    insights: str  # on one line
    jq: str


def queries() -> list[Query]:
    return [
        Query(found["question"], " ".join(found["insights"].split()), found["jq"])
        for found in QUESTION.finditer(PAGE.read_text())
    ]


def members() -> set[str]:
    """The members of the verdict line, as the page's table has them."""
    table = PAGE.read_text().split("| member |", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
