//! Which routes API Gateway may choose for a request ("Create routes for HTTP APIs in API Gateway",
//! Routing API requests), and tables that cannot be.

use cognito_authorizer::route::{Requirements, Route, RouteError, RouteTable, Verb};

fn table(names: &[&str]) -> Result<RouteTable, (usize, RouteError)> {
    let route = |name: &&str| Route::parse(name, Requirements::default()).unwrap();
    RouteTable::new(names.iter().map(route).collect())
}

/// Checks the look-up in a table, whichever way round it is written.
#[track_caller]
fn check(names: &[&str], requests: &[(&str, &[&str])]) {
    let backwards: Vec<&str> = names.iter().rev().copied().collect();
    for names in [names, &backwards] {
        let table = table(names).unwrap();
        for (request, expected) in requests {
            let (verb, path) = request.split_once(" /").unwrap();
            let segments: Vec<&str> = match path {
                "" => Vec::new(),
                path => path.split('/').collect(),
            };
            let found = table.candidates(Verb::from_name(verb).unwrap(), &segments);
            let mut found: Vec<&str> = found.into_iter().map(Route::name).collect();
            found.sort_unstable();
            assert_eq!(found, *expected, "{request} in {names:?}");
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
            ("GET /", &["GET /"]),
            ("GET /books", &["GET /books"]),
            ("GET /Books", &[]),
            ("GET /bookshop", &[]),
            ("GET /book", &[]),
            ("GET /books/", &[]),
            ("GET /books/1", &["GET /books/{id}"]),
            ("GET /books/1/", &[]),
            ("GET /books/1/2", &[]),
            ("GET /files", &[]),
            ("GET /files/", &[]),
            ("GET /files/a", &["GET /files/{proxy+}"]),
            ("GET /files/a/", &["GET /files/{proxy+}"]),
            ("GET /files/a/b/c", &["GET /files/{proxy+}"]),
            ("GET /a/1/b", &["GET /a/{x}/b"]),
            ("GET /a//b", &[]),
            ("GET /a/1/2/b", &[]),
            ("POST /books", &[]),
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
            ("GET /a/b", &["GET /a/b"]),
            ("GET /a/c", &["GET /a/{x}"]),
            ("GET /a/c/d", &["GET /a/{proxy+}"]),
            ("GET /c/b", &["GET /{x}/b"]),
            ("GET /c/d", &["GET /{x}/{y}"]),
            ("GET /c", &["GET /{proxy+}"]),
            ("GET /c/b/d", &["GET /{proxy+}"]),
        ],
    );
    check(
        &["GET /a/{x}", "GET /a/{x}/{y+}", "GET /a/{z+}"],
        &[
            ("GET /a/b", &["GET /a/{x}"]),
            ("GET /a/b/", &["GET /a/{z+}"]),
            ("GET /a/b/c", &["GET /a/{x}/{y+}"]),
        ],
    );
    check(
        &["GET /a/{x}/c", "GET /a/{proxy+}", "GET /{x}/b/c"],
        &[
            ("GET /a/b/d", &["GET /a/{proxy+}"]),
            ("GET /d/b/c", &["GET /{x}/b/c"]),
        ],
    );
    // The example of the documentation.
    check(
        &[
            "GET /pets/dog/1",
            "GET /pets/dog/{id}",
            "GET /pets/{proxy+}",
            "ANY /{proxy+}",
        ],
        &[
            ("GET /pets/dog/1", &["GET /pets/dog/1"]),
            ("GET /pets/dog/2", &["GET /pets/dog/{id}"]),
            ("GET /pets/cat/1", &["GET /pets/{proxy+}"]),
            ("POST /test/5", &["ANY /{proxy+}"]),
        ],
    );
}

#[test]
fn a_verb_is_preferred_to_any_of_the_same_pattern() {
    check(
        &["ANY /a/{x}", "GET /a/{y}", "ANY /a/b", "DELETE /{proxy+}"],
        &[
            ("GET /a/c", &["GET /a/{y}"]),
            ("POST /a/c", &["ANY /a/{x}"]),
            ("POST /a/b", &["ANY /a/b"]),
            ("DELETE /a", &["DELETE /{proxy+}"]),
            ("GET /a", &[]),
        ],
    );
}

/// Neither route is the other with something said more precisely, and kinds of APIs differ or no
/// documentation says which one is chosen.
#[test]
fn of_routes_that_overlap_any_may_be_chosen() {
    check(
        &["GET /a/{proxy+}", "GET /{x}/b"],
        &[
            ("GET /a/b", &["GET /a/{proxy+}", "GET /{x}/b"]),
            ("GET /a/c", &["GET /a/{proxy+}"]),
            ("GET /c/b", &["GET /{x}/b"]),
            ("GET /a/b/c", &["GET /a/{proxy+}"]),
        ],
    );
    check(
        &["GET /a/{x}", "GET /{x}/b", "GET /{proxy+}"],
        &[("GET /a/b", &["GET /a/{x}", "GET /{x}/b"])],
    );
    check(
        &["GET /a/b", "GET /a/{proxy+}", "GET /{x}/b"],
        &[("GET /a/b", &["GET /a/b"])],
    );
    check(
        &["GET /a/{x}/c", "GET /a/{proxy+}", "GET /{x}/b/c"],
        &[("GET /a/b/c", &["GET /a/{x}/c", "GET /{x}/b/c"])],
    );
    check(
        &["ANY /a", "GET /{x}"],
        &[("GET /a", &["ANY /a", "GET /{x}"]), ("PUT /a", &["ANY /a"])],
    );
    check(
        &["ANY /a/{x}", "DELETE /{proxy+}", "ANY /{rest+}"],
        &[
            ("DELETE /a/b", &["ANY /a/{x}", "DELETE /{proxy+}"]),
            ("GET /a/b", &["ANY /a/{x}"]),
        ],
    );
}

#[test]
fn a_table_says_nothing_twice_and_nothing_in_vain() {
    let duplicate = |name: &str| RouteError::Duplicate(name.to_owned());
    type Row<'a> = (&'a [&'a str], Option<(usize, RouteError)>);
    let rows: [Row<'_>; 13] = [
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
        // In an HTTP API `/a/b/` is a request for the first of these alone.
        (&["GET /a/{z+}", "GET /a/{x}", "GET /a/{x}/{y+}"], None),
        (
            &["ANY /{x}", "GET /{x}/{y}", "ANY /{x}/{y}/{z+}", "GET /{p+}"],
            None,
        ),
        (
            &["GET /{x}", "GET /{x}/{y}", "GET /{x}/{y}/{z+}", "GET /{p+}"],
            None,
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
