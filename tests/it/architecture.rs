//! The invariants of ARCHITECTURE.md that can be read off the source.

use std::fs;
use std::path::{Path, PathBuf};

/// What every module of the core may use from outside.
const CORE: [&str; 7] = [
    "std",
    "crate",
    "self",
    "serde",
    "serde_json",
    "base64",
    "thiserror",
];

/// What a module may use beyond that.
const BEYOND: [(&str, &[&str]); 15] = [
    ("authorizer.rs", &["futures_util"]),
    ("config.rs", &["toml"]),
    ("config/from.rs", &["toml"]),
    ("config/route.rs", &["toml"]),
    ("config/environment.rs", &["toml"]),
    ("config/reader.rs", &["strsim", "toml"]),
    ("config/reader/tables.rs", &["toml"]),
    ("config/shown.rs", &["toml"]),
    ("jwks/fetch.rs", &["once_cell", "reqwest", "rustls"]),
    ("jwks/source.rs", &["tokio"]),
    ("jwks/task.rs", &["tokio"]),
    ("jwks/uri.rs", &["url"]),
    (
        "main.rs",
        &[
            "cognito_authorizer",
            "lambda_runtime",
            "tracing",
            "tracing_subscriber",
        ],
    ),
    ("policy/document.rs", &["aws_lambda_events"]),
    ("public_key.rs", &["jsonwebtoken"]),
];

/// Paths that are written out in the code instead of being imported, and who may write them.
const WRITTEN_OUT: [(&str, &[&str]); 17] = [
    ("tokio::", &["jwks/source.rs", "jwks/task.rs", "main.rs"]),
    ("tokio::time", &["jwks/task.rs", "main.rs"]),
    ("tokio::runtime", &["jwks/task.rs", "main.rs"]),
    ("tracing::", &["authorizer.rs", "jwks/source.rs", "main.rs"]),
    ("reqwest::", &["jwks/fetch.rs"]),
    ("url::", &["jwks/uri.rs"]),
    ("webpki_roots::", &["jwks/fetch.rs"]),
    ("rustls::", &["jwks/fetch.rs"]),
    ("aws_lc_rs::", &["jwks/fetch.rs"]),
    ("jsonwebtoken::", &["public_key.rs"]),
    ("lambda_runtime::", &["main.rs"]),
    ("futures_util::", &["authorizer.rs"]),
    ("std::env::", &["main.rs"]),
    ("std::fs::", &["main.rs"]),
    ("std::net::", &[]),
    ("SystemTime", &["main.rs"]),
    ("Instant", &["jwks/task.rs", "main.rs"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open: Vec<PathBuf> = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            sources.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(sources.len() > 20, "the sources were not found");
    sources
}

#[test]
fn each_module_imports_only_what_it_may() {
    for (name, text) in sources() {
        let beyond = BEYOND
            .iter()
            .find(|(module, _)| *module == name)
            .map_or(&[][..], |row| row.1);
        for line in text.lines() {
            let line = line.trim_start();
            let Some(import) = line.strip_prefix("use ").or(line.strip_prefix("pub use ")) else {
                continue;
            };
            let root = import.split([':', ';', ' ']).next().unwrap();
            assert!(
                CORE.contains(&root) || beyond.contains(&root),
                "{name}: {line}"
            );
        }
    }
}

#[test]
fn the_core_reads_no_clock_environment_file_or_network() {
    for (name, text) in sources() {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for (path, allowed) in WRITTEN_OUT {
                let used = line.contains(path) && !allowed.contains(&name.as_str());
                assert!(!used, "{name} must not use `{path}`: {line}");
            }
        }
    }
}

#[test]
fn no_file_is_longer_than_a_reader_bears() {
    for (name, text) in sources() {
        assert!(
            text.lines().count() <= 420,
            "{name} is too long to be one idea"
        );
    }
}
