//! Other spellings of a path: none reaches what is denied, and none changes what else a token may call.

use cognito_authorizer::decision::{Decision, decide};
use cognito_authorizer::policy::{Evaluation, Policies, PolicyDocument, PolicyScope};
use cognito_authorizer::reason::DenyReason;

use super::text::{is_of_spelling, resources, table, token};
use super::{arn, document, policy};
use crate::support::claims::claims;

/// The Denies of spellings in the policy of a token that may call `GET /a/{x}` beside a route.
#[track_caller]
fn spellings(route: &str) -> Vec<String> {
    let rules = table(&["open GET /a/{x}", route]);
    let policy = policy(
        PolicyScope::Api,
        &rules,
        &claims(token()),
        &arn("GET", "/a/1"),
    );
    let denies = resources(&policy, "Deny").into_iter();
    denies.filter(|deny| is_of_spelling(deny)).collect()
}

#[test]
fn no_other_spelling_reaches_what_is_denied() {
    let ambiguous = [
        "*%2E*", "*%2F*", "*%2e*", "*%2f*", "*/.", "*/..", "*/../*", "*/./*", "*//*",
    ];
    for (route, expected) in [
        ("shut GET /a/a", &["*%61*"][..]),
        ("open GET /a/a", &["*%61*"]),
        ("shut POST /b", &["*%62*"]),
        (
            "shut GET /a/Dbz-1@y",
            &[
                "*%2D*", "*%2d*", "*%31*", "*%40*", "*%44*", "*%62*", "*%79*", "*%7A*", "*%7a*",
            ],
        ),
    ] {
        let mut denies = spellings(route);
        denies.retain(|deny| !ambiguous.contains(&deny.as_str()));
        let expected = [&["*%61*"][..], expected].concat();
        let mut expected: Vec<&str> = expected.into_iter().collect();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(denies, expected, "{route}");
        let all = spellings(route);
        for ambiguous in ambiguous {
            assert!(all.iter().any(|deny| deny == ambiguous), "{ambiguous}");
        }
    }
}

/// A client may write what others open, so that no spelling must change what else a token may call.
#[test]
fn an_odd_spelling_does_not_change_the_policy() {
    for (route, request, decided) in [
        (
            "shut GET /a/@me",
            "/a/x%40y",
            Some(DenyReason::NotExpressible),
        ),
        (
            "shut GET /a/@me",
            "/b/x%40y",
            Some(DenyReason::NoMatchingRoute),
        ),
        ("shut GET /a/me", "/a/x%40y", None),
        ("shut GET /a/me", "/a/%60x%60", None),
        (
            "open GET /a:b",
            "/a/urn%3Aisbn%3A1",
            Some(DenyReason::NotExpressible),
        ),
        ("open GET /ab", "/a/urn%3Aisbn%3A1", None),
    ] {
        let routes = ["open GET /a/{x}", route];
        let (rules, claims) = (table(&routes), claims(token()));
        let usual = document(PolicyScope::Api, &rules, &claims, &arn("GET", "/a/1"));
        let asked = arn("GET", request);
        let policies = Policies::new(rules.clone());
        let decision = decide(&rules, &claims, &(&asked).into());
        let reason = match policies.express(PolicyScope::Api, &claims, &asked, decision) {
            Decision::Allow(_) => None,
            Decision::Deny(refusal) => Some(refusal.reason()),
        };
        assert_eq!(reason, decided, "{route} {request}");
        let answer = document(PolicyScope::Api, &rules, &claims, &asked);
        let expected = decided.map_or(Evaluation::Allow, |_| Evaluation::ExplicitDeny);
        assert_eq!(answer.evaluate(&asked), expected, "{route} {request}");
        let allows = |policy: &PolicyDocument| policy.statements()[0].resource.clone();
        assert_eq!(allows(&answer), allows(&usual), "{route} {request}");
        assert_eq!(
            answer.evaluate(&arn("GET", "/a/1")),
            Evaluation::Allow,
            "{route} {request}"
        );
    }
}
