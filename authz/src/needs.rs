//! What a route asks of a token, in words and for programs.

use std::collections::BTreeMap;

use cognito_authorizer::config::Config;
use cognito_authorizer::route::{NamedRoute, Requirements, Route};
use serde::Serialize;

use crate::output::listed;

/// A route of the table and what it asks for.
#[derive(Debug, Serialize)]
pub(crate) struct RouteNeeds {
    pub(crate) route: String,
    /// In words.
    pub(crate) needs: String,
    issuers: Vec<String>,
    scopes: Vec<String>,
    any_scope: Vec<String>,
    any_of: Option<Vec<Vec<String>>>,
    any_group: Vec<String>,
    bind: BTreeMap<String, String>,
}

impl RouteNeeds {
    fn new(route: &str, needs: &Requirements) -> Self {
        Self {
            route: route.to_owned(),
            needs: in_words(needs),
            issuers: needs.issuers.clone(),
            scopes: needs.all.scopes.clone(),
            any_scope: needs.all.any_scope.clone(),
            any_of: needs.any_of.as_ref().map(|all| {
                let lists = all.iter().map(|own| own.scopes.clone());
                lists.collect()
            }),
            any_group: needs.all.any_group.clone(),
            bind: needs.all.bind.iter().cloned().collect(),
        }
    }
}

/// The routes of the table as the configuration writes them; nothing without a table.
pub(crate) fn routes(config: &Config) -> Option<Vec<RouteNeeds>> {
    let table = config.rules.table.as_ref()?;
    let named = table.named().iter().map(NamedRoute::name);
    let is_spread = |route: &&Route| named.clone().any(|name| name == route.name());
    let routes = table.routes().iter().filter(|route| !is_spread(route));
    let mut needs: Vec<RouteNeeds> = routes
        .map(|route| RouteNeeds::new(route.name(), route.requirements()))
        .collect();
    let named = table.named().iter();
    needs.extend(named.map(|route| RouteNeeds::new(route.name(), route.requirements())));
    Some(needs)
}

/// What a route with these requirements needs, in words.
pub(crate) fn in_words(needs: &Requirements) -> String {
    let several = |one: &str, several: &str, values: &[String], last| match values {
        [] => None,
        [_] => Some(format!("{one} {}", listed(values, last))),
        [..] => Some(format!("{several} {}", listed(values, last))),
    };
    let any_of = match needs.any_of.as_deref() {
        None => None,
        Some([]) => return "what no token has: it is refused to everybody".to_owned(),
        Some(lists) => {
            let lists: Vec<String> = lists.iter().map(|own| listed(&own.scopes, "and")).collect();
            Some(format!("the scopes {}", lists.join(", or ")))
        }
    };
    let asked = [
        several("a token of", "a token of", &needs.issuers, "or"),
        several("the scope", "the scopes", &needs.all.scopes, "and"),
        several("the scope", "one of the scopes", &needs.all.any_scope, "or"),
        any_of,
        several("the group", "one of the groups", &needs.all.any_group, "or"),
    ];
    let mut words: Vec<String> = asked.into_iter().flatten().collect();
    let bind = needs.all.bind.iter();
    words.extend(bind.map(|(param, claim)| format!("`{{{param}}}` to be the claim `{claim}`")));
    if words.is_empty() {
        "a valid token".to_owned()
    } else {
        words.join(", ")
    }
}
