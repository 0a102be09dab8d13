//! Claims that are signed and wrong: missing, of another type, almost the right value.

use cognito_authorizer::reason::DenyReason::{
    InvalidClaims, MalformedToken, TokenExpired, TokenNotYetValid, UnknownIssuer, WrongAudience,
    WrongClient, WrongTokenUse,
};
use serde_json::{Value, json};

use super::{Expected, Target};
use crate::support::authorizer::{Served, authorizer, pool_config, token_event, verdict};
use crate::support::keys::{RSA, jwks};
use crate::support::token::{CLIENT, ISSUER, KID, NOW, Token, sign_text};

const OTHER_CLIENT: &str = "7other23456789clientid0000";

/// A good token in which `name` has exactly this JSON text for its value.
fn with_text(name: &str, text: &str) -> String {
    let token = Token::access().without(name);
    let open = token.claims.to_string();
    let payload = format!("{},\"{name}\":{text}}}", open.strip_suffix('}').unwrap());
    sign_text(&token.header.to_string(), &payload, "RS256", &RSA)
}

/// RFC 7519 4.1.4; CVE-2026-25537. A token that does not say when it ends never begins.
#[test]
fn exp_is_a_time() {
    let rows: &[(&str, Expected)] = &[
        ("2000003000", Ok(())),
        ("2000003000.5", Ok(())),
        ("2.000003e9", Ok(())),
        ("2000003000.0", Ok(())),
        ("\"2000003000\"", Err(InvalidClaims)),
        ("\"2033-05-18T04:23:20Z\"", Err(InvalidClaims)),
        ("\"\"", Err(InvalidClaims)),
        ("true", Err(InvalidClaims)),
        ("false", Err(InvalidClaims)),
        ("null", Err(InvalidClaims)),
        ("[2000003000]", Err(InvalidClaims)),
        ("[]", Err(InvalidClaims)),
        ("{}", Err(InvalidClaims)),
        ("{\"exp\":2000003000}", Err(InvalidClaims)),
        ("-1", Err(InvalidClaims)),
        ("-2000003000", Err(InvalidClaims)),
        ("-0.5", Err(InvalidClaims)),
        ("0", Err(InvalidClaims)),
        ("-0", Err(InvalidClaims)),
        ("0.0", Err(InvalidClaims)),
        ("0.9", Err(InvalidClaims)),
        ("0x7735a0b8", Err(MalformedToken)),
        ("02000003000", Err(MalformedToken)),
        ("+2000003000", Err(MalformedToken)),
        ("2000003000.", Err(MalformedToken)),
        ("NaN", Err(MalformedToken)),
        ("Infinity", Err(MalformedToken)),
        ("1e400", Err(MalformedToken)),
        ("1e300", Err(InvalidClaims)),
        ("1e20", Err(InvalidClaims)),
        ("9223372036854775807", Err(InvalidClaims)),
        ("9223372036854775808", Err(InvalidClaims)),
        ("18446744073709551615", Err(InvalidClaims)),
        ("18446744073709551616", Err(InvalidClaims)),
        (
            "340282366920938463463374607431768211456",
            Err(InvalidClaims),
        ),
        ("2000003000000", Err(InvalidClaims)),
        ("2000003000000000", Err(InvalidClaims)),
        ("253402300799", Ok(())),
        ("253402300799.0", Ok(())),
        ("253402300800", Err(InvalidClaims)),
        ("253402300800.0", Err(InvalidClaims)),
        ("1", Err(TokenExpired)),
        ("1.5", Err(TokenExpired)),
        ("1e-300", Err(InvalidClaims)),
    ];
    let target = Target::pool("");
    for (text, expected) in rows {
        target.check(text, &with_text("exp", text), *expected);
    }
    target.check(
        "missing",
        &Token::access().without("exp").sign(),
        Err(InvalidClaims),
    );
}

/// RFC 7519 4.1.5 and 4.1.6: both may be missing; where they stand, they are times, in the future by
/// the leeway at most.
#[test]
fn nbf_and_iat_are_times_in_the_past() {
    let rows: &[(&str, Expected)] = &[
        ("2000000000", Ok(())),
        ("1999999999.5", Ok(())),
        ("0", Ok(())),
        ("2000000005", Ok(())),
        ("2000000006", Err(TokenNotYetValid)),
        ("2000000005.5", Err(TokenNotYetValid)),
        ("253402300799", Err(TokenNotYetValid)),
        ("253402300800", Err(InvalidClaims)),
        ("2000000000000", Err(InvalidClaims)),
        ("1e300", Err(InvalidClaims)),
        ("-1", Err(InvalidClaims)),
        ("null", Err(InvalidClaims)),
        ("true", Err(InvalidClaims)),
        ("\"1999999999\"", Err(InvalidClaims)),
        ("\"\"", Err(InvalidClaims)),
        ("[1999999999]", Err(InvalidClaims)),
        ("{}", Err(InvalidClaims)),
        ("0x1", Err(MalformedToken)),
        ("01", Err(MalformedToken)),
    ];
    let target = Target::pool("");
    for name in ["nbf", "iat"] {
        for (text, expected) in rows {
            let case = format!("{name}: {text}");
            target.check(&case, &with_text(name, text), *expected);
        }
        target.check(name, &Token::access().without(name).sign(), Ok(()));
    }
}

/// RFC 8725 3.8: an issuer is compared code point by code point, and never made similar first.
#[test]
fn iss_is_the_issuer_to_the_letter() {
    let attacker = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Attacker1";
    let rows: &[Value] = &[
        json!(format!("{ISSUER}/")),
        json!(ISSUER.replace("https://", "https:///")),
        json!(ISSUER.replace(".com/", ".com//")),
        json!(ISSUER.to_uppercase()),
        json!(ISSUER.to_lowercase()),
        json!(ISSUER.replace("cognito", "Cognito")),
        json!(ISSUER.replace("https", "HTTPS")),
        json!(ISSUER.replace("https", "http")),
        json!(ISSUER.replace("https://", "")),
        json!(ISSUER.replace("https://", "//")),
        json!(ISSUER.replace(".com/", ".com:443/")),
        json!(ISSUER.replace(".com/", ".com:8443/")),
        json!(ISSUER.replace(".com/", ".com./")),
        json!(ISSUER.replace("https://", "https://user@")),
        json!(format!("{ISSUER} ")),
        json!(format!(" {ISSUER}")),
        json!(format!("{ISSUER}\n")),
        json!(format!("{ISSUER}\0")),
        json!(format!("{ISSUER}\0https://attacker.example")),
        json!(format!("{ISSUER}?x=1")),
        json!(format!("{ISSUER}#x")),
        json!(format!("{ISSUER}x")),
        json!(format!("x{ISSUER}")),
        json!(format!("https://attacker.example/{ISSUER}")),
        json!(format!("{ISSUER}.attacker.example")),
        json!(format!("{ISSUER}/../eu-west-1_AbCdEf123")),
        json!(format!("{ISSUER},https://attacker.example")),
        json!(ISSUER.get(..ISSUER.len() - 1)),
        json!(ISSUER.get(1..)),
        json!(ISSUER.replace('_', "%5F")),
        json!(ISSUER.replace('a', "%61")),
        json!(ISSUER.replace('o', "\u{43e}")),
        json!(ISSUER.replace('1', "\u{ff11}")),
        json!(ISSUER.replace('.', "\u{3002}")),
        json!(ISSUER.replace("idp", "idp\u{200b}")),
        json!(ISSUER.replace("eu-west-1_AbCdEf123", "")),
        json!(attacker),
        json!("*"),
        json!(""),
        json!([ISSUER]),
        json!([ISSUER, attacker]),
        json!([]),
        json!({"iss": ISSUER}),
        json!(null),
        json!(1),
        json!(true),
    ];
    for iss in rows {
        let target = Target::pool("");
        let token = Token::access().claim("iss", iss.clone()).sign();
        target.check(&iss.to_string(), &token, Err(UnknownIssuer));
        assert_eq!(target.fetches(), 0, "{iss}");
    }
    let missing = Token::access().without("iss").sign();
    Target::pool("").check("missing", &missing, Err(UnknownIssuer));
}

/// An access token is bound to its client by `client_id` (RFC 9068 2.2), and by nothing else.
#[test]
fn client_id_is_a_configured_client() {
    let wrong = Err(WrongClient);
    let rows: &[(Value, Expected)] = &[
        (json!(CLIENT), Ok(())),
        (json!(OTHER_CLIENT), wrong),
        (json!(CLIENT.to_uppercase()), wrong),
        (json!(format!("{CLIENT} ")), wrong),
        (json!(format!(" {CLIENT}")), wrong),
        (json!(format!("{CLIENT}\0")), wrong),
        (json!(format!("{CLIENT}x")), wrong),
        (json!(CLIENT.get(..CLIENT.len() - 1)), wrong),
        (json!(format!("{CLIENT},{OTHER_CLIENT}")), wrong),
        (json!(format!("{CLIENT} {OTHER_CLIENT}")), wrong),
        (json!("*"), wrong),
        (json!("any"), wrong),
        (json!(""), wrong),
        (json!([CLIENT]), wrong),
        (json!([]), wrong),
        (json!({"client_id": CLIENT}), wrong),
        (json!(null), wrong),
        (json!(1), wrong),
        (json!(true), wrong),
    ];
    let target = Target::pool("");
    for (client, expected) in rows {
        let token = Token::access().claim("client_id", client.clone()).sign();
        target.check(&client.to_string(), &token, *expected);
    }
    let absent = Token::access().without("client_id");
    target.check("missing", &absent.sign(), wrong);
    for name in ["aud", "azp", "cid", "clientId", "appid", "Client_Id"] {
        let token = absent.clone().claim(name, CLIENT).sign();
        target.check(&format!("in {name} instead"), &token, wrong);
    }
}

/// Where the configuration says `"any"`, every client of the pool is taken, but no other type.
#[test]
fn any_client_is_still_a_client() {
    let config = pool_config("").replace(&format!("[\"{CLIENT}\"]"), "\"any\"");
    let served = Served::new(jwks(&[RSA.jwk(KID, Some("RS256"))]));
    let authorizer = authorizer(&config, &served);
    let rows: &[(Value, Expected)] = &[
        (json!(OTHER_CLIENT), Ok(())),
        (json!([CLIENT]), Err(WrongClient)),
        (json!(null), Err(WrongClient)),
        (json!(1), Err(WrongClient)),
    ];
    for (client, expected) in rows {
        let token = Token::access().claim("client_id", client.clone()).sign();
        let verdict = verdict(&authorizer, &token_event(&token, "GET", "/books"));
        assert_eq!(verdict.reason().map_or(Ok(()), Err), *expected, "{client}");
    }
}

/// Cognito writes `aud` into an access token that is bound to a resource (RFC 8707).
#[test]
fn an_audience_counts_where_one_is_configured() {
    const API: &str = "https://api.example.com";
    let wrong = Err(WrongAudience);
    // The claim, without `audiences`, with them.
    let rows: &[(Value, Expected, Expected)] = &[
        (json!(API), Ok(()), Ok(())),
        (json!([API]), Ok(()), Ok(())),
        (json!(["https://other.example", API]), Ok(()), Ok(())),
        (json!("https://other.example"), Ok(()), wrong),
        (json!([]), Ok(()), wrong),
        (json!(""), Ok(()), wrong),
        (json!(CLIENT), Ok(()), wrong),
        (json!(format!("{API}/")), Ok(()), wrong),
        (json!(API.to_uppercase()), Ok(()), wrong),
        (json!(format!("{API} ")), Ok(()), wrong),
        (json!(format!("{API} https://other.example")), Ok(()), wrong),
        (json!(null), Err(InvalidClaims), Err(InvalidClaims)),
        (json!(1), Err(InvalidClaims), Err(InvalidClaims)),
        (json!(true), Err(InvalidClaims), Err(InvalidClaims)),
        (json!({API: true}), Err(InvalidClaims), Err(InvalidClaims)),
        (json!([API, 1]), Err(InvalidClaims), Err(InvalidClaims)),
        (json!([API, null]), Err(InvalidClaims), Err(InvalidClaims)),
        (json!([[API]]), Err(InvalidClaims), Err(InvalidClaims)),
    ];
    let without = Target::pool("");
    let with = Target::pool(&format!("audiences = [{API:?}]\n"));
    for (aud, expected_without, expected_with) in rows {
        let token = Token::access().claim("aud", aud.clone()).sign();
        without.check(
            &format!("{aud}, none configured"),
            &token,
            *expected_without,
        );
        with.check(&format!("{aud}, configured"), &token, *expected_with);
    }
    with.check("absent", &Token::access().sign(), wrong);
    let stranger = Token::access()
        .claim("aud", API)
        .claim("client_id", OTHER_CLIENT);
    with.check("both must hold", &stranger.sign(), Err(WrongClient));
}

/// OpenID Connect Core 3.1.3.7, where ID tokens are configured.
#[test]
fn an_id_token_is_bound_by_its_audience() {
    let wrong = Err(WrongClient);
    let absent = json!("(absent)");
    let rows: &[(Value, Value, Expected)] = &[
        (json!(CLIENT), absent.clone(), Ok(())),
        (json!([CLIENT]), absent.clone(), Ok(())),
        (json!(CLIENT), json!(CLIENT), Ok(())),
        (json!([CLIENT, OTHER_CLIENT]), json!(CLIENT), Ok(())),
        (json!([OTHER_CLIENT, CLIENT]), json!(CLIENT), Ok(())),
        (json!([CLIENT, OTHER_CLIENT]), absent.clone(), wrong),
        (json!([CLIENT, OTHER_CLIENT]), json!(OTHER_CLIENT), wrong),
        (json!([CLIENT, OTHER_CLIENT]), json!([CLIENT]), wrong),
        (json!([CLIENT, OTHER_CLIENT]), json!(null), wrong),
        (json!(CLIENT), json!(OTHER_CLIENT), wrong),
        (json!(CLIENT), json!(null), wrong),
        (json!(CLIENT), json!(1), wrong),
        (json!(CLIENT), json!([CLIENT]), wrong),
        (json!(OTHER_CLIENT), absent.clone(), wrong),
        (json!(OTHER_CLIENT), json!(CLIENT), wrong),
        (json!([OTHER_CLIENT]), json!(CLIENT), wrong),
        (json!([]), absent.clone(), wrong),
        (json!([]), json!(CLIENT), wrong),
        (json!(""), absent.clone(), wrong),
        (json!(CLIENT.to_uppercase()), absent.clone(), wrong),
        (
            json!(format!("{CLIENT} {OTHER_CLIENT}")),
            absent.clone(),
            wrong,
        ),
        (absent.clone(), json!(CLIENT), wrong),
        (absent.clone(), absent.clone(), wrong),
        (json!(null), absent.clone(), Err(InvalidClaims)),
        (json!(1), absent.clone(), Err(InvalidClaims)),
        (json!({"0": CLIENT}), absent.clone(), Err(InvalidClaims)),
        (json!([CLIENT, 1]), json!(CLIENT), Err(InvalidClaims)),
        (json!([[CLIENT]]), absent.clone(), Err(InvalidClaims)),
    ];
    let target = Target::pool("token_use = \"id\"\n");
    let id_token = Token::access()
        .claim("token_use", "id")
        .without("client_id")
        .without("scope");
    for (aud, azp, expected) in rows {
        let mut token = id_token.clone();
        for (name, value) in [("aud", aud), ("azp", azp)] {
            if *value != absent {
                token = token.claim(name, value.clone());
            }
        }
        target.check(&format!("aud {aud}, azp {azp}"), &token.sign(), *expected);
    }
    let by_client_id = id_token.claim("client_id", CLIENT).sign();
    target.check("client_id instead of aud", &by_client_id, wrong);
    let access = Token::access().claim("aud", CLIENT).sign();
    target.check("an access token", &access, Err(WrongTokenUse));
}

/// RFC 8725 2.8 and 3.12: tokens of every kind are signed by the same key.
#[test]
fn token_use_is_the_configured_one() {
    let rows: &[Value] = &[
        json!("id"),
        json!("refresh"),
        json!("Access"),
        json!("ACCESS"),
        json!("access "),
        json!(" access"),
        json!("access\0"),
        json!("access,id"),
        json!("accessx"),
        json!("acces"),
        json!(""),
        json!(["access"]),
        json!(["access", "id"]),
        json!({"token_use": "access"}),
        json!(null),
        json!(true),
        json!(1),
    ];
    let target = Target::pool("");
    for value in rows {
        let token = Token::access().claim("token_use", value.clone()).sign();
        target.check(&value.to_string(), &token, Err(WrongTokenUse));
    }
    let absent = Token::access().without("token_use");
    target.check("missing", &absent.sign(), Err(WrongTokenUse));
    for name in ["tokenUse", "Token_Use", "token_type", "use"] {
        let token = absent.clone().claim(name, "access").sign();
        target.check(&format!("in {name} instead"), &token, Err(WrongTokenUse));
    }
    let logout = absent
        .claim(
            "events",
            json!({"http://schemas.openid.net/event/backchannel-logout": {}}),
        )
        .header("typ", "logout+jwt");
    target.check("a logout token", &logout.sign(), Err(WrongTokenUse));
}

/// The claims that go to the back end are texts where they stand.
#[test]
fn a_name_is_a_text() {
    for name in ["sub", "jti", "username", "cognito:username"] {
        for value in [json!(null), json!(1), json!(["x"]), json!({}), json!(false)] {
            let token = Token::access().claim(name, value.clone()).sign();
            let case = format!("{name}: {value}");
            Target::pool("").check(&case, &token, Err(InvalidClaims));
        }
    }
}

/// What is wrong with an expired token of a stranger is said in a fixed order: the signature
/// before any claim, the time before the client.
#[test]
fn the_signature_comes_before_the_claims() {
    use cognito_authorizer::reason::DenyReason::InvalidSignature;
    let target = Target::pool("");
    let expired = Token::access()
        .claim("exp", NOW - 5)
        .claim("client_id", OTHER_CLIENT);
    let other = &crate::support::keys::OTHER_RSA;
    target.check("forged", &expired.sign_with(other), Err(InvalidSignature));
    target.check("expired", &expired.sign(), Err(TokenExpired));
}

/// Whoever issues a token: what it says of its use is not passed over.
#[test]
fn token_use_counts_where_it_is_not_asked_for() {
    let target = Target {
        config: "[[issuers]]\nissuer = \"https://login.example/\"\njwks_uri = \"https://login.example/k\"\n\
                 audiences = \"any\"\n"
            .to_owned(),
        served: crate::support::authorizer::issuer_keys(),
    };
    let token = Token::access().claim("iss", "https://login.example/");
    let absent = token.clone().without("token_use");
    target.check("absent", &absent.sign(), Ok(()));
    target.check("access", &token.sign(), Ok(()));
    for value in [
        json!("id"),
        json!("refresh"),
        json!(null),
        json!(["access"]),
        json!(1),
    ] {
        let token = token.clone().claim("token_use", value.clone()).sign();
        target.check(&value.to_string(), &token, Err(WrongTokenUse));
    }
}
