"""A stand-in for the part of AWS AppSync that MiniStack lacks, made from AWS's documents alone.

MiniStack keeps a GraphQL API, runs its resolvers and asks its authorizer; but it asks even without
a token, and of the answer it reads neither `deniedFields` nor `ttlOverride`. This endpoint does so,
for an API that is deployed there: it takes over the schema and the name of the authorizer's
function, which it invokes through the Lambda API.

The documents: "Configuring authorization and authentication to secure your GraphQL APIs" (AWS
AppSync Developer Guide, section AWS_LAMBDA authorization), `LambdaAuthorizerConfig` (AWS AppSync
API Reference), and "How do I troubleshoot Unauthorized errors when running GraphQL requests in AWS
AppSync?" (AWS re:Post). They say that a denied field is null whatever its resolver returned, not
whether the resolver runs: here it does not. They do not say what becomes of a function's error:
here it is a 401. Nor do they show the error of a denied field: here it has the `errorType` and the
words of those that AppSync's users report.

Left out, among much else: other kinds of authorization, subscriptions, AWS's own scalars and
directives, denied fields by ARN, `identityValidationExpression`, quotas, and the resolvers' code,
in whose place stand functions of the caller.
"""

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
from graphql import GraphQLError, GraphQLResolveInfo, build_schema, graphql_sync

# What stands in the place of a resolver: from resolverContext and the arguments to a value.
Resolver = Callable[[dict, dict], object]

UNAUTHORIZED = {
    "errors": [
        {
            "errorType": "UnauthorizedException",
            "message": "You are not authorized to make this call.",
        }
    ]
}


@dataclass(frozen=True)
class Kept:
    """An answer of the authorizer, and until when it serves."""

    answer: dict
    until: float


class AppSync:
    """Serves a deployed API on loopback. `clock` tells the seconds that answers are kept for."""

    def __init__(
        self, api_id: str, resolvers: Mapping[str, Resolver], clock: Callable[[], float]
    ) -> None:
        management = boto3.client("appsync")
        self._api = management.get_graphql_api(apiId=api_id)["graphqlApi"]
        sdl = management.get_introspection_schema(apiId=api_id, format="SDL")["schema"].read()
        self._schema = build_schema(sdl.decode())
        self._resolvers = resolvers
        self._clock = clock
        self._functions = boto3.client("lambda")
        self._kept: dict[str, Kept] = {}
        api = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = api._answer(headers, json.loads(body))
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Endpoint)
        self.url = f"http://127.0.0.1:{self._server.server_port}/graphql"

    def __enter__(self) -> "AppSync":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, headers: dict[str, str], request: dict) -> tuple[int, dict]:
        token = headers.get("authorization")
        if not token:
            return 401, UNAUTHORIZED
        reply = self._authorize(token, headers, request)
        if reply.get("isAuthorized") is not True:
            return 401, UNAUTHORIZED
        return 200, self._execute(request, reply)

    def _authorize(self, token: str, headers: dict[str, str], request: dict) -> dict:
        """What the authorizer says now, or said of this token while that still serves."""
        kept = self._kept.get(token)
        if kept and self._clock() < kept.until:
            return kept.answer
        event = {
            "authorizationToken": token,
            "requestContext": {
                "apiId": self._api["apiId"],
                "accountId": self._api["arn"].split(":")[4],
                "requestId": str(uuid.uuid4()),
                "queryString": request["query"],
                "operationName": request.get("operationName"),
                "variables": request.get("variables", {}),
            },
            "requestHeaders": headers,
        }
        settings = self._api["lambdaAuthorizerConfig"]
        invoked = self._functions.invoke(
            FunctionName=settings["authorizerUri"], Payload=json.dumps(event)
        )
        answer = json.load(invoked["Payload"])
        seconds = answer.get("ttlOverride", settings["authorizerResultTtlInSeconds"])
        self._kept[token] = Kept(answer, self._clock() + seconds)
        return answer

    def _execute(self, request: dict, reply: dict) -> dict:
        """The data; a denied field is null, which goes up to the next field that may be null."""

        def resolve(source: object, info: GraphQLResolveInfo, **arguments: object) -> object:
            field = f"{info.parent_type.name}.{info.field_name}"
            if field in reply.get("deniedFields", []):
                message = f"Not Authorized to access {info.field_name} on type {info.parent_type}"
                raise GraphQLError(message, extensions={"errorType": "Unauthorized"})
            if field in self._resolvers:
                return self._resolvers[field](reply.get("resolverContext", {}), arguments)
            return source[info.field_name]

        result = graphql_sync(
            self._schema,
            request["query"],
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
            field_resolver=resolve,
        )
        if not result.errors:
            return {"data": result.data}
        errors = [
            {"message": each.message, "path": each.path, **(each.extensions or {})}
            for each in result.errors
        ]
        return {"data": result.data, "errors": errors}
