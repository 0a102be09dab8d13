//! Which route a request is, in API Gateway's order of preference ("Select a proxy resource",
//! "Routing API requests"), and tables that cannot be.

use cognito_authorizer::route::{Requirements, Route, RouteError, RouteTable, Verb};

fn table(names: &[&str]) -> Result<RouteTable, (usize, RouteError)> {
    let route = |name: &&str| Route::parse(name, Requirements::default()).unwrap();
    RouteTable::new(names.iter().map(route).collect())
}

/// Checks the look-up in a table, whichever way round it is written.
#[track_caller]
fn check(names: &[&str], requests: &[(&str, Option<&str>)]) {
    let backwards: Vec<&str> = names.iter().rev().copied().collect();
    for names in [names, &backwards] {
        let table = table(names).unwrap();
        for (request, expected) in requests {
            let (verb, path) = request.split_once(" /").unwrap();
            let segments: Vec<&str> = match path {
                "" => Vec::new(),
                path => path.split('/').collect(),
            };
            let found = table.look_up(Verb::from_name(verb).unwrap(), &segments);
            assert_eq!(found.map(Route::name), *expected, "{request} in {names:?}");
        }
    }
}

#[test]
fn a_pattern_matches_whole_segments() {
    check(
        &[
            "GET /",
            "GET /books",
            "GET /books/{id}",
            "GET /files/{proxy+}",
            "GET /a/{x}/b",
        ],
        &[
            ("GET /", Some("GET /")),
            ("GET /books", Some("GET /books")),
            ("GET /Books", None),
            ("GET /bookshop", None),
            ("GET /book", None),
            ("GET /books/", None),
            ("GET /books/1", Some("GET /books/{id}")),
            ("GET /books/1/", None),
            ("GET /books/1/2", None),
            ("GET /files", None),
            ("GET /files/", None),
            ("GET /files/a", Some("GET /files/{proxy+}")),
            ("GET /files/a/", Some("GET /files/{proxy+}")),
            ("GET /files/a/b/c", Some("GET /files/{proxy+}")),
            ("GET /a/1/b", Some("GET /a/{x}/b")),
            ("GET /a//b", None),
            ("GET /a/1/2/b", None),
            ("POST /books", None),
        ],
    );
}

#[test]
fn the_most_specific_pattern_is_preferred() {
    check(
        &[
            "GET /{proxy+}",
            "GET /a/{proxy+}",
            "GET /a/{x}",
            "GET /a/b",
            "GET /{x}/b",
            "GET /{x}/{y}",
        ],
        &[
            ("GET /a/b", Some("GET /a/b")),
            ("GET /a/c", Some("GET /a/{x}")),
            ("GET /a/c/d", Some("GET /a/{proxy+}")),
            ("GET /c/b", Some("GET /{x}/b")),
            ("GET /c/d", Some("GET /{x}/{y}")),
            ("GET /c", Some("GET /{proxy+}")),
            ("GET /c/b/d", Some("GET /{proxy+}")),
        ],
    );
    check(
        &["GET /a/{x}/c", "GET /a/{proxy+}", "GET /{x}/b/c"],
        &[
            ("GET /a/b/c", Some("GET /a/{x}/c")),
            ("GET /a/b/d", Some("GET /a/{proxy+}")),
            ("GET /d/b/c", Some("GET /{x}/b/c")),
        ],
    );
}

#[test]
fn a_verb_is_preferred_to_any_of_the_same_pattern() {
    check(
        &["ANY /a/{x}", "GET /a/{y}", "ANY /a/b", "DELETE /{proxy+}"],
        &[
            ("GET /a/c", Some("GET /a/{y}")),
            ("POST /a/c", Some("ANY /a/{x}")),
            ("GET /a/b", Some("ANY /a/b")),
            ("DELETE /a/c", Some("ANY /a/{x}")),
            ("DELETE /a/b", Some("ANY /a/b")),
            ("DELETE /a", Some("DELETE /{proxy+}")),
            ("GET /a", None),
        ],
    );
}

#[test]
fn a_table_says_nothing_twice_and_nothing_in_vain() {
    let duplicate = |name: &str| RouteError::Duplicate(name.to_owned());
    type Row<'a> = (&'a [&'a str], Option<(usize, RouteError)>);
    let rows: [Row<'_>; 12] = [
        (&[], None),
        (&["GET /a", "POST /a", "ANY /a"], None),
        (&["GET /a", "GET /a"], Some((1, duplicate("GET /a")))),
        (
            &["GET /{x}", "GET /b", "GET /{y}"],
            Some((2, duplicate("GET /{x}"))),
        ),
        (
            &["ANY /{x+}", "ANY /{y+}"],
            Some((1, duplicate("ANY /{x+}"))),
        ),
        (&["GET /a/{x}", "GET /a/{x+}"], None),
        (&["GET /a/{x}", "GET /a/{x}/{y+}", "GET /a/b"], None),
        (
            &["GET /a/{z+}", "GET /a/{x}", "GET /a/{x}/{y+}"],
            Some((0, RouteError::Unreachable)),
        ),
        (
            &["ANY /{x}", "GET /{x}/{y}", "ANY /{x}/{y}/{z+}", "GET /{p+}"],
            Some((3, RouteError::Unreachable)),
        ),
        (
            &["ANY /{x}", "GET /{x}/{y}", "ANY /{x}/{y}/{z+}", "ANY /{p+}"],
            None,
        ),
        (
            &[
                "DELETE /a",
                "GET /a",
                "HEAD /a",
                "OPTIONS /a",
                "PATCH /a",
                "POST /a",
                "PUT /a",
                "ANY /a",
            ],
            Some((7, RouteError::Unreachable)),
        ),
        (
            &[
                "DELETE /a",
                "GET /a",
                "HEAD /a",
                "OPTIONS /a",
                "PATCH /a",
                "POST /a",
                "ANY /a",
            ],
            None,
        ),
    ];
    for (names, expected) in rows {
        assert_eq!(table(names).err(), expected, "{names:?}");
    }
}
