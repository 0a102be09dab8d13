//! A Lambda function as a process of its own.

use std::io::{Read, Write, pipe};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use crate::runtime_api::{Answered, RuntimeApi};
use crate::share::Share;

/// A function: its program and its environment.
pub struct Function {
    pub name: &'static str,
    pub program: Vec<String>,
    pub variables: Vec<(String, String)>,
}

/// What one run of a function showed.
pub struct Run {
    /// From the start of the process to its first request to the Runtime API.
    pub first_poll: Duration,
    /// From the start of the process to its first answer, if it was asked for one.
    pub first_answer: Option<Duration>,
    /// The time of the processor that all of the run took, its last poll included.
    pub processor: Duration,
    /// The most memory that was resident, in bytes.
    pub peak_memory: f64,
    pub answers: Vec<Answered>,
}

impl Function {
    /// Whether it runs in Node.js.
    #[must_use]
    pub fn is_node(&self) -> bool {
        self.program[0] == "node"
    }

    /// Starts the function, gives it an event so many times, and ends it at its next poll.
    #[must_use]
    pub fn run(&self, event: &str, times: usize, share: Option<&Share>) -> Run {
        let api = RuntimeApi::new(event, times);
        let mut command = Command::new(&self.program[0]);
        command
            .args(&self.program[1..])
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let (start, process) = match share {
            None => {
                // No code runs between fork and exec, so that the standard library can spare the
                // new process a copy of the bench's memory, which costs as much as the start.
                let start = Instant::now();
                (start, command.spawn().expect("the function starts"))
            }
            Some(share) => {
                let (mut started, mut starts) = pipe().expect("a pipe can be made");
                let (mut entrance, wait) = (share.entrance(), share.wait());
                let join = move || {
                    entrance.write_all(b"0")?; // a process that writes 0 means itself
                    sleep(wait);
                    starts.write_all(b".")
                };
                // SAFETY: `write` and `nanosleep` alone are called, on files that are open already.
                unsafe { command.pre_exec(join) };
                // Joining takes the kernel longer than starting, so it does not count.
                let clock = spawn(move || {
                    let read = started.read_exact(&mut [0]);
                    read.map(|()| Instant::now())
                });
                let process = command.spawn().expect("the function joins its group");
                let start = clock.join().expect("the clock is read");
                (start.expect("the function starts"), process)
            }
        };
        let process = Ended(process);
        let (first_poll, answers) = api.finish();
        Run {
            first_poll: first_poll - start,
            first_answer: answers.first().map(|answer| answer.at - start),
            processor: process.processor(),
            peak_memory: process.peak_memory(),
            answers,
        }
    }
}

/// A process that is ended and waited for when it is no longer needed.
struct Ended(Child);

impl Ended {
    /// The time of the processor that its threads have taken, from `/proc`.
    fn processor(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id())).unwrap();
        let nanos = tasks.map(|task| {
            let path = task.unwrap().path().join("schedstat");
            let text = std::fs::read_to_string(path).unwrap_or_default();
            text.split(' ')
                .next()
                .and_then(|nanos| nanos.parse::<u64>().ok())
                .unwrap_or(0)
        });
        Duration::from_nanos(nanos.sum())
    }

    /// The most memory that it had resident (`VmHWM`), in bytes.
    fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line
            .and_then(|line| line.split_whitespace().next())
            .expect("it is there");
        kib.parse::<f64>().unwrap() * 1024.0
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
