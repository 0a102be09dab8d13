//! Where the commands find the configuration of the authorizer.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use cognito_authorizer::config::{Config, ConfigError, Mistake, Source, source};

use crate::openapi::{self, Expansion};

/// The option that all commands share which need a configuration.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The authorizer's configuration, a TOML file; without it the environment is asked, as the
    /// Lambda does (AUTHORIZER_CONFIG, AUTHORIZER_CONFIG_FILE, or USER_POOL_ID and CLIENT_IDS).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A configuration that cannot be used: all that is wrong with it, or with the document that it
/// names.
#[derive(Debug)]
pub(crate) struct Unusable(pub(crate) Vec<String>);

impl From<ConfigError> for Unusable {
    fn from(ConfigError(mistakes): ConfigError) -> Self {
        Self(mistakes.iter().map(Mistake::to_string).collect())
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let end = if count == 1 { "" } else { "s" };
        write!(f, "the configuration has {count} mistake{end}")
    }
}

impl std::error::Error for Unusable {}

/// Where a configuration was found.
enum Found {
    Here(Box<Config>),
    File { text: String, path: PathBuf },
}

impl Settings {
    /// Reads the configuration, with the routes of an OpenAPI document if it names one.
    ///
    /// # Errors
    /// [`Unusable`] if it cannot be read or has mistakes.
    pub(crate) fn load(&self) -> Result<Config, Unusable> {
        match self.find()? {
            Found::Here(config) => Ok(*config),
            Found::File { text, path } => {
                let config = match openapi::expand(&text, &path)? {
                    Some(expansion) => {
                        expansion.warn();
                        expansion.config
                    }
                    None => Config::from_toml(&text)?,
                };
                Ok(config.in_folder(folder(&path)))
            }
        }
    }

    /// Writes the routes of the OpenAPI document into the configuration that names it.
    ///
    /// # Errors
    /// [`Unusable`] if there is none, it cannot be read or has mistakes.
    pub(crate) fn expand(&self) -> Result<Expansion, Unusable> {
        let expansion = match self.find()? {
            Found::Here(_) => None,
            Found::File { text, path } => match openapi::expand(&text, &path)? {
                None => Config::from_toml(&text).map(|_| None)?,
                some => some,
            },
        };
        let remedy = "name a document in a configuration of its own file, as in \
                      `openapi = \"openapi.yaml\"`";
        expansion.ok_or_else(|| ConfigError::one("openapi", "missing", remedy).into())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a command reads files and environment"
    )]
    fn find(&self) -> Result<Found, Unusable> {
        let (name, path) = match &self.config {
            Some(path) => ("--config", path.clone()),
            None => match source(|name| std::env::var(name).ok())? {
                Source::Here(config) => return Ok(Found::Here(config)),
                Source::File(path) => ("AUTHORIZER_CONFIG_FILE", PathBuf::from(path)),
            },
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let fault = format!("`{}` cannot be read ({error})", path.display());
            ConfigError::one(name, fault, "name a TOML file")
        })?;
        Ok(Found::File { text, path })
    }
}

/// The folder that a file is in, from which its relative paths lead.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
