//! The property that the policy is for: evaluated as IAM does, it says of a request what the
//! decision says of it, whichever request it was made for.
//!
//! Tables are made to collide: up to six routes over five words and parameters. A cached policy
//! may refuse what the decision would allow, where IAM's wildcards cannot tell two routes apart;
//! how often it does is counted and bounded, and the table says so at cold start. It never allows
//! what the decision refuses, nor what is closed in any order in which routes may be chosen.

use std::cell::Cell;
use std::fmt;
use std::sync::LazyLock;

use cognito_authorizer::claims::{Accepted, ClaimName, Claims, Requirement};
use cognito_authorizer::decision::{Decision, Rules, decide};
use cognito_authorizer::event::{MethodArn, TrailingSlash};
use cognito_authorizer::policy::{self, Policies, PolicyScope, Warning};
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::route::{Conditions, Requirements, Route, RouteError, RouteTable};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use serde_json::json;

use super::iam::{Evaluation, Policy};
use super::orders;
use super::{arn, decision, document_of};
use crate::support::authorizer::STAGE;
use crate::support::claims::claims;
use crate::support::token::Token;

const TABLES: u32 = 25_000;
/// How many tokens each table is tried with, each with a first request of its own. Every one of
/// these is a case.
const TOKENS_EACH: usize = 4;
const LATER: usize = 8;

const WORDS: [&str; 5] = ["a", "b", "c", "a@b", "me"];
const VERBS: [&str; 3] = ["GET", "POST", "ANY"];
const CALLED: [&str; 3] = ["GET", "POST", "PUT"];
const SCOPES: [&str; 3] = ["r/x", "r/y", "r/z"];
const GROUPS: [&str; 2] = ["g", "h"];
/// What a parameter is bound to: a word of the paths, one that collides with literals, one that must
/// not stand in a policy, and one with two spellings.
const SUBJECTS: [&str; 4] = ["me", "a", "*", "a@b"];
/// What stands in the place of a parameter.
const VALUES: [&str; 8] = ["a", "b", "c", "d@b", "me", "other", "a@b", "a%40b"];

/// A table, the kind of API that asks, and what it is asked.
#[derive(Clone)]
struct Case {
    slash: TrailingSlash,
    routes: Vec<(String, Requirements)>,
    calls: Vec<Calls>,
}

/// A token, and the requests that it is used for: the first one makes the policy.
#[derive(Clone, Debug)]
struct Calls {
    token: (usize, usize, usize),
    requests: Vec<(&'static str, String)>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.slash)?;
        for (name, needs) in &self.routes {
            writeln!(f, "{name} {needs:?}")?;
        }
        self.calls
            .iter()
            .try_for_each(|calls| writeln!(f, "{calls:?}"))
    }
}

fn subset(words: &[&str], bits: usize) -> Vec<String> {
    let chosen = words
        .iter()
        .enumerate()
        .filter(|(at, _)| bits >> at & 1 == 1);
    chosen.map(|(_, word)| (*word).to_owned()).collect()
}

/// The claims of every token there is, as signing and verifying one takes a while.
static TOKENS: LazyLock<Vec<Claims>> = LazyLock::new(|| {
    let mut tokens = Vec::new();
    for scopes in 0..1 << SCOPES.len() {
        for groups in 0..1 << GROUPS.len() {
            for subject in SUBJECTS {
                let token = Token::access()
                    .claim("scope", subset(&SCOPES, scopes).join(" "))
                    .claim("cognito:groups", json!(subset(&GROUPS, groups)))
                    .claim("sub", subject)
                    .claim("more", json!({"acr": subset(&GROUPS, groups)}))
                    .claim("teams", json!([subject, 1, "b", "a@b"]));
                tokens.push(claims(token));
            }
        }
    }
    tokens
});

fn token((scopes, groups, subject): (usize, usize, usize)) -> &'static Claims {
    &TOKENS[(scopes * (1 << GROUPS.len()) + groups) * SUBJECTS.len() + subject]
}

/// Segments by number: words, then parameters; a last one may be greedy instead.
fn path(segments: &[usize], greedy: bool) -> String {
    let mut path = String::new();
    for (at, segment) in segments.iter().enumerate() {
        path.push('/');
        match WORDS.get(*segment) {
            Some(word) => path.push_str(word),
            None => path.push_str(&format!("{{p{at}}}")),
        }
    }
    if greedy {
        path.push_str("/{rest+}");
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}

/// One of the ways to ask for all scopes of one list or another; the last one is no list at all.
fn lists(bits: usize) -> Vec<Conditions> {
    let lists: &[usize] = match bits {
        1 => &[0b011, 0b100],
        2 => &[0b110, 0b001],
        3 => &[0b101, 0b010],
        4 => &[0b011, 0b110],
        5 => &[0b011, 0b110, 0b101],
        6 => &[0b111],
        _ => &[],
    };
    let list = |bits: &usize| Conditions::of_scopes(subset(&SCOPES, *bits));
    lists.iter().map(list).collect()
}

fn requirements(path: &str, kind: usize, bits: usize, bind: usize) -> Requirements {
    let mut needs = Requirements::default();
    match kind {
        0 => {}
        1 => needs.all.scopes = subset(&SCOPES, bits),
        2 => needs.all.any_scope = subset(&SCOPES, bits),
        3 => needs.any_of = Some(lists(bits)),
        4 => needs.all.any_group = subset(&GROUPS, bits),
        7 => needs.all.groups = subset(&GROUPS, bits),
        8 => {
            let values = subset(&GROUPS, bits);
            needs.all.require = vec![Requirement {
                claim: ClaimName::parse("/more/acr").unwrap(),
                accepted: Accepted::OneOf(values),
            }];
        }
        _ => {}
    }
    let has_alternatives = matches!(kind, 5 | 6);
    let param = format!("p{}", bind % 12);
    let scopes = Conditions::of_scopes(subset(&SCOPES, bits));
    let group = Conditions {
        any_group: subset(&GROUPS, bits),
        ..Conditions::default()
    };
    if !path.contains(&format!("{{{param}}}")) {
        needs.any_of = needs
            .any_of
            .or(has_alternatives.then(|| vec![scopes, group]));
        return needs;
    }
    let claim = if bind < 12 { "sub" } else { "teams" };
    let bound = vec![(param, claim.to_owned())];
    if !has_alternatives {
        needs.all.bind = bound;
        return needs;
    }
    let own = Conditions {
        bind: bound,
        ..Conditions::default()
    };
    needs.any_of = Some(vec![own, if kind == 5 { scopes } else { group }]);
    needs
}

fn route() -> impl Strategy<Value = (String, Requirements)> {
    let segments = vec(0..8_usize, 0..=4);
    (
        0..3_usize,
        segments,
        0..6_usize,
        0..9_usize,
        1..8_usize,
        0..24_usize,
    )
        .prop_map(|(verb, segments, greedy, kind, bits, bind)| {
            let path = path(&segments, greedy == 5);
            let needs = requirements(&path, kind, bits, bind);
            (format!("{} {path}", VERBS[verb]), needs)
        })
}

/// A request for one of the routes or near it, decided by the digits of `dice`.
fn request(routes: &[(String, Requirements)], mut dice: u64) -> (&'static str, String) {
    let mut roll = |sides: usize| {
        let rolled = dice % sides as u64;
        dice /= sides as u64;
        rolled as usize
    };
    let (name, _) = &routes[roll(routes.len())];
    let (_, pattern) = name.split_once(' ').unwrap();
    let mut segments: Vec<&str> = Vec::new();
    for segment in pattern
        .split('/')
        .skip(1)
        .filter(|segment| !segment.is_empty())
    {
        let length = if segment.ends_with("+}") {
            1 + roll(3)
        } else {
            1
        };
        for _ in 0..length {
            segments.push(match segment.starts_with('{') {
                true => VALUES[roll(8)],
                false => segment,
            });
        }
    }
    let verb = CALLED[roll(3)];
    match roll(12) {
        0 => segments.push(WORDS[roll(5)]),
        1 => drop(segments.pop()),
        2 if !segments.is_empty() => segments.push(""),
        3 if !segments.is_empty() => {
            let at = roll(segments.len());
            segments[at] = WORDS[roll(5)];
        }
        _ => {}
    }
    (verb, format!("/{}", segments.join("/")))
}

fn case() -> impl Strategy<Value = Case> {
    let token = (
        0..1_usize << SCOPES.len(),
        0..1_usize << GROUPS.len(),
        0..SUBJECTS.len(),
    );
    let dice = vec(any::<u64>(), 1..=LATER + 1);
    let calls = vec((token, dice), TOKENS_EACH);
    let slash = any::<bool>().prop_map(|is_rest| match is_rest {
        true => TrailingSlash::Ignored,
        false => TrailingSlash::Significant,
    });
    (vec(route(), 1..=6), calls, slash).prop_map(|(mut routes, calls, slash)| {
        let shape = |name: &str| name.replace(char::is_numeric, "");
        let mut seen: Vec<String> = Vec::new();
        routes.retain(|(name, _)| {
            let new = !seen.contains(&shape(name));
            seen.push(shape(name));
            new
        });
        let calls = calls.into_iter().map(|(token, dice)| Calls {
            token,
            requests: dice.iter().map(|dice| request(&routes, *dice)).collect(),
        });
        let calls = calls.collect();
        Case {
            slash,
            routes,
            calls,
        }
    })
}

/// How later requests fared.
#[derive(Default)]
struct Tally {
    first: Cell<u32>,
    known: Cell<u32>,
    allowed: Cell<u32>,
    wrongly_refused: Cell<u32>,
    closed: Cell<u32>,
    silent: Cell<u32>,
    silent_bound: Cell<u32>,
    /// Those whose policy was for one request, as it would have been too large.
    refused_by_size: Cell<u32>,
    silent_by_size: Cell<u32>,
    unknown: Cell<u32>,
    unknown_allowed: Cell<u32>,
    unknown_silent: Cell<u32>,
}

fn add(count: &Cell<u32>) {
    count.set(count.get() + 1);
}

/// The table of a case, without the routes that no request could be for.
fn table(case: &Case) -> RouteTable {
    let parse = |(name, needs): &(String, Requirements)| Route::parse(name, needs.clone()).unwrap();
    let mut routes: Vec<Route> = case.routes.iter().map(parse).collect();
    loop {
        match RouteTable::new(routes.clone()) {
            Ok(table) => return table,
            Err((at, RouteError::Unreachable)) => drop(routes.remove(at)),
            Err((at, error)) => panic!("{}: {error}", routes[at].name()),
        }
    }
}

/// Whether the policy is for one request, or says less by name than it could, as the one for the whole
/// API is too large, and the operator was told so, or could not be, as only the token says how many values a claim has.
fn is_too_large(policies: &Policies, answer: &Policy, claims: &Claims) -> bool {
    let routes = policies.rules().table.as_ref().unwrap().routes().iter();
    let by_list = |(_, claim): &(String, String)| claim == "teams";
    let mut bound = routes
        .filter(|route| route.permits(claims).is_ok())
        .flat_map(|route| {
            let needs = route.requirements();
            needs
                .any_of
                .iter()
                .flatten()
                .chain([&needs.all])
                .flat_map(|own| &own.bind)
        });
    let mut warnings = policies.warnings().into_iter();
    let is_told = warnings.any(|warning| matches!(warning, Warning::TooLarge { .. }));
    // Without the Allows that differ by a slash at their end it has half of its characters, no fewer.
    let is_cut = answer.is_of_one_request() || answer.chars() > 4_000;
    is_cut && (is_told || bound.any(by_list))
}

/// Whether the operator was told that a policy for this token may refuse this request.
fn is_warned_of(policies: &Policies, claims: &Claims, arn: &MethodArn) -> bool {
    let Decision::Allow(grant) = decide(policies.rules(), claims, &arn.into()) else {
        return false;
    };
    let called = grant.route().unwrap();
    let is_open = |route: &Route| route.permits(claims).is_ok_and(|own| own.is_unbound());
    policies.warnings().iter().any(|warning| match warning {
        Warning::Inseparable { open, refused, .. } => open.name() == called && !is_open(refused),
        Warning::Contested { .. }
        | Warning::TooLong { .. }
        | Warning::TooLarge { .. }
        | Warning::LetsThrough { .. }
        | Warning::Silent { .. } => false,
    })
}

/// Whether the operator was told that a policy for this token may refuse this request by silence: a
/// route that is closed to the token is among those that are named, or an open one is among those
/// that a policy may be unable to allow, so that nothing is said of what that one takes.
fn is_silence_told(policies: &Policies, claims: &Claims, arn: &MethodArn) -> bool {
    let Decision::Deny(refusal) = decide(policies.rules(), claims, &arn.into()) else {
        return false;
    };
    let name = refusal.route().unwrap();
    policies.warnings().iter().any(|warning| match warning {
        Warning::Inseparable { open, refused, .. } => {
            refused.name() == name && open.permits(claims).is_ok()
        }
        Warning::Silent { routes } => routes.iter().any(|route| route.name() == name),
        Warning::Contested { .. }
        | Warning::TooLong { .. }
        | Warning::TooLarge { .. }
        | Warning::LetsThrough { .. } => false,
    })
}

/// Whether the operator was told that a policy for this token may let through what is no route, or
/// it is an open route but for a slash at its end.
fn is_told_of(policies: &Policies, claims: &Claims, (verb, path): (&str, &str)) -> bool {
    let without_slash = path.strip_suffix('/').map(|path| arn(verb, path));
    if without_slash.is_some_and(|arn| decision(policies.rules(), claims, &arn).is_none()) {
        return true;
    }
    let is_open = |route: &Route| route.permits(claims).is_ok();
    policies.warnings().iter().any(|warning| match warning {
        Warning::LetsThrough { open, beside, .. } => {
            let mut others = beside.iter();
            is_open(open) && (beside.is_empty() || others.any(|route| is_open(route)))
        }
        Warning::Inseparable { .. }
        | Warning::Contested { .. }
        | Warning::TooLong { .. }
        | Warning::TooLarge { .. }
        | Warning::Silent { .. } => false,
    })
}

fn check(case: &Case, tally: &Tally) -> Result<(), TestCaseError> {
    let policies = Policies::new(Rules {
        required_scopes: Vec::new(),
        table: Some(table(case)),
    });
    case.calls
        .iter()
        .try_for_each(|calls| check_calls(&policies, case, calls, tally))
}

fn arn_of(slash: TrailingSlash, verb: &str, path: &str) -> MethodArn {
    match slash {
        TrailingSlash::Ignored => arn(verb, path).of_rest_api(),
        TrailingSlash::Significant => arn(verb, path),
    }
}

fn check_calls(
    policies: &Policies,
    case: &Case,
    calls: &Calls,
    tally: &Tally,
) -> Result<(), TestCaseError> {
    let (rules, claims) = (policies.rules(), token(calls.token));
    let mut answer = None;
    for (number, (verb, path)) in calls.requests.iter().enumerate() {
        let arn = arn_of(case.slash, verb, path);
        if let Some(answer) = &answer {
            let (answer, _) = answer;
            check_respelled(answer, rules, claims, &arn, (verb, path))?;
            if number == 1 && !answer.is_of_one_request() {
                check_ambiguous(answer, (verb, path))?;
            }
        }
        let decided = decide(rules, claims, &(&arn).into());
        let decided = match policies.express(PolicyScope::Api, claims, &arn, decided) {
            Decision::Allow(_) => None,
            Decision::Deny(refusal) => Some(refusal.reason()),
        };
        let first = answer.is_none();
        let (answer, document) = answer.get_or_insert_with(|| {
            let document = document_of(policies, PolicyScope::Api, claims, &arn);
            let answer = Policy::read(&serde_json::to_value(&document).unwrap());
            (answer, document)
        });
        let evaluated = answer.evaluate(arn.as_str());
        let own = match document.evaluate(&arn) {
            policy::Evaluation::Allow => Evaluation::Allow,
            policy::Evaluation::ExplicitDeny => Evaluation::ExplicitDeny,
            policy::Evaluation::ImplicitDeny => Evaluation::ImplicitDeny,
        };
        prop_assert_eq!(own, evaluated, "the library reads its own policy");
        let passes = evaluated == Evaluation::Allow;
        if passes
            && let Some(route) = orders::closed(&case.routes, claims, (verb, path), case.slash)
        {
            return Err(TestCaseError::fail(format!(
                "{verb} {path} may reach {route}"
            )));
        }
        if first {
            add(&tally.first);
            let expected = match decided {
                None => Evaluation::Allow,
                Some(_) => Evaluation::ExplicitDeny,
            };
            prop_assert_eq!(evaluated, expected, "first request {} {}", verb, path);
            continue;
        }
        match decided {
            Some(DenyReason::NoMatchingRoute) => {
                add(&tally.unknown);
                if evaluated == Evaluation::ImplicitDeny {
                    add(&tally.unknown_silent);
                }
                if passes {
                    add(&tally.unknown_allowed);
                    let told = is_told_of(policies, claims, (verb, path));
                    prop_assert!(told, "no word of {} {}, which is no route", verb, path);
                }
            }
            // Its spelling is of a literal, and so denied whatever it is.
            Some(DenyReason::NotExpressible) => {
                prop_assert!(!passes, "later request {} {}", verb, path);
            }
            Some(reason) => {
                add(&tally.known);
                add(&tally.closed);
                prop_assert!(!passes, "later request {} {} is refused", verb, path);
                if evaluated == Evaluation::ImplicitDeny {
                    add(&tally.silent);
                    if reason == DenyReason::NotBound {
                        add(&tally.silent_bound);
                    }
                    let told = is_silence_told(policies, claims, &arn);
                    let told = told || is_too_large(policies, answer, claims);
                    if answer.is_of_one_request() {
                        add(&tally.silent_by_size);
                    }
                    prop_assert!(told, "no word of the silence about {} {}", verb, path);
                }
            }
            None => {
                add(&tally.known);
                add(&tally.allowed);
                if !passes {
                    let told = is_warned_of(policies, claims, &arn)
                        || is_too_large(policies, answer, claims);
                    prop_assert!(told, "no word of {} {}", verb, path);
                    add(&tally.wrongly_refused);
                    if answer.is_of_one_request() {
                        add(&tally.refused_by_size);
                    }
                }
            }
        }
    }
    Ok(())
}

/// A later request that percent-encodes a letter is refused before anything is decided. Should API
/// Gateway take it for the request without the encoding, the cached policy must know.
fn check_respelled(
    answer: &Policy,
    rules: &Rules,
    claims: &Claims,
    arn: &MethodArn,
    (verb, path): (&str, &str),
) -> Result<(), TestCaseError> {
    let Some(letter) = path.rfind(|c: char| c.is_ascii_alphabetic()) else {
        return Ok(());
    };
    let encoded = format!("%{:02x}", path.as_bytes()[letter]);
    let mut respelled = path.to_owned();
    respelled.replace_range(letter..=letter, &encoded);
    let known = !matches!(
        decision(rules, claims, arn),
        None | Some(DenyReason::NoMatchingRoute)
    );
    let passes = answer.evaluate(&format!("{STAGE}/{verb}{respelled}")) == Evaluation::Allow;
    prop_assert!(!(known && passes), "later request {} {}", verb, respelled);
    Ok(())
}

/// A later request whose path has several readings is refused before anything is decided, and is
/// denied by name.
fn check_ambiguous(answer: &Policy, (verb, path): (&str, &str)) -> Result<(), TestCaseError> {
    let (start, end) = path.rsplit_once('/').unwrap();
    for ambiguous in [
        format!("{start}%2F{end}"),
        format!("{start}%2f{end}"),
        format!("{start}//{end}"),
        format!("{start}/./{end}"),
        format!("{start}/."),
        format!("{start}/../{end}"),
        format!("{start}/.."),
        format!("{start}/%2E%2E/{end}"),
        format!("{start}/%2e."),
    ] {
        let evaluated = answer.evaluate(&format!("{STAGE}/{verb}{ambiguous}"));
        prop_assert_eq!(
            evaluated,
            Evaluation::ExplicitDeny,
            "{} {}",
            verb,
            ambiguous
        );
    }
    Ok(())
}

#[test]
fn a_policy_says_what_the_decision_says() {
    let config = Config {
        cases: TABLES,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let tally = Tally::default();
    let outcome = TestRunner::new_with_rng(config, rng).run(&case(), |case| check(&case, &tally));
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\n{case:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let percent = |part: &Cell<u32>, whole: &Cell<u32>| {
        f64::from(part.get()) * 100.0 / f64::from(whole.get())
    };
    let refused = percent(&tally.wrongly_refused, &tally.known);
    let silent = percent(&tally.silent, &tally.closed);
    let opened = percent(&tally.unknown_allowed, &tally.unknown);
    println!(
        "{} cases; {} later requests that the table knows, {} of them allowed, {} refused \
         though allowed ({refused:.2} %, {:.2} % of the allowed), {} closed, {} of these refused by \
         silence ({silent:.2} %), {} as others' values of a bound parameter; by the size of a policy {} and {}; {} that it does not know, {} let through ({opened:.2} %), {} refused \
         by silence ({:.2} %)",
        tally.first.get(),
        tally.known.get(),
        tally.allowed.get(),
        tally.wrongly_refused.get(),
        percent(&tally.wrongly_refused, &tally.allowed),
        tally.closed.get(),
        tally.silent.get(),
        tally.silent_bound.get(),
        tally.refused_by_size.get(),
        tally.silent_by_size.get(),
        tally.unknown.get(),
        tally.unknown_allowed.get(),
        tally.unknown_silent.get(),
        percent(&tally.unknown_silent, &tally.unknown),
    );
    assert!(tally.first.get() >= 100_000);
    assert!(refused <= 3.0, "{refused} % of later requests");
}
