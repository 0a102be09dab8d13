//! The issuer of this run: an HTTPS server on loopback that serves its key set.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// An issuer that serves its key set.
pub struct Issuer {
    /// Where the key set is.
    pub jwks_uri: String,
    /// The root that its certificate was made by, in DER and in PEM.
    pub root: (Vec<u8>, String),
}

impl Issuer {
    /// Starts to serve this document to whoever asks, whatever for.
    #[must_use]
    pub fn serve(document: Vec<u8>) -> Self {
        let mut of_root = CertificateParams::default();
        of_root.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        // With the name of what it signs it would look like a certificate that signed itself.
        of_root
            .distinguished_name
            .push(DnType::CommonName, "root of the bench");
        let root = CertifiedIssuer::self_signed(of_root, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let own = own.signed_by(&key, &root).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (config, document) = (Arc::clone(&config), document.clone());
                std::thread::spawn(move || answer(config, stream, &document));
            }
        });
        Self {
            jwks_uri: format!("https://localhost:{port}/jwks.json"),
            root: (root.der().to_vec(), root.pem()),
        }
    }
}

/// Answers the one request of a connection. A client that ends in the middle of it ends it.
fn answer(config: Arc<ServerConfig>, stream: TcpStream, document: &[u8]) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let tls = ServerConnection::new(config).ok()?;
    let mut tls = BufReader::new(StreamOwned::new(tls, stream));
    let mut line = String::new();
    while tls.read_line(&mut line).ok()? > 2 {
        line.clear();
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let head = format!("{head}content-length: {}\r\n\r\n", document.len());
    let tls = tls.get_mut();
    tls.write_all(&[head.as_bytes(), document].concat()).ok()?;
    tls.conn.send_close_notify();
    tls.flush().ok()
}
