//! The configuration. Every mistake in it is found before the first request is answered, and
//! all of them are reported at once, each with the key, the line, the fault and what to write instead.

mod environment;
mod from;
mod issuer;
mod keys;
mod mistake;
mod mistakes;
mod pool;
mod proof;
mod reader;
mod route;
mod shown;
mod sources;
mod warnings;

use std::path::Path;
use std::sync::Arc;

use toml::de::DeTable;

use crate::context;
use crate::decision::Rules;
use crate::event::{AuthorizationScheme, TokenSource};
use crate::jwks::cache::Refresh;
use crate::policy::PolicyScope;
use crate::reply::{HttpApiResponse, ReplyForm};
use crate::scope;

use self::mistakes::{Form, Mistakes, line};
use self::reader::Section;

pub use self::environment::{Source, source};
pub use self::issuer::{IssuerConfig, Mention};
pub use self::mistake::{ConfigError, Mistake, Place};
pub use self::pool::pool_issuers;

/// The largest leeway for clocks that differ, in seconds. RFC 7519 4.1.4: "no more than a few
/// minutes".
const MAX_LEEWAY_SECONDS: u64 = 120;

/// The leeway unless another is configured: clocks of issuers are seconds apart.
const DEFAULT_LEEWAY_SECONDS: u64 = 5;

/// What the authorizer was told to do. Only [`Config::from_toml`] makes one, so every `Config`
/// is free of contradictions.
#[derive(Clone, Debug)]
pub struct Config {
    /// What is answered where there is no valid token.
    pub unauthorized: Unauthorized,
    /// How replies are written.
    pub reply: ReplyForm,
    /// Where `REQUEST` events hold the token, in the order in which they are looked at.
    pub token_sources: Vec<TokenSource>,
    /// How the token is written in `Authorization`.
    pub authorization_schemes: Vec<AuthorizationScheme>,
    /// Who may issue tokens, and for whom.
    pub issuers: Vec<IssuerConfig>,
    /// What the routes need.
    pub rules: Rules,
    /// How long fetched keys serve and how they are fetched.
    pub jwks: JwksConfig,
    /// The CloudWatch namespace of the metrics in the log lines; none are there without it.
    pub metrics_namespace: Option<Arc<str>>,
}

/// What is answered where there is no valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthorized {
    /// The error `Unauthorized`: API Gateway answers 401. Counts as an error of the function.
    Error,
    /// An explicit Deny: API Gateway answers 403. A refusal that may not last stays an error
    /// ([`crate::reason::DenyReason::is_lasting`]).
    Deny,
}

/// How long fetched keys serve and how they are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JwksConfig {
    /// Age in seconds from which a set is fetched again, 60 to 86,400.
    pub max_age_seconds: u64,
    /// Age in seconds from which a set that cannot be fetched again serves no more.
    pub stale_seconds: u64,
    /// Seconds between two attempts to fetch, 1 to 3,600.
    pub cooldown_seconds: u64,
    /// Milliseconds that one fetch may take in all, 100 to 9,000: API Gateway waits for an HTTP
    /// API's authorizer for 10,000.
    pub timeout_ms: u64,
}

impl Config {
    /// Reads a configuration as it is written in TOML.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let table = DeTable::parse(text).map_err(|error| {
            let place = Place {
                key: None,
                line: Some(line(text, error.span().map_or(0, |span| span.start))),
            };
            let fault = error.message().lines().collect::<Vec<_>>().join(", ");
            let fault = format!("not TOML ({fault})");
            ConfigError(vec![Mistake::new(place, fault, "correct that line")])
        })?;
        Self::from_table(table.into_inner(), Form::Toml(text))
    }

    fn from_table<'t>(table: DeTable<'t>, form: Form<'t>) -> Result<Self, ConfigError> {
        let mistakes = Mistakes::new(form);
        if let Some((key, _)) = table.get_key_value("openapi") {
            let place = mistakes.place("openapi", Some(key.span().start));
            let fault = "the authorizer itself does not read OpenAPI, as that would cost every cold \
                         start";
            let remedy = "let `authz routes` write the `[[routes]]` in its place";
            return Err(ConfigError(vec![Mistake::new(place, fault, remedy)]));
        }
        let config = {
            let mut root = Section::new("", None, &keys::ROOT, table, &mistakes);
            Self::read(&mut root)
        };
        let mistakes = mistakes.into_list();
        if mistakes.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(mistakes))
        }
    }

    /// The configuration of a file in this folder: a relative `jwks_file` is one beside it, wherever
    /// the program was started.
    #[must_use]
    pub fn in_folder(mut self, folder: &Path) -> Self {
        for issuer in &mut self.issuers {
            let file = issuer.jwks_file.as_mut();
            if let Some(file) = file
                && let Some(beside) = folder.join(&*file).to_str()
            {
                *file = beside.to_owned();
            }
        }
        self
    }

    fn read(root: &mut Section<'_>) -> Self {
        let unauthorized = root.word(
            "unauthorized",
            &[("error", Unauthorized::Error), ("deny", Unauthorized::Deny)],
            Unauthorized::Error,
        );
        let policy = root.word(
            "policy",
            &[("api", PolicyScope::Api), ("request", PolicyScope::Request)],
            PolicyScope::Api,
        );
        let http_api_response = root.word(
            "http_api_response",
            &[
                ("iam", HttpApiResponse::Iam),
                ("simple", HttpApiResponse::Simple),
            ],
            HttpApiResponse::Iam,
        );
        let leeway_seconds = root.number(
            "leeway_seconds",
            0..=MAX_LEEWAY_SECONDS,
            DEFAULT_LEEWAY_SECONDS,
        );
        let required_scopes = scopes(root, "required_scopes");
        let token_sources = sources::token_sources(root);
        let authorization_schemes = sources::authorization_schemes(root);
        let (issuers, names) = issuer::issuers(root, leeway_seconds);
        let table = route::table(root, &issuers, names);
        let context_claims = {
            let mut section = root.section("context", &keys::CONTEXT);
            context_claims(&mut section)
        };
        let reply = ReplyForm {
            scope: policy,
            http_api_response,
            context_claims,
        };
        let jwks = JwksConfig::read(root);
        let metrics_namespace = metrics_namespace(root);
        let rules = Rules {
            required_scopes,
            table,
        };
        Self {
            unauthorized,
            reply,
            token_sources,
            authorization_schemes,
            issuers,
            rules,
            jwks,
            metrics_namespace,
        }
    }

    /// Whether any issuer's keys may ever be fetched.
    #[must_use]
    pub fn may_fetch(&self) -> bool {
        self.issuers
            .iter()
            .any(|issuer| issuer.refresh == Refresh::OnDemand)
    }
}

impl JwksConfig {
    fn read(root: &mut Section<'_>) -> Self {
        let mut section = root.section("jwks", &keys::JWKS);
        let max_age_seconds = section.number("max_age_seconds", 60..=86_400, 3600);
        let stale_seconds = section.number("stale_seconds", 60..=604_800, 86_400);
        let cooldown_seconds = section.number("cooldown_seconds", 1..=3600, 10);
        let timeout_ms = section.number("timeout_ms", 100..=9000, 3000);
        // What is compared with a key that was guessed may be compared with nothing.
        let is_known = !section.is_guessed("max_age_seconds");
        if is_known && stale_seconds < max_age_seconds {
            section.mistake(
                "stale_seconds",
                &format!("{stale_seconds} is less than `max_age_seconds`"),
                &format!("write at least {max_age_seconds}"),
            );
        }
        if is_known && cooldown_seconds > max_age_seconds {
            section.mistake(
                "cooldown_seconds",
                &format!("{cooldown_seconds} is more than `max_age_seconds`"),
                &format!("write at most {max_age_seconds}"),
            );
        }
        Self {
            max_age_seconds,
            stale_seconds,
            cooldown_seconds,
            timeout_ms,
        }
    }
}

/// The further claims for the back end. Two claims under one key, or a key that is filled or read
/// by somebody else, would be a context that says something other than the token.
fn context_claims(section: &mut Section<'_>) -> Vec<String> {
    let claims = section.list("claims").unwrap_or_default();
    for (at, claim) in claims.iter().enumerate() {
        let key = context::key(claim);
        let earlier = claims
            .iter()
            .take(at)
            .find(|earlier| context::key(earlier) == key);
        if context::RESERVED_KEYS.contains(&key.as_str()) {
            let fault = format!("`{claim}` would take the context key `{key}`, which is reserved");
            section.mistake_in("claims", claim, &fault, "remove it");
        } else if let Some(earlier) = earlier.filter(|earlier| *earlier != claim) {
            let fault = format!("`{claim}` and `{earlier}` would share the context key `{key}`");
            section.mistake_in("claims", claim, &fault, "remove one");
        }
    }
    claims
}

/// A name as CloudWatch takes it ("MetricDatum and PutMetricData, Amazon CloudWatch API
/// reference"): at most 255 characters, not beginning as AWS's own do.
fn metrics_namespace(root: &mut Section<'_>) -> Option<Arc<str>> {
    let mut section = root.section("metrics", &keys::METRICS);
    let namespace = section.string("namespace");
    let is_legal = |name: &String| {
        name.len() <= 255
            && !name.starts_with("AWS/")
            && !name.starts_with(':')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-_/#: ".contains(&b))
    };
    match &namespace {
        None if !section.is_written() || section.has("namespace") => {}
        None => section.missing(&["namespace"], "write it as in \"CognitoAuthorizer\""),
        Some(name) if !is_legal(name) => section.mistake(
            "namespace",
            &format!("{} is not a namespace of CloudWatch", shown::text(name)),
            "write at most 255 of A-Z a-z 0-9 . - _ / # : and spaces, not beginning with `AWS/` or `:`",
        ),
        Some(_) => {}
    }
    namespace.map(Arc::from)
}

/// A list of scopes, empty where the key is missing.
fn scopes(section: &mut Section<'_>, key: &'static str) -> Vec<String> {
    let scopes = section.list(key).unwrap_or_default();
    check_scopes(section, key, scopes.iter());
    scopes
}

/// Each scope is a word of RFC 6749 3.3.
fn check_scopes<'a>(
    section: &Section<'_>,
    key: &'static str,
    scopes: impl Iterator<Item = &'a String>,
) {
    for word in scopes.filter(|word| !scope::is_scope_token(word)) {
        let fault = format!("{} is not a scope", shown::text(word));
        let remedy = "write scopes without spaces, one string for each";
        section.mistake_in(key, word, &fault, remedy);
    }
}
