// CDK: a REST API and an HTTP API that are there already, and what attaches cognito-authorizer to them.
import { App, CfnParameter, Duration, Stack, StackProps } from "aws-cdk-lib";
import * as rest from "aws-cdk-lib/aws-apigateway";
import * as http from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

class Books extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // ---- The authorizer: the output AuthorizerArn of the stack of template.yaml ----

    const authorizerArn = new CfnParameter(this, "AuthorizerArn", {
      allowedPattern: "^arn:[a-z-]+:lambda:[a-z0-9-]+:\\d{12}:function:[A-Za-z0-9_-]+$",
    });
    const authorizer = lambda.Function.fromFunctionAttributes(this, "Authorizer", {
      functionArn: authorizerArn.valueAsString,
      // Of this account and region: lets CDK add the permission for API Gateway to invoke it, without which every
      // request is answered with 500.
      sameEnvironment: true,
    });

    // ---- REST API ----

    const restTokens = new rest.TokenAuthorizer(this, "RestTokens", {
      handler: authorizer,
      identitySource: rest.IdentitySource.header("Authorization"),
      // API Gateway itself answers 401 to whatever does not match, at no cost.
      validationRegex: "^[Bb]earer .+$",
      // For how long an answer may be reused for a token, and so may be out of date; 0 turns this off.
      resultsCacheTtl: Duration.seconds(300),
    });
    const restApi = new rest.RestApi(this, "RestApi", {
      cloudWatchRole: false,
      defaultMethodOptions: { authorizer: restTokens }, // of every method, but not of the preflights
      defaultCorsPreflightOptions: {
        allowOrigins: rest.Cors.ALL_ORIGINS,
        allowHeaders: ["Authorization", "Content-Type"],
        allowMethods: ["GET", "POST"],
        maxAge: Duration.seconds(600), // for which a browser does not ask again
      },
    });
    // Without Access-Control-Allow-Origin a browser keeps an answer from the page, and without
    // Access-Control-Expose-Headers its challenge.
    restApi.addGatewayResponse("Unauthorized", {
      type: rest.ResponseType.UNAUTHORIZED, // 401: RFC 6750, section 3
      responseHeaders: {
        "WWW-Authenticate": "'Bearer realm=\"books\"'",
        "Access-Control-Allow-Origin": "'*'",
        "Access-Control-Expose-Headers": "'WWW-Authenticate'",
      },
    });
    restApi.addGatewayResponse("AccessDenied", {
      type: rest.ResponseType.ACCESS_DENIED, // 403: a valid token that may not do this
      responseHeaders: {
        "WWW-Authenticate": "'Bearer realm=\"books\", error=\"insufficient_scope\"'",
        "Access-Control-Allow-Origin": "'*'",
        "Access-Control-Expose-Headers": "'WWW-Authenticate'",
      },
    });

    restApi.addGatewayResponse("Default4xx", {
      type: rest.ResponseType.DEFAULT_4XX, // whatever else API Gateway answers by itself
      responseHeaders: { "Access-Control-Allow-Origin": "'*'" },
    });
    restApi.addGatewayResponse("Default5xx", {
      type: rest.ResponseType.DEFAULT_5XX, // such as 500 where the authorizer could not reach a verdict
      responseHeaders: { "Access-Control-Allow-Origin": "'*'" },
    });

    // ---- HTTP API ----

    const httpTokens = new HttpLambdaAuthorizer("HttpTokens", authorizer, {
      identitySource: ["$request.header.Authorization"],
      // A policy covers every route, so that the token alone may find it again. With SIMPLE (and http_api_response =
      // "simple") $context.httpMethod and $context.path must be identity sources too.
      responseTypes: [HttpLambdaResponseType.IAM],
      resultsCacheTtl: Duration.seconds(300),
    });
    const httpApi = new http.HttpApi(this, "HttpApi", {
      defaultAuthorizer: httpTokens,
      corsPreflight: {
        allowOrigins: ["*"],
        allowHeaders: ["Authorization", "Content-Type"],
        allowMethods: [http.CorsHttpMethod.GET, http.CorsHttpMethod.POST],
        maxAge: Duration.seconds(600),
      },
    });

    // ---- The back end, as you have it ----

    const backEnd = new lambda.Function(this, "BackEnd", {
      runtime: lambda.Runtime.PYTHON_3_13,
      handler: "index.handler",
      code: lambda.Code.fromInline(`
import json

def handler(event, _):
    # Without the authorizer's context nobody was authorized: a back end fails closed.
    context = event["requestContext"].get("authorizer")
    context = context.get("lambda", context) if context else None
    if not context:
        return {"statusCode": 500, "body": "no authorizer context"}
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": json.dumps({"authorizer": context}),
    }
`),
    });
    const books = restApi.root.addResource("books");
    for (const method of ["GET", "POST"]) {
      books.addMethod(method, new rest.LambdaIntegration(backEnd));
    }
    httpApi.addRoutes({
      path: "/books",
      methods: [http.HttpMethod.GET, http.HttpMethod.POST],
      integration: new HttpLambdaIntegration("HttpBackEnd", backEnd),
    });
  }
}

new Books(new App(), "Books");
