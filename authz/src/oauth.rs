//! What `login`, `token`, `refresh` and `revoke` share: an OAuth 2.0 client (RFC 6749) of the
//! issuer whose tokens the authorizer verifies.

pub(crate) mod answer;
pub(crate) mod app;
pub(crate) mod http;
pub(crate) mod id_token;
pub(crate) mod origin;
pub(crate) mod provider;
pub(crate) mod quote;
pub(crate) mod redirect;
pub(crate) mod store;
pub(crate) mod url;

use std::error::Error;
use std::process::ExitCode;

/// Runs a command that talks to others, on this thread.
pub(crate) fn on_runtime(
    work: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<ExitCode, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)?;
    Ok(ExitCode::SUCCESS)
}
