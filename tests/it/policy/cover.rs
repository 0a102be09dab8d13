//! The rules of the choice: which resources a policy allows and denies. How a case is written, `text`
//! says.

use super::text::check;

#[test]
fn what_is_closed_is_denied_without_being_asked_for() {
    check(
        "
        # a literal, with and without a slash at its end
        open GET /a
        closed GET /b
        ask GET /a
        + GET/a
        - GET/*/
        - GET/b
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab

        # all that lies below a place at once
        open GET /a
        closed GET /b/{id}
        closed GET /b/{id}/c
        closed GET /b/{id}/d/{e}
        ask GET /a
        + GET/a
        - GET/b/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abcd

        # below a parameter, if something else is open below the place
        open GET /b/me
        closed GET /b/{id}/c
        closed GET /b/{id}/d/{e}
        ask GET /b/me
        + GET/b/me
        - GET/b/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled bcdem

        # one by one, where one is open below the place
        open GET /b/c
        closed GET /b/d
        closed GET /b/e
        closed GET /f/{g}
        ask GET /b/c
        + GET/b/c
        - GET/*/
        - GET/b/d
        - GET/b/e
        - GET/f/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled bcdef

        # once, below a parameter that is allowed too
        open GET /a/{x}
        open GET /a/{x}/d
        closed GET /a/{x}/c/{y}
        closed GET /a/{x}/c/{y}/w
        ask GET /a/1
        + GET/a/*
        + GET/a/*/d
        - GET/*/
        - GET/a/*/*/d
        - GET/a/*/c/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled acdw

        # unless an open literal would be hit
        open GET /users/me
        closed GET /users/{id}
        ask GET /users/me
        + GET/users/me
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled emrsu

        # unless one's own would be hit
        own GET /users/{id}/loans
        closed GET /users/{id}
        ask GET /users/ann/loans
        + GET/users/ann/loans
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aelnorsu

        # whatever one's own is, if it is not hit
        own GET /users/{id}
        closed GET /users/{id}/loans
        closed GET /users
        ask GET /users/ann
        + GET/users/ann
        - GET/*/
        - GET/users
        - GET/users/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aelnorsu
        ",
    );
}

#[test]
fn a_parameter_is_one_segment() {
    check(
        "
        # what lies deeper, and the parent with a slash, is denied
        open GET /books/{id}
        ask GET /books/1
        + GET/books/*
        - GET/*/
        - GET/books/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled bkos

        # a literal sibling that is shut
        open GET /books/{id}
        closed GET /books/new
        ask GET /books/1
        + GET/books/*
        - GET/*/
        - GET/books/*/*
        - GET/books/new
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled beknosw

        # a literal sibling that is open
        closed GET /books/{id}
        open GET /books/new
        ask GET /books/new
        + GET/books/new
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled beknosw

        # a deeper route that is shut
        open GET /books/{id}
        closed GET /books/{id}/loans
        ask GET /books/1
        + GET/books/*
        - GET/*/
        - GET/books/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abklnos

        # a deeper route that is open, so that what lies deeper cannot be denied
        open GET /books/{id}
        open GET /books/{id}/loans
        ask GET /books/1
        + GET/books/*
        + GET/books/*/loans
        - GET/*/
        - GET/books/*/*/loans
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abklnos

        # deeper routes, one open and one shut
        open GET /books/{id}
        open GET /books/{id}/loans
        closed GET /books/{id}/notes
        ask GET /books/1
        + GET/books/*
        + GET/books/*/loans
        - GET/*/
        - GET/books/*/*/loans
        - GET/books/*/notes
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abeklnost

        # a parameter in the middle
        open GET /a/{x}/b
        closed GET /a/c/b
        ask GET /a/1/b
        + GET/a/*/b
        - GET/*/
        - GET/a/*/*/b
        - GET/a/c/b
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abc

        # only what two patterns have in common is denied, if more would hit
        open GET /{x}/b
        closed GET /a/{y}
        open GET /a/c
        ask GET /1/b
        + GET/*/b
        + GET/a/c
        - GET/*/*/b
        - GET/a/b
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abc
        ",
    );
}

#[test]
fn a_greedy_parameter_is_the_rest() {
    check(
        "
        # alone
        open GET /files/{proxy+}
        ask GET /files/a/b
        + GET/files/*
        - GET/files/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled efils

        # a literal below it that is shut
        open GET /files/{proxy+}
        closed GET /files/a/b
        ask GET /files/a
        + GET/files/*
        - GET/files/
        - GET/files/a/b
        - GET/files/a/b/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abefils

        # shut, over a deeper route that is open
        closed GET /files/{proxy+}
        open GET /files/a/b
        ask GET /files/a/b
        + GET/files/a/b
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abefils

        # shut, under a parameter that is open
        closed GET /files/{proxy+}
        open GET /files/{id}
        ask GET /files/a
        + GET/files/*
        - GET/*/
        - GET/files/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled efils

        # a deeper greedy one that is shut
        open GET /{proxy+}
        closed GET /admin/{proxy+}
        ask GET /a
        + GET/*
        - GET/
        - GET/admin/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled adimn

        # a parameter that is shut costs what lies deeper too
        open GET /{proxy+}
        closed GET /a/{id}
        ask GET /b
        + GET/*
        - GET/
        - GET/a/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # unless that is what was asked for
        open GET /{proxy+}
        closed GET /a/{id}
        ask GET /a/b/c
        + GET/a/b/c
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a
        ",
    );
}

#[test]
fn any_stands_for_the_other_verbs() {
    check(
        "
        # the verbs are enumerated
        open ANY /a
        ask GET /a
        + DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT/a
        - spelled a

        # a verb of its own is shut
        open ANY /a
        closed DELETE /a
        ask GET /a
        + GET|HEAD|OPTIONS|PATCH|POST|PUT/a
        - DELETE/*
        - spelled a

        # a verb of its own is open
        closed ANY /a
        open GET /a
        ask GET /a
        + GET/a
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # ANY on a literal, that is shut, and a verb on a parameter
        open GET /{id}
        closed ANY /a
        ask GET /b
        + GET/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - GET/
        - GET/*/
        - GET/*/*
        - GET/a
        - spelled a

        # ANY on a literal and a verb on a parameter, that is shut
        closed GET /{id}
        open ANY /a
        ask PUT /a
        + DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT/a
        - GET/*
        - spelled a
        ",
    );
}

#[test]
fn what_two_routes_may_be_chosen_for_is_open_if_both_are() {
    check(
        "
        # the greedy one is shut
        closed GET /a/{proxy+}
        open GET /{x}/b
        ask GET /c/b
        + GET/*/b
        - GET/*/*/b
        - GET/a/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab

        # the full match is shut
        open GET /a/{proxy+}
        closed GET /{x}/b
        ask GET /a/c
        + GET/a/*
        - GET/a/
        - GET/a/b
        - GET/a/b/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab

        # both are open
        open GET /a/{proxy+}
        open GET /{x}/b
        ask GET /a/b
        + GET/*/b
        + GET/a/*
        - GET/a/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab

        # what they have in common has a route
        open GET /a/{proxy+}
        closed GET /{x}/b
        open GET /a/b
        ask GET /a/b
        + GET/a/*
        + GET/a/b
        - GET/a/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab
        ",
    );
}

#[test]
fn a_bound_parameter_is_the_claim() {
    check(
        "
        # alone
        own GET /users/{id}/loans
        ask GET /users/ann/loans
        + GET/users/ann/loans
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aelnorsu

        # somebody else's
        own GET /users/{id}/loans
        ask GET /users/bob/loans
        + GET/users/ann/loans
        - GET/users/bob/loans
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aelnorsu

        # before another parameter
        own GET /users/{id}/loans/{loan}
        ask GET /users/ann/loans/1
        + GET/users/ann/loans/*
        - GET/*/
        - GET/users/ann/loans/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aelnorsu

        # a literal that the claim could be is shut
        own GET /users/{id}
        closed GET /users/admin
        ask GET /users/ann
        + GET/users/ann
        - GET/*/
        - GET/users/admin
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled adeimnrsu

        # a literal that the claim is is shut
        own GET /users/{id}
        closed GET /users/ann
        ask GET /users/ann
        + GET/users/ann
        - GET/*/
        - GET/users/ann
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled aenrsu

        # the others' below a greedy parameter cannot be denied
        own GET /users/{id}
        open GET /{proxy+}
        ask GET /a
        + GET/a
        + GET/users/ann
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ersu

        # a greedy rest
        own ANY /users/{id}/{proxy+}
        closed ANY /{proxy+}
        ask PUT /users/ann/a/b
        + DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT/users/ann/*
        - DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT/users/ann/
        - spelled ersu
        ",
    );
}

#[test]
fn the_root_is_covered_by_a_lone_star() {
    check(
        "
        # alone
        open GET /
        ask GET /
        + GET/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled 

        # shut, beside a parameter
        open GET /{id}
        closed GET /
        ask GET /a
        + GET/*
        - GET/
        - GET/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled 

        # unknown, beside a parameter
        open GET /{id}
        ask GET /a
        + GET/*
        - GET/
        - GET/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled 

        # open, beside a greedy parameter
        open GET /{proxy+}
        open GET /
        ask GET /a
        + GET/
        + GET/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled 

        # open, beside parameters that are shut
        closed GET /{proxy+}
        open GET /
        ask GET /
        + GET/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled 

        # written without its slash
        open GET /
        ask GET 
        + GET
        + GET/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled 
        ",
    );
}

#[test]
fn a_slash_at_the_end_is_another_path() {
    check(
        "
        # of a literal
        open GET /a
        ask GET /a/
        + GET/a
        - GET/a/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # of what a greedy parameter takes
        open GET /a/{proxy+}
        ask GET /a/b/
        + GET/a/*
        - GET/a/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # of what a greedy parameter takes, though not without it
        open GET /a/{proxy+}
        closed GET /a/b
        ask GET /a/b/
        + GET/a/*
        - GET/a/
        - GET/a/b
        - GET/a/b/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab

        # of what a greedy parameter that is shut takes
        closed GET /a/{proxy+}
        open GET /a/b
        ask GET /a/b/
        + GET/a/b
        - GET/a/b/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled ab

        # a route that gets no other path
        open PUT /{x}
        open PUT /{x}/{y+}
        closed ANY /{z+}
        ask PUT /a/b
        + PUT/*/*
        - DELETE|GET|HEAD|OPTIONS|PATCH|POST/*
        - PUT/*/
        - spelled 

        # the same of one verb
        open GET /{x}
        open GET /{x}/{y+}
        closed GET /{z+}
        ask GET /a/b
        + GET/*/*
        - GET/*/
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled 
        ",
    );
}

#[test]
fn what_cannot_be_said_is_allowed_as_it_is_asked() {
    check(
        "
        # asked for
        open GET /a/{x}
        closed GET /a/{x}/{y}
        open GET /a/b/c/{z}
        ask GET /a/1
        + GET/a/1
        + GET/a/b/c/*
        - GET/*/
        - GET/a/b/c/*/*
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled abc
        ",
    );
}

#[test]
fn a_refused_request_is_denied_by_name() {
    check(
        "
        # beside what the token may call
        open GET /a
        closed POST /a
        ask POST /a
        + GET/a
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # no such route
        open GET /a
        ask GET /b
        + GET/a
        - GET/b
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # no such verb
        open GET /a
        ask TRACE /a
        + GET/a
        - TRACE/a
        - DELETE|HEAD|OPTIONS|PATCH|POST|PUT/*
        - spelled a

        # a token that may call nothing
        closed GET /a
        ask GET /a
        - *
        ",
    );
}
