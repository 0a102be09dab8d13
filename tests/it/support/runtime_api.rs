//! The Lambda Runtime API on loopback ("Using the Lambda runtime API", AWS Lambda developer
//! guide), and the project's own binary as the function that polls it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::{Notify, Semaphore};

use super::local;
use super::scratch::ScratchFile;

/// How long a whole run may take before the test is given up. No test waits for it.
const LIMIT: Duration = Duration::from_secs(120);

/// One invocation of the function: an event, and what comes with it.
#[derive(Clone)]
pub(crate) struct Invocation {
    event: Vec<u8>,
    deadline: Deadline,
}

/// When an invocation must be answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deadline {
    /// So long after it is handed out.
    In(Duration),
    /// What the header says, right or wrong.
    Says(u64),
}

impl Deadline {
    fn header(self) -> u64 {
        match self {
            Self::Says(millis) => millis,
            Self::In(duration) => {
                let deadline = SystemTime::now() + duration;
                let since_epoch = deadline.duration_since(UNIX_EPOCH).unwrap();
                u64::try_from(since_epoch.as_millis()).unwrap()
            }
        }
    }
}

impl Invocation {
    /// An invocation that may take a minute.
    pub(crate) fn new(event: impl Into<Vec<u8>>) -> Self {
        Self {
            event: event.into(),
            deadline: Deadline::In(Duration::from_secs(60)),
        }
    }

    /// The same invocation with another deadline.
    pub(crate) fn deadline(mut self, deadline: Deadline) -> Self {
        self.deadline = deadline;
        self
    }
}

/// What the function posted for one invocation.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    /// Which invocation it answers, from 0 on.
    at: usize,
    /// `response` or `error`.
    pub(crate) to: String,
    pub(crate) body: String,
    /// How long it took from the event to this.
    pub(crate) after: Duration,
}

/// What became of a function.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) posted: Vec<Posted>,
    /// How many invocations the function had at one time.
    pub(crate) most_at_once: usize,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit code, if it ended by itself.
    pub(crate) exit_code: Option<i32>,
}

impl Run {
    /// The lines on stdout, which are all JSON objects.
    #[track_caller]
    pub(crate) fn log(&self) -> Vec<serde_json::Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// The verdicts among them.
    #[track_caller]
    pub(crate) fn verdicts(&self) -> Vec<serde_json::Value> {
        let mut lines = self.log();
        lines.retain(|line| line["message"] == "verdict");
        lines
    }
}

/// A function to be, with the environment variables that the Lambda service sets.
pub(crate) struct Function {
    variables: Vec<(String, String)>,
    files: Vec<ScratchFile>,
    when_posted: Option<Arc<Notify>>,
    frozen: Duration,
}

impl Function {
    /// The function with this configuration in a file.
    pub(crate) fn new(config: &str) -> Self {
        let file = ScratchFile::new("authorizer.toml", config);
        Self::bare()
            .variable("AUTHORIZER_CONFIG_FILE", file.path())
            .file(file)
    }

    /// The function without any configuration.
    pub(crate) fn bare() -> Self {
        let variables = [
            ("AWS_LAMBDA_FUNCTION_NAME", "authorizer"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            variables: variables.map(owned).to_vec(),
            files: Vec::new(),
            when_posted: None,
            frozen: Duration::ZERO,
        }
    }

    /// The same function with one more environment variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same function without one of its environment variables.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(own, _)| own != name);
        self
    }

    /// The same function, which keeps a file until it has ended.
    pub(crate) fn file(mut self, file: ScratchFile) -> Self {
        self.files.push(file);
        self
    }

    /// The same function, which has the test told when it answers.
    pub(crate) fn when_posted(mut self, told: Arc<Notify>) -> Self {
        self.when_posted = Some(told);
        self
    }

    /// The same function, which is frozen for so long when it asks for its first event.
    pub(crate) fn frozen_when_ready(mut self, frozen: Duration) -> Self {
        self.frozen = frozen;
        self
    }

    /// Starts the function, hands it these invocations one by one, and stops it.
    #[track_caller]
    pub(crate) fn run(self, invocations: impl IntoIterator<Item = Invocation>) -> Run {
        local().block_on(self.run_beside(invocations))
    }

    /// The same beside servers of the test.
    pub(crate) async fn run_beside(self, invocations: impl IntoIterator<Item = Invocation>) -> Run {
        let run = self.run_all(invocations.into_iter().collect());
        let run = tokio::time::timeout(LIMIT, run).await;
        run.expect("the function neither answers nor ends")
    }

    async fn run_all(self, invocations: VecDeque<Invocation>) -> Run {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let api = Arc::new(RuntimeApi {
            state: Mutex::new(State {
                invocations,
                ..State::default()
            }),
            idle: Notify::new(),
            ready: Notify::new(),
            thawed: Semaphore::new(usize::from(self.frozen.is_zero())),
            when_posted: self.when_posted,
        });
        tokio::spawn(serve(listener, Arc::clone(&api)));
        let mut function = Command::new(env!("CARGO_BIN_EXE_cognito-authorizer"))
            .env_clear()
            .envs(self.variables)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = tokio::spawn(read(function.stdout.take().unwrap()));
        let stderr = tokio::spawn(read(function.stderr.take().unwrap()));
        if !self.frozen.is_zero() {
            let id = function.id().unwrap().to_string();
            api.ready.notified().await;
            signal("-STOP", &id).await;
            tokio::time::sleep(self.frozen).await;
            signal("-CONT", &id).await;
            api.thawed.add_permits(1);
        }
        let exit_code = tokio::select! {
            status = function.wait() => status.unwrap().code(),
            () = api.idle.notified() => {
                function.kill().await.unwrap();
                None
            }
        };
        let mut posted = std::mem::take(&mut api.state.lock().unwrap().posted);
        posted.sort_by_key(|posted| posted.at);
        let most_at_once = api.state.lock().unwrap().most_at_once;
        Run {
            posted,
            most_at_once,
            stdout: stdout.await.unwrap(),
            stderr: stderr.await.unwrap(),
            exit_code,
        }
    }
}

struct RuntimeApi {
    state: Mutex<State>,
    idle: Notify,
    /// The function has asked for its first event.
    ready: Notify,
    /// It is not frozen any more.
    thawed: Semaphore,
    when_posted: Option<Arc<Notify>>,
}

#[derive(Default)]
struct State {
    invocations: VecDeque<Invocation>,
    handed_out: Vec<Instant>,
    most_at_once: usize,
    posted: Vec<Posted>,
}

async fn serve(listener: TcpListener, api: Arc<RuntimeApi>) {
    while let Ok((stream, _)) = listener.accept().await {
        let api = Arc::clone(&api);
        let answers = service_fn(move |request| answer(request, Arc::clone(&api)));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answers);
        tokio::spawn(connection);
    }
}

async fn answer(
    request: Request<Incoming>,
    api: Arc<RuntimeApi>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let words: Vec<&str> = path.split('/').skip(1).collect();
    match words.as_slice() {
        ["2018-06-01", "runtime", "invocation", "next"] => Ok(next(&api).await),
        ["2018-06-01", "runtime", "invocation", id, to] => {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let mut state = api.state.lock().unwrap();
            let at: usize = id.strip_prefix("request-").unwrap().parse().unwrap();
            let posted = Posted {
                at,
                after: state.handed_out[at].elapsed(),
                to: (*to).to_owned(),
                body: String::from_utf8(body.to_vec()).unwrap(),
            };
            state.posted.push(posted);
            if let Some(told) = &api.when_posted {
                told.notify_one();
            }
            Ok(status(StatusCode::ACCEPTED))
        }
        _ => Ok(status(StatusCode::NOT_FOUND)),
    }
}

/// The next invocation. When there is none left, and all were answered, the run is over. Whoever
/// has answered asks for the next one, so the last one to answer will be here.
async fn next(api: &RuntimeApi) -> Response<Full<Bytes>> {
    api.ready.notify_one();
    drop(api.thawed.acquire().await.unwrap());
    let invocation = {
        let mut state = api.state.lock().unwrap();
        let invocation = state.invocations.pop_front();
        if invocation.is_some() {
            state.handed_out.push(Instant::now());
        } else if state.posted.len() == state.handed_out.len() {
            api.idle.notify_one();
        }
        let under_way = state.handed_out.len() - state.posted.len();
        state.most_at_once = state.most_at_once.max(under_way);
        invocation.map(|invocation| (state.handed_out.len() - 1, invocation))
    };
    let Some((at, invocation)) = invocation else {
        return std::future::pending().await;
    };
    Response::builder()
        .header("lambda-runtime-aws-request-id", format!("request-{at}"))
        .header("lambda-runtime-deadline-ms", invocation.deadline.header())
        .header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:authorizer",
        )
        .body(Full::from(invocation.event))
        .unwrap()
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// Sends a signal to the function, as Lambda stops and continues an environment.
async fn signal(signal: &str, process: &str) {
    let sent = Command::new("kill").args([signal, process]).status();
    assert!(sent.await.unwrap().success(), "kill {signal}");
}

async fn read(mut pipe: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
