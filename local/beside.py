"""The other example APIs, deployed beside the bookshop for the tokens of its pool."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import boto3

from . import sam
from .bookshop import Bookshop
from .calls import OUTCOMES
from .cloud import REGION, ROOT
from .steps import Failed
from .verdicts import VerdictLog

# What API Gateway makes of the error `Unauthorized` is 401. MiniStack does so for REST APIs; to
# the clients of its HTTP and WebSocket APIs every error of an authorizer is a 500.
UNAUTHORIZED = 500
OUTCOMES_BY_STATUS = OUTCOMES | {UNAUTHORIZED: "unauthorized"}


def template(name: str) -> Path:
    return ROOT / "examples" / name / "template.yaml"


class Beside:
    """One of these APIs, seen from outside."""

    def __init__(self, name: str, shop: Bookshop, home: Path) -> None:
        built, log = ROOT / ".local" / "build" / name, home / f"{name}.log"
        parameters = {
            "UserPoolId": shop.pool_id,
            "ClientIds": f"{shop.web.id},{shop.machine.id}",
            "LocalCloud": shop.cloud_url,
        }
        sam.build(template(name), built, log)
        outputs = sam.deploy(built, name, parameters, log)
        self.stack = name
        self.gateway = boto3.client("apigatewayv2")
        self.api_id = outputs["ApiId"]
        self.log = VerdictLog(outputs["AuthorizerLogGroup"])
        # Where the local cloud serves what AWS serves under the name in ApiUrl.
        self.url = f"{shop.cloud_url}/_aws/execute-api/{self.api_id}"

    def take_over_definition(self) -> None:
        """Gives an HTTP API the authorizer and the routes of its OpenAPI definition: MiniStack
        does not import them."""
        template = boto3.client("cloudformation").get_template(
            StackName=self.stack, TemplateStage="Processed"
        )["TemplateBody"]
        definition = template["Resources"]["Api"]["Properties"]["Body"]
        (scheme,) = definition["components"]["securitySchemes"].values()
        settings = scheme["x-amazon-apigateway-authorizer"]
        authorizer = self.gateway.create_authorizer(
            ApiId=self.api_id,
            Name="Tokens",
            AuthorizerType="REQUEST",
            AuthorizerUri=self._invocations_of("Authorizer"),
            IdentitySource=settings["identitySource"],
            AuthorizerPayloadFormatVersion=settings["authorizerPayloadFormatVersion"],
            AuthorizerResultTtlInSeconds=settings["authorizerResultTtlInSeconds"],
            EnableSimpleResponses=settings["enableSimpleResponses"],
        )
        integration = self.gateway.create_integration(
            ApiId=self.api_id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=self._invocations_of("BackEnd"),
            PayloadFormatVersion="2.0",
        )
        for path, operations in definition["paths"].items():
            for verb, operation in operations.items():
                if operation["security"] != [{"Tokens": []}]:
                    raise Failed(f"{verb} {path} of examples/{self.stack} has no authorizer")
                self.gateway.create_route(
                    ApiId=self.api_id,
                    RouteKey=f"{verb.upper()} {path}",
                    Target=f"integrations/{integration['IntegrationId']}",
                    AuthorizationType="CUSTOM",
                    AuthorizerId=authorizer["AuthorizerId"],
                )

    def _invocations_of(self, function: str) -> str:
        """The URI by which API Gateway invokes a function of the template."""
        resource = boto3.client("cloudformation").describe_stack_resource(
            StackName=self.stack, LogicalResourceId=function
        )["StackResourceDetail"]
        described = boto3.client("lambda").get_function_configuration(
            FunctionName=resource["PhysicalResourceId"]
        )
        arn = described["FunctionArn"]
        prefix = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions"
        return f"{prefix}/{arn}/invocations"

    @contextlib.contextmanager
    def changed(self, line: str, instead: str, **settings: object) -> Iterator[None]:
        """Changes a line of the configuration, and what must agree with it at the API's authorizer;
        both take effect at once."""
        functions = boto3.client("lambda")
        authorizer = self._authorizer()
        function = re.search("functions/(.+)/invocations", authorizer["AuthorizerUri"])[1]
        described = functions.get_function_configuration(FunctionName=function)
        config = described["Environment"]["Variables"]["AUTHORIZER_CONFIG"]
        if line not in config:
            raise Failed(f"`{line}` is not in the authorizer's configuration:\n\n{config}")

        def change(config: str, settings: dict[str, object]) -> None:
            environment = {"Variables": {"AUTHORIZER_CONFIG": config}}
            functions.update_function_configuration(FunctionName=function, Environment=environment)
            self.gateway.update_authorizer(
                ApiId=self.api_id, AuthorizerId=authorizer["AuthorizerId"], **settings
            )

        change(config.replace(line, instead), settings)
        try:
            yield
        finally:
            change(config, {name: authorizer[name] for name in settings})

    def _authorizer(self) -> dict:
        (authorizer,) = self.gateway.get_authorizers(ApiId=self.api_id)["Items"]
        return authorizer
