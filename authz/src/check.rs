//! `authz check`: whether a configuration is good, what it means, and what it could verify now.

mod report;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use cognito_authorizer::Authorizer;
use cognito_authorizer::config::{Config, IssuerConfig, Mention};
use cognito_authorizer::jwks::fetch::FetchJwks;

use crate::output::{self, Format};
use crate::settings::{Settings, Unusable};
use crate::sources::Sources;

use self::report::{CheckReport, IssuerReport, KeySet};

/// What is checked, and how it is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 the configuration is good and every issuer's keys are there, 1 it is not or they are \
not, 2 the command line is wrong. Warnings and advice change nothing of that.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Fetch nothing: the keys of each `jwks_file` are all that is looked at.
    #[arg(long)]
    offline: bool,
    /// For whom the report is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let report = match arguments.settings.load() {
        Err(error) => CheckReport::of_mistakes(error.0),
        Ok(config) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(check(&config, arguments.offline))
        }
    };
    output::print(arguments.format, &report)?;
    Ok(if report.errors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Does what a cold start does, and fetches what it would fetch.
async fn check(config: &Config, offline: bool) -> CheckReport {
    let sources = Arc::new(Sources::new(config, offline));
    let mut report = CheckReport::of_config(config);
    let fetcher = Arc::clone(&sources);
    let authorizer = Authorizer::new(config.clone(), fetcher, |path| sources.read_file(path));
    if let Err(error) = authorizer {
        report.errors.extend(Unusable::from(error).0);
    }
    let is_written = |issuer: &&IssuerConfig| issuer.mention == Mention::Written;
    for issuer in config.issuers.iter().filter(is_written) {
        let updated_form = updated_form(config, issuer);
        let mut sets = Vec::new();
        if let Some(path) = &issuer.jwks_file {
            let document = sources.document(path);
            sets.push(KeySet::of_file(path, document, &issuer.algorithms));
        }
        if let Some(uri) = issuer.jwks_uri.as_ref().filter(|_| !offline) {
            let fetched = sources.fetch(uri).await;
            let set = KeySet::of_uri(uri.as_str(), fetched, &issuer.algorithms);
            report
                .errors
                .extend(set.error.iter().map(|error| format!("`{uri}`: {error}")));
            sets.push(set);
        }
        report.add(IssuerReport::new(issuer, updated_form, sets, offline));
    }
    report
}

/// The issuer that follows from the same `user_pool_id`, if one does: an entry's issuers have one name.
fn updated_form<'a>(config: &'a Config, written: &IssuerConfig) -> Option<&'a IssuerConfig> {
    config.issuers.iter().find(|issuer| {
        issuer.mention == Mention::Implied && issuer.claims.name == written.claims.name
    })
}
