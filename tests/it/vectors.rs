//! Published signatures, at the layer that knows nothing of tokens: they verify as they stand,
//! and with any bit turned they do not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_authorizer::jwks::VerificationKey;
use cognito_authorizer::token::Algorithm;
use serde_json::{Value, json};

use crate::support::keys::b64;

struct Vector {
    section: &'static str,
    algorithm: Algorithm,
    key: Value,
    signing_input: String,
    signature: &'static str,
}

/// RFC 7515 A.2.1, with the name that every key needs here.
fn rsa_of_rfc_7515() -> Value {
    json!({"kty": "RSA", "kid": "A.2", "e": "AQAB", "n": "\
        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt\
        0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX\
        ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5\
        IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})
}

/// RFC 7520 3.3.
fn rsa_of_rfc_7520() -> Value {
    json!({"kty": "RSA", "kid": "bilbo.baggins@hobbiton.example", "use": "sig", "e": "AQAB", "n": "\
        n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_\
        AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpP\
        e7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg\
        _3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"})
}

/// The payload of RFC 7515 A.1.1, which A.2 and A.3 sign too.
const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7520 4, figure 7.
const QUOTE: &str = "It\u{2019}s a dangerous business, Frodo, going out your door. You step onto \
     the road, and if you don't keep your feet, there\u{2019}s no knowing where you might be \
     swept off to.";

fn vectors() -> Vec<Vector> {
    let input = |header: &str, payload: &str| format!("{}.{payload}", b64(header.as_bytes()));
    let quote = b64(QUOTE.as_bytes());
    let bilbo = r#","kid":"bilbo.baggins@hobbiton.example"}"#;
    vec![
        Vector {
            section: "RFC 7515 A.2",
            algorithm: Algorithm::RS256,
            key: rsa_of_rfc_7515(),
            signing_input: input(r#"{"alg":"RS256"}"#, CLAIMS),
            signature: "\
                cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF\
                5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK\
                5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqt\
                FZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
                p0igcN_IoypGlUPQGe77Rw",
        },
        Vector {
            section: "RFC 7515 A.3",
            algorithm: Algorithm::ES256,
            key: json!({
                "kty": "EC",
                "kid": "A.3",
                "crv": "P-256",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            }),
            signing_input: input(r#"{"alg":"ES256"}"#, CLAIMS),
            signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        },
        Vector {
            section: "RFC 8037 A.4",
            algorithm: Algorithm::EdDSA,
            key: json!({
                "kty": "OKP",
                "kid": "A.4",
                "crv": "Ed25519",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            }),
            signing_input: input(r#"{"alg":"EdDSA"}"#, &b64(b"Example of Ed25519 signing")),
            signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        },
        Vector {
            section: "RFC 7520 4.1",
            algorithm: Algorithm::RS256,
            key: rsa_of_rfc_7520(),
            signing_input: input(&format!(r#"{{"alg":"RS256"{bilbo}"#), &quote),
            signature: "\
                MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx\
                996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHR\
                D68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrD\
                aLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH8\
                4ogoree7vjbU5y18kDquDg",
        },
        Vector {
            section: "RFC 7520 4.2",
            algorithm: Algorithm::PS384,
            key: rsa_of_rfc_7520(),
            signing_input: input(&format!(r#"{{"alg":"PS384"{bilbo}"#), &quote),
            signature: "\
                cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsG\
                qDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8Z\
                nyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8c\
                BE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmW\
                jwZ6oD4ifKo8DYM-X72Eaw",
        },
    ]
}

#[test]
fn published_signatures_verify() {
    for vector in vectors() {
        let key = VerificationKey::from_jwk(&vector.key).expect(vector.section);
        let input = vector.signing_input.as_bytes();
        let signature = URL_SAFE_NO_PAD.decode(vector.signature).unwrap();
        for algorithm in Algorithm::ALL {
            let verifies = key.public_key().verifies(algorithm, input, &signature);
            assert_eq!(
                verifies,
                algorithm == vector.algorithm,
                "{} {algorithm:?}",
                vector.section
            );
        }
    }
}

#[test]
fn published_signatures_with_a_bit_turned_do_not_verify() {
    for vector in vectors() {
        let key = VerificationKey::from_jwk(&vector.key).expect(vector.section);
        let verifies = |message: &[u8], signature: &[u8]| {
            key.public_key()
                .verifies(vector.algorithm, message, signature)
        };
        let message = vector.signing_input.as_bytes();
        let signature = URL_SAFE_NO_PAD.decode(vector.signature).unwrap();
        assert!(verifies(message, &signature), "{}", vector.section);
        for bit in 0..signature.len() * 8 {
            let turned = with_bit_turned(&signature, bit);
            assert!(
                !verifies(message, &turned),
                "{}, bit {bit} of the signature",
                vector.section
            );
        }
        for bit in 0..message.len() * 8 {
            let turned = with_bit_turned(message, bit);
            assert!(
                !verifies(&turned, &signature),
                "{}, bit {bit} of the message",
                vector.section
            );
        }
    }
}

fn with_bit_turned(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut turned = bytes.to_vec();
    turned[bit / 8] ^= 1 << (bit % 8);
    turned
}
