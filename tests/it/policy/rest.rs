//! REST APIs route `/books/` to `/books`, so that both are one path in a policy, whichever was asked
//! first; and what a bound parameter may be.

use super::text::check;

#[test]
fn a_rest_api_takes_a_path_with_and_without_a_slash_at_its_end() {
    check(
        "
        # a literal
        api rest
        open GET /a
        closed GET /b
        ask GET /a
        + GET/a
        + GET/a/
        - GET/b
        - GET/b/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab

        # asked for with the slash
        api rest
        open GET /a
        ask GET /a/
        + GET/a
        + GET/a/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # a parameter
        api rest
        open GET /books/{id}
        closed GET /books/new
        ask GET /books/1/
        + GET/books/?*
        - GET/books/*/?*
        - GET/books/new
        - GET/books/new/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled beknosw

        # a parameter that is closed, below one that is open
        api rest
        open GET /books/{id}
        closed GET /books/{id}/loans/{loan}
        ask GET /books/1
        + GET/books/?*
        - GET/books/*/?*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abklnos

        # the root
        api rest
        open GET /
        closed GET /{id}
        ask GET /
        + GET/
        - GET/?*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled

        # a greedy parameter
        api rest
        open GET /a/{rest+}
        closed GET /a/b
        ask GET /a/c/
        + GET/a/?*
        - GET/a/b
        - GET/a/b/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab
        ",
    );
}

#[test]
fn a_bound_parameter_is_one_of_the_values_in_each_spelling() {
    check(
        "
        # one of a list, of which others are no text or no segment
        member GET /teams/{id}
        ask GET /teams/red
        + GET/teams/blue
        + GET/teams/red
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aemst

        # of a REST API
        api rest
        member GET /teams/{id}
        ask GET /teams/red/
        + GET/teams/blue
        + GET/teams/blue/
        + GET/teams/red
        + GET/teams/red/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aemst

        # none of the list
        member GET /teams/{id}
        open GET /a
        ask GET /teams/7
        + GET/a
        + GET/teams/blue
        + GET/teams/red
        - GET/teams/7
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aemst

        # before another parameter, each with what lies deeper
        member GET /teams/{id}/{x}
        ask GET /teams/red/1
        + GET/teams/blue/*
        + GET/teams/red/*
        - GET/*/
        - GET/teams/blue/*/*
        - GET/teams/red/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aemst

        # an address, in another spelling than a policy has
        sub \u{e9}@example.com
        own GET /u/{id}
        ask GET /u/%c3%a9@example.com
        + GET/u/%C3%A9%40example.com
        + GET/u/%C3%A9@example.com
        + GET/u/%c3%a9@example.com
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled u

        # one of two alternatives
        either GET /users/{id}
        ask GET /users/ann
        + GET/users/ann
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled erus

        # one of two alternatives, and the other's paths
        either GET /users/{id}
        ask GET /users/bob
        + GET/users/ann
        - GET/users/bob
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled erus
        ",
    );
}
