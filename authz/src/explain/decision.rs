//! Why a route is open to a token or not.

use cognito_authorizer::claims::Claims;
use cognito_authorizer::refusal::{Lack, Refusal, Unmet};
use cognito_authorizer::route::{Route, RouteTable, Verb};

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

/// What the decision missed, in words. A refusal names claims; their values come from the token.
pub(super) fn refusal(
    refusal: &Refusal<'_>,
    claims: &Claims,
    table: Option<&RouteTable>,
) -> Vec<String> {
    let mut why = Vec::new();
    let mut told: &[&str] = &[];
    for unmet in refusal.unmet() {
        match unmet {
            Unmet::RequiredScopes { missing, .. } => why.push(format!(
                "every route needs {} of `required_scopes`, which it lacks",
                listed(missing, "and")
            )),
            Unmet::NoRoute { method, segments } => why.push(unknown(table, method, segments)),
            Unmet::NoField => why.push(
                "the table has no field of a GraphQL API, so it is for no such API".to_owned(),
            ),
            Unmet::Route(route) => {
                if route.candidates.len() > 1 && route.candidates != told {
                    let names = listed(&route.candidates, "or");
                    why.push(format!(
                        "API Gateway may choose {names}, so each must be open to it"
                    ));
                    told = &route.candidates;
                }
                why.push(format!(
                    "`{}` needs {}",
                    route.name,
                    in_words(route.requirements)
                ));
                why.extend(route.lacks.iter().filter_map(|own| lack(own, claims)));
            }
            Unmet::Inexpressible { route } => why.push(format!(
                "{} is open to it, but the policy that API Gateway caches could not tell this call \
                 from others that are closed",
                route.map_or("the call".to_owned(), shown)
            )),
        }
    }
    why
}

/// What one condition misses; nothing where the route's own words say all.
fn lack(lack: &Lack<'_>, claims: &Claims) -> Option<String> {
    let value = |claim: &str| super::claims::value(claims.value(claim));
    Some(match lack {
        Lack::Issuer(_) => format!("it is of the issuer {}", shown(claims.issuer())),
        Lack::Scopes(missing) => format!("it lacks the scope {}", listed(missing, "and")),
        Lack::AnyScope(scopes) => format!("it has none of the scopes {}", listed(scopes, "or")),
        Lack::Alternatives(lists) if lists.is_empty() => return None,
        Lack::Alternatives(lists) => alternatives(lists, claims),
        Lack::Groups(groups) => format!("it is not in the group {}", listed(groups, "and")),
        Lack::Required(required) => format!(
            "its claim `{}` is {}",
            required.claim.as_str(),
            value(required.claim.as_str())
        ),
        Lack::AnyGroup(groups) => format!("it is not in the group {}", listed(groups, "or")),
        Lack::Claim { param, claim } => {
            format!("it has no claim `{claim}` that `{{{param}}}` could be")
        }
        Lack::BindableClaim { param, claim } => format!(
            "its claim `{claim}` is {}, which no policy can name, so no `{{{param}}}` matches it",
            value(claim)
        ),
        Lack::Bound {
            param,
            claim,
            found,
        } => format!(
            "`{{{param}}}` is {}, and its claim `{claim}` is {}",
            shown(found),
            value(claim)
        ),
    })
}

/// What each of some alternatives misses.
fn alternatives(lists: &[Vec<Lack<'_>>], claims: &Claims) -> String {
    let scopes = lists.iter().map(|own| match own.as_slice() {
        [Lack::Scopes(missing)] => Some(listed(missing, "and")),
        _ => None,
    });
    if let Some(scopes) = scopes.collect::<Option<Vec<String>>>() {
        return format!("it lacks {}", scopes.join(", or else "));
    }
    let in_words = |own: &Vec<Lack<'_>>| {
        let all: Vec<String> = own.iter().filter_map(|own| lack(own, claims)).collect();
        all.join(" and ")
    };
    let all: Vec<String> = lists.iter().map(in_words).collect();
    all.join(", or else ")
}

/// A path that the table does not know, and the verbs that it does know for it.
fn unknown(table: Option<&RouteTable>, method: &str, segments: &[String]) -> String {
    let called = shown(&format!("{method} /{}", segments.join("/")));
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let others = table.into_iter().flat_map(|table| {
        let verbs = Verb::ALL.iter();
        verbs.flat_map(|verb| table.candidates(*verb, &segments))
    });
    let mut others: Vec<&str> = others.map(Route::name).collect();
    others.sort_unstable();
    others.dedup();
    if others.is_empty() {
        format!("no route of the table is for {called}")
    } else {
        let others = listed(&others, "and");
        format!("no route of the table is for {called}; for that path it has {others}")
    }
}
