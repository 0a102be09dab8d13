//! The policy for a whole API: the choices of all verbs, as far as a policy has room for them.

use crate::decision::Decision;
use crate::event::{MethodArn, TrailingSlash};
use crate::policy::choose::{Choice, Chooser, Selection};
use crate::policy::document::{FRAME_CHARS, MAX_POLICY_CHARS, MAX_RESOURCE_CHARS, path};
use crate::policy::glob;
use crate::policy::plan::{Plan, VerbPlan};
use crate::policy::resource_list::Resources;
use crate::policy::token::TokenAccess;
use crate::route::{NamedRoute, Verb};

/// What a policy says of a whole API, its resources in order.
#[derive(Default)]
pub(super) struct ApiPolicy {
    pub(super) allows: Resources,
    pub(super) denies: Resources,
    /// Whether some route is open.
    pub(super) can_call: bool,
}

/// A policy for a whole API while it is made.
pub(super) struct Draft<'d> {
    arn: &'d MethodArn,
    plan: &'d Plan,
    choices: Vec<(&'d VerbPlan, Choice, usize)>,
    default: Option<(&'d str, bool)>,
}

/// A resource of a verb, behind it and a slash.
type OfVerb<'d> = (Verb, &'d str);

impl<'d> Draft<'d> {
    pub(super) fn new(
        plan: &'d Plan,
        access: &TokenAccess,
        arn: &'d MethodArn,
        decision: &Decision<'_>,
    ) -> Self {
        let choose = |plan: &'d VerbPlan| {
            let longest = plan.verbs.iter().map(|verb| verb.name().len()).max();
            let prefix = arn.stage_arn().len().saturating_add(2);
            let prefix = prefix.saturating_add(longest.unwrap_or_default());
            let room = MAX_RESOURCE_CHARS.saturating_sub(prefix);
            let is_asked = plan.verbs.iter().any(|verb| verb.name() == arn.verb());
            let asked = path(arn).filter(|_| is_asked && matches!(decision, Decision::Allow(_)));
            let chooser = Chooser {
                plan,
                openness: access,
                room,
                asked: asked.map(|path| match arn.trailing_slash() {
                    TrailingSlash::Significant => path,
                    TrailingSlash::Ignored => path.strip_suffix('/').unwrap_or(path),
                }),
            };
            (plan, chooser.choose(), room)
        };
        Self {
            arn,
            plan,
            choices: plan.groups.iter().map(choose).collect(),
            default: None,
        }
    }

    /// Says whether all calls of `$default` are open or closed.
    pub(super) fn add_default(&mut self, route: &'d NamedRoute, is_open: bool) {
        self.default = Some((route.name(), is_open));
    }

    /// The resources; nothing if they are too many for a policy.
    ///
    /// What makes a policy too long may be that REST APIs route `/books/` to `/books`. Few clients write
    /// that slash, so it is given up before all routes but the one that was asked for are.
    pub(super) fn finish(&self) -> Option<ApiPolicy> {
        let allows = self.of_verbs(|choice| &choice.allows);
        self.with(allows.clone()).or_else(|| {
            let has_twin = |(verb, path): &OfVerb<'_>| {
                let twin = path.strip_suffix('/').filter(|own| !own.is_empty());
                twin.is_some_and(|twin| allows.contains(&(*verb, twin)))
            };
            let is_rest = self.arn.trailing_slash() == TrailingSlash::Ignored;
            let without: Vec<OfVerb<'_>> = allows
                .iter()
                .filter(|own| !has_twin(own))
                .copied()
                .collect();
            is_rest.then(|| self.with(without)).flatten()
        })
    }

    /// The resources with these Allows.
    fn with(&self, allows: Vec<OfVerb<'_>>) -> Option<ApiPolicy> {
        let mut denies = self.of_verbs(|choice| &choice.denies);
        let opens_default = matches!(self.default, Some((_, true)));
        let left_out = |(_, choice, _): &(_, Choice, _)| !choice.left_out.is_empty();
        let can_call = !allows.is_empty() || opens_default || self.choices.iter().any(left_out);
        let room = MAX_POLICY_CHARS.checked_sub(self.chars(&allows))?;
        let is_loose = |(_, path): &OfVerb<'_>| path.contains(['*', '%']);
        let has_loose = opens_default || allows.iter().any(is_loose);
        let mut misspelled = self.plan.misspelled.as_slice();
        let spelling = |all: &[String]| {
            let chars = all.iter().map(|own| self.resource_chars(own.len()));
            chars.fold(0, usize::saturating_add)
        };
        let chars = |denies: &[OfVerb<'_>], misspelled: &[String]| {
            self.denied_chars(denies)
                .saturating_add(spelling(misspelled))
        };
        // What no Allow matches is refused by silence too, and need not be denied.
        if chars(&denies, misspelled) > room && !has_loose {
            misspelled = &[];
        }
        if chars(&denies, misspelled) > room {
            let left = room.saturating_sub(spelling(misspelled));
            self.leave_out(&mut denies, &allows, left);
        }
        if chars(&denies, misspelled) > room {
            return None;
        }
        let stage = self.arn.stage_arn();
        let mut api = ApiPolicy {
            can_call,
            ..ApiPolicy::default()
        };
        if let Some((name, is_open)) = self.default {
            let list = if is_open {
                &mut api.allows
            } else {
                &mut api.denies
            };
            list.push(&[stage, "/", name]);
        }
        for resource in misspelled {
            api.denies.push(&[stage, "/", resource]);
        }
        for (resources, list) in [(allows, &mut api.allows), (denies, &mut api.denies)] {
            for (verb, resource) in resources {
                list.push(&[stage, "/", verb.name(), "/", resource]);
            }
        }
        Some(api)
    }

    /// The resources of every verb, in order.
    fn of_verbs(&self, list: impl Fn(&Choice) -> &Selection) -> Vec<OfVerb<'_>> {
        let choices = self.choices.iter();
        let resources: Vec<(&VerbPlan, Vec<&str>)> = choices
            .map(|(plan, choice, room)| (*plan, list(choice).resources(plan, *room)))
            .collect();
        let of_verb = |verb: Verb| {
            let mut plans = resources.iter();
            let own = plans.find(move |(plan, _)| plan.verbs.contains(&verb));
            let resources = own.into_iter().flat_map(|(_, resources)| resources);
            resources.map(move |resource| (verb, *resource))
        };
        Verb::ALL.into_iter().flat_map(of_verb).collect()
    }

    /// Leaves out Denies of what no Allow matches until the others have no more than these characters,
    /// those with the longest reach last.
    fn leave_out(&self, denies: &mut Vec<OfVerb<'_>>, allows: &[OfVerb<'_>], chars: usize) {
        let is_needed = |(verb, deny): &OfVerb<'_>| {
            let mut allows = allows.iter();
            allows.any(|(own, allow)| own == verb && glob::meet(allow, deny))
        };
        let literal = |resource: &str| resource.len().saturating_sub(resource.matches('*').count());
        let mut spare: Vec<OfVerb<'_>> = denies.to_vec();
        spare.retain(|own| !is_needed(own));
        spare.sort_by_key(|(_, resource)| std::cmp::Reverse(literal(resource)));
        let mut excess = self.denied_chars(denies).saturating_sub(chars);
        for own in spare {
            if excess == 0 {
                break;
            }
            excess = excess.saturating_sub(self.denied_chars(&[own]));
            denies.retain(|other| *other != own);
        }
    }

    /// How long the policy is without its Denies.
    fn chars(&self, allows: &[OfVerb<'_>]) -> usize {
        let request = self.arn.as_str().len();
        let frame = FRAME_CHARS.saturating_add(request);
        frame.saturating_add(self.denied_chars(allows))
    }

    fn denied_chars(&self, resources: &[OfVerb<'_>]) -> usize {
        let chars = resources.iter().map(|(verb, resource)| {
            self.resource_chars(
                verb.name()
                    .len()
                    .saturating_add(1)
                    .saturating_add(resource.len()),
            )
        });
        chars.fold(0, usize::saturating_add)
    }

    /// A resource behind the stage, with its quotes and comma.
    fn resource_chars(&self, behind_stage: usize) -> usize {
        let prefix = self.arn.stage_arn().len().saturating_add(4);
        prefix.saturating_add(behind_stage)
    }
}
