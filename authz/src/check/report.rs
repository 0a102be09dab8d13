//! What `authz check` has found, and how it is written.

use std::io::{self, Write};

use cognito_authorizer::claims::{Accepted, ClaimsPolicy, Proof, TokenUse};
use cognito_authorizer::config::{Config, IssuerConfig};
use cognito_authorizer::jwks::cache::Refresh;
use cognito_authorizer::jwks::fetch::FetchError;
use cognito_authorizer::policy::{Policies, PolicyScope, Warning};
use cognito_authorizer::reply::HttpApiResponse;
use cognito_authorizer::token::Algorithm;
use serde::Serialize;

use crate::keys::{Key, keys};
use crate::needs::{RouteNeeds, routes};
use crate::output::{BAD, GOOD, HEAD, ODD, Report, listed, safe, shown};

/// Everything about one configuration.
#[derive(Debug, Default, Serialize)]
pub(crate) struct CheckReport {
    /// What keeps the authorizer from starting or verifying.
    pub(crate) errors: Vec<String>,
    /// Nothing if there is no table: then every resource is open to a valid token.
    routes: Option<Vec<RouteNeeds>>,
    /// Scopes that every route needs.
    required_scopes: Vec<String>,
    issuers: Vec<IssuerReport>,
    warnings: Vec<String>,
    advice: Vec<String>,
    /// Whether the configuration could be read, so that the rest is known.
    #[serde(skip)]
    is_read: bool,
}

/// One issuer and its keys.
#[derive(Debug, Serialize)]
pub(crate) struct IssuerReport {
    issuer: String,
    /// The other issuer that its `user_pool_id` stands for.
    updated_form: Option<UpdatedForm>,
    /// Whose tokens it takes, in words.
    takes: String,
    algorithms: Vec<&'static str>,
    key_sets: Vec<KeySet>,
    /// The `kid`s of the keys that it is ready to verify with.
    ready: Vec<String>,
    #[serde(skip)]
    is_fetched: bool,
}

/// The updated form of a pool's issuer, which is taken as the original one is.
#[derive(Debug, Serialize)]
struct UpdatedForm {
    issuer: String,
    /// Where its keys are, unless that is where those of the original form are. They are fetched
    /// when a token names this form, and so not here: a pool that is not of this form has none.
    jwks_uri: Option<String>,
}

impl UpdatedForm {
    fn new(updated: &IssuerConfig, original: &IssuerConfig) -> Self {
        let uri =
            |issuer: &IssuerConfig| issuer.jwks_uri.as_ref().map(|uri| uri.as_str().to_owned());
        Self {
            issuer: updated.claims.issuer.clone(),
            jwks_uri: uri(updated).filter(|own| uri(original).as_ref() != Some(own)),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "  or {}, the updated form of the same pool",
            self.issuer
        )?;
        match &self.jwks_uri {
            Some(uri) => writeln!(out, "    fetches {uri} when a token names it"),
            None => Ok(()),
        }
    }
}

/// The keys of one place.
#[derive(Debug, Serialize)]
pub(crate) struct KeySet {
    /// The key of the configuration that names the place.
    key: &'static str,
    place: String,
    /// Why the place gave no keys that could serve.
    pub(crate) error: Option<String>,
    keys: Vec<Key>,
}

impl KeySet {
    /// The keys of a file, or why there are none.
    pub(crate) fn of_file(
        path: &str,
        document: Option<Result<Vec<u8>, String>>,
        allowed: &[Algorithm],
    ) -> Self {
        let document = document.unwrap_or_else(|| Err("it was not read".to_owned()));
        Self::new("jwks_file", path, document, allowed)
    }

    /// The keys that were fetched, or why there are none.
    pub(crate) fn of_uri(
        uri: &str,
        fetched: Result<Vec<u8>, FetchError>,
        allowed: &[Algorithm],
    ) -> Self {
        let document = fetched.map_err(|error| error.to_string());
        Self::new("jwks_uri", uri, document, allowed)
    }

    fn new(
        key: &'static str,
        place: &str,
        document: Result<Vec<u8>, String>,
        allowed: &[Algorithm],
    ) -> Self {
        let (keys, error) = match document {
            Err(error) => (Vec::new(), Some(error)),
            Ok(document) => {
                let (keys, fault) = keys(&document, allowed);
                (keys, fault.map(|fault| fault.to_string()))
            }
        };
        Self {
            key,
            place: place.to_owned(),
            error,
            keys,
        }
    }

    fn usable(&self) -> impl Iterator<Item = &String> {
        let usable = self.keys.iter().filter(|key| key.unusable.is_none());
        usable.filter_map(|key| key.kid.as_ref())
    }
}

impl IssuerReport {
    /// What is known of an issuer whose places of keys were looked at, or, offline, its file.
    pub(crate) fn new(
        issuer: &IssuerConfig,
        updated_form: Option<&IssuerConfig>,
        key_sets: Vec<KeySet>,
        offline: bool,
    ) -> Self {
        let mut ready: Vec<String> = key_sets.iter().flat_map(KeySet::usable).cloned().collect();
        ready.sort_unstable();
        ready.dedup();
        Self {
            issuer: issuer.claims.issuer.clone(),
            updated_form: updated_form.map(|updated| UpdatedForm::new(updated, issuer)),
            takes: takes(&issuer.claims),
            algorithms: issuer.algorithms.iter().map(|own| own.name()).collect(),
            key_sets,
            ready,
            is_fetched: issuer.refresh == Refresh::OnDemand && !offline,
        }
    }

    /// The keys that are published and that the file does not know, if there is a file.
    fn missing_in_file(&self) -> Vec<&String> {
        match self.key_sets.as_slice() {
            [file, fetched] if file.error.is_none() => {
                let is_new = |kid: &&String| !file.usable().any(|own| own == *kid);
                fetched.usable().filter(is_new).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether nothing could ever be verified, though all places of keys were looked at.
    fn is_useless(&self) -> bool {
        let is_complete = self.is_fetched || self.key_sets.iter().any(|set| set.key == "jwks_file");
        let is_told = self.key_sets.iter().any(|set| set.error.is_some());
        self.ready.is_empty() && is_complete && !is_told
    }
}

/// Whose tokens an issuer's entry takes, in words.
fn takes(policy: &ClaimsPolicy) -> String {
    let mut words = match policy.token_use {
        Some(TokenUse::Access) => "access tokens".to_owned(),
        Some(TokenUse::Id) => "ID tokens".to_owned(),
        None => "tokens".to_owned(),
    };
    match &policy.clients {
        None => {}
        Some(Accepted::Any) => words.push_str(" of any client"),
        Some(Accepted::OneOf(clients)) => {
            words.push_str(&format!(" of the client {}", listed(clients, "or")));
        }
    }
    match &policy.audiences {
        None => {}
        Some(Accepted::Any) => words.push_str(" for any audience"),
        Some(Accepted::OneOf(audiences)) => {
            words.push_str(&format!(" for the audience {}", listed(audiences, "or")));
        }
    }
    if let Some(typ) = &policy.token_type {
        words.push_str(&format!(" of the type `{typ}`"));
    }
    match policy.proof {
        Proof::Bearer => {}
        Proof::Unchecked => words.push_str(", bound to a key or not"),
    }
    words
}

impl CheckReport {
    /// A configuration that cannot be used.
    pub(crate) fn of_mistakes(mistakes: Vec<String>) -> Self {
        Self {
            errors: mistakes,
            ..Self::default()
        }
    }

    /// A configuration that was read, before its keys are looked at.
    pub(crate) fn of_config(config: &Config) -> Self {
        Self {
            routes: routes(config),
            required_scopes: config.rules.required_scopes.clone(),
            warnings: warnings(config),
            advice: advice(config),
            is_read: true,
            ..Self::default()
        }
    }

    /// Adds an issuer, and what its keys deserve to have said of them.
    pub(crate) fn add(&mut self, issuer: IssuerReport) {
        let name = &issuer.issuer;
        if issuer.is_useless() {
            let what = "no key verifies any of its `algorithms`; write those that its keys are for";
            self.errors.push(format!("`{name}`: {what}"));
        }
        let missing = issuer.missing_in_file();
        if !missing.is_empty() {
            self.warnings.push(format!(
                "`{name}`: `jwks_file` does not know {}, which `jwks_uri` publishes; renew the file",
                listed(&missing, "and"),
            ));
        }
        self.issuers.push(issuer);
    }
}

/// What is known of the configuration, and no mistake.
fn warnings(config: &Config) -> Vec<String> {
    let policies = Policies::new(config.rules.clone());
    let warnings = policies.warnings().into_iter();
    let warnings = warnings.filter(|own| own.matters_to(config.reply.scope));
    let is_advice = |own: &Warning<'_>| matches!(own, Warning::Silent { .. });
    let of_table = warnings.filter(|own| !is_advice(own));
    let of_table: Vec<String> = of_table.map(|own| own.to_string()).collect();
    of_table.into_iter().chain(config.warnings()).collect()
}

/// What must be so at the API, which the configuration cannot see ("Use API Gateway Lambda
/// authorizers": results are kept for 300 seconds unless said otherwise, 3,600 at most).
fn advice(config: &Config) -> Vec<String> {
    let mut advice: Vec<&str> = Vec::new();
    match config.reply.scope {
        PolicyScope::Api => advice.push(
            "result caching: a cached answer outlives a token that ends or is revoked by the TTL \
             at most, 300 seconds unless the API says otherwise; name the place of the token as \
             the identity source",
        ),
        PolicyScope::Request => advice.push(
            "result caching: `policy = \"request\"` answers for one request only, so set the \
             authorizer's TTL to 0",
        ),
    }
    if config.reply.http_api_response == HttpApiResponse::Simple {
        advice.push(
            "HTTP APIs with simple responses: name `$context.httpMethod` and `$context.path` among \
             the identity sources, or set the TTL to 0",
        );
    }
    let advice = advice.into_iter().map(str::to_owned);
    advice.chain(silence(config)).collect()
}

/// What only silence refuses: a matter of the API's resource policy.
fn silence(config: &Config) -> Vec<String> {
    let policies = Policies::new(config.rules.clone());
    let warnings = policies.warnings().into_iter();
    let warnings = warnings.filter(|own| own.matters_to(config.reply.scope));
    let silent = warnings.filter(|own| matches!(own, Warning::Silent { .. }));
    silent.map(|own| own.to_string()).collect()
}

impl Report for CheckReport {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_read {
            self.write_routes(out)?;
            for issuer in &self.issuers {
                issuer.write(out)?;
            }
            self.write_list(out, "warnings", &self.warnings, ODD)?;
            self.write_list(out, "advice", &self.advice, anstyle::Style::new())?;
        }
        self.write_list(out, "errors", &self.errors, BAD)?;
        if self.errors.is_empty() {
            let count = self.warnings.len();
            writeln!(out, "{GOOD}good{GOOD:#} (warnings: {count})")
        } else {
            let count = self.errors.len();
            writeln!(out, "{BAD}not good{BAD:#} (errors: {count})")
        }
    }
}

impl CheckReport {
    fn write_routes(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{HEAD}routes{HEAD:#}")?;
        if !self.required_scopes.is_empty() {
            let scopes = listed(&self.required_scopes, "and");
            writeln!(out, "  every one needs {scopes}")?;
        }
        let Some(routes) = &self.routes else {
            return writeln!(out, "  none: every resource is open to a valid token\n");
        };
        let width = routes.iter().map(|route| route.route.chars().count()).max();
        let width = width.unwrap_or_default();
        for route in routes {
            writeln!(out, "  {:width$}  needs {}", route.route, route.needs)?;
        }
        writeln!(out)
    }

    fn write_list(
        &self,
        out: &mut dyn Write,
        head: &str,
        lines: &[String],
        style: anstyle::Style,
    ) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(out, "{HEAD}{head}{HEAD:#}")?;
        for line in lines {
            writeln!(out, "  {style}{}{style:#}", safe(line))?;
        }
        writeln!(out)
    }
}

impl IssuerReport {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{HEAD}issuer{HEAD:#} {}", self.issuer)?;
        if let Some(form) = &self.updated_form {
            form.write(out)?;
        }
        writeln!(
            out,
            "  takes {}, signed by {}",
            self.takes,
            self.algorithms.join(" ")
        )?;
        for set in &self.key_sets {
            writeln!(out, "  {} {}", set.key, set.place)?;
            for key in &set.keys {
                let style = if key.unusable.is_none() { GOOD } else { ODD };
                writeln!(out, "    {style}{}{style:#}", key.line())?;
            }
            if let Some(error) = &set.error {
                writeln!(out, "    {BAD}{error}{BAD:#}")?;
            }
        }
        if self.ready.is_empty() && self.key_sets.is_empty() {
            writeln!(out, "  its keys were not fetched\n")
        } else if self.ready.is_empty() {
            writeln!(out, "  {BAD}ready to verify nothing{BAD:#}\n")
        } else {
            let kids: Vec<String> = self.ready.iter().map(|kid| shown(kid)).collect();
            writeln!(
                out,
                "  {GOOD}ready to verify with {}{GOOD:#}\n",
                kids.join(", ")
            )
        }
    }
}
