//! The bookshop says twice what its routes ask: in its template and in its document. Both must
//! lead to the same decisions and to the same policies.

use std::fs;

use cognito_authorizer::Config;
use cognito_authorizer::decision::{Decision, decide};
use cognito_authorizer::event::{MethodArn, Operation};
use cognito_authorizer::policy::{Policies, PolicyScope};
use cognito_authorizer::reason::DenyReason;
use serde_json::Value;

use super::{claims, said};

const BOOKSHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/bookshop");
const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod";

const VERBS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const PATHS: [&str; 10] = [
    "/",
    "/books",
    "/books/",
    "/books/1",
    "/books/1/2",
    "/users/ann/loans",
    "/users/bob/loans",
    "/users/ann",
    "/admin/reports",
    "/admin",
];

/// The configuration inside the template, as CloudFormation would fill it in.
fn of_the_template() -> Config {
    let template = fs::read_to_string(format!("{BOOKSHOP}/template.yaml")).unwrap();
    let (_, text) = template.split_once("AUTHORIZER_CONFIG: !Sub\n").unwrap();
    let (_, text) = text.split_once("- |\n").unwrap();
    let (text, _) = text.split_once("- Keys:").unwrap();
    let text = text
        .replace("${UserPool}", "eu-west-1_AbCdEf123")
        .replace("${WebClient}", "1example23456789clientid")
        .replace("${MachineClient}", "2example23456789clientid")
        .replace("${Keys}", "https://cognito-idp.eu-west-1.amazonaws.com");
    Config::from_toml(&text).unwrap()
}

fn of_the_document() -> Config {
    let said = said(&["routes", "--config", &format!("{BOOKSHOP}/authorizer.toml")]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    Config::from_toml(&said.out).unwrap()
}

#[test]
fn both_forms_decide_the_same() {
    let (template, document) = (of_the_template(), of_the_document());
    let mut reasons: Vec<Option<DenyReason>> = Vec::new();
    for scopes in [
        &[][..],
        &["books/read"],
        &["books/write"],
        &["books/read", "books/write"],
    ] {
        for groups in [&[][..], &["admins"], &["readers"]] {
            let claims = claims(scopes, groups, "ann");
            for (verb, path) in VERBS.iter().flat_map(|verb| PATHS.map(|path| (verb, path))) {
                let arn = MethodArn::parse(&format!("{STAGE}/{verb}{path}")).unwrap();
                let answer = |config: &Config| -> (Option<DenyReason>, Value) {
                    let rules = &config.rules;
                    let decision = decide(rules, &claims, &Operation::from(&arn));
                    let policies = Policies::new(rules.clone());
                    let policy = policies.document(PolicyScope::Api, &claims, &arn, &decision);
                    let reason = match decision {
                        Decision::Allow(_) => None,
                        Decision::Deny(refusal) => Some(refusal.reason()),
                    };
                    (reason, serde_json::to_value(policy.unwrap()).unwrap())
                };
                let expected = answer(&template);
                let case = format!("{verb} {path} with {scopes:?} in {groups:?}");
                assert_eq!(answer(&document), expected, "{case}");
                reasons.push(expected.0);
            }
        }
    }
    // Each outcome that there is was compared.
    for outcome in [
        None,
        Some(DenyReason::InsufficientScope),
        Some(DenyReason::NotInGroup),
        Some(DenyReason::NotBound),
        Some(DenyReason::NoMatchingRoute),
    ] {
        assert!(reasons.contains(&outcome), "{outcome:?}");
    }
}

#[test]
fn the_page_about_it_shows_what_is_written() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, shown) = page.split_once("```toml part\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let said = said(&["routes", "--config", &format!("{BOOKSHOP}/authorizer.toml")]);
    assert!(said.out.contains(shown), "{shown}");
}
