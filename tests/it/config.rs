//! The configuration: every key absent, wrong and at its bounds, and the messages word by word.

mod environment;
mod issuers;
mod root;
mod routes;

use cognito_authorizer::Config;

/// One good issuer, without the line that opens a table after it.
const ISSUER: &str = "[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = [\"c\"]\n";

/// A line before the first table, with the issuer after it.
fn root(line: &str) -> String {
    format!("{line}\n{ISSUER}")
}

/// A table after the issuer.
fn after(lines: &str) -> String {
    format!("{ISSUER}{lines}")
}

/// Each row is a configuration and all its mistakes.
#[track_caller]
fn refused(rows: &[(&str, &[&str])]) {
    for (toml, mistakes) in rows {
        match Config::from_toml(toml) {
            Ok(_) => panic!("taken: {toml}"),
            Err(error) => assert_eq!(error.0, *mistakes, "{toml}"),
        }
    }
}

/// The configuration, which must be good.
#[track_caller]
fn taken(toml: &str) -> Config {
    Config::from_toml(toml).unwrap_or_else(|error| panic!("{error}: {toml}"))
}

#[test]
fn all_mistakes_are_reported_at_once() {
    refused(&[(
        "leeway_seconds = 500\npolcy = \"api\"\n[[issuers]]\nissuer = \"https://a.example\"\n\
         [[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = []\n\
         [[routes]]\nroute = \"FETCH /a\"\n[jwks]\ntimeout_ms = 1\n",
        &[
            "`leeway_seconds`: `500` is out of range; write a whole number from 0 to 120",
            "`issuers[0].audiences`: missing; write the audiences (or the `client_ids`) that are \
             taken, or \"any\"",
            "`issuers[0].jwks_uri`: missing; write the `jwks_uri` of the provider's OpenID \
             configuration, or a `jwks_file` and `jwks_refresh = \"never\"`",
            "`issuers[1].client_ids`: the list is empty; write one or more texts in quotes between \
             [ and ], or \"any\" to leave it unchecked",
            "`routes[0].route`: `FETCH /a`: `FETCH` is no verb of API Gateway; write one of ANY \
             DELETE GET HEAD OPTIONS PATCH POST PUT",
            "`jwks.timeout_ms`: `1` is out of range; write a whole number from 100 to 9000",
            "`polcy`: unknown key, did you mean `policy`? remove it, or write one of unauthorized, policy, \
             http_api_response, leeway_seconds, required_scopes, token_sources, issuers, routes, context, jwks, metrics",
        ],
    )]);
    let error = Config::from_toml("policy = 1").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the configuration has 2 mistake(s): `policy`: `1` is not known; write \"api\" or \
         \"request\"; `issuers`: missing; write `[[issuers]]` with `user_pool_id` and \
         `client_ids`, or with `issuer`, `jwks_uri` and `audiences`"
    );
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    for (toml, line) in [
        ("{\"issuers\": []}", 1),
        ("policy = \"api\"\n[[issuers]\n", 2),
        ("policy = \"api\"\npolicy = \"api\"\n", 2),
        ("[jwks]\n\ntimeout_ms = \n", 3),
        ("[jwks]\r\n\r\n\r\n\u{0}", 4),
    ] {
        let mistakes = Config::from_toml(toml).unwrap_err().0;
        let [mistake] = mistakes.as_slice() else {
            panic!("{toml}: {mistakes:?}")
        };
        // What stands between is the TOML reader's own.
        assert!(
            mistake.starts_with(&format!("`line {line}`: not TOML (")),
            "{toml}: {mistake}"
        );
        assert!(
            mistake.ends_with("); correct that line"),
            "{toml}: {mistake}"
        );
        assert!(!mistake.contains('\n'), "{toml}: {mistake}");
    }
}
