"""What the end-to-end tests share: a leash, the local cloud, and what is deployed into it.

A fixture of the session is made when the first test asks for it. A test that changes one of them
does so in a fixture of its own, which changes it back.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from .. import bookshop, functions, sam, steps
from ..bookshop import Bookshop
from ..calls import Call
from ..cloud import ROOT, Cloud, free_port, port_asked_for
from ..leash import leashed
from ..verdicts import VerdictLog
from ..wallet import Wallet

Step = Callable[[str], contextlib.AbstractContextManager[None]]

HERE = Path(__file__).parent
TEMPLATE = ROOT / "template.yaml"
BUILT = ROOT / ".local" / "build" / "production"

on_leash = False


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Runs the session on a leash, so that nothing it starts outlives it."""
    global on_leash
    if on_leash:
        return None
    on_leash = True
    return leashed(lambda: _run(config))


def _run(config: pytest.Config) -> int:
    try:
        return config.hook.pytest_cmdline_main(config=config)
    except pytest.UsageError as error:
        print("\n".join(f"ERROR: {line}" for line in error.args), file=sys.stderr)
        return pytest.ExitCode.USAGE_ERROR


def pytest_configure() -> None:
    """Refuses what pytest would leave out without a word: a file whose name says no test."""
    known = {HERE / "__init__.py", HERE / "conftest.py", *HERE.glob("test_*.py")}
    for other in set(HERE.glob("*.py")) - known:
        raise pytest.UsageError(f"{other.relative_to(ROOT)} is not run: its name must be test_….py")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Refuses the same of a file whose functions are named otherwise."""
    report = yield
    if isinstance(collector, pytest.Module) and report.passed and not report.result:
        report.outcome = "failed"
        report.longrepr = "nothing here is run: the name of a test begins with `test_`"
    return report


def pytest_make_parametrize_id(val: object) -> str | None:
    return str(val) if isinstance(val, Call) else None


@pytest.fixture(scope="session")
def step(pytestconfig: pytest.Config) -> Step:
    """Shows a long step while it runs, captured output or not."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    @contextlib.contextmanager
    def shown(name: str) -> Iterator[None]:
        with capture.global_and_fixture_disabled():
            print()
            with steps.step(name):
                yield

    return shown


@pytest.fixture(scope="session")
def cloud(step: Step) -> Cloud:
    """A local cloud of the tests' own, from nothing."""
    cloud = Cloud(ROOT / ".local" / "test", port_asked_for() or free_port())
    with step(f"starting the local cloud on 127.0.0.1:{cloud.port}"):
        cloud.start()
    return cloud


@pytest.fixture(scope="session")
def home(cloud: Cloud) -> Path:
    """Where the logs of this session are."""
    return cloud.home


@pytest.fixture(scope="session")
def shop(cloud: Cloud, step: Step) -> Iterator[Bookshop]:
    """The bookshop, deployed. Its verdicts are left in a file at the end, for jq."""
    with step("building the authorizer"):
        bookshop.build(cloud.home)
    with step("deploying the bookshop"):
        shop = bookshop.deploy(cloud)
    yield shop
    VerdictLog(shop.log_group).save(cloud.home)


@pytest.fixture
def wallet(shop: Bookshop) -> Wallet:
    """Tokens that no other test has."""
    return Wallet(shop)


@pytest.fixture(scope="session")
def built(home: Path, step: Step) -> Path:
    """template.yaml, built for this machine."""
    with step("building template.yaml"):
        sam.build(TEMPLATE, BUILT, home / "production.log")
    return BUILT


@pytest.fixture(scope="session")
def full(shop: Bookshop, built: Path, home: Path, step: Step) -> dict[str, str]:
    """The outputs of template.yaml, deployed as the stack `full` with a whole configuration."""
    with step("deploying template.yaml"):
        return sam.deploy(built, "full", full_parameters(shop), home / "full.log")


def full_parameters(shop: Bookshop) -> dict[str, str]:
    toml = f"""
        [[issuers]]
        user_pool_id = '{shop.pool_id}'
        client_ids = ['{shop.web.id}']
        jwks_uri = '{shop.keys_url}'
    """
    return {"Config": f'"{toml}"', "ApiArn": functions.API}


@pytest.fixture(scope="session")
def no_engine() -> str:
    """Why there is no container engine with the image for this machine's functions, if so."""
    image = f"public.ecr.aws/lambda/provided:al2023-{sam.ARCHITECTURE}"
    try:
        images = docker.from_env().images
    except docker.errors.DockerException:
        return "no container engine answers; on Debian, local/container-engine.sh starts one"
    try:
        images.get(image)
    except docker.errors.ImageNotFound:
        try:
            images.pull(image)
        except docker.errors.APIError as error:
            return f"the image {image} cannot be pulled: {error}"
    return ""


@pytest.fixture(scope="session")
def engine(no_engine: str) -> None:
    """Such an engine; else the test is skipped."""
    if no_engine:
        pytest.skip(no_engine)


@pytest.fixture(scope="session")
def events_built(engine: None, home: Path, step: Step) -> Path:
    """events/template.yaml, built for this machine."""
    built = ROOT / ".local" / "build" / "events"
    with step("building events/template.yaml"):
        sam.build(ROOT / "events" / "template.yaml", built, home / "events.log")
    return built
