//! Tokens that are bound to a key and sent as bearer tokens, which is how a thief sends them.

use cognito_authorizer::reason::DenyReason::{ProofMissing, WrongClient};
use serde_json::{Value, json};

use super::Target;
use crate::support::token::Token;

/// RFC 8705 3.1 and RFC 9449 6.1, and forms that RFC 7800 3.1 does not know: a `cnf` is an object.
fn confirmations() -> Vec<Value> {
    let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    vec![
        json!({ "jkt": thumbprint }),
        json!({ "x5t#S256": thumbprint }),
        json!({ "kid": "key-1" }),
        json!({ "jwk": { "kty": "EC", "crv": "P-256", "x": "", "y": "" } }),
        json!({ "jku": "https://attacker.example/keys" }),
        json!({ "of-tomorrow": 1 }),
        json!({ "jkt": null }),
        json!({}),
        json!([]),
        json!([{ "jkt": thumbprint }]),
        json!(thumbprint),
        json!(""),
        json!(null),
        json!(0),
        json!(false),
        json!(true),
    ]
}

#[test]
fn a_bound_token_is_no_bearer_token() {
    for more in ["", "proof = [\"bearer\"]\n"] {
        let target = Target::pool(more);
        target.check("unbound", &Token::access().sign(), Ok(()));
        for cnf in confirmations() {
            let token = Token::access().claim("cnf", cnf.clone()).sign();
            target.check(&cnf.to_string(), &token, Err(ProofMissing));
        }
    }
}

/// All other rules hold for it nevertheless.
#[test]
fn a_bound_token_counts_where_proof_is_unchecked() {
    let target = Target::pool("proof = [\"unchecked\"]\n");
    target.check("unbound", &Token::access().sign(), Ok(()));
    for cnf in confirmations() {
        let token = Token::access().claim("cnf", cnf.clone());
        target.check(&cnf.to_string(), &token.sign(), Ok(()));
        let other = token.claim("client_id", "c").sign();
        target.check(&cnf.to_string(), &other, Err(WrongClient));
    }
}

/// An ID token, and one for an audience, are no other case.
#[test]
fn no_kind_of_token_is_exempt() {
    let cnf = json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
    let id = Token::access()
        .without("client_id")
        .claim("aud", "1example23456789clientid")
        .claim("token_use", "id");
    let target = Target::pool("token_use = \"id\"\n");
    target.check("an unbound ID token", &id.sign(), Ok(()));
    let bound = id.claim("cnf", cnf.clone()).sign();
    target.check("a bound ID token", &bound, Err(ProofMissing));
    let target = Target::pool("audiences = [\"a\"]\n");
    let token = Token::access().claim("aud", "a").claim("cnf", cnf);
    target.check("for an audience", &token.sign(), Err(ProofMissing));
}
