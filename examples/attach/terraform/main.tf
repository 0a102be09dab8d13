# Terraform: a REST API and an HTTP API that are there already, and what attaches cognito-authorizer to them.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

variable "authorizer_arn" {
  description = "The output AuthorizerArn of the stack of template.yaml"
  type        = string
}

variable "authorizer_uri" {
  description = "The output AuthorizerUri of the same stack"
  type        = string
}

variable "back_end_name" {
  description = "The function behind both APIs, as you have it"
  type        = string
}

data "aws_lambda_function" "back_end" {
  function_name = var.back_end_name
}

# ---- REST API: what attaches the authorizer ----

resource "aws_api_gateway_authorizer" "tokens" {
  rest_api_id     = aws_api_gateway_rest_api.books.id
  name            = "Tokens"
  type            = "TOKEN"
  authorizer_uri  = var.authorizer_uri
  identity_source = "method.request.header.Authorization"
  # API Gateway itself answers 401 to whatever does not match, at no cost.
  identity_validation_expression = "^[Bb]earer .+$"
  # Seconds for which an answer may be reused for a token, and so may be out of date; 0 turns this off.
  authorizer_result_ttl_in_seconds = 300
}

resource "aws_lambda_permission" "rest_may_ask" { # without it every request is answered with 500
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.books.execution_arn}/authorizers/${aws_api_gateway_authorizer.tokens.id}"
}

# Without Access-Control-Allow-Origin a browser keeps an answer from the page, and without
# Access-Control-Expose-Headers its challenge.

resource "aws_api_gateway_gateway_response" "unauthorized" { # 401: RFC 6750, section 3
  rest_api_id   = aws_api_gateway_rest_api.books.id
  response_type = "UNAUTHORIZED"
  status_code   = "401"
  response_parameters = {
    "gatewayresponse.header.WWW-Authenticate"              = "'Bearer realm=\"books\"'"
    "gatewayresponse.header.Access-Control-Allow-Origin"   = "'*'"
    "gatewayresponse.header.Access-Control-Expose-Headers" = "'WWW-Authenticate'"
  }
}

resource "aws_api_gateway_gateway_response" "access_denied" { # 403: a valid token that may not do this
  rest_api_id   = aws_api_gateway_rest_api.books.id
  response_type = "ACCESS_DENIED"
  status_code   = "403"
  response_parameters = {
    "gatewayresponse.header.WWW-Authenticate"              = "'Bearer realm=\"books\", error=\"insufficient_scope\"'"
    "gatewayresponse.header.Access-Control-Allow-Origin"   = "'*'"
    "gatewayresponse.header.Access-Control-Expose-Headers" = "'WWW-Authenticate'"
  }
}

# Whatever else API Gateway answers by itself, such as 500 where the authorizer could not reach a verdict.
resource "aws_api_gateway_gateway_response" "default" {
  for_each            = toset(["DEFAULT_4XX", "DEFAULT_5XX"])
  rest_api_id         = aws_api_gateway_rest_api.books.id
  response_type       = each.key
  response_parameters = { "gatewayresponse.header.Access-Control-Allow-Origin" = "'*'" }
}

# ---- REST API: your methods, each with the two lines authorization and authorizer_id ----

resource "aws_api_gateway_method" "books" {
  for_each      = toset(["GET", "POST"])
  rest_api_id   = aws_api_gateway_rest_api.books.id
  resource_id   = aws_api_gateway_resource.books.id
  http_method   = each.key
  authorization = "CUSTOM"
  authorizer_id = aws_api_gateway_authorizer.tokens.id
}

resource "aws_api_gateway_integration" "books" {
  for_each                = aws_api_gateway_method.books
  rest_api_id             = aws_api_gateway_rest_api.books.id
  resource_id             = aws_api_gateway_resource.books.id
  http_method             = each.value.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = data.aws_lambda_function.back_end.invoke_arn
}

resource "aws_api_gateway_method" "preflight" { # a browser sends it without a token: no authorizer here
  rest_api_id   = aws_api_gateway_rest_api.books.id
  resource_id   = aws_api_gateway_resource.books.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  rest_api_id       = aws_api_gateway_rest_api.books.id
  resource_id       = aws_api_gateway_resource.books.id
  http_method       = aws_api_gateway_method.preflight.http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\": 204}" }
}

resource "aws_api_gateway_method_response" "preflight" {
  rest_api_id         = aws_api_gateway_rest_api.books.id
  resource_id         = aws_api_gateway_resource.books.id
  http_method         = aws_api_gateway_method.preflight.http_method
  status_code         = "204"
  response_parameters = { for name, _ in local.preflight : name => true }
}

resource "aws_api_gateway_integration_response" "preflight" {
  rest_api_id         = aws_api_gateway_rest_api.books.id
  resource_id         = aws_api_gateway_resource.books.id
  http_method         = aws_api_gateway_method.preflight.http_method
  status_code         = aws_api_gateway_method_response.preflight.status_code
  response_parameters = local.preflight
  depends_on          = [aws_api_gateway_integration.preflight]
}

resource "aws_api_gateway_deployment" "books" {
  rest_api_id = aws_api_gateway_rest_api.books.id
  # An API is deployed anew only if this changes: name whatever it depends on.
  triggers = {
    redeployment = sha1(jsonencode([
      aws_api_gateway_authorizer.tokens,
      aws_api_gateway_gateway_response.unauthorized,
      aws_api_gateway_gateway_response.access_denied,
      aws_api_gateway_gateway_response.default,
      aws_api_gateway_method.books,
      aws_api_gateway_integration.books,
      aws_api_gateway_method.preflight,
      aws_api_gateway_integration_response.preflight,
    ]))
  }
  lifecycle {
    create_before_destroy = true
  }
}

# ---- HTTP API: what attaches the authorizer ----

resource "aws_apigatewayv2_authorizer" "tokens" {
  api_id                            = aws_apigatewayv2_api.books.id
  name                              = "Tokens"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = var.authorizer_uri
  authorizer_payload_format_version = "2.0"
  # A policy covers every route, so that the token alone may find it again. With simple responses (true here, and
  # http_api_response = "simple") $context.httpMethod and $context.path must stand here too.
  enable_simple_responses          = false
  identity_sources                 = ["$request.header.Authorization"]
  authorizer_result_ttl_in_seconds = 300
}

resource "aws_lambda_permission" "http_may_ask" {
  action        = "lambda:InvokeFunction"
  function_name = var.authorizer_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.books.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.tokens.id}"
}

# ---- HTTP API: your routes, each with the two lines authorization_type and authorizer_id ----

resource "aws_apigatewayv2_route" "books" {
  for_each           = toset(["GET /books", "POST /books"])
  api_id             = aws_apigatewayv2_api.books.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.back_end.id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.tokens.id
}

# ---- The APIs, as you have them ----

locals {
  preflight = {
    "method.response.header.Access-Control-Allow-Origin"  = "'*'"
    "method.response.header.Access-Control-Allow-Headers" = "'Authorization,Content-Type'"
    "method.response.header.Access-Control-Allow-Methods" = "'GET,POST'"
    "method.response.header.Access-Control-Max-Age"       = "'600'" # seconds for which a browser does not ask again
  }
}

resource "aws_api_gateway_rest_api" "books" {
  name = "books"
}

resource "aws_api_gateway_resource" "books" {
  rest_api_id = aws_api_gateway_rest_api.books.id
  parent_id   = aws_api_gateway_rest_api.books.root_resource_id
  path_part   = "books"
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.books.id
  deployment_id = aws_api_gateway_deployment.books.id
  stage_name    = "prod"
}

resource "aws_apigatewayv2_api" "books" {
  name          = "books"
  protocol_type = "HTTP"
  cors_configuration { # API Gateway answers the preflight itself, without the authorizer
    allow_origins = ["*"]
    allow_headers = ["Authorization", "Content-Type"]
    allow_methods = ["GET", "POST"]
    max_age       = 600
  }
}

resource "aws_apigatewayv2_integration" "back_end" {
  api_id                 = aws_apigatewayv2_api.books.id
  integration_type       = "AWS_PROXY"
  integration_uri        = data.aws_lambda_function.back_end.arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.books.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_lambda_permission" "rest_may_call" {
  action        = "lambda:InvokeFunction"
  function_name = data.aws_lambda_function.back_end.arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.books.execution_arn}/*/*/books"
}

resource "aws_lambda_permission" "http_may_call" {
  action        = "lambda:InvokeFunction"
  function_name = data.aws_lambda_function.back_end.arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.books.execution_arn}/*/*/books"
}
