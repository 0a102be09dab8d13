//! Where the endpoints are found, and what is refused on the way.

use std::process::Output;

use super::{Answer, CLIENT_SECRET, Server, check_failed, run, stderr, tokens};

const POOL: &str = "eu-west-1_AbCdEf123";
const POOL_ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";

fn command(name: &str, place: &[&str]) -> Output {
    let common = [name, "--client-id", "app", "--request-timeout", "1"];
    let env = [("AUTHZ_CLIENT_SECRET", CLIENT_SECRET)];
    run(&[&common, place].concat(), &env, "refresh-token")
}

/// A server whose discovery document has these members, `URL` standing for the server's own.
fn with_document(members: &'static str) -> Server {
    Server::start(move |request| match request.path.as_str() {
        "/pool/.well-known/openid-configuration" | "/elsewhere" => {
            let url = format!("http://{}", request.host);
            Answer::json(200, &members.replace("URL", &url))
        }
        _ => tokens(),
    })
}

#[test]
fn endpoints_are_found_by_domain_or_option() {
    let server = Server::saying(tokens());
    let (slash, endpoint) = (server.at("/"), server.at("/t?x=1"));
    for (case, place, path) in [
        ("domain", vec!["--domain", &server.url], "/oauth2/token"),
        (
            "domain with a slash",
            vec!["--domain", &slash],
            "/oauth2/token",
        ),
        ("endpoint", vec!["--token-endpoint", &endpoint], "/t?x=1"),
        (
            "endpoint and domain",
            vec!["--domain", &server.url, "--token-endpoint", &endpoint],
            "/t?x=1",
        ),
        (
            "domain and pool: no discovery",
            vec!["--user-pool-id", POOL, "--domain", &server.url],
            "/oauth2/token",
        ),
    ] {
        let before = server.requests().len();
        let output = command("token", &place);
        assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        let paths: Vec<String> = server
            .requests()
            .iter()
            .skip(before)
            .map(|r| r.path.clone())
            .collect();
        assert_eq!(paths, [path], "{case}");
    }
}

#[test]
fn endpoints_are_found_by_discovery() {
    let own = with_document(r#"{"issuer":"URL/pool","token_endpoint":"URL/t","more":[1]}"#);
    let (issuer, other) = (own.at("/pool"), own.at("/other"));
    let pools = with_document(
        r#"{"issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123","token_endpoint":"URL/t"}"#,
    );
    let elsewhere = pools.at("/elsewhere");
    for (case, server, place, path) in [
        ("issuer", &own, vec!["--issuer", &issuer], "/t"),
        (
            "issuer and endpoint",
            &own,
            vec!["--issuer", &issuer, "--token-endpoint", &other],
            "/other",
        ),
        (
            "a pool's, elsewhere",
            &pools,
            vec!["--user-pool-id", POOL, "--discovery-url", &elsewhere],
            "/t",
        ),
        (
            "the same as issuer",
            &pools,
            vec!["--issuer", POOL_ISSUER, "--discovery-url", &elsewhere],
            "/t",
        ),
    ] {
        let output = command("token", &place);
        assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        let last = server.requests().pop().expect("a request");
        assert_eq!(last.path, path, "{case}");
    }
}

#[test]
fn a_discovery_document_that_cannot_be_trusted_is_refused() {
    let html = Answer::of(404, "text/html", "<p>not here</p>");
    let redirect = "HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    let cut = "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let huge = format!(
        "HTTP/1.1 200 X
Content-Length: 300000

{}",
        " ".repeat(300_000)
    );
    for (case, answer, said) in [
        ("not found", html, "status 404"),
        ("redirect", Answer::Bytes(redirect.into()), "status 302"),
        ("cut", Answer::Bytes(cut.into()), "broke off"),
        (
            "huge",
            Answer::Bytes(huge.into()),
            "longer than 262144 bytes",
        ),
        ("silent", Answer::Silence, "no complete answer within 1 s"),
        (
            "no HTTP",
            Answer::Bytes(b"hello\r\n\r\n".to_vec()),
            "broke off",
        ),
        (
            "no JSON",
            Answer::json(200, "hello"),
            "is no discovery document",
        ),
        (
            "no issuer",
            Answer::json(200, "{}"),
            "missing field `issuer`",
        ),
        (
            "another issuer",
            Answer::json(200, r#"{"issuer":"https://evil.example"}"#),
            "is of the issuer `https://evil.example`, not of",
        ),
    ] {
        let server = Server::saying(answer);
        let output = command("token", &["--issuer", &server.at("/pool")]);
        check_failed(case, &output, 1, said);
        assert_eq!(
            server.request().path,
            "/pool/.well-known/openid-configuration",
            "{case}"
        );
    }
}

#[test]
fn an_endpoint_that_cannot_be_used_is_not_asked() {
    for (case, command_name, document, said) in [
        (
            "plain http",
            "token",
            r#"{"issuer":"URL/pool","token_endpoint":"http://login.example.com/t"}"#,
            "`token_endpoint` is no URL that may be used",
        ),
        (
            "no URL",
            "token",
            r#"{"issuer":"URL/pool","token_endpoint":"file:///etc/passwd"}"#,
            "`token_endpoint` is no URL that may be used",
        ),
        (
            "a page that is no page",
            "login",
            r#"{"issuer":"URL/pool","token_endpoint":"URL/t","authorization_endpoint":"file:///bin/sh"}"#,
            "`authorization_endpoint` is no URL that may be used",
        ),
        (
            "no token endpoint",
            "token",
            r#"{"issuer":"URL/pool"}"#,
            "names no `token_endpoint`; name --domain",
        ),
        (
            "no revocation endpoint",
            "revoke",
            r#"{"issuer":"URL/pool","token_endpoint":"URL/t"}"#,
            "names no `revocation_endpoint`; name --domain",
        ),
    ] {
        let server = with_document(document);
        let output = command(command_name, &["--issuer", &server.at("/pool")]);
        check_failed(case, &output, 1, said);
        assert_eq!(server.requests().len(), 1, "{case}");
    }
}

#[test]
fn a_server_must_be_named_and_safe() {
    for (case, name, place, status, said) in [
        (
            "none",
            "token",
            vec![],
            1,
            "name --issuer, --user-pool-id, --domain or --token-endpoint",
        ),
        (
            "none to revoke at",
            "revoke",
            vec![],
            1,
            "or --revocation-endpoint",
        ),
        (
            "plain http",
            "token",
            vec!["--issuer", "http://login.example.com"],
            2,
            "write https://",
        ),
        (
            "a port of others",
            "token",
            vec!["--domain", "http://0.0.0.0:1"],
            2,
            "write https://",
        ),
        (
            "a name that begins so",
            "token",
            vec!["--domain", "http://localhost.example.com"],
            2,
            "write https://",
        ),
        (
            "a password",
            "token",
            vec!["--domain", "https://me:pw@login.example.com"],
            2,
            "write https://",
        ),
        (
            "a fragment",
            "token",
            vec!["--token-endpoint", "https://login.example.com/#t"],
            2,
            "write https://",
        ),
        ("no URL", "token", vec!["--issuer", "login"], 2, "no URL"),
        (
            "no pool",
            "token",
            vec!["--user-pool-id", "../evil"],
            2,
            "not a user pool id",
        ),
        (
            "two issuers",
            "token",
            vec!["--user-pool-id", POOL, "--issuer", POOL_ISSUER],
            2,
            "cannot be used with",
        ),
    ] {
        check_failed(case, &command(name, &place), status, said);
    }
}

#[test]
fn nothing_listens_is_said() {
    let output = command("token", &["--domain", "http://127.0.0.1:9"]);
    check_failed("closed port", &output, 1, "no connection");
    assert!(!stderr(&output).contains("Err("), "a sentence: {output:?}");
}
