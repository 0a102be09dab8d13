//! The Lambda binary: it wires the clock, the environment, the files, the network and the Lambda
//! runtime to the library, and does nothing else.

#![expect(
    clippy::disallowed_methods,
    reason = "the shell is where clock, environment and files are"
)]

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cognito_authorizer::Authorizer;
use cognito_authorizer::config::{Config, ConfigError, Source, source};
use cognito_authorizer::jwks::fetch::HttpFetcher;
use cognito_authorizer::reason::DenyReason;
use cognito_authorizer::reply::Reply;
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::verdict::Answer;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The variable that names the Runtime API; who does not have it is no execution environment.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// The others that the Lambda service sets. The runtime would panic without them.
const RUNTIME_VARIABLES: [&str; 3] = [
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

/// How long a cold start waits for the keys of all issuers; what is not there then is waited for
/// by the requests that need it. A fetch is four round trips (name, TCP, TLS, HTTP), each below
/// 250 ms also where the issuer is on the other side of the world.
const COLD_START_WAIT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    log_to_stdout();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), lambda_runtime::Error> {
    let authorizer = authorizer()?;
    let is_missing = |name: &&str| std::env::var_os(name).is_none();
    if is_missing(&RUNTIME_API) {
        tracing::info!(
            "the configuration is good; this is a function of AWS Lambda, so deploy it, or run it \
             with `cargo lambda watch`; `authz check` says more about the configuration"
        );
        return Ok(());
    }
    if let Some(missing) = RUNTIME_VARIABLES.iter().find(|name| is_missing(name)) {
        let what = format!("set it, as AWS Lambda does beside `{RUNTIME_API}`");
        return Err(format!("`{missing}` is not set; {what}").into());
    }
    serve(authorizer)
}

/// Builds the authorizer that the environment describes.
fn authorizer() -> Result<Authorizer<HttpFetcher>, ConfigError> {
    let config = match source(|name| std::env::var(name).ok())? {
        Source::Here(config) => *config,
        Source::File(path) => {
            let text = std::fs::read_to_string(&path).map_err(|error| {
                let fault = format!("`{path}` cannot be read ({error})");
                ConfigError::one("AUTHORIZER_CONFIG_FILE", fault, "write its full path")
            })?;
            let folder = Path::new(&path).parent().unwrap_or(Path::new(""));
            Config::from_toml(&text)?.in_folder(folder)
        }
    };
    let fetcher = HttpFetcher::new(Duration::from_millis(config.jwks.timeout_ms));
    Authorizer::new(config, fetcher, |path| std::fs::read(path))
}

/// Starts as many threads as there is use for: one, unless the environment is one that serves
/// several requests at once (Lambda Managed Instances).
fn serve(authorizer: Authorizer<HttpFetcher>) -> Result<(), lambda_runtime::Error> {
    let concurrency = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok();
    let is_concurrent = concurrency
        .and_then(|limit| limit.parse::<u32>().ok())
        .is_some_and(|limit| limit > 1);
    let mut threads = if is_concurrent {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    threads
        .enable_all()
        .build()?
        .block_on(answer_events(authorizer))
}

/// Answers events until the execution environment ends.
async fn answer_events(authorizer: Authorizer<HttpFetcher>) -> Result<(), lambda_runtime::Error> {
    let authorizer = Arc::new(authorizer);
    // Both outcomes mean that it is time to answer events.
    let _ = tokio::time::timeout(COLD_START_WAIT, authorizer.prefetch(now())).await;
    let handler = service_fn(move |event: LambdaEvent<Event>| {
        let authorizer = Arc::clone(&authorizer);
        async move { answer(&authorizer, event).await }
    });
    Runtime::new(handler).run_concurrent().await
}

async fn answer(
    authorizer: &Authorizer<HttpFetcher>,
    event: LambdaEvent<Event>,
) -> Result<Reply, HandlerError> {
    let (started, now) = (Instant::now(), now());
    let deadline = Timestamp::from_millis(event.context.deadline);
    let time_is_up = async {
        match deadline.time_to_answer(now) {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
        tracing::warn!(
            cause = "deadline",
            "the function's time ran out before the keys came; lower `jwks.timeout_ms`, or raise \
             the function's timeout"
        );
    };
    let verdict = authorizer
        .authorize_before(event.payload.text(), now, time_is_up)
        .await;
    let micros = u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
    let duration_ms = f64::from(micros) / 1000.0;
    let line = verdict.log_line(now, duration_ms, &event.context.request_id);
    // A log that cannot be written must not keep the answer from being given.
    let _ = writeln!(std::io::stdout(), "{line}");
    match verdict.into_answer() {
        Answer::Reply(reply) => Ok(reply),
        Answer::Unauthorized => Err(HandlerError::Unauthorized),
        Answer::Failure(reason) => Err(HandlerError::Failure(reason)),
    }
}

/// An event as it came. Reading it never fails: one that is no JSON gets the same short error,
/// and the same line in the log, as any other that no API sends.
struct Event(Option<Box<RawValue>>);

impl Event {
    fn text(&self) -> &str {
        self.0.as_deref().map_or("", RawValue::get)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Box::<RawValue>::deserialize(deserializer).ok()))
    }
}

/// An error of the handler, as the Lambda runtime reports it.
#[derive(Debug)]
enum HandlerError {
    Unauthorized,
    Failure(DenyReason),
}

/// API Gateway makes a 401 of an error whose message is exactly `Unauthorized`, and a 500 of any
/// other ("Output from an API Gateway Lambda authorizer").
impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        let name = match error {
            HandlerError::Unauthorized => "Unauthorized",
            HandlerError::Failure(reason) => reason.as_str(),
        };
        Self {
            error_type: name.to_owned(),
            error_message: name.to_owned(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the shell is where the clock is read"
)]
fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

/// Sets up the log for what is no verdict. `AWS_LAMBDA_LOG_LEVEL` chooses the level, but nothing
/// below DEBUG is ever written: at TRACE the runtime logs whole events. The runtime's own line
/// for an error that the handler returned is left out, as the verdict has said it.
fn log_to_stdout() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL")
        .ok()
        .and_then(|level| level.parse::<LevelFilter>().ok())
        .unwrap_or(LevelFilter::INFO)
        .min(LevelFilter::DEBUG);
    let targets = Targets::new()
        .with_default(LevelFilter::WARN.min(level))
        .with_target("cognito_authorizer", level)
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
}
