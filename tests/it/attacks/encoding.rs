//! One text per token (RFC 7515 2 and 7.1, RFC 4648 3.5).

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE as URL_SAFE_PADDED};
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use cognito_authorizer::reason::DenyReason::MalformedToken;
use serde_json::json;

use super::{Expected, Target};
use crate::support::keys::{RSA, b64};
use crate::support::token::{KID, Token};

/// The three parts of a good token. Each of them can be made to have spare bits.
fn parts() -> [String; 3] {
    let token = (0..)
        .map(|nonce| {
            Token::access()
                .header("typ", "JWT")
                .claim("jti", "x".repeat(nonce))
        })
        .find(|token| token.claims.to_string().len() % 3 == 1)
        .unwrap()
        .sign();
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

#[track_caller]
fn check(case: &str, token: &str, expected: Expected) {
    Target::pool("").check(case, token, expected);
}

/// RFC 7515 7.1: three parts. RFC 7516's five are encryption, RFC 7515 7.2's braces are another
/// serialisation, appendix F's empty payload stands elsewhere.
#[test]
fn a_token_has_three_parts() {
    let [header, payload, signature] = parts();
    let jwe = b64(json!({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": KID})
        .to_string()
        .as_bytes());
    let flat = json!({"protected": header, "payload": payload, "signature": signature});
    let general = json!({
        "payload": payload,
        "signatures": [{"protected": header, "signature": signature}],
    });
    let rows = [
        ("one part", header.clone()),
        ("two parts", format!("{header}.{payload}")),
        (
            "four parts",
            format!("{header}.{payload}.{signature}.{signature}"),
        ),
        (
            "five parts",
            format!("{header}.{payload}.{signature}.{payload}.{signature}"),
        ),
        ("a JWE", format!("{jwe}.AAAA.AAAA.AAAA.AAAA")),
        (
            "JWE header, three parts",
            format!("{jwe}.{payload}.{signature}"),
        ),
        ("leading dot", format!(".{header}.{payload}.{signature}")),
        ("trailing dot", format!("{header}.{payload}.{signature}.")),
        (
            "leading dot, three parts",
            format!(".{payload}.{signature}"),
        ),
        ("dot alone", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("three dots", "...".to_owned()),
        ("empty header", format!(".{payload}.{signature}")),
        ("empty payload (detached)", format!("{header}..{signature}")),
        ("empty signature", format!("{header}.{payload}.")),
        ("signature left out", format!("{header}.{payload}")),
        ("JSON, flattened", flat.to_string()),
        ("JSON, general", general.to_string()),
        ("JSON in base64url", b64(flat.to_string().as_bytes())),
        (
            "comma instead of dot",
            format!("{header},{payload},{signature}"),
        ),
        (
            "percent-encoded dot",
            format!("{header}%2E{payload}.{signature}"),
        ),
        (
            "full-width dot",
            format!("{header}\u{ff0e}{payload}.{signature}"),
        ),
    ];
    for (case, token) in rows {
        check(case, &token, Err(MalformedToken));
    }
    check("the good one", &parts().join("."), Ok(()));
}

/// Each way in which another text could stand for the same bytes, in each of the parts.
#[test]
fn each_part_is_canonical_base64url() {
    for at in 0..3 {
        let spoiled = |spoil: &dyn Fn(&str) -> String| {
            let mut parts = parts();
            parts[at] = spoil(&parts[at]);
            parts.join(".")
        };
        let in_the_middle = |text: &str, what: &str| {
            let (start, end) = text.split_at(8);
            format!("{start}{what}{end}")
        };
        let mut rows = vec![
            ("one `=`".to_owned(), spoiled(&|part| format!("{part}="))),
            ("two `=`".to_owned(), spoiled(&|part| format!("{part}=="))),
            (
                "length 1 mod 4".to_owned(),
                spoiled(&|part| {
                    let length = part.len() / 4 * 4 + 1;
                    part.repeat(2).get(..length).unwrap().to_owned()
                }),
            ),
        ];
        for what in [
            " ", "\n", "\r\n", "\t", "\0", "=", "+", "/", "%", "!", "\u{200b}", "é", "~",
        ] {
            rows.push((
                format!("{what:?} inside"),
                spoiled(&|part| in_the_middle(part, what)),
            ));
            rows.push((
                format!("{what:?} in front"),
                spoiled(&|part| format!("{what}{part}")),
            ));
            rows.push((
                format!("{what:?} behind"),
                spoiled(&|part| format!("{part}{what}")),
            ));
        }
        for (case, token) in rows {
            check(&format!("part {at}: {case}"), &token, Err(MalformedToken));
        }
    }
}

/// RFC 4648 3.5: the bits that the last character has to spare are zero, or a token would have
/// up to sixteen texts. The signature is of the very text that is sent, so that nothing else is
/// wrong with the header and the payload.
#[test]
fn spare_bits_are_zero() {
    let lax = GeneralPurpose::new(
        &URL_SAFE,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for at in 0..3 {
        let good = parts();
        let (start, last) = good[at].split_at(good[at].len() - 1);
        let value = alphabet.find(last).unwrap();
        let spare = match good[at].len() % 4 {
            2 => 16,
            3 => 4,
            _ => continue,
        };
        for bits in 1..spare {
            let twin = format!("{start}{}", &alphabet[value + bits..=value + bits]);
            let padding = "=".repeat(4 - twin.len() % 4);
            assert_eq!(
                lax.decode(format!("{twin}{padding}")).unwrap(),
                lax.decode(format!("{}{padding}", good[at])).unwrap(),
                "the twin stands for the same bytes"
            );
            let mut parts = good.clone();
            parts[at] = twin;
            if at < 2 {
                let input = format!("{}.{}", parts[0], parts[1]);
                parts[2] = b64(&RSA.sign("RS256", input.as_bytes()));
            }
            check(
                &format!("part {at}, bits {bits}"),
                &parts.join("."),
                Err(MalformedToken),
            );
        }
    }
}

/// Truly signed over its own text, but in another alphabet or with padding.
#[test]
fn another_base64_is_no_base64url() {
    let engines: [(&str, &GeneralPurpose); 3] = [
        ("standard", &STANDARD),
        ("standard, no padding", &STANDARD_NO_PAD),
        ("url-safe, padded", &URL_SAFE_PADDED),
    ];
    for (case, engine) in engines {
        let token = (0..)
            .map(|nonce| Token::access().claim("jti", format!("{}>>>???", "x".repeat(nonce))))
            .map(|token| {
                let (header, claims) = (token.header.to_string(), token.claims.to_string());
                let input = format!("{}.{}", engine.encode(header), engine.encode(claims));
                let signature = engine.encode(RSA.sign("RS256", input.as_bytes()));
                format!("{input}.{signature}")
            })
            .find(|token| token.contains(['+', '/', '=']))
            .unwrap();
        check(case, &token, Err(MalformedToken));
    }
}
