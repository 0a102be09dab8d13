//! Where the commands find the configuration of the authorizer.

use std::path::{Path, PathBuf};

use clap::Args;
use cognito_authorizer::config::{Config, ConfigError, Source, source};

use crate::openapi::{self, Expansion};

/// The option that all commands share which need a configuration.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The authorizer's configuration, a TOML file; without it the environment is asked, as the
    /// Lambda does (AUTHORIZER_CONFIG, AUTHORIZER_CONFIG_FILE, or USER_POOL_ID and CLIENT_IDS).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Where a configuration was found.
enum Found {
    Here(Box<Config>),
    File { text: String, folder: PathBuf },
}

impl Settings {
    /// Reads the configuration, with the routes of an OpenAPI document if it names one.
    ///
    /// # Errors
    /// [`ConfigError`] if it cannot be read or has mistakes.
    pub(crate) fn load(&self) -> Result<Config, ConfigError> {
        match self.find()? {
            Found::Here(config) => Ok(*config),
            Found::File { text, folder } => match openapi::expand(&text, &folder)? {
                Some(expansion) => {
                    expansion.warn();
                    Ok(expansion.config)
                }
                None => Config::from_toml(&text),
            },
        }
    }

    /// Writes the routes of the OpenAPI document into the configuration that names it.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none, it cannot be read or has mistakes.
    pub(crate) fn expand(&self) -> Result<Expansion, ConfigError> {
        let expansion = match self.find()? {
            Found::Here(_) => None,
            Found::File { text, folder } => match openapi::expand(&text, &folder)? {
                None => Config::from_toml(&text).map(|_| None)?,
                some => some,
            },
        };
        let what = "missing; name a document in a configuration of its own file, as in \
                    `openapi = \"openapi.yaml\"`";
        expansion.ok_or_else(|| ConfigError::one("openapi", what))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a command reads files and environment"
    )]
    fn find(&self) -> Result<Found, ConfigError> {
        let (name, path) = match &self.config {
            Some(path) => ("--config", path.clone()),
            None => match source(|name| std::env::var(name).ok())? {
                Source::Here(config) => return Ok(Found::Here(config)),
                Source::File(path) => ("AUTHORIZER_CONFIG_FILE", PathBuf::from(path)),
            },
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let what = format!(
                "`{}` cannot be read ({error}); name a TOML file",
                path.display()
            );
            ConfigError::one(name, &what)
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Found::File { text, folder })
    }
}
