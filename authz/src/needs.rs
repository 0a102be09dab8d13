//! What a route asks of a token, in words and for programs.

use std::collections::BTreeMap;

use cognito_authorizer::claims::Accepted;
use cognito_authorizer::config::Config;
use cognito_authorizer::route::{Conditions, NamedRoute, Requirements, Route};
use serde::Serialize;

use crate::output::listed;

/// A route of the table and what it asks for.
#[derive(Debug, Serialize)]
pub(crate) struct RouteNeeds {
    pub(crate) route: String,
    /// In words.
    pub(crate) needs: String,
    issuers: Vec<String>,
    #[serde(flatten)]
    all: ConditionNeeds,
    any_of: Option<Vec<ConditionNeeds>>,
}

/// Conditions, as the configuration writes them.
#[derive(Debug, Serialize)]
struct ConditionNeeds {
    scopes: Vec<String>,
    any_scope: Vec<String>,
    groups: Vec<String>,
    any_group: Vec<String>,
    /// The values of each claim; null if it only must be there.
    require: BTreeMap<String, Option<Vec<String>>>,
    bind: BTreeMap<String, String>,
}

impl ConditionNeeds {
    fn new(needs: &Conditions) -> Self {
        let require = needs.require.iter().map(|own| {
            let values = match &own.accepted {
                Accepted::Any => None,
                Accepted::OneOf(values) => Some(values.clone()),
            };
            (own.claim.as_str().to_owned(), values)
        });
        Self {
            scopes: needs.scopes.clone(),
            any_scope: needs.any_scope.clone(),
            groups: needs.groups.clone(),
            any_group: needs.any_group.clone(),
            require: require.collect(),
            bind: needs.bind.iter().cloned().collect(),
        }
    }
}

impl RouteNeeds {
    fn new(route: &str, needs: &Requirements) -> Self {
        let any_of = needs.any_of.as_ref();
        Self {
            route: route.to_owned(),
            needs: in_words(needs),
            issuers: needs.issuers.clone(),
            all: ConditionNeeds::new(&needs.all),
            any_of: any_of.map(|all| all.iter().map(ConditionNeeds::new).collect()),
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
    let mut words: Vec<String> = several("a token of", "a token of", &needs.issuers, "or")
        .into_iter()
        .collect();
    words.extend(conditions(&needs.all));
    match needs.any_of.as_deref() {
        None => {}
        Some([]) => return "what no token has: it is refused to everybody".to_owned(),
        Some(all) => words.push(alternatives(all)),
    }
    if words.is_empty() {
        "a valid token".to_owned()
    } else {
        words.join(", ")
    }
}

/// Each of some conditions.
fn conditions(needs: &Conditions) -> Vec<String> {
    let asked = [
        several("the scope", "the scopes", &needs.scopes, "and"),
        several("the scope", "one of the scopes", &needs.any_scope, "or"),
        several("the group", "the groups", &needs.groups, "and"),
        several("the group", "one of the groups", &needs.any_group, "or"),
    ];
    let mut words: Vec<String> = asked.into_iter().flatten().collect();
    words.extend(needs.require.iter().map(|own| match &own.accepted {
        Accepted::Any => format!("the claim `{}`", own.claim.as_str()),
        Accepted::OneOf(values) => {
            format!(
                "the claim `{}` to be {}",
                own.claim.as_str(),
                listed(values, "or")
            )
        }
    }));
    let bind = needs.bind.iter();
    words.extend(bind.map(|(param, claim)| format!("`{{{param}}}` to be the claim `{claim}`")));
    words
}

fn alternatives(all: &[Conditions]) -> String {
    let are_scopes = all
        .iter()
        .all(|own| *own == Conditions::of_scopes(own.scopes.clone()));
    let words = all.iter().map(|own| {
        if are_scopes {
            listed(&own.scopes, "and")
        } else {
            conditions(own).join(" and ")
        }
    });
    let words = words.collect::<Vec<String>>().join(", or ");
    if are_scopes {
        format!("the scopes {words}")
    } else {
        format!("either {words}")
    }
}

fn several(one: &str, several: &str, values: &[String], last: &str) -> Option<String> {
    match values {
        [] => None,
        [_] => Some(format!("{one} {}", listed(values, last))),
        [..] => Some(format!("{several} {}", listed(values, last))),
    }
}
