//! The claims of a token beside what the configuration asks of each.

use cognito_authorizer::claims::{
    Accepted, ClaimName, ClaimRule, Examination, Proof, TEXTS, TokenUse, first_claim,
};
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
    claim: String,
    /// The claim's value.
    found: String,
    /// What is asked of it, if anything is.
    asked: Option<String>,
}

fn describe(rule: ClaimRule, of: &Examination<'_>) -> Described {
    let (members, policy) = (of.payload.members(), of.policy);
    let claim = |name: &str| value(members.get(name));
    let (name, found, asked) = match rule {
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
        ClaimRule::Client if policy.token_use == Some(TokenUse::Id) => {
            let mut found = claim("aud");
            if members.contains_key("azp") {
                found.push_str(&format!(" and azp {}", claim("azp")));
            }
            ("aud", found, asked_of(policy.clients.as_ref()))
        }
        ClaimRule::Client => {
            let (name, found) = one_of(&policy.client_from, of);
            (name, found, asked_of(policy.clients.as_ref()))
        }
        ClaimRule::Audience => ("aud", claim("aud"), asked_of(policy.audiences.as_ref())),
        ClaimRule::Scopes => {
            let mut names = policy.scopes_from.iter();
            let named = names.find_map(|name| Some((name.as_str(), name.find(members)?)));
            let (name, scopes) = named.unzip();
            let is_wrong = matches!(scopes.map(ScopeSet::of_claim), Some(None));
            let asked = is_wrong.then(|| "must be a text or a list of texts".to_owned());
            (name.unwrap_or("scope"), value(scopes), asked)
        }
        ClaimRule::Texts => {
            let named = policy.client_from.iter().chain(&policy.principal_from);
            let named = named.map(|name| (name.as_str(), name.find(members)));
            let texts = TEXTS.into_iter().map(|name| (name, members.get(name)));
            let mut all = texts.chain(named.filter(|(_, own)| *own != Some(&Value::Null)));
            let wrong = all.find(|(_, own)| own.is_some_and(|own| !own.is_string()));
            let (name, own) = wrong.unwrap_or_default();
            (name, value(own), wrong.map(|_| "must be a text".to_owned()))
        }
        ClaimRule::Required => {
            let broken = policy.require.iter().find(|own| !own.holds(members));
            let Some(broken) = broken.or(policy.require.first()) else {
                return Described::nothing();
            };
            let asked = match &broken.accepted {
                Accepted::Any => "must be there".to_owned(),
                Accepted::OneOf(values) => {
                    format!(
                        "must be {}, or a list with one of them",
                        listed(values, "or")
                    )
                }
            };
            (
                broken.claim.as_str(),
                value(broken.claim.find(members)),
                Some(asked),
            )
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
        claim: name.to_owned(),
        found,
        asked,
    }
}

impl Described {
    /// A rule that asks for nothing.
    fn nothing() -> Self {
        Self {
            claim: String::new(),
            found: ABSENT.to_owned(),
            asked: None,
        }
    }
}

/// The first of these claims that is there, by its name and as it is shown.
fn one_of<'n>(names: &'n [ClaimName], of: &Examination<'_>) -> (&'n str, String) {
    match first_claim(names, of.payload.members()) {
        Some((name, own)) => (name.as_str(), value(Some(own))),
        None => (
            names.first().map_or("client_id", ClaimName::as_str),
            ABSENT.to_owned(),
        ),
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
