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

#[test]
fn a_file_of_tokens_is_its_owners_alone() {
    let server = Server::saying(tokens());
    let path = folder("owner").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    let arguments = [
        "token",
        "--domain",
        &server.url,
        "--client-id",
        "app",
        "--output",
        text,
    ];
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
    let arguments = [
        "token",
        "--domain",
        &server.url,
        "--client-id",
        "app",
        "--output",
        text,
    ];
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
