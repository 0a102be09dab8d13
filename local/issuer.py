"""An OpenID provider of the tests' own: its keys come and go, and its endpoint fails at will."""

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from .tokens import encode

ISSUER = "https://login.example"  # what its tokens say; the keys are on loopback
CLIENT = "reading-app"
AUDIENCE = "https://bookshop.example"


class Key:
    """A signing key, and the tokens that it signs."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self._private = generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self) -> dict[str, str]:
        public = self._private.public_key().public_numbers()
        numbers = {"n": _number(public.n), "e": _number(public.e)}
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid} | numbers

    def token(self, kid: str | None = None) -> str:
        """A fresh access token for GET /books (RFC 9068), no two of which are the same."""
        now = int(time.time())
        header = {"alg": "RS256", "typ": "at+jwt", "kid": kid or self.kid}
        claims = {
            "iss": ISSUER,
            "sub": "reader",
            "aud": AUDIENCE,
            "client_id": CLIENT,
            "scope": "books/read",
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_hex(16),
        }
        signing_input = f"{_json(header)}.{_json(claims)}"
        signature = self._private.sign(signing_input.encode(), PKCS1v15(), SHA256())
        return f"{signing_input}.{encode(signature)}"


class Issuer:
    """Serves a key set on loopback and notes when each fetch began."""

    def __init__(self) -> None:
        self.fetches: list[float] = []
        self._lock = threading.Lock()
        self._gathering: threading.Barrier | None = None
        self.hang_up()
        issuer = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.jwks_uri = f"http://127.0.0.1:{self._server.server_port}/keys"

    def __enter__(self) -> "Issuer":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def configuration(self, cooldown: int) -> str:
        """What an authorizer is told to take this issuer's tokens."""
        return f"""
            [[issuers]]
            issuer = "{ISSUER}"
            jwks_uri = "{self.jwks_uri}"
            client_ids = ["{CLIENT}"]
            audiences = ["{AUDIENCE}"]
            token_type = "at+jwt"
            [jwks]
            cooldown_seconds = {cooldown}
            timeout_ms = 9000
        """

    def publish(self, *keys: Key) -> None:
        document = json.dumps({"keys": [key.jwk() for key in keys]}).encode()
        self._answer_with(lambda request: _send(request, 200, document))

    def break_down(self) -> None:
        self._answer_with(lambda request: _send(request, 500, b"{}"))

    def hang_up(self) -> None:
        """From now on a connection is closed without a word."""
        self._answer_with(lambda request: None)

    @contextlib.contextmanager
    def gathering(self, fetches: int) -> Iterator[threading.Event]:
        """Holds fetches back until so many are under way, then answers them all at once.

        An execution environment has one fetch under way at most, so this many environments hold
        what is published now. The event says that it happened.
        """
        happened = threading.Event()

        def let_go() -> None:
            with self._lock:
                self._gathering = None
            happened.set()

        with self._lock:
            self._gathering = threading.Barrier(fetches, action=let_go)
        try:
            yield happened
        finally:
            with self._lock:
                unfinished, self._gathering = self._gathering, None
            if unfinished:
                unfinished.abort()

    def _answer_with(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        with self._lock:
            self._answer = answer

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.fetches.append(time.time())
            answer, gathering = self._answer, self._gathering
        if gathering:
            with contextlib.suppress(threading.BrokenBarrierError):
                gathering.wait()
        with contextlib.suppress(OSError):  # whoever asked may have given up
            answer(request)


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def _json(value: dict) -> str:
    return encode(json.dumps(value).encode())


def _number(value: int) -> str:
    return encode(value.to_bytes((value.bit_length() + 7) // 8))
