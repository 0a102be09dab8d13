//! Where the configuration comes from: one of two environment variables that hold or name TOML,
//! or a handful of variables for the simple case.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::config::mistakes::Form;
use crate::config::{Config, ConfigError, Mistake, Place};

/// The variables of the short form and the keys that they stand for.
const SHORT_FORM: [(&str, &str); 5] = [
    ("USER_POOL_ID", "issuers[0].user_pool_id"),
    ("CLIENT_IDS", "issuers[0].client_ids"),
    ("REQUIRED_SCOPES", "required_scopes"),
    ("JWKS_URI", "issuers[0].jwks_uri"),
    ("JWKS_FILE", "issuers[0].jwks_file"),
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
        .filter_map(|(name, _)| Some((name, variable(name)?)))
        .collect();
    match (inline, file, short.as_slice()) {
        (Some(text), None, []) => {
            Config::from_toml(&text).map(|config| Source::Here(Box::new(config)))
        }
        (None, Some(path), []) => Ok(Source::File(path)),
        (None, None, []) => Err(ConfigError::one(
            "AUTHORIZER_CONFIG",
            "not set",
            "set it to the configuration in TOML, or AUTHORIZER_CONFIG_FILE to the path of one, or \
             USER_POOL_ID and CLIENT_IDS for the simple case",
        )),
        (None, None, short) => from_short_form(short).map(|config| Source::Here(Box::new(config))),
        (inline, file, short) => {
            let mut set: Vec<&str> = Vec::new();
            set.extend(inline.map(|_| "AUTHORIZER_CONFIG"));
            set.extend(file.map(|_| "AUTHORIZER_CONFIG_FILE"));
            set.extend(short.iter().map(|(name, _)| *name));
            let fault = "the configuration is given in more than one form";
            let remedy = "keep one, and unset the others";
            Err(ConfigError::one(&set.join("`, `"), fault, remedy))
        }
    }
}

/// Writes the short form out as the TOML that it stands for, so that one reader reads both.
fn from_short_form(variables: &[(&str, String)]) -> Result<Config, ConfigError> {
    let needed = [
        (
            "USER_POOL_ID",
            "set it to the id of the user pool, as in `eu-west-1_AbCdEf123`",
        ),
        (
            "CLIENT_IDS",
            "set it to the app clients whose tokens are taken, separated by commas, or to \"any\"",
        ),
    ];
    let is_set = |name: &str| variables.iter().any(|(own, _)| *own == name);
    let missing: Vec<Mistake> = needed
        .into_iter()
        .filter(|(name, _)| !is_set(name))
        .map(|(name, remedy)| Mistake::new(Place::of(name), "not set", remedy))
        .collect();
    if !missing.is_empty() {
        return Err(ConfigError(missing));
    }
    let mut root = DeTable::new();
    let mut issuer = DeTable::new();
    for (name, value) in variables {
        let value = value.trim();
        match *name {
            "USER_POOL_ID" => issuer.insert(key("user_pool_id"), text(value)),
            "CLIENT_IDS" if value == "any" => issuer.insert(key("client_ids"), text(value)),
            "CLIENT_IDS" => issuer.insert(key("client_ids"), list(value)),
            "JWKS_URI" => issuer.insert(key("jwks_uri"), text(value)),
            "JWKS_FILE" => issuer.insert(key("jwks_file"), text(value)),
            _ => root.insert(key("required_scopes"), list(value)),
        };
    }
    let issuers = DeArray::from_iter([unplaced(DeValue::Table(issuer))]);
    root.insert(key("issuers"), unplaced(DeValue::Array(issuers)));
    Config::from_table(root, Form::Variables(&SHORT_FORM))
}

fn key(name: &str) -> Spanned<Cow<'_, str>> {
    unplaced(Cow::Borrowed(name))
}

fn text(value: &str) -> Spanned<DeValue<'_>> {
    unplaced(DeValue::String(Cow::Borrowed(value)))
}

/// A list separated by commas.
fn list(value: &str) -> Spanned<DeValue<'_>> {
    let words = value
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    unplaced(DeValue::Array(words.map(text).collect()))
}

/// What is in no text.
fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}
