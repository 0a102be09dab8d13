//! Several issuers: what one of them says of groups and users does not count where another is meant.

use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::reason::DenyReason::{
    self, IssuerNotAccepted, JwksUnavailable, NotBound, NotInGroup, UnknownIssuer,
};
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::{Authorizer, Config};
use serde_json::json;

use crate::support::authorizer::{authorizer, issuer_keys, pool_config, token_event, verdict};
use crate::support::keys::{RSA, jwks};
use crate::support::local;
use crate::support::token::{CLIENT, ISSUER, KID, NOW, Token};

const TWO_POOLS: &str = r#"
[[issuers]]
name = "staff"
user_pool_id = "eu-west-1_AbCdEf123"
client_ids = ["1example23456789clientid"]
[[issuers]]
name = "customers"
user_pool_id = "eu-west-1_Customers1"
client_ids = ["1example23456789clientid"]
[[routes]]
route = "GET /staff/{name}/payslips"
issuers = ["staff"]
bind = { name = "username" }
[[routes]]
route = "GET /admin"
issuers = ["staff"]
any_group = ["admins"]
[[routes]]
route = "GET /shop"
issuers = ["staff", "customers"]
[[routes]]
route = "GET /open"
"#;

const CUSTOMERS: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Customers1";

fn token(issuer: &str) -> Token {
    Token::access()
        .claim("iss", issuer)
        .claim("client_id", CLIENT)
        .claim("username", "alice")
        .claim("cognito:groups", json!(["admins"]))
}

#[track_caller]
fn check(config: &str, token: &Token, path: &str, expected: Result<(), DenyReason>) {
    let served = issuer_keys();
    let authorizer = authorizer(config, &served);
    let verdict = verdict(&authorizer, &token_event(&token.sign(), "GET", path));
    assert_eq!(verdict.reason().map_or(Ok(()), Err), expected, "{path}");
}

#[test]
fn a_route_takes_tokens_of_its_issuers() {
    let updated = ISSUER.replace("https://", "https://issuer-");
    for (issuer, path, expected) in [
        (ISSUER, "/staff/alice/payslips", Ok(())),
        (ISSUER, "/staff/bob/payslips", Err(NotBound)),
        (CUSTOMERS, "/staff/alice/payslips", Err(IssuerNotAccepted)),
        (ISSUER, "/admin", Ok(())),
        (CUSTOMERS, "/admin", Err(IssuerNotAccepted)),
        (&updated, "/admin", Ok(())),
        (CUSTOMERS, "/shop", Ok(())),
        (CUSTOMERS, "/open", Ok(())),
    ] {
        check(TWO_POOLS, &token(issuer), path, expected);
    }
    let nobody = token(ISSUER).without("cognito:groups");
    check(TWO_POOLS, &nobody, "/admin", Err(NotInGroup));
}

/// A cached policy says the same.
#[test]
fn the_policy_knows_the_issuer() {
    let served = issuer_keys();
    let authorizer = authorizer(TWO_POOLS, &served);
    let event = token_event(&token(CUSTOMERS).sign(), "GET", "/open");
    let answer = format!("{:?}", verdict(&authorizer, &event).answer());
    assert!(answer.contains("GET/shop"), "{answer}");
    assert!(!answer.contains("GET/staff/alice/payslips"), "{answer}");
}

#[test]
fn a_route_that_trusts_every_issuer_is_told_of() {
    let warnings = |config: &str| Config::from_toml(config).unwrap().warnings();
    assert_eq!(warnings(TWO_POOLS), Vec::<String>::new());
    let all = TWO_POOLS.replace("issuers = [\"staff\"]\n", "");
    assert_eq!(
        warnings(&all),
        [
            "`GET /staff/{name}/payslips`, `GET /admin`: groups and bound claims of every issuer count \
          there, so whoever one of `staff`, `customers` calls `admins`, or by another's name, is let \
          in; write the `issuers` whose word counts"
        ]
    );
    // The two forms of one pool are one issuer.
    let one = all
        .replace(
            "[[issuers]]\nname = \"customers\"\nuser_pool_id = \"eu-west-1_Customers1\"\n\
                           client_ids = [\"1example23456789clientid\"]\n",
            "",
        )
        .replace(", \"customers\"", "");
    assert_eq!(warnings(&one), Vec::<String>::new());
}

#[test]
fn names_of_issuers_are_checked() {
    let wrong = TWO_POOLS.replace("[\"staff\", \"customers\"]", "[\"staff\", \"clients\"]");
    let error = Config::from_toml(&wrong).unwrap_err();
    assert_eq!(
        error.0[0].to_string(),
        "line 20: `routes[2].issuers`: `clients` is not the name of an issuer; write some of \
         `staff`, `customers`"
    );
}

/// A pool that answers for the updated form of its issuer with this status, or not at all.
struct Pool(Option<u16>);

impl FetchJwks for Pool {
    async fn fetch(&self, uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        if !uri.as_str().contains("//issuer-") {
            return Ok(jwks(&[RSA.jwk(KID, Some("RS256"))]));
        }
        match self.0 {
            Some(200) => Ok(jwks(&[RSA.jwk(KID, Some("RS256"))])),
            Some(status) => Err(FetchError::Status(status)),
            None => Err(FetchError::Timeout),
        }
    }
}

/// Anybody may write the other form of the issuer into a token: where the pool has none, that is no
/// outage.
#[test]
fn a_pool_may_have_no_updated_issuer() {
    let updated = Token::access().claim("iss", ISSUER.replace("https://", "https://issuer-"));
    for (answer, expected) in [
        (Some(200), Ok(())),
        (Some(403), Err(UnknownIssuer)),
        (Some(404), Err(UnknownIssuer)),
        (Some(408), Err(JwksUnavailable)),
        (Some(429), Err(JwksUnavailable)),
        (Some(500), Err(JwksUnavailable)),
        (None, Err(JwksUnavailable)),
    ] {
        let config = Config::from_toml(&pool_config("")).unwrap();
        let no_files = |_: &str| Ok(Vec::new());
        let authorizer = Authorizer::new(config, Pool(answer), no_files).unwrap();
        for (token, expected) in [(&updated, expected), (&Token::access(), Ok(()))] {
            let event = token_event(&token.sign(), "GET", "/books").to_string();
            let now = Timestamp::from_seconds(NOW);
            let verdict = local().block_on(authorizer.authorize(&event, now));
            assert_eq!(verdict.reason().map_or(Ok(()), Err), expected, "{answer:?}");
        }
    }
}
