//! TLS, with a certification authority of the test's own.

use std::sync::Arc;

use cognito_authorizer::jwks::cache::KeySource;
use cognito_authorizer::jwks::fetch::HttpFetcher;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{LONG, SHORT, key_set, keys_serve_on, outcome};
use crate::support::local;
use crate::support::server::{Server, ok, read_head};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server of key sets whose certificate is for `name`, issued by `authority`, with the years
/// from which and to which it is valid.
async fn server(authority: &Authority, name: &str, years: (i32, i32)) -> Server {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            // The client may not like the certificate.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                read_head(&mut stream).await;
                let _ = stream.write_all(&ok(&key_set())).await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await
}

#[test]
fn only_the_issuer_itself_is_believed() {
    let (own, other) = (authority(), authority());
    let trusting =
        |authority: &Authority| HttpFetcher::trusting(LONG, vec![authority.der().to_vec()]);
    let valid = (2020, 2100);
    // Case, who signed the certificate, for which name and years, who fetches, the cause.
    let rows = [
        (
            "as it should be",
            &own,
            "127.0.0.1",
            valid,
            trusting(&own),
            "ok",
        ),
        (
            "another name",
            &own,
            "login.example",
            valid,
            trusting(&own),
            "tls",
        ),
        (
            "expired",
            &own,
            "127.0.0.1",
            (2020, 2024),
            trusting(&own),
            "tls",
        ),
        (
            "not yet valid",
            &own,
            "127.0.0.1",
            (2099, 2100),
            trusting(&own),
            "tls",
        ),
        (
            "another authority",
            &other,
            "127.0.0.1",
            valid,
            trusting(&own),
            "tls",
        ),
        (
            "an authority that nobody knows",
            &own,
            "127.0.0.1",
            valid,
            HttpFetcher::new(LONG),
            "tls",
        ),
    ];
    for (case, authority, name, years, fetcher, cause) in rows {
        local().block_on(async {
            let server = server(authority, name, years).await;
            let uri = server.https_uri();
            let (found, message) = outcome(&fetcher, &uri, LONG).await;
            assert_eq!(found, cause, "{case}: {message}");
            let source = keys_serve_on(&Arc::new(fetcher), &uri).await;
            let expected = if cause == "ok" {
                KeySource::Cached
            } else {
                KeySource::Stale
            };
            assert_eq!(source, expected, "{case}");
        });
    }
}

#[test]
fn a_server_without_tls_is_told_apart() {
    local().block_on(async {
        let plain = Server::start(|_, mut stream| async move {
            let _ = stream.write_all(&ok(&key_set())).await;
        })
        .await;
        let closing = Server::start(|_, stream| async { drop(stream) }).await;
        let hanging = Server::start(|_, stream| async {
            std::future::pending::<()>().await;
            drop(stream);
        })
        .await;
        for (case, server, deadline, cause) in [
            ("plain HTTP", plain, LONG, "tls"),
            ("closes at once", closing, LONG, "tls"),
            ("never answers", hanging, SHORT, "timeout"),
        ] {
            let fetcher = Arc::new(HttpFetcher::new(deadline));
            let (found, message) = outcome(&fetcher, &server.https_uri(), deadline).await;
            assert_eq!(found, cause, "{case}: {message}");
            let source = keys_serve_on(&fetcher, &server.https_uri()).await;
            assert_eq!(source, KeySource::Stale, "{case}");
        }
    });
}
