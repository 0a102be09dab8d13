"""The parts of a REST API's OpenAPI definition that MiniStack does not import, given to it by hand."""

import boto3


def take_over(stack: str, api_id: str) -> None:
    """Gives the API the gateway responses and the answers of the preflights of its definition."""
    template = boto3.client("cloudformation").get_template(
        StackName=stack, TemplateStage="Processed"
    )["TemplateBody"]
    definition = template["Resources"]["Api"]["Properties"]["Body"]
    gateway = boto3.client("apigateway")
    for kind, response in definition["x-amazon-apigateway-gateway-responses"].items():
        gateway.put_gateway_response(restApiId=api_id, responseType=kind, **response)
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api_id)
    ids = {resource["path"]: resource["id"] for page in pages for resource in page["items"]}
    for path, operations in definition["paths"].items():
        integration = operations.get("options", {}).get("x-amazon-apigateway-integration", {})
        if integration.get("type") == "mock":
            place = {"restApiId": api_id, "resourceId": ids[path], "httpMethod": "OPTIONS"}
            gateway.put_integration_response(**place, **integration["responses"]["default"])
    gateway.create_deployment(restApiId=api_id, stageName="prod")
