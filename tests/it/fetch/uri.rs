//! Which URIs name a key set, and how they are asked for.

use cognito_authorizer::jwks::uri::JwksUri;

#[test]
fn a_uri_has_one_form_in_which_it_is_asked_for() {
    for (text, asked) in [
        ("https://login.example", "https://login.example/"),
        ("https://login.example?a=b", "https://login.example/?a=b"),
        ("HTTPS://Login.Example:443/K", "https://login.example/K"),
        (
            "https://login.example:8443/k",
            "https://login.example:8443/k",
        ),
        (
            "https://login.example/k/%6B?a=/b?",
            "https://login.example/k/%6B?a=/b?",
        ),
        (
            "https://[2001:DB8::1]:8443/k",
            "https://[2001:db8::1]:8443/k",
        ),
        ("https://login.example/a@b", "https://login.example/a@b"),
        ("http://localhost:4566/k", "http://localhost:4566/k"),
    ] {
        let uri = JwksUri::parse(text);
        assert_eq!(uri.as_ref().map(JwksUri::as_str), Some(asked), "{text}");
    }
}

/// What browsers forgive is refused here; `keys_come_from_a_place_that_can_be_trusted` has more.
#[test]
fn a_uri_is_written_out() {
    for text in [
        "",
        "http://",
        "https://",
        "https:login.example/k",
        "https:/login.example/k",
        "https:///login.example/k",
        "https:\\\\login.example\\k",
        "https://login.example\\@other.example/k",
        "https://login.example\n/k",
        " https://login.example/k",
        "https://login.example/k ",
        "https://login.example/a b",
        "https://@login.example/k",
        "https://a:b@login.example/k",
        "https://login.example:/k",
        "https://:443/k",
        "https://login.example/k#",
        "https://login.example/b\u{fc}cher",
        "https://b\u{fc}cher.example/k",
        "http://login.example/k",
        "http://localhost.login.example/k",
        "http://0.0.0.0/k",
        "ftp://localhost/k",
        "data://localhost/k",
    ] {
        assert_eq!(JwksUri::parse(text), None, "{text:?}");
    }
}
