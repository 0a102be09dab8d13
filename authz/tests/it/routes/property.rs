//! Every way to write up to three requirements over three scopes: what OpenAPI says of a token and
//! what the routes say of it is the same.

use cognito_authorizer::Config;
use cognito_authorizer::claims::Claims;
use cognito_authorizer::decision::{Decision, decide};
use cognito_authorizer::event::{MethodArn, Operation};

use super::{ISSUER, claims, routes_of};

const SCOPES: [&str; 3] = ["x", "y", "z"];
const STAGE: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod";
/// How many operations a document has.
const OF_ONE_DOCUMENT: usize = 100;

/// One requirement: the scopes of the token as bits, if it names tokens, and whether it names an
/// API key.
#[derive(Clone, Copy, Debug)]
struct Requirement {
    scopes: Option<usize>,
    key: bool,
}

impl Requirement {
    /// Whether a token with the scopes of `granted` meets it, with an API key or without.
    fn is_met(self, granted: usize, key: bool) -> bool {
        self.scopes.is_none_or(|scopes| scopes & granted == scopes) && (key || !self.key)
    }

    fn yaml(self) -> String {
        let mut schemes = Vec::new();
        if let Some(scopes) = self.scopes {
            schemes.push(format!("tokens: [{}]", words(scopes).join(", ")));
        }
        if self.key {
            schemes.push("key: []".to_owned());
        }
        format!("{{ {} }}", schemes.join(", "))
    }
}

fn words(bits: usize) -> Vec<&'static str> {
    let chosen = SCOPES.iter().enumerate();
    let chosen = chosen.filter(|(at, _)| bits >> at & 1 == 1);
    chosen.map(|(_, scope)| *scope).collect()
}

/// All lists of up to three requirements.
fn securities() -> Vec<Vec<Requirement>> {
    let mut kinds = Vec::new();
    for key in [false, true] {
        kinds.push(Requirement { scopes: None, key });
        kinds.extend((0..8).map(|scopes| Requirement {
            scopes: Some(scopes),
            key,
        }));
    }
    let mut all: Vec<Vec<Requirement>> = vec![Vec::new()];
    let mut longest = 0..1;
    for _ in 0..3 {
        for at in longest.clone() {
            for kind in &kinds {
                let mut longer = all[at].clone();
                longer.push(*kind);
                all.push(longer);
            }
        }
        longest = longest.end..all.len();
    }
    all
}

fn config_of(securities: &[Vec<Requirement>]) -> Config {
    let mut document = "openapi: 3.1.0\n\
                        components: { securitySchemes: { tokens: { type: oauth2 }, key: { type: apiKey } } }\n\
                        paths:\n"
        .to_owned();
    for (at, security) in securities.iter().enumerate() {
        let list: Vec<String> = security
            .iter()
            .map(|requirement| requirement.yaml())
            .collect();
        let list = list.join(", ");
        document.push_str(&format!("  /a{at}: {{ get: {{ security: [{list}] }} }}\n"));
    }
    let said = routes_of("openapi.yaml", &document);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with(ISSUER));
    Config::from_toml(&said.out).unwrap()
}

fn check(security: &[Requirement], granted: usize, passes: bool) {
    let ours = || {
        security
            .iter()
            .filter(|requirement| requirement.scopes.is_some())
    };
    // The gateway asks for an API key where every requirement with a token does.
    let asks_key = ours().all(|requirement| requirement.key);
    let is_met = |key: bool| move |own: &&Requirement| own.is_met(granted, key);
    let expected = ours().any(|own| is_met(asks_key)(&own));
    let case = format!("{security:?} with {:?}", words(granted));
    assert_eq!(passes, expected, "{case}");
    // Without other schemes and empty requirements that is what OpenAPI says, word for word.
    if security.iter().all(|own| own.scopes.is_some() && !own.key) {
        assert_eq!(
            passes,
            security.iter().any(|own| is_met(false)(&own)),
            "{case}"
        );
    }
}

#[test]
fn routes_ask_what_the_requirements_ask() {
    let all = securities();
    assert_eq!(all.len(), 1 + 18 + 18 * 18 + 18 * 18 * 18);
    let tokens: Vec<Claims> = (0..8)
        .map(|bits| claims(&words(bits), &[], "ann"))
        .collect();
    let mut passed = 0;
    for chunk in all.chunks(OF_ONE_DOCUMENT) {
        let config = config_of(chunk);
        for (at, security) in chunk.iter().enumerate() {
            let arn = MethodArn::parse(&format!("{STAGE}/GET/a{at}")).unwrap();
            for (granted, claims) in tokens.iter().enumerate() {
                let decision = decide(&config.rules, claims, &Operation::from(&arn));
                let passes = matches!(decision, Decision::Allow(_));
                check(security, granted, passes);
                passed += usize::from(passes);
            }
        }
    }
    assert!(passed > 1000, "{passed}");
}
