//! The ID token must be of this very sign-in.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::sign_in::SignIn;
use super::{ACCESS_TOKEN, Answer, CODE, Server, check_failed, start};

/// Signs in with an ID token that has these claims over those that are right, `null` removing one;
/// or with this text instead of an ID token.
fn sign_in(change: &Value) -> std::process::Output {
    let id_token = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&id_token);
    let server = Server::start(move |request| match request.path.as_str() {
        "/t" => {
            let id_token = told.lock().expect("no panic");
            Answer::json(
                200,
                &format!(
                    r#"{{"access_token":"{ACCESS_TOKEN}","id_token":"{id_token}","token_type":"Bearer"}}"#
                ),
            )
        }
        _ => {
            let url = format!("http://{}", request.host);
            Answer::json(
                200,
                &format!(
                    r#"{{"issuer":"{url}/pool","token_endpoint":"{url}/t","authorization_endpoint":"{url}/a"}}"#
                ),
            )
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
            "--scope",
            "openid",
            "--only",
            "id_token",
            "--redirect-uri",
            "http://127.0.0.1:0/",
        ],
        &[],
    );
    let sign_in = SignIn::wait(child);
    *id_token.lock().expect("no panic") = match change.as_str() {
        Some(text) => text.to_owned(),
        None => {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .expect("after 1970")
                .as_secs();
            let mut claims = json!({
                "iss": issuer, "aud": "app", "exp": now + 60, "sub": "alice", "nonce": sign_in.parameter("nonce"),
            });
            let all = claims.as_object_mut().expect("an object");
            for (name, value) in change.as_object().expect("an object") {
                all.insert(name.clone(), value.clone());
            }
            all.retain(|_, value| !value.is_null());
            format!(
                "e30.{}.c2lnbmF0dXJl",
                URL_SAFE_NO_PAD.encode(claims.to_string())
            )
        }
    };
    sign_in.redirect(&format!("code={CODE}"));
    sign_in.end()
}

#[test]
fn an_id_token_of_this_sign_in_is_taken() {
    for (case, change) in [
        ("all right", json!({})),
        (
            "several audiences",
            json!({"aud": ["other", "app"], "azp": "app"}),
        ),
        ("a party", json!({"azp": "app"})),
        (
            "unknown claims",
            json!({"cognito:groups": ["admins"], "auth_time": 1}),
        ),
    ] {
        let output = sign_in(&change);
        assert_eq!(output.status.code(), Some(0), "{case}: {output:?}");
        assert!(!output.stdout.is_empty(), "{case}");
    }
}

#[test]
fn any_other_id_token_is_refused() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let nonce = "has not the `nonce` of this sign-in";
    let audience = "is not for this client";
    let none = "the ID token is no JWT";
    for (case, change, said) in [
        ("no nonce", json!({"nonce": null}), nonce),
        ("another nonce", json!({"nonce": "x"}), nonce),
        ("no text as nonce", json!({"nonce": 1}), none),
        ("no issuer", json!({"iss": null}), none),
        (
            "another issuer",
            json!({"iss": "https://evil.example"}),
            "`iss` is not the issuer",
        ),
        ("no audience", json!({"aud": null}), none),
        ("another audience", json!({"aud": "other"}), audience),
        ("other audiences", json!({"aud": ["other"]}), audience),
        ("empty audiences", json!({"aud": []}), audience),
        ("another party", json!({"azp": "other"}), audience),
        ("no expiry", json!({"exp": null}), none),
        ("expired", json!({"exp": now}), "has expired already"),
        ("two parts", json!("e30.e30"), none),
        ("four parts", json!("e30.e30.x.x"), none),
        ("padding", json!("e30.e30=.x"), none),
        ("no JSON", json!("e30.aGVsbG8.x"), none),
        ("empty", json!(""), none),
    ] {
        check_failed(case, &sign_in(&change), 1, said);
    }
}
