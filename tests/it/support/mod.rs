//! What the tests share: keys, tokens, key sets that need no network, authorizers, servers on
//! loopback.

pub(crate) mod authorizer;
pub(crate) mod claims;
pub(crate) mod keys;
pub(crate) mod runtime_api;
pub(crate) mod scratch;
pub(crate) mod server;
pub(crate) mod token;

/// An asynchronous runtime on this thread.
pub(crate) fn local() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}
