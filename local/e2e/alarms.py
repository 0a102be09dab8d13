"""template.yaml with alarms and dashboard on, and what is uploaded to publish it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import boto3
import jq
import yaml

from .. import sam, tokens
from ..bookshop import Bookshop
from ..cloud import ROOT
from ..operations import queries
from ..steps import run, step
from ..verdicts import VerdictLog
from .production import BUILT, answer

ALARMS = {"JwksFailuresAlarm", "RefusalsAlarm", "ErrorsAlarm", "DurationAlarm"}
FILTERS = {"Refusals", "Errors", "JwksFailures"}
UNREACHABLE = "https://unreachable.example"
THRESHOLD = 50

Metric = tuple[str, str, tuple[str, ...]]  # namespace, name, dimensions


def checks(shop: Bookshop, home: Path) -> Iterator[tuple[str, str]]:
    """Each check's name with what is wrong, empty if nothing is. BUILT must be there."""
    log = home / "alarms.log"
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
    with step("deploying the production template with alarms and dashboard"):
        topic = boto3.client("sns").create_topic(Name="operators")["TopicArn"]
        parameters = {
            "Config": f'"{toml}"',
            "Alarms": "on",
            "AlarmTopicArn": topic,
            "RefusalsThreshold": str(THRESHOLD),
            "Dashboard": "on",
        }
        outputs = sam.deploy(BUILT, "watched", parameters, log)
    watched, plain = Stack("watched"), Stack("full")
    refused = shop.sign_in(shop.alice)["access_token"]
    undecided = tokens.with_claims(refused, iss=UNREACHABLE)
    for token in ("garbage", refused, undecided):
        answer(outputs["AuthorizerArn"], token)
    lines = VerdictLog(outputs["LogGroup"])
    lines.new()

    yield "no alarm and no dashboard unless asked for", _differs(set(), plain.watching())
    yield "the alarms are there, and tell the topic", _alarms(watched, topic)
    yield "the alarms know the function's timeout", _timeout(watched)
    yield "the alarms' metrics exist", _differs(set(), _of_alarms(watched) - watched.metrics())
    yield "the log lines are counted as they should", _counts(watched, lines.lines)
    yield "the dashboard's metrics exist", _differs(set(), watched.shown() - watched.metrics())
    yield "the dashboard's queries are documented", _queries(watched, outputs["LogGroup"])
    yield "what `sam publish` needs is packaged", _package(home)


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


def _alarms(stack: Stack, topic: str) -> str:
    alarms = stack.alarms()
    problems = [f"{name} is not there" for name in ALARMS - alarms.keys()]
    for name, alarm in alarms.items():
        told = alarm["AlarmActions"], alarm["OKActions"], alarm["TreatMissingData"]
        problems.append(_differs(([topic], [topic], "notBreaching"), told))
    problems.append(_differs(THRESHOLD, alarms["RefusalsAlarm"]["Threshold"]))
    return ", ".join(filter(None, problems))


def _timeout(stack: Stack) -> str:
    timeout = stack.function()["Timeout"] * 1000
    notes = [widget["properties"].get("annotations") for widget in stack.widgets()]
    (shown,) = [note["horizontal"][0]["value"] for note in notes if note]
    known = stack.alarms()["DurationAlarm"]["Threshold"], shown
    return _differs((0.8 * timeout, timeout), known)


def _of_alarms(stack: Stack) -> set[Metric]:
    def dimensions(alarm: dict) -> tuple[str, ...]:
        return tuple(text for each in alarm["Dimensions"] for text in (each["Name"], each["Value"]))

    return {
        (alarm["Namespace"], alarm["MetricName"], dimensions(alarm))
        for alarm in stack.alarms().values()
    }


def _counts(stack: Stack, lines: list[str]) -> str:
    """What the filters make of the lines: one answer was 401, one 403 and one 500."""
    records = [json.loads(line) for line in lines if line.startswith("{")]
    counted = {}
    for name, found in stack.filters().items():
        condition = _as_jq(found["filterPattern"])
        matched = jq.compile(f".[] | select({condition})").input_value(records).all()
        value = found["metricTransformations"][0]["metricValue"]
        counted[name] = sum(
            record[value.removeprefix("$.")] if value.startswith("$.") else int(value)
            for record in matched
        )
    return _differs({"Refusals": 2, "Errors": 1, "JwksFailures": 1}, counted)


def _as_jq(pattern: str) -> str:
    """A filter pattern for JSON as a condition of jq; MiniStack takes every line for a match.

    A comparison with a number is one of numbers: where the member is missing, it does not match
    ("Filter pattern syntax for metric filters", Amazon CloudWatch Logs user guide).
    """
    condition = pattern.strip("{} ").replace("||", "or").replace("&&", "and").replace(" = ", " == ")
    return re.sub(r"\$(\.\w+)", r"\1", condition)


def _queries(stack: Stack, log_group: str) -> str:
    asked = [widget["properties"]["query"] for widget in stack.widgets() if widget["type"] == "log"]
    documented = {query.insights for query in queries()}
    problems = []
    for query in asked:
        source, _, rest = query.partition(" | ")
        problems.append(_differs(f"SOURCE '{log_group}'", source))
        problems.append("" if rest.replace("'", '"') in documented else f"unknown: {rest}")
    return ", ".join(filter(None, problems))


def _package(home: Path) -> str:
    """Licence and README must be in S3; the limits are those of "AWS SAM template Metadata section
    properties" (AWS SAM developer guide)."""
    packaged = home / "packaged.yaml"
    command = ["sam", "package", "--template", str(BUILT / "template.yaml"), "--resolve-s3"]
    run([*command, "--output-template-file", str(packaged)], cwd=ROOT, log=home / "package.log")
    # BaseLoader makes nothing of CloudFormation's tags, of which SAM has left the long forms.
    template = yaml.load(packaged.read_text(), Loader=yaml.BaseLoader)
    about = template["Metadata"]["AWS::ServerlessRepo::Application"]
    problems = []
    for key, file in {"LicenseUrl": "LICENSE-MIT", "ReadmeUrl": "README.md"}.items():
        bucket, name = about[key].removeprefix("s3://").split("/", 1)
        stored = boto3.client("s3").get_object(Bucket=bucket, Key=name)["Body"].read()
        problems.append("" if stored == (ROOT / file).read_bytes() else f"{key} is not {file}")
    for key, pattern in {
        "Name": r"[a-zA-Z0-9\-]{1,140}",
        "Description": r".{1,256}",
        "Author": r"(?=.{1,127}$)[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?",
        "SemanticVersion": r"\d+\.\d+\.\d+",
    }.items():
        problems.append("" if re.fullmatch(pattern, about[key]) else f"{key} is {about[key]}")
    labels = [re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label) for label in about["Labels"]]
    problems.append("" if all(labels) and len(labels) <= 10 else f"Labels are {about['Labels']}")
    return ", ".join(filter(None, problems))


def _differs(want: object, got: object) -> str:
    return "" if got == want else f"want {want}, got {got}"
