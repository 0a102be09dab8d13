//! Measures cognito-authorizer in one run on one machine: cold start, warm requests, memory,
//! sizes, hostile input, beside an empty handler and beside Node.js; `make bench`.

use std::fmt;

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
#[path = "../../tests/it/support/token.rs"]
mod token;

/// The median; of an even number of values the upper one of the two in the middle.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A mean, and how far it may be from the one of endlessly many values: its standard error.
#[derive(Clone, Copy)]
pub struct Mean {
    pub value: f64,
    pub error: f64,
}

impl Mean {
    /// The mean of at least two values.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let value = values.iter().sum::<f64>() / count;
        let squares = values
            .iter()
            .map(|each| (each - value).powi(2))
            .sum::<f64>();
        let error = (squares / (count - 1.0) / count).sqrt();
        Self { value, error }
    }
}

impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.1} ± {:.1}", self.value, self.error))
    }
}
