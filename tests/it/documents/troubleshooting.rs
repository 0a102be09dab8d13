//! `docs/troubleshooting.md` has a row for every reason, under the status that it leads to.

use std::collections::BTreeMap;

use cognito_authorizer::reason::{DenyReason, Outcome};

use super::page::{Page, root};

fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "200",
        Outcome::Unauthorized => "401",
        Outcome::Deny => "403",
        Outcome::Error => "500",
    }
}

#[test]
fn each_reason_has_its_row() {
    let page = Page::read(&root().join("docs/troubleshooting.md"));
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for (line, text) in page.prose() {
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let &[_, status, reason, cause, cure, _] = cells.as_slice() else {
            continue;
        };
        let Some(reason) = reason.strip_prefix('`').and_then(|r| r.strip_suffix('`')) else {
            continue;
        };
        assert!(cause.len() > 20 && cure.len() > 20, "line {line}: {text}");
        let twice = rows.insert(reason.to_owned(), status.to_owned());
        assert_eq!(twice, None, "line {line}: {reason} stands twice");
    }
    let reasons = DenyReason::ALL.iter().map(|reason| {
        (
            reason.as_str().to_owned(),
            status(reason.outcome()).to_owned(),
        )
    });
    assert_eq!(rows, reasons.collect());
}
