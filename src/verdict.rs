//! The answer to one event, and the one log line that says why.

mod metrics;

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::claims::{Claims, ClaimsPolicy};
use crate::decision::Decision;
use crate::event::AuthorizationRequest;
use crate::jwks::KeysOfKid;
use crate::jwks::cache::{KeySource, KeysReport};
use crate::reason::{DenyReason, Outcome};
use crate::refusal::{Refusal, StepName};
use crate::reply::Reply;
use crate::signature::VerifiedPayload;
use crate::time::Timestamp;
use crate::token::UnverifiedToken;

use self::metrics::Metrics;

/// The longest text from a token that goes into the log, in characters.
const MAX_LOGGED_CHARS: usize = 128;

/// The room that is made for a log line at once: it has some 450 bytes, with metrics twice as many.
const USUAL_LINE_BYTES: usize = 1024;

/// What the Lambda answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A reply with a policy.
    Reply(Reply),
    /// The error whose message is exactly `Unauthorized`, which API Gateway makes a 401 of.
    Unauthorized,
    /// Another error, which API Gateway makes a 500 of: nothing could be decided.
    Failure(DenyReason),
}

/// The answer to one event and what was found out on the way to it.
#[derive(Debug)]
pub struct Verdict {
    answer: Answer,
    findings: Findings,
    namespace: Option<Arc<str>>,
}

impl Verdict {
    pub(crate) const fn new(
        answer: Answer,
        findings: Findings,
        namespace: Option<Arc<str>>,
    ) -> Self {
        Self {
            answer,
            findings,
            namespace,
        }
    }

    /// What the Lambda answers.
    #[must_use]
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Gives up the verdict for its answer.
    #[must_use]
    pub fn into_answer(self) -> Answer {
        self.answer
    }

    /// Why the request was not allowed, if it was not.
    #[must_use]
    pub const fn reason(&self) -> Option<DenyReason> {
        match self.findings.refused {
            Some((_, reason)) => Some(reason),
            None => None,
        }
    }

    /// The step that refused the request, if one did.
    #[must_use]
    pub const fn refused_by(&self) -> Option<StepName> {
        match self.findings.refused {
            Some((step, _)) => Some(step),
            None => None,
        }
    }

    /// The outcome.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.reason().map_or(Outcome::Allow, DenyReason::outcome)
    }

    /// The log line of this verdict, one JSON object without a line break. It holds no token,
    /// signature or claim body; what comes from a token is an identifier, cut and escaped. With
    /// a namespace of metrics it is also one of CloudWatch's embedded metric format.
    #[must_use]
    pub fn log_line(&self, now: Timestamp, duration_ms: f64, request_id: &str) -> String {
        let findings = &self.findings;
        let line = LogLine {
            timestamp: now,
            level: if self.outcome() == Outcome::Error {
                "ERROR"
            } else {
                "INFO"
            },
            message: "verdict",
            outcome: self.outcome().as_str(),
            reason: self.reason().map_or("granted", DenyReason::as_str),
            kind: findings.kind,
            route: findings.route.as_deref(),
            issuer: findings.issuer.as_deref(),
            client_id: findings.client_id.as_deref(),
            principal: findings.principal.as_deref(),
            kid: findings.kid.as_deref(),
            key_source: findings.key_source.map(KeySource::as_str),
            jwks_age_seconds: findings.keys.age_ms.map(|age| age / 1000),
            fetches: (findings.keys.fetches > 0).then_some(Fetches {
                jwks_fetches: findings.keys.fetches,
                jwks_failures: findings.keys.failures,
            }),
            duration_ms,
            request_id,
            metrics: self
                .namespace
                .as_deref()
                .map(|namespace| Metrics::new(namespace, now, findings.keys)),
        };
        let mut text = Vec::with_capacity(USUAL_LINE_BYTES);
        let written = serde_json::to_writer(&mut text, &line).ok();
        let text = written.and_then(|()| String::from_utf8(text).ok());
        text.unwrap_or_default()
    }
}

/// The members of the log line, in their order; those that are not known are left out.
#[derive(Serialize)]
struct LogLine<'a> {
    #[serde(serialize_with = "as_text")]
    timestamp: Timestamp,
    level: &'static str,
    message: &'static str,
    outcome: &'static str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_age_seconds: Option<u64>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    fetches: Option<Fetches>,
    duration_ms: f64,
    request_id: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics<'a>>,
}

/// Members of the lines of requests that had to do with a fetch.
#[derive(Serialize)]
struct Fetches {
    jwks_fetches: u32,
    jwks_failures: u32,
}

fn as_text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// What one of the eight steps has made of a request. The eighth makes the [`Answer`].
#[derive(Debug)]
pub enum Step<'s> {
    /// The event is one that an API sends.
    Event(&'s AuthorizationRequest),
    /// The credential is a strict compact JWS. None of it is verified.
    Token(&'s UnverifiedToken<'s>),
    /// Its `iss` is an issuer of the configuration, which asks this of the claims.
    Issuer(&'s ClaimsPolicy),
    /// The issuer has keys of its `kid`.
    Keys(&'s KeysOfKid, KeySource),
    /// The signature is that of the one that is for its `alg`.
    Signature(&'s VerifiedPayload, &'s ClaimsPolicy),
    /// The claims are what the issuer's entry asks for.
    Claims(&'s Claims),
    /// May this token do this?
    Decision(&'s Decision<'s>),
}

/// What the log line says of a request, found out step by step.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    refused: Option<(StepName, DenyReason)>,
    kind: Option<&'static str>,
    route: Option<String>,
    issuer: Option<String>,
    client_id: Option<String>,
    principal: Option<String>,
    kid: Option<String>,
    key_source: Option<KeySource>,
    keys: KeysReport,
}

impl Findings {
    pub(crate) fn see(&mut self, step: &Step<'_>) {
        match step {
            Step::Event(request) => self.kind = Some(request.kind().as_str()),
            Step::Token(token) => self.kid = Some(cut(token.header().kid())),
            Step::Issuer(policy) => self.issuer = Some(policy.issuer.clone()),
            Step::Keys(_, source) => self.key_source = Some(*source),
            Step::Signature(payload, policy) => self.payload(payload, policy),
            Step::Claims(_) => {}
            Step::Decision(Decision::Allow(grant)) => {
                self.route = grant.route().map(str::to_owned);
            }
            Step::Decision(Decision::Deny(refusal)) => {
                self.refused(refusal);
                self.route = refusal.route().map(str::to_owned);
            }
        }
    }

    /// Whose token it is, as soon as that is the issuer's word and not only the caller's: an
    /// operator wants to know who sends tokens that are expired or another API's.
    fn payload(&mut self, payload: &VerifiedPayload, policy: &ClaimsPolicy) {
        self.client_id = policy.client(payload.members()).map(cut);
        self.principal = policy.principal(payload.members()).map(cut);
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub(crate) fn keys(&mut self, report: KeysReport) {
        self.keys = report;
    }

    pub(crate) fn refused(&mut self, refusal: &Refusal<'_>) {
        self.refused = Some((refusal.step(), refusal.reason()));
    }
}

fn cut(text: &str) -> String {
    let rest = text.char_indices().nth(MAX_LOGGED_CHARS);
    let end = rest.map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default().to_owned()
}
