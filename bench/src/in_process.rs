//! The authorizer in this process: the bytes of an event become the bytes of a reply.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use cognito_authorizer::jwks::fetch::{FetchError, FetchJwks};
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::token::Algorithm;
use cognito_authorizer::verdict::{Answer, Verdict};
use cognito_authorizer::{Authorizer, Config};
use criterion::Criterion;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::median;
use crate::sample::{self, ALGORITHMS, KINDS, NOW};
use crate::token::KID;

/// Short rounds, and many of them: what else the machine does then falls into few of them, and
/// the median does not see it.
const ROUNDS: usize = 1001;
const CALLS_PER_ROUND: u32 = 4;

/// The line that the others are compared with.
pub const BARE: &str = "bare verification by `jsonwebtoken`";

/// Where criterion writes, from the root of the repository.
const OUTPUT: &str = "target/criterion";

/// Nothing is fetched: the keys are in the key set file.
pub struct NoNetwork;

impl FetchJwks for NoNetwork {
    async fn fetch(&self, _uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Timeout)
    }
}

/// An authorizer of one issuer.
pub struct Subject {
    authorizer: Authorizer<NoNetwork>,
    runtime: Runtime,
}

impl Subject {
    /// The authorizer with the issuer's key for this algorithm at hand, and with these routes.
    #[must_use]
    pub fn new(algorithm: Algorithm, routes: &str) -> Self {
        Self::with_keys(algorithm, routes, &sample::key_set(algorithm))
    }

    /// The same with this key set.
    #[must_use]
    pub fn with_keys(algorithm: Algorithm, routes: &str, key_set: &[u8]) -> Self {
        let keys = "jwks_file = \"jwks.json\"\njwks_refresh = \"never\"\n";
        let config = Config::from_toml(&sample::config(algorithm, keys, routes));
        let config = config.expect("the configuration is good");
        let read_file = |_: &str| Ok(key_set.to_vec());
        Self {
            authorizer: Authorizer::new(config, NoNetwork, read_file).expect("the keys are good"),
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap(),
        }
    }

    /// The verdict on an event.
    pub fn verdict(&self, event: &str) -> Verdict {
        let now = Timestamp::from_seconds(NOW);
        self.runtime.block_on(self.authorizer.authorize(event, now))
    }

    /// Why an event is refused, if it is.
    pub fn reason(&self, event: &str) -> Option<DenyReason> {
        black_box(self.verdict(event)).reason()
    }

    /// The bytes of the reply.
    pub fn reply(&self, event: &str) -> Vec<u8> {
        match self.verdict(event).into_answer() {
            Answer::Reply(reply) => serde_json::to_vec(&reply).unwrap(),
            Answer::Unauthorized | Answer::Failure(_) => panic!("the sample is refused"),
        }
    }

    /// The bytes of the reply and of the log line.
    pub fn reply_and_line(&self, event: &str) -> (Vec<u8>, String) {
        let verdict = self.verdict(event);
        let line = verdict.log_line(
            Timestamp::from_seconds(NOW),
            0.1,
            "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        );
        match verdict.into_answer() {
            Answer::Reply(reply) => (serde_json::to_vec(&reply).unwrap(), line),
            Answer::Unauthorized | Answer::Failure(_) => panic!("the sample is refused"),
        }
    }

    /// The median of what the first event costs in terms of the second, each timed in turn with
    /// the other, so that a machine that slows down slows both.
    pub fn ratio(&self, of: &str, to: &str) -> f64 {
        ratio(
            || _ = self.reason(black_box(of)),
            || _ = self.reason(black_box(to)),
        )
    }
}

/// The bare verification of a token's signature: the floor.
pub struct BareSignature {
    algorithm: Algorithm,
    input: String,
    signature: String,
    decoding_key: DecodingKey,
}

impl BareSignature {
    /// The signature of this token.
    #[must_use]
    pub fn new(algorithm: Algorithm, token: &str, key_set: &[u8]) -> Self {
        let (input, signature) = token.rsplit_once('.').expect("a token has three parts");
        let set: JwkSet = serde_json::from_slice(key_set).expect("the key set is one");
        let jwk = set.find(KID).expect("the key is there");
        Self {
            algorithm,
            input: input.to_owned(),
            signature: signature.to_owned(),
            decoding_key: DecodingKey::from_jwk(jwk).expect("the key is good"),
        }
    }

    /// Verifies it by the library, as the authorizer does.
    pub fn verify(&self) {
        let algorithm = self.algorithm.name().parse().expect("it has the name too");
        let input = black_box(self.input.as_bytes());
        let verified =
            jsonwebtoken::crypto::verify(&self.signature, input, &self.decoding_key, algorithm);
        assert!(verified.expect("the signature can be read"));
    }
}

/// The median of what `of` costs in terms of `to`.
pub fn ratio(mut of: impl FnMut(), mut to: impl FnMut()) -> f64 {
    fn round(call: &mut impl FnMut()) -> f64 {
        let start = Instant::now();
        for _ in 0..CALLS_PER_ROUND {
            call();
        }
        start.elapsed().as_secs_f64()
    }
    let ratio_of_round = |_| round(&mut of) / round(&mut to);
    median((0..ROUNDS).map(ratio_of_round).collect())
}

/// One line of the table: what it is, its median in microseconds, and what it costs in terms of the
/// bare verification of the same token.
pub struct Timed {
    pub what: String,
    pub micros: f64,
    pub over_bare: f64,
}

/// Measures everything that is done in this process with good tokens.
pub fn measure() -> Vec<Timed> {
    let mut lines = Vec::new();
    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(Path::new(OUTPUT))
        .sample_size(60)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500));
    for algorithm in ALGORITHMS {
        let token = sample::token(algorithm);
        let subject = Subject::new(algorithm, &sample::sample_routes());
        let bare = BareSignature::new(algorithm, &token, &sample::key_set(algorithm));
        let mut time = |what: &str, call: &mut dyn FnMut()| {
            let what = format!("{}, {what}", algorithm.name());
            let name = what.replace(['`', '/'], "");
            criterion.bench_function(&name, |bencher| bencher.iter(&mut *call));
            lines.push(Timed {
                micros: estimate(&name),
                over_bare: ratio(&mut *call, || bare.verify()),
                what,
            });
        };
        time(BARE, &mut || bare.verify());
        for (kind, event) in KINDS {
            let event = sample::event(event, &token);
            if algorithm == Algorithm::RS256 || kind == KINDS[0].0 {
                time(kind, &mut || _ = subject.reply(black_box(&event)));
            }
        }
        let event = sample::token_event(&token);
        if algorithm == Algorithm::RS256 {
            time(&format!("{}, with its log line", KINDS[0].0), &mut || {
                _ = subject.reply_and_line(black_box(&event))
            });
            for count in [1, 50, 500] {
                let subject = Subject::new(algorithm, &sample::routes(count));
                let what = format!("{}, {count} routes", KINDS[0].0);
                time(&what, &mut || _ = subject.reply(black_box(&event)));
            }
        }
    }
    lines
}

/// The median that criterion has written down, in microseconds.
fn estimate(name: &str) -> f64 {
    let path = format!("{OUTPUT}/{name}/new/estimates.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path} is missing"));
    let estimates: Value = serde_json::from_str(&text).unwrap();
    estimates["median"]["point_estimate"]
        .as_f64()
        .expect("a number")
        / 1000.0
}
