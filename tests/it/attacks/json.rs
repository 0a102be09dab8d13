//! One reading per text: header, payload and key set are strict JSON (RFC 8259, RFC 7519 4).

use cognito_authorizer::jwks::{Jwks, JwksError};
use cognito_authorizer::reason::DenyReason::{InvalidSignature, MalformedToken, UnknownIssuer};
use serde_json::json;

use super::{Expected, Target, compact};
use crate::support::keys::{RSA, b64, jwks};
use crate::support::token::{CLIENT, ISSUER, KID, NOW, Token, sign_text};

#[track_caller]
fn check(case: &str, token: &str, expected: Expected) {
    Target::pool("").check(case, token, expected);
}

/// The members of a good payload as a text, without its closing brace.
fn open_payload() -> String {
    let claims = Token::access().claims.to_string();
    claims.strip_suffix('}').unwrap().to_owned()
}

#[track_caller]
fn check_payload(case: &str, payload: &str, expected: Expected) {
    let header = Token::access().header.to_string();
    check(case, &sign_text(&header, payload, "RS256", &RSA), expected);
}

/// RFC 7519 4, RFC 7515 4: where a name stands twice, parsers differ in what they read. Escapes
/// make the same name look different.
#[test]
fn no_member_stands_twice() {
    let open = open_payload();
    let exp = NOW + 3000;
    let twice = [
        format!(r#"{open},"exp":{exp}}}"#),
        format!(r#"{open},"exp":9999999999}}"#),
        format!(r#"{open},"\u0065xp":{exp}}}"#),
        format!(r#"{open},"e\u0078p":{exp}}}"#),
        format!(r#"{open},"iss":"{ISSUER}"}}"#),
        format!(r#"{open},"\u0069\u0073\u0073":"https://attacker.example"}}"#),
        format!(r#"{open},"client_id":"{CLIENT}"}}"#),
        format!(r#"{open},"scope":"admin"}}"#),
        format!(r#"{open},"other":1,"other":1}}"#),
        format!(r#"{open},"":1,"":2}}"#),
        format!(r#"{open},"other":{{"a":1,"a":1}}}}"#),
        format!(r#"{open},"other":[[{{"a":{{"b":null,"\u0062":null}}}}]]}}"#),
        format!(r#"{open},"other":{{"\n":1,"\u000a":1}}}}"#),
        format!(r#"{open},"other":{{"/":1,"\/":1}}}}"#),
        format!(r#"{open},"other":{{"😀":1,"\ud83d\ude00":1}}}}"#),
    ];
    for payload in twice {
        check_payload(&payload, &payload, Err(MalformedToken));
    }
    let headers = [
        r#"{"kid":"key-1","kid":"key-1","alg":"RS256"}"#,
        r#"{"kid":"key-1","alg":"none","alg":"RS256"}"#,
        r#"{"kid":"key-1","alg":"RS256","alg":"none"}"#,
        r#"{"kid":"key-1","alg":"RS256","\u0061lg":"RS256"}"#,
        r#"{"kid":"key-1","k\u0069d":"key-2","alg":"RS256"}"#,
        r#"{"kid":"key-1","alg":"RS256","x":{"y":1,"y":1}}"#,
    ];
    for header in headers {
        let token = sign_text(header, &Token::access().claims.to_string(), "RS256", &RSA);
        check(header, &token, Err(MalformedToken));
    }
    let other = format!(r#"{open},"Exp":1,"EXP":2,"exp ":3,"other":{{"exp":4}}}}"#);
    check_payload("other names", &other, Ok(()));
}

/// The `iss` that chooses whose keys are tried is looked for in a payload that nobody has verified:
/// whatever that look finds, a good signature and a strict reading come after it. Each row says
/// what comes of the payload truly signed and, if an `iss` is found, what of it badly signed.
#[test]
fn an_unverified_iss_only_chooses_the_keys() {
    let open = Token::access().without("iss").claims.to_string();
    let open = open.strip_suffix('}').unwrap();
    let iss = format!(r#""iss":"{ISSUER}""#);
    let stranger = r#""iss":"https://attacker.example""#;
    let long = "x".repeat(11_000);
    let in_full = ISSUER.replace('/', r"\/");
    let found = Some(InvalidSignature);
    let rows = [
        ("first", format!("{{{iss},{}}}", &open[1..]), Ok(()), found),
        ("last", format!("{open},{iss}}}"), Ok(()), found),
        (
            "after 11 KB",
            format!(r#"{open},"x":"{long}",{iss}}}"#),
            Ok(()),
            found,
        ),
        (
            "blanks around",
            format!(" {open} ,\n\"iss\"\t:\r\n\"{ISSUER}\" }}\n"),
            Ok(()),
            found,
        ),
        (
            "escapes in its name",
            format!(r#"{open},"\u0069\u0073\u0073":"{ISSUER}"}}"#),
            Ok(()),
            found,
        ),
        (
            "escapes in its value",
            format!(r#"{open},"iss":"{in_full}"}}"#),
            Ok(()),
            found,
        ),
        (
            "another one deeper",
            format!(r#"{open},"act":{{{stranger}}},"x":[{{{stranger}}}],{iss}}}"#),
            Ok(()),
            found,
        ),
        (
            "another one in a string",
            format!(
                r#"{open},"x":"\\\",{},\"",{iss}}}"#,
                stranger.replace('"', r#"\""#)
            ),
            Ok(()),
            found,
        ),
        (
            "its name as a value",
            format!(r#"{open},"x":"iss","y":["iss","iss"],{iss}}}"#),
            Ok(()),
            found,
        ),
        (
            "other names",
            format!(r#"{open},"Iss":"x","iss ":"x","is":"x","":"x","\u0069sss":"x",{iss}}}"#),
            Ok(()),
            found,
        ),
        (
            "twice",
            format!("{open},{iss},{iss}}}"),
            Err(MalformedToken),
            found,
        ),
        (
            "twice, another one last",
            format!("{open},{iss},{stranger}}}"),
            Err(MalformedToken),
            found,
        ),
        (
            "twice, another one first",
            format!("{open},{stranger},{iss}}}"),
            Err(UnknownIssuer),
            None,
        ),
        (
            "cut after it",
            format!("{open},{iss}"),
            Err(MalformedToken),
            found,
        ),
        (
            "no JSON after it",
            format!("{open},{iss},}}]\"\\u"),
            Err(MalformedToken),
            found,
        ),
        (
            "no JSON before it",
            format!("{open},:,[]]{{,{iss}}}"),
            Err(MalformedToken),
            found,
        ),
        (
            "deeper alone",
            format!("{open},\"x\":{{{iss}}}}}"),
            Err(UnknownIssuer),
            None,
        ),
        (
            "in an array",
            format!("[{open},{iss}}}]"),
            Err(MalformedToken),
            None,
        ),
        (
            "outside",
            format!("{iss}{open}}}"),
            Err(MalformedToken),
            None,
        ),
        (
            "cut in it",
            format!(r#"{open},"iss":"http"#),
            Err(MalformedToken),
            None,
        ),
        (
            "cut in its name",
            format!(r#"{open},"is"#),
            Err(MalformedToken),
            None,
        ),
        (
            "cut in an escape",
            format!(r#"{open},"iss\"#),
            Err(MalformedToken),
            None,
        ),
        (
            "after 3,000 values",
            format!(r#"{open},"x":[{}],{iss}}}"#, vec!["0"; 3000].join(",")),
            Ok(()),
            found,
        ),
        (
            "after 1,000 objects",
            format!(
                r#"{open},"x":[{}],{iss}}}"#,
                vec![r#"{"":0}"#; 1000].join(",")
            ),
            Ok(()),
            found,
        ),
        (
            "brackets without an end before it",
            format!("{}{open},{iss}}}", "[{".repeat(2000)),
            Err(MalformedToken),
            None,
        ),
    ];
    for (case, payload, signed, spoiled) in rows {
        check_payload(case, &payload, signed);
        let header = Token::access().header.to_string();
        let token = compact(&header, &payload, |_| RSA.sign("RS256", b"another text"));
        let reason = spoiled.or(signed.err()).unwrap();
        check(&format!("{case}, badly signed"), &token, Err(reason));
    }
}

/// RFC 8259: texts that lenient parsers take for JSON.
#[test]
fn a_payload_is_one_strict_json_object() {
    let good = Token::access().claims.to_string();
    let open = open_payload();
    let rows = [
        ("empty object, no claims", "{}".to_owned(), UnknownIssuer),
        ("array", format!("[{good}]"), MalformedToken),
        ("string", json!(good).to_string(), MalformedToken),
        ("number", "1".to_owned(), MalformedToken),
        ("null", "null".to_owned(), MalformedToken),
        ("blank", " ".to_owned(), MalformedToken),
        ("cut", open.clone(), MalformedToken),
        ("trailing bytes", format!("{good}x"), MalformedToken),
        ("trailing NUL", format!("{good}\0"), MalformedToken),
        ("trailing brace", format!("{good}}}"), MalformedToken),
        ("a second object", format!("{good}{good}"), MalformedToken),
        (
            "a second object, next line",
            format!("{good}\n{{}}"),
            MalformedToken,
        ),
        ("comment", format!("{open}/* x */}}"), MalformedToken),
        ("line comment", format!("{good}// x"), MalformedToken),
        ("hash comment", format!("{good}# x"), MalformedToken),
        ("trailing comma", format!("{open},}}"), MalformedToken),
        ("two commas", format!(r#"{open},,"x":1}}"#), MalformedToken),
        (
            "array with a trailing comma",
            format!(r#"{open},"x":[1,]}}"#),
            MalformedToken,
        ),
        ("BOM", format!("\u{feff}{good}"), MalformedToken),
        ("single quotes", good.replace('"', "'"), MalformedToken),
        ("bare name", format!("{open},x:1}}"), MalformedToken),
        (
            "name that is no string",
            format!("{open},1:1}}"),
            MalformedToken,
        ),
        ("no value", format!(r#"{open},"x":}}"#), MalformedToken),
        ("no colon", format!(r#"{open},"x" 1}}"#), MalformedToken),
        (
            "undefined",
            format!(r#"{open},"x":undefined}}"#),
            MalformedToken,
        ),
        ("True", format!(r#"{open},"x":True}}"#), MalformedToken),
        ("NaN", format!(r#"{open},"x":NaN}}"#), MalformedToken),
        (
            "Infinity",
            format!(r#"{open},"x":Infinity}}"#),
            MalformedToken,
        ),
        (
            "-Infinity",
            format!(r#"{open},"x":-Infinity}}"#),
            MalformedToken,
        ),
        ("1e400", format!(r#"{open},"x":1e400}}"#), MalformedToken),
        ("hex", format!(r#"{open},"x":0x10}}"#), MalformedToken),
        (
            "leading zero",
            format!(r#"{open},"x":01}}"#),
            MalformedToken,
        ),
        (
            "leading plus",
            format!(r#"{open},"x":+1}}"#),
            MalformedToken,
        ),
        (
            "no digit after the point",
            format!(r#"{open},"x":1.}}"#),
            MalformedToken,
        ),
        (
            "no digit before the point",
            format!(r#"{open},"x":.5}}"#),
            MalformedToken,
        ),
        ("lone minus", format!(r#"{open},"x":-}}"#), MalformedToken),
        (
            "lone high surrogate",
            format!(r#"{open},"x":"\ud800"}}"#),
            MalformedToken,
        ),
        (
            "lone low surrogate",
            format!(r#"{open},"x":"\udc00"}}"#),
            MalformedToken,
        ),
        (
            "surrogates exchanged",
            format!(r#"{open},"x":"\udc00\ud800"}}"#),
            MalformedToken,
        ),
        (
            "high, then no escape",
            format!(r#"{open},"x":"\ud800x"}}"#),
            MalformedToken,
        ),
        (
            "lone surrogate in a name",
            format!(r#"{open},"\ud800":1}}"#),
            MalformedToken,
        ),
        (
            "unknown escape",
            format!(r#"{open},"x":"\x41"}}"#),
            MalformedToken,
        ),
        (
            "escaped quote by '",
            format!(r#"{open},"x":"\'"}}"#),
            MalformedToken,
        ),
        (
            "short escape",
            format!(r#"{open},"x":"\u41"}}"#),
            MalformedToken,
        ),
        (
            "newline in a string",
            format!("{open},\"x\":\"a\nb\"}}"),
            MalformedToken,
        ),
        (
            "tab in a string",
            format!("{open},\"x\":\"a\tb\"}}"),
            MalformedToken,
        ),
        (
            "NUL in a string",
            format!("{open},\"x\":\"a\0b\"}}"),
            MalformedToken,
        ),
        (
            "form feed between",
            format!("{open}\u{c},\"x\":1}}"),
            MalformedToken,
        ),
        (
            "no-break space between",
            format!("{open}\u{a0},\"x\":1}}"),
            MalformedToken,
        ),
    ];
    for (case, payload, reason) in rows {
        check_payload(case, &payload, Err(reason));
    }
    let header = Token::access().header.to_string();
    for (case, header) in [
        ("array", format!("[{header}]")),
        ("string", json!(header).to_string()),
        ("null", "null".to_owned()),
        ("trailing bytes", format!("{header} x")),
        ("trailing comma", header.replace('}', ",}")),
        ("comment", header.replace('}', "/**/}")),
        ("BOM", format!("\u{feff}{header}")),
        ("empty object", "{}".to_owned()),
        ("lone surrogate", header.replace('}', r#","x":"\ud800"}"#)),
    ] {
        let token = sign_text(&header, &Token::access().claims.to_string(), "RS256", &RSA);
        check(&format!("header: {case}"), &token, Err(MalformedToken));
    }
}

/// RFC 8259 8.1: UTF-8, and nothing that only looks like it.
#[test]
fn a_payload_is_utf_8() {
    let good = Token::access().claims.to_string();
    let utf_16 = |unit: fn(u16) -> [u8; 2]| good.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let with_text = |bytes: &[u8]| {
        let open = open_payload();
        [open.as_bytes(), br#","x":""#, bytes, br#""}"#].concat()
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("UTF-16, big-endian", utf_16(u16::to_be_bytes)),
        ("UTF-16, little-endian", utf_16(u16::to_le_bytes)),
        (
            "UTF-16 with its mark",
            [vec![0xfe, 0xff], utf_16(u16::to_be_bytes)].concat(),
        ),
        ("BOM", [&[0xef, 0xbb, 0xbf], good.as_bytes()].concat()),
        ("Latin-1", with_text(&[0xe9])),
        ("lone continuation", with_text(&[0x80])),
        ("cut sequence", with_text(&[0xe2, 0x82])),
        ("overlong `/`", with_text(&[0xc0, 0xaf])),
        ("overlong NUL", with_text(&[0xc0, 0x80])),
        ("overlong in three", with_text(&[0xe0, 0x80, 0xaf])),
        ("encoded surrogate", with_text(&[0xed, 0xa0, 0x80])),
        (
            "CESU-8 pair",
            with_text(&[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]),
        ),
        ("above U+10FFFF", with_text(&[0xf4, 0x90, 0x80, 0x80])),
        ("five octets", with_text(&[0xf8, 0x88, 0x80, 0x80, 0x80])),
        ("0xFF", with_text(&[0xff])),
    ];
    let header = b64(Token::access().header.to_string().as_bytes());
    for (case, payload) in rows {
        let input = format!("{header}.{}", b64(&payload));
        let signature = b64(&RSA.sign("RS256", input.as_bytes()));
        check(case, &format!("{input}.{signature}"), Err(MalformedToken));
    }
    let input = format!("{header}.{}", b64(&with_text("é€😀".as_bytes())));
    let signature = b64(&RSA.sign("RS256", input.as_bytes()));
    check("UTF-8", &format!("{input}.{signature}"), Ok(()));
}

/// The same value, written otherwise: blanks between, escapes inside.
#[test]
fn the_writing_of_a_value_is_free() {
    let claims = Token::access().claims;
    let pretty = serde_json::to_string_pretty(&claims).unwrap();
    let escaped = claims.to_string().replace('/', r"\/");
    let in_full = claims.to_string().replace("exp", r"\u0065\u0078p");
    for (case, payload) in [
        ("lines and blanks", pretty),
        ("blanks around", format!(" \t\r\n{claims}\n ")),
        ("escaped slashes", escaped),
        ("escaped name", in_full),
    ] {
        check_payload(case, &payload, Ok(()));
    }
    let header = " { \"kid\" :\t\"k\\u0065y-1\" ,\n\"alg\":\"RS2\\u0035\\u0036\" } ";
    let token = compact(header, &claims.to_string(), |input| {
        RSA.sign("RS256", input)
    });
    check("header", &token, Ok(()));
}

/// The same strictness for the key set: whoever reads it otherwise trusts other keys.
#[test]
fn a_key_set_is_strict_json_too() {
    let good = String::from_utf8(jwks(&[RSA.jwk(KID, None)])).unwrap();
    let open = good.strip_suffix('}').unwrap();
    let rows = [
        ("keys twice", format!(r#"{open},"keys":[]}}"#)),
        ("keys twice, escaped", format!(r#"{open},"k\u0065ys":[]}}"#)),
        (
            "kid twice",
            good.replacen("\"kid\"", "\"kid\":\"x\",\"kid\"", 1),
        ),
        ("array", format!("[{good}]")),
        ("trailing bytes", format!("{good}x")),
        ("comment", format!("{open}/**/}}")),
        ("trailing comma", format!("{open},}}")),
        ("two byte order marks", format!("\u{feff}\u{feff}{good}")),
        ("lone surrogate", format!(r#"{open},"x":"\ud800"}}"#)),
        ("cut", open.to_owned()),
        ("empty", String::new()),
    ];
    for (case, document) in rows {
        let parsed = Jwks::parse(document.as_bytes()).err();
        assert_eq!(parsed, Some(JwksError::NotJson), "{case}");
    }
    let bad_utf_8 = [open.as_bytes(), b",\"x\":\"\xff\"}"].concat();
    assert_eq!(Jwks::parse(&bad_utf_8).err(), Some(JwksError::NotJson));
    assert!(Jwks::parse(good.as_bytes()).is_ok());
}
