"""An authorizer's function, invoked without an API."""

import json

import boto3

API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5"


def answer(function: str, token: str) -> str:
    """The effect of the policy, or the message of the error."""
    event = {
        "type": "TOKEN",
        "authorizationToken": f"Bearer {token}",
        "methodArn": f"{API}/prod/GET/books",
    }
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    reply = json.load(answer["Payload"])
    if "policyDocument" not in reply:
        return reply["errorMessage"]
    return reply["policyDocument"]["Statement"][0]["Effect"]
