//! The `[[routes]]` of the configuration: what each asks of a token.

use crate::config::issuer::Names;
use toml::de::DeValue;

use crate::claims::ClaimName;
use crate::config::reader::Section;
use crate::config::{IssuerConfig, check_scopes, from, keys, scopes, shown};
use crate::route::{Conditions, NamedRoute, Requirements, Route, RouteError, RouteTable};

/// Reads all `[[routes]]`.
pub(super) fn table(
    root: &mut Section<'_>,
    issuers: &[IssuerConfig],
    names: Names,
) -> Option<RouteTable> {
    let sections = root.sections("routes", &keys::ROUTE)?;
    let mut routes = Vec::new();
    let mut places = Vec::new();
    let mut named: Vec<NamedRoute> = Vec::new();
    for mut section in sections {
        let name = section.string("route");
        let requirements = requirements(&mut section, issuers, names);
        let Some(name) = name else {
            if !section.has("route") {
                section.missing(&["route"], "write it as in `GET /books/{id}`");
            }
            continue;
        };
        let read = if name.contains(' ') {
            Route::parse(&name, requirements).map(|route| {
                routes.push(route);
                places.push((section.place("route"), shown::text(&name)));
            })
        } else {
            match NamedRoute::parse(&name, requirements) {
                Ok(route) if named.iter().any(|own| own.name() == name) => {
                    Err(RouteError::Duplicate(route.name().to_owned()))
                }
                read => read.map(|route| named.push(route)),
            }
        };
        if let Err(error) = read {
            let fault = format!("{}: {error}", shown::text(&name));
            section.mistake("route", &fault, error.remedy());
        }
    }
    match RouteTable::with_named(routes, named) {
        Ok(table) => Some(table),
        Err((at, error)) => {
            let fault = |name: &str| format!("{name}: {error}");
            match places.get(at) {
                Some((place, name)) => {
                    root.mistake_at_place(place.clone(), &fault(name), error.remedy());
                }
                None => root.mistake("routes", &fault("`$default`"), error.remedy()),
            }
            None
        }
    }
}

fn requirements(section: &mut Section<'_>, known: &[IssuerConfig], names: Names) -> Requirements {
    Requirements {
        issuers: issuers(section, known, names),
        all: conditions(section),
        any_of: any_of(section),
    }
}

/// The names of issuers, each of which must be one.
fn issuers(section: &mut Section<'_>, known: &[IssuerConfig], names: Names) -> Vec<String> {
    let written = section.list("issuers").unwrap_or_default();
    let mut all: Vec<&str> = known.iter().map(|own| own.claims.name.as_str()).collect();
    all.dedup();
    let is_unknown = |name: &&String| names == Names::Complete && !all.contains(&name.as_str());
    for name in written.iter().filter(is_unknown) {
        let fault = format!("{} is not the name of an issuer", shown::text(name));
        let remedy = format!("write some of `{}`", all.join("`, `"));
        section.mistake_in("issuers", name, &fault, &remedy);
    }
    written
}

fn conditions(section: &mut Section<'_>) -> Conditions {
    Conditions {
        scopes: scopes(section, "scopes"),
        any_scope: scopes(section, "any_scope"),
        groups: section.list("groups").unwrap_or_default(),
        any_group: section.list("any_group").unwrap_or_default(),
        require: from::require(section),
        bind: bind(section),
    }
}

/// Path parameters, and the claims that they must equal.
fn bind(section: &mut Section<'_>) -> Vec<(String, String)> {
    let bind = section.map("bind").unwrap_or_default();
    for (_, claim) in &bind {
        if ClaimName::parse(claim).is_none() {
            let fault = format!("{} is not a JSON Pointer", shown::text(claim));
            section.mistake("bind", &fault, from::WRITE_POINTER);
        }
    }
    bind
}

/// Alternatives, each a list of scopes or a table of conditions; or the word `nobody`, for none.
fn any_of(section: &mut Section<'_>) -> Option<Vec<Conditions>> {
    const KEY: &str = "any_of";
    let value = section.take(KEY)?;
    if value.get_ref().as_str() == Some("nobody") {
        for other in [
            "issuers",
            "scopes",
            "any_scope",
            "groups",
            "any_group",
            "require",
            "bind",
        ] {
            if section.has(other) && !section.is_guessed(other) {
                let fault = format!("\"nobody\" leaves nothing for `{other}` to ask");
                section.mistake(KEY, &fault, "remove one");
            }
        }
        return Some(Vec::new());
    }
    let is_list = value
        .get_ref()
        .as_array()
        .is_some_and(|list| !list.is_empty());
    if !is_list {
        section.mistake(
            KEY,
            "not a list of lists",
            "write each between [ and ], as in `[[\"a\", \"b\"], [\"c\"]]`, or as a table, as in \
             `[{ any_group = [\"admins\"] }]`, or \"nobody\" to refuse the route to every token",
        );
    }
    let DeValue::Array(entries) = value.into_inner() else {
        return Some(Vec::new());
    };
    let remedy = section.write_list();
    let mut alternatives = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        if entry.get_ref().is_table() {
            let mut table = section.entry(KEY, at, entry, &keys::ALTERNATIVE);
            let own = conditions(&mut table);
            if table.is_empty() {
                table.mistake_of_all(
                    "the table is empty",
                    "write what is asked for, or remove it",
                );
            }
            alternatives.push(own);
        } else if let Some(list) = section.texts(KEY, &entry, remedy) {
            check_scopes(section, KEY, list.iter());
            alternatives.push(Conditions::of_scopes(list));
        }
    }
    Some(alternatives)
}
