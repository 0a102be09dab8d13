//! The operations of a document, each with what it asks of a token.
//!
//! What a key must not be misspelt for is read strictly here; schemas, parameters and the like say
//! nothing about who may call and are left alone.

use std::collections::HashMap;

use cognito_authorizer::route::Requirements;
use strsim::osa_distance;

use super::place::Place;
use super::requirement::{Demand, Requirement, can_be_met};
use super::tree::Node;

/// Where an operation says what OpenAPI has no words for.
const EXTENSION: &str = "x-authz";

/// What stands in it.
const ANY_GROUP: &str = "any_group";
const BIND: &str = "bind";

/// API Gateway's own "x-amazon-apigateway-any-method object": it catches every method that the
/// path item has no operation for, as `ANY` does.
const ANY_METHOD: &str = "x-amazon-apigateway-any-method";

/// The keys of an OpenAPI, a Path Item and an Operation Object that say nothing here, in 3.0.4 or
/// 3.1.1.
const IN_ROOT: [&str; 10] = [
    "openapi",
    "info",
    "jsonSchemaDialect",
    "servers",
    "paths",
    "webhooks",
    "components",
    "security",
    "tags",
    "externalDocs",
];
const IN_ITEM: [&str; 13] = [
    "$ref",
    "summary",
    "description",
    "servers",
    "parameters",
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
];
const IN_OPERATION: [&str; 13] = [
    "tags",
    "summary",
    "description",
    "externalDocs",
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "deprecated",
    "security",
    "servers",
    "isDefaultRoute",
];

/// The routes of a document.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// Each with what it asks of a token, in the order of the document.
    pub(super) routes: Vec<(String, Requirements)>,
    /// What somebody should know about some of them.
    pub(super) warnings: Vec<String>,
}

/// Reads the document in `root`, whose tokens are those of `scheme`.
///
/// # Errors
/// Every mistake: where, what and what to do about it.
pub(super) fn routes(root: &Node, scheme: &str) -> Result<Routes, Vec<String>> {
    let document = Place::root(root);
    let reader = Reader {
        root,
        schemes: schemes(&document, scheme).map_err(|fault| vec![fault])?,
        scheme,
    };
    let mut routes = Routes::default();
    let mut remarks: Vec<(String, Vec<String>)> = Vec::new();
    let mut faults = Vec::new();
    for operation in reader.operations(&document).map_err(|fault| vec![fault])? {
        match operation.and_then(|operation| reader.demand(&document, operation)) {
            Ok((name, demand)) => {
                for remark in demand.remarks {
                    match remarks.iter_mut().find(|(own, _)| *own == remark) {
                        Some((_, names)) => names.push(format!("`{name}`")),
                        None => remarks.push((remark, vec![format!("`{name}`")])),
                    }
                }
                if !name.starts_with("TRACE ") {
                    routes.routes.push((name, demand.needs));
                }
            }
            // What the document says of all its operations is wrong in each of them.
            Err(fault) if faults.contains(&fault) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if routes.routes.is_empty() && faults.is_empty() {
        // A configuration without routes is open to every token.
        faults.push("`paths`: no operation is there; write the operations of the API".to_owned());
    }
    let warning = |(what, names): (String, Vec<String>)| format!("{}: {what}", names.join(", "));
    routes.warnings = remarks.into_iter().map(warning).collect();
    if faults.is_empty() {
        Ok(routes)
    } else {
        Err(faults)
    }
}

/// The security schemes by name, that of the tokens among them.
fn schemes<'d>(document: &Place<'d>, scheme: &str) -> Result<Vec<&'d str>, String> {
    check_version(document)?;
    document.know(&IN_ROOT)?;
    misplaced(document)?;
    let components = document.get("components");
    let Some(schemes) = components.and_then(|components| components.get("securitySchemes")) else {
        return Err("`components.securitySchemes`: missing; describe the tokens there".to_owned());
    };
    let names: Vec<&str> = schemes.members()?.map(|(name, _)| name).collect();
    let Some(own) = schemes.get(scheme) else {
        let what = format!(
            "`{scheme}`, which `security_scheme` names, is not there; name one of {}",
            names.join(", ")
        );
        return Err(schemes.fault(&what));
    };
    check_scheme(&own.resolve(document.node)?)?;
    Ok(names)
}

/// The versions that are known here.
fn check_version(document: &Place<'_>) -> Result<(), String> {
    const WRITE: &str = "write all three parts, as in `openapi: 3.1.0`";
    if let Some(swagger) = document.get("swagger") {
        let what = "a document of Swagger 2.0; convert it to OpenAPI 3, as which API Gateway exports \
                    its APIs too (`--export-type oas30`)";
        return Err(swagger.fault(what));
    }
    let Some(version) = document.get("openapi") else {
        return Err(format!("`openapi`: missing; {WRITE}"));
    };
    let text = match version.node {
        Node::Text(text) => text,
        Node::Scalar(_) => return Err(version.fault(&format!("a number, not a version; {WRITE}"))),
        Node::List(_) | Node::Map(_) => {
            return Err(version.fault(&format!("not a version; {WRITE}")));
        }
    };
    match text.split('.').collect::<Vec<_>>().as_slice() {
        ["3", "0" | "1", _] => Ok(()),
        ["3", "0" | "1"] => Err(version.fault(&format!("`{text}` lacks its third part; {WRITE}"))),
        _ => {
            let what = "only 3.0 and 3.1 are known here; write it as in `openapi: 3.1.0`";
            Err(version.fault(what))
        }
    }
}

/// Only some kinds of scheme are about a token. API Gateway's own description of a Lambda
/// authorizer is an `apiKey` ("x-amazon-apigateway-authorizer object").
fn check_scheme(scheme: &Place<'_>) -> Result<(), String> {
    let word = |key: &str| scheme.get(key).map(|place| place.text()).transpose();
    match (word("type")?, word("scheme")?) {
        (Some("oauth2" | "openIdConnect" | "apiKey"), _) => Ok(()),
        (Some("http"), Some(http)) if http.eq_ignore_ascii_case("bearer") => Ok(()),
        (Some(_) | None, _) => Err(scheme.fault(
            "no scheme of a bearer token; write one of type `openIdConnect`, `oauth2`, `apiKey`, or `http` with \
             the scheme `bearer`",
        )),
    }
}

/// What counts in an operation would be overlooked elsewhere.
fn misplaced(place: &Place<'_>) -> Result<(), String> {
    misspelt(place)?;
    match place.get(EXTENSION) {
        Some(found) => Err(found.fault("it counts in an operation only; write it there")),
        None => Ok(()),
    }
}

/// That our extension is not there under another name, which would open a route wider than meant.
/// Those of others are left alone, so ours is known by being a map, and by a name that is one slip
/// away or by what stands in it.
fn misspelt(place: &Place<'_>) -> Result<(), String> {
    let is_ours = |name: &str, node: &Node| {
        let is_near = osa_distance(&name.to_ascii_lowercase(), EXTENSION) <= 1;
        let is_map = matches!(node, Node::Map(_));
        is_map && is_near || node.get(ANY_GROUP).or_else(|| node.get(BIND)).is_some()
    };
    let mut extensions = place
        .members()?
        .filter(|(name, _)| name.starts_with("x-") && *name != EXTENSION);
    match extensions.find(|(name, extension)| is_ours(name, extension.node)) {
        Some((_, found)) => {
            Err(found.fault("overlooked, as only `x-authz` counts here; write that, or remove it"))
        }
        None => Ok(()),
    }
}

/// An operation: the name of its route, and where it stands.
struct Operation<'d> {
    name: String,
    place: Place<'d>,
}

struct Reader<'d, 's> {
    root: &'d Node,
    schemes: Vec<&'d str>,
    scheme: &'s str,
}

impl<'d> Reader<'d, '_> {
    /// The operations of all paths.
    fn operations(
        &self,
        document: &Place<'d>,
    ) -> Result<Vec<Result<Operation<'d>, String>>, String> {
        let mut operations = Vec::new();
        let mut templates: HashMap<String, &str> = HashMap::new();
        let Some(paths) = document.get("paths") else {
            return Ok(operations);
        };
        misplaced(&paths)?;
        let paths = paths.members()?;
        for (path, item) in paths.filter(|(path, _)| !path.starts_with("x-")) {
            // "Templated paths with the same hierarchy but different templated names MUST NOT
            // exist as they are identical" (Paths Object).
            if let Some(earlier) = templates.insert(template(path), path) {
                let what = format!("the same path as `{earlier}`; write both as one");
                operations.push(Err(item.fault(&what)));
            }
            match self.of_item(path, &item) {
                Ok(own) => operations.extend(own.into_iter().map(Ok)),
                Err(fault) => operations.push(Err(fault)),
            }
        }
        Ok(operations)
    }

    fn of_item(&self, path: &str, item: &Place<'d>) -> Result<Vec<Operation<'d>>, String> {
        let referred = item.resolve(self.root)?;
        referred.know(&IN_ITEM)?;
        misplaced(&referred)?;
        let mut operations = Vec::new();
        for (key, place) in referred.members()? {
            let verb = match key {
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" => {
                    key.to_ascii_uppercase()
                }
                ANY_METHOD => "ANY".to_owned(),
                _ => continue,
            };
            let name = match place.get("isDefaultRoute").map(|place| place.node) {
                Some(Node::Scalar(word)) if word == "true" && key == ANY_METHOD => {
                    "$default".to_owned()
                }
                Some(Node::Scalar(_) | Node::Text(_) | Node::List(_) | Node::Map(_)) | None => {
                    format!("{verb} {path}")
                }
            };
            operations.push(Operation { name, place });
        }
        Ok(operations)
    }

    /// What an operation asks of a token: its own `security`, or else that of the document.
    fn demand(
        &self,
        document: &Place<'d>,
        operation: Operation<'d>,
    ) -> Result<(String, Demand), String> {
        let Operation { name, place } = operation;
        place.know(&IN_OPERATION)?;
        misspelt(&place)?;
        let security = place.get("security").or_else(|| document.get("security"));
        let requirements = match security {
            Some(security) => self.requirements(&security)?,
            None => Vec::new(),
        };
        let mut demand = Demand::new(&requirements, self.scheme);
        if name.starts_with("TRACE ") {
            demand.remarks = vec!["no method of API Gateway, which never asks about it".to_owned()];
        }
        if let Some(extension) = place.get(EXTENSION) {
            if !can_be_met(&demand.needs) {
                return Err(
                    extension.fault("no token meets `security` here; remove one of the two")
                );
            }
            extend(&mut demand.needs, &extension)?;
        }
        Ok((name, demand))
    }

    fn requirements(&self, security: &Place<'d>) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        for entry in security.entries()? {
            let mut requirement = Requirement::new();
            for (name, list) in entry.members()? {
                if !self.schemes.contains(&name) {
                    let what = "no scheme of `components.securitySchemes`; describe it there";
                    return Err(list.fault(what));
                }
                let mut scopes = list.texts()?;
                scopes.sort();
                scopes.dedup();
                requirement.push((name.to_owned(), scopes));
            }
            requirements.push(requirement);
        }
        Ok(requirements)
    }
}

/// A path with its parameters' names left out.
fn template(path: &str) -> String {
    let segment = |segment: &str| match (segment.strip_prefix('{'), segment.ends_with("+}")) {
        (Some(_), true) => "{+}".to_owned(),
        (Some(_), false) => "{}".to_owned(),
        (None, _) => segment.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Adds what only the extension can say, in the words of `[[routes]]`.
fn extend(needs: &mut Requirements, extension: &Place<'_>) -> Result<(), String> {
    for (key, value) in extension.members()? {
        match key {
            ANY_GROUP | BIND if value.is_empty() => {
                // As no condition it would open what was meant to be shut.
                return Err(value.fault("empty; write what it asks for, or remove it"));
            }
            ANY_GROUP => needs.all.any_group = value.texts()?,
            BIND => {
                let pair = |(param, claim): (&str, Place<'_>)| {
                    Ok((param.to_owned(), claim.text()?.to_owned()))
                };
                needs.all.bind = value.members()?.map(pair).collect::<Result<_, String>>()?;
            }
            _ => {
                let what = "no such key; write `any_group` or `bind`, and scopes in `security`";
                return Err(value.fault(what));
            }
        }
    }
    Ok(())
}
