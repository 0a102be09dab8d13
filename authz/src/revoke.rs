//! `authz revoke`: the end of a refresh token.

use std::error::Error;
use std::process::ExitCode;

use clap::Args;
use oauth2::basic::BasicErrorResponse;
use oauth2::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use oauth2::http::{self, Request, StatusCode};
use oauth2::url::{Url, form_urlencoded};
use oauth2::{ClientId, ClientSecret, HttpRequest, RefreshToken};

use crate::oauth::answer::refusal;
use crate::oauth::app::{KnownApp, basic};
use crate::oauth::http::HttpError;
use crate::oauth::on_runtime;
use crate::oauth::provider::Provider;
use crate::oauth::store::Input;
use crate::output;

/// Which refresh token ends.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    provider: Provider,

    #[command(flatten)]
    app: KnownApp,

    #[command(flatten)]
    input: Input,
}

/// Why a token is not revoked.
#[derive(Debug, thiserror::Error)]
enum RevokeError {
    #[error("asking the revocation endpoint failed: {0}")]
    None(HttpError),
    #[error("the server did not revoke the token: {0}")]
    Refused(String),
    #[error(
        "the server's answer is not one of a revocation endpoint (RFC 7009, section 2.2); check its URL"
    )]
    NotUnderstood,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    on_runtime(async {
        let secret = arguments.app.secret.read()?;
        let (token, origin) = arguments.input.refresh_token()?;
        let id = arguments.app.id(&origin)?;
        let http = arguments.provider.http();
        let server = arguments.provider.server_of(&http, &origin).await?;
        let endpoint = server.revocation()?;
        let request = request(&endpoint, &token, &id, secret.as_ref())?;
        let answer = http.send(request).await.map_err(RevokeError::None)?;
        if answer.status() != StatusCode::OK {
            let refused: BasicErrorResponse =
                serde_json::from_slice(answer.body()).map_err(|_| RevokeError::NotUnderstood)?;
            let description = refused.error_description().map(String::as_str);
            return Err(
                RevokeError::Refused(refusal(refused.error().as_ref(), description)).into(),
            );
        }
        output::tell("revoked; an API takes the access tokens of it until they expire");
        Ok(())
    })
}

/// The request of RFC 7009, section 2.1. The `oauth2` crate has one, but for https alone: not for a
/// server of this machine.
fn request(
    endpoint: &Url,
    token: &RefreshToken,
    id: &ClientId,
    secret: Option<&ClientSecret>,
) -> Result<HttpRequest, http::Error> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", token.secret());
    form.append_pair("token_type_hint", "refresh_token");
    let mut request = Request::post(endpoint.as_str())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    match secret {
        Some(secret) => request = request.header(AUTHORIZATION, basic(id, secret)),
        None => {
            form.append_pair("client_id", id);
        }
    }
    request.body(form.finish().into_bytes())
}
