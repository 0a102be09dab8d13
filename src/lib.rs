//! A strict AWS Lambda authorizer for Amazon API Gateway.
