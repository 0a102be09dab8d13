//! Every key of the configuration, by the table that it is in, and what is meant by a key that
//! there is not.

use crate::config::reader::nearest;

/// A table of the configuration.
#[derive(Debug)]
pub(super) struct Keys {
    /// How messages call it.
    pub(super) name: &'static str,
    /// The keys that it may have.
    pub(super) known: &'static [&'static str],
    /// Those of them that are tables themselves.
    tables: &'static [&'static str],
    /// Other words for some of them: those of the other products that do this, of the standards
    /// and of earlier habits, which are too far from ours for a slip of the pen.
    synonyms: &'static [(&'static str, &'static str)],
}

pub(super) const ROOT: Keys = Keys {
    name: "the top level",
    known: &[
        "unauthorized",
        "policy",
        "http_api_response",
        "leeway_seconds",
        "required_scopes",
        "token_sources",
        "authorization_schemes",
        "issuers",
        "routes",
        "context",
        "jwks",
        "metrics",
    ],
    tables: &["issuers", "routes", "context", "jwks", "metrics"],
    synonyms: &[
        ("leeway", "leeway_seconds"),
        ("clock_skew", "leeway_seconds"),
        ("clock_tolerance", "leeway_seconds"),
        ("identity_source", "token_sources"),
        ("identity_sources", "token_sources"),
        ("scheme", "authorization_schemes"),
        ("schemes", "authorization_schemes"),
        ("auth_scheme", "authorization_schemes"),
        ("auth_schemes", "authorization_schemes"),
        ("token_prefix", "authorization_schemes"),
        ("providers", "issuers"),
    ],
};

pub(super) const ISSUER: Keys = Keys {
    name: "`[[issuers]]`",
    known: &[
        "name",
        "user_pool_id",
        "issuer",
        "token_use",
        "client_ids",
        "audiences",
        "client_from",
        "scopes_from",
        "groups_from",
        "principal_from",
        "require",
        "token_type",
        "proof",
        "jwks_refresh",
        "jwks_file",
        "jwks_uri",
        "algorithms",
    ],
    tables: &["require"],
    synonyms: &[
        ("id", "name"),
        ("alias", "name"),
        ("label", "name"),
        ("client_claim", "client_from"),
        ("client_id_claim", "client_from"),
        ("scope_claim", "scopes_from"),
        ("scopes_claim", "scopes_from"),
        ("groups_claim", "groups_from"),
        ("roles_claim", "groups_from"),
        ("roles_from", "groups_from"),
        ("principal_claim", "principal_from"),
        ("user_claim", "principal_from"),
        ("required_claims", "require"),
        ("claims", "require"),
        ("pool", "user_pool_id"),
        ("pool_id", "user_pool_id"),
        ("iss", "issuer"),
        ("issuer_url", "issuer"),
        ("clients", "client_ids"),
        ("app_client_id", "client_ids"),
        ("app_client_ids", "client_ids"),
        ("aud", "audiences"),
        ("typ", "token_type"),
        ("cnf", "proof"),
        ("pop", "proof"),
        ("proof_of_possession", "proof"),
        ("alg", "algorithms"),
        ("algs", "algorithms"),
        ("keys_uri", "jwks_uri"),
        ("keys_url", "jwks_uri"),
        ("keys_file", "jwks_file"),
    ],
};

pub(super) const ROUTE: Keys = Keys {
    name: "`[[routes]]`",
    known: &[
        "route",
        "issuers",
        "scopes",
        "any_scope",
        "any_of",
        "groups",
        "any_group",
        "require",
        "bind",
    ],
    tables: &["require", "bind"],
    synonyms: &[
        ("path", "route"),
        ("name", "route"),
        ("resource", "route"),
        ("route_key", "route"),
        ("endpoint", "route"),
        ("url", "route"),
        ("all_scopes", "scopes"),
        ("required_scopes", "scopes"),
        ("permissions", "scopes"),
        ("group", "any_group"),
        ("any_groups", "any_group"),
        ("role", "any_group"),
        ("roles", "any_group"),
        ("bindings", "bind"),
        ("params", "bind"),
        ("parameters", "bind"),
        ("claims", "require"),
        ("required_claims", "require"),
    ],
};

/// One of the alternatives of `any_of`, where it is a table.
pub(super) const ALTERNATIVE: Keys = Keys {
    name: "a table in `any_of`",
    known: &[
        "scopes",
        "any_scope",
        "groups",
        "any_group",
        "require",
        "bind",
    ],
    tables: &["require", "bind"],
    synonyms: ROUTE.synonyms,
};

pub(super) const CONTEXT: Keys = Keys {
    name: "`[context]`",
    known: &["claims"],
    tables: &[],
    synonyms: &[],
};

pub(super) const JWKS: Keys = Keys {
    name: "`[jwks]`",
    known: &[
        "max_age_seconds",
        "stale_seconds",
        "cooldown_seconds",
        "timeout_ms",
    ],
    tables: &[],
    synonyms: &[
        ("ttl", "max_age_seconds"),
        ("cache_seconds", "max_age_seconds"),
        ("timeout_seconds", "timeout_ms"),
    ],
};

pub(super) const METRICS: Keys = Keys {
    name: "`[metrics]`",
    known: &["namespace"],
    tables: &[],
    synonyms: &[("name", "namespace")],
};

const ALL: [&Keys; 7] = [
    &ROOT,
    &ISSUER,
    &ROUTE,
    &ALTERNATIVE,
    &CONTEXT,
    &JWKS,
    &METRICS,
];

/// What is meant by a key that its table does not have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// This key of the same table.
    Key(&'static str),
    /// The same key of another table.
    Elsewhere(&'static Keys),
    /// A secret, which the authorizer has no use for.
    Secret,
    /// The verb of a route.
    Verb,
    /// Nothing that is known.
    Nothing,
}

impl Keys {
    /// What is meant by `key`, which is not one of these. A table can only be meant for another
    /// one.
    pub(super) fn meaning(&self, key: &str, is_table: bool) -> Meaning {
        let plain = key.to_ascii_lowercase().replace('-', "_");
        if ["secret", "password"]
            .iter()
            .any(|word| plain.contains(word))
        {
            return Meaning::Secret;
        }
        if self.name == ROUTE.name && matches!(plain.as_str(), "method" | "methods" | "verb") {
            return Meaning::Verb;
        }
        let synonym = self.synonyms.iter().find(|(other, _)| *other == plain);
        if let Some((_, own)) = synonym {
            return Meaning::Key(own);
        }
        let has = |keys: &&&Keys| {
            keys.known.contains(&plain.as_str())
                && keys.tables.contains(&plain.as_str()) == is_table
        };
        if let Some(other) = ALL.iter().find(has).filter(|other| other.name != self.name) {
            return Meaning::Elsewhere(other);
        }
        let possible = if is_table { self.tables } else { self.known };
        nearest(key, possible).map_or(Meaning::Nothing, Meaning::Key)
    }

    /// What to do with a key of this table that stands in another one.
    pub(super) fn move_there(&self) -> String {
        if self.name == ROOT.name {
            "move it to the top of the file, before the first table".to_owned()
        } else {
            format!("move it below {}", self.name)
        }
    }
}
