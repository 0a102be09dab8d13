//! The keys before the first table, `[context]` and `[jwks]`.

use cognito_authorizer::config::{JwksConfig, Unauthorized};
use cognito_authorizer::event::{AuthorizationScheme, TokenSource};
use cognito_authorizer::policy::PolicyScope;
use cognito_authorizer::reply::HttpApiResponse;

use super::{after, refused, root, taken};

const KNOWN: &str = "unauthorized, policy, http_api_response, leeway_seconds, required_scopes, token_sources, \
                     authorization_schemes, issuers, routes, context, jwks, metrics";

#[test]
fn what_is_not_written_has_its_default() {
    let config = taken(&root(""));
    assert_eq!(config.unauthorized, Unauthorized::Error);
    assert_eq!(config.reply.scope, PolicyScope::Api);
    assert_eq!(
        config.token_sources,
        [TokenSource::Header("authorization".to_owned())]
    );
    assert_eq!(
        config.authorization_schemes,
        [AuthorizationScheme::Named("Bearer".to_owned())]
    );
    assert_eq!(config.issuers[0].claims.leeway_seconds, 5);
    assert!(config.rules.required_scopes.is_empty());
    assert!(config.rules.table.is_none());
    assert!(config.reply.context_claims.is_empty());
    let jwks = JwksConfig {
        max_age_seconds: 3600,
        stale_seconds: 86_400,
        cooldown_seconds: 10,
        timeout_ms: 3000,
    };
    assert_eq!(config.jwks, jwks);
}

#[test]
fn words_are_taken_letter_by_letter() {
    assert_eq!(
        taken(&root("unauthorized = \"deny\"")).unauthorized,
        Unauthorized::Deny
    );
    assert_eq!(
        taken(&root("unauthorized = \"error\"")).unauthorized,
        Unauthorized::Error
    );
    assert_eq!(
        taken(&root("policy = \"request\"")).reply.scope,
        PolicyScope::Request
    );
    assert_eq!(
        taken(&root("policy = \"api\"")).reply.scope,
        PolicyScope::Api
    );
    let response = |toml: &str| taken(&root(toml)).reply.http_api_response;
    assert_eq!(response(""), HttpApiResponse::Iam);
    assert_eq!(
        response("http_api_response = \"iam\""),
        HttpApiResponse::Iam
    );
    assert_eq!(
        response("http_api_response = \"simple\""),
        HttpApiResponse::Simple
    );
    refused(&[
        (
            &root("unauthorized = \"Deny\""),
            &["`unauthorized`: `\"Deny\"` is not known; write \"error\" or \"deny\""],
        ),
        (
            &root("unauthorized = true"),
            &["`unauthorized`: `true` is not known; write \"error\" or \"deny\""],
        ),
        (
            &root("unauthorized = \"\""),
            &["`unauthorized`: `\"\"` is not known; write \"error\" or \"deny\""],
        ),
        (
            &root("policy = [\"api\"]"),
            &["`policy`: this list is not known; write \"api\" or \"request\""],
        ),
        (
            &root("http_api_response = true"),
            &["`http_api_response`: `true` is not known; write \"iam\" or \"simple\""],
        ),
    ]);
}

#[test]
fn numbers_have_bounds() {
    type Row = (&'static str, u64, u64, fn(&str) -> String);
    let in_jwks = |line: &str| after(&format!("[jwks]\n{line}"));
    // The other keys of `[jwks]` allow both bounds of the one at hand.
    let rows: [Row; 5] = [
        ("leeway_seconds", 0, 120, root),
        ("max_age_seconds", 60, 86_400, in_jwks),
        ("stale_seconds", 60, 604_800, |line| {
            after(&format!("[jwks]\nmax_age_seconds = 60\n{line}"))
        }),
        ("cooldown_seconds", 1, 3600, in_jwks),
        ("timeout_ms", 100, 9000, in_jwks),
    ];
    for (key, least, most, place) in rows {
        for bound in [least, most] {
            taken(&place(&format!("{key} = {bound}")));
        }
        let path = if key == "leeway_seconds" {
            key.to_owned()
        } else {
            format!("jwks.{key}")
        };
        let remedy = format!("write a whole number from {least} to {most}");
        let below = i64::try_from(least).unwrap() - 1;
        for (value, fault) in [
            (below.to_string(), "is out of range"),
            ((most + 1).to_string(), "is out of range"),
            (i64::MAX.to_string(), "is out of range"),
            (i64::MIN.to_string(), "is out of range"),
            ("1.5".to_owned(), "is not a whole number"),
            (format!("\"{least}\""), "is not a whole number"),
            ("true".to_owned(), "is not a whole number"),
        ] {
            let mistake = format!("`{path}`: `{value}` {fault}; {remedy}");
            refused(&[(&place(&format!("{key} = {value}")), &[&mistake])]);
        }
    }
    let config = taken(&root("leeway_seconds = 120"));
    assert_eq!(config.issuers[0].claims.leeway_seconds, 120);
}

#[test]
fn ages_must_not_contradict_each_other() {
    taken(&after("[jwks]\nmax_age_seconds = 600\nstale_seconds = 600"));
    taken(&after(
        "[jwks]\nmax_age_seconds = 60\ncooldown_seconds = 60",
    ));
    refused(&[
        (
            &after("[jwks]\nmax_age_seconds = 600\nstale_seconds = 599"),
            &["`jwks.stale_seconds`: 599 is less than `max_age_seconds`; write at least 600"],
        ),
        (
            &after("[jwks]\nmax_age_seconds = 60\ncooldown_seconds = 61"),
            &["`jwks.cooldown_seconds`: 61 is more than `max_age_seconds`; write at most 60"],
        ),
        (
            &after("[jwks]\nmax_age = 600"),
            &[
                "`jwks.max_age`: unknown key; did you mean `max_age_seconds`? write that, or remove it",
            ],
        ),
        (
            &root("jwks = 1"),
            &["`jwks`: `1` is not a table; write it as `[jwks]`"],
        ),
    ]);
}

#[test]
fn scopes_are_words() {
    let config = taken(&root("required_scopes = [\"books/read\", \"openid\"]"));
    assert_eq!(config.rules.required_scopes, ["books/read", "openid"]);
    let no_scope = |word: &str| {
        format!(
            "`required_scopes`: `{word}` is not a scope; write scopes without spaces, one string for each"
        )
    };
    refused(&[
        (
            &root("required_scopes = []"),
            &[
                "`required_scopes`: the list is empty; write one or more strings in quotes between [ and ]",
            ],
        ),
        (
            &root("required_scopes = \"books/read\""),
            &[
                "`required_scopes`: `\"books/read\"` is not a list; write one or more strings in quotes between [ and ]",
            ],
        ),
        (
            &root("required_scopes = [1]"),
            &[
                "`required_scopes`: `1` is not a string; write one or more strings in quotes between [ and ]",
            ],
        ),
        (
            &root("required_scopes = [\"\"]"),
            &["`required_scopes`: `\"\"` is empty; write a string in quotes"],
        ),
        (
            &root("required_scopes = [\"a\", \"b\", \"a\"]"),
            &["`required_scopes`: `a` is there twice; remove one"],
        ),
        (
            &root("required_scopes = [\"a b\", \"c\\\"\", \"\u{e9}\"]"),
            &[&no_scope("a b"), &no_scope("c\""), &no_scope("\u{e9}")],
        ),
    ]);
}

#[test]
fn token_sources_are_places() {
    let config = taken(&root(
        "token_sources = [\"header:X-Token\", \"query:token=\", \"cookie:id\"]",
    ));
    assert_eq!(
        config.token_sources,
        [
            TokenSource::Header("x-token".to_owned()),
            TokenSource::Query("token=".to_owned()),
            TokenSource::Cookie("id".to_owned()),
        ]
    );
    let remedy = "write \"header:NAME\", \"query:NAME\", \"cookie:NAME\" or \"subprotocol:NAME\"";
    for text in [
        "Authorization",
        "header:",
        "query:",
        "cookie:",
        "Header:Authorization",
        "body:token",
        "subprotocol:",
        "subprotocol:a b",
        "header:X Token",
        "header:X:Token",
        "cookie:a=b",
        "cookie:\u{e9}",
    ] {
        let mistake = format!("`token_sources`: `{text}` is not a place for a token; {remedy}");
        let toml = root(&format!("token_sources = [\"{text}\"]"));
        refused(&[(&toml, &[&mistake])]);
    }
    refused(&[
        (
            &root("token_sources = [\"header:A\", \"header:a\"]"),
            &["`token_sources`: `header:a` is the same as an earlier one; remove one"],
        ),
        (
            &root("token_sources = []"),
            &[
                "`token_sources`: the list is empty; write one or more strings in quotes between [ and ]",
            ],
        ),
    ]);
    taken(&root("token_sources = [\"query:A\", \"query:a\"]"));
    // Nothing would ever be found there, as in the cookies that Amplify writes.
    for text in [
        "cookie:CognitoIdentityServiceProvider.*.accessToken",
        "cookie:*",
        "header:X-*",
        "query:*",
        "subprotocol:*",
    ] {
        let mistake = format!(
            "`token_sources`: `{text}` has a `*` in it, and names are compared as they are written; \
             write the whole name"
        );
        refused(&[(&root(&format!("token_sources = [\"{text}\"]")), &[&mistake])]);
    }
}

/// What is cached under the identity source `Cookie` may be found without the token.
#[test]
fn a_cookie_asks_for_no_result_caching() {
    let told = "`token_sources` has `cookie:id`: turn result caching off (a TTL of 0) wherever the \
                token may come in a cookie; over HTTP/2 each cookie is a header of its own, and AWS \
                does not say which of them the identity source `Cookie` is, so that an answer may be \
                found by another cookie than the token";
    for (lines, warnings) in [
        ("token_sources = [\"cookie:id\"]", &[told][..]),
        ("token_sources = [\"header:A\", \"cookie:id\"]", &[told]),
        (
            "token_sources = [\"header:A\", \"query:a\", \"subprotocol:a\"]",
            &[],
        ),
        ("", &[]),
        // For APIs without result caching.
        ("policy = \"request\"\ntoken_sources = [\"cookie:id\"]", &[]),
    ] {
        assert_eq!(taken(&root(lines)).warnings(), warnings, "{lines}");
    }
}

/// One answer to `$default` names all of its calls, whether it is for the whole API or for one request.
#[test]
fn a_default_route_is_told_of_where_policies_answer() {
    let all = "a policy can only open all of its paths at once";
    let one = "one that is cached opens every path; turn result caching off";
    let default = "[[routes]]\nroute = \"$default\"\n";
    let named = "[[routes]]\nroute = \"GET /books\"\n";
    for (lines, routes, told) in [
        ("", default, Some(all)),
        ("policy = \"request\"", default, Some(one)),
        ("http_api_response = \"simple\"", default, None),
        ("policy = \"request\"", named, None),
        ("", named, None),
    ] {
        let warnings = taken(&(root(lines) + routes)).warnings();
        match told {
            Some(told) => assert!(
                matches!(warnings.as_slice(), [warning] if warning.contains(told)),
                "{lines} {warnings:?}"
            ),
            None => assert_eq!(warnings, Vec::<String>::new(), "{lines}"),
        }
    }
}

#[test]
fn authorization_schemes_are_names() {
    let named = |name: &str| AuthorizationScheme::Named(name.to_owned());
    let schemes = |list: &str| taken(&root(&format!("authorization_schemes = {list}")));
    let schemes = |list: &str| schemes(list).authorization_schemes;
    assert_eq!(
        schemes("[\"Bearer\", \"Token\", \"none\"]"),
        [named("Bearer"), named("Token"), AuthorizationScheme::Bare]
    );
    assert_eq!(schemes("[\"none\"]"), [AuthorizationScheme::Bare]);
    assert_eq!(schemes("[\"NONE\"]"), [AuthorizationScheme::Bare]);
    assert_eq!(schemes("[\"X-My.Scheme~1\"]"), [named("X-My.Scheme~1")]);
    let no_name = "is not a scheme; write the word before the token, as in \"Bearer\", or \"none\" for \
                   tokens without one";
    let no_token = "is a scheme that carries no token; remove it";
    let proof = "is a scheme whose tokens need a proof of possession, which would not be checked; \
                 remove it";
    for (text, what) in [
        ("Bearer:", no_name),
        ("Bearer token", no_name),
        ("Bearer,Token", no_name),
        ("B\u{e9}arer", no_name),
        ("Basic", no_token),
        ("bASIC", no_token),
        ("Negotiate", no_token),
        ("SCRAM-SHA-256", no_token),
        ("DPoP", proof),
        ("dpop", proof),
        ("GNAP", proof),
    ] {
        let mistake = format!("`authorization_schemes`: `{text}` {what}");
        refused(&[(
            &root(&format!("authorization_schemes = [\"{text}\"]")),
            &[&mistake],
        )]);
    }
    let lists: [(&str, &[&str]); 6] = [
        (
            "[]",
            &["the list is empty; write one or more strings in quotes between [ and ]"],
        ),
        (
            "\"Bearer\"",
            &["`\"Bearer\"` is not a list; write one or more strings in quotes between [ and ]"],
        ),
        ("[\"\"]", &["`\"\"` is empty; write a string in quotes"]),
        (
            "[\"Bearer \"]",
            &["`\"Bearer \"` begins or ends with a space; remove that space"],
        ),
        (
            "[\"Bearer\", \"Bearer\"]",
            &["`Bearer` is there twice; remove one"],
        ),
        (
            "[\"Bearer\", \"none\", \"bearer\", \"None\"]",
            &[
                "`bearer` is the same as an earlier one; remove one",
                "`None` is the same as an earlier one; remove one",
            ],
        ),
    ];
    for (list, mistakes) in lists {
        let mistakes: Vec<String> = mistakes
            .iter()
            .map(|mistake| format!("`authorization_schemes`: {mistake}"))
            .collect();
        let mistakes: Vec<&str> = mistakes.iter().map(String::as_str).collect();
        refused(&[(&root(&format!("authorization_schemes = {list}")), &mistakes)]);
    }
}

#[test]
fn context_keys_are_free() {
    let config = taken(&after("[context]\nclaims = [\"custom:tenant\", \"email\"]"));
    assert_eq!(config.reply.context_claims, ["custom:tenant", "email"]);
    for (claim, key) in [
        ("sub", "sub"),
        ("client:id", "client_id"),
        ("error", "error"),
        ("principalId", "principalId"),
        ("integrationLatency", "integrationLatency"),
        ("claims", "claims"),
    ] {
        let mistake = format!(
            "`context.claims`: `{claim}` would take the context key `{key}`, which is reserved; \
             remove it"
        );
        let toml = after(&format!("[context]\nclaims = [\"{claim}\"]"));
        refused(&[(&toml, &[&mistake])]);
    }
    refused(&[
        (
            &after("[context]\nclaims = [\"a:b\", \"c\", \"a_b\"]"),
            &["`context.claims`: `a_b` and `a:b` would share the context key `a_b`; remove one"],
        ),
        (
            &after("[context]\nclaims = [\"a\", \"a\"]"),
            &["`context.claims`: `a` is there twice; remove one"],
        ),
        (
            &after("[context]\nclaim = \"a\""),
            &["`context.claim`: unknown key; did you mean `claims`? write that, or remove it"],
        ),
    ]);
}

#[test]
fn metrics_have_a_namespace() {
    let namespace = |toml: &str| taken(&after(toml)).metrics_namespace;
    assert_eq!(namespace(""), None);
    let longest = "n".repeat(255);
    for name in ["CognitoAuthorizer", "a/b.c-d_e#f:g h", &longest] {
        let toml = format!("[metrics]\nnamespace = \"{name}\"");
        assert_eq!(namespace(&toml).as_deref(), Some(name));
    }
    for name in ["AWS/Lambda", ":a", "a*b", &format!("{longest}n")] {
        let toml = after(&format!("[metrics]\nnamespace = \"{name}\""));
        let mistake = format!(
            "`metrics.namespace`: `{name}` is not a namespace of CloudWatch; write at most 255 of A-Z \
             a-z 0-9 . - _ / # : and spaces, not beginning with `AWS/` or `:`"
        );
        refused(&[(&toml, &[&mistake])]);
    }
    refused(&[
        (
            &after("[metrics]"),
            &["`metrics.namespace`: missing; write it as in \"CognitoAuthorizer\""],
        ),
        (
            &root("metrics = \"A\""),
            &["`metrics`: `\"A\"` is not a table; write it as `[metrics]`"],
        ),
        (
            &after("[metrics]\nnamespace = 1"),
            &["`metrics.namespace`: `1` is not a string; write a string in quotes"],
        ),
        (
            &after("[metrics]\nnamespace = \"A\"\nname = \"B\""),
            &["`metrics.name`: unknown key; did you mean `namespace`? write that, or remove it"],
        ),
    ]);
}

#[test]
fn what_is_not_known_is_refused() {
    for (key, guess) in [
        ("http_api_responses", "http_api_response"),
        ("Policy", "policy"),
        ("polcy", "policy"),
        ("metric", "metrics"),
        ("required-scopes", "required_scopes"),
        ("token_source", "token_sources"),
        ("schemes", "authorization_schemes"),
        ("authorization_scheme", "authorization_schemes"),
        ("lee", "leeway_seconds"),
    ] {
        let guess = format!("did you mean `{guess}`? write that, or remove it");
        let mistake = format!("`{key}`: unknown key; {guess}");
        refused(&[(&root(&format!("{key} = \"iam\"")), &[&mistake])]);
    }
    for key in ["enforce", "le", "\"\""] {
        let name = key.trim_matches('"');
        let mistake = format!("`{name}`: unknown key; remove it, or write one of {KNOWN}");
        refused(&[(&root(&format!("{key} = \"iam\"")), &[&mistake])]);
    }
}

#[test]
fn routes_of_a_document_are_to_be_written_out() {
    refused(&[(
        &root("openapi = \"openapi.yaml\"\nsecurity_scheme = \"tokens\"\n"),
        &[
            "`openapi`: the authorizer itself does not read OpenAPI, as that would cost every cold start; let \
           `authz routes` write the `[[routes]]` in its place",
        ],
    )]);
}
