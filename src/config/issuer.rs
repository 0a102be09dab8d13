//! The `[[issuers]]` of the configuration: whose tokens count, for whom, and by which keys.

use crate::claims::{Accepted, ClaimsPolicy, TokenUse, bare_media_type};
use crate::config::reader::Section;
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
    /// What the configuration calls that file, for messages about it.
    pub jwks_file_key: String,
    /// Whether its keys may be fetched.
    pub refresh: Refresh,
    /// The algorithms that its signatures may have.
    pub algorithms: Vec<Algorithm>,
}

/// Reads all `[[issuers]]`.
pub(super) fn issuers(root: &mut Section<'_>, leeway_seconds: u64) -> Vec<IssuerConfig> {
    let Some(sections) = root.sections("issuers") else {
        root.mistake(
            "issuers",
            "missing; write `[[issuers]]` with `user_pool_id` and `client_ids`, or with `issuer`, \
             `jwks_uri` and `audiences`",
        );
        return Vec::new();
    };
    let mut issuers: Vec<IssuerConfig> = Vec::new();
    for mut section in sections {
        if let Some(issuer) = issuer(&mut section, leeway_seconds) {
            if issuers
                .iter()
                .any(|earlier| earlier.claims.issuer == issuer.claims.issuer)
            {
                section.mistake("issuer", "this issuer stands twice; join the two entries");
            }
            issuers.push(issuer);
        }
        section.end();
    }
    issuers
}

fn issuer(section: &mut Section<'_>, leeway_seconds: u64) -> Option<IssuerConfig> {
    let pool_id = section.string("user_pool_id");
    let pool_url = pool_id.as_deref().and_then(|id| {
        let url = pool_url(id);
        if url.is_none() {
            let what = format!("`{id}` is no user pool id; write it as in `eu-west-1_AbCdEf123`");
            section.mistake("user_pool_id", &what);
        }
        url
    });
    let issuer = section.string("issuer").or_else(|| pool_url.clone());
    if !section.has("issuer") && !section.has("user_pool_id") {
        section.mistake(
            "issuer",
            "missing; write `issuer`, or `user_pool_id` for Amazon Cognito",
        );
    }
    if let Some(issuer) = &issuer
        && !section.has("user_pool_id")
        && issuer.starts_with(POOL_URL_START)
    {
        let what = format!("`{issuer}` is a user pool of Amazon Cognito");
        let remedy = "write its `user_pool_id` too, so that ID tokens are not taken";
        section.mistake("issuer", &format!("{what}; {remedy}"));
    }
    let token_use = token_use(section, pool_id.is_some());
    let clients = accepted(section, "client_ids");
    let audiences = accepted(section, "audiences");
    let named = section.has("client_ids");
    // The client of an ID token is its `azp` too (OpenID Connect Core 3.1.3.7), no mere audience.
    if !named && (section.has("user_pool_id") || token_use == Some(TokenUse::Id)) {
        section.mistake(
            "client_ids",
            "missing; write the app clients whose tokens are taken, or \"any\"",
        );
    } else if !named && !section.has("audiences") {
        section.mistake(
            "audiences",
            "missing; write the audiences (or the `client_ids`) that are taken, or \"any\"",
        );
    }
    let token_type = section.string("token_type");
    let refresh = section.word(
        "jwks_refresh",
        &[("on_demand", Refresh::OnDemand), ("never", Refresh::Never)],
        Refresh::OnDemand,
    );
    let jwks_file = section.string("jwks_file");
    let jwks_uri = jwks_uri(section, pool_url.as_deref(), refresh);
    if refresh == Refresh::Never && !section.has("jwks_file") {
        section.mistake(
            "jwks_file",
            "missing; write the path of the file of keys that `jwks_refresh = \"never\"` needs",
        );
    }
    let algorithms = algorithms(section);
    let claims = ClaimsPolicy {
        issuer: issuer?,
        token_use,
        clients,
        audiences,
        token_type: token_type.map(|typ| bare_media_type(&typ)),
        // RFC 9068 2.2.3.1 names the claim of the other providers.
        groups_claim: if pool_id.is_some() {
            "cognito:groups"
        } else {
            "groups"
        },
        leeway_seconds,
    };
    Some(IssuerConfig {
        claims,
        jwks_uri,
        jwks_file,
        jwks_file_key: section.path("jwks_file"),
        refresh,
        algorithms,
    })
}

/// How the issuers of user pools begin. Without the id of the pool nothing would be asked of
/// `token_use`, which alone tells a pool's ID tokens from its access tokens (RFC 8725 3.12).
const POOL_URL_START: &str = "https://cognito-idp.";

/// The issuer that Amazon Cognito writes into the tokens of a pool ("Verifying JSON web tokens",
/// Amazon Cognito developer guide). The region is the part of the id before `_`; `None` if `id` is
/// not the id of a user pool.
#[must_use]
pub fn pool_url(id: &str) -> Option<String> {
    let (region, name) = id.split_once('_')?;
    let is_region = !region.is_empty()
        && region
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let domain = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    (is_region && is_name).then(|| format!("{POOL_URL_START}{region}.{domain}/{id}"))
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

fn jwks_uri(
    section: &mut Section<'_>,
    pool_url: Option<&str>,
    refresh: Refresh,
) -> Option<JwksUri> {
    if refresh == Refresh::Never {
        if section.take("jwks_uri").is_some() {
            section.mistake(
                "jwks_uri",
                "contradicts `jwks_refresh = \"never\"`; remove one of the two",
            );
        }
        return None;
    }
    let written = section
        .string("jwks_uri")
        .or_else(|| pool_url.map(|url| format!("{url}/.well-known/jwks.json")));
    let Some(written) = written else {
        if !section.has("jwks_uri") && !section.has("user_pool_id") {
            section.mistake(
                "jwks_uri",
                "missing; write the `jwks_uri` of the provider's OpenID configuration, or a \
                 `jwks_file` and `jwks_refresh = \"never\"`",
            );
        }
        return None;
    };
    let uri = JwksUri::parse(&written);
    if uri.is_none() {
        section.mistake(
            "jwks_uri",
            &format!(
                "`{written}` is no URI to fetch from; write an https URI without user and fragment \
                 (http only for 127.0.0.1, [::1], localhost and host.docker.internal)"
            ),
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
                let what = format!(
                    "`{name}` is not supported; write some of {}",
                    all.join(", ")
                );
                section.mistake("algorithms", &what);
            }
        }
    }
    algorithms
}
