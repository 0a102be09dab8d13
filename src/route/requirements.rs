//! What a route asks of a token, and what a token that has it may call of the route.

use std::iter;

use serde_json::Value;

use crate::claims::{Claims, Requirement};
use crate::percent::decoded;
use crate::reason::DenyReason;

/// The most tokens that are looked at to tell whether one route's requirements imply another's.
const MAX_LEAST_TOKENS: usize = 1_000;

/// What a route asks of a token: every condition that is named must hold. A route that names
/// none is open to every valid token with the `required_scopes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The names of the issuers whose tokens it takes, if not those of all. Groups and the claims that
    /// parameters are bound to mean what their issuer says they mean.
    pub issuers: Vec<String>,
    /// What must hold in any case.
    pub all: Conditions,
    /// Alternatives, one of which must hold beside that. Of no alternative at all no token has any,
    /// so that the route is refused to every token; `None` asks for nothing.
    pub any_of: Option<Vec<Conditions>>,
}

/// Conditions on a token, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// All of these scopes.
    pub scopes: Vec<String>,
    /// At least one of these scopes, if there are any.
    pub any_scope: Vec<String>,
    /// All of these groups.
    pub groups: Vec<String>,
    /// At least one of these groups, if there are any.
    pub any_group: Vec<String>,
    /// What other claims must say, all of it.
    pub require: Vec<Requirement>,
    /// Path parameters and the claims that they must equal: a claim that is a string, or one of the
    /// strings of a list.
    pub bind: Vec<(String, String)>,
}

impl Conditions {
    /// Alternatives of scopes: all of these.
    #[must_use]
    pub fn of_scopes(scopes: Vec<String>) -> Self {
        Self {
            scopes,
            ..Self::default()
        }
    }

    fn permit(&self, token: &impl Holder) -> Result<(), DenyReason> {
        let has_scope = |scope: &String| token.has_scope(scope);
        let any_scope = self.any_scope.is_empty() || self.any_scope.iter().any(has_scope);
        if !self.scopes.iter().all(has_scope) || !any_scope {
            return Err(DenyReason::InsufficientScope);
        }
        let is_in = |group: &String| token.is_in(group);
        let any_group = self.any_group.is_empty() || self.any_group.iter().any(is_in);
        if !self.groups.iter().all(is_in) || !any_group {
            return Err(DenyReason::NotInGroup);
        }
        if !self.require.iter().all(|own| token.meets(own)) {
            return Err(DenyReason::InsufficientClaim);
        }
        Ok(())
    }

    /// The tokens that have just enough for these conditions: one of `any_scope`, one of `any_group`.
    fn least_tokens(&self) -> impl Iterator<Item = LeastToken<'_>> {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        one_or_none(&self.any_scope).flat_map(move |scope| {
            let scopes: Vec<&str> = scopes.iter().copied().chain(scope).collect();
            one_or_none(&self.any_group).map(move |group| LeastToken {
                scopes: scopes.clone(),
                groups: self
                    .groups
                    .iter()
                    .map(String::as_str)
                    .chain(group)
                    .collect(),
                claims: self.require.iter().collect(),
            })
        })
    }
}

impl Requirements {
    /// The alternatives; where none are written, one that asks for nothing.
    fn alternatives(&self) -> &[Conditions] {
        const NOTHING: &[Conditions] = &[Conditions {
            scopes: Vec::new(),
            any_scope: Vec::new(),
            groups: Vec::new(),
            any_group: Vec::new(),
            require: Vec::new(),
            bind: Vec::new(),
        }];
        self.any_of.as_deref().unwrap_or(NOTHING)
    }

    /// Every parameter that is bound in some alternative.
    pub(crate) fn bound(&self) -> impl Iterator<Item = &(String, String)> {
        let alternatives = self.any_of.iter().flatten();
        let of_alternatives = alternatives.flat_map(|own| &own.bind);
        self.all.bind.iter().chain(of_alternatives)
    }

    /// Whether a group is asked for in some alternative.
    pub(crate) fn asks_for_groups(&self) -> bool {
        let mut all = self.any_of.iter().flatten().chain([&self.all]);
        all.any(|own| !own.groups.is_empty() || !own.any_group.is_empty())
    }

    /// What each alternative binds, with what is bound in any case.
    pub(super) fn bindings(&self) -> impl Iterator<Item = Vec<&(String, String)>> {
        let alternatives = self.alternatives().iter();
        alternatives.map(|own| self.all.bind.iter().chain(&own.bind).collect())
    }

    /// Whether a token with `claims` has the scopes and groups of the route, and of which of its
    /// alternatives.
    pub(super) fn permit(&self, claims: &Claims) -> Result<Vec<&Conditions>, DenyReason> {
        if !self.issuers.is_empty() && !self.issuers.iter().any(|name| name == claims.issuer()) {
            return Err(DenyReason::IssuerNotAccepted);
        }
        let all = self.all.permit(claims);
        if all == Err(DenyReason::InsufficientScope) {
            return Err(DenyReason::InsufficientScope);
        }
        let mut refused = None;
        let mut permitted = Vec::new();
        for alternative in self.alternatives() {
            match alternative.permit(claims) {
                Ok(()) => permitted.push(alternative),
                Err(reason) => refused = refused.or(Some(reason)),
            }
        }
        if permitted.is_empty() {
            return Err(refused.unwrap_or(DenyReason::InsufficientScope));
        }
        all.map(|()| permitted)
    }

    /// What a token with `claims` may call of the route. `position` tells where a parameter stands.
    pub(super) fn access<'c>(
        &self,
        claims: &'c Claims,
        position: impl Fn(&str) -> Option<usize>,
    ) -> Result<Access<'c>, DenyReason> {
        let permitted = self.permit(claims)?.into_iter();
        let mut bindings: Vec<Bindings<'c>> = permitted
            .filter_map(|own| {
                let bind = self.all.bind.iter().chain(&own.bind);
                let pairs = bind.map(|(param, claim)| Some((position(param)?, claim.as_str())));
                Bindings::of(pairs.collect::<Option<Vec<_>>>()?, claims)
            })
            .collect();
        if let Some(unbound) = bindings.iter().position(|own| own.0.is_empty()) {
            bindings = vec![bindings.swap_remove(unbound)];
        }
        if bindings.is_empty() {
            Err(DenyReason::NotBound)
        } else {
            Ok(Access(bindings))
        }
    }

    /// Whether every token that meets these meets all of `other`, whatever it calls. It may be said to
    /// be otherwise though it is so, never the other way round.
    pub(super) fn imply(&self, other: &Self) -> bool {
        let issuers = other.issuers.is_empty()
            || !self.issuers.is_empty()
                && self.issuers.iter().all(|one| other.issuers.contains(one));
        let alternatives = || self.alternatives().iter();
        // One more than is looked at, so that too many are told from just enough.
        let of_all = self
            .all
            .least_tokens()
            .take(MAX_LEAST_TOKENS.saturating_add(1));
        let of_all: Vec<LeastToken<'_>> = of_all.collect();
        let mut least = of_all.iter().flat_map(|all| {
            alternatives().flat_map(move |own| own.least_tokens().map(move |own| own.and(all)))
        });
        let is_met = |token: &LeastToken<'_>| {
            let mut others = other.alternatives().iter();
            other.all.permit(token).is_ok()
                && others.any(|own| own.bind.is_empty() && own.permit(token).is_ok())
        };
        let mut tried = 0_usize;
        issuers
            && other.all.bind.is_empty()
            && least.all(|token| {
                tried = tried.saturating_add(1);
                tried <= MAX_LEAST_TOKENS && is_met(&token)
            })
    }
}

/// Somebody who has scopes and is in groups.
trait Holder {
    fn has_scope(&self, scope: &str) -> bool;
    fn is_in(&self, group: &str) -> bool;
    fn meets(&self, requirement: &Requirement) -> bool;
}

impl Holder for Claims {
    fn has_scope(&self, scope: &str) -> bool {
        self.scopes().contains(scope)
    }

    fn is_in(&self, group: &str) -> bool {
        self.groups().iter().any(|own| own == group)
    }

    fn meets(&self, requirement: &Requirement) -> bool {
        self.meet(requirement)
    }
}

/// A token with just enough for some conditions. As none asks for the want of something, what such
/// tokens meet is met by all others.
struct LeastToken<'r> {
    scopes: Vec<&'r str>,
    groups: Vec<&'r str>,
    claims: Vec<&'r Requirement>,
}

impl LeastToken<'_> {
    fn and(mut self, other: &Self) -> Self {
        self.scopes.extend(&other.scopes);
        self.groups.extend(&other.groups);
        self.claims.extend(&other.claims);
        self
    }
}

impl Holder for LeastToken<'_> {
    fn has_scope(&self, scope: &str) -> bool {
        self.scopes.contains(&scope)
    }

    fn is_in(&self, group: &str) -> bool {
        self.groups.contains(&group)
    }

    /// It has a claim of which all is known that one requirement says of it.
    fn meets(&self, requirement: &Requirement) -> bool {
        self.claims.iter().any(|own| own.implies(requirement))
    }
}

/// Each of them, or once nothing where there are none.
fn one_or_none(words: &[String]) -> impl Iterator<Item = Option<&str>> {
    let nothing = words.is_empty().then_some(None);
    let words = words.iter().map(|word| Some(word.as_str()));
    words.chain(nothing)
}

/// What a token may call of a route: one of the bindings must hold. There is always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access<'c>(Vec<Bindings<'c>>);

impl<'c> Access<'c> {
    /// Whether all of the route is open, whatever the values of its parameters.
    #[must_use]
    pub fn is_unbound(&self) -> bool {
        self.0.iter().any(|own| own.0.is_empty())
    }

    /// Whether the request for `segments` has the values that it must have. A segment's value is the
    /// decoded one.
    #[must_use]
    pub fn admits(&self, segments: &[&str]) -> bool {
        self.0.iter().any(|own| own.admit(segments))
    }

    /// The ways in which parameters may be bound.
    pub(crate) fn bindings(&self) -> &[Bindings<'c>] {
        &self.0
    }
}

/// Positions of bound parameters, in order, and the values that each may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bindings<'c>(Vec<(usize, Vec<&'c str>)>);

impl<'c> Bindings<'c> {
    /// None where a claim has no value that can be bound.
    fn of(mut pairs: Vec<(usize, &str)>, claims: &'c Claims) -> Option<Self> {
        pairs.sort_unstable();
        pairs.dedup();
        let mut bindings: Vec<(usize, Vec<&'c str>)> = Vec::new();
        for (position, claim) in pairs {
            let values = bindable_values(claims.value(claim)?);
            match bindings.last_mut() {
                // Two claims for one parameter: it must equal both.
                Some((last, both)) if *last == position => {
                    both.retain(|value| values.contains(value));
                }
                Some(_) | None => bindings.push((position, values)),
            }
        }
        let is_empty = |(_, values): &(usize, Vec<&str>)| values.is_empty();
        (!bindings.iter().any(is_empty)).then_some(Self(bindings))
    }

    pub(crate) fn values(&self) -> &[(usize, Vec<&'c str>)] {
        &self.0
    }

    fn admit(&self, segments: &[&str]) -> bool {
        self.0.iter().all(|(position, values)| {
            let segment = segments.get(*position);
            segment.is_some_and(|own| values.iter().any(|value| is_spelled(value, own)))
        })
    }
}

/// Whether a segment of a path spells this value: as it is, or percent-encoded (RFC 3986 2.1).
pub(crate) fn is_spelled(value: &str, segment: &str) -> bool {
    segment == value || decoded(segment).is_some_and(|own| own == value)
}

/// The values of a claim to which a parameter can be bound: a string, or the strings of a list.
pub(crate) fn bindable_values(claim: &Value) -> Vec<&str> {
    let list = claim.as_array().map_or(&[][..], Vec::as_slice);
    let texts = iter::once(claim).chain(list).filter_map(Value::as_str);
    let mut values: Vec<&str> = Vec::new();
    for text in texts.filter(|text| is_bindable(text)) {
        if !values.contains(&text) {
            values.push(text);
        }
    }
    values
}

/// Whether a claim's value may be one of a path and stand in a policy's resource: no character that
/// means something to IAM or splits a path, none that a reader of paths would take for another, and
/// no dot segment (RFC 3986 3.3), which no path keeps.
fn is_bindable(value: &str) -> bool {
    let is_special = |c: char| matches!(c, '*' | '?' | '$' | '/' | '\\' | '%') || c.is_control();
    !matches!(value, "" | "." | "..") && !value.contains(is_special)
}
