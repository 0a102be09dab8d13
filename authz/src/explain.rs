//! `authz explain`: why a request is allowed or refused, step by step, by the authorizer's own
//! walk. The first thing to reach for when somebody asks "why 403?".

mod claims;
mod decision;
mod event;
mod gateway;
mod report;
mod steps;

use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use cognito_authorizer::reason::{DenyReason, Outcome};
use cognito_authorizer::time::Timestamp;
use cognito_authorizer::{Authorizer, Config};
use serde_json::Value;

use crate::moment;
use crate::output::{self, Format};
use crate::settings::{Settings, Unusable};
use crate::sources::Sources;

use self::event::{Api, Asked, Call};
use self::gateway::Gateway;
use self::report::Explanation;
use self::steps::Account;

/// What is asked about, when, and how the answer is told.
#[derive(Debug, Args)]
#[command(override_usage = "\
authz explain [OPTIONS] --event <FILE>
       authz explain [OPTIONS] --token <FILE> --request <CALL>")]
#[command(after_help = "\
The explanation shows what the token claims (issuer, client, times, scopes, groups, subject), and \
never the token or its signature. A token comes from a file or from standard input, as arguments \
are seen by everybody on the machine.

Exit codes: 0 the request is allowed, 1 it is refused or cannot be decided, 2 the question cannot be \
asked: the command line, a file or the configuration is wrong.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// The file of an event that an API sent, or - for standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "token")]
    event: Option<String>,
    /// The file of a token, or - for standard input; what `authz login` and `authz token` keep is
    /// one too.
    #[arg(long, value_name = "FILE", conflicts_with = "event")]
    token: Option<String>,
    /// What is called with the token, as in "GET /books/1"; of a WebSocket API '$connect', of a
    /// GraphQL API a field such as Mutation.addBook.
    #[arg(long, value_name = "CALL", requires = "token", value_parser = Asked::parse)]
    request: Option<Asked>,
    /// The kind of API that is called with the token.
    #[arg(long, value_enum, requires = "token", default_value_t = Api::RestToken)]
    api: Api,
    /// The stage of that API.
    #[arg(long, value_name = "NAME", requires = "token", default_value = "prod")]
    stage: String,
    /// A later request with the same token, which meets the cached answer; more than one may be
    /// asked about.
    #[arg(long, value_name = "CALL", value_parser = Call::parse)]
    then: Vec<Call>,
    /// When the request came, as in 2026-11-22T19:01:27Z or in seconds since 1970; without it, now.
    /// The keys are today's.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    at: Option<Timestamp>,
    /// Fetch no keys: those of each `jwks_file` are all there are.
    #[arg(long)]
    offline: bool,
    /// For whom the explanation is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    match explain(arguments) {
        Ok(outcome) => Ok(match outcome {
            Outcome::Allow => ExitCode::SUCCESS,
            Outcome::Deny | Outcome::Unauthorized | Outcome::Error => ExitCode::FAILURE,
        }),
        Err(error) => {
            crate::tell(error.as_ref());
            Ok(ExitCode::from(2))
        }
    }
}

fn explain(arguments: &Arguments) -> Result<Outcome, Box<dyn Error>> {
    let config = arguments.settings.load()?;
    let event = arguments.event(&config)?;
    let now = arguments.at.unwrap_or_else(now);
    let sources = Arc::new(Sources::new(&config, arguments.offline));
    let fetcher = Arc::clone(&sources);
    let authorizer = Authorizer::new(config.clone(), fetcher, |path| sources.read_file(path))
        .map_err(Unusable::from)?;
    let mut account = Account::new(&config, now);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let walk = authorizer.explain(&event, now, |step| account.see(step));
    let verdict = runtime.block_on(walk);
    let field = match &arguments.request {
        Some(Asked::Field(field)) => Some(field.as_str()),
        Some(Asked::Call(_) | Asked::Connect) | None => None,
    };
    let gateway = Gateway::new(&config, &account, &verdict, field, &arguments.then);
    let is_closed = gateway.is_closed();
    let steps = account.finish(&event, &verdict, &sources);
    let explanation = Explanation {
        at: now.to_string(),
        outcome: verdict.outcome().as_str(),
        reason: verdict.reason().map_or("granted", DenyReason::as_str),
        steps,
        gateway,
    };
    output::print(arguments.format, &explanation)?;
    Ok(if is_closed {
        Outcome::Deny
    } else {
        verdict.outcome()
    })
}

impl Arguments {
    /// The event as an API sent it, or as it would send it.
    fn event(&self, config: &Config) -> Result<String, Box<dyn Error>> {
        if let Some(file) = &self.event {
            return read("--event", file);
        }
        let file = self.token.as_deref().unwrap_or("-");
        let token = token(&read("--token", file)?)?;
        self.api.check(self.request.as_ref())?;
        let call = match &self.request {
            Some(Asked::Call(call)) => Some(call),
            Some(Asked::Connect | Asked::Field(_)) | None => None,
        };
        Ok(event::event(self.api, &self.stage, call, &token, config))
    }
}

/// The token of a file: alone, after `Bearer`, or the `access_token` of an answer of a token
/// endpoint (RFC 6749 5.1), as `authz login` keeps it.
fn token(text: &str) -> Result<String, Box<dyn Error>> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Ok(text.strip_prefix("Bearer ").unwrap_or(text).to_owned());
    }
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    let token = answer.get("access_token").and_then(Value::as_str);
    let token = token.ok_or("--token: the file is no token, and no JSON with an `access_token`")?;
    Ok(token.to_owned())
}

/// Reads a file or standard input. What is no name of a file may be a secret, so it is not said
/// again.
#[expect(clippy::disallowed_methods, reason = "a command reads files")]
fn read(option: &str, file: &str) -> Result<String, Box<dyn Error>> {
    if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    let is_file = Path::new(file).exists();
    let is_contents = file.starts_with("eyJ")
        || file.starts_with("Bearer ")
        || file.trim_start().starts_with('{')
        || file.matches('.').count() > 1 && file.len() > 100;
    if is_contents && !is_file {
        return Err(format!(
            "{option} takes the name of a file, or - for standard input, and not what is in it: \
             arguments are seen by everybody on the machine, and kept by the shell"
        )
        .into());
    }
    std::fs::read_to_string(file).map_err(|error| {
        format!("{option}: `{file}` cannot be read ({error}); name a file, or - for standard input")
            .into()
    })
}

#[expect(clippy::disallowed_methods, reason = "a command reads the clock")]
fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
