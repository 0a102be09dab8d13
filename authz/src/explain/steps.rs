//! The account of one walk through the eight steps, written down while the authorizer takes them.

use cognito_authorizer::claims::{Claims, ClaimsPolicy, Examination};
use cognito_authorizer::config::{Config, IssuerConfig};
use cognito_authorizer::decision::Decision;
use cognito_authorizer::event::{
    ApiKind, AuthorizationRequest, AuthorizationScheme, MethodArn, TokenSource,
};
use cognito_authorizer::jwks::KeysOfKid;
use cognito_authorizer::jwks::cache::KeySource;
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::refusal::{Refusal, StepName};
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::{Algorithm, TokenFault, UnverifiedToken};
use cognito_authorizer::verdict::{Step, Verdict};
use serde::Serialize;
use serde_json::Value;

use crate::explain::{claims, decision};
use crate::keys::{keys, kind_of};
use crate::output::{listed, shown};
use crate::sources::Sources;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It made what the next one takes.
    Passed,
    /// It refused the request.
    Failed,
    /// An earlier one had refused it.
    NotReached,
}

/// One step, as it is told.
#[derive(Debug, Serialize)]
pub(crate) struct StepReport {
    pub(crate) step: &'static str,
    pub(crate) outcome: Outcome,
    /// What was found.
    pub(crate) found: Vec<String>,
    /// Why the step refused the request, if it did.
    pub(crate) why: Vec<String>,
}

/// What is known so far.
pub(crate) struct Account<'c> {
    config: &'c Config,
    now: Timestamp,
    told: Vec<(Vec<String>, Vec<String>)>,
    credential: String,
    iss: Option<String>,
    kid: String,
    algorithm: Option<Algorithm>,
    key: String,
    policy: Option<ClaimsPolicy>,
    rules: claims::Findings,
    /// The kind of API, once the event was read.
    pub(crate) kind: Option<ApiKind>,
    /// What is called, once the event was read.
    pub(crate) arn: Option<MethodArn>,
    /// The claims, once they count.
    pub(crate) claims: Option<Claims>,
}

impl<'c> Account<'c> {
    pub(crate) fn new(config: &'c Config, now: Timestamp) -> Self {
        Self {
            config,
            now,
            told: Vec::new(),
            credential: String::new(),
            iss: None,
            kid: String::new(),
            algorithm: None,
            key: String::new(),
            policy: None,
            rules: claims::Findings::default(),
            kind: None,
            arn: None,
            claims: None,
        }
    }

    /// Writes down what a step has made.
    pub(crate) fn see(&mut self, step: &Step<'_>) {
        let mut why = Vec::new();
        let found = match step {
            Step::Event(request) => self.event(request),
            Step::Token(token) => self.token(token),
            Step::Issuer(policy) => {
                self.policy = Some((*policy).clone());
                vec![policy.issuer.clone()]
            }
            Step::Keys(keys, source) => self.keys(keys, *source),
            Step::Signature(payload, policy) => {
                self.rules = claims::findings(&Examination {
                    payload,
                    policy,
                    now: self.now,
                });
                vec!["it is that key's, over this token".to_owned()]
            }
            Step::Claims(claims) => {
                self.claims = Some((*claims).clone());
                let mut found = std::mem::take(&mut self.rules.right);
                found.extend(decision::token(claims));
                found
            }
            Step::Decision(decision) => {
                if let Decision::Deny(refusal) = decision {
                    why = self.refusal(refusal);
                }
                self.decision(decision)
            }
        };
        self.told.push((found, why));
    }

    fn event(&mut self, request: &AuthorizationRequest) -> Vec<String> {
        self.kind = Some(request.kind());
        self.arn = request.operation().arn().cloned();
        self.credential = match request.bearer_token() {
            Err(DenyReason::MissingToken) => {
                format!(
                    "there is no credential in {}",
                    places(request.kind(), self.config)
                )
            }
            Err(_) => {
                let place = places(request.kind(), self.config);
                let forms = forms(request.kind(), self.config);
                format!("{place} must hold one credential: {forms}")
            }
            Ok(token) => match UnverifiedToken::examine(token) {
                Ok(_) => String::new(),
                Err(fault) => fault.to_string(),
            },
        };
        let kind = match request.kind() {
            ApiKind::RestToken => "a REST API, authorizer of type TOKEN",
            ApiKind::RestRequest => "a REST API, authorizer of type REQUEST",
            ApiKind::Http1 => "an HTTP API, payload format 1.0",
            ApiKind::Http2 => "an HTTP API, payload format 2.0",
            ApiKind::WebSocket => "a WebSocket API",
            ApiKind::AppSync => "a GraphQL API of AppSync, which does not say what is asked for",
        };
        let mut found = vec![format!("from {kind}")];
        if let Some(arn) = &self.arn {
            let call = arn
                .as_str()
                .strip_prefix(arn.stage_arn())
                .unwrap_or_default();
            let call = call.trim_start_matches('/').replacen('/', " /", 1);
            found.push(format!("{} on {}", shown(&call), arn.stage_arn()));
        }
        found
    }

    fn token(&mut self, token: &UnverifiedToken<'_>) -> Vec<String> {
        self.iss = token.unverified_iss().map(str::to_owned);
        token.header().kid().clone_into(&mut self.kid);
        self.algorithm = Some(token.header().algorithm());
        let typ = token
            .header()
            .typ()
            .map_or("no typ".to_owned(), |typ| format!("typ {}", shown(typ)));
        let alg = token.header().algorithm().name();
        vec![format!("alg `{alg}`, kid {}, {typ}", shown(&self.kid))]
    }

    fn keys(&mut self, keys: &KeysOfKid, source: KeySource) -> Vec<String> {
        let described = keys.iter().map(|key| {
            let kind = kind_of(key.public_key().kind(), key.public_key().bits());
            let alg = key.algorithm();
            kind + &alg.map_or(String::new(), |own| format!(" for {}", own.name()))
        });
        self.key = described.collect::<Vec<String>>().join(", ");
        let place = match source {
            KeySource::File => "from `jwks_file`",
            KeySource::Cached | KeySource::Fetched | KeySource::Stale => "from `jwks_uri`",
        };
        vec![format!("{}: {}, {place}", shown(&self.kid), self.key)]
    }

    fn decision(&self, decision: &Decision<'_>) -> Vec<String> {
        match decision {
            Decision::Deny(_) => Vec::new(),
            Decision::Allow(grant) => match grant.route() {
                Some(route) => vec![format!("`{route}` is open to it")],
                None if self.config.rules.table.is_none() => {
                    vec!["without a table every resource is open to it".to_owned()]
                }
                None => vec![
                    "it may send queries; the reply names the fields it may not ask for".to_owned(),
                ],
            },
        }
    }

    fn refusal(&self, refusal: &Refusal<'_>) -> Vec<String> {
        let table = self.config.rules.table.as_ref();
        let claims = self.claims.iter();
        claims
            .flat_map(|claims| decision::refusal(refusal, claims, table))
            .collect()
    }

    /// The account of all steps, once the authorizer has given its answer.
    pub(crate) fn finish(
        self,
        event: &str,
        verdict: &Verdict,
        sources: &Sources,
    ) -> Vec<StepReport> {
        let refused_by = verdict.refused_by();
        let mut told = self.told.iter();
        let report = |step: StepName| {
            let is_refused = refused_by == Some(step);
            let (outcome, found, why) = match told.next() {
                Some((found, why)) if is_refused || !why.is_empty() => {
                    (Outcome::Failed, found.clone(), why.clone())
                }
                Some((found, _)) => (Outcome::Passed, found.clone(), Vec::new()),
                None if is_refused => {
                    let found = match step {
                        StepName::Claims => self.rules.right.clone(),
                        StepName::Event
                        | StepName::Token
                        | StepName::Issuer
                        | StepName::Jwks
                        | StepName::Signature
                        | StepName::Decision
                        | StepName::Reply => Vec::new(),
                    };
                    let why = self.why(step, event, verdict, sources);
                    (Outcome::Failed, found, why)
                }
                // The reply to a refused decision is a policy of the token's like any other.
                None if matches!(refused_by, None | Some(StepName::Decision)) => {
                    (Outcome::Passed, Vec::new(), Vec::new())
                }
                None => (Outcome::NotReached, Vec::new(), Vec::new()),
            };
            StepReport {
                step: step.as_str(),
                outcome,
                found,
                why,
            }
        };
        StepName::ALL.into_iter().map(report).collect()
    }

    /// Why a step that has made nothing has refused the request.
    fn why(
        &self,
        step: StepName,
        event: &str,
        verdict: &Verdict,
        sources: &Sources,
    ) -> Vec<String> {
        match step {
            StepName::Event => self.why_event(event, verdict.reason()),
            StepName::Token => vec![self.credential.clone()],
            StepName::Issuer => self.why_issuer(),
            StepName::Jwks => self.why_key(sources),
            StepName::Signature => self.why_signature(verdict.reason()),
            StepName::Claims => self.rules.wrong.clone(),
            // A decision is made, whatever it is, and tells itself why.
            StepName::Decision => Vec::new(),
            StepName::Reply => vec![
                "the request itself must stand in the policy, and is too long for it".to_owned(),
            ],
        }
    }

    fn why_event(&self, event: &str, reason: Option<DenyReason>) -> Vec<String> {
        let Ok(event) = serde_json::from_str::<Value>(event) else {
            return vec!["it is no JSON".to_owned()];
        };
        let member = |name: &str| format!("{name} {}", claims::value(event.get(name)));
        let arn = if event.get("routeArn").is_some() {
            "routeArn"
        } else {
            "methodArn"
        };
        if reason == Some(DenyReason::InvalidPath) {
            return vec![
                member(arn),
                "its path can be read in more than one way, or as a wildcard of a policy; no client \
                 needs such a path"
                    .to_owned(),
            ];
        }
        let members = ["type", "version", arn, "httpMethod"].map(member);
        vec![
            members.join(", "),
            "that is no event of an API for its authorizer, or it contradicts itself".to_owned(),
        ]
    }

    fn why_issuer(&self) -> Vec<String> {
        let iss = self.iss.as_deref().map_or("absent".to_owned(), shown);
        let issuers = self.config.issuers.iter();
        let issuers: Vec<&String> = issuers.map(|own| &own.claims.issuer).collect();
        vec![
            format!("its iss is {iss}"),
            format!("the configuration has {}", listed(&issuers, "and")),
        ]
    }

    fn issuer(&self) -> Option<&IssuerConfig> {
        let name = &self.policy.as_ref()?.issuer;
        let mut issuers = self.config.issuers.iter();
        issuers.find(|own| own.claims.issuer == *name)
    }

    fn why_key(&self, sources: &Sources) -> Vec<String> {
        let mut why = vec![format!("its kid is {}", shown(&self.kid))];
        let Some(issuer) = self.issuer() else {
            return why;
        };
        let file = issuer
            .jwks_file
            .iter()
            .map(|path| ("jwks_file", path.as_str()));
        let uri = issuer.jwks_uri.iter().map(|uri| ("jwks_uri", uri.as_str()));
        for (name, place) in file.chain(uri) {
            let lines = match sources.document(place) {
                None => vec!["was not asked".to_owned()],
                Some(Err(fault)) => vec![fault],
                Some(Ok(document)) => {
                    let (keys, fault) = keys(&document, &issuer.algorithms);
                    let fault = fault.map(|fault| fault.to_string());
                    fault
                        .into_iter()
                        .chain(keys.iter().map(|key| key.line()))
                        .collect()
                }
            };
            why.extend(lines.into_iter().map(|line| format!("{name}: {line}")));
        }
        why
    }

    /// By the reason, which alone tells a signature that is not the key's from one that is.
    fn why_signature(&self, reason: Option<DenyReason>) -> Vec<String> {
        let alg = self.algorithm.map_or("none", Algorithm::name);
        let allowed = self.issuer().map(|own| own.algorithms.as_slice());
        let allowed: Vec<&str> = allowed
            .into_iter()
            .flatten()
            .map(|own| own.name())
            .collect();
        let key = &self.key;
        if reason == Some(DenyReason::MalformedToken) {
            let payload = TokenFault::Json("payload");
            vec![format!("it is that key's, over this token, but {payload}")]
        } else if reason == Some(DenyReason::InvalidSignature) {
            let what =
                "it is not that key's over this token, which was changed, or signed by another";
            vec![format!("alg `{alg}`, key {key}"), what.to_owned()]
        } else if allowed.contains(&alg) {
            vec![format!("its alg is `{alg}`, and the key is {key}")]
        } else {
            vec![format!(
                "its alg is `{alg}`, and `algorithms` allows {}",
                listed(&allowed, "and")
            )]
        }
    }
}

/// Where a token is looked for.
fn places(kind: ApiKind, config: &Config) -> String {
    match kind {
        ApiKind::RestToken | ApiKind::AppSync => "`authorizationToken`".to_owned(),
        ApiKind::RestRequest | ApiKind::Http1 | ApiKind::Http2 | ApiKind::WebSocket => {
            let name = |source: &TokenSource| match source {
                TokenSource::Header(name) => format!("header:{name}"),
                TokenSource::Query(name) => format!("query:{name}"),
                TokenSource::Cookie(name) => format!("cookie:{name}"),
                TokenSource::Subprotocol(name) => format!("subprotocol:{name}"),
            };
            let names: Vec<String> = config.token_sources.iter().map(name).collect();
            listed(&names, "or")
        }
    }
}

/// How a token may be written there.
fn forms(kind: ApiKind, config: &Config) -> String {
    let form = |scheme: &AuthorizationScheme| match scheme {
        AuthorizationScheme::Named(name) => format!("`{name}`, one space and the token"),
        AuthorizationScheme::Bare => "the token alone".to_owned(),
    };
    let forms: Vec<String> = config.authorization_schemes.iter().map(form).collect();
    let forms = forms.join(", or ");
    let is_elsewhere = |source: &TokenSource| !matches!(source, TokenSource::Header(name) if name == "authorization");
    let elsewhere = match kind {
        ApiKind::RestToken => false,
        ApiKind::AppSync => true,
        ApiKind::RestRequest | ApiKind::Http1 | ApiKind::Http2 | ApiKind::WebSocket => {
            config.token_sources.iter().any(is_elsewhere)
        }
    };
    if elsewhere {
        format!("{forms}; outside of `Authorization`, after `Bearer` or alone too")
    } else {
        forms
    }
}
