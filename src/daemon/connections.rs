//! Connections: taken as they come, each answered by itself, ended in order when the daemon stops.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::debug;

/// A connection on which no request has arrived whole by then is ended. Longer than proxies keep a connection they
/// mean to use again, so that they do not find it closed.
const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// The same once we stop; whoever still sends must send again elsewhere.
const HEAD_AT_STOP: Duration = Duration::from_secs(2);

/// Until `stop`, and until every request that was under way by then has its answer.
pub async fn answer(mut listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let (stream, _) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = stop.cancelled() => break,
        };
        connections.spawn(converse(stream, router.clone(), stop.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn converse(stream: TcpStream, router: Router, stop: CancellationToken) {
    let answering = Arc::new(AtomicBool::new(false));
    let asked = answering.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, answering) = (router.clone(), answering.clone());
        async move {
            answering.store(true, Ordering::SeqCst);
            let response = router.oneshot(request.map(Body::new)).await;
            answering.store(false, Ordering::SeqCst);
            response
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection.as_mut() => ended,
                () = tokio::time::sleep(HEAD_AT_STOP) => match asked.load(Ordering::SeqCst) {
                    true => connection.await,
                    false => Ok(()),
                },
            }
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection broke off");
    }
}
