//! The claims of a token beside what the configuration asks of each.

use cognito_authorizer::claims::{Accepted, ClaimRule, Examination, Proof, TEXTS, TokenUse};
use cognito_authorizer::scope::ScopeSet;
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
pub(super) fn findings(examination: &Examination<'_>) -> Findings {
    let mut findings = Findings::default();
    for rule in ClaimRule::ALL {
        let Described {
            claim,
            found,
            asked,
        } = describe(*rule, examination);
        match rule.check(examination) {
            // The issuer is a step of its own.
            Ok(()) if *rule == ClaimRule::Issuer || asked.is_none() || found == ABSENT => {}
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

/// A rule in words.
struct Described {
    /// The claim that it is about.
    claim: &'static str,
    /// The claim's value.
    found: String,
    /// What is asked of it, if anything is.
    asked: Option<String>,
}

fn describe(rule: ClaimRule, of: &Examination<'_>) -> Described {
    let (members, policy) = (of.payload.members(), of.policy);
    let claim = |name: &str| value(members.get(name));
    let (claim, found, asked) = match rule {
        ClaimRule::Issuer => {
            let asked = format!("must be {}", shown(&policy.issuer));
            ("iss", claim("iss"), Some(asked))
        }
        ClaimRule::Expiry => {
            let start = of.now.minus_seconds(policy.leeway_seconds);
            let found = moment(members.get("exp"));
            ("exp", found, Some(format!("must be after {start}")))
        }
        ClaimRule::NotBefore => start(of, "nbf"),
        ClaimRule::IssuedAt => start(of, "iat"),
        ClaimRule::Type => {
            let typ = of.payload.header().typ();
            let asked = policy.token_type.as_deref().map_or_else(
                || "must be absent, `JWT` or `at+jwt`".to_owned(),
                |typ| format!("must be {}", shown(typ)),
            );
            let found = typ.map_or(ABSENT.to_owned(), shown);
            ("typ of the header", found, Some(asked))
        }
        ClaimRule::TokenUse => {
            // Where it need not be there, it must be right nevertheless.
            let required = policy.token_use.unwrap_or(TokenUse::Access);
            let is_asked = policy.token_use.is_some() || members.contains_key("token_use");
            let asked = is_asked.then(|| format!("must be `{}`", required.as_str()));
            ("token_use", claim("token_use"), asked)
        }
        ClaimRule::Client => {
            let name = match policy.token_use {
                Some(TokenUse::Id) => "aud",
                Some(TokenUse::Access) | None => "client_id",
            };
            let mut found = claim(name);
            if name == "aud" && members.contains_key("azp") {
                found.push_str(&format!(" and azp {}", claim("azp")));
            }
            (name, found, asked_of(policy.clients.as_ref()))
        }
        ClaimRule::Audience => ("aud", claim("aud"), asked_of(policy.audiences.as_ref())),
        ClaimRule::Scopes => {
            let scopes = members.get("scope").map(ScopeSet::of_claim);
            let is_wrong = matches!(scopes, Some(None));
            let asked = is_wrong.then(|| "must be a text or a list of texts".to_owned());
            ("scope", claim("scope"), asked)
        }
        ClaimRule::Texts => {
            let is_wrong = |name: &&&str| members.get(name).is_some_and(|own| !own.is_string());
            let wrong = TEXTS.iter().find(is_wrong);
            let name = wrong.copied().unwrap_or_default();
            let asked = wrong.map(|_| "must be a text".to_owned());
            (name, claim(name), asked)
        }
        ClaimRule::Proof => {
            let asked = match policy.proof {
                Proof::Bearer => "must be absent from a bearer token: it binds the token to a key",
                Proof::Unchecked => "is not looked at",
            };
            ("cnf", claim("cnf"), Some(asked.to_owned()))
        }
    };
    Described {
        claim,
        found,
        asked,
    }
}

/// A claim that says when the token begins.
fn start(of: &Examination<'_>, name: &'static str) -> (&'static str, String, Option<String>) {
    let end = of.now.plus_seconds(of.policy.leeway_seconds);
    let value = of.payload.members().get(name);
    let asked = value.map(|_| format!("must not be after {end}"));
    (name, moment(value), asked)
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
