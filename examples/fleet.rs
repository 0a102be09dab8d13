//! What a fleet of execution environments does to an issuer, and what an issuer in trouble does
//! to the fleet: the real key cache, ten thousand times, driven by a virtual clock.
//!
//! ```text
//! cargo run --release --example fleet
//! ```

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "an example that goes wrong should stop at once, and say where"
)]

use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::jwks::cache::{CachePolicy, JwksCache, LookUp, Refresh};
use cognito_authorizer::time::Timestamp;

const ENVIRONMENTS: usize = 10_000;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// The clock of the fleet when the clock of the scenario starts.
const START: u64 = 24 * HOUR;

/// The defaults of the configuration.
const POLICY: CachePolicy = CachePolicy {
    refresh: Refresh::OnDemand,
    max_age_ms: HOUR,
    stale_ms: 24 * HOUR,
    cooldown_ms: 10_000,
};

/// What happens, and when. Times are in milliseconds since the start.
struct Scenario {
    name: &'static str,
    length: u64,
    /// Good requests a second over the whole fleet.
    requests_per_second: u64,
    /// The issuer signs with a new key from here on.
    rotation: Option<u64>,
    /// The issuer's key set cannot be fetched from here to there.
    outage: Option<(u64, u64)>,
    /// Requests a second, over the whole fleet, with `kid`s that nobody has, from here to there.
    flood: Option<(u64, u64, u64)>,
    /// How long an environment lives before a cold one takes its place.
    lifetime: u64,
    /// Whether the keys come with the function (`jwks_file`).
    file: bool,
}

const STEADY: Scenario = Scenario {
    name: "an ordinary day",
    length: 6 * HOUR,
    requests_per_second: 1000,
    rotation: None,
    outage: None,
    flood: None,
    lifetime: 2 * HOUR,
    file: false,
};

fn main() {
    let outage = Some((2 * HOUR, 4 * HOUR));
    let scenarios = [
        STEADY,
        Scenario {
            name: "... with jwks_file",
            file: true,
            ..STEADY
        },
        Scenario {
            name: "the issuer rotates its key",
            rotation: Some(2 * HOUR),
            ..STEADY
        },
        Scenario {
            name: "... with jwks_file",
            rotation: Some(2 * HOUR),
            file: true,
            ..STEADY
        },
        Scenario {
            name: "two hours of outage",
            outage,
            ..STEADY
        },
        Scenario {
            name: "... with jwks_file",
            outage,
            file: true,
            ..STEADY
        },
        Scenario {
            name: "a flood of unknown kids",
            flood: Some((2 * HOUR, 3 * HOUR, 5000)),
            ..STEADY
        },
        Scenario {
            name: "... in the middle of an outage",
            flood: Some((2 * HOUR, 3 * HOUR, 5000)),
            outage,
            ..STEADY
        },
    ];
    println!("{ENVIRONMENTS} environments, 1,000 good requests a second, six hours\n");
    println!(
        "{:<32} {:>9} {:>11} {:>11} {:>12} {:>12} {:>12}",
        "", "fetches", "fetches/s", "fetches/s", "good tokens", "good tokens", "new key"
    );
    println!(
        "{:<32} {:>9} {:>11} {:>11} {:>12} {:>12} {:>12}",
        "SCENARIO", "IN ALL", "(MEAN)", "(PEAK)", "REFUSED", "UNDECIDED", "ACCEPTED BY"
    );
    for scenario in &scenarios {
        println!("{}", run(scenario));
    }
}

/// A fleet under one scenario, as a line of the table.
fn run(scenario: &Scenario) -> String {
    let mut random = Random(1);
    let issuer = Issuer { scenario };
    let mut fleet: Vec<Environment> = (0..ENVIRONMENTS)
        .map(|_| Environment::started(&mut random, scenario))
        .collect();
    let mut tally = Tally::new(scenario);
    for now in (0..scenario.length).step_by(1000) {
        let flooded = scenario
            .flood
            .filter(|(from, to, _)| (*from..*to).contains(&now));
        let flood = flooded.map_or(0, |(_, _, rate)| rate);
        for n in 0..scenario.requests_per_second + flood {
            let environment = &mut fleet[random.below(ENVIRONMENTS as u64) as usize];
            if environment.ends <= now {
                *environment = Environment::new(now, &mut random, scenario);
                environment.prefetch(now, &issuer, &mut tally);
            }
            let kid = if n < flood {
                "nobody's"
            } else {
                issuer.kid(now)
            };
            let answer = environment.ask(kid, now, &issuer, &mut tally);
            if n >= flood {
                tally.good(answer, kid, now);
            }
        }
    }
    tally.line()
}

/// A time of the scenario as the caches see it.
fn at(now: u64) -> Timestamp {
    Timestamp::from_millis(START + now)
}

/// One execution environment: a cache, and the end of its life.
struct Environment {
    cache: JwksCache,
    ends: u64,
}

/// What a request is answered, as far as keys decide it.
enum Answer {
    Accepted,
    Refused,
    Undecided,
}

impl Environment {
    fn new(now: u64, random: &mut Random, scenario: &Scenario) -> Self {
        let file = scenario.file.then(|| keys(&["first"]));
        let ends = now + scenario.lifetime / 2 + random.below(scenario.lifetime);
        Self {
            cache: JwksCache::new(POLICY, file),
            ends,
        }
    }

    /// An environment in the middle of its life when the clock starts.
    fn started(random: &mut Random, scenario: &Scenario) -> Self {
        let mut environment = Self::new(0, random, scenario);
        environment.ends = random.below(scenario.lifetime);
        if !scenario.file {
            let fetched = Timestamp::from_millis(START - random.below(HOUR));
            environment.cache.complete(fetched, Some(keys(&["first"])));
        }
        environment
    }

    fn prefetch(&mut self, now: u64, issuer: &Issuer<'_>, tally: &mut Tally) {
        if self.cache.prefetch(at(now)) {
            tally.fetch(now);
            self.cache.complete(at(now), issuer.served(now));
        }
    }

    fn ask(&mut self, kid: &str, now: u64, issuer: &Issuer<'_>, tally: &mut Tally) -> Answer {
        loop {
            match self.cache.look_up(kid, at(now)) {
                LookUp::Found(..) => return Answer::Accepted,
                LookUp::Unknown => return Answer::Refused,
                LookUp::Unavailable | LookUp::Wait => return Answer::Undecided,
                LookUp::Fetch => {
                    tally.fetch(now);
                    self.cache.complete(at(now), issuer.served(now));
                }
            }
        }
    }
}

/// The issuer as the fleet sees it.
struct Issuer<'s> {
    scenario: &'s Scenario,
}

impl Issuer<'_> {
    /// The `kid` that tokens have which are presented at `now`.
    fn kid(&self, now: u64) -> &'static str {
        if self.scenario.rotation.is_some_and(|at| now >= at) {
            "second"
        } else {
            "first"
        }
    }

    /// The key set at `now`, if it can be had. The old key stays in it after a rotation.
    fn served(&self, now: u64) -> Option<Jwks> {
        if self
            .scenario
            .outage
            .is_some_and(|(from, to)| (from..to).contains(&now))
        {
            return None;
        }
        let rotated = self.scenario.rotation.is_some_and(|at| now >= at);
        Some(keys(if rotated {
            &["first", "second"]
        } else {
            &["first"]
        }))
    }
}

/// A key set with these `kid`s. The keys are the one of RFC 8037 A.2: no signature is made here.
fn keys(kids: &[&str]) -> Jwks {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let key = |kid: &&str| {
        format!(r#"{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"{kid}","x":"{x}"}}"#)
    };
    let keys: Vec<String> = kids.iter().map(key).collect();
    Jwks::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).unwrap()
}

/// What is counted.
struct Tally {
    name: &'static str,
    rotation: Option<u64>,
    per_second: Vec<u32>,
    refused: u64,
    undecided: u64,
    last_refusal_of_new_key: Option<u64>,
}

impl Tally {
    fn new(scenario: &Scenario) -> Self {
        Self {
            name: scenario.name,
            rotation: scenario.rotation,
            per_second: vec![0; (scenario.length / 1000) as usize],
            refused: 0,
            undecided: 0,
            last_refusal_of_new_key: None,
        }
    }

    fn fetch(&mut self, now: u64) {
        self.per_second[(now / 1000) as usize] += 1;
    }

    fn good(&mut self, answer: Answer, kid: &str, now: u64) {
        match answer {
            Answer::Accepted => return,
            Answer::Refused => self.refused += 1,
            Answer::Undecided => self.undecided += 1,
        }
        if kid == "second" {
            self.last_refusal_of_new_key = Some(now);
        }
    }

    fn line(&self) -> String {
        let all: u32 = self.per_second.iter().sum();
        let mean = f64::from(all) / self.per_second.len() as f64;
        let peak = self.per_second.iter().max().copied().unwrap_or_default();
        let accepted = self.rotation.map_or("-".to_owned(), |at| {
            let last = self
                .last_refusal_of_new_key
                .map_or(0, |last| last - at + 1000);
            format!("{} s", last / 1000)
        });
        format!(
            "{:<32} {:>9} {:>11.1} {:>11} {:>12} {:>12} {:>12}",
            self.name, all, mean, peak, self.refused, self.undecided, accepted
        )
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
