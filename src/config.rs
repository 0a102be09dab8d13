//! The configuration. Every mistake in it is found before the first request is answered, and
//! all of them are reported at once, each with the key, the fault and what to write instead.

mod environment;
mod issuer;
mod pool;
mod reader;
mod route;

use std::sync::Arc;

use toml::Table;

use crate::context;
use crate::decision::Rules;
use crate::event::{DEFAULT, TokenSource};
use crate::jwks::cache::Refresh;
use crate::policy::PolicyScope;
use crate::reply::{HttpApiResponse, ReplyForm};
use crate::route::Requirements;
use crate::scope;

use self::reader::{Mistakes, Section};

pub use self::environment::{Source, source};
pub use self::issuer::{IssuerConfig, Mention};
pub use self::pool::pool_issuers;

/// The largest leeway for clocks that differ, in seconds. RFC 7519 4.1.4: "no more than a few
/// minutes".
const MAX_LEEWAY_SECONDS: u64 = 120;

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
    /// Who may issue tokens, and for whom.
    pub issuers: Vec<IssuerConfig>,
    /// What the routes need.
    pub rules: Rules,
    /// Further claims for the back end.
    pub context_claims: Vec<String>,
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

/// The configuration cannot be used. Its text lists every mistake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration has {} mistake(s): {}", .0.len(), .0.join("; "))]
pub struct ConfigError(pub Vec<String>);

impl ConfigError {
    /// An error of one mistake.
    #[must_use]
    pub fn one(key: &str, what: &str) -> Self {
        Self(vec![format!("`{key}`: {what}")])
    }
}

impl Config {
    /// Reads a configuration as it is written in TOML.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let position = error.span().map_or(0, |span| {
                text.bytes()
                    .take(span.start)
                    .filter(|byte| *byte == b'\n')
                    .count()
            });
            let line = position.saturating_add(1);
            let fault = error.message().lines().collect::<Vec<_>>().join(", ");
            let what = format!("not TOML ({fault}); correct that line");
            ConfigError::one(&format!("line {line}"), &what)
        })?;
        Self::from_table(table)
    }

    fn from_table(table: Table) -> Result<Self, ConfigError> {
        if table.contains_key("openapi") {
            let what = "the authorizer itself reads no OpenAPI, as that would cost every cold \
                        start; let `authz routes` write the `[[routes]]` in its place";
            return Err(ConfigError::one("openapi", what));
        }
        let mistakes = Mistakes::default();
        let mut root = Section::new("", table, &mistakes);
        let config = Self::read(&mut root);
        root.end();
        let mistakes = mistakes.into_list();
        if mistakes.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(mistakes))
        }
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
        let reply = ReplyForm {
            scope: policy,
            http_api_response,
        };
        let leeway_seconds = root.number("leeway_seconds", 0..=MAX_LEEWAY_SECONDS, 0);
        let required_scopes = scopes(root, "required_scopes");
        let token_sources = token_sources(root);
        let issuers = issuer::issuers(root, leeway_seconds);
        let table = route::table(root, &issuers);
        let context_claims = {
            let mut section = root.section("context");
            let claims = context_claims(&mut section);
            section.end();
            claims
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
            issuers,
            rules,
            context_claims,
            jwks,
            metrics_namespace,
        }
    }

    /// What an operator should know before the first request and no [`Warning`] of the table says.
    ///
    /// [`Warning`]: crate::route::Warning
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let bound = self.routes().find(|(_, asked)| !asked.bind.is_empty());
        let simple = self.reply.http_api_response == HttpApiResponse::Simple;
        let simple = bound.filter(|_| simple).map(|(name, _)| {
            format!(
                "`{name}` has `bind`: where an API caches simple responses, name \
                 `$context.httpMethod` and `$context.path` among the identity sources, or what one \
                 path is answered holds for another"
            )
        });
        let is_default = self.routes().any(|(name, _)| name == DEFAULT);
        let is_policy = self.reply.scope == PolicyScope::Api
            && self.reply.http_api_response == HttpApiResponse::Iam;
        let default = (is_default && is_policy).then(|| {
            "where an HTTP API calls a route `$default`, a policy can only open all of its paths at \
             once, so that a token for which one route is closed is refused there \
             (`not_expressible`); let the API expect simple responses, with `$context.httpMethod` and \
             `$context.path` among the identity sources, or give its routes names"
                .to_owned()
        });
        simple
            .into_iter()
            .chain(default)
            .chain(self.any_issuers())
            .collect()
    }

    /// Tells of the first route that trusts what every issuer says of groups or of a bound claim.
    fn any_issuers(&self) -> Option<String> {
        let mut names: Vec<&str> = self
            .issuers
            .iter()
            .map(|own| own.claims.name.as_str())
            .collect();
        names.dedup();
        if names.len() < 2 {
            return None;
        }
        let trusts = |asked: &Requirements| {
            let means_by_issuer = !asked.bind.is_empty() || !asked.any_group.is_empty();
            means_by_issuer && asked.issuers.is_empty()
        };
        let all: Vec<&str> = self
            .routes()
            .filter(|(_, asked)| trusts(asked))
            .map(|(name, _)| name)
            .collect();
        (!all.is_empty()).then(|| {
            format!(
                "`{}`: groups and bound claims of every issuer count there, so whoever one of `{}` \
                 calls `admins`, or by another's name, is let in; write the `issuers` whose word \
                 counts",
                all.join("`, `"),
                names.join("`, `"),
            )
        })
    }

    /// The routes as they are written, and what they ask for.
    fn routes(&self) -> impl Iterator<Item = (&str, &Requirements)> {
        let table = self.rules.table.iter();
        table.flat_map(|table| {
            let named = table
                .named()
                .iter()
                .map(|own| (own.name(), own.requirements()));
            let is_spread = |name: &str| table.named().iter().any(|own| own.name() == name);
            let routes = table
                .routes()
                .iter()
                .filter(move |own| !is_spread(own.name()));
            routes
                .map(|own| (own.name(), own.requirements()))
                .chain(named)
        })
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
        let mut section = root.section("jwks");
        let max_age_seconds = section.number("max_age_seconds", 60..=86_400, 3600);
        let stale_seconds = section.number("stale_seconds", 60..=604_800, 86_400);
        let cooldown_seconds = section.number("cooldown_seconds", 1..=3600, 10);
        let timeout_ms = section.number("timeout_ms", 100..=9000, 3000);
        if stale_seconds < max_age_seconds {
            section.mistake(
                "stale_seconds",
                &format!("{stale_seconds} is less than `max_age_seconds`; write at least {max_age_seconds}"),
            );
        }
        if cooldown_seconds > max_age_seconds {
            section.mistake(
                "cooldown_seconds",
                &format!("{cooldown_seconds} is more than `max_age_seconds`; write at most {max_age_seconds}"),
            );
        }
        section.end();
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
            let what = format!("`{claim}` would take the context key `{key}`, which is reserved");
            section.mistake("claims", &format!("{what}; remove it"));
        } else if let Some(earlier) = earlier.filter(|earlier| *earlier != claim) {
            let what = format!("`{claim}` and `{earlier}` would share the context key `{key}`");
            section.mistake("claims", &format!("{what}; remove one"));
        }
    }
    claims
}

/// A name as CloudWatch takes it ("MetricDatum and PutMetricData, Amazon CloudWatch API
/// reference"): at most 255 characters, not beginning as AWS's own do.
fn metrics_namespace(root: &mut Section<'_>) -> Option<Arc<str>> {
    let written = root.has("metrics");
    let mut section = root.section("metrics");
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
        None if !written || section.has("namespace") => {}
        None => section.mistake("namespace", "missing; write it as in \"CognitoAuthorizer\""),
        Some(name) if !is_legal(name) => section.mistake(
            "namespace",
            &format!(
                "`{name}` is no namespace of CloudWatch; write at most 255 of A-Z a-z 0-9 . - _ / # \
                 : and blanks, not beginning with `AWS/` or `:`"
            ),
        ),
        Some(_) => {}
    }
    section.end();
    namespace.map(Arc::from)
}

/// A list of scopes, empty where the key is missing.
fn scopes(section: &mut Section<'_>, key: &'static str) -> Vec<String> {
    let scopes = section.list(key).unwrap_or_default();
    check_scopes(section, key, scopes.iter());
    scopes
}

/// Each scope is a word of RFC 6749 3.3.
fn check_scopes<'a>(section: &Section<'_>, key: &str, scopes: impl Iterator<Item = &'a String>) {
    for word in scopes.filter(|word| !scope::is_scope_token(word)) {
        let what = format!("`{word}` is no scope; write scopes without blanks, one text for each");
        section.mistake(key, &what);
    }
}

fn token_sources(root: &mut Section<'_>) -> Vec<TokenSource> {
    let default = || vec!["header:Authorization".to_owned()];
    let mut sources: Vec<TokenSource> = Vec::new();
    for text in root.list("token_sources").unwrap_or_else(default) {
        let source = match text.split_once(':') {
            Some((_, "")) | None => None,
            Some(("query", name)) => Some(TokenSource::Query(name.to_owned())),
            Some((_, name)) if !is_field_name(name) => None,
            // The names of headers are the same in every letter case (RFC 9110 5.1).
            Some(("header", name)) => Some(TokenSource::Header(name.to_ascii_lowercase())),
            Some(("cookie", name)) => Some(TokenSource::Cookie(name.to_owned())),
            Some(("subprotocol", name)) => Some(TokenSource::Subprotocol(name.to_owned())),
            Some(_) => None,
        };
        match source {
            Some(source) if sources.contains(&source) => {
                let what = format!("`{text}` is the same as an earlier one; remove one");
                root.mistake("token_sources", &what);
            }
            Some(source) => sources.push(source),
            None => root.mistake(
                "token_sources",
                &format!(
                    "`{text}` is no place for a token; write \"header:NAME\", \"query:NAME\", \
                     \"cookie:NAME\" or \"subprotocol:NAME\""
                ),
            ),
        }
    }
    sources
}

/// A token of RFC 9110 5.6.2, as the names of headers and cookies (RFC 6265 4.1.1) are.
fn is_field_name(name: &str) -> bool {
    name.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
