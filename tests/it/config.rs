//! The configuration: every key absent, wrong and at its bounds, and the messages word by word.

mod environment;
mod issuers;
mod root;
mod routes;

use cognito_authorizer::Config;
use cognito_authorizer::config::{Mistake, Place};

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

/// Each row is a configuration and all its mistakes, without the line that each of them names: it is
/// the one that the key is in, or that begins the table which lacks it.
#[track_caller]
fn refused(rows: &[(&str, &[&str])]) {
    for (toml, mistakes) in rows {
        let found = match Config::from_toml(toml) {
            Ok(_) => panic!("taken: {toml}"),
            Err(error) => error.0,
        };
        let told: Vec<String> = found.iter().map(without_line).collect();
        assert_eq!(told, *mistakes, "{toml}");
        for mistake in &found {
            check_line(toml, mistake);
        }
    }
}

fn without_line(mistake: &Mistake) -> String {
    let key = mistake.place.key.as_deref().unwrap_or_default();
    format!("`{key}`: {}; {}", mistake.fault, mistake.remedy)
}

#[track_caller]
fn check_line(toml: &str, mistake: &Mistake) {
    let key = mistake.place.key.as_deref().unwrap();
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let (name, _) = name.split_once('[').unwrap_or((name, ""));
    let is_missing = mistake.fault == "missing";
    let Some(line) = mistake.place.line else {
        assert!(is_missing && table.is_empty(), "{mistake:?}: {toml}");
        return;
    };
    let line = toml.lines().nth(line - 1).unwrap();
    let is_there = if is_missing {
        let (table, _) = table.split_once('[').unwrap_or((table, ""));
        line.starts_with('[') && line.contains(table)
    } else {
        line.contains(name)
    };
    assert!(is_there, "{mistake:?}: {toml}");
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
            "`polcy`: unknown key; did you mean `policy`? write that, or remove it",
            "`issuers[0].audiences`: missing; write the audiences (or the `client_ids`) that are \
             taken, or \"any\"",
            "`issuers[0].jwks_uri`: missing; write the `jwks_uri` of the provider's OpenID \
             configuration, or a `jwks_file` and `jwks_refresh = \"never\"`",
            "`issuers[1].client_ids`: the list is empty; write one or more strings in quotes between \
             [ and ], or \"any\" to leave it unchecked",
            "`routes[0].route`: `FETCH /a`: `FETCH` is not a verb of API Gateway; write one of ANY \
             DELETE GET HEAD OPTIONS PATCH POST PUT",
            "`jwks.timeout_ms`: `1` is out of range; write a whole number from 100 to 9000",
        ],
    )]);
    let error = Config::from_toml("\npolicy = 1").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the configuration has 2 mistakes: line 2: `policy`: `1` is not known; write \"api\" or \
         \"request\" | `issuers`: missing; write `[[issuers]]` with `user_pool_id` and \
         `client_ids`, or with `issuer`, `jwks_uri` and `audiences`"
    );
}

/// A list over several lines, a table with dotted keys, lines that end as on Windows: a mistake
/// names the line that it is in.
#[test]
fn each_mistake_names_its_line() {
    let id = "user_pool_id = \"eu-west-1_AbCdEf123\"\n";
    let rows = [
        (
            format!("[[issuers]]\n{id}client_ids = [\n  \"a\",\n  \"b\",\n  \"a\",\n]\n"),
            6,
        ),
        (
            format!("[[issuers]]\n{id}client_ids = [\n  \"a\",\n  1,\n]\n"),
            5,
        ),
        (
            after("[[routes]]\nroute = \"GET /a\"\nany_of = [\n  [\"a\"],\n  [\"b c\"],\n]\n"),
            8,
        ),
        (
            root("token_sources = [\n  \"query:a\",\n  \"body:b\",\n]"),
            3,
        ),
        (after("[context]\nclaims = [\n\"email\",\n\"sub\",\n]"), 7),
        (after("jwks_file = \"k\"\njwks.timeout_ms = 1"), 5),
        (after("\n\n[jwks]\n\n\ntimeout_ms = 1"), 9),
        (root("# \u{fc}\r\n\r\npolicy = 1\r\n"), 3),
        (
            after("[[routes]]\nroute = \"GET /a\"\n[[routes]]\n\nroute = \"GET /a\"\n"),
            8,
        ),
        (format!("{ISSUER}{ISSUER}"), 5),
    ];
    for (toml, line) in rows {
        let found = Config::from_toml(&toml).unwrap_err().0;
        let lines: Vec<_> = found.iter().map(|mistake| mistake.place.line).collect();
        assert_eq!(lines, [Some(line)], "{toml}: {found:?}");
    }
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
        let place = Place {
            key: None,
            line: Some(line),
        };
        assert_eq!(mistake.place, place, "{toml}");
        assert_eq!(mistake.remedy, "correct that line", "{toml}");
        // What stands between is the TOML reader's own.
        let told = mistake.to_string();
        assert!(
            told.starts_with(&format!("line {line}: not TOML (")),
            "{told}"
        );
        assert!(!told.contains('\n'), "{toml}: {told}");
    }
}

/// What was meant is told, and what only follows from the wrong spelling is not.
#[test]
fn a_misspelt_key_is_one_mistake() {
    let meant = |place: &str, key: &str| {
        format!("`{place}`: unknown key; did you mean `{key}`? write that, or remove it")
    };
    refused(&[
        (
            "[[issuers]]\nuser_pool = \"eu-west-1_AbCdEf123\"\nclients = [\"c\"]\n\
             [[routes]]\npath = \"GET /books\"\ngroup = [\"editors\"]\n",
            &[
                &meant("issuers[0].user_pool", "user_pool_id"),
                &meant("issuers[0].clients", "client_ids"),
                &meant("routes[0].path", "route"),
                &meant("routes[0].group", "any_group"),
            ],
        ),
        (
            "[[issuer]]\nissuer = \"https://a.example\"\naud = \"any\"\nkeys_url = \"https://a.example/k\"\n\
             [[route]]\nname = \"GET /books/{id}\"\nbindings = { id = \"sub\" }\nrequired_scopes = [\"a\"]\n",
            &[
                &meant("issuer", "issuers"),
                &meant("issuer[0].aud", "audiences"),
                &meant("issuer[0].keys_url", "jwks_uri"),
                &meant("route", "routes"),
                &meant("route[0].name", "route"),
                &meant("route[0].bindings", "bind"),
                &meant("route[0].required_scopes", "scopes"),
            ],
        ),
        // Whether the value is right is not known before the key is.
        (
            &after("[metric]\nname = 5\n"),
            &[
                &meant("metric", "metrics"),
                &meant("metric.name", "namespace"),
            ],
        ),
        // The right key counts, if it is there too.
        (
            &format!("{ISSUER}clients = 5\n"),
            &[&meant("issuers[0].clients", "client_ids")],
        ),
        (
            &after("[[routes]]\nroute = \"/books\"\nmethod = \"GET\"\n"),
            &[
                "`routes[0].route`: `/books`: neither a verb with a path nor a name; write a verb, one \
                 space and a path, as in `GET /books/{id}`, or `$connect`, `$default` or a GraphQL field \
                 such as `Mutation.addBook`",
                "`routes[0].method`: unknown key; write the verb in `route`, before the path, as in \
                 `GET /books/{id}`",
            ],
        ),
        // What it would contradict, if it were what was meant, is not told before it is.
        (
            &after("[jwks]\nmax_age = 7200\nstale_seconds = 3600\ncooldown_seconds = 3600\n"),
            &[&meant("jwks.max_age", "max_age_seconds")],
        ),
        (
            &after("[[routes]]\nroute = \"GET /a\"\nany_of = \"nobody\"\ngroup = [\"a\"]\n"),
            &[&meant("routes[0].group", "any_group")],
        ),
        (
            &after(
                "[[issuers]]\nnmae = \"staff\"\nissuer = \"https://a.example\"\n\
                    jwks_uri = \"https://a.example/k\"\naudiences = [\"a\"]\n\
                    [[routes]]\nroute = \"GET /a\"\nissuers = [\"staff\"]\n",
            ),
            &[&meant("issuers[1].nmae", "name")],
        ),
        (
            &after(
                "[[issuers]]\nLabel = \"staff\"\nissuer = \"https://a.example\"\n\
                    jwks_uri = \"https://a.example/k\"\naudiences = [\"a\"]\n\
                    [[routes]]\nroute = \"GET /a\"\nissuers = [\"staff\"]\n",
            ),
            &[&meant("issuers[1].Label", "name")],
        ),
        // What is missing and was not misspelt is missing.
        (
            "[[issuers]]\nuser_pool = \"eu-west-1_AbCdEf123\"\n",
            &[
                "`issuers[0].client_ids`: missing; write the app clients whose tokens are taken, or \"any\"",
                &meant("issuers[0].user_pool", "user_pool_id"),
            ],
        ),
    ]);
}

/// A route may name an issuer whose entry cannot be read, or whose name cannot.
#[test]
fn a_name_of_what_cannot_be_read_is_no_mistake() {
    let route = "[[routes]]\nroute = \"GET /a\"\nissuers = [\"staff\"]\n";
    let entry = |lines: &str| after(&format!("[[issuers]]\n{lines}\n{route}"));
    let client = "client_ids = [\"c\"]\n";
    refused(&[
        (
            &entry(&format!(
                "name = \"staff\"\nuser_pool_id = \"staff\"\n{client}"
            )),
            &[
                "`issuers[1].user_pool_id`: `staff` is not the id of a user pool; write it as in \
                 `eu-west-1_AbCdEf123`",
            ],
        ),
        (
            &entry(&format!(
                "name = 5\nuser_pool_id = \"eu-west-1_B\"\n{client}"
            )),
            &["`issuers[1].name`: `5` is not a string; write a string in quotes"],
        ),
        (
            &entry(&format!(
                "name = 5\nuser_pool_id = \"eu-west-1_B\"\n{client}[[issuers]]\nname = 5\n\
                 user_pool_id = \"eu-west-1_C\"\n{client}"
            )),
            &[
                "`issuers[1].name`: `5` is not a string; write a string in quotes",
                "`issuers[2].name`: `5` is not a string; write a string in quotes",
            ],
        ),
        (
            route,
            &[
                "`issuers`: missing; write `[[issuers]]` with `user_pool_id` and `client_ids`, or \
                 with `issuer`, `jwks_uri` and `audiences`",
            ],
        ),
        (
            &entry(&format!(
                "name = \"stuff\"\nuser_pool_id = \"eu-west-1_B\"\n{client}"
            )),
            &[
                "`routes[0].issuers`: `staff` is not the name of an issuer; write some of \
                 `eu-west-1_AbCdEf123`, `stuff`",
            ],
        ),
    ]);
}

/// TOML's keys belong to the table above them, so that one is easily written below the wrong one.
#[test]
fn a_key_of_another_table_is_told_where_it_belongs() {
    let top = "move it to the top of the file, before the first table";
    let root_key = |place: &str, table: &str| {
        format!("`{place}`: a key of the top level, not of `{table}`; {top}")
    };
    let row = |lines: &str, mistake: &str| refused(&[(&after(lines), &[mistake])]);
    for key in [
        "leeway_seconds = 5",
        "unauthorized = \"deny\"",
        "policy = \"request\"",
        "http_api_response = \"simple\"",
        "required_scopes = [\"a\"]",
        "token_sources = [\"query:t\"]",
        "authorization_schemes = [\"none\"]",
    ] {
        let (name, _) = key.split_once(' ').unwrap();
        let place = format!("issuers[0].{name}");
        row(key, &root_key(&place, "[[issuers]]"));
        let place = format!("jwks.{name}");
        row(&format!("[jwks]\n{key}"), &root_key(&place, "[jwks]"));
    }
    row(
        "timeout_ms = 500",
        "`issuers[0].timeout_ms`: a key of `[jwks]`, not of `[[issuers]]`; move it below `[jwks]`",
    );
    row(
        "scopes = [\"a\"]",
        "`issuers[0].scopes`: a key of `[[routes]]`, not of `[[issuers]]`; move it below `[[routes]]`",
    );
    row(
        "[[routes]]\nroute = \"GET /a\"\nnamespace = \"A\"",
        "`routes[0].namespace`: a key of `[metrics]`, not of `[[routes]]`; move it below `[metrics]`",
    );
    row(
        "[issuers.jwks]\ntimeout_ms = 500",
        "`issuers[0].jwks`: a key of the top level, not of `[[issuers]]`; move it to the top of the \
         file, before the first table",
    );
    // The issuer is there, in the wrong place.
    let of_issuers = |key: &str| {
        format!(
            "`{key}`: a key of `[[issuers]]`, not of the top level; move it below `[[issuers]]`"
        )
    };
    refused(&[
        (
            "user_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = [\"c\"]\n",
            &[&of_issuers("user_pool_id"), &of_issuers("client_ids")],
        ),
        (
            "client_ids = [\"c\"]\n[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\n",
            &[&of_issuers("client_ids")],
        ),
    ]);
}

/// Secrets have no place in a configuration, and none is ever shown.
#[test]
fn a_secret_is_named_as_one_and_never_shown() {
    const COGNITO: &str = "1f2g3h4i5j6k7l8m9n0o1p2q3r4s5t6u7v8w9x0y1z2a3b4c5d6";
    const OTHER: &str = "aBcD-1234_eFgH-5678_iJkL-9012_mNoP-3456_qRsT";
    let entry = "`issuers[0].client_ids`: an entry looks like a client's secret; write the client's id, \
                 and replace the secret if others can read this configuration";
    let key = |key: &str| {
        format!(
            "`{key}`: the authorizer needs no secret; remove it, and replace the secret if others can \
             read this configuration"
        )
    };
    let unlike = "a text that looks like a secret";
    let or_any =
        "write one or more strings in quotes between [ and ], or \"any\" to leave it unchecked";
    let id = "user_pool_id = \"eu-west-1_AbCdEf123\"\n";
    for secret in [COGNITO, OTHER] {
        let pool = |ids: &str| format!("[[issuers]]\n{id}client_ids = {ids}\n");
        let rows: [(String, Vec<String>); 9] = [
            (
                pool(&format!("[\"c\", \"{secret}\"]")),
                vec![entry.to_owned()],
            ),
            (
                pool(&format!("\"{secret}\"")),
                vec![format!(
                    "`issuers[0].client_ids`: {unlike} is not a list; {or_any}"
                )],
            ),
            (
                format!("{ISSUER}audiences = [\"{secret}\", \"{secret}\"]\n"),
                vec![format!(
                    "`issuers[0].audiences`: {unlike} is there twice; remove one"
                )],
            ),
            (
                format!("{ISSUER}client_secret = \"{secret}\"\n"),
                vec![key("issuers[0].client_secret")],
            ),
            (
                root(&format!("Client-Secret = \"{secret}\"")),
                vec![key("Client-Secret")],
            ),
            (
                format!("[[issuers]]\nuser_pool_id = \"{secret}\"\nclient_ids = \"any\"\n"),
                vec![format!(
                    "`issuers[0].user_pool_id`: {unlike} is not the id of a user pool; write it as in \
                     `eu-west-1_AbCdEf123`"
                )],
            ),
            (
                root(&format!("policy = \"{secret}\"")),
                vec![format!(
                    "`policy`: {unlike} is not known; write \"api\" or \"request\""
                )],
            ),
            (
                root(&format!("token_sources = [\"{secret}\"]")),
                vec![format!(
                    "`token_sources`: {unlike} is not a place for a token; write \"header:NAME\", \
                     \"query:NAME\", \"cookie:NAME\" or \"subprotocol:NAME\""
                )],
            ),
            (
                format!("{ISSUER}algorithms = [\"{secret}\"]\n"),
                vec![format!(
                    "`issuers[0].algorithms`: {unlike} is not supported; write some of RS256, RS384, \
                     RS512, PS256, PS384, PS512, ES256, ES384, EdDSA"
                )],
            ),
        ];
        for (toml, mistakes) in rows {
            let mistakes: Vec<&str> = mistakes.iter().map(String::as_str).collect();
            refused(&[(&toml, &mistakes)]);
            let error = Config::from_toml(&toml).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
        }
    }
    // Ids that are as long: of a pool none is, of other providers some are.
    taken(&format!(
        "[[issuers]]\n{id}client_ids = [\"1example23456789clientid\", \"3n4b5urk1ft4fl3mg5e62d9ado\"]\n"
    ));
    for client in [OTHER, &"0123456789abcdef".repeat(4)] {
        taken(&format!(
            "[[issuers]]\nissuer = \"https://a.example\"\njwks_uri = \"https://a.example/k\"\n\
             client_ids = [\"{client}\"]\n"
        ));
    }
}
