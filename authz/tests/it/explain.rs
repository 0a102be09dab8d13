//! `authz explain`: that it says what the authorizer says, where it failed and why, and nothing of
//! the token.

use std::collections::BTreeMap;
use std::process::Output;

use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::{Authorizer, Config};
use serde_json::{Value, json};

use crate::check::{KeyServer, closed_uri};
use crate::keys::{OTHER_RSA, RSA, jwks};
use crate::sample::{AT, events, read, root, run, stderr, stdout};
use crate::scratch::ScratchFile;
use crate::token::{CLIENT, ISSUER, KID, NOW, Token};

const STEPS: [&str; 8] = [
    "event",
    "token",
    "issuer",
    "jwks",
    "signature",
    "claims",
    "decision",
    "reply",
];

/// The step at which a request is refused for a reason, in the samples.
fn step_of(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "granted" => return None,
        "invalid_event" | "invalid_path" => "event",
        "missing_token" | "malformed_token" => "token",
        "unknown_issuer" => "issuer",
        "unknown_key" | "jwks_unavailable" => "jwks",
        "invalid_signature" | "unsupported_algorithm" => "signature",
        "insufficient_scope" | "not_in_group" | "not_bound" | "no_matching_route" => "decision",
        _ => "claims",
    })
}

/// The explanation of a good run as a program reads it.
#[track_caller]
fn explained(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

/// The step that refused the request and why; that those before passed and those after were not
/// reached.
#[track_caller]
fn refused_at(explanation: &Value) -> Option<(String, String)> {
    let mut refused = None;
    let steps = explanation["steps"].as_array().unwrap();
    assert_eq!(steps.len(), STEPS.len());
    for (step, name) in steps.iter().zip(STEPS) {
        assert_eq!(step["step"], name);
        let why: Vec<&str> = step["why"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        match step["outcome"].as_str().unwrap() {
            "passed" => {
                let is_reply = name == "reply" && refused_in(&refused, "decision");
                assert!(refused.is_none() || is_reply, "{explanation:#}");
                assert!(why.is_empty(), "{explanation:#}");
            }
            "failed" => {
                assert!(refused.is_none() && !why.is_empty(), "{explanation:#}");
                assert!(why.iter().all(|line| !line.is_empty()), "{explanation:#}");
                refused = Some((name.to_owned(), why.join("; ")));
            }
            "not_reached" => assert!(refused.is_some(), "{explanation:#}"),
            other => panic!("{other}"),
        }
    }
    refused
}

fn refused_in(refused: &Option<(String, String)>, step: &str) -> bool {
    refused.as_ref().is_some_and(|(name, _)| name == step)
}

/// Outcome and reason of each sample, as the page beside them says.
fn documented() -> BTreeMap<String, (String, String)> {
    let page = read("events/README.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let answer = (cells[2].to_owned(), cells[3].to_owned());
        (cells[1].trim_matches('`').to_owned(), answer)
    })
    .collect()
}

/// Every part of every token that an event holds, wherever it is.
fn secrets(event: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let words = event.split(|c| !is_part(c));
    let tokens = words.filter(|word| word.starts_with("eyJ"));
    let parts = tokens.flat_map(|token| token.split('.'));
    parts
        .filter(|part| part.len() > 10)
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn check_no_secret_told(output: &Output, event: &str) {
    let told = stdout(output) + &stderr(output);
    for secret in secrets(event) {
        assert!(!told.contains(&secret), "{secret} is told: {told}");
    }
}

#[test]
fn each_sample_is_explained_as_documented() {
    let documented = documented();
    assert_eq!(documented.len(), events().len());
    for name in events() {
        let file = format!("events/{name}");
        let config = "events/authorizer.toml";
        let asked = ["explain", "--config", config, "--event", &file, "--at", AT];
        let text = run(&asked, &[], "");
        let output = run(&[&asked[..], &["--format", "json"]].concat(), &[], "");
        let explanation = explained(&output);
        let (outcome, reason) = &documented[&name];
        assert_eq!(explanation["outcome"], **outcome, "{name}");
        assert_eq!(explanation["reason"], **reason, "{name}");
        let refused = refused_at(&explanation).map(|(step, _)| step);
        assert_eq!(refused.as_deref(), step_of(reason), "{name}");
        for output in [&text, &output] {
            let allowed = outcome == "allow";
            assert_eq!(output.status.code(), Some(i32::from(!allowed)), "{name}");
            assert_eq!(stderr(output), "", "{name}");
            check_no_secret_told(output, &read(&file));
        }
        let verdict = format!("verdict  {outcome}, {reason}  at 2026-11-22T19:01:27.000Z");
        assert!(
            stdout(&text).contains(&verdict),
            "{name}: {}",
            stdout(&text)
        );
        assert!(
            !stdout(&text).contains('\u{1b}'),
            "colours are for terminals"
        );
    }
}

/// No network: the keys of the samples are in a file.
struct NoNetwork;

impl FetchJwks for NoNetwork {
    async fn fetch(&self, _uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Timeout)
    }
}

/// The answer of the library itself.
fn answered(config: &str, event: &str) -> (String, String, Value) {
    use cognito_authorizer::verdict::Answer;
    let config = Config::from_toml(config).unwrap();
    let read_file = |path: &str| std::fs::read(root().join(path));
    let authorizer = Authorizer::new(config, NoNetwork, read_file).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let now = Timestamp::from_seconds(1_795_374_087);
    let verdict = runtime.block_on(authorizer.authorize(event, now));
    let outcome = verdict.outcome().as_str().to_owned();
    let reason = verdict.reason().map_or("granted", DenyReason::as_str);
    let answer = match verdict.answer() {
        Answer::Reply(reply) => json!(reply),
        Answer::Unauthorized => json!({"error": "Unauthorized"}),
        Answer::Failure(reason) => json!({"error": reason.as_str()}),
    };
    (outcome, reason.to_owned(), answer)
}

#[test]
fn an_explanation_is_the_authorizers_own() {
    let keys = root().join("events/jwks.json");
    let sample = read("events/authorizer.toml").replace("jwks.json", keys.to_str().unwrap());
    for first in [
        "unauthorized = \"deny\"",
        "policy = \"request\"\nhttp_api_response = \"simple\"",
        "required_scopes = [\"books/write\"]",
        "leeway_seconds = 120\n[context]\nclaims = [\"auth_time\"]",
    ] {
        let config = match first.split_once("\n[") {
            Some((keys, table)) => format!("{keys}\n{sample}\n[{table}"),
            None => format!("{first}\n{sample}"),
        };
        let file = ScratchFile::new("authorizer.toml", &config);
        for name in events() {
            let event = format!("events/{name}");
            let asked = ["explain", "--config", file.path(), "--event", &event];
            let more = ["--at", "1795374087", "--format", "json"];
            let explanation = explained(&run(&[&asked[..], &more].concat(), &[], ""));
            let (outcome, reason, answer) = answered(&config, &read(&event));
            assert_eq!(explanation["outcome"], outcome, "{first}: {name}");
            assert_eq!(explanation["reason"], reason, "{first}: {name}");
            assert_eq!(explanation["gateway"]["answer"], answer, "{first}: {name}");
            let refused = refused_at(&explanation).map(|(step, _)| step);
            assert_eq!(refused.as_deref(), step_of(&reason), "{first}: {name}");
        }
    }
}

/// An issuer whose key is in a file, and routes.
struct Setting {
    config: ScratchFile,
    _keys: ScratchFile,
}

impl Setting {
    fn new(first: &str, more: &str) -> Self {
        let set = jwks(&[RSA.jwk(KID, Some("RS256"))]);
        let keys = ScratchFile::new("jwks.json", set);
        let config = format!(
            "{first}\n[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\n\
             client_ids = [\"{CLIENT}\"]\njwks_file = {}\njwks_refresh = \"never\"\n{more}",
            json!(keys.path())
        );
        Self {
            config: ScratchFile::new("authorizer.toml", &config),
            _keys: keys,
        }
    }

    /// The explanation of a call with a token, which comes from standard input.
    #[track_caller]
    fn explain(&self, token: &str, more: &[&str]) -> Value {
        let at = NOW.to_string();
        let asked = ["explain", "--config", self.config.path(), "--token", "-"];
        let format = ["--at", &at, "--format", "json"];
        let output = run(&[&asked, more, &format[..]].concat(), &[], token);
        check_no_secret_told(&output, token);
        explained(&output)
    }

    /// Why a call is refused.
    #[track_caller]
    fn why(&self, token: &str, request: &str) -> String {
        let explanation = self.explain(token, &["--request", request]);
        let (step, why) = refused_at(&explanation).expect("a refusal");
        let reason = explanation["reason"].as_str().unwrap();
        format!("{step}, {reason}: {why}")
    }
}

#[test]
fn what_is_wrong_with_a_token_is_told() {
    let setting = Setting::new("", "");
    let good = Token::access();
    let signed = good.sign();
    let (head, signature) = signed.rsplit_once('.').unwrap();
    for (token, expected) in [
        (
            String::new(),
            "token, missing_token: there is no credential in `authorizationToken`",
        ),
        (
            "opaque".to_owned(),
            "token, malformed_token: it is not three parts joined by dots; it may be opaque, \
             encrypted or cut off",
        ),
        (
            format!("{signed}.x.y"),
            "token, malformed_token: it is not three parts joined by dots; it may be opaque, \
             encrypted or cut off",
        ),
        (
            format!("{head}."),
            "token, malformed_token: its signature is empty or not canonical base64url without padding",
        ),
        (
            format!("bm8.{signature}.{signature}"),
            "token, malformed_token: its header is not one strict JSON object",
        ),
        (
            good.clone().header("crit", json!([])).sign(),
            "token, malformed_token: its header has the member `crit`, which no token may have",
        ),
        (
            good.clone().header("kid", "").sign(),
            "token, malformed_token: its header's `kid` is missing, empty or no text",
        ),
        (
            good.clone().header("kid", "k".repeat(257)).sign(),
            "token, unknown_key: its header's `kid` is longer than 256 bytes, so no key has it",
        ),
        (
            crate::token::sign_text("{\"alg\":\"HS256\",\"kid\":\"a\"}", "{}", "RS256", &RSA),
            "token, unsupported_algorithm: its header's `alg` is none that can be configured",
        ),
        (
            format!("{signed} {signed}"),
            "token, malformed_token: `authorizationToken` must hold one credential: `Bearer`, one \
             space and the token",
        ),
        (
            good.clone().claim("iss", format!("{ISSUER}/")).sign(),
            "issuer, unknown_issuer: its iss is \
             `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/`; the configuration \
             has `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123` and \
             `https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123`",
        ),
        (
            good.clone().without("iss").sign(),
            "issuer, unknown_issuer: its iss is absent; the configuration has \
             `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123` and \
             `https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123`",
        ),
        (
            good.clone().header("kid", "key-\u{1b}[2J2").sign(),
            "jwks, unknown_key: its kid is `key-\\u{1b}[2J2`; jwks_file: `key-1`: RSA 2048 bits, \
             verifies RS256",
        ),
        (
            good.clone().header("alg", "RS512").sign(),
            "signature, unsupported_algorithm: its alg is `RS512`, and `algorithms` allows `RS256`",
        ),
        (
            crate::token::sign_text(
                &good.header.to_string(),
                &format!("{{\"iss\":\"{ISSUER}\",\"sub\":\"a\",\"sub\":\"b\"}}"),
                "RS256",
                &RSA,
            ),
            "signature, malformed_token: it is that key's, over this token, but its payload is not one \
             strict JSON object",
        ),
        (
            good.sign_with(&OTHER_RSA),
            "signature, invalid_signature: alg `RS256`, key RSA 2048 bits for RS256; it is not that \
             key's over this token, which was changed, or signed by another",
        ),
    ] {
        assert_eq!(setting.why(&token, "GET /books"), expected);
    }
}

#[test]
fn an_algorithm_that_is_not_the_keys_is_told() {
    let setting = Setting::new("", "algorithms = [\"RS256\", \"RS512\", \"ES256\"]");
    for alg in ["RS512", "ES256"] {
        let token = crate::token::sign_text(
            &json!({"alg": alg, "kid": KID}).to_string(),
            &json!({"iss": ISSUER}).to_string(),
            "RS512",
            &RSA,
        );
        let expected = format!(
            "signature, unsupported_algorithm: its alg is `{alg}`, and the key is RSA 2048 bits for RS256"
        );
        assert_eq!(setting.why(&token, "GET /books"), expected);
    }
}

#[test]
fn every_broken_claim_is_told() {
    let setting = Setting::new("leeway_seconds = 1", "audiences = [\"https://a.example\"]");
    let token = Token::access().claim("aud", "https://a.example");
    for (token, expected) in [
        (
            token.clone().claim("exp", NOW - 1),
            "claims, token_expired: token_expired: exp is 2033-05-18T03:33:19.000Z, and must be after \
             2033-05-18T03:33:19.000Z",
        ),
        (
            token.clone().without("exp").claim("nbf", NOW + 2),
            "claims, invalid_claims: invalid_claims: exp is absent, and must be after \
             2033-05-18T03:33:19.000Z; token_not_yet_valid: nbf is 2033-05-18T03:33:22.000Z, and must \
             not be after 2033-05-18T03:33:21.000Z",
        ),
        (
            token.clone().claim("iat", "now"),
            "claims, invalid_claims: invalid_claims: iat is `now`, and must not be after \
             2033-05-18T03:33:21.000Z",
        ),
        (
            token
                .clone()
                .header("typ", "dpop+jwt")
                .claim("token_use", "id"),
            "claims, wrong_token_use: wrong_token_use: typ of the header is `dpop+jwt`, and must be \
             absent, `JWT` or `at+jwt`; wrong_token_use: token_use is `id`, and must be `access`",
        ),
        (
            token
                .clone()
                .without("client_id")
                .claim("aud", json!(["b", "c"])),
            "claims, wrong_client: wrong_client: client_id is absent, and must be \
             `1example23456789clientid`; wrong_audience: aud is `[\"b\",\"c\"]`, and must be \
             `https://a.example`",
        ),
        (
            token.clone().claim("sub", 5),
            "claims, invalid_claims: invalid_claims: sub is `5`, and must be a text",
        ),
        (
            token.clone().claim("cnf", json!({"jkt": "k"})),
            "claims, proof_missing: proof_missing: cnf is `{\"jkt\":\"k\"}`, and must be absent from a \
             bearer token: it binds the token to a key",
        ),
        (
            token.clone().claim("aud", 5),
            "claims, invalid_claims: invalid_claims: aud is `5`, and must be `https://a.example`",
        ),
    ] {
        assert_eq!(setting.why(&token.sign(), "GET /books"), expected);
    }
}

const ROUTES: &str = r#"
[[routes]]
route = "GET /books"
scopes = ["openid", "books/read", "books/list"]
[[routes]]
route = "POST /books"
any_scope = ["books/write", "books/admin"]
any_group = ["editors"]
[[routes]]
route = "PUT /books/{id}"
any_of = [["books/write", "openid"], ["books/admin", "phone"]]
[[routes]]
route = "DELETE /books/{id}"
any_of = "nobody"
[[routes]]
route = "GET /users/{id}/loans"
bind = { id = "sub" }
[[routes]]
route = "GET /tenants/{tenant}"
bind = { tenant = "custom:tenant" }
[[routes]]
route = "ANY /staff/{proxy+}"
any_group = ["staff"]
"#;

#[test]
fn what_a_token_lacks_is_told() {
    let setting = Setting::new("", ROUTES);
    let token = Token::access();
    let editor = token.clone().claim("cognito:groups", json!(["editors"]));
    for (token, request, expected) in [
        (
            &token,
            "GET /books",
            "insufficient_scope: `GET /books` needs the scopes `openid`, `books/read` and `books/list`; \
             it lacks the scope `books/list`",
        ),
        (
            &token,
            "POST /books",
            "insufficient_scope: `POST /books` needs one of the scopes `books/write` or `books/admin`, \
             the group `editors`; it has none of the scopes `books/write` or `books/admin`; it is not \
             in the group `editors`",
        ),
        (
            &editor,
            "POST /books",
            "insufficient_scope: `POST /books` needs one of the scopes `books/write` or `books/admin`, \
             the group `editors`; it has none of the scopes `books/write` or `books/admin`",
        ),
        (
            &token,
            "PUT /books/1",
            "insufficient_scope: `PUT /books/{id}` needs the scopes `books/write` and `openid`, or \
             `books/admin` and `phone`; it lacks `books/write`, or else `books/admin` and `phone`",
        ),
        (
            &token,
            "DELETE /books/1",
            "insufficient_scope: `DELETE /books/{id}` needs what no token has: it is refused to \
             everybody",
        ),
        (
            &token,
            "GET /users/bob/loans",
            "not_bound: `GET /users/{id}/loans` needs `{id}` to be the claim `sub`; `{id}` is `bob`, \
             and its claim `sub` is `0b1f6a4e-9c2d-4e7a-8f35-6d2c1b0a9e88`",
        ),
        (
            &token,
            "GET /tenants/1",
            "not_bound: `GET /tenants/{tenant}` needs `{tenant}` to be the claim `custom:tenant`; it \
             has no claim `custom:tenant` that `{tenant}` could be",
        ),
        (
            &token,
            "PATCH /staff/1/2",
            "not_in_group: `ANY /staff/{proxy+}` needs the group `staff`; it is not in the group \
             `staff`",
        ),
        (
            &token,
            "PATCH /books",
            "no_matching_route: no route of the table is for `PATCH /books`; for that path it has \
             `GET /books` and `POST /books`",
        ),
        (
            &token,
            "GET /nowhere",
            "no_matching_route: no route of the table is for `GET /nowhere`",
        ),
    ] {
        let why = setting.why(&token.sign(), request);
        assert_eq!(why, format!("decision, {expected}"));
    }
    let odd = token.clone().claim("custom:tenant", "a$b").sign();
    assert_eq!(
        setting.why(&odd, "GET /tenants/a$b"),
        "decision, not_bound: `GET /tenants/{tenant}` needs `{tenant}` to be the claim \
         `custom:tenant`; its claim `custom:tenant` is `a$b`, which no policy can name, so no \
         `{tenant}` matches it"
    );
    let setting = Setting::new("required_scopes = [\"openid\", \"phone\"]", "");
    assert_eq!(
        setting.why(&token.sign(), "GET /books"),
        "decision, insufficient_scope: every route needs `phone` of `required_scopes`, which it lacks"
    );
}

/// A call of `$default` is open to the token, and a policy for it would open what is closed.
#[test]
fn what_no_policy_can_say_is_told() {
    let routes = "[[routes]]\nroute = \"$default\"\n[[routes]]\nroute = \"POST /books\"\n\
                  scopes = [\"phone\"]\n";
    let setting = Setting::new("", routes);
    let event = json!({
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/$default/$default",
        "httpMethod": "GET",
        "path": "/books",
        "headers": {"Authorization": format!("Bearer {}", Token::access().sign())},
        "requestContext": {
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
        },
    });
    let at = NOW.to_string();
    let asked = ["explain", "--config", setting.config.path(), "--event", "-"];
    let output = run(
        &[&asked[..], &["--at", &at, "--format", "json"]].concat(),
        &[],
        &event.to_string(),
    );
    let (step, why) = refused_at(&explained(&output)).expect("a refusal");
    assert_eq!(
        format!("{step}: {why}"),
        "decision: `$default` is open to it, but the policy that API Gateway caches could not tell \
         this call from others that are closed"
    );
}

/// Later requests with the same token: name, cached, decided.
fn later(explanation: &Value) -> Vec<(String, String, String)> {
    let rows = explanation["gateway"]["later"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let name = match row["route"].as_str() {
                Some(route) => format!("{route} as {}", text("request")),
                None => text("request"),
            };
            (name, text("cached"), text("decided"))
        })
        .collect()
}

#[test]
fn the_cache_is_told_where_it_differs() {
    let setting = Setting::new(
        "",
        "[[routes]]\nroute = \"GET /{proxy+}\"\n[[routes]]\nroute = \"GET /a/{id}\"\n\
         scopes = [\"phone\"]\n",
    );
    let token = Token::access().sign();
    let then = [
        "--then",
        "GET /b",
        "--then",
        "GET /a/1/2",
        "--then",
        "GET /a//1",
    ];
    let call = ["--request", "GET /a/1"];
    let explanation = setting.explain(&token, &[&call[..], &then].concat());
    let expected = [
        ("GET /b", "allow", "granted"),
        ("GET /a/1/2", "deny", "granted"),
        ("GET /a//1", "unknown", "invalid_path"),
        ("GET /{proxy+} as GET /proxy", "allow", "granted"),
        ("GET /a/{id} as GET /a/id", "deny", "insufficient_scope"),
    ];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    assert_eq!(later(&explanation), expected);
    assert_eq!(explanation["gateway"]["status"], 403);
}

#[test]
fn every_kind_of_api_can_be_called() {
    let sources = "token_sources = [\"query:token\", \"header:Authorization\"]";
    let routes = "[[routes]]\nroute = \"GET /books\"\n[[routes]]\nroute = \"$connect\"\n\
                  [[routes]]\nroute = \"Query.books\"\n";
    let setting = Setting::new(sources, routes);
    let token = Token::access().sign();
    for (api, call, told) in [
        (
            "rest-token",
            "GET /books",
            "from a REST API, authorizer of type TOKEN",
        ),
        (
            "rest-request",
            "GET /books",
            "from a REST API, authorizer of type REQUEST",
        ),
        (
            "http-1",
            "GET /books",
            "from an HTTP API, payload format 1.0",
        ),
        (
            "http-2",
            "GET /books",
            "from an HTTP API, payload format 2.0",
        ),
        ("websocket", "$connect", "from a WebSocket API"),
        (
            "appsync",
            "Query.books",
            "from a GraphQL API of AppSync, which does not say what is asked for",
        ),
    ] {
        let explanation = setting.explain(&token, &["--api", api, "--request", call]);
        assert_eq!(explanation["reason"], "granted", "{api}: {explanation:#}");
        assert_eq!(explanation["steps"][0]["found"][0], told);
    }
    for source in ["header:X-Token", "cookie:id", "subprotocol:bearer"] {
        let setting = Setting::new(&format!("token_sources = [\"{source}\"]"), routes);
        let explanation = setting.explain(&token, &["--api", "websocket"]);
        assert_eq!(explanation["reason"], "granted", "{source}");
        let explanation = setting.explain("", &["--api", "websocket"]);
        let refused = refused_at(&explanation).map(|(_, why)| why);
        let expected = format!(
            "there is no credential in `{}`",
            source.to_ascii_lowercase()
        );
        assert_eq!(refused, Some(expected));
    }
}

/// A made-up event writes the token as the first configured scheme does.
#[test]
fn the_configured_schemes_are_those_that_are_tried_and_told() {
    let routes = "[[routes]]\nroute = \"GET /books\"\n";
    for (schemes, sources, forms) in [
        ("\"none\"", "header:Authorization", "the token alone"),
        (
            "\"Token\", \"none\"",
            "header:Authorization",
            "`Token`, one space and the token, or the token alone",
        ),
        (
            "\"Token\"",
            "header:X-Token",
            "`Token`, one space and the token; outside of `Authorization`, after `Bearer` or \
             alone too",
        ),
    ] {
        let top = format!("authorization_schemes = [{schemes}]\ntoken_sources = [\"{sources}\"]\n");
        let setting = Setting::new(&top, routes);
        let token = Token::access().sign();
        let asked = ["--api", "rest-request", "--request", "GET /books"];
        let explanation = setting.explain(&token, &asked);
        assert_eq!(explanation["reason"], "granted", "{schemes}");
        let explanation = setting.explain(&format!("{token} {token}"), &asked);
        let (_, why) = refused_at(&explanation).unwrap();
        let place = sources.to_ascii_lowercase();
        let expected = format!("`{place}` must hold one credential: {forms}");
        assert_eq!(why, expected, "{schemes}");
    }
}

/// AppSync is told which fields are closed, and the field that was asked about is told of.
#[test]
fn a_field_of_a_graphql_api_can_be_asked_about() {
    let routes = "[[routes]]\nroute = \"Query.books\"\nscopes = [\"books/read\"]\n\
                  [[routes]]\nroute = \"Mutation.addBook\"\nscopes = [\"books/write\"]\n\
                  [[routes]]\nroute = \"Mutation.audit\"\nany_group = [\"admins\"]\n";
    let setting = Setting::new("", routes);
    let token = Token::access().sign();
    for (field, code, cached, decided) in [
        ("Query.books", 0, "allow", "granted"),
        ("Query.other", 0, "allow", "granted"),
        ("Mutation.addBook", 1, "deny", "insufficient_scope"),
        ("Mutation.audit", 1, "deny", "not_in_group"),
    ] {
        let at = NOW.to_string();
        let output = run(
            &[
                "explain",
                "--config",
                setting.config.path(),
                "--token",
                "-",
                "--api",
                "appsync",
                "--request",
                field,
                "--at",
                &at,
                "--format",
                "json",
            ],
            &[],
            &token,
        );
        let explanation = explained(&output);
        let row = (field.to_owned(), cached.to_owned(), decided.to_owned());
        assert_eq!(later(&explanation), [row]);
        assert_eq!(output.status.code(), Some(code), "{field}");
    }
}

#[test]
fn keys_are_fetched_and_their_want_is_told() {
    let served = KeyServer::of_keys(&[RSA.jwk(KID, None)]).uri;
    let good = Token::access();
    let other = good.clone().header("kid", "key-2");
    let no_connection = "no connection; check the URI and the route to the issuer: Connection refused \
                         (os error 111)";
    for (uri, more, token, expected) in [
        (&served, None, &good, None),
        (
            &served,
            None,
            &other,
            Some("its kid is `key-2`; jwks_uri: `key-1`: RSA 2048 bits, verifies RS256".to_owned()),
        ),
        (
            &served,
            Some("--offline"),
            &good,
            Some("its kid is `key-1`; jwks_uri: it was not asked (--offline)".to_owned()),
        ),
        (
            &closed_uri(),
            None,
            &good,
            Some(format!("its kid is `key-1`; jwks_uri: {no_connection}")),
        ),
    ] {
        let config = format!(
            "[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = \"any\"\n\
             jwks_uri = \"{uri}\"\n"
        );
        let config = ScratchFile::new("authorizer.toml", &config);
        let asked = ["explain", "--config", config.path(), "--token", "-"];
        let call = ["--request", "GET /books", "--at", "2000000000"];
        let format = ["--format", "json"];
        let more: Vec<&str> = more.into_iter().collect();
        let asked = [&asked[..], &call, &format, &more].concat();
        let explanation = explained(&run(&asked, &[], &token.sign()));
        let refused = refused_at(&explanation);
        assert!(
            refused.is_none() || refused_in(&refused, "jwks"),
            "{refused:?}"
        );
        assert_eq!(refused.map(|(_, why)| why), expected);
    }
}

/// Whichever way a file holds the token.
#[test]
fn a_token_is_found_in_its_file() {
    let setting = Setting::new("", "");
    let token = Token::access().sign();
    for text in [
        format!("{token}\n"),
        format!("Bearer {token}\r\n"),
        json!({"access_token": token, "token_type": "Bearer"}).to_string(),
    ] {
        let explanation = setting.explain(&text, &["--request", "GET /books"]);
        assert_eq!(explanation["reason"], "granted");
    }
    let file = ScratchFile::new("token.txt", &token);
    let asked = [
        "explain",
        "--config",
        setting.config.path(),
        "--at",
        "2000000000",
    ];
    let call = ["--token", file.path(), "--request", "GET /books?q=1"];
    let output = run(&[&asked[..], &call].concat(), &[], "");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let output = run(
        &[&asked[..], &["--token", "-", "--request", "GET /"]].concat(),
        &[],
        "{}",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no JSON with an `access_token`"));
}

#[test]
fn a_question_that_cannot_be_asked_ends_with_two() {
    let token = Token::access().sign();
    let bearer = format!("Bearer {token}");
    let config = ["explain", "--config", "events/authorizer.toml"];
    let given = "takes the name of a file, or - for standard input, and not what is in it: \
                 arguments are seen by everybody on the machine, and kept by the shell";
    let call = ["--request", "GET /books"];
    for (arguments, expected) in [
        (vec!["--token", &token, call[0], call[1]], given),
        (vec!["--token", &bearer, call[0], call[1]], given),
        (vec!["--event", "{\"type\":\"TOKEN\"}"], given),
        (
            vec!["--event", "nowhere.json"],
            "`nowhere.json` cannot be read",
        ),
        (vec!["--token", "-"], "say what is called with the token"),
        (vec![], "required arguments were not provided"),
        (
            vec!["--token", "-", "--request", "books"],
            "write a verb, one space and a path",
        ),
        (
            vec!["--token", "-", "--request", "$connect"],
            "add --api websocket",
        ),
        (
            vec!["--token", "-", "--request", "Mutation.addBook"],
            "add --api appsync",
        ),
        (
            vec!["--token", "-", "--api", "websocket", call[0], call[1]],
            "about `$connect` alone",
        ),
        (
            vec!["--token", "-", "--api", "appsync", call[0], call[1]],
            "a GraphQL API has fields",
        ),
        (vec!["--event", "a", "--token", "b"], "cannot be used with"),
        (
            vec!["--event", "a", "--at", "yesterday"],
            "write it as in 2026-11-22T19:01:27Z",
        ),
        (
            vec!["--event", "a", "--at", "2026-02-30T00:00:00Z"],
            "write it as in",
        ),
        (
            vec!["--event", "a", "--at", "2026-11-22T19:01:27"],
            "write it as in",
        ),
        (
            vec!["--event", "a", "--at", "1969-12-31T23:59:59Z"],
            "write it as in",
        ),
    ] {
        let output = run(&[&config[..], &arguments].concat(), &[], "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
        check_no_secret_told(&output, &token);
    }
    let output = run(
        &["explain", "--event", "events/rest-token-allowed.json"],
        &[],
        "",
    );
    assert_eq!(output.status.code(), Some(2), "no configuration");
}

#[test]
fn moments_are_those_of_the_log_line() {
    for (at, expected) in [
        ("2026-11-22T19:01:27Z", "2026-11-22T19:01:27.000Z"),
        ("2026-11-22T19:01:27.2Z", "2026-11-22T19:01:27.200Z"),
        ("2026-11-22T19:01:27.250Z", "2026-11-22T19:01:27.250Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"),
        ("2000-03-01T00:00:00Z", "2000-03-01T00:00:00.000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("2026-11-22T20:01:27+01:00", "2026-11-22T19:01:27.000Z"),
        ("2000000000", "2033-05-18T03:33:20.000Z"),
    ] {
        let asked = ["explain", "--config", "events/authorizer.toml", "--event"];
        let event = [
            "events/rest-token-allowed.json",
            "--format",
            "json",
            "--at",
            at,
        ];
        let output = run(&[&asked[..], &event].concat(), &[], "");
        assert_eq!(explained(&output)["at"], expected);
    }
}

#[test]
fn colours_are_for_those_who_want_them() {
    let asked = ["explain", "--config", "events/authorizer.toml", "--event"];
    let asked = [&asked[..], &["events/rest-token-allowed.json", "--at", AT]].concat();
    let coloured = |env: &[(&str, &str)]| stdout(&run(&asked, env, "")).contains('\u{1b}');
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
}
