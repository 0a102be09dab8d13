//! What real issuers, clients and gateways send is answered as it should be. The cases are data, a
//! file of `genuine/` for each kind of them; each has a function of its own and goes through the
//! whole of it.
//!
//! A case has a `name` and says `why` it is genuine. Whatever else it leaves out is that of an
//! issuer with one RSA key, and of a token that may `GET /books`:
//!
//! | member | what it is | without it |
//! |---|---|---|
//! | `provider` | whose tokens: `openid` or `cognito` | `openid` |
//! | `first`, `issuer`, `routes` | TOML: before the first table, in the issuer's, after it | none; none; [`ROUTES`] |
//! | `keys` | the issuer's keys: `key` names a pair, the rest are members of its JWK, or replace them | one of `rsa` |
//! | `key_set` | the text of the key set, with `{keys}` for the array | `{"keys": {keys}}` |
//! | `asks` | the requests, one after the other | |
//!
//! A request has `expect`, the verdict's reason; `key`, the pair that signs; `header` and `claims`,
//! which are added to those of a good token; `without`, the claims that it lacks; `event`, in which
//! `{token}` is the token; and `then`, what the answer's policy says of later requests.
//!
//! In claims and keys `{"now": n}` is a time in seconds from now, `{"many": n, "entry": x}` so many
//! entries of the array that it stands in, and `{"many": n, "members": {…}}` an object of so many times
//! these members; each copy has its number in the place of `{}`.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use cognito_authorizer::reason::{DenyReason, Outcome};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::invocation;
use crate::policy::iam::{Evaluation, Policy};
use crate::support::authorizer::{STAGE, token_event};
use crate::support::keys::{ED25519, OTHER_RSA, P256, P384, RSA, SigningKey};
use crate::support::runtime_api::{Function, Posted};
use crate::support::scratch::ScratchFile;
use crate::support::token::{CLIENT, ISSUER, POOL, Token};

const ROUTES: &str = "[[routes]]\nroute = \"GET /books\"\nscopes = [\"books/read\"]\n";

/// API Gateway passes so many bytes of headers, names included ("Amazon API Gateway quotas").
const MOST_HEADERS: usize = 10_240;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    why: String,
    #[serde(default)]
    provider: Provider,
    #[serde(default)]
    first: String,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    routes: Option<String>,
    #[serde(default)]
    keys: Option<Value>,
    #[serde(default)]
    key_set: Option<String>,
    asks: Vec<Ask>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Provider {
    #[default]
    Openid,
    Cognito,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    expect: String,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    header: Map<String, Value>,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    event: Option<Value>,
    #[serde(default)]
    then: Map<String, Value>,
}

#[test]
fn what_is_genuine_is_answered_as_it_should_be() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/binary/genuine");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
        for case in cases {
            assert!(!case.why.is_empty(), "{}", case.name);
            wrong.extend(case.wrong_answers());
            count += case.asks.len();
        }
    }
    assert!(count > 0, "there are cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Case {
    fn wrong_answers(&self) -> Vec<String> {
        let events: Vec<Value> = self.asks.iter().map(|ask| self.event(ask)).collect();
        let run = self.function().run(events.iter().map(invocation));
        if run.posted.len() != self.asks.len() {
            return vec![format!("{}: does not answer: {}", self.name, run.stdout)];
        }
        let mut wrong = Vec::new();
        let answers = run.posted.iter().zip(run.verdicts());
        for ((ask, event), (posted, line)) in self.asks.iter().zip(&events).zip(answers) {
            let mut differs = |what: &str, found: String, expected: &str| {
                if found != expected {
                    let of = wrong.len() + 1;
                    wrong.push(format!(
                        "{}: {what} is {found}, not {expected} ({of})",
                        self.name
                    ));
                }
            };
            let reason = line["reason"].as_str().unwrap_or_default().to_owned();
            differs("the reason", reason, &ask.expect);
            differs("the answer", answer(posted, event), outcome(&ask.expect));
            for (request, expected) in &ask.then {
                let arn = format!("{STAGE}/{}", request.replacen(" /", "/", 1));
                differs(request, evaluate(posted, &arn), expected.as_str().unwrap());
            }
        }
        wrong
    }

    fn function(&self) -> Function {
        let keys = match &self.keys {
            Some(keys) => full(keys),
            None => json!([{"key": "rsa", "kid": "k", "alg": "RS256", "use": "sig"}]),
        };
        let keys: Vec<Value> = keys.as_array().unwrap().iter().map(jwk).collect();
        let template = self.key_set.as_deref().unwrap_or(r#"{"keys": {keys}}"#);
        let file = ScratchFile::new(
            "jwks.json",
            template.replace("{keys}", &json!(keys).to_string()),
        );
        let issuer = match self.provider {
            Provider::Openid => {
                "issuer = \"https://id.example.com/\"\naudiences = [\"https://api.example.com\"]"
                    .to_owned()
            }
            Provider::Cognito => format!("user_pool_id = \"{POOL}\"\nclient_ids = [\"{CLIENT}\"]"),
        };
        let config = [
            self.first.as_str(),
            "[[issuers]]",
            &issuer,
            &format!("jwks_file = {}", json!(file.path())),
            "jwks_refresh = \"never\"",
            self.issuer.as_str(),
            self.routes.as_deref().unwrap_or(ROUTES),
        ];
        Function::new(&config.join("\n")).file(file)
    }

    fn event(&self, ask: &Ask) -> Value {
        let mut header = json!({"kid": "k", "alg": "RS256"});
        header.as_object_mut().unwrap().extend(ask.header.clone());
        let mut claims = full(&match self.provider {
            Provider::Openid => json!({
                "iss": "https://id.example.com/", "aud": "https://api.example.com", "sub": "u1",
                "scope": "books/read", "iat": {"now": -60}, "exp": {"now": 3600},
            }),
            Provider::Cognito => json!({
                "sub": "0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88", "iss": ISSUER, "client_id": CLIENT,
                "token_use": "access", "scope": "books/read", "auth_time": {"now": -60},
                "iat": {"now": -60}, "exp": {"now": 3600}, "jti": "j", "username": "ann",
                "version": 2, "origin_jti": "o", "event_id": "e",
            }),
        });
        for (name, value) in &ask.claims {
            claims[name] = full(value);
        }
        for name in &ask.without {
            let removed = claims.as_object_mut().unwrap().remove(name);
            assert!(removed.is_some(), "{}: no `{name}`", self.name);
        }
        let key = key(ask.key.as_deref().unwrap_or("rsa"));
        let token = Token { header, claims }.sign_with(key);
        let length = "Authorization: Bearer ".len() + token.len();
        assert!(
            length <= MOST_HEADERS,
            "{}: {length} bytes of headers are never delivered",
            self.name
        );
        match &ask.event {
            None => token_event(&token, "GET", "/books"),
            Some(event) => {
                let text = event.to_string().replace("{token}", &token);
                serde_json::from_str(&text).unwrap()
            }
        }
    }
}

/// What the outcome of a verdict for this reason makes of the request.
fn outcome(reason: &str) -> &'static str {
    let mut reasons = DenyReason::ALL.iter();
    let reason = reasons.find(|own| own.as_str() == reason);
    match reason.map_or(Outcome::Allow, |own| own.outcome()) {
        Outcome::Allow => "allow",
        Outcome::Deny => "deny",
        Outcome::Unauthorized => "unauthorized",
        Outcome::Error => "error",
    }
}

/// What API Gateway, or AppSync, makes of an answer.
fn answer(posted: &Posted, event: &Value) -> String {
    let body: Value = serde_json::from_str(&posted.body).unwrap();
    if posted.to == "error" {
        let is_unauthorized = body["errorMessage"] == "Unauthorized";
        let answer = if is_unauthorized {
            "unauthorized"
        } else {
            "error"
        };
        return answer.to_owned();
    }
    let arn = event.get("methodArn").or_else(|| event.get("routeArn"));
    match (body["isAuthorized"].as_bool(), arn.and_then(Value::as_str)) {
        (Some(true), _) => "allow".to_owned(),
        // AppSync has no other answer for a request without a valid token.
        (Some(false), None) if body["resolverContext"]["error"] == "invalid_token" => {
            "unauthorized".to_owned()
        }
        (Some(false), _) => "deny".to_owned(),
        (None, arn) => evaluate(posted, arn.unwrap()),
    }
}

/// What the policy of an answer says of a request.
fn evaluate(posted: &Posted, arn: &str) -> String {
    let body: Value = serde_json::from_str(&posted.body).unwrap();
    let Some(document) = body.get("policyDocument") else {
        return "no policy".to_owned();
    };
    let evaluation = Policy::read(document).evaluate(arn);
    let word = match evaluation {
        Evaluation::Allow => "allow",
        Evaluation::ExplicitDeny => "deny",
        Evaluation::ImplicitDeny => "silence",
    };
    word.to_owned()
}

/// An entry of a key set: the members of the public key, then those of the row.
fn jwk(entry: &Value) -> Value {
    let mut members = entry.as_object().unwrap().clone();
    let Some(name) = members.remove("key") else {
        return entry.clone();
    };
    let mut jwk = key(name.as_str().unwrap()).jwk("", None);
    let own = jwk.as_object_mut().unwrap();
    own.remove("kid");
    own.remove("use");
    own.extend(members);
    jwk
}

fn key(name: &str) -> &'static SigningKey {
    static OTHER_P256: LazyLock<SigningKey> = LazyLock::new(|| {
        SigningKey::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    });
    match name {
        "rsa" => &RSA,
        "other_rsa" => &OTHER_RSA,
        "p256" => &P256,
        "other_p256" => &OTHER_P256,
        "p384" => &P384,
        "ed25519" => &ED25519,
        other => panic!("no key is called {other}"),
    }
}

/// A value with its times, and with as many copies as it asks for.
fn full(value: &Value) -> Value {
    match value {
        Value::Object(members) if members.keys().eq(["now"]) => {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let now = i64::try_from(since_epoch.as_secs()).unwrap();
            json!(now + members["now"].as_i64().unwrap())
        }
        Value::Object(members) if members.keys().eq(["many", "members"]) => {
            let copies = copies(&members["many"], &members["members"]);
            let members = |copy: Value| copy.as_object().unwrap().clone();
            Value::Object(copies.flat_map(members).collect())
        }
        Value::Object(members) => {
            let full = |(name, value): (&String, &Value)| (name.clone(), full(value));
            Value::Object(members.iter().map(full).collect())
        }
        Value::Array(entries) => {
            let full = |entry: &Value| match entry.as_object() {
                Some(members) if members.keys().eq(["entry", "many"]) => {
                    copies(&members["many"], &members["entry"]).collect()
                }
                _ => vec![full(entry)],
            };
            Value::Array(entries.iter().flat_map(full).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn copies(many: &Value, template: &Value) -> impl Iterator<Item = Value> {
    let template = full(template).to_string();
    (0..many.as_u64().unwrap()).map(move |at| {
        let copy = template.replace("{}", &at.to_string());
        serde_json::from_str(&copy).unwrap()
    })
}
