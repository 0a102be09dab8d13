//! The claims of a token beside what the configuration asks of each.

use cognito_authorizer::claims::{Accepted, ClaimsPolicy, TEXTS, TokenUse, examine};
use cognito_authorizer::scope::ScopeSet;
use cognito_authorizer::signature::VerifiedPayload;
use cognito_authorizer::time::Timestamp;
use serde_json::Value;

use crate::output::{listed, shown};

/// What the rules about claims have found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// A line for each rule that holds and asks for something that is there.
    pub(super) right: Vec<String>,
    /// A line for each rule that is broken.
    pub(super) wrong: Vec<String>,
}

/// Asks every rule of the authorizer's own, also those after the first that is broken.
pub(super) fn findings(
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> Findings {
    let mut findings = Findings::default();
    for (rule, outcome) in examine(payload, policy, now) {
        let (claim, found, asked) = describe(rule, payload, policy, now);
        match outcome {
            // The issuer is a step of its own.
            Ok(()) if rule == "iss" || asked.is_none() || found == ABSENT => {}
            Ok(()) => findings.right.push(format!("{claim} is {found}")),
            Err(reason) => {
                let asked = asked.unwrap_or_else(|| "must be of another type".to_owned());
                let what = format!("{reason}: {claim} is {found}, and {asked}");
                findings.wrong.push(what);
            }
        }
    }
    findings
}

/// The claim that a rule is about, its value, and what is asked of it, if anything is.
fn describe(
    rule: &'static str,
    payload: &VerifiedPayload,
    policy: &ClaimsPolicy,
    now: Timestamp,
) -> (&'static str, String, Option<String>) {
    let claim = |name: &str| value(payload.members().get(name));
    let is_there = |name: &str| payload.members().contains_key(name);
    match rule {
        "iss" => {
            let asked = format!("must be {}", shown(&policy.issuer));
            ("iss", claim("iss"), Some(asked))
        }
        "exp" => {
            let start = now.minus_seconds(policy.leeway_seconds);
            let found = moment(payload.members().get("exp"));
            ("exp", found, Some(format!("must be after {start}")))
        }
        "nbf" | "iat" => {
            let end = now.plus_seconds(policy.leeway_seconds);
            let found = moment(payload.members().get(rule));
            let asked = is_there(rule).then(|| format!("must not be after {end}"));
            (rule, found, asked)
        }
        "typ" => {
            let found = payload.header().typ().map_or(ABSENT.to_owned(), shown);
            let asked = policy.token_type.as_deref().map_or_else(
                || "must be absent, `JWT` or `at+jwt`".to_owned(),
                |typ| format!("must be {}", shown(typ)),
            );
            ("typ of the header", found, Some(asked))
        }
        "token_use" => {
            let asked = policy
                .token_use
                .map(|own| format!("must be `{}`", own.as_str()));
            ("token_use", claim("token_use"), asked)
        }
        "client" => {
            let name = match policy.token_use {
                Some(TokenUse::Id) => "aud",
                Some(TokenUse::Access) | None => "client_id",
            };
            let mut found = claim(name);
            if name == "aud" && is_there("azp") {
                found.push_str(&format!(" and azp {}", claim("azp")));
            }
            (name, found, asked_of(policy.clients.as_ref()))
        }
        "aud" => ("aud", claim("aud"), asked_of(policy.audiences.as_ref())),
        "scope" => {
            let scopes = payload.members().get("scope").map(ScopeSet::of_claim);
            let is_wrong = matches!(scopes, Some(None));
            let asked = is_wrong.then(|| "must be a text or a list of texts".to_owned());
            ("scope", claim("scope"), asked)
        }
        _ => {
            let members = payload.members();
            let is_wrong = |name: &&&str| members.get(name).is_some_and(|own| !own.is_string());
            let wrong = TEXTS.iter().find(is_wrong);
            let name = wrong.copied().unwrap_or_default();
            let asked = wrong.map(|_| "must be a text".to_owned());
            (name, claim(name), asked)
        }
    }
}

const ABSENT: &str = "absent";

fn asked_of(accepted: Option<&Accepted>) -> Option<String> {
    match accepted {
        None => None,
        Some(Accepted::Any) => Some("may be any".to_owned()),
        Some(Accepted::OneOf(values)) => Some(format!("must be {}", listed(values, "or"))),
    }
}

/// A claim's value as it is shown.
pub(super) fn value(value: Option<&Value>) -> String {
    match value {
        None => ABSENT.to_owned(),
        Some(Value::String(text)) => shown(text),
        Some(
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_)),
        ) => shown(&other.to_string()),
    }
}

/// A claim that is a time, in words where it is a whole number of seconds before the year 10000.
fn moment(claim: Option<&Value>) -> String {
    let seconds = claim.and_then(Value::as_u64);
    let known = seconds.filter(|seconds| *seconds <= 253_402_300_799);
    known.map_or_else(
        || value(claim),
        |seconds| Timestamp::from_seconds(seconds).to_string(),
    )
}
