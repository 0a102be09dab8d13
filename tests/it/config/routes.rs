//! `[[routes]]`: the routes of the API and what each asks for.

use super::{after, refused, taken};

const WRITE_LIST: &str = "write one or more strings in quotes between [ and ]";

fn route(lines: &str) -> String {
    after(&format!("[[routes]]\n{lines}\n"))
}

#[test]
fn routes_are_read_in_api_gateways_syntax() {
    for name in [
        "GET /",
        "ANY /",
        "GET /books",
        "DELETE /books/{id}",
        "ANY /{proxy+}",
        "PATCH /a.b/c-d/{e}/~f/{g+}",
        "PUT /a:b@c!d$e",
        "HEAD /x",
        "OPTIONS /x",
        "POST /x",
    ] {
        let config = taken(&route(&format!("route = \"{name}\"")));
        let table = config.rules.table.unwrap();
        assert_eq!(table.routes()[0].name(), name);
    }
    let form = "neither a verb with a path nor a name; write a verb, one space and a path, as in `GET /books/{id}`, or `$connect`, `$default` or a \
                GraphQL field such as `Mutation.addBook`";
    let verbs = "write one of ANY DELETE GET HEAD OPTIONS PATCH POST PUT";
    let segment = |text: &str| {
        format!(
            "the segment `{text}` is neither a literal nor a parameter; write a literal of A-Z a-z 0-9 \
             and -._~:@!$&'()+,;=, or `{{name}}`, or as the last one `{{name+}}`"
        )
    };
    let ends_in_slash = "the path ends in a slash; remove the slash at the end";
    let empty = "a segment of the path is empty; remove one of the two slashes";
    let greedy = |name: &str| {
        format!(
            "the greedy parameter `{{{name}+}}` is not the last segment; let the path end with it, or \
             write it without `+` for one segment"
        )
    };
    let rows = [
        ("GET", form.to_owned()),
        ("/books", form.to_owned()),
        ("GET books", form.to_owned()),
        ("GET  /books", form.to_owned()),
        (
            "get /books",
            format!("`get` is not a verb of API Gateway; {verbs}"),
        ),
        (
            "CONNECT /books",
            format!("`CONNECT` is not a verb of API Gateway; {verbs}"),
        ),
        (
            "* /books",
            format!("`*` is not a verb of API Gateway; {verbs}"),
        ),
        ("GET /books/", ends_in_slash.to_owned()),
        ("GET //", ends_in_slash.to_owned()),
        ("GET /{proxy+}/", ends_in_slash.to_owned()),
        ("GET //books", empty.to_owned()),
        ("GET /books//1", empty.to_owned()),
        ("GET /books/*", segment("*")),
        ("GET /books/..", segment("..")),
        ("GET /books/a b", segment("a b")),
        ("GET /books/%41", segment("%41")),
        ("GET /books?x", segment("books?x")),
        ("GET /books/{}", segment("{}")),
        ("GET /books/{id", segment("{id")),
        ("GET /books/x{id}", segment("x{id}")),
        ("GET /{proxy+}/x", greedy("proxy")),
        ("GET /prod/{proxy+}/x", greedy("proxy")),
        ("GET /{a+}/{b+}", greedy("a")),
        (
            "GET /{a}/{a}",
            "the parameter `a` is in the path twice; give one of the two another name".to_owned(),
        ),
    ];
    for (name, what) in rows {
        let mistake = format!("`routes[0].route`: `{name}`: {what}");
        refused(&[(&route(&format!("route = \"{name}\"")), &[&mistake])]);
    }
    // What nobody can see is named, and shown as TOML writes it.
    for (name, what) in [
        (
            "GET\\t/books",
            "holds a tab; write a space in its place, or nothing",
        ),
        (
            "GET /books\\t",
            "holds a tab; write a space in its place, or nothing",
        ),
        ("GET /books\\n", "holds a control character; remove it"),
        (
            "GET /books ",
            "begins or ends with a space; remove that space",
        ),
        ("", "is empty; write a string in quotes"),
    ] {
        let mistake = format!("`routes[0].route`: `\"{name}\"` {what}");
        refused(&[(&route(&format!("route = \"{name}\"")), &[&mistake])]);
    }
    // A tab as itself is one that a TOML string may have.
    refused(&[(
        &route("route = \"GET\t/books\""),
        &[
            "`routes[0].route`: `\"GET\\t/books\"` holds a tab; write a space in its place, or nothing",
        ],
    )]);
}

#[test]
fn what_a_route_asks_for_is_checked() {
    taken(&route("route = \"GET /a\"\nany_of = \"nobody\""));
    taken(&route(
        "route = \"GET /users/{id}/loans/{loan}\"\nscopes = [\"a\"]\nany_scope = [\"b\"]\n\
         any_of = [[\"c\", \"d\"], [\"e\"]]\nany_group = [\"some group\"]\nbind = { id = \"sub\", loan = \"custom:loan\" }",
    ));
    let no_table = |shown: &str| {
        format!(
            "`routes[0].bind`: {shown} is not a table of strings; write it as in `{{ id = \"sub\" }}`"
        )
    };
    let no_lists = "`routes[0].any_of`: not a list of lists; write each between [ and ], as in `[[\"a\", \"b\"], [\"c\"]]`, or \
                    as a table, as in `[{ any_group = [\"admins\"] }]`, or \"nobody\" to refuse the route to every \
                    token";
    let in_vain = |other: &str| {
        format!("`routes[0].any_of`: \"nobody\" leaves nothing for `{other}` to ask; remove one")
    };
    let unbound = |name: &str| {
        format!(
            "`routes[0].route`: `GET /a/{{id}}/{{rest+}}`: `bind` names `{name}`, and `{{{name}}}` is not in the path; name a \
             parameter of one segment that the path has"
        )
    };
    let path = "route = \"GET /a/{id}/{rest+}\"\n";
    refused(&[
        (
            &route("scopes = [\"a\"]"),
            &["`routes[0].route`: missing; write it as in `GET /books/{id}`"],
        ),
        (
            &route("route = 1"),
            &["`routes[0].route`: `1` is not a string; write a string in quotes"],
        ),
        (
            &route(&format!("{path}scopes = []")),
            &[&format!(
                "`routes[0].scopes`: the list is empty; {WRITE_LIST}"
            )],
        ),
        (
            &route(&format!("{path}any_scope = [\"a b\"]")),
            &[
                "`routes[0].any_scope`: `a b` is not a scope; write scopes without spaces, one string for each",
            ],
        ),
        (&route(&format!("{path}any_of = []")), &[no_lists]),
        (&route(&format!("{path}any_of = \"any\"")), &[no_lists]),
        (
            &route(&format!("{path}any_of = [\"a\"]")),
            &[&format!(
                "`routes[0].any_of`: `\"a\"` is not a list; {WRITE_LIST}"
            )],
        ),
        (
            &route(&format!("{path}any_of = [[\"a\"], []]")),
            &[&format!(
                "`routes[0].any_of`: the list is empty; {WRITE_LIST}"
            )],
        ),
        (
            &route(&format!("{path}any_of = [[\"a b\", \"c\", \"c\"]]")),
            &[
                "`routes[0].any_of`: `c` is there twice; remove one",
                "`routes[0].any_of`: `a b` is not a scope; write scopes without spaces, one string for each",
            ],
        ),
        (
            &route(&format!(
                "{path}any_of = \"nobody\"\nscopes = [\"a\"]\nbind = {{ id = \"sub\" }}"
            )),
            &[&in_vain("scopes"), &in_vain("bind")],
        ),
        (
            &route(&format!("{path}any_group = \"editors\"")),
            &[&format!(
                "`routes[0].any_group`: `\"editors\"` is not a list; {WRITE_LIST}"
            )],
        ),
        (
            &route(&format!("{path}bind = \"sub\"")),
            &[&no_table("`\"sub\"`")],
        ),
        (
            &route(&format!("{path}bind = {{}}")),
            &[&no_table("this table")],
        ),
        (
            &route(&format!("{path}bind = {{ id = 1 }}")),
            &[&no_table("this table")],
        ),
        (
            &route(&format!("{path}bind = {{ id = \"\" }}")),
            &[&no_table("this table")],
        ),
        (
            &route(&format!("{path}bind = {{ ID = \"sub\" }}")),
            &[&unbound("ID")],
        ),
        (
            &route(&format!("{path}bind = {{ rest = \"sub\" }}")),
            &[&unbound("rest")],
        ),
        (
            &route(&format!("{path}scope = [\"a\"]")),
            &["`routes[0].scope`: unknown key; did you mean `scopes`? write that, or remove it"],
        ),
    ]);
}

#[test]
fn no_two_routes_are_the_same() {
    taken(&after(
        "[[routes]]\nroute = \"GET /a/{id}\"\n[[routes]]\nroute = \"ANY /a/{id}\"\n\
         [[routes]]\nroute = \"GET /a/{id+}\"\n[[routes]]\nroute = \"GET /A/{id}\"\n",
    ));
    refused(&[
        (
            &after(
                "[[routes]]\nroute = \"GET /a/{id}\"\n[[routes]]\nroute = \"GET /b\"\n\
                    [[routes]]\nroute = \"GET /a/{name}\"\n",
            ),
            &[
                "`routes[2].route`: `GET /a/{name}`: it stands for the same requests as `GET /a/{id}`; remove one of \
               them",
            ],
        ),
        (
            &after("[[routes]]\nroute = \"ANY /\"\n[[routes]]\nroute = \"ANY /\"\n"),
            &[
                "`routes[1].route`: `ANY /`: it stands for the same requests as `ANY /`; remove one of them",
            ],
        ),
        (
            &format!("routes = []\n{}", super::ISSUER),
            &["`routes`: this list is not a list of tables; write each as `[[routes]]`"],
        ),
        (
            &after("[routes]\nroute = \"GET /a\""),
            &["`routes`: this table is not a list of tables; write each as `[[routes]]`"],
        ),
    ]);
}
