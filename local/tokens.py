"""Tokens as apps get them, from the hosted UI and the token endpoint; and forgeries of them."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LEEWAY_SECONDS = 5  # that the authorizer allows clocks unless it is configured otherwise


@dataclass(frozen=True)
class App:
    """An app client of the pool: public without a secret."""

    id: str
    secret: str | None = None
    callback: str | None = None


@dataclass(frozen=True)
class User:
    name: str
    password: str
    sub: str


class SignInPage:
    """The pool's domain: hosted UI and token endpoint."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url)

    def login_link(self, app: App, scope: str, verifier: str, state: str) -> str:
        challenge = encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": app.id,
            "redirect_uri": app.callback,
            "scope": scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.url}/oauth2/authorize?{urlencode(query)}"

    def sign_in(self, app: App, user: User, scope: str) -> dict:
        """The authorization code grant with PKCE: the browser's part, then the app's."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        page = self.http.get(self.login_link(app, scope, verifier, state)).raise_for_status()
        form = Form(page.text)
        answer = self.http.post(
            urljoin(str(page.url), form.action),
            data=form.fields | {"username": user.name, "password": user.password},
        )
        redirect = parse_qs(urlsplit(answer.headers["location"]).query)
        assert redirect["state"] == [state], "the hosted UI answered for another sign-in"
        return self._token(
            app,
            grant_type="authorization_code",
            code=redirect["code"][0],
            redirect_uri=app.callback,
            code_verifier=verifier,
        )

    def refresh(self, app: App, refresh_token: str) -> str:
        answer = self._token(app, grant_type="refresh_token", refresh_token=refresh_token)
        return answer["access_token"]

    def machine(self, app: App, scope: str) -> str:
        """The client credentials grant."""
        return self._token(app, grant_type="client_credentials", scope=scope)["access_token"]

    def _token(self, app: App, **form: str) -> dict:
        auth = (app.id, app.secret) if app.secret else None
        answer = self.http.post("/oauth2/token", data={"client_id": app.id} | form, auth=auth)
        return answer.raise_for_status().json()


class Form(HTMLParser):
    """The first form of a page: where it goes and the hidden fields it takes along."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self.action = self.action or attributes.get("action") or ""
        elif tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes.get("name") or ""] = attributes.get("value") or ""


def expired(token: str) -> str:
    """The same token, once no clock within the leeway takes it: for tokens that live for seconds."""
    time.sleep(max(0.0, claims(token)["exp"] + LEEWAY_SECONDS + 1 - time.time()))
    return token


def with_other_signature(token: str) -> str:
    """One bit of the signature changed."""
    head, body, signature = token.split(".")
    changed = bytearray(decode(signature))
    changed[len(changed) // 2] ^= 1
    return f"{head}.{body}.{encode(bytes(changed))}"


def with_claims(token: str, **changes: object) -> str:
    """Other claims under the old signature."""
    head, _, signature = token.split(".")
    return f"{head}.{encode(json.dumps(claims(token) | changes).encode())}.{signature}"


def unsigned(token: str) -> str:
    """The claims without a signature, `alg` being `none`."""
    head, body, _ = token.split(".")
    return f"{with_alg(head, 'none')}.{body}."


def signed_with_public_key(token: str, jwk: dict) -> str:
    """HS256 with the public key as secret: fools whoever lets the token choose `alg`."""
    numbers = [int.from_bytes(decode(jwk[name])) for name in ("e", "n")]
    pem = (
        RSAPublicNumbers(*numbers)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    head, body, _ = token.split(".")
    signing_input = f"{with_alg(head, 'HS256')}.{body}"
    return f"{signing_input}.{encode(hmac.digest(pem, signing_input.encode(), 'sha256'))}"


def claims(token: str) -> dict:
    return json.loads(decode(token.split(".")[1]))


def header(token: str) -> dict:
    return json.loads(decode(token.split(".")[0]))


def with_alg(head: str, alg: str) -> str:
    return encode(json.dumps(json.loads(decode(head)) | {"alg": alg}).encode())


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
