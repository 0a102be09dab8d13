//! What API Gateway, or AppSync, makes of an answer: for its client now, and for later requests
//! that meet the cached answer. Statuses and messages are those of its documentation ("Output
//! from an API Gateway Lambda authorizer", "Gateway response types", "Working with AWS Lambda
//! authorizers for HTTP APIs", "Authorization and authentication" of AppSync).

use cognito_authorizer::claims::Claims;
use cognito_authorizer::config::Config;
use cognito_authorizer::decision::{Decision, decide};
use cognito_authorizer::event::{ApiKind, MethodArn, TrailingSlash};
use cognito_authorizer::policy::{Evaluation, Policies, PolicyDocument, PolicyScope};
use cognito_authorizer::reason::{DenyReason, Outcome};
use cognito_authorizer::reply::Reply;
use cognito_authorizer::route::{Route, RouteTable, Verb};
use cognito_authorizer::verdict::{Answer, Verdict};
use serde::Serialize;
use serde_json::{Value, json};

use crate::explain::event::Call;
use crate::explain::steps::Account;

/// What becomes of an answer.
#[derive(Debug, Serialize)]
pub(crate) struct Gateway {
    /// What the authorizer answers: a reply, or the message of an error.
    pub(crate) answer: Value,
    /// The status that the client sees; nothing if the request is passed on to the back end.
    pub(crate) status: Option<u16>,
    /// What the client sees, in words.
    pub(crate) now: String,
    /// How long the answer is kept, and for which requests.
    pub(crate) cache: String,
    /// What later requests with the same token get while it is kept.
    pub(crate) later: Vec<Later>,
}

/// A later request with the same token.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Later {
    /// The route of the table; nothing if the request was asked about by itself.
    pub(crate) route: Option<String>,
    /// The request, an example of the route.
    pub(crate) request: String,
    /// Whether the cached policy allows it.
    pub(crate) cached: &'static str,
    /// What the authorizer would say, were it asked.
    pub(crate) decided: &'static str,
}

impl Gateway {
    /// Whether the field that was asked about is closed, though queries are answered.
    pub(crate) fn is_closed(&self) -> bool {
        let is_field = self.answer.get("deniedFields").is_some();
        is_field && self.later.iter().any(|later| later.cached == "deny")
    }

    pub(crate) fn new(
        config: &Config,
        account: &Account<'_>,
        verdict: &Verdict,
        field: Option<&str>,
        then: &[Call],
    ) -> Self {
        let answer = match verdict.answer() {
            Answer::Reply(reply) => json!(reply),
            Answer::Unauthorized => json!({"error": "Unauthorized"}),
            Answer::Failure(reason) => json!({"error": reason.as_str()}),
        };
        let (status, now) = now(account.kind, verdict);
        let policy = match verdict.answer() {
            Answer::Reply(reply) if account.kind != Some(ApiKind::WebSocket) => reply.policy(),
            Answer::Reply(_) | Answer::Unauthorized | Answer::Failure(_) => None,
        };
        let later = match (policy, &account.arn) {
            _ if account.kind == Some(ApiKind::AppSync) => {
                let of_field = |field| of_field(config, account.claims.as_ref(), field, &answer);
                let asked = field.filter(|_| verdict.outcome() == Outcome::Allow);
                asked.and_then(of_field).into_iter().collect()
            }
            (Some(policy), Some(arn)) => {
                let cached = Cached {
                    policy,
                    arn,
                    scope: config.reply.scope,
                    policies: Policies::new(config.rules.clone()),
                    claims: account.claims.as_ref(),
                    otherwise: verdict.reason(),
                };
                let mut later: Vec<Later> = then.iter().map(|call| cached.call(call)).collect();
                later.extend(
                    config
                        .rules
                        .table
                        .iter()
                        .flat_map(|table| cached.table(table)),
                );
                later
            }
            _ => Vec::new(),
        };
        Self {
            cache: cache(config, account.kind, verdict, &answer),
            answer,
            status,
            now,
            later,
        }
    }
}

/// Whether a field is open to the token. One without a route is open to all that may send queries.
fn of_field(
    config: &Config,
    claims: Option<&Claims>,
    field: &str,
    answer: &Value,
) -> Option<Later> {
    let denied = answer.get("deniedFields").and_then(Value::as_array);
    let is_denied = denied?.iter().any(|own| own == field);
    let table = config.rules.table.as_ref();
    let mut routes = table.into_iter().flat_map(RouteTable::named);
    let route = routes.find(|route| route.name() == field);
    let refused = route.and_then(|route| route.permits(claims?).err());
    Some(Later {
        route: None,
        request: field.to_owned(),
        cached: if is_denied { "deny" } else { "allow" },
        decided: refused.map_or("granted", DenyReason::as_str),
    })
}

/// What the client sees.
fn now(kind: Option<ApiKind>, verdict: &Verdict) -> (Option<u16>, String) {
    let is_http = matches!(kind, Some(ApiKind::Http1 | ApiKind::Http2));
    let status = match (verdict.answer(), verdict.outcome()) {
        (_, Outcome::Allow) => None,
        (Answer::Reply(Reply::GraphQl(_)), _) | (Answer::Unauthorized, _) => Some(401),
        (Answer::Reply(Reply::Policy(_) | Reply::Simple(_)), _) => Some(403),
        (Answer::Failure(_), _) => Some(500),
    };
    let what = match status {
        None if kind == Some(ApiKind::WebSocket) => "opens the connection",
        None => "passes the request on to the back end, with the context",
        Some(401) if kind == Some(ApiKind::AppSync) => {
            "401 UnauthorizedException: You are not authorized to make this call."
        }
        Some(401) => r#"401 {"message":"Unauthorized"}"#,
        Some(403) if is_http => r#"403 {"message":"Forbidden"}"#,
        Some(403) => {
            r#"403 {"message":"User is not authorized to access this resource with an explicit deny"}"#
        }
        Some(_) if is_http => r#"500 {"message":"Internal Server Error"}"#,
        Some(_) => r#"500 {"message":null}"#,
    };
    (status, what.to_owned())
}

/// How long an answer is kept, and for what.
fn cache(config: &Config, kind: Option<ApiKind>, verdict: &Verdict, answer: &Value) -> String {
    match verdict.answer() {
        Answer::Unauthorized | Answer::Failure(_) => {
            "an error is never cached: the next request is decided anew".to_owned()
        }
        Answer::Reply(Reply::Policy(_)) if kind == Some(ApiKind::WebSocket) => {
            "nothing is asked again as long as the connection is open".to_owned()
        }
        Answer::Reply(Reply::Policy(_)) if config.reply.scope == PolicyScope::Request => {
            "the policy is for this request alone (`policy = \"request\"`): the authorizer's TTL must \
             be 0"
                .to_owned()
        }
        Answer::Reply(Reply::Policy(_)) => {
            "until the authorizer's TTL is over, the policy answers for every route".to_owned()
        }
        Answer::Reply(Reply::Simple(_)) => {
            "until the authorizer's TTL is over, the same answer for the same identity sources"
                .to_owned()
        }
        Answer::Reply(Reply::GraphQl(_)) => {
            let seconds = answer.get("ttlOverride").and_then(Value::as_u64);
            let seconds = seconds.unwrap_or_default();
            match seconds {
                0 => "not at all".to_owned(),
                seconds => format!("for {seconds} seconds at most, where the API caches answers"),
            }
        }
    }
}

/// A cached policy, and whom it was made for.
struct Cached<'c> {
    policy: &'c PolicyDocument,
    arn: &'c MethodArn,
    scope: PolicyScope,
    policies: Policies,
    claims: Option<&'c Claims>,
    otherwise: Option<DenyReason>,
}

impl Cached<'_> {
    fn call(&self, call: &Call) -> Later {
        let arn = call.method_arn(self.arn.stage_arn());
        let (cached, decided) = match &arn {
            Some(arn) => self.ask(arn),
            // The authorizer is not asked while the policy is cached, and the policy names no
            // such path: API Gateway takes it as it is.
            None => ("unknown", DenyReason::InvalidPath.as_str()),
        };
        Later {
            route: None,
            request: call.to_string(),
            cached,
            decided,
        }
    }

    /// What the cached policy says of a request, and what the authorizer would say.
    fn ask(&self, arn: &MethodArn) -> (&'static str, &'static str) {
        let arn = &match self.arn.trailing_slash() {
            TrailingSlash::Ignored => arn.clone().of_rest_api(),
            TrailingSlash::Significant => arn.clone(),
        };
        let cached = match self.policy.evaluate(arn) {
            Evaluation::Allow => "allow",
            Evaluation::ExplicitDeny | Evaluation::ImplicitDeny => "deny",
        };
        let refused = match self.claims {
            Some(claims) => {
                let decision = decide(self.policies.rules(), claims, &arn.into());
                match self.policies.express(self.scope, claims, arn, decision) {
                    Decision::Allow(_) => None,
                    Decision::Deny(refusal) => Some(refusal.reason()),
                }
            }
            None => self.otherwise,
        };
        (cached, refused.map_or("granted", DenyReason::as_str))
    }

    /// An example of each route. A route of several verbs has one for each only if they differ.
    fn table(&self, table: &RouteTable) -> Vec<Later> {
        let mut later: Vec<Later> = Vec::new();
        for route in table.routes() {
            let mut of_route: Vec<Later> = Vec::new();
            for verb in Verb::ALL {
                let Some((path, (cached, decided))) = self.example(table, route, verb) else {
                    continue;
                };
                let is_told = of_route
                    .iter()
                    .any(|told| (told.cached, told.decided) == (cached, decided));
                if !is_told {
                    of_route.push(Later {
                        route: Some(route.name().to_owned()),
                        request: format!("{} {path}", verb.name()),
                        cached,
                        decided,
                    });
                }
            }
            later.extend(of_route);
        }
        later
    }

    /// A request of this verb that is for the route: a bound parameter has the value that the
    /// token gives it, any other is its own name.
    fn example(
        &self,
        table: &RouteTable,
        route: &Route,
        verb: Verb,
    ) -> Option<(String, (&'static str, &'static str))> {
        if route.verb().is_some_and(|own| own != verb) {
            return None;
        }
        let pattern = route.path();
        let bind = &route.requirements().all.bind;
        let value = |segment: &str| -> String {
            let param = segment.trim_start_matches('{').trim_end_matches(['}', '+']);
            let claim = bind.iter().find(|(own, _)| own == param);
            let claim = claim.and_then(|(_, claim)| self.claims?.text(claim));
            claim.unwrap_or(param).to_owned()
        };
        let segments: Vec<String> = pattern
            .split('/')
            .skip(1)
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                if segment.starts_with('{') {
                    value(segment)
                } else {
                    segment.to_owned()
                }
            })
            .collect();
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        let candidates = table.candidates(verb, &names);
        let is_one = candidates.iter().any(|found| found.name() == route.name());
        let path = format!("/{}", names.join("/"));
        let arn = format!("{}/{}{path}", self.arn.stage_arn(), verb.name());
        let arn = MethodArn::parse(&arn).ok()?;
        is_one.then(|| (path, self.ask(&arn)))
    }
}
