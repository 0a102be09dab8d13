//! Measures cognito-authorizer in one run on one machine: cold start, warm requests, memory,
//! sizes, hostile input, beside an empty handler and beside Node.js; `make bench`.

pub mod chart;
pub mod cold;
pub mod cost;
pub mod function;
pub mod hostile;
pub mod in_process;
pub mod issuer;
pub mod machine;
pub mod report;
pub mod runtime_api;
pub mod sample;
pub mod share;
pub mod sizes;

#[path = "../../tests/it/support/claims.rs"]
mod claims;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/it/support/keys.rs"]
mod keys;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/it/support/token.rs"]
mod token;

/// The median; of an even number of values the upper one of the two in the middle.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
