//! The files around the program that must agree with it.

use std::path::Path;

/// The rest of a line of `file` that begins with `key`, without quotes.
#[track_caller]
fn value(file: &str, key: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    let values: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(key))
        .map(|value| value.trim().trim_matches('"'))
        .collect();
    assert_eq!(values.len(), 1, "{file}: {key}");
    values[0].to_owned()
}

#[test]
fn all_files_name_one_version() {
    for (file, key) in [
        ("template.yaml", "SemanticVersion:"),
        ("authz/Cargo.toml", "version ="),
    ] {
        assert_eq!(value(file, key), env!("CARGO_PKG_VERSION"), "{file}");
    }
}

/// `cargo lambda build` overrides what the profile leaves open; most of all it would let a panic
/// end the environment.
#[test]
fn the_profile_leaves_nothing_open() {
    let manifest: toml::Table = toml::from_str(include_str!("../../Cargo.toml")).unwrap();
    let release = &manifest["profile"]["release"];
    assert_eq!(release["lto"].as_str(), Some("fat"));
    assert_eq!(release["codegen-units"].as_integer(), Some(1));
    assert_eq!(release["panic"].as_str(), Some("unwind"));
    assert_eq!(release["strip"].as_bool(), Some(true));
}
