//! Fetches an issuer's key set, checks it as the authorizer would, and writes it to a file for
//! `jwks_file`. Nothing is written unless every check passes.
//!
//! ```text
//! cargo run --release --example fetch_jwks -- JWKS_URI FILE
//! ```

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use cognito_authorizer::jwks::Jwks;
use cognito_authorizer::jwks::fetch::{FetchJwks, HttpFetcher};
use cognito_authorizer::jwks::uri::JwksUri;

/// Longer than the authorizer's own limit: nobody's request waits for this one.
const TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [uri, file] = arguments.as_slice() else {
        eprintln!("usage: fetch_jwks JWKS_URI FILE");
        return ExitCode::from(2);
    };
    match fetch(uri, Path::new(file)).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("`{file}` was not written: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Fetches, checks and writes; says which keys can be used and which cannot.
async fn fetch(uri: &str, file: &Path) -> Result<String, String> {
    let uri = JwksUri::parse(uri).ok_or_else(|| format!("`{uri}` is not an https URI"))?;
    let fetcher = HttpFetcher::new(TIMEOUT);
    let document = fetcher
        .fetch(&uri)
        .await
        .map_err(|error| format!("`{uri}`: {error}"))?;
    let jwks = Jwks::parse(&document).map_err(|error| format!("`{uri}`: {error}"))?;
    write_whole(file, &document).map_err(|error| error.to_string())?;
    let mut kids: Vec<&str> = jwks.kids().collect();
    kids.sort_unstable();
    let mut report = format!(
        "the keys in {} that can be used: {}",
        file.display(),
        kids.join(", ")
    );
    for key in jwks.skipped() {
        report.push_str(&format!("\nnot used: {key}"));
    }
    Ok(report)
}

/// Writes beside the file first, so that a reader never sees half of it.
fn write_whole(file: &Path, document: &[u8]) -> std::io::Result<()> {
    let beside = file.with_extension("part");
    let mut part = std::fs::File::create(&beside)?;
    part.write_all(document)?;
    part.sync_all()?;
    std::fs::rename(&beside, file)
}
