//! The JOSE header: what is in it was chosen by the sender (RFC 7515 4, RFC 8725 3.10, 3.11).

use cognito_authorizer::reason::DenyReason::{MalformedToken, UnknownKey, WrongTokenUse};
use serde_json::{Value, json};

use super::{Target, compact};
use crate::support::keys::{OTHER_RSA, RSA, SigningKey, b64};
use crate::support::token::{KID, Token};

/// Signs a header text with `RS256`, whatever it says.
fn with_header(header: &str, key: &SigningKey) -> String {
    compact(header, &Token::access().claims.to_string(), |input| {
        key.sign("RS256", input)
    })
}

/// RFC 7515 4.1.11, RFC 7797 6; CVE-2025-59420: extensions that are not understood, or not
/// supported, are refused in every form, also where the issuer signed them.
#[test]
fn a_header_that_changes_the_reading_is_refused() {
    let rows: &[(&str, Value)] = &[
        ("crit", json!([])),
        ("crit", json!(["b64"])),
        ("crit", json!(["exp"])),
        ("crit", json!(["exp", "exp"])),
        ("crit", json!(["kid", "alg"])),
        ("crit", json!(["http://example.com/unknown"])),
        ("crit", json!("exp")),
        ("crit", json!(1)),
        ("crit", json!({})),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("b64", json!(null)),
        ("zip", json!("DEF")),
        ("zip", json!("none")),
        ("zip", json!("None")),
        ("zip", json!("NONE ")),
        ("zip", json!("")),
        ("zip", json!(null)),
        ("zip", json!(false)),
        ("zip", json!(["NONE"])),
        ("zip", json!({"NONE": "NONE"})),
        ("enc", json!("A256GCM")),
        ("cty", json!("JWT")),
        ("cty", json!("jwt")),
        ("cty", json!("application/jwt")),
    ];
    let target = Target::pool("");
    for (name, value) in rows {
        let token = Token::access().header(name, value.clone()).sign();
        target.check(&format!("{name}: {value}"), &token, Err(MalformedToken));
    }
    let both = Token::access()
        .header("crit", json!(["b64"]))
        .header("b64", false);
    target.check("crit and b64", &both.sign(), Err(MalformedToken));
}

/// ForgeRock and PingAM write it into every token that they sign; a payload is never inflated.
#[test]
fn a_header_may_say_that_nothing_is_compressed() {
    let target = Target::pool("");
    let token = Token::access().header("zip", "NONE");
    target.check("zip", &token.sign(), Ok(()));
    for name in ["crit", "b64", "enc", "cty", "jwk", "ZIP"] {
        let expected = if name == "ZIP" {
            Ok(())
        } else {
            Err(MalformedToken)
        };
        let other = Token::access().header(name, "NONE");
        target.check(name, &other.sign(), expected);
    }
    let header = r#"{"kid":"key-1","alg":"RS256","zip":"NONE","zip":"DEF"}"#;
    target.check("twice", &with_header(header, &RSA), Err(MalformedToken));
    let header = r#"{"kid":"key-1","alg":"RS256","z\u0069p":"DEF"}"#;
    target.check("escaped", &with_header(header, &RSA), Err(MalformedToken));
}

/// RFC 7797: with `b64` false the payload would stand in the token as it is.
#[test]
fn an_unencoded_payload_is_refused() {
    for header in [
        json!({"kid": KID, "alg": "RS256", "b64": false, "crit": ["b64"]}),
        json!({"kid": KID, "alg": "RS256", "b64": false}),
    ] {
        let input = format!("{}.payload", b64(header.to_string().as_bytes()));
        let signature = b64(&RSA.sign("RS256", input.as_bytes()));
        let token = format!("{input}.{signature}");
        Target::pool("").check(&header.to_string(), &token, Err(MalformedToken));
    }
}

/// CVE-2018-0114, RFC 8725 3.10: keys that the sender brings, or says where to get. They are
/// refused before anything is looked up: not one fetch happens, not even of the issuer's keys.
#[test]
fn a_key_in_the_header_is_refused_without_a_fetch() {
    let jwk = OTHER_RSA.jwk(KID, Some("RS256"));
    let own = RSA.jwk(KID, Some("RS256"));
    let jku =
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/jwks.json";
    let rows: &[(&str, Value)] = &[
        ("jwk", jwk),
        ("jwk", own),
        ("jwk", json!(null)),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("jku", json!("http://169.254.169.254/latest/meta-data/")),
        ("jku", json!("file:///etc/passwd")),
        ("jku", json!(jku)),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5c", json!([])),
    ];
    for (name, value) in rows {
        for (signer, key) in [("an attacker", &*OTHER_RSA), ("the issuer", &*RSA)] {
            let target = Target::pool("");
            let token = Token::access().header(name, value.clone()).sign_with(key);
            let case = format!("{name}: {value} by {signer}");
            target.check(&case, &token, Err(MalformedToken));
            assert_eq!(target.fetches(), 0, "{case}");
        }
    }
}

/// RFC 8725 3.11, RFC 9068 4. Cognito sends no `typ`; a media type has no letter case.
#[test]
fn the_type_is_that_of_an_access_token() {
    let wrong = Err(WrongTokenUse);
    let malformed = Err(MalformedToken);
    let rows: &[(Value, _)] = &[
        (json!("JWT"), Ok(())),
        (json!("jwt"), Ok(())),
        (json!("at+jwt"), Ok(())),
        (json!("AT+JWT"), Ok(())),
        (json!("application/at+jwt"), Ok(())),
        (json!("Application/At+Jwt"), Ok(())),
        (json!("application/jwt"), Ok(())),
        (json!("logout+jwt"), wrong),
        (json!("dpop+jwt"), wrong),
        (json!("secevent+jwt"), wrong),
        (json!("id_token+jwt"), wrong),
        (json!("application/logout+jwt"), wrong),
        (json!("application/application/at+jwt"), wrong),
        (json!("JWE"), wrong),
        (json!("JOSE"), wrong),
        (json!(""), wrong),
        (json!("JWT "), wrong),
        (json!(" at+jwt"), wrong),
        (json!("at+jwt;charset=utf-8"), wrong),
        (json!("text/at+jwt"), wrong),
        (json!(null), malformed),
        (json!(1), malformed),
        (json!(["JWT"]), malformed),
        (json!({"typ": "JWT"}), malformed),
    ];
    let target = Target::pool("");
    target.check("absent", &Token::access().sign(), Ok(()));
    for (typ, expected) in rows {
        let token = Token::access().header("typ", typ.clone()).sign();
        target.check(&typ.to_string(), &token, *expected);
    }
}

#[test]
fn a_configured_type_is_required() {
    for configured in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        let target = Target::pool(&format!("token_type = {configured:?}\n"));
        let typed = |typ: &str| Token::access().header("typ", typ).sign();
        target.check("the same", &typed("at+jwt"), Ok(()));
        target.check("in full", &typed("application/at+jwt"), Ok(()));
        target.check("other case", &typed("At+JWT"), Ok(()));
        target.check("another", &typed("JWT"), Err(WrongTokenUse));
        target.check("absent", &Token::access().sign(), Err(WrongTokenUse));
    }
}

#[test]
fn a_kid_is_a_string_that_is_not_empty() {
    let target = Target::pool("");
    for kid in [
        json!(null),
        json!(1),
        json!([KID]),
        json!({"kid": KID}),
        json!(true),
        json!(""),
    ] {
        let token = Token::access().header("kid", kid.clone()).sign();
        target.check(&kid.to_string(), &token, Err(MalformedToken));
    }
    let token = with_header(&json!({"alg": "RS256"}).to_string(), &RSA);
    target.check("missing", &token, Err(MalformedToken));
    assert_eq!(target.fetches(), 0);
}

/// RFC 8725 3.10: a `kid` is a key of a map, compared byte by byte, and nothing else: never part
/// of a path, a query or a command. One fetch happens, of the issuer's own set.
#[test]
fn a_kid_is_compared_byte_by_byte() {
    let rows = [
        "../../../../dev/null",
        "..\\..\\keys\\key-1",
        "/dev/null",
        "key-1/../key-1",
        "' OR '1'='1",
        "key-1'; DROP TABLE keys;--",
        "' UNION SELECT 'secret' --",
        "https://attacker.example/jwks.json",
        "file:///dev/null",
        "key-1\0",
        "\0",
        "key-1\0.pem",
        "KEY-1",
        "Key-1",
        "key-1 ",
        " key-1",
        "key-1\n",
        "key%2D1",
        "key\u{2010}1",
        "\u{ff4b}ey-1",
        "key-",
        "key-11",
        "$(touch x)",
        "| touch x",
        "__proto__",
        "constructor",
        "null",
        "undefined",
    ];
    for kid in rows {
        let target = Target::pool("");
        let token = Token::access().header("kid", kid).sign();
        target.check(&format!("{kid:?}"), &token, Err(UnknownKey));
        assert_eq!(target.fetches(), 1, "{kid:?}");
    }
}

/// Longer than a key's `kid` may be: no such key exists, so nothing is looked up or fetched.
#[test]
fn a_kid_of_any_length_costs_nothing() {
    let rows = [
        (256, UnknownKey, 1),
        (257, UnknownKey, 0),
        (2_000, UnknownKey, 0),
        (10_000, MalformedToken, 0),
    ];
    for (length, reason, fetches) in rows {
        let target = Target::pool("");
        let token = Token::access().header("kid", "k".repeat(length)).sign();
        target.check(&length.to_string(), &token, Err(reason));
        assert_eq!(target.fetches(), fetches, "{length}");
    }
}
