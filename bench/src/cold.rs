//! Functions as processes: cold start, warm requests through the Runtime API, memory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cognito_authorizer::token::Algorithm;

use crate::function::{Function, Run};
use crate::issuer::Issuer;
use crate::sample;
use crate::share::Share;
use crate::{Mean, median};

/// How many starts of each function, in turn with the others'.
const STARTS: usize = 100;

/// The same with a share of the processor. Node.js takes seconds there, and its start is so long
/// that few are as good as many.
const STARTS_UNDER_SHARE: usize = 200;
const STARTS_OF_NODE_UNDER_SHARE: usize = 15;

/// How many requests a function answers before its time counts, and while it does: what runs in
/// Node.js is compiled in the course of the first thousands.
const WARM_UP: usize = 3000;
const REQUESTS: usize = 3000;
const WARM_RUNS: usize = 3;

/// Where the names of the functions stand in every table.
pub const EMPTY: usize = 0;
pub const WITH_FILE: usize = 1;
pub const WITH_FETCH: usize = 2;
pub const NODE_WITH_FILE: usize = 3;
pub const NODE_WITH_FETCH: usize = 4;

/// The functions, and what they need while they run.
pub struct Functions {
    pub all: Vec<Function>,
    event: String,
    _issuer: Issuer,
}

/// Medians for one function.
pub struct Start {
    pub first_poll_ms: f64,
    pub first_answer_ms: f64,
    /// The time of the processor until the first poll.
    pub processor_to_poll_ms: f64,
    /// The time of the processor until the poll that follows the first answer.
    pub processor_ms: f64,
}

/// One function with a share of the processor.
pub struct SharedStart {
    pub first_poll_ms: Mean,
    pub first_answer_ms: Mean,
}

/// Medians for one function that is warm.
pub struct WarmRun {
    pub micros: f64,
    pub peak_memory: f64,
}

impl Functions {
    /// The functions, with what they read below `directory`.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        fs::create_dir_all(directory).unwrap();
        let algorithm = Algorithm::RS256;
        let key_set = sample::key_set(algorithm);
        let issuer = Issuer::serve(key_set.clone());
        let file = |name: &str, contents: &[u8]| {
            let path = fs::canonicalize(directory).unwrap().join(name);
            fs::write(&path, contents).unwrap();
            path.to_str().expect("the path is text").to_owned()
        };
        let jwks_file = file("jwks.json", &key_set);
        let der = file("root.der", &issuer.root.0);
        let pem = file("root.pem", issuer.root.1.as_bytes());
        let with_file = format!("jwks_file = \"{jwks_file}\"\njwks_refresh = \"never\"\n");
        let with_fetch = format!("jwks_uri = \"{}\"\n", issuer.jwks_uri);
        let config = |keys: &str| sample::config(algorithm, keys, &sample::sample_routes());
        let ours = |program: &str| vec![format!("target/release/{program}")];
        let node = || vec!["node".to_owned(), "bench/node/runtime.mjs".to_owned()];
        let path = std::env::var("PATH").unwrap_or_default();
        let node_variables = |more: &[(&str, &str)]| {
            let names = sample::names().into_iter().chain([("PATH", path.as_str())]);
            pairs(&names.chain(more.iter().copied()).collect::<Vec<_>>())
        };
        let functions = vec![
            Function {
                name: "empty handler",
                program: ours("empty"),
                variables: Vec::new(),
            },
            Function {
                name: "authorizer, `jwks_file`",
                program: ours("cognito-authorizer"),
                variables: pairs(&[("AUTHORIZER_CONFIG", &config(&with_file))]),
            },
            Function {
                name: "authorizer, fetch",
                program: ours("fetching"),
                variables: pairs(&[
                    ("AUTHORIZER_CONFIG", &config(&with_fetch)),
                    ("BENCH_ROOT", &der),
                ]),
            },
            Function {
                name: "Node.js, file",
                program: node(),
                variables: node_variables(&[("JWKS_FILE", &jwks_file)]),
            },
            Function {
                name: "Node.js, fetch",
                program: node(),
                variables: node_variables(&[
                    ("JWKS_URI", &issuer.jwks_uri),
                    ("NODE_EXTRA_CA_CERTS", &pem),
                ]),
            },
        ];
        Self {
            all: functions,
            event: sample::token_event(&sample::token(algorithm)),
            _issuer: issuer,
        }
    }

    /// Starts each function many times, in turn: once to its first answer, once to its first poll
    /// only, for the time of the processor.
    #[must_use]
    pub fn starts(&self) -> Vec<Start> {
        // The first start of each finds its files on disk, not in memory, and is left out.
        let rounds: Vec<Vec<[Run; 2]>> = (0..=STARTS)
            .map(|_| self.each(|function| [1, 0].map(|times| self.run(function, times, None))))
            .collect();
        let of = |at: usize, millis: fn(&[Run; 2]) -> Duration| {
            let times = rounds.iter().skip(1).map(|round| millis(&round[at]));
            median(times.map(|time| time.as_secs_f64() * 1e3).collect())
        };
        (0..self.all.len())
            .map(|at| Start {
                first_poll_ms: of(at, |[run, _]| run.first_poll),
                first_answer_ms: of(at, |[run, _]| run.first_answer.expect("it was asked")),
                processor_to_poll_ms: of(at, |[_, run]| run.processor),
                processor_ms: of(at, |[run, _]| run.processor),
            })
            .collect()
    }

    /// The same with a share of the processor, and means instead of medians: what a start takes
    /// there is whole periods, so that a median jumps from one to the next.
    #[must_use]
    pub fn starts_under(&self, share: &Share) -> Vec<SharedStart> {
        let mut runs: Vec<Vec<Run>> = self.each(|_| Vec::new());
        for start in 0..=STARTS_UNDER_SHARE {
            for (function, runs) in self.all.iter().zip(&mut runs) {
                if !function.is_node() || start <= STARTS_OF_NODE_UNDER_SHARE {
                    runs.push(self.run(function, 1, Some(share)));
                }
            }
        }
        let of = |runs: &[Run], time: fn(&Run) -> Duration| {
            let millis = runs.iter().skip(1).map(|run| time(run).as_secs_f64() * 1e3);
            Mean::of(&millis.collect::<Vec<_>>())
        };
        runs.iter()
            .map(|runs| SharedStart {
                first_poll_ms: of(runs, |run| run.first_poll),
                first_answer_ms: of(runs, |run| run.first_answer.expect("it was asked")),
            })
            .collect()
    }

    /// Lets each function answer many requests.
    #[must_use]
    pub fn warm(&self) -> Vec<WarmRun> {
        let runs: Vec<Vec<Run>> = (0..WARM_RUNS)
            .map(|_| self.each(|function| self.run(function, WARM_UP + REQUESTS, None)))
            .collect();
        let micros = |run: &Run| {
            let warm = run.answers.iter().skip(WARM_UP);
            median(
                warm.map(|answer| answer.after.as_secs_f64() * 1e6)
                    .collect(),
            )
        };
        (0..self.all.len())
            .map(|at| WarmRun {
                micros: median(runs.iter().map(|run| micros(&run[at])).collect()),
                peak_memory: median(runs.iter().map(|run| run[at].peak_memory).collect()),
            })
            .collect()
    }

    fn each<T>(&self, run: impl Fn(&Function) -> T) -> Vec<T> {
        self.all.iter().map(run).collect()
    }

    /// One run, whose answers must be right.
    fn run(&self, function: &Function, times: usize, share: Option<&Share>) -> Run {
        let run = function.run(&self.event, times, share);
        let expected = if function.name == self.all[EMPTY].name {
            "methodArn"
        } else {
            "Allow"
        };
        for answer in &run.answers {
            assert!(
                answer.body.contains(expected),
                "{}: {}",
                function.name,
                answer.body
            );
        }
        run
    }
}

fn pairs(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    variables.iter().map(owned).collect()
}
