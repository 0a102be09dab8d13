//! `authz refresh`: new tokens for a refresh token.

use std::error::Error;
use std::process::ExitCode;

use clap::Args;
use oauth2::TokenResponse;

use crate::oauth::answer::{self, AnswerError};
use crate::oauth::app::KnownApp;
use crate::oauth::on_runtime;
use crate::oauth::provider::Provider;
use crate::oauth::store::{Input, Output};

/// Whose tokens are renewed, and where they go: back to their file, if they come from one.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    provider: Provider,

    #[command(flatten)]
    app: KnownApp,

    #[command(flatten)]
    input: Input,

    #[command(flatten)]
    output: Output,
}

/// The refresh token grant (RFC 6749, section 6). A server that gives a new refresh token takes the
/// old one no more; one that gives none goes on taking the old one, which is kept.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    on_runtime(async {
        let secret = arguments.app.secret.read()?;
        let (old, origin) = arguments.input.refresh_token()?;
        let id = arguments.app.id(&origin)?;
        arguments.output.try_file(Some(&arguments.input))?;
        let http = arguments.provider.http();
        let server = arguments.provider.server_of(&http, &origin).await?;
        let mut tokens = answer::client(id.clone(), secret, server.token()?)
            .exchange_refresh_token(&old)
            .request_async(&|request| http.send(request))
            .await
            .map_err(AnswerError::from)?;
        if tokens.refresh_token().is_none() {
            tokens.set_refresh_token(Some(old));
        }
        let origin = server.origin(&id);
        Ok(arguments
            .output
            .deliver(&tokens, &origin, Some(&arguments.input))?)
    })
}
