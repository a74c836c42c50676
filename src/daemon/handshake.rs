//! From a connection to an encrypted one: in time, and so many at once that whoever connects and says nothing keeps
//! nobody else out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::debug;

use super::places::Places;
use crate::tls::Served;

/// Far more than a handshake over the slowest line needs.
const WITHIN: Duration = Duration::from_secs(10);
/// Under way at once, and of them for one address.
const MAX: usize = 1024;
const MAX_OF_ONE: usize = MAX / 8;
/// Somebody who speaks plain HTTP has so long to finish and hear the answer, and may send so much.
const PLAIN_WITHIN: Duration = Duration::from_secs(2);
const PLAIN_MAX: u64 = 64 * 1024;

#[derive(Clone)]
pub struct Handshakes {
    served: Arc<Served>,
    under_way: Arc<Places>,
}

impl Handshakes {
    pub fn new(served: Arc<Served>) -> Handshakes {
        Handshakes { served, under_way: Places::new("handshakes", MAX) }
    }

    /// `None`: there is nobody left to talk to.
    pub async fn shake(&self, stream: TcpStream, peer: IpAddr) -> Option<TlsStream<TcpStream>> {
        let _place = self.under_way.take(peer, MAX_OF_ONE)?;
        match timeout(WITHIN, self.encrypted(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                debug!(%peer, %error, "no handshake came about");
                None
            }
            Err(_) => {
                debug!(%peer, "no handshake within {} s", WITHIN.as_secs());
                None
            }
        }
    }

    async fn encrypted(&self, mut stream: TcpStream) -> std::io::Result<Option<TlsStream<TcpStream>>> {
        let mut first = [0];
        // Methods of HTTP are written in capitals; a handshake begins with 22.
        if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
            _ = timeout(PLAIN_WITHIN, send_to_https(&mut stream)).await;
            return Ok(None);
        }
        Ok(Some(TlsAcceptor::from(self.served.config()).accept(stream).await?))
    }
}

async fn send_to_https(stream: &mut TcpStream) -> std::io::Result<()> {
    let problem = "{\"type\":\"urn:meridian:problem:needs-https\",\"title\":\"Bad Request\",\"status\":400,\
                   \"detail\":\"this address speaks HTTPS: ask for https://. A token that was sent along has \
                   travelled readable: revoke it\"}";
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: \
         close\r\n\r\n{problem}",
        problem.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing over what was not read would take the answer back.
    tokio::io::copy(&mut stream.take(PLAIN_MAX), &mut tokio::io::sink()).await?;
    Ok(())
}
