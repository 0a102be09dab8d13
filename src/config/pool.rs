//! The issuers of Amazon Cognito: the two forms in which a user pool names itself in `iss`, and how
//! one is recognised whatever an operator writes.

/// The two issuers that the tokens of a user pool may name, the original form and the updated one
/// ("IssuerConfigurationType", Amazon Cognito user pools API reference). A pool uses one of them at
/// a time; each has its own key set. The region is the part of the id before `_`; `None` if `id` is
/// not the id of a user pool.
#[must_use]
pub fn pool_issuers(id: &str) -> Option<[String; 2]> {
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
    let hosts = ["cognito-idp", "issuer-cognito-idp"];
    (is_region && is_name)
        .then(|| hosts.map(|host| format!("https://{host}.{region}.{domain}/{id}")))
}

/// What is wrong with `issuer` as that of the pool `id`. Cognito writes the id behind the host and
/// nothing behind that; the region of the host may be another one, as replicas of a pool write theirs.
pub(super) fn fault_of_pool_issuer(issuer: &str, id: &str) -> Option<String> {
    if issuer.ends_with('/') {
        return Some(format!(
            "`{issuer}` ends in a slash, and the issuer of a pool does not"
        ));
    }
    let written = issuer.rsplit_once('/').map(|(_, last)| last);
    if written != Some(id) {
        return Some(format!("`{issuer}` is not an issuer of the pool `{id}`"));
    }
    let is_exact = || {
        let host = issuer.strip_prefix("https://")?.strip_suffix(id)?;
        let host = host.strip_suffix('/')?;
        let is_host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
        host.bytes().all(is_host).then_some(())
    };
    (is_cognito(issuer) && is_exact().is_none())
        .then(|| format!("`{issuer}` is not written as Amazon Cognito does, so no token has it"))
}

/// Whether the host of `issuer` is one of Amazon Cognito's: original or updated, of any partition,
/// with FIPS or without, in any letter case, behind any scheme, user or port. Where in doubt it is
/// one: what is asked for then, the id of the pool, makes the checks stricter.
pub(super) fn is_cognito(issuer: &str) -> bool {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let label = host.split(['.', ':']).next().unwrap_or_default();
    let label = label.to_ascii_lowercase();
    let label = label.strip_prefix("issuer-").unwrap_or(&label);
    label.strip_suffix("-fips").unwrap_or(label) == "cognito-idp"
}
