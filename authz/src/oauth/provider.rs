//! The authorization server: who it is and where its endpoints are.

use std::time::Duration;

use clap::Args;
use cognito_authorizer::config::pool_issuers;
use oauth2::http::Request;
use oauth2::url::Url;
use oauth2::{AuthUrl, ClientId, TokenUrl};
use serde::Deserialize;

use crate::oauth::http::{Http, HttpError};
use crate::oauth::origin::Origin;
use crate::oauth::quote::quote;
use crate::oauth::url::server_url;

/// Which authorization server is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Authorization server")]
pub(crate) struct Provider {
    /// The issuer; its endpoints are read from its OpenID discovery document.
    #[arg(long, value_name = "URL", value_parser = issuer)]
    issuer: Option<String>,

    /// The user pool of Amazon Cognito that is the issuer.
    #[arg(long, value_name = "ID", value_parser = pool, conflicts_with = "issuer")]
    user_pool_id: Option<String>,

    /// The user pool's domain, such as `https://books.auth.eu-west-1.amazoncognito.com`.
    ///
    /// Cognito's endpoints there are used, and no discovery document is read.
    #[arg(long, value_name = "URL", value_parser = server_url)]
    domain: Option<Url>,

    /// The discovery document, if it is not where the issuer's is expected.
    #[arg(long, value_name = "URL", value_parser = server_url, conflicts_with = "domain")]
    discovery_url: Option<Url>,

    /// The endpoint that signs people in, instead of the one found.
    #[arg(long, value_name = "URL", value_parser = server_url)]
    authorization_endpoint: Option<Url>,

    /// The endpoint that gives tokens, instead of the one found.
    #[arg(long, value_name = "URL", value_parser = server_url)]
    token_endpoint: Option<Url>,

    /// The endpoint that revokes tokens, instead of the one found.
    #[arg(long, value_name = "URL", value_parser = server_url)]
    revocation_endpoint: Option<Url>,

    /// How long an answer of the server may take.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=600))]
    request_timeout: u64,
}

/// What is known of the authorization server.
#[derive(Debug)]
pub(crate) struct Server {
    /// What its tokens and redirects must say, if an issuer was named.
    pub(crate) issuer: Option<String>,
    /// Whether it says who it is in every redirect (RFC 9207, section 3).
    pub(crate) always_sends_iss: bool,
    authorization: Option<Url>,
    token: Option<Url>,
    revocation: Option<Url>,
}

/// Why an endpoint is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("the discovery document `{0}` cannot be read: {1}")]
    Discovery(Url, HttpError),
    #[error("`{0}` is no discovery document ({1}); check the issuer, or name --domain")]
    Document(Url, String),
    #[error(
        "the discovery document is of the issuer `{found}`, not of `{wanted}`; name that issuer, character by character"
    )]
    Issuer { wanted: String, found: String },
    #[error("the discovery document's `{0}` is no URL that may be used: it must be https")]
    Endpoint(&'static str),
    #[error("the file of tokens has a `{0}` that may not be used: it must be https")]
    Stored(&'static str),
    #[error("the server is not known; name --issuer, --user-pool-id, --domain or --{0}")]
    NoServer(&'static str),
    #[error(
        "the issuer's discovery document names no `{0}`; name --domain, or the endpoint itself if there is one"
    )]
    NoEndpoint(&'static str),
}

/// The members of a discovery document that matter here (OpenID Connect Discovery 1.0, section 3;
/// RFC 8414, section 2).
#[derive(Default, Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Provider {
    pub(crate) fn http(&self) -> Http {
        Http::new(Duration::from_secs(self.request_timeout))
    }

    /// Finds the endpoints as [`Self::server`] does, and where no server was named, those that the
    /// tokens came from.
    pub(crate) async fn server_of(
        &self,
        http: &Http,
        origin: &Origin,
    ) -> Result<Server, ProviderError> {
        let mut server = self.server(http).await?;
        if self.domain.is_some() || server.issuer.is_some() {
            return Ok(server);
        }
        let stored = |url: &Option<Url>, name| match url {
            None => Ok(None),
            Some(url) => server_url(url.as_str())
                .map(Some)
                .map_err(|_| ProviderError::Stored(name)),
        };
        server.issuer.clone_from(&origin.issuer);
        if server.token.is_none() {
            server.token = stored(&origin.token_endpoint, "token_endpoint")?;
        }
        if server.revocation.is_none() {
            server.revocation = stored(&origin.revocation_endpoint, "revocation_endpoint")?;
        }
        Ok(server)
    }

    /// Finds the endpoints: those that were named, then those of the domain or of the issuer's
    /// discovery document.
    pub(crate) async fn server(&self, http: &Http) -> Result<Server, ProviderError> {
        let issuer = self.issuer.clone().or_else(|| self.user_pool_id.clone());
        let found = match (&self.domain, &issuer) {
            (Some(domain), _) => of_domain(domain),
            (None, Some(issuer)) => self.discover(issuer, http).await?,
            (None, None) => Document::default(),
        };
        let either = |named: &Option<Url>, found: Option<String>, name| match (named, found) {
            (Some(url), _) => Ok(Some(url.clone())),
            (None, Some(text)) => server_url(&text)
                .map(Some)
                .map_err(|_| ProviderError::Endpoint(name)),
            (None, None) => Ok(None),
        };
        Ok(Server {
            issuer,
            always_sends_iss: found.authorization_response_iss_parameter_supported,
            authorization: either(
                &self.authorization_endpoint,
                found.authorization_endpoint,
                "authorization_endpoint",
            )?,
            token: either(&self.token_endpoint, found.token_endpoint, "token_endpoint")?,
            revocation: either(
                &self.revocation_endpoint,
                found.revocation_endpoint,
                "revocation_endpoint",
            )?,
        })
    }

    /// Reads the discovery document, which must be the issuer's own (OpenID Connect Discovery 1.0,
    /// section 4.3).
    async fn discover(&self, issuer: &str, http: &Http) -> Result<Document, ProviderError> {
        let place = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let url = match &self.discovery_url {
            Some(url) => url.clone(),
            None => server_url(&place).map_err(|_| ProviderError::Endpoint("issuer"))?,
        };
        let not_read = |error| ProviderError::Discovery(url.clone(), error);
        let request = Request::get(url.as_str())
            .body(Vec::new())
            .map_err(|error| not_read(HttpError::Client(error.to_string())))?;
        let answer = http.send(request).await.map_err(not_read)?;
        let document: Document = serde_json::from_slice(answer.body())
            .map_err(|error| ProviderError::Document(url, quote(&error.to_string())))?;
        if document.issuer != issuer {
            return Err(ProviderError::Issuer {
                wanted: issuer.to_owned(),
                found: quote(&document.issuer),
            });
        }
        Ok(document)
    }
}

impl Server {
    /// What is kept beside tokens of this server.
    pub(crate) fn origin(&self, client: &ClientId) -> Origin {
        Origin {
            client_id: Some(client.to_string()),
            issuer: self.issuer.clone(),
            token_endpoint: self.token.clone(),
            revocation_endpoint: self.revocation.clone(),
        }
    }

    pub(crate) fn authorization(&self) -> Result<AuthUrl, ProviderError> {
        let url = self.known(
            &self.authorization,
            "authorization_endpoint",
            "authorization-endpoint",
        );
        url.map(AuthUrl::from_url)
    }

    pub(crate) fn token(&self) -> Result<TokenUrl, ProviderError> {
        let url = self.known(&self.token, "token_endpoint", "token-endpoint");
        url.map(TokenUrl::from_url)
    }

    pub(crate) fn revocation(&self) -> Result<Url, ProviderError> {
        self.known(
            &self.revocation,
            "revocation_endpoint",
            "revocation-endpoint",
        )
    }

    fn known(
        &self,
        endpoint: &Option<Url>,
        name: &'static str,
        option: &'static str,
    ) -> Result<Url, ProviderError> {
        match (endpoint, &self.issuer) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(_)) => Err(ProviderError::NoEndpoint(name)),
            (None, None) => Err(ProviderError::NoServer(option)),
        }
    }
}

/// Where the endpoints of a user pool's domain are ("User pool endpoints and managed login
/// reference", Amazon Cognito developer guide).
fn of_domain(domain: &Url) -> Document {
    let at = |path: &str| {
        Some(format!(
            "{}/oauth2/{path}",
            domain.as_str().trim_end_matches('/')
        ))
    };
    Document {
        authorization_endpoint: at("authorize"),
        token_endpoint: at("token"),
        revocation_endpoint: at("revoke"),
        ..Document::default()
    }
}

/// An issuer is kept as it was written: it is compared character by character.
fn issuer(text: &str) -> Result<String, String> {
    server_url(text).map(|_| text.to_owned())
}

fn pool(id: &str) -> Result<String, String> {
    let [original, _updated] =
        pool_issuers(id).ok_or("not a user pool id; write it as in eu-west-1_AbCdEf123")?;
    Ok(original)
}
