//! Method ARNs: the one part of an event that ends up in a policy.

use cognito_authorizer::event::MethodArn;
use cognito_authorizer::reason::DenyReason::{self, InvalidEvent, InvalidPath};

use crate::support::authorizer::STAGE;

#[test]
fn an_arn_falls_into_its_parts() {
    // The ARN, its stage, verb and path.
    let stage = |arn: &str| arn.to_owned();
    let rows = [
        ("/GET/books/1", STAGE, "GET", "books/1"),
        ("/GET/", STAGE, "GET", ""),
        ("/GET", STAGE, "GET", ""),
        ("/DELETE/a:b/c:d:e", STAGE, "DELETE", "a:b/c:d:e"),
        ("/PATCH/books/", STAGE, "PATCH", "books/"),
        ("/GET/a/prod/GET/b", STAGE, "GET", "a/prod/GET/b"),
        (
            "/GET/arn:aws:execute-api:x",
            STAGE,
            "GET",
            "arn:aws:execute-api:x",
        ),
        (
            "/GET/caf\u{e9}/\u{1f4d6}",
            STAGE,
            "GET",
            "caf\u{e9}/\u{1f4d6}",
        ),
        ("/GET/caf%C3%A9", STAGE, "GET", "caf%C3%A9"),
    ]
    .map(|(rest, own, verb, path)| (format!("{own}{rest}"), stage(own), verb, path));
    let stages = [
        "arn:aws:execute-api:us-east-1:123456789012:ymy8tbxw7b/prod",
        "arn:aws-cn:execute-api:cn-north-1:123456789012:ymy8tbxw7b/prod",
        "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:ymy8tbxw7b/prod",
        "arn:aws:execute-api:us-east-1:123456789012:abcdef123/$default",
        "arn:aws:execute-api:us-east-1:123456789012:abcdef123/ESTestInvoke-stage",
        "arn:aws:execute-api:us-east-1:123456789012:abcdef123/v1_2",
    ]
    .map(|own| (format!("{own}/GET/a"), stage(own), "GET", "a"));
    for (text, stage, verb, path) in rows.into_iter().chain(stages) {
        let arn = MethodArn::parse(&text).unwrap_or_else(|reason| panic!("{reason}: {text}"));
        assert_eq!(arn.as_str(), text);
        assert_eq!(arn.stage_arn(), stage, "{text}");
        assert_eq!(arn.verb(), verb, "{text}");
        let path_text = format!("{:?}", arn.path());
        assert_eq!(path_text, format!("RequestPath({path:?})"), "{text}");
    }
}

#[test]
fn what_is_no_method_arn_is_refused() {
    for text in [
        "",
        "arn",
        "arn:aws:execute-api",
        "arn:aws:execute-api:us-east-1:123456789012",
        "arn:aws:execute-api:us-east-1:123456789012:",
        "arn:aws:execute-api:us-east-1:123456789012:api",
        "arn:aws:execute-api:us-east-1:123456789012:api/stage",
        "arn:aws:execute-api:us-east-1:123456789012:api/stage/",
        "arn:aws:execute-api:us-east-1:123456789012:api//GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:/stage/GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:api/stage//a",
        "arn:aws:execute-api:us-east-1::api/stage/GET/a",
        "arn:aws:execute-api::123456789012:api/stage/GET/a",
        "arn::execute-api:us-east-1:123456789012:api/stage/GET/a",
        "ARN:aws:execute-api:us-east-1:123456789012:api/stage/GET/a",
        " arn:aws:execute-api:us-east-1:123456789012:api/stage/GET/a",
        "arn:aws:lambda:us-east-1:123456789012:api/stage/GET/a",
        "arn:aws:Execute-Api:us-east-1:123456789012:api/stage/GET/a",
        "arn:aws:execute-api:*:123456789012:api/stage/GET/a",
        "arn:*:execute-api:us-east-1:123456789012:api/stage/GET/a",
        "arn:aws:execute-api:us-east-1:*:api/stage/GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:*/stage/GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:api/*/GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:api/st?ge/GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:api/$prod/GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:api/${a}/GET/a",
        "arn:aws:execute-api:us-east-1:123456789012:api/st\u{e4}ge/GET/a",
        "https://api.example/stage/GET/a",
    ] {
        assert_eq!(MethodArn::parse(text), Err(InvalidEvent), "{text}");
    }
}

/// A client chooses the method, and may choose one that is called as a route key is.
#[test]
fn a_route_key_before_a_path_is_an_odd_method() {
    for rest in ["$connect/", "$connect/a", "$default/a", "$disconnect/a"] {
        let text = format!("arn:aws:execute-api:us-east-1:123456789012:api/stage/{rest}");
        assert_eq!(MethodArn::parse(&text), Err(InvalidPath), "{rest}");
    }
}

#[test]
fn a_path_that_can_be_read_in_two_ways_is_refused() {
    let refused: Result<(), DenyReason> = Err(InvalidPath);
    let taken: Result<(), DenyReason> = Ok(());
    let rows = [
        ("wildcard", "a/*", refused),
        ("wildcard in a word", "a*b", refused),
        ("single wildcard", "a/?", refused),
        ("policy variable", "a/${aws:username}", refused),
        ("a lone dollar", "a/$b", taken),
        ("a lone brace", "a/{b}", taken),
        ("dollar and encoded brace", "a/$%7Bb}", refused),
        ("encoded dollar and brace", "a/%24{b}", refused),
        ("two slashes", "a//b", refused),
        ("slash at the start", "/a", refused),
        ("slashes at the end", "a//", refused),
        ("slash at the end", "a/", taken),
        ("a dot segment", "a/./b", refused),
        ("two dots", "a/../b", refused),
        ("two dots at the end", "a/..", refused),
        ("a dot alone", ".", refused),
        ("dots in a word", "a/..b/c...", taken),
        ("three dots", "a/.../b", taken),
        ("backslash", "a\\b", refused),
        ("NUL", "a\0b", refused),
        ("newline", "a\nb", refused),
        ("DEL", "a\u{7f}", refused),
        ("C1 control", "a\u{85}", refused),
        ("encoded slash", "a%2Fb", refused),
        ("encoded slash in small letters", "a%2fb", refused),
        ("encoded dot", "a/%2E%2E/b", refused),
        ("half-encoded dots", "a/.%2e/b", refused),
        ("encoded dot in a word", "a%2Ejson", refused),
        ("encoded wildcard", "a/%2A", refused),
        ("encoded single wildcard", "a%3Fb", refused),
        ("encoded backslash", "a%5Cb", refused),
        ("encoded NUL", "a%00b", refused),
        ("encoded newline", "a%0Ab", refused),
        ("encoded DEL", "a%7F", refused),
        ("encoded C1 control", "a%C2%85", refused),
        ("half of an encoding", "a%", refused),
        ("half of an encoding", "a%4", refused),
        ("no hex digits", "a%zz", refused),
        ("a sign for a digit", "a%+1", refused),
        ("overlong slash", "a%C0%AFb", refused),
        ("bad UTF-8", "a%FF", refused),
        ("lone surrogate", "a%ED%A0%80", refused),
        ("encoded slash, encoded again", "a%252Fb", refused),
        ("encoded dots, encoded again", "a/%252e%252e/b", refused),
        ("any encoding, encoded again", "a%2541", refused),
        ("an encoding pieced together", "a%2%35%46", refused),
        ("an encoding made of encodings", "a%25%32%46", refused),
        ("an encoded per cent sign", "100%25", taken),
        ("an encoded per cent sign and more", "100%25%20off", taken),
        ("an encoded letter", "%61", refused),
        ("an encoded digit", "a%31", refused),
        ("an encoded hyphen", "a%2Db", refused),
        ("an encoded underscore", "a%5fb", refused),
        ("an encoded tilde", "%7Eann", refused),
        ("an encoded blank", "a%20b", taken),
        ("a blank", "a b", taken),
        ("a plus", "a+b", taken),
        ("semicolon", "a;b=c", taken),
        ("encoded colon", "a%3Ab", taken),
        ("letters beyond ASCII", "\u{4e66}", taken),
        ("encoded letters beyond ASCII", "%E4%B9%A6", taken),
        ("full-width slash", "a\u{ff0f}b", taken),
    ];
    for (case, path, expected) in rows {
        let arn = MethodArn::parse(&format!("{STAGE}/GET/{path}"));
        assert_eq!(arn.map(|_| ()), expected, "{case}: {path}");
    }
}

#[test]
fn an_arn_has_at_most_1600_bytes() {
    let start = format!("{STAGE}/GET/");
    let of_length = |length: usize| format!("{start}{}", "a".repeat(length - start.len()));
    assert!(MethodArn::parse(&of_length(1600)).is_ok());
    assert_eq!(MethodArn::parse(&of_length(1601)), Err(InvalidPath));
    assert_eq!(MethodArn::parse(&of_length(100_000)), Err(InvalidPath));
    let wide = format!("{}\u{e9}", of_length(1599));
    assert_eq!(wide.chars().count(), 1600);
    assert_eq!(MethodArn::parse(&wide), Err(InvalidPath));
}

/// The method is the client's to choose, as the path is: no choice of it is a broken event.
#[test]
fn any_method_is_a_clients() {
    for verb in [
        "FOO_BAR",
        "X.Y",
        "Query.books",
        "get",
        "a!#%&'+-.^_`|~",
        "G%45T",
    ] {
        let arn = MethodArn::parse(&format!("{STAGE}/{verb}/a")).unwrap();
        assert_eq!(arn.verb(), verb);
    }
    for verb in [
        "*",
        "G*T",
        "${a}",
        "$disconnect",
        "$Default",
        "G?T",
        "G T",
        "G\u{e4}T",
        "G\tT",
    ] {
        let parsed = MethodArn::parse(&format!("{STAGE}/{verb}/a"));
        assert_eq!(parsed, Err(InvalidPath), "{verb}");
    }
}
