//! `openapi = "openapi.yaml"` in a configuration: the API's contract as the one place where its
//! scopes are written. Here it becomes the `[[routes]]` that the authorizer itself reads.
//!
//! The parser is `yaml_serde`, kept by the YAML organisation itself, and `serde_json` for JSON; the few
//! keys that matter are read here. The OpenAPI crates would read less: to `oas3` 0.22 an operation
//! with `security: []` and one without `security` are the same, which shuts or opens a door, and it
//! knows 3.1 alone; `openapiv3` 2.2 knows 3.0 alone; `roas` 0.21 has a type for each version and
//! drops keys that it does not know, such as a misspelt `security`.

mod document;
mod place;
mod requirement;
mod tree;

use std::path::Path;

use cognito_authorizer::Config;
use cognito_authorizer::config::ConfigError;
use cognito_authorizer::route::Requirements;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::{Spanned, Value};

use crate::output;

use self::document::Routes;
use self::tree::Node;

/// The largest document, in bytes. API Gateway imports definitions of up to 6 MB ("ImportRestApi",
/// Amazon API Gateway API reference).
const MAX_BYTES: u64 = 6_000_000;

/// The keys that a configuration has instead of `[[routes]]`.
#[derive(Deserialize)]
struct Keys {
    openapi: Option<Spanned<Value>>,
    security_scheme: Option<Spanned<Value>>,
    routes: Option<IgnoredAny>,
}

/// A configuration whose routes are written out.
#[derive(Debug)]
pub(crate) struct Expansion {
    /// The configuration as TOML, which the authorizer can read.
    pub(crate) text: String,
    /// What the authorizer makes of it.
    pub(crate) config: Config,
    /// What somebody should know about the document.
    warnings: Vec<String>,
}

impl Expansion {
    /// Tells the warnings.
    pub(crate) fn warn(&self) {
        for warning in &self.warnings {
            output::tell(warning);
        }
    }
}

/// Writes the routes of a document into the configuration that names it, beside which it is; all
/// else in the configuration stays as it is. Nothing if the configuration names no document.
///
/// # Errors
/// [`ConfigError`] with the mistakes of the document or of the configuration.
pub(crate) fn expand(text: &str, folder: &Path) -> Result<Option<Expansion>, ConfigError> {
    let keys = toml::from_str::<Keys>(text);
    let Ok(Keys {
        openapi: openapi @ Some(_),
        security_scheme,
        routes,
    }) = keys
    else {
        // What is no TOML, the library says better.
        return Ok(None);
    };
    if routes.is_some() {
        let what = "they would stand beside those of the document; remove them, or `openapi`";
        return Err(ConfigError::one("routes", what));
    }
    let name = text_of("openapi", openapi.as_ref(), "the document beside this file")?;
    let scheme = text_of(
        "security_scheme",
        security_scheme.as_ref(),
        "the scheme below `components.securitySchemes` that is about this authorizer's tokens",
    )?;
    let in_document = |fault: &String| format!("`{name}`: {fault}");
    let Routes { routes, warnings } = read(&folder.join(name))
        .map_err(|fault| vec![fault])
        .and_then(|root| document::routes(&root, scheme))
        .map_err(|faults| ConfigError(faults.iter().map(in_document).collect()))?;
    let mut expanded = without_lines(
        text,
        &[&openapi, &security_scheme].map(|key| key.as_ref().map_or(0..0, Spanned::span)),
    );
    if !expanded.is_empty() && !expanded.ends_with('\n') {
        expanded.push('\n');
    }
    expanded.push_str(&format!(
        "\n# The routes of {}; `authz routes` writes them.\n",
        name.escape_debug()
    ));
    expanded.extend(routes.iter().map(|(name, needs)| table(name, needs)));
    let config = Config::from_toml(&expanded).map_err(|ConfigError(mistakes)| {
        let named = |mistake: &String| {
            named(mistake, &routes).map_or(mistake.clone(), |own| in_document(&own))
        };
        ConfigError(mistakes.iter().map(named).collect())
    })?;
    let warnings = warnings.iter().map(in_document).collect();
    Ok(Some(Expansion {
        text: expanded,
        config,
        warnings,
    }))
}

/// The text under a key.
fn text_of<'k>(
    key: &str,
    value: Option<&'k Spanned<Value>>,
    what: &str,
) -> Result<&'k str, ConfigError> {
    let text = value.and_then(|value| value.get_ref().as_str());
    let fault = if value.is_some() {
        "no text"
    } else {
        "missing"
    };
    text.ok_or_else(|| ConfigError::one(key, &format!("{fault}; name {what}")))
}

#[expect(clippy::disallowed_methods, reason = "a command reads files")]
fn read(path: &Path) -> Result<Node, String> {
    let unreadable = |error: std::io::Error| {
        format!(
            "`{}` cannot be read ({error}); name a JSON or YAML file beside the configuration",
            path.display()
        )
    };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_BYTES {
        return Err(format!(
            "{bytes} bytes; API Gateway takes no more than {MAX_BYTES}"
        ));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    // A byte order mark is no part of either format, and some editors write one.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        Node::from_json(text).map_err(|fault| format!("no usable JSON ({fault}); correct it"))
    } else {
        Node::from_yaml(text).map_err(|fault| format!("no usable YAML ({fault}); correct it"))
    }
}

/// The text without the lines that these spans are in: a key and its value have lines of their own.
fn without_lines(text: &str, spans: &[std::ops::Range<usize>]) -> String {
    let mut start = 0_usize;
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        let end = start.saturating_add(line.len());
        if !spans
            .iter()
            .any(|span| span.start < end && start < span.end)
        {
            kept.push_str(line);
        }
        start = end;
    }
    kept
}

/// An entry of `[[routes]]`.
fn table(name: &str, needs: &Requirements) -> String {
    let text = |text: &String| Value::String(text.clone());
    let list = |texts: &Vec<String>| Value::Array(texts.iter().map(text).collect());
    let mut entry = vec![("route", text(&name.to_owned()))];
    let lists = [
        ("scopes", &needs.scopes),
        ("any_scope", &needs.any_scope),
        ("any_group", &needs.any_group),
    ];
    entry.extend(
        lists
            .into_iter()
            .filter(|(_, texts)| !texts.is_empty())
            .map(|(key, texts)| (key, list(texts))),
    );
    match needs.any_of.as_deref() {
        None => {}
        Some([]) => entry.push(("any_of", Value::String("nobody".to_owned()))),
        Some(lists) => entry.push(("any_of", Value::Array(lists.iter().map(list).collect()))),
    }
    if !needs.bind.is_empty() {
        let pairs = needs
            .bind
            .iter()
            .map(|(param, claim)| (param.clone(), text(claim)));
        entry.push(("bind", Value::Table(pairs.collect())));
    }
    let lines: String = entry
        .iter()
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect();
    format!("[[routes]]\n{lines}")
}

/// A mistake about the route of a number, told of its operation.
fn named(mistake: &str, routes: &[(String, Requirements)]) -> Option<String> {
    let (number, what) = mistake.strip_prefix("`routes[")?.split_once(']')?;
    let (name, _) = routes.get(number.parse::<usize>().ok()?)?;
    let (_, what) = what.split_once("`: ")?;
    let what = what.strip_prefix(&format!("`{name}`: ")).unwrap_or(what);
    Some(format!("`{name}`: {what}"))
}
