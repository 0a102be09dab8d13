//! Step 1: what is read from an event, what is refused, and what a path may mean.

mod arn;
mod cookies;
mod kinds;
mod paths;
mod replies;
mod requests;
mod schemes;
mod sources;
mod structs;

use cognito_authorizer::event::{AuthorizationRequest, AuthorizationScheme, TokenSource};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::token::BearerToken;
use serde_json::Value;

/// What is expected of one event: this credential, or this reason.
type Expect = Result<&'static str, DenyReason>;

/// Reads an event and takes its credential, which cannot be printed: it is compared.
#[track_caller]
fn check(case: &str, event: &Value, sources: &[TokenSource], expect: Expect) {
    check_schemes(case, event, sources, &bearer(), expect);
}

/// Does the same where these schemes are configured.
#[track_caller]
fn check_schemes(
    case: &str,
    event: &Value,
    sources: &[TokenSource],
    schemes: &[AuthorizationScheme],
    expect: Expect,
) {
    let event = event.to_string();
    let request = AuthorizationRequest::parse(&event, sources, schemes);
    let token = request
        .as_ref()
        .map_err(|reason| *reason)
        .and_then(AuthorizationRequest::bearer_token);
    let expect = expect.map(|token| BearerToken::from_bare(token).unwrap());
    assert_eq!(token, expect, "{case}: {event}");
}

fn authorization() -> Vec<TokenSource> {
    vec![TokenSource::Header("authorization".to_owned())]
}

/// The schemes of a configuration that names none.
fn bearer() -> [AuthorizationScheme; 1] {
    [AuthorizationScheme::Named("Bearer".to_owned())]
}
