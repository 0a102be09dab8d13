//! Small documents. Each row is tried as YAML and as JSON, in 3.0 and in 3.1.

use std::fmt::Write;

use serde_json::Value;

use super::{Said, routes_of};

/// What a row's `paths` stand in.
fn document(version: &str, paths: &str) -> String {
    format!(
        "openapi: {version}\n\
         info: {{ title: t, version: v1 }}\n\
         components:\n  \
           securitySchemes:\n    \
             tokens: {{ type: openIdConnect, openIdConnectUrl: https://example.com }}\n    \
             key: {{ type: apiKey, in: header, name: x-api-key }}\n\
         {paths}"
    )
}

/// One path with one operation.
fn get(security: &str) -> String {
    format!("paths: {{ /a: {{ get: {{ {security} }} }} }}")
}

/// The routes of the output, a line each, with blanks for the ends of lines.
fn lines(out: &str) -> String {
    let (_, routes) = out.split_once("[[routes]]\n").unwrap_or_default();
    let mut lines = String::new();
    for entry in routes.split("[[routes]]\n") {
        let entry = entry.strip_prefix("route = ").unwrap_or(entry);
        writeln!(lines, "{}", entry.trim_end().replace('\n', " ")).unwrap();
    }
    lines
}

/// Checks what is said of a document in each form.
#[track_caller]
fn in_each_form(paths: &str, check: impl Fn(&str, Said)) {
    for version in ["3.0.4", "3.1.1"] {
        let yaml = document(version, paths);
        let tree: Value = yaml_serde::from_str(&yaml).unwrap();
        check("openapi.yaml", routes_of("openapi.yaml", &yaml));
        check("openapi.json", routes_of("openapi.json", &tree.to_string()));
    }
}

/// Each row is a document's paths, its routes and its warnings.
#[track_caller]
fn become_routes(rows: &[(&str, &[&str], &[&str])]) {
    for (paths, expected, warnings) in rows {
        in_each_form(paths, |name, said| {
            assert_eq!(said.code, 0, "{paths}: {}", said.err);
            let routes = lines(&said.out);
            let mut routes: Vec<&str> = routes.lines().collect();
            let mut expected = expected.to_vec();
            if name == "openapi.json" {
                // The tree that it was written from has its own order.
                routes.sort_unstable();
                expected.sort_unstable();
            }
            assert_eq!(routes, expected, "{paths}");
            let warnings = warnings
                .iter()
                .map(|text| format!("authz: `{name}`: {text}\n"));
            assert_eq!(said.err, warnings.collect::<String>(), "{paths}");
        });
    }
}

/// Each row is a document's paths and all its mistakes.
#[track_caller]
fn are_refused(rows: &[(&str, &[&str])]) {
    for (paths, mistakes) in rows {
        in_each_form(paths, |name, said| {
            let told = mistakes.iter().map(|text| format!("  `{name}`: {text}\n"));
            let told = told.collect::<String>();
            let end = if mistakes.len() == 1 { "" } else { "s" };
            let count = mistakes.len();
            let err = format!("authz: the configuration has {count} mistake{end}\n{told}");
            let (code, out) = (1, String::new());
            assert_eq!(said, Said { code, out, err }, "{paths}");
        });
    }
}

#[test]
fn scopes_are_said_in_the_plainest_words() {
    let row = |security: &str, expected: &str| {
        let paths = get(&format!("security: {security}"));
        become_routes(&[(&paths, &[format!("\"GET /a\"{expected}").as_str()], &[])]);
    };
    row("[{ tokens: [] }]", "");
    row("[{ tokens: [x] }]", " scopes = [\"x\"]");
    row("[{ tokens: [x, y] }]", " scopes = [\"x\", \"y\"]");
    row("[{ tokens: [y, x, y] }]", " scopes = [\"x\", \"y\"]");
    row(
        "[{ tokens: [x] }, { tokens: [y] }]",
        " any_scope = [\"x\", \"y\"]",
    );
    // What one alternative asks for, another may ask for and more: then only the one matters.
    row("[{ tokens: [x, y] }, { tokens: [x] }]", " scopes = [\"x\"]");
    row("[{ tokens: [x] }, { tokens: [x] }]", " scopes = [\"x\"]");
    row("[{ tokens: [x] }, { tokens: [] }]", "");
    row(
        "[{ tokens: [x, z] }, { tokens: [z, y] }]",
        " scopes = [\"z\"] any_scope = [\"x\", \"y\"]",
    );
    row(
        "[{ tokens: [x, y] }, { tokens: [z] }]",
        " any_of = [[\"x\", \"y\"], [\"z\"]]",
    );
    row(
        "[{ tokens: [x, y, w] }, { tokens: [z, w] }, { tokens: [w, z, y] }]",
        " scopes = [\"w\"] any_of = [[\"x\", \"y\"], [\"z\"]]",
    );
}

#[test]
fn what_a_token_cannot_meet_is_refused_to_every_token() {
    let none = "expects no authorizer, so that here every token is refused";
    let never = "never asks for `tokens`, so that here every token is refused";
    let nobody = "\"GET /a\" any_of = \"nobody\"";
    let row = |security: &str, expected: &str, warning: &str| {
        become_routes(&[(
            &get(security),
            &[expected],
            &[&format!("`GET /a`: {warning}")],
        )]);
    };
    row("summary: no security", nobody, none);
    row("security: []", nobody, none);
    row("security: [{}]", nobody, none);
    row("security: [{ key: [] }]", nobody, never);
    row("security: [{ key: [] }, {}]", nobody, never);
    row(
        "security: [{}, { tokens: [x] }]",
        "\"GET /a\" scopes = [\"x\"]",
        "is open without a token too, which only the gateway can allow",
    );
    let beside = "asks for `key` beside `tokens`: let the gateway check it";
    row(
        "security: [{ tokens: [x], key: [] }]",
        "\"GET /a\" scopes = [\"x\"]",
        beside,
    );
    row(
        "security: [{ tokens: [x], key: [] }, { key: [], tokens: [y] }, { key: [] }]",
        "\"GET /a\" any_scope = [\"x\", \"y\"]",
        beside,
    );
    row(
        "security: [{ tokens: [x], key: [] }, { tokens: [y] }]",
        "\"GET /a\" scopes = [\"y\"]",
        "asks for `key` in one requirement with `tokens` and not in another, which nobody can check, so \
         that the one is left out",
    );
    // No other route takes what is refused, not even one for `ANY` or with a parameter.
    become_routes(&[(
        "security: [{ tokens: [x] }]\n\
         paths: { '/{id}': { get: {} }, /health: { get: { security: [] }, head: { security: [] } } }",
        &[
            "\"GET /{id}\" scopes = [\"x\"]",
            "\"GET /health\" any_of = \"nobody\"",
            "\"HEAD /health\" any_of = \"nobody\"",
        ],
        &[&format!("`GET /health`, `HEAD /health`: {none}")],
    )]);
}

#[test]
fn an_operation_replaces_what_the_document_asks() {
    become_routes(&[(
        "security: [{ tokens: [x] }]\n\
         paths: { /a: { get: {}, put: { security: [{ tokens: [y] }] }, post: { security: [] } } }",
        &[
            "\"GET /a\" scopes = [\"x\"]",
            "\"PUT /a\" scopes = [\"y\"]",
            "\"POST /a\" any_of = \"nobody\"",
        ],
        &["`POST /a`: expects no authorizer, so that here every token is refused"],
    )]);
}

#[test]
fn operations_are_named_as_the_gateway_names_them() {
    let open = "security: [{ tokens: [] }]\n";
    let row = |paths: &str, expected: &[&str], warnings: &[&str]| {
        become_routes(&[(&format!("{open}paths: {paths}"), expected, warnings)]);
    };
    row(
        "{ /: { get: {}, put: {}, post: {}, delete: {}, options: {}, head: {}, patch: {} } }",
        &[
            "\"GET /\"",
            "\"PUT /\"",
            "\"POST /\"",
            "\"DELETE /\"",
            "\"OPTIONS /\"",
            "\"HEAD /\"",
            "\"PATCH /\"",
        ],
        &[],
    );
    row(
        "{ '/f/{proxy+}': { x-amazon-apigateway-any-method: {}, get: {} }, x-y: 1 }",
        &["\"ANY /f/{proxy+}\"", "\"GET /f/{proxy+}\""],
        &[],
    );
    row(
        "{ /$default: { x-amazon-apigateway-any-method: { isDefaultRoute: true } } }",
        &["\"$default\""],
        &[],
    );
    row(
        "{ /a: { get: {}, trace: { security: [] } } }",
        &["\"GET /a\""],
        &["`TRACE /a`: no method of API Gateway, which never asks about it"],
    );
    // Neither the base paths of servers nor what stands beside the operations names a resource.
    row(
        "{ /a: { servers: [{ url: https://example.com/v2 }], parameters: [], get: { callbacks: {} } } }\n\
         servers: [{ url: https://example.com/v1 }]",
        &["\"GET /a\""],
        &[],
    );
}

#[test]
fn the_extension_says_what_openapi_cannot() {
    become_routes(&[(
        "security: [{ tokens: [x] }]\n\
         paths: { '/u/{id}/{no}': { get: { x-authz: { bind: { id: sub, no: 'custom:no' } } }, \
                                    put: { x-authz: { any_group: [a, 'b c'] } } } }",
        &[
            "\"GET /u/{id}/{no}\" scopes = [\"x\"] bind = { id = \"sub\", no = \"custom:no\" }",
            "\"PUT /u/{id}/{no}\" scopes = [\"x\"] any_group = [\"a\", \"b c\"]",
        ],
        &[],
    )]);
    let key = "no such key; write `any_group` or `bind`, and scopes in `security`";
    let place = "it counts in an operation only; write it there";
    let own = "security: [{ tokens: [x] }], ";
    are_refused(&[
        (
            &get(&format!("{own}x-authz: {{ any_groups: [a] }}")),
            &[&format!("`paths./a.get.x-authz.any_groups`: {key}")],
        ),
        (
            &get(&format!("{own}x-authz: {{ scopes: [a] }}")),
            &[&format!("`paths./a.get.x-authz.scopes`: {key}")],
        ),
        (
            &get(&format!("{own}x-authz: {{ any_group: a }}")),
            &["`paths./a.get.x-authz.any_group`: no list; write it between [ and ]"],
        ),
        (
            &get(&format!("{own}x-authz: {{ any_group: [] }}")),
            &["`paths./a.get.x-authz.any_group`: empty; write what it asks for, or remove it"],
        ),
        (
            &get(&format!("{own}x-authz: {{ bind: {{}} }}")),
            &["`paths./a.get.x-authz.bind`: empty; write what it asks for, or remove it"],
        ),
        (
            &get(&format!("{own}x-authz: {{ bind: {{ id: 1 }} }}")),
            &["`paths./a.get.x-authz.bind.id`: `1` is no text; write a text"],
        ),
        (
            &get(&format!("{own}x-authz: {{ bind: {{ id: sub }} }}")),
            &[
                "`GET /a`: `bind` names `id`, and `{id}` is not in the path; name a parameter of one \
               segment that the path has",
            ],
        ),
        (
            &get("security: [], x-authz: { any_group: [a] }"),
            &["`paths./a.get.x-authz`: no token meets `security` here; remove one of the two"],
        ),
        ("x-authz: {}", &[&format!("`x-authz`: {place}")]),
        (
            "paths: { x-authz: {} }",
            &[&format!("`paths.x-authz`: {place}")],
        ),
        (
            "paths: { /a: { x-authz: {} } }",
            &[&format!("`paths./a.x-authz`: {place}")],
        ),
    ]);
}

#[test]
fn a_misspelt_extension_is_no_other_tools() {
    let fault = "overlooked, as only `x-authz` counts here; write that, or remove it";
    let own = "security: [{ tokens: [x] }], ";
    let members = "{ any_group: [a] }";
    for name in [
        "x-auhtz", "x-authz-", "x-authzz", "x-autz", "x-auth", "x-authn", "x-Authz", "x-AUTHZ",
        "x-auth-z", "x-auth_z", "x-aothz", "x-uathz",
    ] {
        for value in [members, "{ any_groups: [a] }", "{}"] {
            are_refused(&[(
                &get(&format!("{own}{name}: {value}")),
                &[&format!("`paths./a.get.{name}`: {fault}")],
            )]);
        }
    }
    // What only this extension says is its own under any name.
    for (name, value) in [
        ("x-authorizer", members),
        ("x-cognito", members),
        ("x-authorization", "{ bind: { id: sub } }"),
    ] {
        are_refused(&[(
            &get(&format!("{own}{name}: {value}")),
            &[&format!("`paths./a.get.{name}`: {fault}")],
        )]);
    }
    are_refused(&[
        ("x-auhtz: {}", &[&format!("`x-auhtz`: {fault}")]),
        (
            "paths: { x-auhtz: {} }",
            &[&format!("`paths.x-auhtz`: {fault}")],
        ),
        (
            "paths: { /a: { x-auhtz: {} } }",
            &[&format!("`paths./a.x-auhtz`: {fault}")],
        ),
    ]);
    // Other tools' own stay, also those whose names are near.
    become_routes(&[(
        "x-tagGroups: [{ name: a, tags: [b] }]\n\
         x-amazon-apigateway-request-validators: { all: { validateRequestBody: true } }\n\
         x-amazon-apigateway-policy: { Version: '2012-10-17' }\n\
         paths:\n  \
           x-internal: {}\n  \
           /a:\n    \
             x-summary: { a: b }\n    \
             get:\n      \
               security: [{ tokens: [x] }]\n      \
               x-amazon-apigateway-integration: { type: aws_proxy }\n      \
               x-amazon-apigateway-auth: { type: NONE }\n      \
               x-auth-type: { name: b }\n      \
               x-author: ann@example.com\n      \
               x-auth: none\n      \
               x-codeSamples: [{ lang: Shell }]",
        &["\"GET /a\" scopes = [\"x\"]"],
        &[],
    )]);
}

#[test]
fn what_would_be_overlooked_is_refused() {
    let unknown = "OpenAPI has no such key here; correct its spelling or remove it";
    are_refused(&[
        ("securty: []", &[&format!("`securty`: {unknown}")]),
        (
            "paths: { /a: { GET: {} } }",
            &[&format!("`paths./a.GET`: {unknown}")],
        ),
        (
            &get("securty: []"),
            &[&format!("`paths./a.get.securty`: {unknown}")],
        ),
        // Without routes everything would be open.
        (
            "x-y: 1",
            &["`paths`: no operation is there; write the operations of the API"],
        ),
        (
            "paths: {}",
            &["`paths`: no operation is there; write the operations of the API"],
        ),
        (
            "paths: { /a: { trace: {} } }",
            &["`paths`: no operation is there; write the operations of the API"],
        ),
        ("paths: []", &["`paths`: no map; write keys and values"]),
        (
            "paths: { /a: }",
            &["`paths./a`: no map; write keys and values"],
        ),
        (
            "paths: { /a: { get: } }",
            &["`paths./a.get`: no map; write keys and values"],
        ),
        (
            &get("security: {}"),
            &["`paths./a.get.security`: no list; write it between [ and ]"],
        ),
        (
            &get("security: "),
            &["`paths./a.get.security`: no list; write it between [ and ]"],
        ),
        (
            &get("security: [tokens]"),
            &["`paths./a.get.security[0]`: no map; write keys and values"],
        ),
        (
            &get("security: [{ tokens: x }]"),
            &["`paths./a.get.security[0].tokens`: no list; write it between [ and ]"],
        ),
        (
            &get("security: [{}, { tokens: [[x]] }]"),
            &["`paths./a.get.security[1].tokens[0]`: no text; write a text"],
        ),
        (
            &get("security: [{ others: [] }]"),
            &[
                "`paths./a.get.security[0].others`: no scheme of `components.securitySchemes`; describe it there",
            ],
        ),
        // What the document says of all operations is told once.
        (
            "security: 1\npaths: { /a: { get: {}, put: {} } }",
            &["`security`: no list; write it between [ and ]"],
        ),
        // All mistakes are told at once.
        (
            "paths: { /a: { get: { security: 1 } }, /b: { put: { security: 2 } } }",
            &[
                "`paths./a.get.security`: no list; write it between [ and ]",
                "`paths./b.put.security`: no list; write it between [ and ]",
            ],
        ),
    ]);
}

#[test]
fn what_the_gateway_does_not_take_is_refused() {
    let segment = |name: &str, text: &str| {
        format!(
            "`{name}`: the segment `{text}` is neither a literal nor a parameter; write a literal of A-Z \
             a-z 0-9 and -._~:@!$&'()+,;=, or `{{name}}`, or as the last one `{{name+}}`"
        )
    };
    let row = |paths: &str, mistakes: &[&str]| {
        are_refused(&[(
            &format!("security: [{{ tokens: [] }}]\npaths: {paths}"),
            mistakes,
        )]);
    };
    row(
        "{ '/a/{id}.json': { get: {} } }",
        &[&segment("GET /a/{id}.json", "{id}.json")],
    );
    row(
        "{ /a/: { get: {} } }",
        &["`GET /a/`: the path ends in a slash; remove the slash at the end"],
    );
    row(
        r#"{ "/a\u202e": { get: {} } }"#,
        &[&segment("GET /a\\u{202e}", "a\\u{202e}")],
    );
    row(
        r#"{ "/a\e[2J": { get: {} } }"#,
        &["`\"GET /a\\u{1b}[2J\"` holds a control character; remove it"],
    );
    row(
        "{ '/{p+}/a': { get: {} } }",
        &[
            "`GET /{p+}/a`: the greedy parameter `{p+}` is not the last segment; let the path end with \
             it, or write it without `+` for one segment",
        ],
    );
    row(
        "{ '/{a}/{a}': { get: {} } }",
        &[
            "`GET /{a}/{a}`: the parameter `a` is in the path twice; give one of the two another name",
        ],
    );
    row(
        "{ '/a/{x}': { get: {} }, '/a/{y}': { put: {} } }",
        &["`paths./a/{y}`: the same path as `/a/{x}`; write both as one"],
    );
    row(
        "{ a: { get: {} } }",
        &[
            "`GET a`: neither a verb with a path nor a name; write a verb, one space and a path, as in `GET /books/{id}`, or `$connect`, `$default` or a \
             GraphQL field such as `Mutation.addBook`",
        ],
    );
    row(
        "{ /a: { get: {}, put: {}, post: {}, delete: {}, options: {}, head: {}, patch: {}, \
                 x-amazon-apigateway-any-method: {} } }",
        &[
            "`ANY /a`: no request is ever one for it, as every verb has a route of its own; remove it",
        ],
    );
    let scope = "paths: { /a: { get: { security: [{ tokens: [x y] }] } } }";
    are_refused(&[(
        scope,
        &["`GET /a`: `x y` is not a scope; write scopes without spaces, one string for each"],
    )]);
}

#[test]
fn references_stay_within_the_document() {
    let open = "security: [{ tokens: [x] }]\n";
    become_routes(&[(
        &format!(
            "{open}x-items: {{ b: {{ put: {{}} }}, c/d: {{ $ref: '#/x-items/b' }} }}\n\
             paths: {{ /a: {{ get: {{}} }}, /b: {{ $ref: '#/paths/~1a', summary: s }}, /c: {{ $ref: '#/x-items/c~1d' }} }}"
        ),
        &[
            "\"GET /a\" scopes = [\"x\"]",
            "\"GET /b\" scopes = [\"x\"]",
            "\"PUT /c\" scopes = [\"x\"]",
        ],
        &[],
    )]);
    let outside = |text: &str| {
        format!("`paths./a.$ref`: `{text}` is outside of this document; bundle it into one file")
    };
    are_refused(&[
        (
            "paths: { /a: { $ref: 'https://example.com/a.yaml' } }",
            &[&outside("https://example.com/a.yaml")],
        ),
        (
            "paths: { /a: { $ref: 'b.yaml#/c' } }",
            &[&outside("b.yaml#/c")],
        ),
        (
            "paths: { /a: { $ref: '#/components/pathItems/a' } }",
            &["`paths./a.$ref`: nothing is at `#/components/pathItems/a`; correct it"],
        ),
        (
            "paths: { /a: { $ref: '#/paths/~1b' }, /b: { $ref: '#/paths/~1a' } }",
            &[
                "`paths./a`: its references go round in a circle; end them",
                "`paths./b`: its references go round in a circle; end them",
            ],
        ),
        (
            "paths: { /a: { $ref: '#/x-b', get: {} } }\nx-b: { put: {} }",
            &[
                "`paths./a.get`: nobody says what it means beside `$ref`; write it where that refers to",
            ],
        ),
        (
            "paths: { /a: { $ref: '#/x-b' } }\nx-b: { $ref: '#/x-c', get: {} }\nx-c: { put: {} }",
            &[
                "`paths./a.get`: nobody says what it means beside `$ref`; write it where that refers to",
            ],
        ),
    ]);
}
