//! `authz token`: a token for a program, which has a secret instead of a person.

use std::error::Error;
use std::process::ExitCode;

use clap::Args;
use oauth2::Scope;

use crate::oauth::answer::{self, AnswerError};
use crate::oauth::app::{App, AppError};
use crate::oauth::on_runtime;
use crate::oauth::provider::Provider;
use crate::oauth::store::Output;

/// Which client asks where, for what.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A scope to ask for, as often as there are any; without it the server decides.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,

    #[command(flatten)]
    provider: Provider,

    #[command(flatten)]
    app: App,

    #[command(flatten)]
    output: Output,
}

/// The client credentials grant (RFC 6749, section 4.4).
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    on_runtime(async {
        let secret = arguments.app.secret.read()?.ok_or(AppError::Public)?;
        arguments.output.try_file(None)?;
        let http = arguments.provider.http();
        let server = arguments.provider.server(&http).await?;
        let id = arguments.app.id();
        let tokens = answer::client(id.clone(), Some(secret), server.token()?)
            .exchange_client_credentials()
            .add_scopes(arguments.scopes.iter().cloned().map(Scope::new))
            .request_async(&|request| http.send(request))
            .await
            .map_err(AnswerError::from)?;
        Ok(arguments
            .output
            .deliver(&tokens, &server.origin(&id), None)?)
    })
}
