//! The app client: who asks for tokens, and by which secret.

use std::io;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use oauth2::url::form_urlencoded::byte_serialize;
use oauth2::{ClientId, ClientSecret};

use crate::oauth::origin::Origin;

/// Where a secret may stand beside a file and a prompt.
const VARIABLE: &str = "AUTHZ_CLIENT_SECRET";

/// Which client of the authorization server asks.
#[derive(Debug, Args)]
#[command(next_help_heading = "App client")]
pub(crate) struct App {
    /// The app client's id.
    #[arg(long, value_name = "ID")]
    client_id: String,

    #[command(flatten)]
    pub(crate) secret: Secret,
}

/// Which client asks, where the file of tokens may say so.
#[derive(Debug, Args)]
#[command(next_help_heading = "App client")]
pub(crate) struct KnownApp {
    /// The app client's id, unless the file of tokens has it.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,

    #[command(flatten)]
    pub(crate) secret: Secret,
}

/// Where a client's secret comes from.
#[derive(Debug, Args)]
pub(crate) struct Secret {
    /// The file that holds the client's secret, instead of the variable AUTHZ_CLIENT_SECRET.
    ///
    /// A public client has no secret. No option takes the secret itself: anybody on the machine can
    /// read the arguments of a program.
    #[arg(long, value_name = "FILE", conflicts_with = "client_secret_prompt")]
    client_secret_file: Option<PathBuf>,

    /// Ask for the client's secret on the terminal, without showing it.
    #[arg(long)]
    client_secret_prompt: bool,
}

/// Why the secret is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error(
        "--client-secret-file: `{0}` cannot be read ({1}); name a file that holds the secret alone"
    )]
    File(String, io::Error),
    #[error(
        "the terminal cannot be asked for the secret ({0}); use --client-secret-file or AUTHZ_CLIENT_SECRET"
    )]
    Prompt(io::Error),
    #[error(
        "{0} is empty or more than one line; give the client's secret alone, or none for a public client"
    )]
    NoSecret(&'static str),
    #[error(
        "the client is not known; name --client-id, or --tokens with a file that --output of authz wrote"
    )]
    Unknown,
    #[error(
        "the client credentials grant needs the client's secret; use AUTHZ_CLIENT_SECRET, --client-secret-file or --client-secret-prompt"
    )]
    Public,
}

impl App {
    pub(crate) fn id(&self) -> ClientId {
        ClientId::new(self.client_id.clone())
    }
}

impl KnownApp {
    /// The client that was named, or else the one whose tokens these are.
    pub(crate) fn id(&self, origin: &Origin) -> Result<ClientId, AppError> {
        let id = self.client_id.as_ref().or(origin.client_id.as_ref());
        id.cloned().map(ClientId::new).ok_or(AppError::Unknown)
    }
}

impl Secret {
    /// The client's secret, `None` for a public client.
    #[expect(
        clippy::disallowed_methods,
        reason = "a command reads files and environment"
    )]
    pub(crate) fn read(&self) -> Result<Option<ClientSecret>, AppError> {
        let (place, text) = if let Some(path) = &self.client_secret_file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| AppError::File(path.display().to_string(), error))?;
            ("--client-secret-file", text)
        } else if self.client_secret_prompt {
            let text = rpassword::prompt_password("Client secret: ").map_err(AppError::Prompt)?;
            ("--client-secret-prompt", text)
        } else if let Ok(text) = std::env::var(VARIABLE) {
            (VARIABLE, text)
        } else {
            return Ok(None);
        };
        let secret = text.trim();
        if secret.is_empty() || secret.contains(char::is_control) {
            return Err(AppError::NoSecret(place));
        }
        Ok(Some(ClientSecret::new(secret.to_owned())))
    }
}

/// The value of the header `Authorization` for a client with a secret (RFC 6749, section 2.3.1).
pub(crate) fn basic(id: &ClientId, secret: &ClientSecret) -> String {
    let id: String = byte_serialize(id.as_bytes()).collect();
    let secret: String = byte_serialize(secret.secret().as_bytes()).collect();
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}
