//! The flow of one request, the page to read first.

use std::collections::BTreeSet;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{Either, join_all, select};

use crate::claims::{Claims, ClaimsPolicy};
use crate::config::{Config, ConfigError, Mention, Mistake, Unauthorized};
use crate::decision::Decision;
use crate::event::{AuthorizationRequest, Operation};
use crate::jwks::Jwks;
use crate::jwks::cache::{CachePolicy, JwksCache};
use crate::jwks::fetch::FetchJwks;
use crate::jwks::source::KeysOfIssuer;
use crate::policy::{Policies, Warning};
use crate::reason::{DenyReason, Outcome};
use crate::refusal::{Refusal, StepName};
use crate::reply::{DecidedRequest, Reply};
use crate::signature;
use crate::time::Timestamp;
use crate::token::{Algorithm, UnverifiedToken};
use crate::verdict::{Answer, Findings, Step, Verdict};

/// How many warnings about routes are logged at most, so that a table cannot flood the log.
const MAX_ROUTE_WARNINGS: usize = 20;

/// Answers authorization requests; one per execution environment, kept across invocations.
#[derive(Debug)]
pub struct Authorizer<F> {
    config: Config,
    policies: Policies,
    issuers: Vec<Issuer>,
    fetcher: Arc<F>,
    /// The routes of which was told that a claim can never be bound.
    unbindable: Mutex<BTreeSet<String>>,
}

/// An issuer whose tokens count.
#[derive(Debug)]
struct Issuer {
    claims: ClaimsPolicy,
    algorithms: Vec<Algorithm>,
    keys: KeysOfIssuer,
    mention: Mention,
}

impl Issuer {
    /// Why a token of this issuer is refused where its keys were not found for `reason`. A pool whose
    /// implied second issuer has no key set does not use it, so that this is nobody's outage.
    fn without_keys(&self, reason: DenyReason) -> DenyReason {
        match (reason, self.mention) {
            (DenyReason::JwksUnavailable, Mention::Implied) if self.keys.is_absent() => {
                DenyReason::UnknownIssuer
            }
            (reason, Mention::Written | Mention::Implied) => reason,
        }
    }
}

impl<F: FetchJwks + 'static> Authorizer<F> {
    /// Makes an authorizer. `read_file` gives the contents of a `jwks_file`. Keys are fetched in
    /// tasks of the Tokio runtime, with its clock on, that the requests are answered in.
    ///
    /// # Errors
    /// [`ConfigError`] if a `jwks_file` cannot be read or holds no usable key.
    pub fn new(
        config: Config,
        fetcher: F,
        read_file: impl Fn(&str) -> std::io::Result<Vec<u8>>,
    ) -> Result<Self, ConfigError> {
        let mut issuers = Vec::new();
        let mut mistakes = Vec::new();
        // Both forms of a pool's issuer, which follow each other, have one file.
        let mut last: Option<(&str, Option<Jwks>)> = None;
        for issuer in &config.issuers {
            let policy = CachePolicy {
                refresh: issuer.refresh,
                max_age_ms: config.jwks.max_age_seconds.saturating_mul(1000),
                stale_ms: config.jwks.stale_seconds.saturating_mul(1000),
                cooldown_ms: config.jwks.cooldown_seconds.saturating_mul(1000),
                timeout_ms: config.jwks.timeout_ms,
            };
            let file = match (&issuer.jwks_file, &last) {
                (None, _) => None,
                (Some(path), Some((read, jwks))) if read == path => jwks.clone(),
                (Some(path), _) => {
                    let jwks = load(path, &read_file);
                    for key in jwks.iter().flat_map(Jwks::at_fault) {
                        tracing::warn!(jwks_file = path, "a key of the key set is not used: {key}");
                    }
                    let jwks = jwks.map_err(|(fault, remedy)| {
                        let place = issuer.jwks_file_place.clone();
                        mistakes.push(Mistake::new(place, fault, remedy));
                    });
                    last = Some((path, jwks.clone().ok()));
                    jwks.ok()
                }
            };
            let name = issuer.claims.issuer.clone();
            let keys =
                KeysOfIssuer::new(name, issuer.jwks_uri.clone(), JwksCache::new(policy, file));
            let (claims, algorithms) = (issuer.claims.clone(), issuer.algorithms.clone());
            issuers.push(Issuer {
                claims,
                algorithms,
                keys,
                mention: issuer.mention,
            });
        }
        if mistakes.is_empty() {
            let policies = Policies::new(config.rules.clone());
            warn_of_config(&config, &policies);
            Ok(Self {
                config,
                policies,
                issuers,
                fetcher: Arc::new(fetcher),
                unbindable: Mutex::default(),
            })
        } else {
            Err(ConfigError(mistakes))
        }
    }

    /// Fetches the keys of all written issuers that have none, side by side. A failure is only
    /// logged: the keys are asked for again when a request needs them. Who drops this future waits
    /// no longer; the fetches go on.
    pub async fn prefetch(&self, now: Timestamp) {
        let written = self.issuers.iter();
        let fetches = written
            .filter(|issuer| issuer.mention == Mention::Written)
            .map(|issuer| issuer.keys.prefetch(now, &self.fetcher));
        join_all(fetches).await;
    }

    /// Answers one event at `now`. Total: whatever the event is, there is an answer.
    pub async fn authorize(&self, event: &str, now: Timestamp) -> Verdict {
        self.authorize_before(event, now, pending()).await
    }

    /// Answers one event at `now`, and as soon as `time_is_up` ends. Keys are all that is ever
    /// waited for, so what is then not decided is a want of keys. A fetch goes on for the others.
    pub async fn authorize_before(
        &self,
        event: &str,
        now: Timestamp,
        time_is_up: impl Future<Output = ()>,
    ) -> Verdict {
        self.answer(event, now, time_is_up, |_| {}).await
    }

    /// Answers one event at `now` as [`Self::authorize`] does, and shows `see` what each step has
    /// made of it. Which one has refused it, [`Verdict::refused_by`] says.
    pub async fn explain(
        &self,
        event: &str,
        now: Timestamp,
        see: impl FnMut(&Step<'_>),
    ) -> Verdict {
        self.answer(event, now, pending(), see).await
    }

    async fn answer(
        &self,
        event: &str,
        now: Timestamp,
        time_is_up: impl Future<Output = ()>,
        mut see: impl FnMut(&Step<'_>),
    ) -> Verdict {
        let mut findings = Findings::default();
        let Config {
            token_sources,
            authorization_schemes,
            ..
        } = &self.config;
        let request = AuthorizationRequest::parse(event, token_sources, authorization_schemes);
        let answer = match request {
            Err(reason) => {
                let refusal = Refusal::at(StepName::Event)(reason);
                self.refuse(None, &refusal, &mut findings)
            }
            Ok(request) => {
                let walk = self.walk(&request, now, |step| {
                    findings.see(&step);
                    see(&step);
                });
                let walked = match select(pin!(walk), pin!(time_is_up)).await {
                    Either::Left((walked, _)) => walked,
                    Either::Right(_) => {
                        Err(Refusal::at(StepName::Jwks)(DenyReason::JwksUnavailable))
                    }
                };
                if let Some(issuer) = self.issuer(findings.issuer()) {
                    findings.keys(issuer.keys.report(now));
                }
                match walked {
                    Ok(reply) => Answer::Reply(reply),
                    Err(refusal) => self.refuse(Some(&request), &refusal, &mut findings),
                }
            }
        };
        Verdict::new(answer, findings, self.config.metrics_namespace.clone())
    }

    /// The steps of a request after it was read, from its token to the reply.
    async fn walk(
        &self,
        request: &AuthorizationRequest,
        now: Timestamp,
        mut see: impl FnMut(Step<'_>),
    ) -> Result<Reply, Refusal<'_>> {
        let at = Refusal::at;
        see(Step::Event(request));
        let credential = request.bearer_token();
        let token = credential
            .and_then(UnverifiedToken::parse)
            .map_err(at(StepName::Token))?;
        see(Step::Token(&token));
        let issuer = self
            .issuer(token.unverified_iss())
            .ok_or(DenyReason::UnknownIssuer)
            .map_err(at(StepName::Issuer))?;
        see(Step::Issuer(&issuer.claims));
        let (keys, source) = issuer
            .keys
            .of_kid(token.header().kid(), now, &self.fetcher)
            .await
            .map_err(|reason| issuer.without_keys(reason))
            .map_err(at(StepName::Jwks))?;
        see(Step::Keys(&keys, source));
        let payload =
            signature::verify(token, &keys, &issuer.algorithms).map_err(at(StepName::Signature))?;
        see(Step::Signature(&payload, &issuer.claims));
        let claims = Claims::check(payload, &issuer.claims, now).map_err(at(StepName::Claims))?;
        see(Step::Claims(&claims));
        let decided = DecidedRequest::new(&self.config.reply, &self.policies, request, &claims);
        see(Step::Decision(decided.decision()));
        if let Decision::Deny(refusal) = decided.decision() {
            self.tell_unbindable(refusal);
        }
        Reply::new(&decided, now).map_err(at(StepName::Reply))
    }

    /// Says once for each route that a claim it binds can never be what stands in a path. Else nothing
    /// but a 403 for everybody would tell.
    fn tell_unbindable(&self, refusal: &Refusal<'_>) {
        for (route, claim) in refusal.unbindable() {
            let mut told = self
                .unbindable
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if told.insert(route.to_owned()) {
                tracing::warn!(
                    "`{route}`: the claim `{claim}` of a token has no value that can be bound, so that such \
                     tokens are refused; one that is empty, `.` or `..`, or holds `*`, `?`, `$`, `/`, `\\`, \
                     `%` or a control character, never is; bind another claim"
                );
            }
        }
    }

    fn issuer(&self, iss: Option<&str>) -> Option<&Issuer> {
        self.issuers
            .iter()
            .find(|issuer| Some(issuer.claims.issuer.as_str()) == iss)
    }

    /// What is answered where the eight steps did not reach a reply. A reply is cached under the
    /// token and closes all of the API to it, an error is not. AppSync knows no error that means
    /// 401, so it always gets a reply, one that is not cached.
    fn refuse(
        &self,
        request: Option<&AuthorizationRequest>,
        refusal: &Refusal<'_>,
        findings: &mut Findings,
    ) -> Answer {
        findings.refused(refusal);
        let reason = refusal.reason();
        let replied = |request: &&AuthorizationRequest| match request.operation() {
            Operation::GraphQl => true,
            Operation::Method(_) | Operation::Connect(_) => {
                let is_lasting = reason.is_lasting() && !request.has_several_credentials();
                self.config.unauthorized == Unauthorized::Deny && is_lasting
            }
        };
        match (reason.outcome(), request.filter(replied)) {
            (Outcome::Error, _) => Answer::Failure(reason),
            (_, Some(request)) => Answer::Reply(Reply::refuse(&self.config.reply, request, reason)),
            (_, None) => Answer::Unauthorized,
        }
    }
}

/// Logs what is known of the configuration and no mistake.
fn warn_of_config(config: &Config, policies: &Policies) {
    let matters = |warning: &Warning<'_>| warning.matters_to(config.reply.scope);
    let warnings = policies.warnings().into_iter();
    let warnings: Vec<_> = warnings.filter(matters).collect();
    for warning in warnings.iter().take(MAX_ROUTE_WARNINGS) {
        match warning {
            Warning::Silent { .. } => tracing::info!("{warning}"),
            Warning::Inseparable { .. }
            | Warning::Contested { .. }
            | Warning::TooLong { .. }
            | Warning::TooLarge { .. }
            | Warning::LetsThrough { .. } => tracing::warn!("{warning}"),
        }
    }
    let left_out = warnings.len().saturating_sub(MAX_ROUTE_WARNINGS);
    if left_out > 0 {
        tracing::warn!("{left_out} more warnings about routes are left out");
    }
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
}

/// Reads the keys of a `jwks_file`, or says what is wrong with it and what to do.
fn load(
    path: &str,
    read_file: impl Fn(&str) -> std::io::Result<Vec<u8>>,
) -> Result<Jwks, (String, &'static str)> {
    let document = read_file(path).map_err(|error| {
        let fault = format!("`{path}` cannot be read ({error})");
        (fault, "put the issuer's key set there")
    })?;
    Jwks::parse(&document).map_err(|error| {
        let fault = format!("`{path}`: {error}");
        (fault, "fetch the issuer's key set again and save it there")
    })
}
