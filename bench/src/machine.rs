//! What the figures were measured on, and when.

use std::fs::read_to_string;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use cognito_authorizer::time::Timestamp;

/// The machine and the tools, a line each.
#[must_use]
pub fn describe() -> String {
    let read = |path: &str| read_to_string(path).unwrap_or_default();
    let of = |text: &str, name: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line.split_once(':')
            .map_or("unknown", |(_, value)| value.trim())
            .to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = of(&read("/proc/cpuinfo"), "model name");
    let memory_kib: f64 = of(&read("/proc/meminfo"), "MemTotal")
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or(0.0);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("unknown");
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Timestamp::from_seconds(since_epoch.as_secs()).to_string();
    let date = now.split('T').next().unwrap_or_default();
    let commit = said_by("git", &["describe", "--always", "--dirty"]);
    let memory = memory_kib / 1024.0 / 1024.0;
    let kernel = read("/proc/sys/kernel/osrelease");
    [
        format!("- Measured on {date}, at commit `{commit}`, with a load of {load} before it."),
        format!(
            "- {processor}, {cores} cores, {memory:.0} GiB, Linux {}",
            kernel.trim().split('-').next().unwrap_or_default()
        ),
        format!(
            "- {}, Node.js {}",
            said_by("rustc", &["--version"]),
            said_by("node", &["--version"])
        ),
    ]
    .join("\n")
}

fn said_by(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text).trim().to_owned()
}
