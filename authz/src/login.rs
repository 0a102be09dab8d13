//! `authz login`: tokens for a person, who signs in with a browser.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use oauth2::{CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};

use crate::oauth::answer::{self, AnswerError, Tokens};
use crate::oauth::app::App;
use crate::oauth::id_token;
use crate::oauth::on_runtime;
use crate::oauth::origin::Origin;
use crate::oauth::provider::Provider;
use crate::oauth::redirect::{self, Listener};
use crate::oauth::store::Output;
use crate::output;

/// Who signs in where, for what.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A scope to ask for, as often as there are any; without it the server decides.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,

    /// Where the browser comes back to: one of the app client's callback URLs, on this machine.
    ///
    /// Port 0 takes any free port, for servers that allow it (RFC 8252, section 7.3). Amazon Cognito
    /// does not.
    #[arg(long, value_name = "URL", default_value = "http://localhost:8400/callback", value_parser = redirect::redirect_uri)]
    redirect_uri: RedirectUrl,

    /// Only print the page to sign in at, for a browser of your choice.
    #[arg(long)]
    no_browser: bool,

    /// How long the person may take.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,

    #[command(flatten)]
    provider: Provider,

    #[command(flatten)]
    app: App,

    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    on_runtime(async {
        arguments.output.try_file(None)?;
        let (tokens, origin) = sign_in(arguments).await?;
        Ok(arguments.output.deliver(&tokens, &origin, None)?)
    })
}

/// The authorization code grant (RFC 6749, section 4.1) with PKCE (RFC 7636).
async fn sign_in(arguments: &Arguments) -> Result<(Tokens, Origin), Box<dyn Error>> {
    let (id, secret) = (arguments.app.id(), arguments.app.secret.read()?);
    let http = arguments.provider.http();
    let server = arguments.provider.server(&http).await?;
    let listener = Listener::bind(&arguments.redirect_uri).await?;
    let client = answer::client(id.clone(), secret, server.token()?)
        .set_auth_uri(server.authorization()?)
        .set_redirect_uri(listener.uri().clone());

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let nonce = CsrfToken::new_random();
    let (page, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(arguments.scopes.iter().cloned().map(Scope::new))
        .add_extra_param("nonce", nonce.secret())
        .set_pkce_challenge(challenge)
        .url();
    show(page.as_str(), arguments.no_browser);
    let expected = redirect::Expected {
        state,
        issuer: server.issuer.clone(),
        needs_iss: server.always_sends_iss,
    };
    let code = listener
        .receive(expected, Duration::from_secs(arguments.timeout))
        .await?;

    let tokens = client
        .exchange_code(code)
        .set_pkce_verifier(verifier)
        .request_async(&|request| http.send(request))
        .await
        .map_err(AnswerError::from)?;
    if let Some(id_token) = &tokens.extra_fields().id_token {
        let expected = id_token::Expected {
            nonce: nonce.secret(),
            client_id: id.as_str(),
            issuer: server.issuer.as_deref(),
        };
        id_token::check(id_token, &expected, now()?)?;
    }
    let origin = server.origin(&id);
    Ok((tokens, origin))
}

/// Shows the page to the person, in any case on the terminal: the browser that opens may be the
/// wrong one, or none.
fn show(page: &str, no_browser: bool) {
    eprintln!("Sign in at\n\n  {page}\n");
    // Its error repeats the command with the page in it.
    if !no_browser && open::that_detached(page).is_err() {
        output::tell("no browser could be opened; open that page yourself");
    }
}

#[expect(clippy::disallowed_methods, reason = "a command reads the clock")]
fn now() -> Result<u64, Box<dyn Error>> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}
