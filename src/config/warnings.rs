//! What an operator should know of a configuration, though it is no mistake.

use crate::config::{Config, sources};
use crate::event::DEFAULT;
use crate::policy::PolicyScope;
use crate::reply::HttpApiResponse;
use crate::route::Requirements;

impl Config {
    /// What an operator should know before the first request and no [`Warning`] of the table says.
    ///
    /// [`Warning`]: crate::policy::Warning
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warnings = [
            shared_simple_response(self),
            default_beside_policies(self),
            cached_cookie(self),
            words_of_any_issuer(self),
        ];
        warnings.into_iter().flatten().collect()
    }
}

/// A simple response that is cached under the token alone holds for every path.
fn shared_simple_response(config: &Config) -> Option<String> {
    let is_simple = config.reply.http_api_response == HttpApiResponse::Simple;
    let mut bound = routes(config).filter(|(_, asked)| asked.bound().next().is_some());
    let (name, _) = bound.next().filter(|_| is_simple)?;
    Some(format!(
        "`{name}` has `bind`: where an API caches simple responses, name `$context.httpMethod` and \
         `$context.path` among the identity sources, or what one path is answered holds for another"
    ))
}

/// A policy cannot tell one call of `$default` from another.
fn default_beside_policies(config: &Config) -> Option<String> {
    let is_policy = config.reply.http_api_response == HttpApiResponse::Iam;
    let mut routes = routes(config).filter(|_| is_policy);
    routes.find(|(name, _)| *name == DEFAULT)?;
    let warning = match config.reply.scope {
        PolicyScope::Api => {
            "where an HTTP API calls a route `$default`, a policy can only open all of its paths at \
             once, so that a token for which one route is closed is refused there \
             (`not_expressible`); let the API expect simple responses, with `$context.httpMethod` \
             and `$context.path` among the identity sources, or give its routes names"
        }
        PolicyScope::Request => {
            "where an HTTP API calls a route `$default`, the policy for one request names what all \
             others are called too, so that one that is cached opens every path; turn result \
             caching off (a TTL of 0), as `policy = \"request\"` asks for anyway"
        }
    };
    Some(warning.to_owned())
}

/// An answer for a token in a cookie may be found by another cookie. A policy for the one request is
/// for APIs without result caching.
fn cached_cookie(config: &Config) -> Option<String> {
    let is_cached = config.reply.scope == PolicyScope::Api;
    sources::cookie_warning(&config.token_sources).filter(|_| is_cached)
}

/// Routes that trust what every issuer says of groups or of a bound claim.
fn words_of_any_issuer(config: &Config) -> Option<String> {
    let issuers = config.issuers.iter();
    let mut names: Vec<&str> = issuers.map(|own| own.claims.name.as_str()).collect();
    names.dedup();
    let trusts = |asked: &Requirements| {
        let means_by_issuer = asked.bound().next().is_some() || asked.asks_for_groups();
        means_by_issuer && asked.issuers.is_empty()
    };
    let trusting = routes(config).filter(|(_, asked)| trusts(asked));
    let trusting: Vec<&str> = trusting.map(|(name, _)| name).collect();
    (names.len() > 1 && !trusting.is_empty()).then(|| {
        format!(
            "`{}`: groups and bound claims of every issuer count there, so whoever one of `{}` calls \
             `admins`, or by another's name, is let in; write the `issuers` whose word counts",
            trusting.join("`, `"),
            names.join("`, `"),
        )
    })
}

/// The routes as they are written, and what they ask for.
fn routes(config: &Config) -> impl Iterator<Item = (&str, &Requirements)> {
    let table = config.rules.table.iter();
    table.flat_map(|table| {
        let named = table.named().iter();
        let is_spread = |name: &str| table.named().iter().any(|own| own.name() == name);
        let routes = table.routes().iter();
        let routes = routes.filter(move |own| !is_spread(own.name()));
        let routes = routes.map(|own| (own.name(), own.requirements()));
        routes.chain(named.map(|own| (own.name(), own.requirements())))
    })
}
