//! What an operation's `security` asks of a token.
//!
//! "Security Requirement Object", OpenAPI 3.0.4 and 3.1.1: of the requirements in the list any one
//! suffices; of the schemes in one requirement all are needed; an empty requirement needs none.

use cognito_authorizer::route::{Conditions, Requirements};

/// One requirement: each scheme that it names, with its list.
pub(super) type Requirement = Vec<(String, Vec<String>)>;

/// What comes of an operation's requirements.
#[derive(Debug, PartialEq)]
pub(super) struct Demand {
    /// What its route asks of a token.
    pub(super) needs: Requirements,
    /// What somebody should know about it.
    pub(super) remarks: Vec<String>,
}

impl Demand {
    /// What the requirements ask of a token of `scheme`. Only requirements that name the scheme
    /// can be met by a token, and without any no token meets them: the door stays shut.
    ///
    /// Other schemes beside it are for the gateway to check, which can do so for all requests or
    /// for none. So a requirement with one counts only where each that could be met has it too.
    pub(super) fn new(requirements: &[Requirement], scheme: &str) -> Self {
        let names =
            |requirement: &Requirement, name: &str| requirement.iter().any(|(own, _)| own == name);
        let ours: Vec<&Requirement> = requirements
            .iter()
            .filter(|requirement| names(requirement, scheme))
            .collect();
        let mut remarks = Vec::new();
        if requirements.iter().all(Vec::is_empty) {
            remarks.push("expects no authorizer, so that here every token is refused".to_owned());
        } else if ours.is_empty() {
            let what = format!("never asks for `{scheme}`, so that here every token is refused");
            remarks.push(what);
        } else if requirements.iter().any(Vec::is_empty) {
            remarks
                .push("is open without a token too, which only the gateway can allow".to_owned());
        }
        let mut lists: Vec<Vec<String>> = Vec::new();
        for requirement in &ours {
            let mut others = requirement.iter().filter(|(name, _)| name != scheme);
            let is_uneven = |name: &String| !ours.iter().all(|own| names(own, name));
            if let Some((other, _)) = others.clone().find(|(name, _)| is_uneven(name)) {
                remarks.push(format!(
                    "asks for `{other}` in one requirement with `{scheme}` and not in another, \
                     which nobody can check, so that the one is left out"
                ));
                continue;
            }
            if let Some((other, _)) = others.next() {
                let what =
                    format!("asks for `{other}` beside `{scheme}`: let the gateway check it");
                remarks.push(what);
            }
            let own = requirement.iter().find(|(name, _)| name == scheme);
            lists.extend(own.map(|(_, scopes)| scopes.clone()));
        }
        remarks.sort();
        remarks.dedup();
        let needs = needs(absorb(lists));
        Self { needs, remarks }
    }
}

/// Whether a token can meet these at all.
pub(super) fn can_be_met(needs: &Requirements) -> bool {
    needs.any_of.as_ref().is_none_or(|lists| !lists.is_empty())
}

/// Leaves out each list that asks for all that another one asks for, and perhaps for more.
fn absorb(lists: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let asks_all = |one: &[String], other: &[String]| other.iter().all(|scope| one.contains(scope));
    let mut kept: Vec<Vec<String>> = Vec::new();
    for list in lists {
        if !kept.iter().any(|own| asks_all(&list, own)) {
            kept.retain(|own| !asks_all(own, &list));
            kept.push(list);
        }
    }
    kept
}

/// The lists in the plainest words that a route has for them.
fn needs(lists: Vec<Vec<String>>) -> Requirements {
    let mut needs = Requirements::default();
    let is_common = |scope: &&String| lists.iter().all(|list| list.contains(scope));
    let common: Vec<String> = lists
        .first()
        .into_iter()
        .flatten()
        .filter(is_common)
        .cloned()
        .collect();
    let rest = |list: &Vec<String>| -> Vec<String> {
        let own = list.iter().filter(|scope| !common.contains(scope));
        own.cloned().collect()
    };
    let rests: Vec<Vec<String>> = lists.iter().map(rest).collect();
    if rests.is_empty() || rests.iter().any(|list| list.len() > 1) {
        needs.any_of = Some(rests.into_iter().map(Conditions::of_scopes).collect());
    } else {
        needs.all.any_scope = rests.concat();
    }
    needs.all.scopes = common;
    needs
}
