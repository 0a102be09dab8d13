//! Where an issuer's key set is: a URI of the configuration, read once.

use std::fmt;

use url::Url;

/// The hosts that plain http may be spoken to: this very machine, also from inside a container, and
/// the name of a LocalStack, which resolves to it from inside its containers and to this machine
/// elsewhere.
const LOCAL_HOSTS: [&str; 5] = [
    "127.0.0.1",
    "[::1]",
    "localhost",
    "host.docker.internal",
    "localhost.localstack.cloud",
];

/// Those of them whose subdomains are the same machine (RFC 6761 6.3; LocalStack, "Accessing
/// LocalStack via the endpoint URL").
const LOCAL_DOMAINS: [&str; 2] = [".localhost", ".localhost.localstack.cloud"];

/// The URI of a key set: https, or http from this very machine; without user and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwksUri(Url);

impl JwksUri {
    /// Reads a URI; `None` if no key set may be fetched from it.
    ///
    /// The library reads URLs as browsers do (WHATWG URL), which forgive much. A URI must be
    /// written out: in ASCII, without white space and backslashes, with `://`, a host, and a port
    /// after its colon (RFC 3986 3.2).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?']).next()?;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#');
        let is_written_out = text.bytes().all(is_plain)
            && !authority.is_empty()
            && !authority.contains('@')
            && !authority.ends_with(':');
        let url = Url::parse(text).ok().filter(|_| is_written_out)?;
        let may_fetch = match url.scheme() {
            "https" => true,
            "http" => url.host_str().is_some_and(is_local),
            _ => false,
        };
        may_fetch.then_some(Self(url))
    }

    /// This URI as it is asked for: scheme and host in lower case, a path after the host.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// This URI for the HTTP client.
    pub(super) const fn url(&self) -> &Url {
        &self.0
    }
}

fn is_local(host: &str) -> bool {
    let mut domains = LOCAL_DOMAINS.into_iter();
    LOCAL_HOSTS.contains(&host) || domains.any(|domain| host.ends_with(domain))
}

impl fmt::Display for JwksUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
