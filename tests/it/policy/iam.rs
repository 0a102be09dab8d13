//! An evaluator of IAM policies, written from IAM's documentation alone: "IAM JSON policy
//! elements: Resource" and "Policy evaluation logic". It knows nothing of routes or paths.

use serde_json::Value;

/// What a policy says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evaluation {
    Allow,
    ExplicitDeny,
    ImplicitDeny,
}

/// The statements of a policy document, read strictly.
pub(crate) struct Policy {
    allow: Vec<String>,
    deny: Vec<String>,
}

impl Policy {
    /// Reads what the authorizer answers. Whatever API Gateway might not take is an error: other
    /// members, nulls, an empty list, a statement that could be merged with another, a resource
    /// that stands twice.
    #[track_caller]
    pub(crate) fn read(document: &Value) -> Self {
        let mut policy = Self {
            allow: Vec::new(),
            deny: Vec::new(),
        };
        assert_eq!(document["Version"], "2012-10-17");
        assert_eq!(document.as_object().unwrap().len(), 2, "{document}");
        for statement in document["Statement"].as_array().unwrap() {
            assert_eq!(statement.as_object().unwrap().len(), 3, "{statement}");
            assert_eq!(statement["Action"][0], "execute-api:Invoke");
            let list = match statement["Effect"].as_str().unwrap() {
                "Allow" => &mut policy.allow,
                "Deny" => &mut policy.deny,
                other => panic!("effect {other}"),
            };
            assert!(list.is_empty(), "two statements of one effect: {document}");
            let resources = statement["Resource"].as_array().unwrap().iter();
            list.extend(resources.map(|entry| entry.as_str().unwrap().to_owned()));
            assert!(!list.is_empty(), "a statement without a resource");
            let in_order = list.is_sorted_by(|earlier, later| earlier < later);
            assert!(in_order, "resources twice or out of order: {document}");
        }
        assert!(
            !policy.allow.is_empty() || !policy.deny.is_empty(),
            "a policy without a statement"
        );
        policy
    }

    /// Whether one resource is all that it names, and that no wildcard.
    pub(super) fn is_of_one_request(&self) -> bool {
        let mut all = self.allow.iter().chain(&self.deny);
        all.next().is_some_and(|own| !own.contains('*')) && all.next().is_none()
    }

    /// How many characters its resources have.
    pub(super) fn chars(&self) -> usize {
        let all = self.allow.iter().chain(&self.deny);
        all.map(|own| own.len() + 3).sum()
    }

    /// An explicit Deny wins over every Allow; without an Allow there is an implicit Deny.
    pub(crate) fn evaluate(&self, arn: &str) -> Evaluation {
        let hit = |list: &[String]| list.iter().any(|resource| matches(resource, arn));
        if hit(&self.deny) {
            Evaluation::ExplicitDeny
        } else if hit(&self.allow) {
            Evaluation::Allow
        } else {
            Evaluation::ImplicitDeny
        }
    }
}

/// `*` stands for any characters, `/` among them, and for none; `?` for exactly one.
fn matches(pattern: &str, text: &str) -> bool {
    let literal = pattern.find(['*', '?']).unwrap_or(pattern.len());
    let Some(text) = text.strip_prefix(&pattern[..literal]) else {
        return false;
    };
    let (pattern, text) = (&pattern.as_bytes()[literal..], text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            p = star_p + 1;
            t = star_t + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[test]
fn wildcards_are_those_of_iam() {
    for (pattern, text, expected) in [
        ("a/b", "a/b", true),
        ("a/b", "a/b/", false),
        ("a/b", "a/B", false),
        ("a/*", "a/b", true),
        ("a/*", "a/b/c", true),
        ("a/*", "a/", true),
        ("a/*", "a", false),
        ("a/*/c", "a/b/c", true),
        ("a/*/c", "a/b/x/c", true),
        ("a/*/c", "a//c", true),
        ("a/*/c", "a/c", false),
        ("a/*/c", "a/b/c/d", false),
        ("*b*", "abab", true),
        ("*b*c", "abacb", false),
        ("*", "", true),
        ("?", "", false),
        ("a?c", "abc", true),
        ("a?c", "a/c", true),
        ("a?c", "ac", false),
        ("a.c", "abc", false),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}
