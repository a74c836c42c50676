//! Connections: taken as they come, each answered by itself, ended in order when the daemon stops.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request};
use axum::serve::Listener;
use futures_util::future::join_all;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::debug;

use super::handshake::Handshakes;
use super::patient::Patient;
use super::places::Places;

/// A connection on which no request has arrived whole by then is ended. Longer than proxies keep a connection they
/// mean to use again, so that they do not find it closed.
const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// Once we stop, whoever has just connected, or is about to use a connection again, is still answered for so long.
const LINGER: Duration = Duration::from_secs(1);

/// And whoever has begun to ask may finish for so long after that; whoever still sends must send again elsewhere.
const HEAD_AT_STOP: Duration = Duration::from_secs(1);

/// Connections at once, and of them for one peer beyond this machine; proxies of this machine speak for many.
const MAX: usize = 4096;
const MAX_OF_ONE: usize = MAX / 4;

/// What every connection needs.
#[derive(Clone)]
pub struct Doorway {
    pub router: Router,
    /// Where the API speaks HTTPS.
    pub handshakes: Option<Handshakes>,
    pub stop: CancellationToken,
}

/// Until the stop, and until every request that was under way by then has its answer. Whoever waits to be accepted by
/// then is left to the next process that has the socket.
pub async fn answer(listeners: Vec<TcpListener>, doorway: Doorway) {
    let connections = TaskTracker::new();
    let places = Places::new("connections", MAX);
    join_all(listeners.into_iter().map(|listener| accept(listener, &connections, &places, &doorway))).await;
    connections.close();
    connections.wait().await;
}

async fn accept(
    mut listener: TcpListener,
    connections: &TaskTracker,
    places: &Arc<Places>,
    doorway: &Doorway,
) {
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = doorway.stop.cancelled() => return,
        };
        let share = if peer.ip().to_canonical().is_loopback() { MAX } else { MAX_OF_ONE };
        if let Some(place) = places.take(peer.ip(), share) {
            let doorway = doorway.clone();
            connections.spawn(async move {
                come_in(stream, peer.ip(), doorway).await;
                drop(place);
            });
        }
    }
}

async fn come_in(stream: TcpStream, peer: IpAddr, doorway: Doorway) {
    // An answer does not wait for the other side to confirm the piece before.
    _ = stream.set_nodelay(true);
    let Doorway { router, handshakes, stop } = doorway;
    let Some(handshakes) = handshakes else { return converse(stream, router, stop).await };
    let stopped = async {
        stop.cancelled().await;
        sleep(LINGER).await;
    };
    let shaken = tokio::select! {
        shaken = handshakes.shake(stream, peer) => shaken,
        () = stopped => None,
    };
    if let Some(stream) = shaken {
        converse(stream, router, stop).await;
    }
}

async fn converse<S>(stream: S, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let answering = Arc::new(AtomicBool::new(false));
    let (asked, stopping) = (answering.clone(), stop.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, answering, stopping) = (router.clone(), answering.clone(), stopping.clone());
        async move {
            answering.store(true, Ordering::SeqCst);
            let mut response = router.oneshot(request.map(Body::new)).await?;
            if stopping.is_cancelled() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            answering.store(false, Ordering::SeqCst);
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let mut connection = pin!(http.serve_connection(TokioIo::new(Patient::new(stream)), service));
    let conversation = async {
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = stop.cancelled() => (),
        }
        if let Ok(ended) = timeout(LINGER, connection.as_mut()).await {
            return ended;
        }
        connection.as_mut().graceful_shutdown();
        match timeout(HEAD_AT_STOP, connection.as_mut()).await {
            Ok(ended) => ended,
            Err(_) if asked.load(Ordering::SeqCst) => connection.await,
            Err(_) => Ok(()),
        }
    };
    if let Err(error) = conversation.await {
        debug!(%error, "a connection broke off");
    }
}
