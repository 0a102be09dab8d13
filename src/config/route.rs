//! The `[[routes]]` of the configuration: what each asks of a token.

use toml::Value;

use crate::config::reader::{Section, WRITE_LIST};
use crate::config::{IssuerConfig, check_scopes, scopes};
use crate::route::{NamedRoute, Requirements, Route, RouteError, RouteTable};

/// Reads all `[[routes]]`.
pub(super) fn table(root: &mut Section<'_>, issuers: &[IssuerConfig]) -> Option<RouteTable> {
    let sections = root.sections("routes")?;
    let mut routes = Vec::new();
    let mut places = Vec::new();
    let mut named: Vec<NamedRoute> = Vec::new();
    for mut section in sections {
        let name = section.string("route");
        let requirements = requirements(&mut section, issuers);
        let fault = match name.as_deref() {
            None if section.has("route") => None,
            None => Some("missing; write it as in `GET /books/{id}`".to_owned()),
            Some(name) if name.contains(' ') => match Route::parse(name, requirements) {
                Ok(route) => {
                    routes.push(route);
                    places.push(section.own_path().to_owned());
                    None
                }
                Err(error) => Some(format!("`{name}`: {error}")),
            },
            Some(name) => match NamedRoute::parse(name, requirements) {
                Ok(route) if named.iter().all(|own| own.name() != name) => {
                    named.push(route);
                    None
                }
                Ok(_) => Some(RouteError::Duplicate(name.to_owned()).to_string()),
                Err(error) => Some(format!("`{name}`: {error}")),
            },
        };
        if let Some(fault) = fault {
            section.mistake("route", &fault);
        }
        section.end();
    }
    match RouteTable::with_named(routes, named) {
        Ok(table) => Some(table),
        Err((at, error)) => {
            let place = places.get(at).map_or("routes", String::as_str);
            root.mistake(&format!("{place}.route"), &error.to_string());
            None
        }
    }
}

fn requirements(section: &mut Section<'_>, known: &[IssuerConfig]) -> Requirements {
    Requirements {
        issuers: issuers(section, known),
        scopes: scopes(section, "scopes"),
        any_scope: scopes(section, "any_scope"),
        any_of: any_of(section),
        any_group: section.list("any_group").unwrap_or_default(),
        bind: section.map("bind").unwrap_or_default(),
    }
}

/// The names of issuers, each of which must be one.
fn issuers(section: &mut Section<'_>, known: &[IssuerConfig]) -> Vec<String> {
    let names = section.list("issuers").unwrap_or_default();
    let mut all: Vec<&str> = known.iter().map(|own| own.claims.name.as_str()).collect();
    all.dedup();
    let is_unknown = |name: &&String| !all.contains(&name.as_str());
    for name in names.iter().filter(is_unknown) {
        let all = all.join("`, `");
        let what = format!("`{name}` is not the name of an issuer; write some of `{all}`");
        section.mistake("issuers", &what);
    }
    names
}

/// Lists of scopes, or the word `nobody`, which is no list at all.
fn any_of(section: &mut Section<'_>) -> Option<Vec<Vec<String>>> {
    const KEY: &str = "any_of";
    let value = section.take(KEY)?;
    if value.as_str() == Some("nobody") {
        for other in ["issuers", "scopes", "any_scope", "any_group", "bind"] {
            if section.has(other) {
                let what = format!("\"nobody\" leaves nothing for `{other}` to ask; remove one");
                section.mistake(KEY, &what);
            }
        }
        return Some(Vec::new());
    }
    let lists = value.as_array().filter(|lists| !lists.is_empty());
    if lists.is_none() {
        section.mistake(
            KEY,
            "no lists; write each between [ and ], as in `[[\"a\", \"b\"], [\"c\"]]`, or \"nobody\" to \
             refuse the route to every token",
        );
    }
    let list = |value: &Value| {
        let read = section.texts(KEY, value);
        read.inspect_err(|fault| section.mistake(KEY, &format!("{fault}; {WRITE_LIST}")))
    };
    let lists: Result<Vec<Vec<String>>, String> = lists?.iter().map(list).collect();
    let lists = lists.ok()?;
    check_scopes(section, KEY, lists.iter().flatten());
    Some(lists)
}
