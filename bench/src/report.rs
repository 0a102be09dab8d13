//! The report: `bench/report.template` with the figures filled in, as `docs/performance.md`, and its
//! pictures.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Mean;
use crate::chart::{Bar, draw};
use crate::cold::{
    EMPTY, Functions, NODE_WITH_FILE, SharedStart, Start, WITH_FETCH, WITH_FILE, WarmRun,
};
use crate::cost::Cost;
use crate::hostile::Class;
use crate::in_process::{BARE, Timed};
use crate::share::PER_CENT;
use crate::sizes::Size;

const TEMPLATE: &str = "bench/report.template";
const REPORT: &str = "docs/performance.md";
const PICTURES: &str = "docs/performance";

/// The lines of warm requests that are quoted.
const REST_TOKEN: &str = "RS256, REST `TOKEN`";

/// Everything that was measured.
pub struct Measured {
    pub machine: String,
    pub functions: Functions,
    pub starts: Vec<Start>,
    /// Nothing where the machine has no control groups for us.
    pub starts_under_share: Option<Vec<SharedStart>>,
    pub warm_runs: Vec<WarmRun>,
    pub warm: Vec<Timed>,
    pub node_micros: f64,
    pub hostile: Vec<Class>,
    pub cost: Cost,
    pub size: Size,
    /// What `cargo lambda build`, and `sam build` by it, makes of the program.
    pub package: Size,
    pub empty_size: Size,
}

/// A goal: what is measured and the most that it may be.
struct Goal {
    what: &'static str,
    measured: f64,
    most: f64,
    unit: &'static str,
}

/// Writes the report and its pictures.
pub fn write(measured: &Measured) {
    fs::create_dir_all(PICTURES).unwrap();
    draw_pictures(measured);
    let parts = BTreeMap::from([
        ("machine", measured.machine.clone()),
        ("goals", goals_table(measured)),
        ("cold", cold_table(measured)),
        ("warm", warm_table(measured)),
        ("runtime_api", runtime_api_table(measured)),
        ("sizes", sizes_table(measured)),
        ("hostile", hostile_table(&measured.hostile)),
        ("cost", cost_table(&measured.cost)),
        (
            "rest_token",
            format!("{:.0}", line(&measured.warm, REST_TOKEN).micros),
        ),
        (
            "bare",
            format!(
                "{:.0}",
                line(&measured.warm, &format!("RS256, {BARE}")).micros
            ),
        ),
    ]);
    let mut text = fs::read_to_string(TEMPLATE).expect("there is a template");
    for (name, part) in parts {
        let place = format!("{{{{{name}}}}}");
        assert!(text.contains(&place), "{TEMPLATE} has no {place}");
        text = text.replace(&place, &part);
    }
    assert!(
        !text.contains("{{"),
        "{TEMPLATE} has a place for what is not measured"
    );
    fs::write(REPORT, text).unwrap();
}

fn line<'w>(warm: &'w [Timed], what: &str) -> &'w Timed {
    let line = warm.iter().find(|line| line.what == what);
    line.unwrap_or_else(|| panic!("`{what}` was not measured"))
}

fn goals(measured: &Measured) -> Vec<Goal> {
    let starts = &measured.starts;
    let warm = &measured.warm_runs;
    let goal = |what, measured, most, unit| Goal {
        what,
        measured,
        most,
        unit,
    };
    let over_empty = |time: fn(&Start) -> f64| time(&starts[WITH_FILE]) / time(&starts[EMPTY]);
    let dearest = measured
        .hostile
        .iter()
        .map(|class| class.to_good)
        .fold(0.0, f64::max);
    let memory = |at: usize| warm[at].peak_memory;
    let mut goals = vec![
        goal(
            "cold start with `jwks_file` to the first poll, over the empty handler's",
            over_empty(|start| start.first_poll_ms),
            1.3,
            "×",
        ),
        goal(
            "the same to the first answer",
            over_empty(|start| start.first_answer_ms),
            1.3,
            "×",
        ),
        goal(
            "the same to the first poll, in time of the processor",
            over_empty(|start| start.processor_to_poll_ms),
            1.3,
            "×",
        ),
        goal(
            "the same to the first answer, in time of the processor",
            over_empty(|start| start.processor_ms),
            1.3,
            "×",
        ),
    ];
    if let Some(shared) = &measured.starts_under_share {
        let over_empty = |mean: fn(&SharedStart) -> Mean| {
            mean(&shared[WITH_FILE]).value / mean(&shared[EMPTY]).value
        };
        goals.push(goal(
            "the same to the first poll, with 7 % of a core, in the mean",
            over_empty(|start| start.first_poll_ms),
            1.3,
            "×",
        ));
        goals.push(goal(
            "the same to the first answer, with 7 % of a core, in the mean",
            over_empty(|start| start.first_answer_ms),
            1.3,
            "×",
        ));
    }
    goals.extend([
        goal(
            "cold start with `jwks_file` to the first answer, over Node.js with a file",
            starts[WITH_FILE].first_answer_ms / starts[NODE_WITH_FILE].first_answer_ms,
            1.0 / 30.0,
            "×",
        ),
        goal(
            "cold start with a fetch, round trips included, beyond that with `jwks_file`",
            starts[WITH_FETCH].first_poll_ms - starts[WITH_FILE].first_poll_ms,
            5.0,
            "ms",
        ),
        goal(
            "REST `TOKEN` event, RS256, in process, over the bare verification",
            line(&measured.warm, REST_TOKEN).over_bare,
            1.35,
            "×",
        ),
        goal(
            "peak memory, over the empty handler's",
            memory(WITH_FILE) / memory(EMPTY),
            2.5,
            "×",
        ),
        goal(
            "peak memory, over Node.js'",
            memory(WITH_FILE) / memory(NODE_WITH_FILE),
            0.125,
            "×",
        ),
        goal("binary", measured.size.binary / 1e6, 5.3, "MB"),
        goal(
            "binary as `cargo lambda` builds it",
            measured.package.binary / 1e6,
            5.3,
            "MB",
        ),
        goal("ZIP package", measured.package.zip / 1e6, 2.6, "MB"),
        goal(
            "dearest class of hostile tokens, over a good token",
            dearest,
            1.1,
            "×",
        ),
    ]);
    goals
}

fn goals_table(measured: &Measured) -> String {
    let rows = goals(measured).into_iter().map(|goal| {
        let digits = if goal.most < 1.0 { 3 } else { 2 };
        let met = if goal.measured <= goal.most {
            "yes"
        } else {
            "**no**"
        };
        vec![
            goal.what.to_owned(),
            format!("{:.digits$} {}", goal.most, goal.unit),
            format!("{:.digits$} {}", goal.measured, goal.unit),
            met.to_owned(),
        ]
    });
    table(&["goal", "at most", "measured", "met"], rows)
}

fn cold_table(measured: &Measured) -> String {
    let names = measured.functions.all.iter().map(|function| function.name);
    let rows = names.enumerate().map(|(at, name)| {
        let start = &measured.starts[at];
        let mut row = vec![
            name.to_owned(),
            format!("{:.2}", start.first_poll_ms),
            format!("{:.2}", start.first_answer_ms),
            format!("{:.2}", start.processor_to_poll_ms),
            format!("{:.2}", start.processor_ms),
        ];
        row.extend(match &measured.starts_under_share {
            Some(shared) => {
                [shared[at].first_poll_ms, shared[at].first_answer_ms].map(|mean| mean.to_string())
            }
            None => ["not measured".to_owned(), "not measured".to_owned()],
        });
        row
    });
    let share = format!("{PER_CENT} % share: first poll");
    let share_answer = format!("{PER_CENT} % share: first answer");
    let head = [
        "ms",
        "first poll",
        "first answer",
        "processor to the poll",
        "processor to the answer",
        &share,
        &share_answer,
    ];
    table(&head, rows)
}

fn warm_table(measured: &Measured) -> String {
    let lines = measured.warm.iter();
    let mut rows: Vec<Vec<String>> = lines
        .map(|line| {
            let over_bare = format!("{:.2} ×", line.over_bare);
            vec![line.what.clone(), format!("{:.1}", line.micros), over_bare]
        })
        .collect();
    let node = "RS256, `aws-jwt-verify` in Node.js, the token alone";
    let micros = format!("{:.1}", measured.node_micros);
    rows.push(vec![node.to_owned(), micros, String::new()]);
    table(
        &["in process", "µs", "over bare, in turn"],
        rows.into_iter(),
    )
}

fn runtime_api_table(measured: &Measured) -> String {
    let names = measured.functions.all.iter().map(|function| function.name);
    let rows = names.zip(&measured.warm_runs).map(|(name, run)| {
        let memory = format!("{:.1}", run.peak_memory / 1e6);
        vec![name.to_owned(), format!("{:.0}", run.micros), memory]
    });
    table(
        &[
            "through the Runtime API",
            "µs per request",
            "peak memory, MB",
        ],
        rows,
    )
}

fn sizes_table(measured: &Measured) -> String {
    let row = |name: &str, size: &Size| {
        let [binary, zip] = [size.binary, size.zip].map(|bytes| format!("{:.2}", bytes / 1e6));
        vec![name.to_owned(), binary, zip]
    };
    let rows = [
        row("empty handler", &measured.empty_size),
        row("authorizer, `cargo build`", &measured.size),
        row("authorizer, `cargo lambda build`", &measured.package),
    ];
    table(&["MB", "binary", "ZIP package"], rows.into_iter())
}

fn hostile_table(classes: &[Class]) -> String {
    let rows = classes.iter().map(|class| {
        vec![
            class.name.to_owned(),
            class.bytes.to_string(),
            format!("`{}`", class.reason),
            format!("{:.2}", class.to_good),
            format!("{:.2}", class.to_good_of_length),
        ]
    });
    table(
        &[
            "refused token",
            "bytes",
            "reason",
            "good ones",
            "good ones of its length",
        ],
        rows,
    )
}

fn cost_table(cost: &Cost) -> String {
    let rows = [
        (
            "instructions of a warm request, without the signature's",
            cost.instructions,
        ),
        ("allocations of a warm request", cost.allocations),
        ("bytes of the program", cost.binary_bytes),
    ];
    let rows = rows.map(|(what, figure)| vec![what.to_owned(), figure.to_string()]);
    table(&["", "figure"], rows.into_iter())
}

fn draw_pictures(measured: &Measured) {
    let picture = |name: &str| Path::new(PICTURES).join(name);
    let bars = |values: Vec<f64>, text: &dyn Fn(f64) -> String| -> Vec<Bar> {
        let names = measured.functions.all.iter().map(|function| function.name);
        let bar = |(name, value): (&str, f64)| Bar {
            label: name.replace('`', ""),
            length: value,
            text: text(value),
            is_ours: name.starts_with("authorizer"),
        };
        names.zip(values).map(bar).collect()
    };
    let millis = |value: f64| {
        if value < 10.0 {
            format!("{value:.1} ms")
        } else {
            format!("{value:.0} ms")
        }
    };
    let answers = measured.starts.iter();
    let answers = answers.map(|start| start.first_answer_ms).collect();
    draw(
        &picture("cold-start.svg"),
        "Cold start: from the start of the process to the first answer",
        &bars(answers, &millis),
        false,
    );
    if let Some(shared) = &measured.starts_under_share {
        let answers = shared.iter().map(|start| start.first_answer_ms.value);
        draw(
            &picture("cold-start-7-per-cent.svg"),
            "The same with 7 % of a core, what a function of 128 MB has",
            &bars(answers.collect(), &millis),
            false,
        );
    }
    let memory = measured
        .warm_runs
        .iter()
        .map(|run| run.peak_memory / 1e6)
        .collect();
    draw(
        &picture("memory.svg"),
        "Peak memory after 6,000 requests",
        &bars(memory, &|value| format!("{value:.1} MB")),
        false,
    );
    let hostile: Vec<Bar> = measured
        .hostile
        .iter()
        .map(|class| Bar {
            label: class.name.to_owned(),
            length: class.to_good,
            text: format!("{:.2}", class.to_good),
            is_ours: true,
        })
        .collect();
    draw(
        &picture("hostile.svg"),
        "What a refused token costs, relative to a valid token",
        &hostile,
        false,
    );
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let owned: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let mut align = vec!["---".to_owned()];
    align.resize(head.len(), "---:".to_owned());
    let rows: String = rows.map(|cells| row(&cells)).collect();
    (row(&owned) + &row(&align) + &rows).trim_end().to_owned()
}
