//! `authz routes`: what an OpenAPI document becomes, and what it may not be.

mod bookshop;
mod documents;
mod files;
mod property;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use cognito_authorizer::claims::Claims;
use serde_json::json;

use crate::authz;
use crate::token::Token;

/// A configuration but for its routes.
const ISSUER: &str = "[[issuers]]\nuser_pool_id = \"eu-west-1_AbCdEf123\"\nclient_ids = \"any\"\n";

/// A folder for one test, below `target/`, that is gone after it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let at = COUNT.fetch_add(1, Ordering::Relaxed);
        let own = format!("routes-{}-{at}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(own);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a file and gives its full path.
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What `authz` said: its exit code, its output and what it warned of or complained about.
#[derive(Debug, PartialEq)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn said(arguments: &[&str]) -> Said {
    let output = authz(arguments);
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The document under this name, turned into routes.
fn routes_of(name: &str, document: &str) -> Said {
    let folder = Folder::new();
    folder.write(name, document);
    let keys = format!("openapi = \"{name}\"\nsecurity_scheme = \"tokens\"\n");
    let config = folder.write("authorizer.toml", &format!("{keys}{ISSUER}"));
    said(&["routes", "--config", &config])
}

/// The claims of a token with these scopes and groups, about `sub`.
fn claims(scopes: &[&str], groups: &[&str], sub: &str) -> Claims {
    let token = Token::access()
        .claim("scope", scopes.join(" "))
        .claim("cognito:groups", json!(groups))
        .claim("sub", sub);
    crate::claims::claims(token)
}
