"""examples/bookshop, built, deployed into the local cloud and given its people and machines."""

import contextlib
import functools
import secrets
from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx

from . import definition, sam
from .cloud import ROOT, Cloud
from .tokens import App, SignInPage, User, header

TEMPLATE = ROOT / "examples" / "bookshop" / "template.yaml"
BUILT = ROOT / ".local" / "build" / "bookshop"
STACK = "bookshop"
CALLBACK = "http://localhost:8400/callback"  # where `authz login` waits


def build(home: Path) -> None:
    sam.build(TEMPLATE, BUILT, home / "build.log")


def deploy(cloud: Cloud) -> "Bookshop":
    parameters = {"CallbackUrl": CALLBACK, "LocalCloud": cloud.url}
    outputs = sam.deploy(BUILT, STACK, parameters, cloud.home / "deploy.log")
    definition.take_over(STACK, outputs["ApiId"])
    return Bookshop(cloud, outputs)


def find(cloud: Cloud) -> "Bookshop":
    """The one that is deployed already."""
    return Bookshop(cloud, sam.outputs(STACK))


class Bookshop:
    """The deployed system, seen from outside."""

    def __init__(self, cloud: Cloud, output: dict[str, str]) -> None:
        self.cognito = boto3.client("cognito-idp")
        self.api_id = output["ApiId"]
        self.pool_id = output["UserPoolId"]
        self.log_group = output["AuthorizerLogGroup"]
        self.cloud_url = cloud.url
        # Where the local cloud serves what AWS serves under the names in ApiUrl and SignInUrl.
        self.api_url = f"{cloud.url}/restapis/{self.api_id}/prod/_user_request_"
        self.keys_url = f"{cloud.url}/{self.pool_id}/.well-known/jwks.json"
        self.pool = SignInPage(cloud.url)
        self.web = App(output["WebClientId"], callback=CALLBACK)
        self.machine = App(output["MachineClientId"], self._secret(output["MachineClientId"]))

    @functools.cached_property
    def alice(self) -> User:
        return self._add_user("alice")

    @functools.cached_property
    def bob(self) -> User:
        return self._add_user("bob")

    @functools.cached_property
    def carol(self) -> User:
        return self._add_user("carol", "admins")

    @functools.cached_property
    def stranger(self) -> App:
        """An app client of the same pool that the authorizer was not told about."""
        made = self.cognito.create_user_pool_client(
            UserPoolId=self.pool_id,
            ClientName="stranger",
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=["books/read", "books/write"],
        )["UserPoolClient"]
        return App(made["ClientId"], made["ClientSecret"])

    @functools.cached_property
    def expiring_token(self) -> str:
        """A token of the machine for one second; AWS itself allows no less than five minutes."""
        client = {"UserPoolId": self.pool_id, "ClientId": self.machine.id}
        kept = {
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["client_credentials"],
            "AllowedOAuthScopes": ["books/read", "books/write"],
        }
        one_second = {"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "seconds"}}
        one_hour = {"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "hours"}}
        self.cognito.update_user_pool_client(**client, **kept, **one_second)
        try:
            return self.pool.machine(self.machine, "books/read")
        finally:
            self.cognito.update_user_pool_client(**client, **kept, **one_hour)

    @contextlib.contextmanager
    def called_back_at(self, url: str) -> Iterator[None]:
        """Lets the hosted UI send browsers back to this URL too."""
        client = {"UserPoolId": self.pool_id, "ClientId": self.web.id}
        described = self.cognito.describe_user_pool_client(**client)["UserPoolClient"]
        read_only = {"ClientName", "LastModifiedDate", "CreationDate", "ClientSecret"}
        kept = {name: each for name, each in described.items() if each and name not in read_only}
        self.cognito.update_user_pool_client(**kept | {"CallbackURLs": [CALLBACK, url]})
        try:
            yield
        finally:
            self.cognito.update_user_pool_client(**kept)

    @contextlib.contextmanager
    def request_authorizer(self) -> Iterator[None]:
        """Has the API's authorizer get the whole request instead of the token."""
        self._change_authorizer("REQUEST")
        try:
            yield
        finally:
            self._change_authorizer("TOKEN")

    def _change_authorizer(self, kind: str) -> None:
        gateway = boto3.client("apigateway")
        (authorizer,) = gateway.get_authorizers(restApiId=self.api_id)["items"]
        gateway.update_authorizer(
            restApiId=self.api_id,
            authorizerId=authorizer["id"],
            patchOperations=[{"op": "replace", "path": "/type", "value": kind}],
        )
        gateway.create_deployment(restApiId=self.api_id, stageName="prod")

    @contextlib.contextmanager
    def configured_with(self, toml: str) -> Iterator[None]:
        """Has new execution environments of the authorizer, which are told this too."""
        resource = boto3.client("cloudformation").describe_stack_resource(
            StackName=STACK, LogicalResourceId="Authorizer"
        )
        functions = boto3.client("lambda")
        name = resource["StackResourceDetail"]["PhysicalResourceId"]
        before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        told = before | {"AUTHORIZER_CONFIG": before["AUTHORIZER_CONFIG"] + toml}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": told})
        try:
            yield
        finally:
            environment = {"Variables": before}
            functions.update_function_configuration(FunctionName=name, Environment=environment)

    def sign_in(self, user: User) -> dict:
        return self.pool.sign_in(self.web, user, "openid books/read")

    def public_key_of(self, token: str) -> dict:
        """The JWK that a token was signed with."""
        keys = httpx.get(self.keys_url).raise_for_status().json()["keys"]
        return next(key for key in keys if key["kid"] == header(token)["kid"])

    def _secret(self, client_id: str) -> str:
        described = self.cognito.describe_user_pool_client(
            UserPoolId=self.pool_id, ClientId=client_id
        )
        return described["UserPoolClient"]["ClientSecret"]

    def _add_user(self, name: str, *groups: str) -> User:
        user = {"UserPoolId": self.pool_id, "Username": name}
        password = f"{secrets.token_urlsafe(12)}aA1!"
        made = self.cognito.admin_create_user(**user, MessageAction="SUPPRESS")["User"]
        self.cognito.admin_set_user_password(**user, Password=password, Permanent=True)
        for group in groups:
            self.cognito.admin_add_user_to_group(**user, GroupName=group)
        sub = next(each["Value"] for each in made["Attributes"] if each["Name"] == "sub")
        return User(name, password, sub)
