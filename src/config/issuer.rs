//! The `[[issuers]]` of the configuration: whose tokens count, for whom, and by which keys.

use crate::claims::{Accepted, ClaimsPolicy, TokenUse, bare_media_type};
use crate::config::pool::{fault_of_pool_issuer, is_cognito, pool_issuers};
use crate::config::reader::Section;
use crate::config::{Place, from, keys, proof, shown};
use crate::jwks::cache::Refresh;
use crate::jwks::uri::JwksUri;
use crate::token::Algorithm;

/// One issuer.
#[derive(Clone, Debug)]
pub struct IssuerConfig {
    /// What its tokens must say.
    pub claims: ClaimsPolicy,
    /// Where its keys are fetched from; `None` only if they never are.
    pub jwks_uri: Option<JwksUri>,
    /// The file that holds its keys.
    pub jwks_file: Option<String>,
    /// Where the configuration names that file, for messages about it.
    pub jwks_file_place: Place,
    /// Whether its keys may be fetched.
    pub refresh: Refresh,
    /// The algorithms that its signatures may have.
    pub algorithms: Vec<Algorithm>,
    /// Whether the configuration names it or it follows from a pool that it names.
    pub mention: Mention,
}

/// How the configuration mentions an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mention {
    /// By its `issuer`, or as the original form of its `user_pool_id`.
    Written,
    /// As the updated form of a `user_pool_id`, which a pool may not have: its keys are fetched
    /// when a token names it, and where there are none nobody issues such tokens.
    Implied,
}

/// Whether all names of issuers are known. If one could not be read, no other name is a mistake for
/// not being among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Complete,
    Incomplete,
}

/// Reads all `[[issuers]]`. One `user_pool_id` is two issuers, for the two forms of its `iss`.
pub(super) fn issuers(root: &mut Section<'_>, leeway_seconds: u64) -> (Vec<IssuerConfig>, Names) {
    let Some(sections) = root.sections("issuers", &keys::ISSUER) else {
        root.missing(
            &["issuers", "user_pool_id", "issuer"],
            "write `[[issuers]]` with `user_pool_id` and `client_ids`, or with `issuer`, \
             `jwks_uri` and `audiences`",
        );
        return (Vec::new(), Names::Incomplete);
    };
    let mut issuers: Vec<IssuerConfig> = Vec::new();
    let mut names = Names::Complete;
    for mut section in sections {
        let own = issuer(&mut section, leeway_seconds);
        let is_named = |own: &IssuerConfig| !own.claims.name.is_empty();
        if !own.first().is_some_and(is_named) {
            names = Names::Incomplete;
        }
        let is_known = |new: &&IssuerConfig| {
            let mut earlier = issuers.iter();
            earlier.any(|earlier| earlier.claims.issuer == new.claims.issuer)
        };
        if own.iter().any(|new| is_known(&new)) {
            let key = if section.has("issuer") {
                "issuer"
            } else {
                "user_pool_id"
            };
            let fault = "an earlier entry is for this issuer";
            section.mistake(key, fault, "join the two entries");
        } else if let Some(new) = own.first()
            && is_named(new)
            && issuers
                .iter()
                .any(|earlier| earlier.claims.name == new.claims.name)
        {
            let fault = format!("{} names another issuer too", shown::text(&new.claims.name));
            section.mistake("name", &fault, "write a `name` of its own");
        }
        issuers.extend(own);
    }
    if issuers.is_empty() {
        names = Names::Incomplete;
    }
    (issuers, names)
}

/// The issuers of one entry; none if it does not say which.
fn issuer(section: &mut Section<'_>, leeway_seconds: u64) -> Vec<IssuerConfig> {
    let name = section.string("name");
    // One that is wrong would have been another than the default.
    let has_default_name = !section.has("name");
    let pool_id = section.string("user_pool_id");
    let of_pool = pool_id.as_deref().and_then(|id| {
        let issuers = pool_issuers(id);
        if issuers.is_none() {
            let fault = format!("{} is not the id of a user pool", shown::text(id));
            let remedy = "write it as in `eu-west-1_AbCdEf123`";
            section.mistake("user_pool_id", &fault, remedy);
        }
        issuers
    });
    let written = section.string("issuer");
    match (&written, &pool_id) {
        (Some(issuer), Some(id)) => {
            if let Some(fault) = fault_of_pool_issuer(issuer, id) {
                let remedy =
                    "write it as the tokens do, or remove it: it follows from `user_pool_id`";
                section.mistake("issuer", &fault, remedy);
            }
        }
        (Some(issuer), None) if is_cognito(issuer) && !section.has("user_pool_id") => {
            let fault = format!("`{issuer}` is a user pool of Amazon Cognito");
            let remedy = "write its `user_pool_id` too, so that ID tokens are not taken";
            section.mistake("issuer", &fault, remedy);
        }
        (None, None) if !section.has("issuer") && !section.has("user_pool_id") => section.missing(
            &["issuer", "user_pool_id"],
            "write `issuer`, or `user_pool_id` for Amazon Cognito",
        ),
        _ => {}
    }
    let forms = match (written, of_pool) {
        (Some(issuer), _) => vec![issuer],
        (None, Some(forms)) => forms.into(),
        (None, None) => Vec::new(),
    };
    let token_use = token_use(section, pool_id.is_some());
    let clients = accepted(section, "client_ids");
    if let (Some(Accepted::OneOf(ids)), Some(_)) = (&clients, &pool_id) {
        check_no_secret(section, ids);
    }
    let audiences = accepted(section, "audiences");
    let named = section.has("client_ids");
    // The client of an ID token is its `azp` too (OpenID Connect Core 3.1.3.7), no mere audience.
    if !named && (section.has("user_pool_id") || token_use == Some(TokenUse::Id)) {
        section.missing(
            &["client_ids"],
            "write the app clients whose tokens are taken, or \"any\"",
        );
    } else if !named && !section.has("audiences") {
        section.missing(
            &["audiences", "client_ids"],
            "write the audiences (or the `client_ids`) that are taken, or \"any\"",
        );
    }
    let token_type = section.string("token_type");
    let proof = proof::proof(section);
    let refresh = section.word(
        "jwks_refresh",
        &[("on_demand", Refresh::OnDemand), ("never", Refresh::Never)],
        Refresh::OnDemand,
    );
    let jwks_file = section.string("jwks_file");
    let jwks_file_place = section.place("jwks_file");
    let jwks_uri = jwks_uri(section, refresh);
    if refresh == Refresh::Never && !section.has("jwks_file") {
        section.missing(
            &["jwks_file"],
            "write the path of the file of keys that `jwks_refresh = \"never\"` needs",
        );
    }
    let algorithms = algorithms(section);
    let token_type = token_type.map(|typ| bare_media_type(&typ));
    // RFC 9068 2.2.3.1 names the claim of the other providers.
    let groups = if pool_id.is_some() {
        "cognito:groups"
    } else {
        "groups"
    };
    let client_from = from::claims(section, "client_from", "client_id");
    let scopes_from = from::claims(section, "scopes_from", "scope");
    let groups_from = from::claims(section, "groups_from", groups);
    let principal_from = from::claims(section, "principal_from", "sub");
    let require = from::require(section);
    let default = || pool_id.or_else(|| forms.first().cloned());
    let name = name.or_else(|| has_default_name.then(default).flatten());
    let mentions = [Mention::Written, Mention::Implied].into_iter();
    let issuer = |(issuer, mention): (String, Mention)| IssuerConfig {
        jwks_uri: match refresh {
            Refresh::Never => None,
            Refresh::OnDemand => jwks_uri
                .clone()
                .or_else(|| JwksUri::parse(&format!("{issuer}/.well-known/jwks.json"))),
        },
        jwks_file: jwks_file.clone(),
        jwks_file_place: jwks_file_place.clone(),
        refresh,
        algorithms: algorithms.clone(),
        mention,
        claims: ClaimsPolicy {
            name: name.clone().unwrap_or_default(),
            issuer,
            token_use,
            clients: clients.clone(),
            audiences: audiences.clone(),
            token_type: token_type.clone(),
            proof,
            client_from: client_from.clone(),
            scopes_from: scopes_from.clone(),
            groups_from: groups_from.clone(),
            principal_from: principal_from.clone(),
            require: require.clone(),
            leeway_seconds,
        },
    };
    forms.into_iter().zip(mentions).map(issuer).collect()
}

fn token_use(section: &mut Section<'_>, pool: bool) -> Option<TokenUse> {
    let default = pool.then_some(TokenUse::Access);
    section.word(
        "token_use",
        &[
            ("access", Some(TokenUse::Access)),
            ("id", Some(TokenUse::Id)),
        ],
        default,
    )
}

fn accepted(section: &mut Section<'_>, key: &'static str) -> Option<Accepted> {
    section
        .list_or_any(key)
        .map(|list| list.map_or(Accepted::Any, Accepted::OneOf))
}

/// The secrets that Amazon Cognito makes are twice as long as its client ids, and stand beside them
/// in its console.
fn check_no_secret(section: &Section<'_>, ids: &[String]) {
    for id in ids.iter().filter(|id| shown::looks_like_secret(id)) {
        let fault = "an entry looks like a client's secret";
        let remedy = "write the client's id, and replace the secret if others can read this \
                      configuration";
        section.mistake_in("client_ids", id, fault, remedy);
    }
}

/// The URI of the keys, where one is written; that of a pool follows from its issuer.
fn jwks_uri(section: &mut Section<'_>, refresh: Refresh) -> Option<JwksUri> {
    if refresh == Refresh::Never {
        if section.take("jwks_uri").is_some() {
            section.mistake(
                "jwks_uri",
                "contradicts `jwks_refresh = \"never\"`",
                "remove one of the two",
            );
        }
        return None;
    }
    let Some(written) = section.string("jwks_uri") else {
        if !section.has("jwks_uri") && !section.has("user_pool_id") {
            section.missing(
                &["jwks_uri", "user_pool_id"],
                "write the `jwks_uri` of the provider's OpenID configuration, or a \
                 `jwks_file` and `jwks_refresh = \"never\"`",
            );
        }
        return None;
    };
    let uri = JwksUri::parse(&written);
    if uri.is_none() {
        section.mistake(
            "jwks_uri",
            &format!("{} is not a URI to fetch from", shown::text(&written)),
            "write an https URI without user and fragment (http only for this machine: 127.0.0.1, \
             [::1], localhost, names that end in `.localhost`, host.docker.internal and \
             localhost.localstack.cloud)",
        );
    }
    uri
}

fn algorithms(section: &mut Section<'_>) -> Vec<Algorithm> {
    let Some(names) = section.list("algorithms") else {
        return vec![Algorithm::RS256];
    };
    let mut algorithms = Vec::new();
    for name in names {
        match Algorithm::from_name(&name) {
            Some(algorithm) => algorithms.push(algorithm),
            None => {
                let all: Vec<&str> = Algorithm::ALL.iter().map(|known| known.name()).collect();
                let fault = format!("{} is not supported", shown::text(&name));
                let remedy = format!("write some of {}", all.join(", "));
                section.mistake_in("algorithms", &name, &fault, &remedy);
            }
        }
    }
    algorithms
}
