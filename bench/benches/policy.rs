//! What a route table costs: to make it at cold start, to look a request up, to write a policy.
//! `cargo bench --package bench --bench policy`

use std::hint::black_box;

use bench::sample;
use cognito_authorizer::Config;
use cognito_authorizer::decision::{Rules, decide};
use cognito_authorizer::event::{MethodArn, Operation};
use cognito_authorizer::policy::{Policies, PolicyScope};
use cognito_authorizer::route::{Route, RouteTable};
use cognito_authorizer::token::Algorithm;
use criterion::{Criterion, criterion_group, criterion_main};

const SIZES: [usize; 3] = [50, 200, 500];

fn rules(count: usize) -> Rules {
    let config = sample::config(Algorithm::EdDSA, "", &sample::routes(count));
    Config::from_toml(&config).unwrap().rules
}

fn routes(rules: &Rules) -> Vec<Route> {
    let table = rules.table.as_ref().expect("the rules have a table");
    table.routes().to_vec()
}

fn measure(criterion: &mut Criterion) {
    let claims = sample::claims();
    let stage = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod";
    for size in SIZES {
        let rules = rules(size);
        let arn = format!("{stage}/GET/v1/resource-1/4711/notes");
        let arn = MethodArn::parse(&arn).expect("the ARN is good");
        let operation = Operation::from(&arn);
        let decision = decide(&rules, &claims, &operation);
        let scope = PolicyScope::Api;
        let routes = routes(&rules);
        criterion.bench_function(&format!("table/{size}"), |bencher| {
            bencher.iter_with_setup(|| routes.clone(), |own| RouteTable::new(own).unwrap());
        });
        let policies = Policies::new(rules.clone());
        criterion.bench_function(&format!("plan/{size}"), |bencher| {
            bencher.iter_with_setup(
                || Policies::new(rules.clone()),
                |own| own.document(scope, black_box(&claims), &arn, &decision),
            );
        });
        criterion.bench_function(&format!("decide/{size}"), |bencher| {
            bencher.iter(|| decide(&rules, black_box(&claims), &operation));
        });
        criterion.bench_function(&format!("policy/{size}"), |bencher| {
            bencher.iter(|| policies.document(scope, black_box(&claims), &arn, &decision));
        });
        let policy = policies.document(scope, &claims, &arn, &decision).unwrap();
        criterion.bench_function(&format!("policy as JSON/{size}"), |bencher| {
            bencher.iter(|| serde_json::to_string(black_box(&policy)).unwrap());
        });
    }
}

criterion_group!(benches, measure);
criterion_main!(benches);
