//! The files: what is taken for JSON or YAML, the configuration that names it, and the options.

use std::fs;

use super::{Folder, ISSUER, Said, routes_of, said};

const HEAD: &str = "openapi: 3.1.0\n\
                    components: { securitySchemes: { tokens: { type: http, scheme: Bearer } } }\n";
const PATHS: &str = "paths: { /a: { get: { security: [{ tokens: [x] }] } } }\n";

#[track_caller]
fn is_refused(name: &str, document: &str, mistake: &str) {
    let said = routes_of(name, document);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{document:.200}");
    let expected = format!("authz: the configuration has 1 mistake\n  `{name}`: {mistake}\n");
    assert_eq!(said.err, expected, "{document:.200}");
}

#[test]
fn a_document_is_strict_and_bounded() {
    let yaml = |text: &str, fault: &str| {
        let mistake = format!("no usable YAML ({fault}); correct it");
        is_refused("openapi.yaml", text, &mistake);
    };
    let json = |text: &str, fault: &str| {
        let mistake = format!("no usable JSON ({fault}); correct it");
        is_refused("openapi.json", text, &mistake);
    };
    yaml("a: 1\nb: 2\na: 3\n", "the key `a` stands twice");
    json(
        "{\"a\": 1, \"\\u0061\": 2}",
        "the key `a` stands twice at line 1 column 17",
    );
    json("{} {}", "trailing characters at line 1 column 4");
    json("openapi: 3.1.0", "expected value at line 1 column 1");
    yaml(
        "--- 1\n--- 2\n",
        "deserializing from YAML containing more than one document is not supported",
    );
    yaml("a: *b\n", "unknown anchor at line 1 column 4");
    yaml("[a]: 1\n", "a key is no text");
    json(
        &"[".repeat(1000),
        "recursion limit exceeded at line 1 column 128",
    );
    is_refused(
        "openapi.yaml",
        &format!("# {}\n{HEAD}{PATHS}", "x".repeat(6_000_000)),
        &format!(
            "{} bytes; API Gateway takes no more than 6000000",
            6_000_003 + HEAD.len() + PATHS.len()
        ),
    );
}

/// Editors of some systems begin a file with a byte order mark, which YAML 1.2 (5.2) takes and RFC 8259
/// (8.1) lets a parser take.
#[test]
fn a_byte_order_mark_is_no_part_of_a_document() {
    let yaml = format!("{HEAD}{PATHS}");
    let tree: serde_json::Value = yaml_serde::from_str(&yaml).unwrap();
    for (name, text) in [("openapi.yaml", yaml), ("openapi.json", tree.to_string())] {
        let marked = routes_of(name, &format!("\u{feff}{text}"));
        assert_eq!(marked, routes_of(name, &text));
        assert_eq!((marked.code, marked.err.as_str()), (0, ""), "{name}");
    }
}

/// Nine lists of nine of the list before are few characters and many values, and so are many
/// aliases of one long list.
#[test]
fn aliases_cannot_make_a_small_document_large() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..9 {
        let before = format!("*a{}, ", at - 1).repeat(9);
        laughs.push_str(&format!("a{at}: &a{at} [{before}]\n"));
    }
    let long = format!(
        "a: &a [{}]\nb: [{}]\n",
        "x, ".repeat(2_000),
        "*a, ".repeat(2_000)
    );
    for text in [laughs, long] {
        let said = routes_of("openapi.yaml", &format!("{HEAD}{PATHS}x-y:\n{text}"));
        assert_eq!(said.code, 1);
        assert!(
            said.err.contains("more than 1000000 values")
                || said.err.contains("repetition limit exceeded"),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_document_says_what_it_is() {
    let schemes = |scheme: &str| {
        format!(
            "openapi: 3.1.0\ncomponents: {{ securitySchemes: {{ tokens: {scheme} }} }}\n{PATHS}"
        )
    };
    let write = "write all three parts, as in `openapi: 3.1.0`";
    let known = "only 3.0 and 3.1 are known here; write it as in `openapi: 3.1.0`";
    let no_token = "`components.securitySchemes.tokens`: no scheme of a bearer token; write one of type `openIdConnect`, \
                    `oauth2`, `apiKey`, or `http` with the scheme `bearer`";
    let rows = [
        (HEAD.replace("3.1.0", "3.2.0") + PATHS, format!("`openapi`: {known}")),
        (HEAD.replace("3.1.0", "'3.1'") + PATHS, format!("`openapi`: `3.1` lacks its third part; {write}")),
        (HEAD.replace("3.1.0", "3.1") + PATHS, format!("`openapi`: a number, not a version; {write}")),
        (HEAD.replace("3.1.0", "3.0") + PATHS, format!("`openapi`: a number, not a version; {write}")),
        (HEAD.replace("3.1.0", "[3]") + PATHS, format!("`openapi`: not a version; {write}")),
        (
            HEAD.replace("openapi: 3.1.0\n", "") + PATHS,
            format!("`openapi`: missing; {write}"),
        ),
        (
            "swagger: '2.0'\n".to_owned(),
            "`swagger`: a document of Swagger 2.0; convert it to OpenAPI 3, as which API Gateway exports \
             its APIs too (`--export-type oas30`)"
                .to_owned(),
        ),
        (
            format!("openapi: 3.1.0\n{PATHS}"),
            "`components.securitySchemes`: missing; describe the tokens there".to_owned(),
        ),
        (
            HEAD.replace("tokens", "cognito") + PATHS,
            "`components.securitySchemes`: `tokens`, which `security_scheme` names, is not there; name one of cognito"
                .to_owned(),
        ),
        (schemes("{ type: http, scheme: basic }"), no_token.to_owned()),
        (schemes("{ type: mutualTLS }"), no_token.to_owned()),
        (schemes("{}"), no_token.to_owned()),
    ];
    for (document, mistake) in rows {
        is_refused("openapi.yaml", &document, &mistake);
    }
    for scheme in [
        "{ type: oauth2, flows: {} }",
        "{ type: openIdConnect, openIdConnectUrl: https://example.com }",
        "{ type: apiKey, in: header, name: Authorization, x-amazon-apigateway-authtype: custom }",
        "{ type: http, scheme: bearer }",
        "{ $ref: '#/components/x-scheme' }\n  x-scheme: { type: oauth2 }",
    ] {
        let block = format!(
            "openapi: 3.1.0\ncomponents:\n  securitySchemes:\n    tokens: {scheme}\n{PATHS}"
        );
        assert_eq!(routes_of("openapi.yaml", &block).code, 0, "{scheme}");
    }
}

/// What the configuration says besides stays as it was written, comments and all.
#[test]
fn the_rest_of_the_configuration_is_kept() {
    let folder = Folder::new();
    folder.write("api.yml", &format!("{HEAD}{PATHS}"));
    let config = |keys: &str| folder.write("authorizer.toml", keys);
    let routes = "\n# The routes of api.yml; `authz routes` writes them.\n\
                  [[routes]]\nroute = \"GET /a\"\nscopes = [\"x\"]\n";
    let kept = format!("# The books.\nleeway_seconds = 5 # enough\n{ISSUER}# end");
    let path = config(&format!(
        "# The books.\n  openapi = \"api.yml\" # the contract\nleeway_seconds = 5 # enough\n\
         'security_scheme' = \"\"\"\ntokens\"\"\"\n{ISSUER}# end"
    ));
    let said_of = said(&["routes", "--config", &path]);
    let (code, out, err) = (0, format!("{kept}\n{routes}"), String::new());
    assert_eq!(said_of, Said { code, out, err });
    let keys = "openapi = \"api.yml\"\nsecurity_scheme = \"tokens\"\n";
    let rows = [
        (
            format!("openapi = \"api.yml\"\n{ISSUER}"),
            "`security_scheme`: missing; name the scheme below `components.securitySchemes` that is about this \
             authorizer's tokens",
        ),
        (
            format!("openapi = 1\n{ISSUER}"),
            "line 1: `openapi`: not a string; name the document beside this file",
        ),
        (
            format!("{keys}{ISSUER}[[routes]]\nroute = \"GET /b\"\n"),
            "line 6: `routes`: they would stand beside those of the document; remove them, or `openapi`",
        ),
        (
            format!("security_scheme = \"tokens\"\n{ISSUER}"),
            "line 1: `security_scheme`: unknown key; remove it, or write one of unauthorized, policy, http_api_response, \
             leeway_seconds, required_scopes, token_sources, authorization_schemes, issuers, routes, context, \
             jwks, metrics",
        ),
        (
            ISSUER.to_owned(),
            "`openapi`: missing; name a document in a configuration of its own file, as in `openapi = \"openapi.yaml\"`",
        ),
        (
            format!("leeway_seconds = 500\n{keys}{ISSUER}"),
            "line 1: `leeway_seconds`: `500` is out of range; write a whole number from 0 to 120",
        ),
        // Lines are counted as the file has them, not as they are written out.
        (
            format!("{keys}\n{ISSUER}[jwks]\ntimeout_ms = 1\n"),
            "line 8: `jwks.timeout_ms`: `1` is out of range; write a whole number from 100 to 9000",
        ),
        (
            format!("{keys}{ISSUER}[[[\n"),
            "line 6: not TOML (unquoted keys cannot be empty, expected letters, numbers, `-`, `_`); correct that line",
        ),
    ];
    for (text, mistake) in rows {
        let said = said(&["routes", "--config", &config(&text)]);
        let expected = format!("authz: the configuration has 1 mistake\n  {mistake}\n");
        assert_eq!((said.code, said.err), (1, expected), "{text}");
    }
}

#[test]
fn continuous_integration_can_check_what_was_written() {
    let folder = Folder::new();
    let yaml = folder.write("openapi.yaml", &format!("{HEAD}{PATHS}"));
    let keys = "openapi = \"openapi.yaml\"\nsecurity_scheme = \"tokens\"\n";
    let config = folder.write("authorizer.toml", &format!("{keys}{ISSUER}"));
    let written = folder.path("written.toml");
    let with = |option: &str| said(&["routes", "--config", &config, option, &written]);
    let done = Said {
        code: 0,
        out: String::new(),
        err: String::new(),
    };
    assert!(with("--check").err.contains("cannot be read"));
    assert_eq!(with("--output"), done);
    let terminal = said(&["routes", "--config", &config]);
    assert_eq!(fs::read_to_string(&written).unwrap(), terminal.out);
    assert_eq!(with("--check"), done);
    fs::write(&yaml, format!("{HEAD}{}", PATHS.replace("[x]", "[y]"))).unwrap();
    let stale = with("--check");
    let err =
        format!("authz: `{written}` is not what the document says; write it anew with --output\n");
    let out = "--- found\n+++ expected\n@@ -5,4 +5,4 @@\n # The routes of openapi.yaml; `authz routes` \
               writes them.\n [[routes]]\n route = \"GET /a\"\n-scopes = [\"x\"]\n+scopes = [\"y\"]\n"
        .to_owned();
    assert_eq!(stale, Said { code: 1, out, err });
    assert_eq!(with("--output"), done);
    assert_eq!(with("--check"), done);
    let both = said(&[
        "routes", "--config", &config, "--check", "a", "--output", "b",
    ]);
    assert_eq!(both.code, 2);
    fs::remove_file(&yaml).unwrap();
    let missing = with("--check");
    assert_eq!(missing.code, 1);
    assert!(
        missing.err.contains("openapi.yaml` cannot be read ("),
        "{}",
        missing.err
    );
}

#[test]
fn the_other_commands_take_such_a_configuration() {
    let folder = Folder::new();
    let paths = "paths: { /a: { get: { security: [{ tokens: [x] }] }, put: {} } }\n";
    folder.write("openapi.yaml", &format!("{HEAD}{paths}"));
    let keys = "openapi = \"openapi.yaml\"\nsecurity_scheme = \"tokens\"\n";
    let config = folder.write("authorizer.toml", &format!("{keys}{ISSUER}"));
    let said = said(&["check", "--offline", "--config", &config]);
    let routes = "routes\n  GET /a  needs the scope `x`\n  \
                  PUT /a  needs what no token has: it is refused to everybody\n";
    assert!(said.out.starts_with(routes), "{}", said.out);
    assert_eq!(
        said.err,
        "authz: `openapi.yaml`: `PUT /a`: expects no authorizer, so that here every token is refused\n"
    );
}

/// Routes written over what they are made from would lose the keys that name the document, or the
/// document itself.
#[test]
fn routes_are_not_written_over_their_source() {
    let folder = Folder::new();
    let document = format!("{HEAD}{PATHS}");
    let yaml = folder.write("openapi.yaml", &document);
    let keys = "openapi = \"openapi.yaml\"\nsecurity_scheme = \"tokens\"\n";
    let text = format!("{keys}{ISSUER}");
    let config = folder.write("authorizer.toml", &text);
    let link = folder.path("link.toml");
    std::os::unix::fs::symlink(&config, &link).unwrap();
    let dotted = folder.path("./../").clone() + "/" + &folder_name(&folder) + "/authorizer.toml";
    for output in [&config, &link, &dotted, &yaml] {
        let said = said(&["routes", "--config", &config, "--output", output]);
        assert_eq!(said.code, 1, "{output}");
        let expected = format!("authz: --output: `{output}` is what the routes are made from");
        assert!(said.err.starts_with(&expected), "{}", said.err);
    }
    assert_eq!(fs::read_to_string(&config).unwrap(), text);
    assert_eq!(fs::read_to_string(&yaml).unwrap(), document);
}

fn folder_name(folder: &Folder) -> String {
    let name = folder.0.file_name().unwrap();
    name.to_str().unwrap().to_owned()
}
