//! Why a route is open to a token or not.

use cognito_authorizer::claims::Claims;
use cognito_authorizer::decision::Rules;
use cognito_authorizer::event::MethodArn;
use cognito_authorizer::route::{Requirements, Route, RouteTable, Verb};

use crate::needs::in_words;
use crate::output::{listed, shown};

/// What a token brings along.
pub(super) fn token(claims: &Claims) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(principal) = claims.principal() {
        lines.push(format!("it speaks for {}", shown(principal)));
    }
    let scopes: Vec<&str> = claims.scopes().iter().collect();
    let scopes = if scopes.is_empty() {
        "no scope".to_owned()
    } else {
        format!("the scopes {}", shown(&scopes.join(" ")))
    };
    let groups = match claims.groups() {
        [] => "no group".to_owned(),
        groups => format!("the groups {}", listed(groups, "and")),
    };
    lines.push(format!("it has {scopes} and {groups}"));
    lines
}

/// What is refused, and what the token lacks for it.
pub(super) fn refusal(rules: &Rules, claims: &Claims, arn: Option<&MethodArn>) -> Vec<String> {
    let mut why = Vec::new();
    let missing = missing(&rules.required_scopes, claims);
    if !missing.is_empty() {
        let missing = listed(&missing, "and");
        why.push(format!(
            "every route needs {missing} of `required_scopes`, which it lacks"
        ));
    }
    let (Some(table), Some(arn)) = (&rules.table, arn) else {
        if why.is_empty() {
            why.push(
                "the table has no field of a GraphQL API, so it is for no such API".to_owned(),
            );
        }
        return why;
    };
    let mut named = table.named().iter();
    if let Some(route) = named.find(|own| arn.is_connect() && own.name() == arn.verb()) {
        why.extend(lacks(route.name(), route.requirements(), claims));
        return why;
    }
    for reading in arn.readings() {
        let segments: Vec<&str> = reading.iter().map(AsRef::as_ref).collect();
        let path = format!("/{}", segments.join("/"));
        let candidates = Verb::from_name(arn.method())
            .map(|verb| table.candidates(verb, &segments))
            .unwrap_or_default();
        if candidates.is_empty() {
            why.push(unknown(table, arn.method(), &path, &segments));
        }
        if candidates.len() > 1 {
            let names: Vec<&str> = candidates.iter().map(|route| route.name()).collect();
            let names = listed(&names, "or");
            why.push(format!(
                "API Gateway may choose {names}, so each must be open to it"
            ));
        }
        for route in candidates {
            let unbound = unbound(route, &segments, claims);
            if route.permits(claims).is_err() || !unbound.is_empty() {
                why.extend(lacks(route.name(), route.requirements(), claims));
                why.extend(unbound);
            }
        }
    }
    why.dedup();
    why
}

/// A route's conditions, if scopes or groups for it are missing.
fn lacks(name: &str, needs: &Requirements, claims: &Claims) -> Vec<String> {
    let mut lines = vec![format!("`{name}` needs {}", in_words(needs))];
    let takes = |name: &String| name == claims.issuer();
    if !needs.issuers.is_empty() && !needs.issuers.iter().any(takes) {
        lines.push(format!("it is of the issuer {}", shown(claims.issuer())));
    }
    let all = missing(&needs.all.scopes, claims);
    if !all.is_empty() {
        lines.push(format!("it lacks the scope {}", listed(&all, "and")));
    }
    let has = |scope: &String| claims.scopes().contains(scope);
    if !needs.all.any_scope.is_empty() && !needs.all.any_scope.iter().any(has) {
        lines.push(format!(
            "it has none of the scopes {}",
            listed(&needs.all.any_scope, "or")
        ));
    }
    let lists = needs.any_of.as_deref().unwrap_or_default();
    if !lists.is_empty() && !lists.iter().any(|list| list.scopes.iter().all(has)) {
        let missing = lists
            .iter()
            .map(|list| listed(&missing(&list.scopes, claims), "and"));
        let missing: Vec<String> = missing.collect();
        lines.push(format!("it lacks {}", missing.join(", or else ")));
    }
    let is_in = |group: &String| claims.groups().contains(group);
    if !needs.all.any_group.is_empty() && !needs.all.any_group.iter().any(is_in) {
        lines.push(format!(
            "it is not in the group {}",
            listed(&needs.all.any_group, "or")
        ));
    }
    lines
}

fn missing(scopes: &[String], claims: &Claims) -> Vec<String> {
    let lacks = |scope: &&String| !claims.scopes().contains(scope);
    scopes.iter().filter(lacks).cloned().collect()
}

/// The bound parameters and what stands in their places.
fn unbound(route: &Route, segments: &[&str], claims: &Claims) -> Vec<String> {
    let pattern = route.path();
    let names = pattern.split('/').skip(1);
    let value_of = |param: &str| {
        let mut pairs = names.clone().zip(segments);
        let found = pairs.find(|(name, _)| *name == format!("{{{param}}}"));
        found.map_or("", |(_, segment)| segment)
    };
    let bind = route.requirements().all.bind.iter();
    bind.filter_map(|(param, claim)| {
        let found = value_of(param);
        match claims.text(claim) {
            None => Some(format!(
                "it has no claim `{claim}` that `{{{param}}}` could be"
            )),
            Some(value) if found == value => None,
            Some(value) => {
                let (found, value) = (shown(found), shown(value));
                Some(format!(
                    "`{{{param}}}` is {found}, and its claim `{claim}` is {value}"
                ))
            }
        }
    })
    .collect()
}

/// A path that the table does not know, and the verbs that it does know for it.
fn unknown(table: &RouteTable, verb: &str, path: &str, segments: &[&str]) -> String {
    let others = Verb::ALL
        .iter()
        .flat_map(|verb| table.candidates(*verb, segments));
    let mut others: Vec<&str> = others.map(Route::name).collect();
    others.sort_unstable();
    others.dedup();
    let called = shown(&format!("{verb} {path}"));
    if others.is_empty() {
        format!("no route of the table is for {called}")
    } else {
        let others = listed(&others, "and");
        format!("no route of the table is for {called}; for that path it has {others}")
    }
}
