//! Tokens in files: who may read them, what becomes of the old ones.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use super::{
    ACCESS_TOKEN, Answer, CLIENT_SECRET, REFRESH_TOKEN, Server, check_failed, folder, run, stderr,
    stdout, tokens,
};

const ENV: [(&str, &str); 1] = [("AUTHZ_CLIENT_SECRET", CLIENT_SECRET)];

/// The file holds these tokens, for its owner alone, and nothing else is left in its folder.
#[track_caller]
fn check_stored(path: &Path, access: &str, refresh: &str) {
    let stored: serde_json::Value =
        serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
    assert_eq!(stored["access_token"], access);
    assert_eq!(stored["refresh_token"], refresh);
    let mode = fs::metadata(path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let beside = fs::read_dir(path.parent().expect("a folder"))
        .expect("a folder")
        .count();
    assert_eq!(beside, 1, "something is left beside it");
}

fn answer(access: &str, refresh: Option<&str>) -> Answer {
    let refresh = refresh.map_or(String::new(), |token| {
        format!(r#","refresh_token":"{token}""#)
    });
    Answer::json(
        200,
        &format!(r#"{{"access_token":"{access}","token_type":"Bearer"{refresh}}}"#),
    )
}

/// Asks a server for tokens and stores them.
fn storing<'a>(server: &'a Server, file: &'a str) -> [&'a str; 7] {
    let domain = server.url.as_str();
    [
        "token",
        "--domain",
        domain,
        "--client-id",
        "app",
        "--output",
        file,
    ]
}

#[test]
fn a_file_of_tokens_is_its_owners_alone() {
    let server = Server::saying(tokens());
    let path = folder("owner").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    let arguments = storing(&server, text);
    for case in ["a new file", "a file that all could read"] {
        let output = run(&arguments, &ENV, "");
        assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        assert_eq!(stdout(&output), "", "{case}");
        assert!(stderr(&output).contains(text), "{case}: {output:?}");
        check_stored(&path, ACCESS_TOKEN, REFRESH_TOKEN);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("changed");
    }
    let output = run(
        &[&arguments[..], &["--only", "access_token"]].concat(),
        &ENV,
        "",
    );
    assert_eq!(stdout(&output), format!("{ACCESS_TOKEN}\n"));
    check_stored(&path, ACCESS_TOKEN, REFRESH_TOKEN);
}

#[test]
fn a_file_is_replaced_and_never_written_over() {
    let server = Server::saying(tokens());
    let path = folder("replaced").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    fs::write(&path, "old").expect("written");
    let other = folder("replaced-other").join("link");
    fs::hard_link(&path, &other).expect("linked");
    let arguments = storing(&server, text);
    assert_eq!(run(&arguments, &ENV, "").status.code(), Some(0));
    assert_ne!(
        fs::metadata(&path).expect("a file").ino(),
        fs::metadata(&other).expect("a file").ino()
    );
    assert_eq!(fs::read_to_string(&other).expect("a file"), "old");
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anybody_is_asked() {
    let folder = folder("unwritable");
    let link = folder.join("link");
    symlink("/dev/null", &link).expect("linked");
    let link = link.to_str().expect("UTF-8");
    let directory = folder.to_str().expect("UTF-8");
    for (case, path, said) in [
        (
            "no folder",
            "/nowhere/tokens.json",
            "`/nowhere/tokens.json` cannot be written",
        ),
        ("a folder", directory, "no regular file"),
        ("a link", link, "no regular file"),
        ("a device", "/dev/null", "no regular file"),
        ("no name", "/", "no regular file"),
    ] {
        let server = Server::saying(tokens());
        let arguments = [
            "--domain",
            &server.url,
            "--client-id",
            "app",
            "--output",
            path,
        ];
        for (command, input) in [("token", ""), ("refresh", REFRESH_TOKEN), ("login", "")] {
            let output = run(&[&[command][..], &arguments].concat(), &ENV, input);
            check_failed(&format!("{case}: {command}"), &output, 1, said);
        }
        assert!(server.requests().is_empty(), "{case}");
    }
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1);
}

#[test]
fn a_refresh_replaces_the_tokens_of_its_file_and_keeps_what_is_not_new() {
    let path = folder("refreshed").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    let old = format!(
        r#"{{"access_token":"old","token_type":"bearer","refresh_token":"{REFRESH_TOKEN}"}}"#
    );
    for (case, answer, refresh) in [
        ("no new refresh token", answer("new", None), REFRESH_TOKEN),
        ("rotated", answer("new", Some("rotated")), "rotated"),
    ] {
        fs::write(&path, &old).expect("written");
        let server = Server::saying(answer);
        let arguments = [
            "refresh",
            "--domain",
            &server.url,
            "--client-id",
            "app",
            "--tokens",
            text,
        ];
        let output = run(
            &[&arguments[..], &["--only", "access_token"]].concat(),
            &[],
            "",
        );
        assert_eq!(stdout(&output), "new\n", "{case}: {output:?}");
        let sent = server.request().form.remove("refresh_token");
        assert_eq!(sent.as_deref(), Some(REFRESH_TOKEN), "{case}");
        check_stored(&path, "new", refresh);
    }
}

#[test]
fn a_refusal_leaves_the_file_as_it_was() {
    let path = folder("refused").join("tokens.json");
    let old = format!(
        r#"{{"access_token":"old","token_type":"bearer","refresh_token":"{REFRESH_TOKEN}"}}"#
    );
    fs::write(&path, &old).expect("written");
    let server = Server::saying(Answer::json(400, r#"{"error":"invalid_grant"}"#));
    let text = path.to_str().expect("UTF-8");
    let arguments = [
        "refresh",
        "--domain",
        &server.url,
        "--client-id",
        "app",
        "--tokens",
        text,
    ];
    check_failed("refused", &run(&arguments, &[], ""), 1, "`invalid_grant`");
    assert_eq!(fs::read_to_string(&path).expect("a file"), old);
}

#[test]
fn a_refresh_token_comes_from_standard_input_too() {
    let json = format!(
        r#"{{"access_token":"a","token_type":"bearer","refresh_token":"{REFRESH_TOKEN}"}}"#
    );
    for (case, input) in [
        ("JSON", json.as_str()),
        ("alone", REFRESH_TOKEN),
        ("a line", &format!("{REFRESH_TOKEN}\n")),
    ] {
        let server = Server::saying(answer("new", None));
        let output = run(
            &["refresh", "--domain", &server.url, "--client-id", "app"],
            &[],
            input,
        );
        assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        let sent = server.request().form.remove("refresh_token");
        assert_eq!(sent.as_deref(), Some(REFRESH_TOKEN), "{case}");
    }
}

#[test]
fn input_without_a_refresh_token_is_refused() {
    for (case, input) in [
        ("nothing", ""),
        ("words", "no token"),
        (
            "JSON without",
            r#"{"access_token":"a","token_type":"bearer"}"#,
        ),
        ("no JSON", "{"),
    ] {
        for command in ["refresh", "revoke"] {
            let server = Server::saying(tokens());
            let output = run(
                &[command, "--domain", &server.url, "--client-id", "app"],
                &[],
                input,
            );
            check_failed(case, &output, 1, "`standard input` holds no refresh token");
            assert!(server.requests().is_empty(), "{case}");
        }
    }
    let output = run(
        &[
            "revoke",
            "--domain",
            "https://x.example",
            "--client-id",
            "app",
            "--tokens",
            "/nowhere",
        ],
        &[],
        "",
    );
    check_failed("no file", &output, 1, "`/nowhere` cannot be read");
}

/// What a file of tokens says of its client and its server need not be said again; what is said all
/// the same counts. A file never holds the client's secret.
#[test]
fn a_file_says_whose_tokens_it_holds() {
    let path = folder("origin").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    let (server, other) = (Server::saying(tokens()), Server::saying(tokens()));
    let first = storing(&server, text);
    assert_eq!(run(&first, &ENV, "").status.code(), Some(0));
    let stored = fs::read_to_string(&path).expect("a file");
    assert!(!stored.contains(CLIENT_SECRET), "{stored}");
    let kept: serde_json::Value = serde_json::from_str(&stored).expect("JSON");
    let origin = serde_json::json!({
        "client_id": "app",
        "token_endpoint": format!("{}/oauth2/token", server.url),
        "revocation_endpoint": format!("{}/oauth2/revoke", server.url),
    });
    assert_eq!(kept["authz"], origin);
    for (case, more, asked, client) in [
        ("the file's", &[][..], &server, "app"),
        ("another client", &["--client-id", "b"], &server, "b"),
        ("another server", &["--domain", &other.url], &other, "app"),
    ] {
        for (command, page) in [("refresh", "/oauth2/token"), ("revoke", "/oauth2/revoke")] {
            fs::write(&path, &stored).expect("written");
            let before = (server.requests().len(), other.requests().len());
            let arguments = [&[command, "--tokens", text], more].concat();
            let output = run(&arguments, &[], "");
            assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
            let count = server.requests().len() + other.requests().len();
            assert_eq!(count, before.0 + before.1 + 1, "{case}, {command}");
            let request = asked.requests().pop().expect("a request");
            assert_eq!(request.path, page, "{case}");
            let sent = request.form.get("client_id").map(String::as_str);
            assert_eq!(sent, Some(client), "{case}, {command}");
        }
    }
    // A refreshed file says the same.
    fs::write(&path, &stored).expect("written");
    run(&["refresh", "--tokens", text], &[], "");
    let again: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    assert_eq!(again["authz"], origin);
}

#[test]
fn a_file_that_does_not_say_whose_tokens_it_holds_is_not_enough() {
    let path = folder("no-origin").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    let with = |authz: &str| {
        format!(
            r#"{{"access_token":"a","token_type":"bearer","refresh_token":"{REFRESH_TOKEN}"{authz}}}"#
        )
    };
    for (case, authz, said) in [
        ("no origin", "", "the client is not known; name --client-id"),
        (
            "no server",
            r#","authz":{"client_id":"a"}"#,
            "the server is not known; name --issuer",
        ),
        (
            "not https",
            r#","authz":{"client_id":"a","token_endpoint":"http://a.example/","revocation_endpoint":"http://a.example/"}"#,
            "that may not be used: it must be https",
        ),
        (
            "no URL",
            r#","authz":{"client_id":"a","token_endpoint":"a"}"#,
            "has an `authz` that cannot be read",
        ),
    ] {
        fs::write(&path, with(authz)).expect("written");
        for command in ["refresh", "revoke"] {
            let output = run(&[command, "--tokens", text], &[], "");
            check_failed(case, &output, 1, said);
        }
    }
}
