//! A strict AWS Lambda authorizer for Amazon API Gateway.
//!
//! One request takes eight steps, a module each:
//!
//! 1. [`event`]: the JSON event becomes an [`event::AuthorizationRequest`].
//! 2. [`token`]: its credential becomes a [`token::UnverifiedToken`], a strict compact JWS.
//! 3. [`authorizer`]: the unverified `iss` selects one of the configured issuers, by equality.
//! 4. [`jwks`]: the `kid` selects the [`jwks::KeysOfKid`] of that issuer, cached or fetched.
//! 5. [`signature`]: the signature makes it a [`signature::VerifiedPayload`].
//! 6. [`claims`]: time, type, client and audience make it [`claims::Claims`].
//! 7. [`decision`]: the route table ([`route`]) and the claims give a [`decision::Decision`].
//! 8. [`reply`]: an IAM policy for the whole API ([`policy`]) and a [`context`].
//!
//! [`Authorizer::authorize`] walks them. With the keys at hand it needs no network:
//!
//! ```
//! use std::time::Duration;
//!
//! use cognito_authorizer::jwks::fetch::HttpFetcher;
//! use cognito_authorizer::time::Timestamp;
//! use cognito_authorizer::verdict::Answer;
//! use cognito_authorizer::{Authorizer, Config};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::from_toml(
//!     r#"
//!     [[issuers]]
//!     user_pool_id = "eu-west-1_AbCdEf123"
//!     client_ids = ["1example23456789clientid"]
//!     jwks_file = "jwks.json"
//!     jwks_refresh = "never"
//!
//!     [[routes]]
//!     route = "GET /books"
//!     scopes = ["books/read"]
//!     "#,
//! )?;
//! let jwks = std::fs::read("events/jwks.json")?;
//! let fetcher = HttpFetcher::new(Duration::from_secs(3)); // has nothing to do
//! let authorizer = Authorizer::new(config, fetcher, |_file| Ok(jwks.clone()))?;
//!
//! let event = std::fs::read_to_string("events/rest-token-allowed.json")?;
//! let now = Timestamp::from_seconds(1_800_000_000);
//! let verdict = authorizer.authorize(&event, now).await;
//!
//! assert_eq!(verdict.reason(), None);
//! let Answer::Reply(policy) = verdict.into_answer() else {
//!     panic!("no policy");
//! };
//! assert!(serde_json::to_string(&policy)?.contains(r#""Effect":"Allow""#));
//! # Ok(())
//! # }
//! ```
//!
//! The types have private fields, and only their step makes them, so none can be left out. The core
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
mod percent;
pub mod policy;
pub mod public_key;
pub mod reason;
pub mod refusal;
pub mod reply;
pub mod route;
pub mod scope;
pub mod signature;
pub mod time;
pub mod token;
pub mod verdict;

pub use self::authorizer::Authorizer;
pub use self::config::Config;
