//! A receiver of webhooks on a port that the system picks; it answers by script and remembers what it heard.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[derive(Clone, Copy)]
pub enum Reply {
    Status(u16),
    /// With that `Retry-After`.
    Later(u16, &'static str),
    /// To `/elsewhere`.
    Redirect,
    Never,
    /// With 200, after so long.
    Slowly(Duration),
}

#[derive(Clone)]
pub struct Heard {
    pub at: Instant,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub struct Receiver {
    pub url: String,
    told: Arc<Told>,
    stop: CancellationToken,
    running: TaskTracker,
}

struct Told {
    /// The last one stands for all that follow.
    script: Mutex<VecDeque<Reply>>,
    heard: Mutex<Vec<Heard>>,
    stop: CancellationToken,
}

impl Receiver {
    pub async fn open(script: &[Reply]) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let told = Arc::new(Told {
            script: Mutex::new(script.iter().copied().collect()),
            heard: Mutex::default(),
            stop: stop.clone(),
        });
        let router = Router::new()
            .route("/hook", post(hear).get(hear))
            .route("/elsewhere", post(hear))
            .with_state(told.clone());
        let running = TaskTracker::new();
        let stopped = stop.clone().cancelled_owned();
        running.spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        running.close();
        Receiver { url, told, stop, running }
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.told.heard.lock().unwrap().clone()
    }

    /// Waits until it has heard so much.
    pub async fn hears(&self, count: usize) -> Vec<Heard> {
        for _ in 0..1000 {
            if self.heard().len() >= count {
                return self.heard();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("heard {} of {count} within ten seconds", self.heard().len());
    }

    pub async fn close(self) {
        self.stop.cancel();
        self.running.wait().await;
    }
}

async fn hear(State(told): State<Arc<Told>>, headers: HeaderMap, body: Bytes) -> Response {
    told.heard.lock().unwrap().push(Heard { at: Instant::now(), headers, body });
    let reply = {
        let mut script = told.script.lock().unwrap();
        if script.len() > 1 { script.pop_front().unwrap() } else { script[0] }
    };
    match reply {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::Later(status, after) => {
            (StatusCode::from_u16(status).unwrap(), [("retry-after", after)]).into_response()
        }
        Reply::Redirect => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
        Reply::Slowly(after) => {
            tokio::time::sleep(after).await;
            StatusCode::OK.into_response()
        }
        Reply::Never => {
            told.stop.cancelled().await;
            StatusCode::OK.into_response()
        }
    }
}
