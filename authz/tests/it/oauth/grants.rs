//! What is sent to the token and revocation endpoints, and what their answers become.

use std::fs;

use super::{
    ACCESS_TOKEN, Answer, CLIENT_SECRET, CODE, REFRESH_TOKEN, Server, check_failed, folder, run,
    stderr, stdout, tokens,
};

/// `app:` and the secret, in Base64.
const BASIC: &str = "Basic YXBwOnMzY3JldC1vZi10aGUtYXBwLWNsaWVudC0wMTIzNDU2Nzg5YWJjZGVm";

#[test]
fn a_secret_comes_from_the_environment_or_a_file_and_goes_into_the_header() {
    let file = folder("secret").join("secret");
    fs::write(&file, format!("{CLIENT_SECRET}\n")).expect("written");
    let path = file.to_str().expect("UTF-8");
    let variable = [("AUTHZ_CLIENT_SECRET", CLIENT_SECRET)];
    let wrong = [("AUTHZ_CLIENT_SECRET", "another")];
    for (case, more, env) in [
        ("environment", vec![], &variable[..]),
        ("file", vec!["--client-secret-file", path], &[]),
        (
            "file before environment",
            vec!["--client-secret-file", path],
            &wrong,
        ),
    ] {
        let server = Server::saying(tokens());
        let common = ["token", "--domain", &server.url, "--client-id", "app"];
        let scopes = ["--scope", "books/read", "--scope", "books/write"];
        let output = run(&[&common[..], &scopes, &more].concat(), env, "");
        assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        let request = server.request();
        assert_eq!(request.authorization.as_deref(), Some(BASIC), "{case}");
        let mut form: Vec<_> = request.form.into_iter().collect();
        form.sort();
        let sent = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let want = [
            ("grant_type", "client_credentials"),
            ("scope", "books/read books/write"),
        ];
        assert!(sent.eq(want), "{case}: {form:?}");
    }
}

#[test]
fn a_secret_with_any_character_arrives() {
    for command in ["token", "refresh", "revoke"] {
        let server = Server::saying(tokens());
        let arguments = [command, "--domain", &server.url, "--client-id", "a:b"];
        let output = run(
            &arguments,
            &[("AUTHZ_CLIENT_SECRET", "p%:ä ß")],
            REFRESH_TOKEN,
        );
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
        // a%3Ab:p%25%3A%C3%A4+%C3%9F, as RFC 6749, section 2.3.1, encodes the two.
        let want = "Basic YSUzQWI6cCUyNSUzQSVDMyVBNCslQzMlOUY=";
        assert_eq!(
            server.request().authorization.as_deref(),
            Some(want),
            "{command}"
        );
    }
}

#[test]
fn a_secret_that_is_none_is_refused_before_anybody_is_asked() {
    let folder = folder("no-secret");
    let (empty, lines) = (folder.join("empty"), folder.join("lines"));
    fs::write(&empty, "\n").expect("written");
    fs::write(&lines, "one\ntwo\n").expect("written");
    let (empty, lines) = (
        empty.to_str().expect("UTF-8"),
        lines.to_str().expect("UTF-8"),
    );
    for (case, more, env, status, said) in [
        ("none", vec![], &[][..], 1, "needs the client's secret"),
        (
            "empty variable",
            vec![],
            &[("AUTHZ_CLIENT_SECRET", "")],
            1,
            "AUTHZ_CLIENT_SECRET is empty",
        ),
        (
            "empty file",
            vec!["--client-secret-file", empty],
            &[],
            1,
            "--client-secret-file is empty",
        ),
        (
            "two lines",
            vec!["--client-secret-file", lines],
            &[],
            1,
            "or more than one line",
        ),
        (
            "no file",
            vec!["--client-secret-file", "/nowhere"],
            &[],
            1,
            "`/nowhere` cannot be read",
        ),
        (
            "two places",
            vec!["--client-secret-file", empty, "--client-secret-prompt"],
            &[],
            2,
            "cannot be used with",
        ),
        (
            "an argument",
            vec!["--client-secret", "x"],
            &[],
            2,
            "--client-secret",
        ),
    ] {
        let server = Server::saying(tokens());
        let common = ["token", "--domain", &server.url, "--client-id", "app"];
        check_failed(
            case,
            &run(&[&common[..], &more].concat(), env, ""),
            status,
            said,
        );
        assert!(server.requests().is_empty(), "{case}");
    }
}

#[test]
fn tokens_are_printed_as_json_or_one_alone() {
    let server = Server::saying(tokens());
    let all = ["token", "--domain", &server.url, "--client-id", "app"];
    let env = [("AUTHZ_CLIENT_SECRET", CLIENT_SECRET)];
    let output = run(&all, &env, "");
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let want = serde_json::json!({
        "access_token": ACCESS_TOKEN,
        "refresh_token": REFRESH_TOKEN,
        "token_type": "bearer",
        "expires_in": 3600,
    });
    assert_eq!(printed, want);
    for (name, want) in [
        ("access_token", ACCESS_TOKEN),
        ("refresh_token", REFRESH_TOKEN),
    ] {
        let output = run(&[&all[..], &["--only", name]].concat(), &env, "");
        assert_eq!(stdout(&output), format!("{want}\n"), "{name}");
    }
    let output = run(&[&all[..], &["--only", "id_token"]].concat(), &env, "");
    check_failed("id_token", &output, 1, "the server gave no `id_token`");
}

#[test]
fn an_answer_without_tokens_is_told_and_repeats_no_secret() {
    let refused = |body: &str| Answer::json(400, body);
    let echo = format!(
        r#"{{"error":"invalid_client","error_description":"no {CLIENT_SECRET} or {CODE}, {REFRESH_TOKEN}"}}"#
    );
    let long = format!(
        r#"{{"error":"x","error_description":"{}"}}"#,
        "word ".repeat(1000)
    );
    for (case, answer, said) in [
        (
            "refused",
            refused(r#"{"error":"invalid_client"}"#),
            "refused: `invalid_client`",
        ),
        (
            "with description",
            refused(r#"{"error":"invalid_grant","error_description":"no such code"}"#),
            "`invalid_grant` (no such code)",
        ),
        (
            "unauthorized",
            Answer::json(401, r#"{"error":"invalid_client"}"#),
            "`invalid_client`",
        ),
        (
            "echo",
            refused(&echo),
            "`invalid_client` (no […] or […] […])",
        ),
        (
            "control characters",
            refused(r#"{"error":"\u001b]0;x\u0007"}"#),
            r"`\u{1b}]0;x\u{7}`",
        ),
        ("long", refused(&long), "word word …)"),
        (
            "no JSON",
            Answer::of(500, "text/html", "<p>oops"),
            "status 500",
        ),
        ("redirect", Answer::of(307, "text/html", ""), "status 307"),
        (
            "an error that is none",
            refused("[1]"),
            "is not one of a token endpoint",
        ),
        (
            "HTML",
            Answer::of(200, "text/html", "<p>sign in"),
            "is not one of a token endpoint",
        ),
        (
            "empty",
            Answer::json(200, ""),
            "is not one of a token endpoint",
        ),
        (
            "a token of the wrong type",
            Answer::json(
                200,
                &format!(r#"{{"access_token":["{ACCESS_TOKEN}"],"token_type":"Bearer"}}"#),
            ),
            "is not one of a token endpoint",
        ),
        (
            "a number that is a token",
            Answer::json(
                200,
                &format!(
                    r#"{{"access_token":"a","token_type":"Bearer","expires_in":"{ACCESS_TOKEN}"}}"#
                ),
            ),
            "is not one of a token endpoint",
        ),
        ("silent", Answer::Silence, "no complete answer within 1 s"),
    ] {
        let server = Server::saying(answer);
        let place = [
            "--domain",
            &server.url,
            "--client-id",
            "app",
            "--request-timeout",
            "1",
        ];
        let env = [("AUTHZ_CLIENT_SECRET", CLIENT_SECRET)];
        check_failed(
            case,
            &run(&[&["token"][..], &place].concat(), &env, ""),
            1,
            said,
        );
        let output = run(&[&["refresh"][..], &place].concat(), &env, REFRESH_TOKEN);
        check_failed(case, &output, 1, said);
    }
}

#[test]
fn a_public_client_says_its_id_in_the_form() {
    let server = Server::saying(tokens());
    let output = run(
        &["refresh", "--domain", &server.url, "--client-id", "app"],
        &[],
        REFRESH_TOKEN,
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let request = server.request();
    assert_eq!(request.authorization, None);
    assert_eq!(
        request.form.get("client_id").map(String::as_str),
        Some("app")
    );
    assert_eq!(
        request.form.get("grant_type").map(String::as_str),
        Some("refresh_token")
    );
    assert_eq!(
        request.form.get("refresh_token").map(String::as_str),
        Some(REFRESH_TOKEN)
    );
}

#[test]
fn a_refresh_token_is_revoked() {
    let secret = [("AUTHZ_CLIENT_SECRET", CLIENT_SECRET)];
    for (case, env, authorization, client_id) in [
        ("public", &[][..], None, Some("app")),
        ("with a secret", &secret, Some(BASIC), None),
    ] {
        let server = Server::saying(Answer::of(200, "text/plain", ""));
        let output = run(
            &["revoke", "--domain", &server.url, "--client-id", "app"],
            env,
            REFRESH_TOKEN,
        );
        assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        assert!(stderr(&output).contains("revoked"), "{case}: {output:?}");
        let request = server.request();
        assert_eq!(request.path, "/oauth2/revoke", "{case}");
        assert_eq!(request.authorization.as_deref(), authorization, "{case}");
        assert_eq!(
            request.form.get("token").map(String::as_str),
            Some(REFRESH_TOKEN),
            "{case}"
        );
        let hint = request.form.get("token_type_hint").map(String::as_str);
        assert_eq!(hint, Some("refresh_token"), "{case}");
        assert_eq!(
            request.form.get("client_id").map(String::as_str),
            client_id,
            "{case}"
        );
    }
}

#[test]
fn a_token_that_is_not_revoked_is_told() {
    for (case, answer, said) in [
        (
            "refused",
            Answer::json(
                400,
                r#"{"error":"unsupported_token_type","error_description":"no"}"#,
            ),
            "did not revoke the token: `unsupported_token_type` (no)",
        ),
        (
            "no such page",
            Answer::of(404, "text/html", "no"),
            "status 404",
        ),
        (
            "no error of OAuth",
            Answer::json(503, "{}"),
            "is not one of a revocation endpoint",
        ),
    ] {
        let server = Server::saying(answer);
        let output = run(
            &["revoke", "--domain", &server.url, "--client-id", "app"],
            &[],
            REFRESH_TOKEN,
        );
        check_failed(case, &output, 1, said);
    }
}
