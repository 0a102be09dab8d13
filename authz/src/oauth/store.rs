//! Where tokens come from and go to: a file that its owner alone may read, standard input and
//! output.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use oauth2::{CsrfToken, RefreshToken, TokenResponse};
use serde::{Deserialize, Serialize};

use crate::oauth::answer::Tokens;
use crate::oauth::origin::Origin;
use crate::output;

/// More than this is no file of tokens.
const MAX_BYTES: u64 = 256 * 1024;

/// Where the tokens go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tokens")]
pub(crate) struct Output {
    /// Store the tokens in this file instead of printing them.
    ///
    /// It is JSON that its owner alone may read.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print this token alone, as it goes into a header.
    #[arg(long, value_name = "TOKEN", value_enum)]
    only: Option<Kind>,
}

/// One of the tokens of an answer, by its name there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Kind {
    #[value(name = "access_token")]
    Access,
    #[value(name = "id_token")]
    Id,
    #[value(name = "refresh_token")]
    Refresh,
}

/// Where a refresh token comes from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tokens")]
pub(crate) struct Input {
    /// The file of tokens that --output wrote, instead of standard input.
    ///
    /// Standard input may be such JSON, or the refresh token alone.
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
}

/// Why tokens could not be read or stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("`{0}` cannot be read: {1}")]
    Read(String, io::Error),
    #[error("`{0}` cannot be written: {1}")]
    Write(String, io::Error),
    #[error("the tokens cannot be printed: {0}")]
    Print(io::Error),
    #[error("`{0}` holds no refresh token; give the JSON that --output writes, or the token alone")]
    NoRefreshToken(String),
    #[error(
        "`{0}` has an `authz` that cannot be read; remove it, and name the server and the client"
    )]
    Origin(String),
    #[error("the server gave no `{0}`")]
    Absent(&'static str),
}

/// What a file of tokens holds: the answer as it came, and where it came from.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    tokens: &'a Tokens,
    authz: &'a Origin,
}

/// The part of it that says where the tokens came from. Other programs' files have none.
#[derive(Default, Deserialize)]
struct KeptOrigin {
    #[serde(default)]
    authz: Origin,
}

impl Output {
    /// Makes sure that tokens can be stored before any are asked for: a refresh token that came and
    /// was lost may be the last one of its sign-in.
    pub(crate) fn try_file(&self, source: Option<&Input>) -> Result<(), StoreError> {
        match self.file(source) {
            Some(path) => Replacement::begin(path).map(drop),
            None => Ok(()),
        }
    }

    /// Stores the tokens, or prints them.
    pub(crate) fn deliver(
        &self,
        tokens: &Tokens,
        origin: &Origin,
        source: Option<&Input>,
    ) -> Result<(), StoreError> {
        let json = |error: serde_json::Error| StoreError::Print(error.into());
        let all = serde_json::to_string_pretty(tokens).map_err(json)?;
        let file = self.file(source);
        if let Some(path) = file {
            let kept = serde_json::to_string_pretty(&Kept {
                tokens,
                authz: origin,
            });
            Replacement::begin(path)?.end(&kept.map_err(json)?)?;
        }
        match (self.only, file) {
            (Some(kind), _) => print(kind.of(tokens)?),
            (None, None) => print(&all),
            (None, Some(path)) => {
                output::tell(format_args!("the tokens are in `{}`", path.display()));
                Ok(())
            }
        }
    }

    /// Without --output tokens go back to the file that they came from.
    fn file<'a>(&'a self, source: Option<&'a Input>) -> Option<&'a Path> {
        let source = source.and_then(|input| input.tokens.as_deref());
        self.output.as_deref().or(source)
    }
}

impl Kind {
    fn of(self, tokens: &Tokens) -> Result<&str, StoreError> {
        let id_token = &tokens.extra_fields().id_token;
        match self {
            Self::Access => Ok(tokens.access_token().secret()),
            Self::Id => {
                let token = id_token.as_ref().map(|token| token.0.as_str());
                token.ok_or(StoreError::Absent("id_token"))
            }
            Self::Refresh => {
                let token = tokens.refresh_token().map(|token| token.secret().as_str());
                token.ok_or(StoreError::Absent("refresh_token"))
            }
        }
    }
}

impl Input {
    /// The refresh token of the file, of standard input, or asked for on the terminal, and where it
    /// came from, if that is there too.
    pub(crate) fn refresh_token(&self) -> Result<(RefreshToken, Origin), StoreError> {
        let name = self
            .tokens
            .as_ref()
            .map_or("standard input".to_owned(), |path| {
                path.display().to_string()
            });
        let text = self
            .read()
            .map_err(|error| StoreError::Read(name.clone(), error))?;
        let text = text.trim();
        if text.starts_with('{') {
            let tokens: Option<Tokens> = serde_json::from_str(text).ok();
            let token = tokens.and_then(|tokens| tokens.refresh_token().cloned());
            let token = token.ok_or_else(|| StoreError::NoRefreshToken(name.clone()))?;
            let kept: KeptOrigin =
                serde_json::from_str(text).map_err(|_| StoreError::Origin(name))?;
            Ok((token, kept.authz))
        } else if text.is_empty() || text.contains(char::is_whitespace) {
            Err(StoreError::NoRefreshToken(name))
        } else {
            Ok((RefreshToken::new(text.to_owned()), Origin::default()))
        }
    }

    fn read(&self) -> io::Result<String> {
        let mut text = String::new();
        match &self.tokens {
            Some(path) => File::open(path)?
                .take(MAX_BYTES)
                .read_to_string(&mut text)?,
            None if io::stdin().is_terminal() => {
                return rpassword::prompt_password("Refresh token: ");
            }
            None => io::stdin().take(MAX_BYTES).read_to_string(&mut text)?,
        };
        Ok(text)
    }
}

fn print(text: &str) -> Result<(), StoreError> {
    writeln!(io::stdout(), "{text}").map_err(StoreError::Print)
}

/// A file beside another one, which nobody but its owner can read at any time. In its place it is
/// either not at all or as a whole; given up, it is gone.
struct Replacement<'a> {
    path: &'a Path,
    beside: PathBuf,
    file: File,
}

impl<'a> Replacement<'a> {
    /// Begins a file that is to take the place of `path`.
    fn begin(path: &'a Path) -> Result<Self, StoreError> {
        let fault = |error| StoreError::Write(path.display().to_string(), error);
        let may_go = path.symlink_metadata().map_or(true, |old| old.is_file());
        let name = path.file_name().filter(|_| may_go);
        let name = name.ok_or_else(|| fault(io::Error::other("it is no regular file")))?;
        let mut own = OsString::from(".");
        own.push(name);
        own.push(format!(".{}", CsrfToken::new_random().secret()));
        let beside = path.with_file_name(own);
        let file = new_for_owner(&beside).map_err(fault)?;
        Ok(Self { path, beside, file })
    }

    fn end(mut self, text: &str) -> Result<(), StoreError> {
        writeln!(self.file, "{text}")
            .and_then(|()| self.file.sync_all())
            .and_then(|()| std::fs::rename(&self.beside, self.path))
            .map_err(|error| StoreError::Write(self.path.display().to_string(), error))
    }
}

impl Drop for Replacement<'_> {
    fn drop(&mut self) {
        // Once it has taken its place there is nothing to remove.
        let _ = std::fs::remove_file(&self.beside);
    }
}

fn new_for_owner(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
