//! The `[[routes]]` of the configuration: what each asks of a token.

use crate::config::issuer::Names;
use crate::config::reader::Section;
use crate::config::{IssuerConfig, check_scopes, keys, scopes, shown};
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
        all: Conditions {
            scopes: scopes(section, "scopes"),
            any_scope: scopes(section, "any_scope"),
            any_group: section.list("any_group").unwrap_or_default(),
            bind: section.map("bind").unwrap_or_default(),
        },
        any_of: any_of(section).map(|lists| lists.into_iter().map(Conditions::of_scopes).collect()),
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

/// Lists of scopes, or the word `nobody`, which is no list at all.
fn any_of(section: &mut Section<'_>) -> Option<Vec<Vec<String>>> {
    const KEY: &str = "any_of";
    let value = section.take(KEY)?;
    if value.get_ref().as_str() == Some("nobody") {
        for other in ["issuers", "scopes", "any_scope", "any_group", "bind"] {
            if section.has(other) && !section.is_guessed(other) {
                let fault = format!("\"nobody\" leaves nothing for `{other}` to ask");
                section.mistake(KEY, &fault, "remove one");
            }
        }
        return Some(Vec::new());
    }
    let lists = value.get_ref().as_array().filter(|lists| !lists.is_empty());
    if lists.is_none() {
        section.mistake(
            KEY,
            "not a list of lists",
            "write each between [ and ], as in `[[\"a\", \"b\"], [\"c\"]]`, or \"nobody\" to \
             refuse the route to every token",
        );
    }
    let remedy = section.write_list();
    let lists: Option<Vec<Vec<String>>> = lists?
        .iter()
        .map(|list| section.texts(KEY, list, remedy))
        .collect();
    let lists = lists?;
    check_scopes(section, KEY, lists.iter().flatten());
    Some(lists)
}
