"""What publishing template.yaml uploads."""

import re
from pathlib import Path

import boto3
import pytest
import yaml

from ..cloud import ROOT
from ..steps import run


@pytest.fixture(scope="session")
def about(built: Path, home: Path) -> dict:
    """What the packaged template says of the application."""
    packaged = home / "packaged.yaml"
    command = ["sam", "package", "--template", str(built / "template.yaml"), "--resolve-s3"]
    run([*command, "--output-template-file", str(packaged)], cwd=ROOT, log=home / "package.log")
    # BaseLoader makes nothing of CloudFormation's tags, of which SAM has left the long forms.
    template = yaml.load(packaged.read_text(), Loader=yaml.BaseLoader)
    return template["Metadata"]["AWS::ServerlessRepo::Application"]


@pytest.mark.parametrize(
    ("key", "file"), [("LicenseUrl", "LICENSE-MIT"), ("ReadmeUrl", "README.md")]
)
def test_the_file_is_in_s3(about: dict, key: str, file: str) -> None:
    bucket, name = about[key].removeprefix("s3://").split("/", 1)
    stored = boto3.client("s3").get_object(Bucket=bucket, Key=name)["Body"].read()
    assert stored == (ROOT / file).read_bytes()


# The limits of "AWS SAM template Metadata section properties" (AWS SAM developer guide).
@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("Name", r"[a-zA-Z0-9\-]{1,140}"),
        ("Description", r".{1,256}"),
        ("Author", r"(?=.{1,127}$)[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?"),
        ("SemanticVersion", r"\d+\.\d+\.\d+"),
    ],
)
def test_the_text_is_within_its_limits(about: dict, key: str, pattern: str) -> None:
    assert re.fullmatch(pattern, about[key])


def test_the_labels_are_within_their_limits(about: dict) -> None:
    assert 0 < len(about["Labels"]) <= 10
    for label in about["Labels"]:
        assert re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label)
