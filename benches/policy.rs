//! What a route table costs: to make it at cold start, to look a request up, to write a policy.
//! The API of the size that is measured has a collection, an item and a sub-collection for each
//! resource, with the usual verbs, every tenth of them for editors only.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement that goes wrong should stop at once, and say where"
)]

use std::hint::black_box;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_authorizer::claims::{Accepted, Claims, ClaimsPolicy};
use cognito_authorizer::decision::{Rules, decide};
use cognito_authorizer::event::MethodArn;
use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::policy::{PolicyDocument, PolicyScope};
use cognito_authorizer::route::{Requirements, Route, RouteTable};
use cognito_authorizer::signature;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::{Algorithm, BearerToken, UnverifiedToken};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::json;

const SIZES: [usize; 3] = [50, 200, 500];
const OF_ONE_RESOURCE: [&str; 10] = [
    "GET /{}",
    "POST /{}",
    "GET /{}/search",
    "GET /{}/{id}",
    "PUT /{}/{id}",
    "PATCH /{}/{id}",
    "DELETE /{}/{id}",
    "GET /{}/{id}/notes",
    "POST /{}/{id}/notes",
    "DELETE /{}/{id}/notes/{note}",
];

fn routes(count: usize) -> Vec<Route> {
    let numbers = 0..count.div_ceil(OF_ONE_RESOURCE.len());
    let names = numbers.flat_map(|number| {
        let resource = format!("v1/resource-{number}");
        OF_ONE_RESOURCE.map(|name| name.replacen("{}", &resource, 1))
    });
    (0..count)
        .zip(names)
        .map(|(at, name)| {
            let needs = Requirements {
                scopes: vec![
                    if name.starts_with("GET") {
                        "api/read"
                    } else {
                        "api/write"
                    }
                    .to_owned(),
                ],
                any_group: if at % 11 == 10 {
                    vec!["editors".to_owned()]
                } else {
                    Vec::new()
                },
                ..Requirements::default()
            };
            Route::parse(&name, needs).unwrap()
        })
        .collect()
}

fn rules(count: usize) -> Rules {
    Rules {
        required_scopes: Vec::new(),
        table: Some(RouteTable::new(routes(count)).unwrap()),
    }
}

/// The claims of a user who may read and write what is not for editors.
fn claims() -> Claims {
    let pair = Ed25519KeyPair::generate().unwrap();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let x = encode(pair.public_key().as_ref());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "1", "use": "sig"});
    let jwks = Jwks::parse(json!({"keys": [key]}).to_string().as_bytes()).unwrap();
    let header = encode(br#"{"alg":"EdDSA","kid":"1"}"#);
    let payload = json!({"iss": "https://i", "exp": 2000, "scope": "openid api/read api/write"});
    let input = format!("{header}.{}", encode(payload.to_string().as_bytes()));
    let token = format!("{input}.{}", encode(pair.sign(input.as_bytes()).as_ref()));
    let token = UnverifiedToken::parse(BearerToken::from_bare(&token).unwrap()).unwrap();
    let payload = signature::verify(token, jwks.key("1").unwrap(), &[Algorithm::EdDSA]).unwrap();
    let policy = ClaimsPolicy {
        issuer: "https://i".to_owned(),
        token_use: None,
        clients: Some(Accepted::Any),
        audiences: None,
        token_type: None,
        groups_claim: "cognito:groups",
        leeway_seconds: 0,
    };
    Claims::check(payload, &policy, Timestamp::from_seconds(1000)).unwrap()
}

fn measure(criterion: &mut Criterion) {
    let claims = claims();
    let stage = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod";
    for size in SIZES {
        let rules = rules(size);
        let arn = format!("{stage}/GET/v1/resource-1/4711/notes");
        let arn = MethodArn::parse(&arn).expect("the ARN is good");
        let decision = decide(&rules, &claims, Some(&arn));
        let scope = PolicyScope::Api;
        criterion.bench_with_input(BenchmarkId::new("table", size), &size, |bencher, size| {
            bencher.iter_with_setup(|| routes(*size), |routes| RouteTable::new(routes).unwrap());
        });
        criterion.bench_function(&format!("decide/{size}"), |bencher| {
            bencher.iter(|| decide(&rules, black_box(&claims), Some(&arn)));
        });
        criterion.bench_function(&format!("policy/{size}"), |bencher| {
            bencher
                .iter(|| PolicyDocument::new(scope, &rules, black_box(&claims), &arn, &decision));
        });
        let policy = PolicyDocument::new(scope, &rules, &claims, &arn, &decision).unwrap();
        criterion.bench_function(&format!("policy as JSON/{size}"), |bencher| {
            bencher.iter(|| serde_json::to_string(black_box(&policy)).unwrap());
        });
    }
}

criterion_group!(benches, measure);
criterion_main!(benches);
