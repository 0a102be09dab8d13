//! Which URLs a secret or a token may be sent to.

use oauth2::url::{Host, Url};

/// Reads the URL of a server: https, or http on this very machine, where nobody listens in. A user,
/// a password or a fragment in it is a mistake.
///
/// # Errors
/// What to write instead. clap shows what was written.
pub(crate) fn server_url(text: &str) -> Result<Url, String> {
    let remedy = "write https://…, or http://… for a server of this machine";
    let url = Url::parse(text).map_err(|error| format!("no URL ({error}); {remedy}"))?;
    let may_be_used = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if may_be_used && bare {
        Ok(url)
    } else {
        Err(format!("no URL that tokens may be sent to; {remedy}"))
    }
}

/// Whether a URL leads to this very machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
