//! The documents that list reasons list those that there are.

use cognito_authorizer::reason::{DenyReason, Outcome};

use super::page::{Page, root};

/// The text of a page from `start` to the next `end`, without its line breaks.
#[track_caller]
fn passage(page: &str, start: &str, end: &str) -> String {
    let text = Page::read(&root().join(page)).text().replace('\n', " ");
    let (_, rest) = text.split_once(start).unwrap_or_else(|| {
        panic!("{page}: `{start}` was not found");
    });
    let (passage, _) = rest.split_once(end).unwrap();
    passage.to_owned()
}

/// The words between backticks.
fn quoted(passage: &str) -> Vec<&str> {
    passage.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_readme_lists_every_reason() {
    let listed = passage("README.md", "`reason` is `granted` or one of `", "`.");
    let listed: Vec<&str> = listed.split(' ').collect();
    let reasons: Vec<&str> = DenyReason::ALL.iter().map(|own| own.as_str()).collect();
    assert_eq!(listed, reasons);
}

/// With `unauthorized = "deny"` these alone stay a 401, as a Deny would be cached.
#[test]
fn what_is_never_a_cached_deny_is_named() {
    let fleeting: Vec<&str> = DenyReason::ALL
        .iter()
        .filter(|own| own.outcome() == Outcome::Unauthorized && !own.is_lasting())
        .map(|own| own.as_str())
        .collect();
    let readme = passage("README.md", "except for what must not be cached (", ")");
    assert_eq!(quoted(&readme), fleeting);
    let start = "With `unauthorized = \"deny\"` a 401 of this table is a 403, but for ";
    let sentence = passage("docs/troubleshooting.md", start, ".");
    assert_eq!(quoted(&sentence), fleeting);
}

/// Each outcome is counted and timed, and each outcome with a reason is counted.
#[test]
fn the_metrics_are_counted_rightly() {
    let (reasons, outcomes) = (DenyReason::ALL.len() + 1, 4);
    let metrics = reasons + 2 * outcomes;
    let counted = passage("docs/operations.md", "There are at most ", ",");
    let expected = format!("{outcomes} outcomes and {reasons} reasons (`granted` among them)");
    assert_eq!(counted, expected);
    let counted = passage(
        "docs/operations.md",
        "(`granted` among them), so ",
        " metrics",
    );
    assert_eq!(counted, metrics.to_string());
}
