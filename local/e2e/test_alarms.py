"""template.yaml with alarms and dashboard on."""

import json
import re
from pathlib import Path

import boto3
import jq
import pytest

from .. import sam, tokens
from ..bookshop import Bookshop
from ..functions import answer
from ..operations import queries
from ..verdicts import VerdictLog
from ..wallet import Wallet
from .conftest import Step

ALARMS = {"JwksFailuresAlarm", "RefusalsAlarm", "ErrorsAlarm", "DurationAlarm"}
FILTERS = {"Refusals", "Errors", "JwksFailures"}
UNREACHABLE = "https://unreachable.example"
THRESHOLD = 50

Metric = tuple[str, str, tuple[str, ...]]  # namespace, name, dimensions


@pytest.fixture(scope="session")
def topic(shop: Bookshop) -> str:
    return boto3.client("sns").create_topic(Name="operators")["TopicArn"]


@pytest.fixture(scope="session")
def outputs(shop: Bookshop, built: Path, topic: str, home: Path, step: Step) -> dict[str, str]:
    # The keys of one issuer are at hand; those of the other are nowhere to be had.
    toml = f"""
        required_scopes = ['books/write']
        [[issuers]]
        user_pool_id = '{shop.pool_id}'
        client_ids = ['{shop.web.id}']
        jwks_uri = '{shop.keys_url}'
        [[issuers]]
        issuer = '{UNREACHABLE}'
        audiences = 'any'
        jwks_uri = 'http://127.0.0.1:9/'
    """
    parameters = {
        "Config": f'"{toml}"',
        "Alarms": "on",
        "AlarmTopicArn": topic,
        "RefusalsThreshold": str(THRESHOLD),
        "Dashboard": "on",
    }
    with step("deploying template.yaml with alarms and dashboard"):
        return sam.deploy(built, "watched", parameters, home / "alarms.log")


@pytest.fixture(scope="session")
def watched(outputs: dict[str, str]) -> "Stack":
    return Stack("watched")


class Stack:
    """What a deployed stack has to watch the authorizer with."""

    def __init__(self, name: str) -> None:
        described = boto3.client("cloudformation").describe_stack_resources(StackName=name)
        self.name = name
        self.ids = {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for each in described["StackResources"]
        }

    def watching(self) -> set[str]:
        return self.ids.keys() & (ALARMS | FILTERS | {"Board"})

    def alarms(self) -> dict[str, dict]:
        names = {self.ids[name]: name for name in ALARMS}
        described = boto3.client("cloudwatch").describe_alarms(AlarmNames=list(names))
        return {names[alarm["AlarmName"]]: alarm for alarm in described["MetricAlarms"]}

    def function(self) -> dict:
        functions = boto3.client("lambda")
        return functions.get_function_configuration(FunctionName=self.ids["Authorizer"])

    def filters(self) -> dict[str, dict]:
        """The metric filters by the name of their metric."""
        found = boto3.client("logs").describe_metric_filters(logGroupName=self.ids["Logs"])
        filters = found["metricFilters"]
        return {each["metricTransformations"][0]["metricName"]: each for each in filters}

    def metrics(self) -> set[Metric]:
        """Those that the log lines make, and those of AWS Lambda that are shown or watched."""
        made = [each["metricTransformations"][0] for each in self.filters().values()]
        of_function = ("FunctionName", self.ids["Authorizer"])
        names = ("Invocations", "Errors", "Throttles", "Duration")
        return {(each["metricNamespace"], each["metricName"], ()) for each in made} | {
            ("AWS/Lambda", name, of_function) for name in names
        }

    def widgets(self) -> list[dict]:
        board = boto3.client("cloudwatch").get_dashboard(DashboardName=self.ids["Board"])
        return json.loads(board["DashboardBody"])["widgets"]

    def shown(self) -> set[Metric]:
        """The metrics on the dashboard. A `.` stands for the value above, `...` for all of them."""
        shown = set()
        for widget in self.widgets():
            above: list[str] = []
            for row in widget["properties"].get("metrics", []):
                row = [each for each in row if isinstance(each, str)]
                if row == ["..."]:
                    row = above
                above = [old if new == "." else new for new, old in zip(row, above or row)] or row
                shown.add((above[0], above[1], tuple(above[2:])))
        return shown


def test_nothing_watches_unless_asked_for(full: dict[str, str]) -> None:
    assert Stack("full").watching() == set()


def test_the_alarms_are_there_and_tell_the_topic(watched: Stack, topic: str) -> None:
    alarms = watched.alarms()
    assert alarms.keys() == ALARMS
    for alarm in alarms.values():
        told = alarm["AlarmActions"], alarm["OKActions"], alarm["TreatMissingData"]
        assert told == ([topic], [topic], "notBreaching")
    assert alarms["RefusalsAlarm"]["Threshold"] == THRESHOLD


def test_the_alarms_know_the_timeout_of_the_function(watched: Stack) -> None:
    timeout = watched.function()["Timeout"] * 1000
    notes = [widget["properties"].get("annotations") for widget in watched.widgets()]
    (shown,) = [note["horizontal"][0]["value"] for note in notes if note]
    assert (watched.alarms()["DurationAlarm"]["Threshold"], shown) == (0.8 * timeout, timeout)


def test_the_metrics_of_the_alarms_exist(watched: Stack) -> None:
    def dimensions(alarm: dict) -> tuple[str, ...]:
        return tuple(text for each in alarm["Dimensions"] for text in (each["Name"], each["Value"]))

    asked = {
        (alarm["Namespace"], alarm["MetricName"], dimensions(alarm))
        for alarm in watched.alarms().values()
    }
    assert asked - watched.metrics() == set()


def test_the_filters_count_the_log_lines(
    watched: Stack, outputs: dict[str, str], wallet: Wallet
) -> None:
    """One answer is 401, one 403 and one 500."""
    log = VerdictLog(outputs["LogGroup"])
    log.new()
    refused = wallet["alice: books/read"]
    undecided = tokens.with_claims(refused, iss=UNREACHABLE)
    for token in ("garbage", refused, undecided):
        answer(outputs["AuthorizerArn"], token)
    records = [json.loads(line) for line in log.new().lines if line.startswith("{")]
    counted = {}
    for name, found in watched.filters().items():
        condition = _as_jq(found["filterPattern"])
        matched = jq.compile(f".[] | select({condition})").input_value(records).all()
        value = found["metricTransformations"][0]["metricValue"]
        counted[name] = sum(
            record[value.removeprefix("$.")] if value.startswith("$.") else int(value)
            for record in matched
        )
    assert counted == {"Refusals": 2, "Errors": 1, "JwksFailures": 1}


def _as_jq(pattern: str) -> str:
    """A filter pattern for JSON as a condition of jq; MiniStack takes every line for a match.

    A comparison with a number is one of numbers: where the member is missing, it does not match
    ("Filter pattern syntax for metric filters", Amazon CloudWatch Logs user guide).
    """
    condition = pattern.strip("{} ").replace("||", "or").replace("&&", "and").replace(" = ", " == ")
    return re.sub(r"\$(\.\w+)", r"\1", condition)


def test_the_metrics_of_the_dashboard_exist(watched: Stack) -> None:
    assert watched.shown() - watched.metrics() == set()


def test_the_queries_of_the_dashboard_are_documented(
    watched: Stack, outputs: dict[str, str]
) -> None:
    asked = [each["properties"]["query"] for each in watched.widgets() if each["type"] == "log"]
    documented = {query.insights for query in queries()}
    assert asked
    for query in asked:
        source, _, rest = query.partition(" | ")
        assert source == f"SOURCE '{outputs['LogGroup']}'"
        assert rest.replace("'", '"') in documented
