"""What a browser asks of an answer before a page may see it: the CORS protocol of the Fetch standard."""

import httpx

ORIGIN = "https://shop.example"
# Its safelisted methods and headers need no preflight; a bearer token always does.
TOKEN = "authorization"


def asked_before(method: str) -> dict[str, str]:
    """The headers of the preflight for a call with this method and a token."""
    return {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": TOKEN,
    }


def fault(answer: httpx.Response) -> str:
    """Why a browser would keep the answer, or a part that matters, from the page; empty if not."""
    if (origin := answer.headers.get("access-control-allow-origin")) not in ("*", ORIGIN):
        return f"Access-Control-Allow-Origin is {origin}"
    if answer.request.method == "OPTIONS":
        return _fault_of_preflight(answer)
    exposed = _names(answer, "access-control-expose-headers")
    if "www-authenticate" in answer.headers and "www-authenticate" not in exposed:
        return "Access-Control-Expose-Headers does not name WWW-Authenticate"
    return ""


def _fault_of_preflight(answer: httpx.Response) -> str:
    if not answer.is_success:
        return f"a preflight needs a status from 200 to 299, not {answer.status_code}"
    method = answer.request.headers["access-control-request-method"]
    if method.lower() not in _names(answer, "access-control-allow-methods"):
        return f"Access-Control-Allow-Methods does not name {method}"
    # `*` does not stand for Authorization ("CORS non-wildcard request-header name").
    if TOKEN not in _names(answer, "access-control-allow-headers"):
        return "Access-Control-Allow-Headers does not name Authorization"
    age = answer.headers.get("access-control-max-age", "absent")
    if not age.isdecimal() or int(age) == 0:
        return f"Access-Control-Max-Age is {age}: every call costs a preflight"
    return ""


def _names(answer: httpx.Response, header: str) -> list[str]:
    return [name.strip().lower() for name in answer.headers.get(header, "").split(",")]
