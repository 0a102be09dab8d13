//! Signing in: what the server is asked, and what its answers become.

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};

use super::sign_in::{SignIn, THANKS};
use super::{
    ACCESS_TOKEN, Answer, CODE, REFRESH_TOKEN, Server, check_failed, folder, run, start, stderr,
    stdout, tokens,
};

#[test]
fn a_person_gets_tokens() {
    let path = folder("login").join("tokens.json");
    let text = path.to_str().expect("UTF-8");
    let server = Server::saying(tokens());
    let more = [
        "--scope",
        "openid",
        "--scope",
        "books/read",
        "--output",
        text,
        "--only",
        "access_token",
    ];
    let sign_in = SignIn::start(&server, &more);
    assert_eq!(sign_in.page.path(), "/oauth2/authorize");
    for (name, want) in [
        ("response_type", "code"),
        ("client_id", "app"),
        ("scope", "openid books/read"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(sign_in.parameter(name), want);
    }
    for (name, least) in [("state", 22), ("nonce", 22), ("code_challenge", 43)] {
        assert!(
            sign_in.parameter(name).len() >= least,
            "{name} can be guessed"
        );
    }
    let (challenge, redirect_uri) = (
        sign_in.parameter("code_challenge"),
        sign_in.parameter("redirect_uri"),
    );

    let page = sign_in.redirect(&format!("code={CODE}"));
    assert!(page.starts_with(THANKS), "{page}");
    for header in [
        "cache-control: no-store",
        "content-security-policy: default-src 'none'",
        "referrer-policy: no-referrer",
    ] {
        assert!(page.contains(header), "{page}");
    }
    assert!(!page.contains(CODE), "{page}");

    let output = sign_in.end();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(stdout(&output), format!("{ACCESS_TOKEN}\n"));
    let stored = std::fs::read_to_string(&path).expect("a file");
    assert!(stored.contains(REFRESH_TOKEN), "{stored}");
    let form = server.request().form;
    for (name, want) in [
        ("grant_type", "authorization_code"),
        ("code", CODE),
        ("redirect_uri", &redirect_uri),
        ("client_id", "app"),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(want), "{name}");
    }
    let verifier = PkceCodeVerifier::new(form.get("code_verifier").expect("a verifier").clone());
    let proven = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    assert_eq!(proven.as_str(), challenge);
}

#[test]
fn no_two_sign_ins_are_alike() {
    let server = Server::saying(tokens());
    let (one, two) = (SignIn::start(&server, &[]), SignIn::start(&server, &[]));
    for name in ["state", "nonce", "code_challenge", "redirect_uri"] {
        assert_ne!(one.parameter(name), two.parameter(name), "{name}");
    }
    for sign_in in [one, two] {
        sign_in.redirect(&format!("code={CODE}"));
        assert_eq!(sign_in.end().status.code(), Some(0));
    }
}

#[test]
fn a_refusal_ends_the_wait() {
    for (case, parameters, said) in [
        (
            "denied",
            "error=access_denied",
            "the sign-in was refused: `access_denied`",
        ),
        (
            "with description",
            "error=invalid_scope&error_description=not+this+%3Cb%3E",
            "`invalid_scope` (not this <b>)",
        ),
        (
            "an error beside a code",
            "error=access_denied&code=evil",
            "`access_denied`",
        ),
        ("control characters", "error=%1b%5b2J", r"`\u{1b}[2J`"),
    ] {
        let server = Server::saying(tokens());
        let sign_in = SignIn::start(&server, &[]);
        let page = sign_in.redirect(parameters);
        assert!(
            page.starts_with(THANKS) && page.contains("not signed in"),
            "{case}: {page}"
        );
        assert!(
            !page.contains("<b>") && !page.contains("access_denied"),
            "{case}: {page}"
        );
        check_failed(case, &sign_in.end(), 1, said);
        assert!(server.requests().is_empty(), "{case}");
    }
}

/// RFC 9207: a server that says who it is must be the one that was asked.
#[test]
fn the_redirect_must_come_from_the_issuer() {
    for (case, always, iss, status) in [
        ("right", "false", Some("URL/pool"), 0),
        ("not said", "false", None, 0),
        ("another", "false", Some("https://evil.example"), 1),
        ("the beginning of it", "false", Some("URL"), 1),
        ("right, always", "true", Some("URL/pool"), 0),
        ("not said, always", "true", None, 1),
    ] {
        let server = Server::start(move |request| {
            let url = format!("http://{}", request.host);
            let document = format!(
                r#"{{"issuer":"URL/pool","token_endpoint":"URL/t","authorization_endpoint":"URL/a",
                "authorization_response_iss_parameter_supported":{always}}}"#
            );
            match request.path.as_str() {
                "/t" => tokens(),
                _ => Answer::json(200, &document.replace("URL", &url)),
            }
        });
        let issuer = server.at("/pool");
        let child = start(
            &[
                "login",
                "--issuer",
                &issuer,
                "--client-id",
                "app",
                "--no-browser",
                "--redirect-uri",
                "http://127.0.0.1:0/",
            ],
            &[],
        );
        let sign_in = SignIn::wait(child);
        let iss = iss.map_or(String::new(), |iss| {
            format!("&iss={}", iss.replace("URL", &server.url))
        });
        sign_in.redirect(&format!("code={CODE}{iss}"));
        let output = sign_in.end();
        if status == 0 {
            assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        } else {
            check_failed(case, &output, 1, "does not come from the issuer");
            assert_eq!(server.requests().len(), 1, "{case}: the code was sent");
        }
    }
}

#[test]
fn a_code_that_is_not_taken_is_told() {
    let server = Server::saying(Answer::json(400, r#"{"error":"invalid_grant"}"#));
    let sign_in = SignIn::start(&server, &[]);
    sign_in.redirect(&format!("code={CODE}"));
    check_failed(
        "refused",
        &sign_in.end(),
        1,
        "the server refused: `invalid_grant`",
    );
}

/// The browser is `xdg-open`, here one that is sent back at once.
#[cfg(target_os = "linux")]
#[test]
fn a_browser_is_opened_unless_told_otherwise() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder("browser");
    let opener = folder.join("xdg-open");
    let script = format!(
        r#"#!/bin/bash
        port=${{1#*127.0.0.1%3A}} state=${{1#*state=}}
        exec 3<>"/dev/tcp/127.0.0.1/${{port%%\%2F*}}"
        printf 'GET /?state=%s&code={CODE} HTTP/1.1\r\n\r\n' "${{state%%&*}}" >&3
        read -r _ <&3"#
    );
    std::fs::write(&opener, script).expect("written");
    std::fs::set_permissions(&opener, PermissionsExt::from_mode(0o755)).expect("changed");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    for (case, path, more, status, said) in [
        (
            "opened",
            path.as_str(),
            &["--timeout", "60"][..],
            0,
            "Sign in at",
        ),
        (
            "not wanted",
            path.as_str(),
            &["--timeout", "1", "--no-browser"],
            1,
            "nobody signed in",
        ),
        (
            "no browser",
            "/nowhere",
            &["--timeout", "1"],
            1,
            "open that page yourself",
        ),
    ] {
        let server = Server::saying(tokens());
        let place = ["login", "--domain", &server.url, "--client-id", "app"];
        let redirect = ["--redirect-uri", "http://127.0.0.1:0/"];
        let output = run(
            &[&place[..], &redirect, more].concat(),
            &[("PATH", path)],
            "",
        );
        assert_eq!(output.status.code(), Some(status), "{case}: {output:?}");
        assert!(stderr(&output).contains(said), "{case}: {output:?}");
        // The page is told once, as itself.
        let pages = stderr(&output).matches("/oauth2/authorize?").count();
        assert_eq!(pages, 1, "{case}: {output:?}");
        let asked = usize::from(status == 0);
        assert_eq!(server.requests().len(), asked, "{case}");
    }
}
