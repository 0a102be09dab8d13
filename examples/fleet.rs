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
use cognito_authorizer::jwks::cache::{
    CachePolicy, Fetch, FetchEnd, JwksCache, KNOWN_KEY_WAIT, LookUp, Patience, Refresh,
};
use cognito_authorizer::time::Timestamp;

const FLEET: usize = 10_000;
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// The clock of the fleet when the clock of the scenario starts.
const START: u64 = 24 * HOUR;

/// How long a fetch takes from an issuer that stalls: the default of `timeout_ms`.
const TIMEOUT: u64 = 3000;

/// How long a cold start waits for the keys, as `main.rs` has it.
const COLD_START_WAIT: u64 = 1000;

/// An environment without a request for longer than this was frozen.
const NAP: u64 = 1000;

/// The defaults of the configuration.
const POLICY: CachePolicy = CachePolicy {
    refresh: Refresh::OnDemand,
    max_age_ms: HOUR,
    stale_ms: 24 * HOUR,
    cooldown_ms: 10_000,
    timeout_ms: TIMEOUT,
};

/// What happens, and when. Times are in milliseconds since the start.
struct Scenario {
    name: &'static str,
    environments: usize,
    length: u64,
    /// Good requests a second over the whole fleet.
    requests_per_second: u64,
    /// The issuer signs with a new key from here on.
    rotation: Option<u64>,
    /// The issuer's key set cannot be fetched from here to there.
    outage: Option<(u64, u64)>,
    /// Whether it then accepts and never answers, instead of refusing at once.
    stalls: bool,
    /// Requests a second, over the whole fleet, with `kid`s that nobody has, from here to there.
    flood: Option<(u64, u64, u64)>,
    /// How long an environment lives before a cold one takes its place.
    lifetime: u64,
    /// Whether the keys come with the function (`jwks_file`).
    file: bool,
}

const STEADY: Scenario = Scenario {
    name: "an ordinary day",
    environments: FLEET,
    length: 6 * HOUR,
    requests_per_second: 1000,
    rotation: None,
    outage: None,
    stalls: false,
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
            name: "two hours in which it stalls",
            outage,
            stalls: true,
            ..STEADY
        },
        Scenario {
            name: "... with jwks_file",
            outage,
            stalls: true,
            file: true,
            ..STEADY
        },
        Scenario {
            name: "... ten busy ones with keys",
            environments: 10,
            lifetime: 1000 * HOUR,
            outage,
            stalls: true,
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
    println!("{FLEET} environments, 1,000 good requests a second, six hours\n");
    let heads = [
        [
            "",
            "fetches",
            "fetches/s",
            "fetches/s",
            "good tokens",
            "good tokens",
            "new key",
            "seconds",
            "longest",
        ],
        [
            "SCENARIO",
            "IN ALL",
            "(MEAN)",
            "(PEAK)",
            "REFUSED",
            "UNDECIDED",
            "ACCEPTED BY",
            "WAITED",
            "WAIT",
        ],
    ];
    for head in heads {
        println!("{}", row(head));
    }
    for scenario in &scenarios {
        println!("{}", run(scenario));
    }
}

/// A line of the table.
fn row<T: std::fmt::Display>(cells: [T; 9]) -> String {
    let [
        name,
        fetches,
        mean,
        peak,
        refused,
        undecided,
        accepted,
        waited,
        longest,
    ] = cells;
    format!(
        "{name:<29} {fetches:>8} {mean:>9} {peak:>9} {refused:>11} {undecided:>11} {accepted:>11} \
         {waited:>7} {longest:>7}"
    )
}

/// A fleet under one scenario, as a line of the table.
fn run(scenario: &Scenario) -> String {
    let mut random = Random(1);
    let issuer = Issuer { scenario };
    let mut fleet: Vec<Environment> = (0..scenario.environments)
        .map(|_| Environment::started(&mut random, scenario))
        .collect();
    let mut tally = Tally::new(scenario);
    for now in (0..scenario.length).step_by(1000) {
        let flooded = scenario
            .flood
            .filter(|(from, to, _)| (*from..*to).contains(&now));
        let flood = flooded.map_or(0, |(_, _, rate)| rate);
        for n in 0..scenario.requests_per_second + flood {
            let environment = &mut fleet[random.below(scenario.environments as u64) as usize];
            let mut waited = 0;
            if environment.ends <= now {
                *environment = Environment::new(now, &mut random, scenario);
                waited = environment.prefetch(now, &issuer, &mut tally);
            }
            let kid = if n < flood {
                "nobody's"
            } else {
                issuer.kid(now)
            };
            let (answer, waited) = environment.ask(kid, now, waited, &issuer, &mut tally);
            if n >= flood {
                tally.good(answer, kid, now, waited);
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
    /// When the last request came.
    asked: u64,
    /// The fetch that nobody answers, when it began, and whether it was frozen since.
    under_way: Option<(Fetch, u64, bool)>,
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
            asked: now,
            under_way: None,
        }
    }

    /// An environment in the middle of its life when the clock starts.
    fn started(random: &mut Random, scenario: &Scenario) -> Self {
        let mut environment = Self::new(0, random, scenario);
        environment.ends = random.below(scenario.lifetime);
        if !scenario.file {
            let fetched = Timestamp::from_millis(START - random.below(HOUR));
            let fetch = environment.cache.prefetch(fetched).unwrap();
            let keys = FetchEnd::Fetched(keys(&["first"]));
            environment.cache.complete(fetch, keys);
        }
        environment
    }

    /// Fetches before the first request, and says how long the cold start waits for it.
    fn prefetch(&mut self, now: u64, issuer: &Issuer<'_>, tally: &mut Tally) -> u64 {
        let Some(fetch) = self.cache.prefetch(at(now)) else {
            return 0;
        };
        self.start(fetch, now, issuer, tally);
        self.under_way.map_or(0, |_| COLD_START_WAIT)
    }

    /// Starts a fetch. One that is answered takes no time here.
    fn start(&mut self, fetch: Fetch, now: u64, issuer: &Issuer<'_>, tally: &mut Tally) {
        tally.fetch(now);
        if issuer.stalls(now) {
            self.under_way = Some((fetch, now, false));
        } else {
            let end = issuer
                .served(now)
                .map_or(FetchEnd::Failed, FetchEnd::Fetched);
            self.cache.complete(fetch, end);
        }
    }

    /// What a request is answered that has `waited` for a cold start, and how long it waits in all.
    fn ask(
        &mut self,
        kid: &str,
        now: u64,
        mut waited: u64,
        issuer: &Issuer<'_>,
        tally: &mut Tally,
    ) -> (Answer, u64) {
        let napped = now - self.asked > NAP;
        self.asked = now;
        if let Some((fetch, started, frozen)) = &mut self.under_way {
            *frozen |= napped;
            // Frozen, it is left to the cache to find out.
            if now - *started >= TIMEOUT && !*frozen {
                self.cache.complete(*fetch, FetchEnd::Failed);
                self.under_way = None;
            }
        }
        let mut step = self.cache.look_up(kid, at(now));
        loop {
            match step {
                LookUp::Found(..) => return (Answer::Accepted, waited),
                LookUp::Unknown => return (Answer::Refused, waited),
                LookUp::Unavailable => return (Answer::Undecided, waited),
                LookUp::Fetch(fetch, patience) => {
                    self.start(fetch, now, issuer, tally);
                    if let (Some(_), Patience::Brief) = (self.under_way, patience) {
                        waited += u64::try_from(KNOWN_KEY_WAIT.as_millis()).unwrap();
                    } else {
                        waited += self.wait(now + waited);
                    }
                }
                LookUp::Wait => waited += self.wait(now + waited),
            }
            step = self.cache.look_again(kid, at(now));
        }
    }

    /// Waits for the end of the fetch under way.
    fn wait(&mut self, now: u64) -> u64 {
        let Some((fetch, started, _)) = self.under_way.take() else {
            return 0;
        };
        self.cache.complete(fetch, FetchEnd::Failed);
        (started + TIMEOUT).saturating_sub(now)
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

    fn is_out(&self, now: u64) -> bool {
        let outage = self.scenario.outage;
        outage.is_some_and(|(from, to)| (from..to).contains(&now))
    }

    /// Whether a fetch that starts at `now` is never answered.
    fn stalls(&self, now: u64) -> bool {
        self.scenario.stalls && self.is_out(now)
    }

    /// The key set at `now`, if it can be had. The old key stays in it after a rotation.
    fn served(&self, now: u64) -> Option<Jwks> {
        if self.is_out(now) {
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
    /// How long good tokens have waited, in milliseconds.
    waited: u64,
    longest_wait: u64,
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
            waited: 0,
            longest_wait: 0,
        }
    }

    fn fetch(&mut self, now: u64) {
        self.per_second[(now / 1000) as usize] += 1;
    }

    fn good(&mut self, answer: Answer, kid: &str, now: u64, waited: u64) {
        self.waited += waited;
        self.longest_wait = self.longest_wait.max(waited);
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
        row([
            self.name.to_owned(),
            all.to_string(),
            format!("{mean:.1}"),
            peak.to_string(),
            self.refused.to_string(),
            self.undecided.to_string(),
            accepted,
            (self.waited / 1000).to_string(),
            format!("{:.2} s", self.longest_wait as f64 / 1000.0),
        ])
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
