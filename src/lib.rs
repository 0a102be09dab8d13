//! A strict AWS Lambda authorizer for Amazon API Gateway.
//!
//! One request takes eight steps, a module each:
//!
//! 1. [`event`]: the JSON event becomes an [`event::AuthorizationRequest`].
//! 2. [`token`]: its credential becomes a [`token::UnverifiedToken`], a strict compact JWS.
//! 3. [`authorizer`]: the unverified `iss` selects one of the configured issuers, by equality.
//! 4. [`jwks`]: the `kid` selects a [`jwks::VerificationKey`] of that issuer, cached or fetched.
//! 5. [`signature`]: the signature makes it a [`signature::VerifiedPayload`].
//! 6. [`claims`]: time, type, client and audience make it [`claims::Claims`].
//! 7. [`decision`]: the route table ([`route`]) and the claims give a [`decision::Decision`].
//! 8. [`reply`]: an IAM policy for the whole API ([`policy`]) and a [`context`].
//!
//! The types have private fields and one constructor each, so no step can be left out. The core
//! knows no clock, network, file or environment: [`time::Timestamp`]s are passed in, and keys
//! come through [`jwks::fetch::FetchJwks`]. Every refusal has one [`reason::DenyReason`].

pub mod authorizer;
pub mod claims;
pub mod config;
pub mod context;
pub mod decision;
pub mod event;
mod json;
pub mod jwks;
pub mod policy;
pub mod reason;
pub mod reply;
pub mod route;
pub mod scope;
pub mod signature;
pub mod time;
pub mod token;
pub mod verdict;

pub use self::authorizer::Authorizer;
pub use self::config::Config;
