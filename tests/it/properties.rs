//! What holds for every token and every input, tried on many that nobody thought of.

use std::path::Path;
use std::sync::LazyLock;

use cognito_authorizer::reason::{DenyReason, Outcome};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use crate::replay::targets;
use crate::support::authorizer::{Served, authorizer, pool_config, token_event, verdict};
use crate::support::keys::{ED25519, P256, P384, RSA, SigningKey, jwks};
use crate::support::token::{CLIENT, ISSUER, NOW, Token};

/// Every algorithm, the `kid` of the key for it, and the key.
static SIGNERS: [(&str, &str, &LazyLock<SigningKey>); 9] = [
    ("RS256", "rsa", &RSA),
    ("RS384", "rsa", &RSA),
    ("RS512", "rsa", &RSA),
    ("PS256", "rsa", &RSA),
    ("PS384", "rsa", &RSA),
    ("PS512", "rsa", &RSA),
    ("ES256", "p-256", &P256),
    ("ES384", "p-384", &P384),
    ("EdDSA", "ed25519", &ED25519),
];

/// Runs `cases` cases, the same ones on every run, so that a red test stays red.
#[track_caller]
fn check<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value)) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let outcome = runner.run(strategy, |value| {
        test(value);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// What comes of a token where every algorithm is configured and every key is published.
fn outcome(token: &str) -> (Outcome, Option<DenyReason>) {
    let names: Vec<&str> = SIGNERS.iter().map(|(name, _, _)| *name).collect();
    let config = pool_config(&format!("algorithms = {names:?}\n"));
    let served = Served::new(jwks(&[
        RSA.jwk("rsa", None),
        P256.jwk("p-256", None),
        P384.jwk("p-384", None),
        ED25519.jwk("ed25519", None),
    ]));
    let verdict = verdict(
        &authorizer(&config, &served),
        &token_event(token, "GET", "/books"),
    );
    (verdict.outcome(), verdict.reason())
}

fn signed(mut token: Token, signer: usize) -> String {
    let (algorithm, kid, key) = SIGNERS[signer];
    token = token.header("alg", algorithm).header("kid", kid);
    token.sign_with(key)
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    Change(u8),
    Insert(u8),
    Delete,
}

/// RFC 4648 3.5 and RFC 7515 5.2: there is no second text for a token, and no second token for a
/// signature.
#[test]
fn no_token_survives_a_change_of_one_byte() {
    let tokens: Vec<String> = [0, 3, 6, 7, 8]
        .map(|signer| signed(Token::access(), signer))
        .to_vec();
    for token in &tokens {
        assert_eq!(outcome(token), (Outcome::Allow, None));
    }
    let of_tokens = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";
    let byte = prop_oneof![3 => select(&of_tokens[..]), 1 => any::<u8>()];
    let edit = prop_oneof![
        2 => byte.clone().prop_map(Edit::Change),
        1 => byte.prop_map(Edit::Insert),
        1 => Just(Edit::Delete),
    ];
    let strategy = (select(tokens), any::<proptest::sample::Index>(), edit);
    check(1500, &strategy, |(token, at, edit)| {
        let mut characters: Vec<char> = token.chars().collect();
        let at = at.index(characters.len());
        match edit {
            Edit::Change(byte) => characters[at] = char::from(byte),
            Edit::Insert(byte) => characters.insert(at, char::from(byte)),
            Edit::Delete => drop(characters.remove(at)),
        }
        let changed: String = characters.into_iter().collect();
        if changed != token {
            assert_eq!(outcome(&changed).0, Outcome::Unauthorized, "{changed}");
        }
    });
}

/// Any JSON value of moderate size.
fn json_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Whatever else a token says: with the claims that are demanded and a key's signature it counts.
#[test]
fn every_token_with_valid_claims_is_accepted() {
    let word = "[!#-\\[\\]-~]{1,20}";
    let texts = (".{1,40}", ".{0,40}", ".{0,40}", vec(word, 0..6));
    let times = (NOW + 1..253_402_300_799, 0..=NOW, 0..=NOW, 0.0..0.999_f64);
    let audience = prop_oneof![
        Just(None),
        any::<String>().prop_map(|aud| Some(json!(aud))),
        vec(any::<String>(), 0..4).prop_map(|aud| Some(json!(aud))),
    ];
    let typ = select(vec![
        None,
        Some("JWT"),
        Some("at+jwt"),
        Some("application/AT+JWT"),
    ]);
    let others = vec(("x[a-z:/\u{e9}]{1,12}", json_value()), 0..4);
    // A header is small: a few members more, and short lists at most.
    let word_or_list = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        vec(any::<String>(), 0..12).prop_map(Value::from),
    ];
    let others_of_header = vec(("x[a-z:/\u{e9}]{1,12}", word_or_list), 0..4);
    let others = (others, others_of_header);
    let strategy = (0..SIGNERS.len(), texts, times, audience, typ, others);
    check(
        400,
        &strategy,
        |(signer, texts, times, audience, typ, others)| {
            let (sub, username, jti, scopes) = texts;
            let (exp, iat, nbf, fraction) = times;
            let (others, others_of_header) = others;
            let mut claims: Map<String, Value> = others.into_iter().collect();
            for (name, value) in [
                ("iss", json!(ISSUER)),
                ("client_id", json!(CLIENT)),
                ("token_use", json!("access")),
                ("sub", json!(sub)),
                ("username", json!(username)),
                ("jti", json!(jti)),
                ("scope", json!(scopes.join(" "))),
                ("exp", json!(exp as f64 + fraction)),
                ("iat", json!(iat)),
                ("nbf", json!(nbf)),
            ] {
                claims.insert(name.to_owned(), value);
            }
            claims.extend(audience.map(|aud| ("aud".to_owned(), aud)));
            let mut header: Map<String, Value> = others_of_header.into_iter().collect();
            header.extend(typ.map(|typ| ("typ".to_owned(), json!(typ))));
            let token = Token {
                header: Value::Object(header),
                claims: Value::Object(claims),
            };
            assert_eq!(outcome(&signed(token, signer)), (Outcome::Allow, None));
        },
    );
}

/// One claim, or one header member, of any form at all: a refusal or an answer, and never an
/// error, since what is wrong is the token and not the authorizer.
#[test]
fn no_claim_of_any_form_makes_an_error() {
    let names = vec![
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "nbf",
        "iat",
        "jti",
        "scope",
        "client_id",
        "token_use",
        "username",
        "cognito:username",
        "cognito:groups",
        "groups",
        "auth_time",
        "",
    ];
    let members = vec!["kid", "typ", "crit", "jwk", "b64", "zip", "x"];
    let strategy = (
        select(names),
        json_value(),
        select(members),
        json_value(),
        any::<bool>(),
    );
    check(400, &strategy, |(name, value, member, other, in_header)| {
        let mut token = Token::access().claim(name, value);
        if in_header {
            token = token.header("kid", "rsa").header(member, other);
        }
        let token = token.header("alg", "RS256");
        let token = if in_header {
            token.sign()
        } else {
            signed(token, 0)
        };
        assert_ne!(outcome(&token).0, Outcome::Error, "{token}");
    });
}

/// The inputs from which fuzzing starts, to be changed a little.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Any bytes, any text, and good inputs in which some bytes were replaced, put in or left out.
fn inputs(name: &str) -> BoxedStrategy<Vec<u8>> {
    let of_json = vec![
        &b"\""[..],
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\\",
        b"null",
        b"1e9",
        b"-",
        b"\\ud800",
        b"%2e",
        b"/",
        b"*",
        b"\xff",
        b"\0",
        b"\xc3\xa9",
        b"=",
        b"[[",
        b"\n",
        b"#",
        b".",
        b"\"\"\"",
    ];
    let piece = prop_oneof![
        select(of_json).prop_map(<[u8]>::to_vec),
        vec(any::<u8>(), 0..4),
    ];
    let edit = (any::<proptest::sample::Index>(), 0..6_usize, piece);
    let changed = (select(seeds(name)), vec(edit, 1..6)).prop_map(|(mut input, edits)| {
        for (at, removed, piece) in edits {
            let start = at.index(input.len() + 1);
            let end = (start + removed).min(input.len());
            input.splice(start..end, piece);
        }
        input
    });
    prop_oneof![
        1 => vec(any::<u8>(), 0..300),
        1 => any::<String>().prop_map(String::into_bytes),
        6 => changed,
    ]
    .boxed()
}

#[test]
fn no_input_makes_the_token_parser_panic() {
    check(4000, &inputs("token"), |input| targets::token(&input));
}

#[test]
fn no_input_makes_the_key_loader_panic() {
    check(2000, &inputs("jwks"), |input| targets::jwks(&input));
}

#[test]
fn no_input_makes_the_event_reader_panic() {
    check(1500, &inputs("event"), |input| targets::event(&input));
}

#[test]
fn no_input_makes_the_configuration_panic() {
    check(1000, &inputs("config"), |input| targets::config(&input));
}
