"""An issuer that changes its keys, and fails, under a running API: no good request is lost.

Each call has a token of its own, so that API Gateway's result cache never answers in the
authorizer's place. An execution environment keeps its own keys, so fetches are counted for each.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Set

from ..bookshop import Bookshop
from ..issuer import AUDIENCE, CLIENT, ISSUER, Issuer, Key
from ..load import HEADING, WORKERS, Load, Phase, Signer
from ..verdicts import VerdictLog

COOLDOWN = 1  # second: the least that may be configured; the default is 10
Checks = Iterator[tuple[str, str]]


def checks(shop: Bookshop) -> Checks:
    """Each check's name with what is wrong, empty if nothing is."""
    with Issuer() as issuer:
        shop.add_to_configuration(_configuration(issuer))
        load = Load(f"{shop.api_url}/books", issuer, VerdictLog(shop.log_group), COOLDOWN)
        old, new, hasty = Key("old"), Key("new"), Key("hasty")
        print(
            f"\nAn issuer changes its keys while {WORKERS} callers call:\n\n{HEADING}", flush=True
        )
        yield from rotation(load, issuer, old, new)
        yield from outage(load, issuer, new)
        yield from withdrawal(load, issuer, old)
        yield from haste(load, issuer, new, hasty)
        print()


def rotation(load: Load, issuer: Issuer, old: Key, new: Key) -> Checks:
    """As publishers do it: publish first, sign later, withdraw last."""
    issuer.publish(old)
    load.sign_by(_by(old))
    with issuer.gathering(WORKERS) as gathered:
        start = load.phase("environments start", until=gathered.is_set, fetches_of_each=1)
    published = load.phase(
        "a new key is published",
        lambda: issuer.publish(old, new),
        until=lambda: time.time() > issuer.fetches[-1] + COOLDOWN,
        fetches_of_each=0,
    )
    # An issuer withdraws a key when its last token has expired. Here its tokens go on, and are good
    # as long as nobody has a reason to fetch: so every environment must have met the new key.
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
    alone = load.phase("the new key signs alone", lambda: load.sign_by(_by(new)), fetches_of_each=0)
    phases = [start, published, both, withdrawn, alone]
    yield "a rotation loses no good request", _lost(phases)
    yield "a rotation costs each environment one fetch", _too_often(phases) or _never([both])


def outage(load: Load, issuer: Issuer, new: Key) -> Checks:
    """Forged tokens make the authorizer ask an issuer that cannot answer.

    As long as it cannot, a key that is not known may be a new one: such a token is not refused
    but undecided, 500.
    """
    load.sign_by(_by(new))
    load.forged = [_forger()]
    flood = load.phase("tokens are forged", until=_after(COOLDOWN))
    down = load.phase("the issuer answers 500", issuer.break_down, until=_after(2 * COOLDOWN))
    gone = load.phase("it hangs up", issuer.hang_up, until=_after(2 * COOLDOWN))
    # By now each has failed three or four times, after which the pause is four or eight cool-downs.
    back = load.phase("it is back", lambda: issuer.publish(new), until=_after(8 * COOLDOWN))
    phases = [flood, down, gone, back]
    undecided = {401, 500}, {"unknown_key", "jwks_unavailable"}
    yield "an outage loses no good request", _lost(phases)
    yield "forged tokens are refused: unknown_key", _refused_otherwise([flood])
    yield "an outage lets no forged token in", _refused_otherwise([down, gone, back], *undecided)
    yield "an environment fetches once per cool-down", _too_often(phases) or _never(phases)


def withdrawal(load: Load, issuer: Issuer, old: Key) -> Checks:
    """A key that was withdrawn is good until the next fetch, whatever that was made for."""
    _let_all_fetch(load, issuer)
    load.sign_by()
    load.forged = [_by(old)]
    phase = load.phase("the withdrawn key signs")
    yield "a withdrawn key is refused after the next fetch", _refused_otherwise([phase])


def haste(load: Load, issuer: Issuer, new: Key, hasty: Key) -> Checks:
    """Signing at once is too soon for those who have just fetched, for the rest of a cool-down."""
    _let_all_fetch(load, issuer)
    load.sign_by(_by(new))
    load.forged = []
    cool = float("inf")

    def publish_and_sign() -> None:
        nonlocal cool
        issuer.publish(new, hasty)
        cool = issuer.fetches[-1] + COOLDOWN
        load.sign_by(_by(hasty))

    phase = load.phase(
        "a key signs in haste",
        publish_and_sign,
        until=lambda: time.time() > cool + COOLDOWN / 2,
        calls=WORKERS,
        fetches_of_each=1,
    )
    late = sum(call.at > cool or call.kid != hasty.kid for call in phase.lost)
    others = phase.reasons - {"granted", "unknown_key"}
    problem = f"{late} were refused later, {others}" if late or others else ""
    yield "a key in haste is refused for a cool-down at most", problem


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


def _never(phases: list[Phase]) -> str:
    return ", ".join(f"no fetch in `{phase.name}`" for phase in phases if phase.fetches == 0)


def _configuration(issuer: Issuer) -> str:
    return f"""
        [[issuers]]
        issuer = "{ISSUER}"
        jwks_uri = "{issuer.jwks_uri}"
        client_ids = ["{CLIENT}"]
        audiences = ["{AUDIENCE}"]
        token_type = "at+jwt"
        [jwks]
        cooldown_seconds = {COOLDOWN}
        timeout_ms = 9000
    """
