//! A function whose configuration is wrong ends at once, and says all that is wrong with it.

use serde_json::json;

use super::offline;
use crate::support::authorizer::pool_config;
use crate::support::keys::{RSA, jwks};
use crate::support::runtime_api::{Function, Run};
use crate::support::scratch::ScratchFile;
use crate::support::token::KID;

/// The one line that a function that could not start has written.
#[track_caller]
fn fault(function: Function) -> String {
    let Run {
        posted,
        stdout,
        stderr,
        exit_code,
        ..
    } = function.run([]);
    assert_eq!((posted.len(), exit_code), (0, Some(1)), "{stdout}{stderr}");
    assert_eq!(
        (stdout.lines().count(), stderr.as_str()),
        (1, ""),
        "{stdout}"
    );
    let line: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(line["level"], "ERROR");
    line["message"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(
        fault(Function::bare()),
        "the configuration has 1 mistake: `AUTHORIZER_CONFIG`: not set; set it to the \
         configuration in TOML, or AUTHORIZER_CONFIG_FILE to the path of one, or USER_POOL_ID and \
         CLIENT_IDS for the simple case"
    );
    assert_eq!(
        fault(Function::bare().variable("AUTHORIZER_CONFIG_FILE", "/nowhere/authorizer.toml")),
        "the configuration has 1 mistake: `AUTHORIZER_CONFIG_FILE`: `/nowhere/authorizer.toml` \
         cannot be read (No such file or directory (os error 2)); write its full path"
    );
    assert_eq!(
        fault(Function::new(&pool_config(
            "jwks_file = \"/nowhere/jwks.json\""
        ))),
        "the configuration has 1 mistake: line 4: `issuers[0].jwks_file`: `/nowhere/jwks.json` cannot \
         be read (No such file or directory (os error 2)); put the issuer's key set there"
    );
}

#[test]
fn a_file_of_keys_must_hold_keys() {
    let rows = [
        (
            "not JSON",
            "<html>",
            "the document is not a strict JSON object",
        ),
        ("no keys", "{}", "the document has no array `keys`"),
        (
            "an empty set",
            r#"{"keys":[]}"#,
            "the document has no usable key",
        ),
        (
            "no usable key",
            r#"{"keys":[{"kty":"oct","k":"AQAB","kid":"1"}]}"#,
            "the document has no usable key: `1`: it holds private key material: withdraw that key, \
             it is compromised",
        ),
        (
            "a key each for two reasons",
            r#"{"keys":[{"kty":"RSA","kid":"1","use":"enc"},{"kty":"RSA","kid":"2","n":"AQAB"}]}"#,
            "the document has no usable key: `1`: it is for encryption, not for signatures; `2`: its \
             key material is malformed, too short, too long or weak",
        ),
    ];
    for (case, contents, what) in rows {
        let file = ScratchFile::new("jwks.json", contents);
        let path = file.path().to_owned();
        let config = pool_config(&format!("jwks_file = {}", json!(path)));
        assert_eq!(
            fault(Function::new(&config).file(file)),
            format!(
                "the configuration has 1 mistake: line 4: `issuers[0].jwks_file`: `{path}`: {what}; \
                 fetch the issuer's key set again and save it there"
            ),
            "{case}"
        );
    }
}

#[test]
fn all_mistakes_are_in_one_line() {
    let message = fault(offline("leeway_seconds = 121\nenforce = true"));
    assert!(
        message.starts_with(
            "the configuration has 2 mistakes: line 1: `leeway_seconds`: `121` is out of range; write a \
             whole number from 0 to 120 | line 2: `enforce`: unknown key; remove it, or write one of "
        ),
        "{message}"
    );
}

#[test]
fn a_file_of_the_short_form_is_called_by_its_variable() {
    let function = Function::bare()
        .variable("USER_POOL_ID", "eu-west-1_AbCdEf123")
        .variable("CLIENT_IDS", "any")
        .variable("JWKS_FILE", "/nowhere/jwks.json");
    assert_eq!(
        fault(function),
        "the configuration has 1 mistake: `JWKS_FILE`: `/nowhere/jwks.json` cannot be read (No \
         such file or directory (os error 2)); put the issuer's key set there"
    );
}

/// A relative `jwks_file` is beside the file of the configuration; in a variable there is no such
/// place, and it is one of the working directory, here the root of the repository.
#[test]
fn a_relative_file_of_keys_is_beside_the_configuration() {
    let keys = || ScratchFile::new("jwks.json", jwks(&[RSA.jwk(KID, None)]));
    let beside = keys();
    let name = beside.path().rsplit('/').next().unwrap().to_owned();
    let config = |path: &str| {
        pool_config(&format!(
            "jwks_file = {}\njwks_refresh = \"never\"",
            json!(path)
        ))
    };
    let inline = |path: &str| Function::bare().variable("AUTHORIZER_CONFIG", &config(path));
    let file = |path: &str| Function::bare().variable("AUTHORIZER_CONFIG_FILE", path);
    for function in [
        Function::new(&config(&name)),
        file("events/authorizer.toml"),
        inline("events/jwks.json"),
    ] {
        let run = function.run([]);
        assert_eq!(run.exit_code, None, "{}", run.stdout);
    }
    let place = "the configuration has 1 mistake: line 4: `issuers[0].jwks_file`: ";
    for (function, path) in [
        (inline(&name), name.clone()),
        (
            Function::new(&config("events/jwks.json")),
            format!("{}/events/jwks.json", env!("CARGO_TARGET_TMPDIR")),
        ),
    ] {
        let fault = fault(function);
        let expected = format!("{place}`{path}` cannot be read (");
        assert!(fault.starts_with(&expected), "{fault}");
    }
}

#[test]
fn a_runtime_without_its_variables_is_refused() {
    assert_eq!(
        fault(offline("").without("AWS_LAMBDA_FUNCTION_NAME")),
        "`AWS_LAMBDA_FUNCTION_NAME` is not set; set it, as AWS Lambda does beside \
         `AWS_LAMBDA_RUNTIME_API`"
    );
}

/// Exit code, level and message of the program where there is no Runtime API.
#[track_caller]
fn outside_of_lambda(config: &str) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cognito-authorizer"))
        .env_clear()
        .env("AUTHORIZER_CONFIG", config)
        .output()
        .unwrap();
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    (output.status.code(), text("level"), text("message"))
}

#[test]
fn outside_of_lambda_it_only_checks_its_configuration() {
    let (code, level, message) = outside_of_lambda(&pool_config(""));
    assert_eq!((code, level.as_str()), (Some(0), "INFO"));
    assert_eq!(
        message,
        "the configuration is good; this is a function of AWS Lambda, so deploy it, or run it with \
         `cargo lambda watch`; `authz check` says more about the configuration"
    );
    let (code, level, message) = outside_of_lambda("policy = \"api\"");
    assert_eq!((code, level.as_str()), (Some(1), "ERROR"));
    assert!(message.contains("`issuers`: missing"), "{message}");
}
