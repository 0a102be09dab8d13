//! Where the configuration comes from: which variables, and that it is only one form of them.

use cognito_authorizer::claims::Accepted;
use cognito_authorizer::config::{ConfigError, Source, source};
use cognito_authorizer::jwks::uri::JwksUri;

use super::ISSUER;

const POOL: (&str, &str) = ("USER_POOL_ID", "eu-west-1_AbCdEf123");
const CLIENTS: (&str, &str) = ("CLIENT_IDS", "c");

fn from(variables: &[(&str, &str)]) -> Result<Source, ConfigError> {
    let variables: Vec<(String, String)> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    source(|name| {
        let found = variables.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.clone())
    })
}

#[track_caller]
fn here(variables: &[(&str, &str)]) -> cognito_authorizer::Config {
    match from(variables) {
        Ok(Source::Here(config)) => *config,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(variables: &[(&str, &str)], mistakes: &[&str]) {
    let found = from(variables).unwrap_err().0;
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(told, mistakes, "{variables:?}");
}

#[test]
fn there_are_three_forms() {
    let inline = here(&[("AUTHORIZER_CONFIG", ISSUER), ("PATH", "/bin")]);
    assert_eq!(inline.issuers.len(), 2, "both forms of the pool's issuer");
    let file = from(&[("AUTHORIZER_CONFIG_FILE", "a.toml")]).unwrap();
    assert!(matches!(file, Source::File(path) if path == "a.toml"));
    let short = here(&[
        POOL,
        ("CLIENT_IDS", " a, b ,"),
        ("REQUIRED_SCOPES", "books/read,openid"),
        ("JWKS_URI", "http://localhost:4566/k"),
        ("JWKS_FILE", " k.json "),
        // What a template passes on for a parameter that was left empty.
        ("AUTHORIZER_CONFIG", ""),
        ("AUTHORIZER_CONFIG_FILE", " \n"),
    ]);
    let issuer = &short.issuers[0];
    let clients = ["a", "b"].map(str::to_owned).to_vec();
    assert_eq!(issuer.claims.clients, Some(Accepted::OneOf(clients)));
    assert_eq!(short.rules.required_scopes, ["books/read", "openid"]);
    assert_eq!(
        issuer.jwks_uri.as_ref().map(JwksUri::as_str),
        Some("http://localhost:4566/k")
    );
    assert_eq!(issuer.jwks_file.as_deref(), Some("k.json"));
    let any = here(&[POOL, ("CLIENT_IDS", "any")]);
    assert_eq!(any.issuers[0].claims.clients, Some(Accepted::Any));
    assert!(any.rules.required_scopes.is_empty());
}

#[test]
fn one_form_is_enough() {
    let what = "the configuration is given in more than one form; keep one, and unset the others";
    let inline = ("AUTHORIZER_CONFIG", ISSUER);
    let file = ("AUTHORIZER_CONFIG_FILE", "a.toml");
    let mistake = |names: &str| format!("{names}: {what}");
    refused(
        &[inline, file],
        &[&mistake("`AUTHORIZER_CONFIG`, `AUTHORIZER_CONFIG_FILE`")],
    );
    refused(
        &[inline, CLIENTS],
        &[&mistake("`AUTHORIZER_CONFIG`, `CLIENT_IDS`")],
    );
    refused(
        &[file, CLIENTS, POOL],
        &[&mistake(
            "`AUTHORIZER_CONFIG_FILE`, `USER_POOL_ID`, `CLIENT_IDS`",
        )],
    );
    refused(
        &[inline, file, ("REQUIRED_SCOPES", "a")],
        &[&mistake(
            "`AUTHORIZER_CONFIG`, `AUTHORIZER_CONFIG_FILE`, `REQUIRED_SCOPES`",
        )],
    );
}

#[test]
fn what_is_missing_or_wrong_is_named_as_it_was_written() {
    let pool_missing =
        "`USER_POOL_ID`: not set; set it to the id of the user pool, as in `eu-west-1_AbCdEf123`";
    let clients_missing = "`CLIENT_IDS`: not set; set it to the app clients whose tokens are taken, \
                           separated by commas, or to \"any\"";
    refused(
        &[],
        &[
            "`AUTHORIZER_CONFIG`: not set; set it to the configuration in TOML, or \
           AUTHORIZER_CONFIG_FILE to the path of one, or USER_POOL_ID and CLIENT_IDS for the \
           simple case",
        ],
    );
    refused(&[POOL], &[clients_missing]);
    refused(&[CLIENTS], &[pool_missing]);
    refused(&[("JWKS_FILE", "k.json")], &[pool_missing, clients_missing]);
    refused(
        &[
            ("USER_POOL_ID", "AbCdEf123"),
            ("CLIENT_IDS", ","),
            ("REQUIRED_SCOPES", "a b"),
            ("JWKS_URI", "ftp://a"),
        ],
        &[
            "`REQUIRED_SCOPES`: `a b` is not a scope; write scopes without spaces, one string for each",
            "`USER_POOL_ID`: `AbCdEf123` is not the id of a user pool; write it as in `eu-west-1_AbCdEf123`",
            "`CLIENT_IDS`: the list is empty; write one or more words separated by commas, or \
             \"any\" to leave it unchecked",
            "`JWKS_URI`: `ftp://a` is not a URI to fetch from; write an https URI without user and \
             fragment (http only for this machine: 127.0.0.1, [::1], localhost, names that end in \
             `.localhost`, host.docker.internal and localhost.localstack.cloud)",
        ],
    );
}
