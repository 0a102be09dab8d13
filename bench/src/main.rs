//! `make bench`: measures everything in one run and writes docs/performance.md.
//!
//! The names of single parts print just these, for whoever works on one of them:
//! `cold`, `warm`, `hostile`.

use std::path::Path;
use std::process::Command;

use bench::cold::Functions;
use bench::cost::{Cost, PROGRAM};
use bench::report::{self, Measured};
use bench::share::Share;
use bench::sizes::Size;
use bench::{hostile, in_process, machine, sample};
use cognito_authorizer::token::Algorithm;

/// What the functions of a run read.
const FILES: &str = "target/bench";

fn main() {
    match std::env::args().nth(1).as_deref() {
        None => measure_all(),
        Some("cold") => print_cold(),
        Some("warm") => print_warm(),
        Some("hostile") => print_hostile(),
        Some(other) => panic!("there is no part `{other}`"),
    }
}

fn measure_all() {
    // The load that is reported is what others make, so it comes first.
    let machine = machine::describe();
    let share = Share::new();
    let functions = Functions::new(Path::new(FILES));
    say("cold starts");
    let starts = functions.starts();
    say("cold starts with a share of the processor");
    let starts_under_share = share.as_ref().map(|share| functions.starts_under(share));
    say("warm requests through the Runtime API");
    let warm_runs = functions.warm();
    say("warm requests in process");
    let warm = in_process::measure();
    say("aws-jwt-verify in process");
    let node_micros = node_micros();
    say("hostile tokens");
    let hostile = hostile::measure();
    say("instructions, allocations and sizes");
    report::write(&Measured {
        machine,
        functions,
        starts,
        starts_under_share,
        warm_runs,
        warm,
        node_micros,
        hostile,
        cost: Cost::ask(),
        size: Size::of(PROGRAM),
        package: Size::of_package("target/lambda/cognito-authorizer/bootstrap.zip"),
        empty_size: Size::of("target/release/empty"),
    });
    say("docs/performance.md is written");
}

fn say(what: &str) {
    println!("bench: {what} …");
}

/// What `aws-jwt-verify` takes for one token in a warm process, in microseconds.
fn node_micros() -> f64 {
    let token = sample::token(Algorithm::RS256);
    let output = Command::new("node")
        .arg("bench/node/warm.mjs")
        .env("TOKEN", token)
        .env("JWKS_FILE", format!("{FILES}/jwks.json"))
        .envs(sample::names())
        .output()
        .expect("node is installed");
    let micros = String::from_utf8_lossy(&output.stdout);
    micros.trim().parse().expect("the script prints a number")
}

fn print_cold() {
    let functions = Functions::new(Path::new(FILES));
    for (function, start) in functions.all.iter().zip(functions.starts()) {
        let (poll, answer) = (start.first_poll_ms, start.first_answer_ms);
        let (to_poll, all) = (start.processor_to_poll_ms, start.processor_ms);
        println!(
            "{:<26} {poll:>9.2} {answer:>9.2} {to_poll:>9.2} {all:>9.2} ms",
            function.name
        );
    }
    if let Some(share) = Share::new() {
        for (function, start) in functions.all.iter().zip(functions.starts_under(&share)) {
            let (poll, answer) = (start.first_poll_ms, start.first_answer_ms);
            println!("{:<26} {poll:>16} {answer:>16} ms", function.name);
        }
    }
    for (function, run) in functions.all.iter().zip(functions.warm()) {
        let (micros, memory) = (run.micros, run.peak_memory / 1e6);
        println!("{:<26} {micros:>9.1} µs {memory:>9.2} MB", function.name);
    }
}

fn print_warm() {
    for line in in_process::measure() {
        let (what, micros, over_bare) = (&line.what, line.micros, line.over_bare);
        println!("{what:<48} {micros:>8.1} µs {over_bare:>6.2} x");
    }
}

fn print_hostile() {
    for class in hostile::measure() {
        let (good, of_length) = (class.to_good, class.to_good_of_length);
        println!(
            "{:<40} {:>6} {good:>6.2} {of_length:>6.2}",
            class.name, class.bytes
        );
    }
}
