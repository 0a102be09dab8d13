//! The tests that see the project from outside: its public API, its binary, its files.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that goes wrong should stop at once, and say where"
)]

mod apis;
mod architecture;
mod attacks;
mod binary;
mod cache;
mod claims_from;
mod config;
mod context;
mod decision;
mod documents;
mod event;
mod fetch;
mod flow;
mod http_apis;
mod issuers;
mod layers;
mod log_line;
mod packaging;
mod policy;
mod properties;
mod replay;
mod requirements;
mod route_rules;
mod routes;
mod samples;
mod support;
mod vectors;
