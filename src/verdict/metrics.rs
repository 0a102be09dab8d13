//! What makes CloudWatch take metrics out of the log line ("Specification: Embedded metric
//! format", Amazon CloudWatch user guide): it names members of the line as metrics, and others as
//! their dimensions.
//!
//! Each combination of dimensions that occurs is a custom metric that is paid for by the month, so
//! dimensions are what the program or its configuration lists: outcomes, reasons and issuers. What
//! comes from tokens or callers (routes, clients, `kid`s) is for queries of the log.

use serde::Serialize;

use crate::jwks::cache::KeysReport;
use crate::time::Timestamp;

/// The count of decisions: for an alarm by outcome, for a graph by reason too.
const DECISIONS: (Dimensions, &[Metric]) = (
    &[&["outcome"], &["outcome", "reason"]],
    &[Metric::new("decisions", "Count")],
);

/// How long they took. A reason says little about that beyond its outcome.
const DURATION: (Dimensions, &[Metric]) = (
    &[&["outcome"]],
    &[Metric::new("duration_ms", "Milliseconds")],
);

/// The fetches of an issuer's keys, in the lines that have any.
const FETCHES: (Dimensions, &[Metric]) = (
    &[&["issuer"]],
    &[
        Metric::new("jwks_fetches", "Count"),
        Metric::new("jwks_failures", "Count"),
    ],
);

/// How old its keys are, in the lines that know it.
const AGE: (Dimensions, &[Metric]) = (
    &[&["issuer"]],
    &[Metric::new("jwks_age_seconds", "Seconds")],
);

type Dimensions = &'static [&'static [&'static str]];

/// The members of the log line that are there for CloudWatch alone.
#[derive(Serialize)]
pub(super) struct Metrics<'a> {
    decisions: u8,
    #[serde(rename = "_aws")]
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    timestamp: u64,
    cloud_watch_metrics: Vec<MetricDirective<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDirective<'a> {
    namespace: &'a str,
    dimensions: Dimensions,
    metrics: &'static [Metric],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl Metric {
    const fn new(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit }
    }
}

impl<'a> Metrics<'a> {
    /// The metrics of one line. A directive whose members are not all in the line would make
    /// CloudWatch reject it, so it is left out.
    pub(super) fn new(namespace: &'a str, now: Timestamp, keys: KeysReport) -> Self {
        let fetches = (keys.fetches > 0).then_some(FETCHES);
        let age = keys.age_ms.map(|_| AGE);
        let directives = [Some(DECISIONS), Some(DURATION), fetches, age];
        let directive = |(dimensions, metrics)| MetricDirective {
            namespace,
            dimensions,
            metrics,
        };
        let metadata = Metadata {
            timestamp: now.as_millis(),
            cloud_watch_metrics: directives.into_iter().flatten().map(directive).collect(),
        };
        Self {
            decisions: 1,
            metadata,
        }
    }
}
