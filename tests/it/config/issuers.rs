//! `[[issuers]]`: whose tokens count, for whom, and by which keys.

use std::path::Path;

use cognito_authorizer::claims::{Accepted, ClaimName, Proof, TokenUse};
use cognito_authorizer::config::Mention;
use cognito_authorizer::jwks::cache::Refresh;
use cognito_authorizer::jwks::uri::JwksUri;
use cognito_authorizer::token::Algorithm;

use super::{refused, taken};

/// A user pool with these lines.
fn pool(lines: &str) -> String {
    format!("[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = [\"c\"]\n{lines}")
}

/// Another provider with these lines.
fn provider(lines: &str) -> String {
    format!(
        "[[issuers]]\nissuer = \"https://login.example/\"\njwks_uri = \"https://login.example/k\"\n\
         audiences = [\"a\"]\n{lines}"
    )
}

#[test]
fn a_pool_id_says_the_rest() {
    let config = taken(&pool(""));
    let issuer = &config.issuers[0];
    assert_eq!(
        issuer.claims.issuer,
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
    );
    assert_eq!(
        issuer.jwks_uri.as_ref().map(JwksUri::as_str),
        Some(
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/jwks.json"
        )
    );
    assert_eq!(issuer.claims.token_use, Some(TokenUse::Access));
    assert_eq!(
        issuer.claims.clients,
        Some(Accepted::OneOf(vec!["c".to_owned()]))
    );
    assert_eq!(issuer.claims.audiences, None);
    assert_eq!(issuer.claims.token_type, None);
    assert_eq!(
        issuer.claims.groups_from,
        [ClaimName::parse("cognito:groups").unwrap()]
    );
    assert_eq!(issuer.algorithms, [Algorithm::RS256]);
    assert_eq!(issuer.refresh, Refresh::OnDemand);
    assert_eq!(issuer.jwks_file, None);
    assert!(config.may_fetch());
    let china = taken("[[issuers]]\nuser_pool_id = \"cn-north-1_AbCdEf123\"\nclient_ids = \"any\"");
    assert_eq!(
        china.issuers[0].claims.issuer,
        "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbCdEf123"
    );
}

#[test]
fn each_key_of_an_issuer_counts() {
    let issuer = |toml: &str| taken(toml).issuers.remove(0);
    let other = issuer(&pool(
        "issuer = \"http://localhost:4566/eu-west-1_AbCdEf123\"\njwks_uri = \"http://localhost:4566/p/k\"",
    ));
    assert_eq!(
        other.claims.issuer,
        "http://localhost:4566/eu-west-1_AbCdEf123"
    );
    assert_eq!(
        other.jwks_uri.as_ref().map(JwksUri::as_str),
        Some("http://localhost:4566/p/k")
    );
    assert_eq!(
        issuer(&pool("token_use = \"id\"")).claims.token_use,
        Some(TokenUse::Id)
    );
    let file = issuer(&pool("jwks_file = \"k.json\"\njwks_refresh = \"never\""));
    assert_eq!(file.jwks_file.as_deref(), Some("k.json"));
    assert_eq!((file.refresh, file.jwks_uri), (Refresh::Never, None));
    let config = taken(&pool("jwks_file = \"k.json\"\njwks_refresh = \"never\""));
    assert!(!config.may_fetch());
    let provider_issuer = issuer(&provider(
        "client_ids = \"any\"\ntoken_type = \"application/AT+JWT\"\nalgorithms = [\"ES256\", \"EdDSA\"]",
    ));
    assert_eq!(provider_issuer.claims.token_use, None);
    assert_eq!(provider_issuer.claims.clients, Some(Accepted::Any));
    assert_eq!(
        provider_issuer.claims.audiences,
        Some(Accepted::OneOf(vec!["a".to_owned()]))
    );
    assert_eq!(provider_issuer.claims.token_type.as_deref(), Some("at+jwt"));
    assert_eq!(
        provider_issuer.claims.groups_from,
        [ClaimName::parse("groups").unwrap()]
    );
    assert_eq!(
        provider_issuer.algorithms,
        [Algorithm::ES256, Algorithm::EdDSA]
    );
}

#[test]
fn an_issuer_must_be_named_and_bound() {
    refused(&[
        (
            "",
            &[
                "`issuers`: missing; write `[[issuers]]` with `user_pool_id` and `client_ids`, or \
               with `issuer`, `jwks_uri` and `audiences`",
            ],
        ),
        (
            "issuers = []",
            &["`issuers`: this list is not a list of tables; write each as `[[issuers]]`"],
        ),
        (
            "issuers = [1]",
            &["`issuers[0]`: `1` is not a table; write it as `[[issuers]]`"],
        ),
        (
            "[issuers]\nuser_pool_id = \"eu-west-1_AbCdEf123\"",
            &["`issuers`: this table is not a list of tables; write each as `[[issuers]]`"],
        ),
        (
            "[[issuers]]\nclient_ids = [\"c\"]\njwks_uri = \"https://a.example\"",
            &["`issuers[0].issuer`: missing; write `issuer`, or `user_pool_id` for Amazon Cognito"],
        ),
        (
            "[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"",
            &[
                "`issuers[0].client_ids`: missing; write the app clients whose tokens are taken, or \
               \"any\"",
            ],
        ),
        (
            "[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\naudiences = [\"a\"]",
            &[
                "`issuers[0].client_ids`: missing; write the app clients whose tokens are taken, or \
               \"any\"",
            ],
        ),
        (
            "[[issuers]]\nissuer = \"https://a.example\"\njwks_uri = \"https://a.example/k\"",
            &[
                "`issuers[0].audiences`: missing; write the audiences (or the `client_ids`) that are \
               taken, or \"any\"",
            ],
        ),
        (
            &provider("token_use = \"id\""),
            &[
                "`issuers[0].client_ids`: missing; write the app clients whose tokens are taken, or \
               \"any\"",
            ],
        ),
        (
            &provider("").replace(
                "login.example/\"",
                "cognito-idp.eu-west-1.amazonaws.com/p\"",
            ),
            &[
                "`issuers[0].issuer`: `https://cognito-idp.eu-west-1.amazonaws.com/p` is a user pool \
               of Amazon Cognito; write its `user_pool_id` too, so that ID tokens are not taken",
            ],
        ),
        (
            "[[issuers]]\nissuer = \"https://a.example\"\naudiences = \"any\"",
            &[
                "`issuers[0].jwks_uri`: missing; write the `jwks_uri` of the provider's OpenID \
               configuration, or a `jwks_file` and `jwks_refresh = \"never\"`",
            ],
        ),
        (
            &format!("{}{}", pool(""), pool("")),
            &[
                "`issuers[1].user_pool_id`: an earlier entry is for this issuer; join the two entries",
            ],
        ),
        (
            "[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = [\"any\"]",
            &[
                "`issuers[0].client_ids`: `any` is in a list; write \"any\" in place of the \
                 list to leave it unchecked",
            ],
        ),
        (
            &pool("user_pool = \"x\""),
            &[
                "`issuers[0].user_pool`: unknown key; did you mean `user_pool_id`? write that, or remove it",
            ],
        ),
    ]);
}

#[test]
fn a_wrong_value_is_one_mistake() {
    for id in [
        "eu-west-1",
        "_AbCdEf123",
        "eu-west-1_",
        "EU-WEST-1_AbCdEf123",
        "eu-west-1_Ab/../x",
        "eu-west-1.evil.example/x_A",
        "eu-west-1_A_B",
    ] {
        let toml = format!("[[issuers]]\nuser_pool_id = \"{id}\"\nclient_ids = \"any\"");
        let mistake = format!(
            "`issuers[0].user_pool_id`: `{id}` is not the id of a user pool; write it as in \
             `eu-west-1_AbCdEf123`"
        );
        refused(&[(&toml, &[&mistake])]);
    }
    for key in ["user_pool_id", "issuer", "token_type", "jwks_file"] {
        let no_string = "is not a string; write a string in quotes";
        for (value, shown, what) in [
            ("1", "`1`", no_string),
            ("\"\"", "`\"\"`", "is empty; write a string in quotes"),
            (
                "\" x\"",
                "`\" x\"`",
                "begins or ends with a space; remove that space",
            ),
            (
                "\"x\\ty\"",
                "`\"x\\ty\"`",
                "holds a tab; write a space in its place, or nothing",
            ),
            ("[\"x\"]", "this list", no_string),
            ("2026-01-01", "this date", no_string),
        ] {
            let line = format!("{key} = {value}");
            let toml = if key == "user_pool_id" {
                format!("[[issuers]]\n{line}\nclient_ids = \"any\"")
            } else {
                pool(&line)
            };
            let mistake = format!("`issuers[0].{key}`: {shown} {what}");
            refused(&[(&toml, &[&mistake])]);
        }
    }
    let or_any = "write one or more strings in quotes between [ and ], or \"any\" to leave it \
                  unchecked";
    for key in ["client_ids", "audiences"] {
        for (value, fault) in [
            ("[]", "the list is empty"),
            ("\"c\"", "`\"c\"` is not a list"),
            ("\"Any\"", "`\"Any\"` is not a list"),
            ("true", "`true` is not a list"),
            ("[1]", "`1` is not a string"),
        ] {
            let toml = format!(
                "[[issuers]]\nissuer = \"https://a.example\"\njwks_uri = \"https://a.example/k\"\n\
                 {key} = {value}"
            );
            let mistake = format!("`issuers[0].{key}`: {fault}; {or_any}");
            refused(&[(&toml, &[&mistake])]);
        }
    }
    let algorithms = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA";
    for name in ["none", "HS256", "rs256", "ES256K", "Ed25519", "RS256 "] {
        let mistake = if name.ends_with(' ') {
            "`issuers[0].algorithms`: `\"RS256 \"` begins or ends with a space; remove that space"
                .to_owned()
        } else {
            format!(
                "`issuers[0].algorithms`: `{name}` is not supported; write some of {algorithms}"
            )
        };
        refused(&[(&pool(&format!("algorithms = [\"{name}\"]")), &[&mistake])]);
    }
    refused(&[
        (
            &pool("token_use = \"refresh\""),
            &["`issuers[0].token_use`: `\"refresh\"` is not known; write \"access\" or \"id\""],
        ),
        (
            &pool("jwks_refresh = false"),
            &["`issuers[0].jwks_refresh`: `false` is not known; write \"on_demand\" or \"never\""],
        ),
    ]);
}

#[test]
fn proof_is_the_bearers_word_or_unchecked() {
    let proof = |line: &str| taken(&pool(line)).issuers.remove(0).claims.proof;
    assert_eq!(proof(""), Proof::Bearer);
    assert_eq!(proof("proof = [\"bearer\"]"), Proof::Bearer);
    assert_eq!(proof("proof = [\"unchecked\"]"), Proof::Unchecked);
    let not_yet = |kind: &str| {
        format!(
            "this version cannot check `{kind}` yet; write [\"bearer\"]: tokens that are bound to a \
             key are then refused"
        )
    };
    let unknown = |kind: &str| {
        format!(
            "`{kind}` is not a kind of proof; write [\"bearer\"], or [\"unchecked\"] to take tokens \
             that are bound to a key as bearer tokens"
        )
    };
    let list = "write one or more strings in quotes between [ and ]";
    for (value, mistakes) in [
        ("[\"dpop\"]", vec![not_yet("dpop")]),
        ("[\"bearer\", \"mtls\"]", vec![not_yet("mtls")]),
        (
            "[\"mtls\", \"dpop\"]",
            vec![not_yet("mtls"), not_yet("dpop")],
        ),
        ("[\"Bearer\"]", vec![unknown("Bearer")]),
        ("[\"any\"]", vec![unknown("any")]),
        (
            "[\"bearer\", \"unchecked\"]",
            vec![
                "`unchecked` stands beside others; write [\"unchecked\"] alone, or remove it"
                    .to_owned(),
            ],
        ),
        ("[]", vec![format!("the list is empty; {list}")]),
        (
            "\"unchecked\"",
            vec![format!("`\"unchecked\"` is not a list; {list}")],
        ),
        ("false", vec![format!("`false` is not a list; {list}")]),
    ] {
        let place = "`issuers[0].proof`: ";
        let mistakes = mistakes.iter().map(|own| format!("{place}{own}"));
        let mistakes: Vec<String> = mistakes.collect();
        let mistakes: Vec<&str> = mistakes.iter().map(String::as_str).collect();
        refused(&[(&pool(&format!("proof = {value}")), &mistakes)]);
    }
}

#[test]
fn keys_come_from_a_place_that_can_be_trusted() {
    for uri in [
        "https://login.example/k?a=b",
        "https://login.example",
        "HTTPS://login.example:8443/k",
        "https://[2001:db8::1]:8443/k",
        "http://127.0.0.1:4566/k",
        "http://[::1]:4566/k",
        "http://localhost/k",
        "http://host.docker.internal:4566/k",
        "http://cognito.localhost:9229/k",
        "http://a.b.LOCALHOST/k",
        "http://localhost.localstack.cloud:4566/k",
        "http://cognito-idp.localhost.localstack.cloud:4566/k",
    ] {
        taken(&pool(&format!("jwks_uri = \"{uri}\"")));
    }
    for uri in [
        "login.example/k",
        "http://login.example/k",
        "http://127.0.0.1.login.example/k",
        "http://localhost.login.example/k",
        "http://notlocalhost/k",
        "http://not-localhost/k",
        "http://login.localhost.example/k",
        "http://localstack.cloud:4566/k",
        "http://localstack:4566/k",
        "http://login.localstack.cloud:4566/k",
        "http://nolocalhost.localstack.cloud:4566/k",
        "http://localhost.localstack.cloud.login.example/k",
        "ftp://login.example/k",
        "file:///opt/jwks.json",
        "https://user@login.example/k",
        "https://:word@login.example/k",
        "https://login.example@login.example/k",
        "https://login.example/k#part",
        "https://login.example:/k",
        "https://login.example:65536/k",
        "https://login.example:k/",
        "https://:443/k",
        "https://[::1/k",
        "http://[::1]login.example:80/k",
        "https://login.example:+443/k",
        "https://b\u{fc}cher.example/k",
        "https://login.example/b\u{fc}cher",
        "https:login.example/k",
        "https:///k",
        "https://",
    ] {
        let mistake = format!(
            "`issuers[0].jwks_uri`: `{uri}` is not a URI to fetch from; write an https URI without \
             user and fragment (http only for this machine: 127.0.0.1, [::1], localhost, names that \
             end in `.localhost`, host.docker.internal and localhost.localstack.cloud)"
        );
        refused(&[(&pool(&format!("jwks_uri = \"{uri}\"")), &[&mistake])]);
    }
    refused(&[
        (
            &pool("jwks_refresh = \"never\""),
            &[
                "`issuers[0].jwks_file`: missing; write the path of the file of keys that \
               `jwks_refresh = \"never\"` needs",
            ],
        ),
        (
            &provider("jwks_file = \"k.json\"\njwks_refresh = \"never\""),
            &[
                "`issuers[0].jwks_uri`: contradicts `jwks_refresh = \"never\"`; remove one of the two",
            ],
        ),
    ]);
}

/// One id stands for both forms that a pool's `iss` may have; `issuer` beside it for that one alone.
#[test]
fn a_pool_has_two_issuers() {
    let config = taken(&pool("jwks_file = \"k.json\""));
    let forms: Vec<_> = config
        .issuers
        .iter()
        .map(|own| {
            (
                own.claims.issuer.as_str(),
                own.jwks_uri.as_ref().map(JwksUri::as_str),
                own.mention,
            )
        })
        .collect();
    let original = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
    let updated = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
    let keys = [original, updated].map(|issuer| format!("{issuer}/.well-known/jwks.json"));
    assert_eq!(
        forms,
        [
            (original, Some(keys[0].as_str()), Mention::Written),
            (updated, Some(keys[1].as_str()), Mention::Implied),
        ]
    );
    for issuer in &config.issuers {
        assert_eq!(issuer.claims.name, "eu-west-1_AbCdEf123");
        assert_eq!(issuer.claims.token_use, Some(TokenUse::Access));
        assert_eq!(
            issuer.claims.groups_from,
            [ClaimName::parse("cognito:groups").unwrap()]
        );
        assert_eq!(issuer.jwks_file.as_deref(), Some("k.json"));
    }
    for issuer in [
        updated,
        "https://cognito-idp.us-east-1.amazonaws.com/eu-west-1_AbCdEf123",
        "https://cognito-idp-fips.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
        "http://127.0.0.1:9229/eu-west-1_AbCdEf123",
    ] {
        let one = taken(&pool(&format!("issuer = \"{issuer}\"")));
        assert_eq!(one.issuers.len(), 1, "{issuer}");
        assert_eq!(one.issuers[0].claims.issuer, issuer);
        assert_eq!(one.issuers[0].claims.token_use, Some(TokenUse::Access));
    }
}

/// Without its id, a pool's ID tokens would pass for access tokens.
#[test]
fn a_pool_is_recognised_in_every_form() {
    for issuer in [
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        "https://cognito-idp-fips.us-gov-west-1.amazonaws.com/us-gov-west-1_A",
        "https://issuer-cognito-idp-fips.us-east-1.amazonaws.com/us-east-1_A",
        "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_A",
        "https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_A",
        "https://cognito-idp.us-east-1.api.aws/us-east-1_A",
        "https://COGNITO-IDP.eu-west-1.AmazonAWS.com/eu-west-1_A",
        "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        "https://cognito-idp.eu-west-1.amazonaws.com:443/eu-west-1_A",
        "https://user@cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
        "https://cognito-idp.eu-west-1.amazonaws.com./eu-west-1_A/",
        "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A",
    ] {
        let text = format!(
            "[[issuers]]\nissuer = \"{issuer}\"\njwks_uri = \"https://a.example/k\"\n\
             audiences = \"any\"\nclient_ids = \"any\""
        );
        let mistake = format!(
            "`issuers[0].issuer`: `{issuer}` is a user pool of Amazon Cognito; write its \
             `user_pool_id` too, so that ID tokens are not taken"
        );
        refused(&[(&text, &[&mistake])]);
    }
    for issuer in [
        "https://login.example/cognito-idp.eu-west-1.amazonaws.com/",
        "https://my-cognito-idp.example/",
        "https://cognito.example/",
    ] {
        let text = provider("").replace("https://login.example/\"", &format!("{issuer}\""));
        assert_eq!(taken(&text).issuers[0].claims.issuer, issuer);
    }
}

#[test]
fn pool_and_issuer_must_be_one() {
    for (issuer, fault) in [
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other",
            "is not an issuer of the pool `eu-west-1_AbCdEf123`",
        ),
        (
            "https://login.example",
            "is not an issuer of the pool `eu-west-1_AbCdEf123`",
        ),
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/",
            "ends in a slash, and the issuer of a pool does not",
        ),
        (
            "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
            "is not written as Amazon Cognito does, so no token has it",
        ),
        (
            "https://Cognito-IDP.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
            "is not written as Amazon Cognito does, so no token has it",
        ),
    ] {
        let mistake = format!(
            "`issuers[0].issuer`: `{issuer}` {fault}; write it as the tokens do, or remove it: it \
             follows from `user_pool_id`"
        );
        refused(&[(&pool(&format!("issuer = \"{issuer}\"")), &[&mistake])]);
    }
}

#[test]
fn names_tell_issuers_apart() {
    let named = taken(&pool("name = \"staff\""));
    assert_eq!(named.issuers[0].claims.name, "staff");
    let other = taken(&provider(""));
    assert_eq!(other.issuers[0].claims.name, "https://login.example/");
    let two = format!("{}{}", pool("name = \"a\"\n"), provider("name = \"a\""));
    refused(&[(
        &two,
        &["`issuers[1].name`: `a` names another issuer too; write a `name` of its own"],
    )]);
}
#[test]
fn a_relative_file_of_keys_is_one_of_the_configurations_folder() {
    for (folder, written, read) in [
        ("/opt", "jwks.json", "/opt/jwks.json"),
        ("/opt", "keys/jwks.json", "/opt/keys/jwks.json"),
        ("/opt", "/var/task/jwks.json", "/var/task/jwks.json"),
        ("events", "../jwks.json", "events/../jwks.json"),
        ("", "jwks.json", "jwks.json"),
    ] {
        let config = taken(&pool(&format!("jwks_file = \"{written}\"")));
        let config = config.in_folder(Path::new(folder));
        let file = config.issuers[0].jwks_file.as_deref();
        assert_eq!(file, Some(read), "{folder}, {written}");
    }
}
