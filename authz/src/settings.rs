//! Where the commands find the configuration of the authorizer.

use std::path::PathBuf;

use clap::Args;
use cognito_authorizer::config::{Config, ConfigError, Source, source};

/// The option that all commands share which need a configuration.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The authorizer's configuration, a TOML file; without it the environment is asked, as the
    /// Lambda does (AUTHORIZER_CONFIG, AUTHORIZER_CONFIG_FILE, or USER_POOL_ID and CLIENT_IDS).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Settings {
    /// Reads the configuration.
    ///
    /// # Errors
    /// [`ConfigError`] if it cannot be read or has mistakes.
    #[expect(
        clippy::disallowed_methods,
        reason = "a command reads files and environment"
    )]
    pub(crate) fn load(&self) -> Result<Config, ConfigError> {
        let (name, path) = match &self.config {
            Some(path) => ("--config", path.clone()),
            None => match source(|name| std::env::var(name).ok())? {
                Source::Here(config) => return Ok(*config),
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
        Config::from_toml(&text)
    }
}
