//! `authz check`: what it says of good and bad configurations, and of the keys that issuers serve.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::keys::{ED25519, OTHER_RSA, P256, RSA, jwks};
use crate::sample::{run, stderr, stdout};
use crate::scratch::ScratchFile;
use crate::token::ISSUER;

/// A server on loopback that answers every request with the same bytes, and counts them.
pub(crate) struct KeyServer {
    pub(crate) uri: String,
    requests: Arc<AtomicUsize>,
}

impl KeyServer {
    fn start(status: &str, body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        let length = body.len();
        let mut answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        answer.extend(body);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(&answer);
            }
        });
        Self { uri, requests }
    }

    pub(crate) fn of_keys(keys: &[Value]) -> Self {
        Self::start("200 OK", jwks(keys))
    }
}

/// Where nobody answers.
pub(crate) fn closed_uri() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/jwks.json", listener.local_addr().unwrap())
}

/// What `check` says of a configuration, as a program reads it.
#[track_caller]
fn checked(config: &str, more: &[&str]) -> (Option<i32>, Value) {
    let file = ScratchFile::new("authorizer.toml", config);
    let asked = ["check", "--config", file.path(), "--format", "json"];
    let asked = [&asked[..], more].concat();
    let output = run(&asked, &[], "");
    let report = serde_json::from_slice(&output.stdout);
    let report: Value = report.unwrap_or_else(|_| panic!("{}", stderr(&output)));
    let is_good = report["errors"].as_array().unwrap().is_empty();
    assert_eq!(
        output.status.code(),
        Some(i32::from(!is_good)),
        "{report:#}"
    );
    (output.status.code(), report)
}

/// The texts of a list of a report.
fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap()).collect()
}

/// An issuer of these lines, without network.
fn pool(more: &str) -> String {
    format!("[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = \"any\"\n{more}")
}

#[test]
fn what_is_wrong_with_a_configuration_is_told() {
    for (config, expected) in [
        (
            "policy = 1".to_owned(),
            vec![
                "line 1: `policy`: `1` is not known; write \"api\" or \"request\"",
                "`issuers`: missing; write `[[issuers]]` with `user_pool_id` and `client_ids`, or with \
                 `issuer`, `jwks_uri` and `audiences`",
            ],
        ),
        ("= x".to_owned(), vec![]),
        (
            pool("[[routes]]\nroute = \"GET /a\"\n[[routes]]\nroute = \"GET /a\"\n"),
            vec![
                "line 7: `routes[1].route`: `GET /a`: it stands for the same requests as `GET /a`; remove one of them",
            ],
        ),
        (
            pool(
                &[
                    "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ANY",
                ]
                .map(|verb| format!("[[routes]]\nroute = \"{verb} /a/{{x+}}\"\n"))
                .concat(),
            ),
            vec![
                "line 19: `routes[7].route`: `ANY /a/{x+}`: no request is ever one for it, as every verb has a route of its own; \
                 remove it",
            ],
        ),
        (
            pool("jwks_file = \"/nowhere\"\n"),
            vec![
                "line 4: `issuers[0].jwks_file`: `/nowhere` cannot be read (No such file or directory (os error \
                 2)); put the issuer's key set there",
            ],
        ),
    ] {
        let (code, report) = checked(&config, &["--offline"]);
        assert_eq!(code, Some(1));
        if !expected.is_empty() {
            assert_eq!(texts(&report["errors"]), expected, "{config}");
        }
    }
    let output = run(&["check", "--config", "/nowhere.toml"], &[], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("`/nowhere.toml` cannot be read"));
    assert_eq!(run(&["check", "--config"], &[], "").status.code(), Some(2));
}

#[test]
fn the_environment_is_asked_as_the_lambda_asks_it() {
    let env = [
        ("USER_POOL_ID", "eu-west-1_AbCdEf123"),
        ("CLIENT_IDS", "any"),
        ("JWKS_FILE", "events/jwks.json"),
    ];
    let output = run(&["check", "--offline"], &env, "");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("ready to verify with `key-1`"));
    let output = run(&["check", "--offline"], &[], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("`AUTHORIZER_CONFIG`: not set"));
}

#[test]
fn what_one_policy_cannot_say_is_told() {
    let routes = "[[routes]]\nroute = \"GET /{proxy+}\"\n[[routes]]\nroute = \"GET /a/{id}\"\n\
                  scopes = [\"phone\"]\n[[routes]]\nroute = \"POST /b/{id}\"\n[[routes]]\n\
                  route = \"POST /b/{id}/c\"\n";
    let (code, report) = checked(&pool(routes), &["--offline"]);
    assert_eq!(code, Some(0));
    let warnings = texts(&report["warnings"]);
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    assert!(
        warnings[0].starts_with("for a token that may call `GET /{proxy+}` and not `GET /a/{id}`")
    );
    assert_eq!(
        warnings[1],
        "for a token that may call `POST /b/{id}` and `POST /b/{id}/c`, a cached policy lets POST \
         requests through that lie deeper and are for no route; give every resource that the API has \
         there a route"
    );
    let (_, report) = checked(
        &format!("policy = \"request\"\n{}", pool(routes)),
        &["--offline"],
    );
    assert_eq!(texts(&report["warnings"]), Vec::<&str>::new());
    assert!(texts(&report["advice"])[0].contains("TTL to 0"));
}

/// The lines about the keys of an issuer's place, and about the whole.
fn keys(report: &Value, place: usize) -> Vec<(String, String)> {
    let keys = report["issuers"][0]["key_sets"][place]["keys"].as_array();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let told = |key: &Value| match key["unusable"].as_str() {
        Some(fault) => (text(&key["kid"]), fault.to_owned()),
        None => {
            let kind = text(&key["kind"]);
            (text(&key["kid"]), format!("{kind}: {}", key["algorithms"]))
        }
    };
    keys.unwrap().iter().map(told).collect()
}

const AMBIGUOUS: &str = "another key has the same `kid`, kind and `alg`, so neither is used";

#[test]
fn each_key_is_told_with_what_it_is_good_for() {
    let mut encrypting = RSA.jwk("enc", None);
    encrypting["use"] = json!("enc");
    let mut private = RSA.jwk("private", None);
    private["d"] = json!("AQAB");
    let mut short = RSA.jwk("short", None);
    short["n"] = json!("AQAB");
    let server = KeyServer::of_keys(&[
        RSA.jwk("rsa", Some("RS256")),
        OTHER_RSA.jwk("any", None),
        P256.jwk("curve", Some("ES256")),
        ED25519.jwk("edwards", None),
        encrypting,
        private,
        short,
        RSA.jwk("twice", None),
        OTHER_RSA.jwk("twice", None),
        json!({"kty": "RSA"}),
        json!(5),
    ]);
    let more = format!(
        "jwks_uri = \"{}\"\nalgorithms = [\"RS256\", \"PS256\", \"ES256\"]",
        server.uri
    );
    let (code, report) = checked(&pool(&more), &[]);
    assert_eq!(code, Some(0), "{report:#}");
    let expected = [
        ("rsa", "RSA 2048 bits: [\"RS256\"]"),
        ("any", "RSA 2048 bits: [\"RS256\",\"PS256\"]"),
        ("curve", "EC P-256: [\"ES256\"]"),
        ("edwards", "`algorithms` allows RS256 PS256 ES256 only"),
        ("enc", "it is for encryption, not for signatures"),
        (
            "private",
            "it holds private key material: withdraw that key, it is compromised",
        ),
        (
            "short",
            "its key material is malformed, too short, too long or weak",
        ),
        ("twice", AMBIGUOUS),
        ("twice", AMBIGUOUS),
        (
            "-",
            "its `kid` is missing, empty, not a text or over 256 bytes long",
        ),
        ("-", "it is not a JSON object"),
    ];
    assert_eq!(
        keys(&report, 0),
        expected.map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert_eq!(
        report["issuers"][0]["ready"],
        json!(["any", "curve", "rsa"])
    );
}

/// What others chose is shown, and never does anything to a terminal (ECMA-48 has control characters
/// from U+0080 on too, and Unicode ones that turn the text around).
#[test]
fn nothing_in_a_report_steers_a_terminal() {
    let kid = "\u{1b}[2J\u{7f}\u{9b}2J\u{202e}\u{61c}é🙂";
    let server = KeyServer::of_keys(&[RSA.jwk(kid, None)]);
    let config = ScratchFile::new(
        "authorizer.toml",
        pool(&format!("jwks_uri = \"{}\"", server.uri)),
    );
    let mistake = ScratchFile::new("authorizer.toml", "policy = \"\u{9b}2J\u{202e}\u{61c}é🙂\"");
    let told = |config: &ScratchFile, format: &str| {
        let asked = ["check", "--config", config.path(), "--format", format];
        let report = stdout(&run(&asked, &[], ""));
        let steers = |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202e}' | '\u{61c}');
        assert_eq!(report.chars().find(steers), None, "{report:?}");
        assert!(report.contains("é🙂"), "{report}");
        report
    };
    for config in [&config, &mistake] {
        told(config, "text");
    }
    let report: Value = serde_json::from_str(&told(&config, "json")).unwrap();
    assert_eq!(report["issuers"][0]["ready"], json!([kid]));
    told(&mistake, "json");
}

#[test]
fn keys_that_cannot_be_had_are_errors() {
    let closed = closed_uri();
    let missing = KeyServer::start("404 Not Found", Vec::new());
    let html = KeyServer::start("200 OK", b"<html>".to_vec());
    let useless = KeyServer::of_keys(&[json!({"kty": "oct", "kid": "a", "k": "AQAB"})]);
    let curve = KeyServer::of_keys(&[P256.jwk("curve", None)]);
    for (uri, expected) in [
        (
            &closed,
            "no connection; check the URI and the route to the issuer",
        ),
        (&missing.uri, "the answer has status 404, not 200"),
        (&html.uri, "the document is not a strict JSON object"),
        (&useless.uri, "the document has no usable key"),
        (
            &curve.uri,
            "no key verifies any of its `algorithms`; write those that its keys are for",
        ),
    ] {
        let (code, report) = checked(&pool(&format!("jwks_uri = \"{uri}\"")), &[]);
        assert_eq!(code, Some(1), "{uri}");
        let errors = texts(&report["errors"]);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains(expected), "{errors:?}");
        let is_named = errors[0].contains(uri) || errors[0].contains(ISSUER);
        assert!(is_named, "{errors:?}");
    }
}

#[test]
fn a_file_that_has_been_overtaken_is_told() {
    let old = String::from_utf8(jwks(&[RSA.jwk("old", None)])).unwrap();
    let file = ScratchFile::new("jwks.json", &old);
    let server = KeyServer::of_keys(&[RSA.jwk("old", None), OTHER_RSA.jwk("new", None)]);
    let config = pool(&format!(
        "jwks_file = {}\njwks_uri = \"{}\"",
        json!(file.path()),
        server.uri
    ));
    let (code, report) = checked(&config, &[]);
    assert_eq!(code, Some(0));
    assert_eq!(
        texts(&report["warnings"]),
        [format!(
            "`{ISSUER}`: `jwks_file` does not know `new`, which `jwks_uri` publishes; renew the file"
        )]
    );
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    let (_, report) = checked(&config, &["--offline"]);
    assert_eq!(texts(&report["warnings"]), Vec::<&str>::new());
    assert_eq!(
        server.requests.load(Ordering::SeqCst),
        1,
        "offline is offline"
    );
}

/// The routes of the sample configuration and what they need.
#[test]
fn routes_are_told_with_what_they_need() {
    let output: Output = run(
        &[
            "check",
            "--config",
            "events/authorizer.toml",
            "--format",
            "json",
        ],
        &[],
        "",
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let routes = report["routes"].as_array().unwrap().iter();
    let told: Vec<(&str, &str)> = routes
        .map(|route| {
            (
                route["route"].as_str().unwrap(),
                route["needs"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("GET /books", "the scope `books/read`"),
            ("POST /books", "the scope `books/write`"),
            ("ANY /admin/{proxy+}", "the group `admins`"),
            ("GET /users/{id}/loans", "`{id}` to be the claim `sub`"),
            ("$connect", "the scope `books/read`"),
            ("Mutation.addBook", "the scope `books/write`"),
        ]
    );
    let (_, report) = checked(&pool(""), &["--offline"]);
    assert_eq!(
        report["routes"],
        Value::Null,
        "no table, everything is open"
    );
}

/// A `user_pool_id` stands for two issuers, and both are told, each pool's beside it.
#[test]
fn both_forms_of_a_pools_issuer_are_told() {
    let updated = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
    let own_keys = format!("{updated}/.well-known/jwks.json");
    let same_keys = json!({"issuer": updated, "jwks_uri": null});
    let other = "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_Other1";
    let other_pool = "[[issuers]]\nuser_pool_id = \"us-east-1_Other1\"\nclient_ids = \"any\"\n";
    let file = "jwks_file = \"/nowhere\"\njwks_refresh = \"never\"\n";
    for (config, expected) in [
        (
            pool(""),
            vec![json!({"issuer": updated, "jwks_uri": own_keys})],
        ),
        (
            pool("jwks_uri = \"https://keys.example.com\"\n"),
            vec![same_keys.clone()],
        ),
        (pool(file), vec![same_keys.clone()]),
        (pool(&format!("issuer = \"{ISSUER}\"\n")), vec![Value::Null]),
        (
            pool(&format!("{file}{other_pool}{file}")),
            vec![same_keys, json!({"issuer": other, "jwks_uri": null})],
        ),
    ] {
        let (_, report) = checked(&config, &["--offline"]);
        let issuers = report["issuers"].as_array().unwrap().iter();
        let told: Vec<&Value> = issuers.map(|issuer| &issuer["updated_form"]).collect();
        assert_eq!(told, expected.iter().collect::<Vec<_>>(), "{config}");
    }
    let file = ScratchFile::new("authorizer.toml", pool(""));
    let text = stdout(&run(
        &["check", "--offline", "--config", file.path()],
        &[],
        "",
    ));
    let lines = format!(
        "issuer {ISSUER}\n  or {updated}, the updated form of the same pool\n    fetches \
         {own_keys} when a token names it\n  takes "
    );
    assert!(text.contains(&lines), "{text}");
}
