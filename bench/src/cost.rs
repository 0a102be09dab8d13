//! What does not depend on how fast the machine is: instructions and allocations of a warm
//! request, bytes of the program; and the record that they must not outgrow.

use std::fs;
use std::path::Path;
use std::process::Command;

use cognito_authorizer::token::Algorithm;
use serde_json::{Value, json};

use crate::in_process::{BareSignature, Subject};
use crate::sample;

/// Where the figures are recorded, from the root of the repository.
const RECORD: &str = "bench/record.json";

/// The program that is deployed.
pub const PROGRAM: &str = "target/release/cognito-authorizer";

/// By how much a figure may outgrow its record, in per cent.
const TOLERANCE: u64 = 10;

/// So many calls, and a hundred more, are counted: the difference is free of what happens once.
const FEW: u32 = 20;
const MANY: u32 = 120;

/// The measured figures.
pub struct Cost {
    /// Instructions of a REST `TOKEN` request, in which those of the verification are left
    /// out: the library chooses its code by the features of the processor, our own is the same
    /// everywhere.
    pub instructions: u64,
    /// Allocations of the same request.
    pub allocations: u64,
    /// Bytes of the program.
    pub binary_bytes: u64,
}

impl Cost {
    fn figures(&self) -> [(&'static str, u64); 3] {
        [
            ("warm_instructions", self.instructions),
            ("warm_allocations", self.allocations),
            ("binary_bytes", self.binary_bytes),
        ]
    }

    /// Counts, with the help of valgrind. `allocations` tells how many there have been.
    #[must_use]
    pub fn measure(allocations: fn() -> u64) -> Self {
        let directory = Path::new("target/bench/count");
        fs::create_dir_all(directory).unwrap();
        let token = sample::token(Algorithm::RS256);
        fs::write(directory.join("token"), &token).unwrap();
        fs::write(
            directory.join("jwks.json"),
            sample::key_set(Algorithm::RS256),
        )
        .unwrap();
        let per_call = |what: &str| {
            let more = instructions(what, MANY) - instructions(what, FEW);
            more / u64::from(MANY - FEW)
        };
        let (mut authorize, before) = (call("authorize"), allocations());
        authorize();
        let first = allocations();
        authorize();
        let second = allocations();
        assert!(first > before, "the allocator counts");
        Self {
            instructions: per_call("authorize").saturating_sub(per_call("verify")),
            allocations: second - first,
            binary_bytes: fs::metadata(PROGRAM).expect("the program is built").len(),
        }
    }

    /// What outgrew the record, a line each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let record = fs::read_to_string(RECORD).expect("there is a record");
        let record: Value = serde_json::from_str(&record).expect("the record is JSON");
        let arch = std::env::consts::ARCH;
        let mut faults = Vec::new();
        for (name, figure) in self.figures() {
            match record[arch][name].as_u64() {
                None => faults.push(format!("{RECORD} has no `{name}` for {arch}")),
                Some(recorded) => {
                    println!("{name}: {figure}, recorded {recorded}");
                    if figure * 100 > recorded * (100 + TOLERANCE) {
                        faults.push(format!(
                            "`{name}` has grown from {recorded} to {figure}, by more than \
                             {TOLERANCE} %: make it smaller, or run `make record` and say why"
                        ));
                    }
                }
            }
        }
        faults
    }

    /// Writes the figures down.
    pub fn record(&self) {
        let record = json!({ (std::env::consts::ARCH): self.to_json() });
        let text = serde_json::to_string_pretty(&record).unwrap();
        fs::write(RECORD, format!("{text}\n")).unwrap();
        println!("{text}");
    }

    /// The figures by their names.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let figures = self
            .figures()
            .map(|(name, figure)| (name.to_owned(), json!(figure)));
        Value::Object(figures.into_iter().collect())
    }

    /// What the program `count` measures: it has an allocator of its own, this one has not.
    #[must_use]
    pub fn ask() -> Self {
        let output = Command::new("target/release/count").arg("figures").output();
        let output = output.expect("`count` is built").stdout;
        let figures: Value = serde_json::from_slice(&output).expect("`count` prints JSON");
        let figure = |name: &str| figures[name].as_u64().expect("`count` prints every figure");
        Self {
            instructions: figure("warm_instructions"),
            allocations: figure("warm_allocations"),
            binary_bytes: figure("binary_bytes"),
        }
    }
}

/// Makes so many calls; this is what runs under valgrind.
pub fn make_calls(what: &str, count: u32) {
    let mut call = call(what);
    for _ in 0..count {
        call();
    }
}

fn call(what: &str) -> Box<dyn FnMut()> {
    let read = |name: &str| fs::read(Path::new("target/bench/count").join(name)).unwrap();
    let token = String::from_utf8(read("token")).unwrap();
    let key_set = read("jwks.json");
    match what {
        "verify" => {
            let bare = BareSignature::new(Algorithm::RS256, &token, &key_set);
            Box::new(move || bare.verify())
        }
        "authorize" => {
            let routes = sample::sample_routes();
            let subject = Subject::with_keys(Algorithm::RS256, &routes, &key_set);
            let event = sample::token_event(&token);
            Box::new(move || _ = subject.reply(&event))
        }
        other => panic!("nothing is called {other}"),
    }
}

/// The instructions of a process of this program that makes so many calls.
fn instructions(what: &str, count: u32) -> u64 {
    let program = std::env::current_exe().unwrap();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([what, &count.to_string()])
        .output()
        .expect("valgrind is installed");
    let report = String::from_utf8_lossy(&output.stderr);
    let line = report
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let (_, counted) = line.unwrap_or_else(|| panic!("valgrind did not count: {report}"));
    counted.trim().parse().unwrap()
}
