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

use std::ops::Range;
use std::path::{Path, PathBuf};

use cognito_authorizer::Config;
use cognito_authorizer::config::{ConfigError, Mistake, Place};
use cognito_authorizer::route::Requirements;
use toml::Value;
use toml::de::DeTable;

use crate::output;
use crate::settings::{Unusable, folder};

use self::document::Routes;
use self::tree::Node;

/// The largest document, in bytes. API Gateway imports definitions of up to 6 MB ("ImportRestApi",
/// Amazon API Gateway API reference).
const MAX_BYTES: u64 = 6_000_000;

/// A configuration whose routes are written out.
#[derive(Debug)]
pub(crate) struct Expansion {
    /// The configuration as TOML, which the authorizer can read.
    pub(crate) text: String,
    /// What the authorizer makes of it.
    pub(crate) config: Config,
    /// The files that it was made from.
    pub(crate) sources: [PathBuf; 2],
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
/// [`Unusable`] with the mistakes of the document or of the configuration.
pub(crate) fn expand(text: &str, path: &Path) -> Result<Option<Expansion>, Unusable> {
    let table = DeTable::parse(text);
    // What is not TOML, the library says better.
    let table = table.map_or_else(|_| DeTable::new(), |table| table.into_inner());
    let Some(openapi) = Key::find(text, &table, "openapi") else {
        return Ok(None);
    };
    if let Some(routes) = Key::find(text, &table, "routes") {
        let fault = "they would stand beside those of the document";
        return Err(routes.mistake(fault, "remove them, or `openapi`"));
    }
    let name = openapi.text("name the document beside this file")?;
    let remedy = "name the scheme below `components.securitySchemes` that is about this \
                  authorizer's tokens";
    let scheme = Key::find(text, &table, "security_scheme");
    let missing = || ConfigError::one("security_scheme", "missing", remedy);
    let security_scheme = scheme.ok_or_else(missing)?;
    let scheme = security_scheme.text(remedy)?;
    let document = folder(path).join(name);
    let in_document = |fault: &String| format!("`{name}`: {fault}");
    let Routes { routes, warnings } = read(&document)
        .map_err(|fault| vec![fault])
        .and_then(|root| document::routes(&root, scheme))
        .map_err(|faults| Unusable(faults.iter().map(in_document).collect()))?;
    let mut written = Written::without(text, &[openapi.span, security_scheme.span]);
    written.begin_routes(name);
    for (name, needs) in &routes {
        written.route(name, &table_of(name, needs));
    }
    let config = Config::from_toml(&written.text).map_err(|ConfigError(mistakes)| {
        let told = |mistake: &Mistake| written.told(mistake, name);
        Unusable(mistakes.iter().map(told).collect())
    })?;
    let warnings = warnings.iter().map(in_document).collect();
    Ok(Some(Expansion {
        text: written.text,
        config,
        sources: [path.to_owned(), document],
        warnings,
    }))
}

/// A key of the configuration, and where it and its value are.
struct Key<'t> {
    place: Place,
    span: Range<usize>,
    text: Option<&'t str>,
}

impl<'t> Key<'t> {
    fn find(text: &str, table: &'t DeTable<'_>, name: &str) -> Option<Self> {
        let (key, value) = table.get_key_value(name)?;
        let before = text.get(..key.span().start).unwrap_or_default();
        let place = Place {
            key: Some(name.to_owned()),
            line: Some(before.split('\n').count()),
        };
        let (span, text) = (value.span(), value.get_ref().as_str());
        Some(Self { place, span, text })
    }

    fn text(&self, remedy: &str) -> Result<&'t str, Unusable> {
        self.text
            .ok_or_else(|| self.mistake("not a string", remedy))
    }

    fn mistake(&self, fault: &str, remedy: &str) -> Unusable {
        let mistake = Mistake::new(self.place.clone(), fault, remedy);
        ConfigError(vec![mistake]).into()
    }
}

/// The configuration with its routes, and where each of its lines comes from.
struct Written<'r> {
    text: String,
    /// The number of each line in the file that it was taken from.
    lines: Vec<usize>,
    /// Each route and the number of its first line here.
    routes: Vec<(usize, &'r str)>,
    /// The number of the line that comes next.
    next: usize,
}

impl<'r> Written<'r> {
    /// The text without the lines that these spans are in: a key and its value have lines of their
    /// own.
    fn without(text: &str, spans: &[Range<usize>]) -> Self {
        let mut written = Self {
            text: String::new(),
            lines: Vec::new(),
            routes: Vec::new(),
            next: 1,
        };
        let mut start = 0_usize;
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let end = start.saturating_add(line.len());
            let is_in = |span: &Range<usize>| span.start < end && start < span.end;
            if !spans.iter().any(is_in) {
                written.push(line);
                written.lines.push(number);
            }
            start = end;
        }
        written
    }

    fn begin_routes(&mut self, document: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.push("\n");
        }
        self.push(&format!(
            "\n# The routes of {}; `authz routes` writes them.\n",
            document.escape_debug()
        ));
    }

    fn route(&mut self, name: &'r str, table: &str) {
        self.routes.push((self.next, name));
        self.push(table);
    }

    fn push(&mut self, text: &str) {
        let ends = text.bytes().filter(|byte| *byte == b'\n').count();
        self.next = self.next.saturating_add(ends);
        self.text.push_str(text);
    }

    /// A mistake as it is told of the file that it was made in: of the configuration with its line
    /// there, of the document with the operation.
    fn told(&self, mistake: &Mistake, document: &str) -> String {
        let line = mistake.place.line.unwrap_or_default();
        let route = self.routes.iter().rposition(|(start, _)| *start <= line);
        let Some((at, (_, name))) = route.and_then(|at| Some((at, self.routes.get(at)?))) else {
            let mut own = mistake.clone();
            let line = line.checked_sub(1).and_then(|at| self.lines.get(at));
            own.place.line = line.copied();
            return own.to_string();
        };
        let Mistake { fault, remedy, .. } = mistake;
        // What is said of a route itself says which it is.
        let is_route = mistake.place.key == Some(format!("routes[{at}].route"));
        let operation = if is_route {
            String::new()
        } else {
            format!("`{name}`: ")
        };
        format!("`{document}`: {operation}{fault}; {remedy}")
    }
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

/// An entry of `[[routes]]`.
fn table_of(name: &str, needs: &Requirements) -> String {
    let text = |text: &String| Value::String(text.clone());
    let list = |texts: &Vec<String>| Value::Array(texts.iter().map(text).collect());
    let mut entry = vec![("route", text(&name.to_owned()))];
    let lists = [
        ("scopes", &needs.all.scopes),
        ("any_scope", &needs.all.any_scope),
        ("any_group", &needs.all.any_group),
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
        Some(alternatives) => {
            let lists = alternatives.iter().map(|own| list(&own.scopes));
            entry.push(("any_of", Value::Array(lists.collect())));
        }
    }
    if !needs.all.bind.is_empty() {
        let pairs = needs
            .all
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
