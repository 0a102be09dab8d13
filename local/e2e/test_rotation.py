"""An issuer that changes its keys, and fails, under a running API: no good request is lost.

Each call has a token of its own, so that API Gateway's result cache never answers in the
authorizer's place. An execution environment keeps its own keys, so fetches are counted for each.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Set

import pytest

from ..bookshop import Bookshop
from ..issuer import Issuer, Key
from ..load import HEADING, WORKERS, Load, Phase, Signer
from ..verdicts import VerdictLog

COOLDOWN = 1  # second: the least that may be configured; the default is 10


@contextlib.contextmanager
def under_load(shop: Bookshop, key: Key) -> Iterator[tuple[Load, Issuer, Phase]]:
    """New execution environments, which have all fetched the one key of a new issuer."""
    with Issuer() as issuer, shop.configured_with(issuer.configuration(COOLDOWN)):
        print(f"\n{HEADING}")
        load = Load(f"{shop.api_url}/books", issuer, VerdictLog(shop.log_group), COOLDOWN)
        issuer.publish(key)
        load.sign_by(_by(key))
        with issuer.gathering(WORKERS) as gathered:
            start = load.phase("environments start", until=gathered.is_set, fetches_of_each=1)
        yield load, issuer, start


@pytest.fixture(scope="session")
def rotation(shop: Bookshop) -> list[Phase]:
    """As publishers do it: publish first, sign later, withdraw last."""
    old, new = Key("old"), Key("new")
    with under_load(shop, old) as (load, issuer, start):
        published = load.phase(
            "a new key is published",
            lambda: issuer.publish(old, new),
            until=lambda: time.time() > issuer.fetches[-1] + COOLDOWN,
            fetches_of_each=0,
        )
        # An issuer withdraws a key when its last token has expired. Here its tokens go on, and are
        # good as long as nobody has a reason to fetch: so every environment must have met the new
        # key.
        with issuer.gathering(WORKERS) as gathered:
            both = load.phase(
                "it signs too",
                lambda: load.sign_by(_by(old), _by(new)),
                until=gathered.is_set,
                fetches_of_each=1,
            )
        withdrawn = load.phase(
            "the old key is withdrawn", lambda: issuer.publish(new), fetches_of_each=0
        )
        alone = load.phase(
            "the new key signs alone", lambda: load.sign_by(_by(new)), fetches_of_each=0
        )
    return [start, published, both, withdrawn, alone]


def test_a_rotation_loses_no_good_request(rotation: list[Phase]) -> None:
    assert _lost(rotation) == ""


def test_a_rotation_costs_each_environment_one_fetch(rotation: list[Phase]) -> None:
    assert _too_often(rotation) == ""
    assert [phase.name for phase in rotation if phase.fetches] == [
        "environments start",
        "it signs too",
    ]


@pytest.fixture(scope="session")
def outage(shop: Bookshop) -> list[Phase]:
    """Forged tokens make the authorizer ask an issuer that cannot answer.

    As long as it cannot, a key that is not known may be a new one: such a token is not refused
    but undecided, 500.
    """
    key = Key("key")
    with under_load(shop, key) as (load, issuer, _):
        load.forged = [_forger()]
        flood = load.phase("tokens are forged", until=_after(COOLDOWN))
        down = load.phase("the issuer answers 500", issuer.break_down, until=_after(2 * COOLDOWN))
        gone = load.phase("it hangs up", issuer.hang_up, until=_after(2 * COOLDOWN))
        # By now each has failed three or four times, after which the pause is four or eight
        # cool-downs.
        back = load.phase("it is back", lambda: issuer.publish(key), until=_after(8 * COOLDOWN))
    return [flood, down, gone, back]


def test_an_outage_loses_no_good_request(outage: list[Phase]) -> None:
    assert _lost(outage) == ""


def test_forged_tokens_are_refused(outage: list[Phase]) -> None:
    assert _refused_otherwise(outage[:1]) == ""


def test_an_outage_lets_no_forged_token_in(outage: list[Phase]) -> None:
    undecided = {401, 500}, {"unknown_key", "jwks_unavailable"}
    assert _refused_otherwise(outage[1:], *undecided) == ""


def test_an_environment_fetches_once_per_cool_down(outage: list[Phase]) -> None:
    assert _too_often(outage) == ""
    assert [phase.name for phase in outage if not phase.fetches] == []


def test_a_withdrawn_key_is_refused_after_the_next_fetch(shop: Bookshop) -> None:
    """It is good until then, whatever the fetch was made for."""
    old, new = Key("old"), Key("new")
    with under_load(shop, old) as (load, issuer, _):
        issuer.publish(new)
        _let_all_fetch(load, issuer)
        load.sign_by()
        load.forged = [_by(old)]
        phase = load.phase("the withdrawn key signs")
    assert _refused_otherwise([phase]) == ""


def test_a_key_in_haste_is_refused_for_a_cool_down_at_most(shop: Bookshop) -> None:
    """Signing at once is too soon for those who have just fetched, for the rest of a cool-down."""
    key, hasty = Key("key"), Key("hasty")
    cool = float("inf")
    with under_load(shop, key) as (load, issuer, _):
        _let_all_fetch(load, issuer)
        load.sign_by(_by(key))
        load.forged = []

        def publish_and_sign() -> None:
            nonlocal cool
            issuer.publish(key, hasty)
            cool = issuer.fetches[-1] + COOLDOWN
            load.sign_by(_by(hasty))

        phase = load.phase(
            "a key signs in haste",
            publish_and_sign,
            until=lambda: time.time() > cool + COOLDOWN / 2,
            calls=WORKERS,
            fetches_of_each=1,
        )
    assert [call for call in phase.lost if call.at > cool or call.kid != hasty.kid] == []
    assert phase.reasons <= {"granted", "unknown_key"}


def _let_all_fetch(load: Load, issuer: Issuer) -> None:
    """Returns when every environment holds what the issuer publishes now."""
    load.sign_by()
    load.forged = [_forger()]
    with issuer.gathering(WORKERS) as gathered:
        load.phase("all fetch at once", until=gathered.is_set, calls=1)


def _by(key: Key) -> Signer:
    return lambda: (key.kid, key.token())


def _forger() -> Signer:
    """Tokens of a key that was never published, under a new name each time."""
    key = Key("")

    def sign() -> tuple[str, str]:
        kid = secrets.token_hex(8)
        return kid, key.token(kid)

    return sign


def _after(seconds: float) -> Callable[[], bool]:
    end = time.time() + seconds
    return lambda: time.time() > end


def _lost(phases: list[Phase]) -> str:
    lost = [call for phase in phases for call in phase.lost]
    reasons = set[str]().union(*(phase.reasons for phase in phases))
    statuses = {call.status for call in lost}
    return f"{len(lost)} were lost: {statuses}, {reasons}" if lost else ""


def _refused_otherwise(
    phases: list[Phase],
    statuses: Set[int] = frozenset({401}),
    reasons: Set[str] = frozenset({"unknown_key"}),
) -> str:
    """What the forged tokens were answered, if it is anything else."""
    answered = {call.status for phase in phases for call in phase.sent if not call.good}
    said = set[str]().union(*(phase.reasons for phase in phases)) - {"granted"}
    return "" if answered <= statuses and said <= reasons else f"{answered}, {said}"


def _too_often(phases: list[Phase]) -> str:
    return ", ".join(
        f"{phase.fetches} fetches instead of {phase.at_most} in `{phase.name}`"
        for phase in phases
        if phase.fetches > phase.at_most
    )
