//! Where the configuration comes from: one of two environment variables that hold or name TOML,
//! or a handful of variables for the simple case.

use toml::{Table, Value};

use crate::config::reader::WRITE_LIST;
use crate::config::{Config, ConfigError};

/// The variables of the short form and the keys that they stand for.
const SHORT_FORM: [&str; 5] = [
    "USER_POOL_ID",
    "CLIENT_IDS",
    "REQUIRED_SCOPES",
    "JWKS_URI",
    "JWKS_FILE",
];

/// What the environment says about the configuration.
#[derive(Debug)]
pub enum Source {
    /// The configuration itself.
    Here(Box<Config>),
    /// The path of the file that holds it.
    File(String),
}

/// Finds the configuration in the environment, which `variable` looks up.
///
/// # Errors
/// [`ConfigError`] if there is none, more than one, or it has mistakes.
pub fn source(variable: impl Fn(&str) -> Option<String>) -> Result<Source, ConfigError> {
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let inline = variable("AUTHORIZER_CONFIG");
    let file = variable("AUTHORIZER_CONFIG_FILE");
    let short: Vec<(&str, String)> = SHORT_FORM
        .into_iter()
        .filter_map(|name| Some((name, variable(name)?)))
        .collect();
    match (inline, file, short.as_slice()) {
        (Some(text), None, []) => {
            Config::from_toml(&text).map(|config| Source::Here(Box::new(config)))
        }
        (None, Some(path), []) => Ok(Source::File(path)),
        (None, None, []) => Err(ConfigError::one(
            "AUTHORIZER_CONFIG",
            "not set; set it to the configuration in TOML, or AUTHORIZER_CONFIG_FILE to the path \
             of one, or USER_POOL_ID and CLIENT_IDS for the simple case",
        )),
        (None, None, short) => from_short_form(short).map(|config| Source::Here(Box::new(config))),
        (inline, file, short) => {
            let mut set: Vec<&str> = Vec::new();
            set.extend(inline.map(|_| "AUTHORIZER_CONFIG"));
            set.extend(file.map(|_| "AUTHORIZER_CONFIG_FILE"));
            set.extend(short.iter().map(|(name, _)| *name));
            let what = "the configuration is given in more than one form; keep one, and unset \
                        the others";
            Err(ConfigError::one(&set.join("`, `"), what))
        }
    }
}

/// Writes the short form out as the TOML that it stands for, so that one reader reads both.
fn from_short_form(variables: &[(&str, String)]) -> Result<Config, ConfigError> {
    let needed = [
        (
            "USER_POOL_ID",
            "not set; set it to the id of the user pool, as in `eu-west-1_AbCdEf123`",
        ),
        (
            "CLIENT_IDS",
            "not set; set it to the app clients whose tokens are taken, separated by commas, or \
             to \"any\"",
        ),
    ];
    let is_set = |name: &str| variables.iter().any(|(own, _)| *own == name);
    let missing: Vec<String> = needed
        .into_iter()
        .filter(|(name, _)| !is_set(name))
        .flat_map(|(name, what)| ConfigError::one(name, what).0)
        .collect();
    if !missing.is_empty() {
        return Err(ConfigError(missing));
    }
    let mut root = Table::new();
    let mut issuer = Table::new();
    for (name, value) in variables {
        let text = || Value::String(value.trim().to_owned());
        match *name {
            "USER_POOL_ID" => issuer.insert("user_pool_id".to_owned(), text()),
            "CLIENT_IDS" if value.trim() == "any" => issuer.insert("client_ids".to_owned(), text()),
            "CLIENT_IDS" => issuer.insert("client_ids".to_owned(), list(value)),
            "JWKS_URI" => issuer.insert("jwks_uri".to_owned(), text()),
            "JWKS_FILE" => issuer.insert("jwks_file".to_owned(), text()),
            _ => root.insert("required_scopes".to_owned(), list(value)),
        };
    }
    root.insert(
        "issuers".to_owned(),
        Value::Array(vec![Value::Table(issuer)]),
    );
    let config = Config::from_table(root).map(|mut config| {
        for issuer in &mut config.issuers {
            "JWKS_FILE".clone_into(&mut issuer.jwks_file_key);
        }
        config
    });
    config.map_err(|ConfigError(mistakes)| {
        let in_words = |mistake: String| {
            mistake
                .replace("`issuers[0].user_pool_id`", "`USER_POOL_ID`")
                .replace("`issuers[0].client_ids`", "`CLIENT_IDS`")
                .replace("`issuers[0].jwks_uri`", "`JWKS_URI`")
                .replace("`issuers[0].jwks_file`", "`JWKS_FILE`")
                .replace("`required_scopes`", "`REQUIRED_SCOPES`")
                .replace(WRITE_LIST, "write one or more words separated by commas")
        };
        ConfigError(mistakes.into_iter().map(in_words).collect())
    })
}

/// A list separated by commas.
fn list(value: &str) -> Value {
    let words = value
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    Value::Array(words.map(|word| Value::String(word.to_owned())).collect())
}
