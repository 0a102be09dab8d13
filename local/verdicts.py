"""What the authorizer says of each call, read from its CloudWatch log."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import boto3


# How much older than the latest line one may be that is written after it. MiniStack gives the
# first 10,000 lines and no more, so that a reader must not begin at the first one every time.
LATE_MILLISECONDS = 60_000


@dataclass
class Said:
    """The authorizer's part in one call."""

    invocations: int = 0
    verdicts: list[dict] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class VerdictLog:
    """Reads each line of the authorizer's log group once."""

    def __init__(self, log_group: str) -> None:
        self.logs = boto3.client("logs")
        self.log_group = log_group
        self.seen: set[tuple[str, str]] = set()
        self.lines: list[str] = []
        self.since = 0

    def new(self) -> Said:
        """What was logged since the last time.

        MiniStack writes the lines of an invocation before it answers the call, framed as
        `START RequestId: …` and `END RequestId: …`: without a `START` nothing was invoked.
        """
        said = Said()
        for line in self._new_lines():
            self.lines.append(line)
            said.lines.append(line)
            if line.startswith("START RequestId: "):
                said.invocations += 1
            elif line.startswith("{"):
                record = json.loads(line)
                if "outcome" in record:
                    said.verdicts.append(record)
        return said

    def save(self, into: Path) -> Path:
        """Writes the lines of all verdicts up to now into a file, for jq."""
        self.new()
        verdicts = [line for line in self.lines if line.startswith("{") and '"outcome"' in line]
        path = into / "verdicts.jsonl"
        path.write_text("".join(f"{line}\n" for line in verdicts))
        return path

    def _new_lines(self) -> list[str]:
        try:
            pages = self.logs.get_paginator("filter_log_events").paginate(
                logGroupName=self.log_group, startTime=self.since
            )
            events = [event for page in pages for event in page["events"]]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        if events:
            self.since = events[-1]["timestamp"] - LATE_MILLISECONDS
        lines = [(event["logStreamName"], event["message"]) for event in events]
        new = [line for line in lines if line not in self.seen]
        self.seen.update(new)
        return [message for _, message in new]
