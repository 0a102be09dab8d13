//! Servers on loopback that answer with bytes of the test's own choosing, right or wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that gives every connection to one handler.
pub(crate) struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// A server of HTTP that answers every request with these bytes and closes.
    pub(crate) async fn of_bytes(answer: Vec<u8>) -> Self {
        let answer: Arc<[u8]> = answer.into();
        Self::start(move |_, mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                read_head(&mut stream).await;
                // The client may have closed before the end.
                let _ = stream.write_all(&answer).await;
            }
        })
        .await
    }

    /// A server that lets `handle` deal with each connection, given its number from 0 on.
    pub(crate) async fn start<F>(handle: impl Fn(usize, TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(handle(number, stream));
            }
        });
        Self { port, connections }
    }

    /// A plain HTTP URI on this server.
    pub(crate) fn uri(&self) -> String {
        format!("http://127.0.0.1:{}/jwks.json", self.port)
    }

    /// An HTTPS URI on this server.
    pub(crate) fn https_uri(&self) -> String {
        self.uri().replace("http:", "https:")
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Status 200 with this body.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// Reads the head of a request, up to its empty line, and gives it as text.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}
