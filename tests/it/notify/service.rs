//! A service on a port that the system picks, which judges what it is sent as the real one would.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[derive(Clone)]
pub struct Sent {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

/// Status and body of an answer.
type Judge = fn(&Sent) -> (u16, String);

pub struct Service {
    pub url: String,
    heard: Arc<Mutex<Vec<Sent>>>,
    stop: CancellationToken,
    running: TaskTracker,
}

#[derive(Clone)]
struct Ears {
    judge: Judge,
    heard: Arc<Mutex<Vec<Sent>>>,
}

impl Service {
    pub async fn open(judge: Judge) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, running, heard) = (CancellationToken::new(), TaskTracker::new(), Arc::default());
        let router = Router::new().fallback(hear).with_state(Ears { judge, heard: Arc::clone(&heard) });
        let stopped = stop.clone().cancelled_owned();
        running.spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        running.close();
        Service { url, heard, stop, running }
    }

    pub fn last(&self) -> Sent {
        self.heard.lock().unwrap().last().expect("something was sent").clone()
    }

    pub async fn close(self) {
        self.stop.cancel();
        self.running.wait().await;
    }
}

async fn hear(State(ears): State<Ears>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let sent = Sent {
        method: parts.method,
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let (status, said) = (ears.judge)(&sent);
    ears.heard.lock().unwrap().push(sent);
    (StatusCode::from_u16(status).unwrap(), said).into_response()
}
