//! Tokens, made from parts so that each test can break the one it is about.

use serde_json::{Value, json};

use super::keys::{RSA, SigningKey, b64};

/// The time at which all tests happen, in seconds since the epoch: 2033-05-18T03:33:20Z.
pub(crate) const NOW: u64 = 2_000_000_000;

pub(crate) const KID: &str = "key-1";
pub(crate) const POOL: &str = "eu-west-1_AbCdEf123";
pub(crate) const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
pub(crate) const CLIENT: &str = "1example23456789clientid";

/// A token to be: a good one unless a test changes it.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Token {
    /// An access token as Amazon Cognito writes it, good for an hour around [`NOW`].
    pub(crate) fn access() -> Self {
        Self {
            header: json!({"kid": KID, "alg": "RS256"}),
            claims: json!({
                "sub": "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88",
                "iss": ISSUER,
                "client_id": CLIENT,
                "token_use": "access",
                "scope": "openid books/read",
                "auth_time": NOW - 600,
                "iat": NOW - 600,
                "exp": NOW + 3000,
                "jti": "5f2c7e9a-1d3b-4c6e-a8f0-2b4d6e8f0a1c",
                "username": "ann",
            }),
        }
    }

    /// The same token with one more, or another, claim.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// The same token without one of its claims.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    /// The same token with one more, or another, header member.
    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    /// The compact form, signed by the issuer as the header's `alg` says.
    pub(crate) fn sign(&self) -> String {
        self.sign_with(&RSA)
    }

    /// The compact form, signed by `key` as the header's `alg` says.
    pub(crate) fn sign_with(&self, key: &SigningKey) -> String {
        let alg = self.header["alg"].as_str().unwrap_or("RS256").to_owned();
        sign_text(
            &self.header.to_string(),
            &self.claims.to_string(),
            &alg,
            key,
        )
    }
}

/// The compact form of exactly this header and payload, signed truly by `alg`.
pub(crate) fn sign_text(header: &str, payload: &str, alg: &str, key: &SigningKey) -> String {
    let signing_input = format!("{}.{}", b64(header.as_bytes()), b64(payload.as_bytes()));
    let signature = key.sign(alg, signing_input.as_bytes());
    format!("{signing_input}.{}", b64(&signature))
}
