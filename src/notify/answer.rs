//! What an answer of HTTP means for a message, and in words.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::RETRY_AFTER;
use reqwest::{Response, StatusCode};

use super::letter::{cut, one_line};
use super::{Failure, refused_by_guard};
use crate::settings::Secret;

/// So much of an answer is read, and so much of it told.
const READ_MAX: usize = 4 * 1024;
const TOLD_MAX: usize = 200;

/// Which statuses mean that trying again is worth it: too many requests, and whatever is the receiver's own trouble.
pub(super) async fn verdict(
    response: Result<Response, reqwest::Error>,
    secrets: &[&Secret],
    now: DateTime<Utc>,
) -> Result<String, Failure> {
    let response = response.map_err(failure)?;
    let status = response.status();
    let retry_after = retry_after(&response, now);
    let why = match told(response, secrets).await {
        said if said.is_empty() => format!("answered {status}"),
        said => format!("answered {status}: {said}"),
    };
    match status {
        _ if status.is_success() => Ok(why),
        StatusCode::TOO_MANY_REQUESTS => Err(Failure::Throttled { why, retry_after }),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => Err(Failure::Passing { why, retry_after }),
        _ if status.is_server_error() => Err(Failure::Passing { why, retry_after }),
        // While something new is brought out there, a login page or nothing stands in the receiver's place.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            Err(Failure::Passing { why, retry_after: None })
        }
        _ if status.is_redirection() => Err(Failure::Passing { why, retry_after: None }),
        _ => Err(Failure::Lasting { why }),
    }
}

/// The first line or so of the body, without our own secrets should it repeat them.
async fn told(mut response: Response, secrets: &[&Secret]) -> String {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        read.extend_from_slice(&chunk[..chunk.len().min(READ_MAX - read.len())]);
        if read.len() == READ_MAX {
            break;
        }
    }
    clean(&String::from_utf8_lossy(&read), secrets)
}

/// One short line without our own secrets.
pub(super) fn clean(said: &str, secrets: &[&Secret]) -> String {
    let hidden = secrets.iter().fold(said.to_owned(), |said, secret| match secret.reveal() {
        "" => said,
        text => said.replace(text, "***"),
    });
    cut(one_line(hidden.trim()).as_ref(), TOLD_MAX).into_owned()
}

/// Seconds, or a date.
fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    match text.parse::<u32>() {
        Ok(seconds) => Some(TimeDelta::seconds(seconds.into())),
        Err(_) => Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now),
    }
}

pub(super) fn failure_in_words(error: reqwest::Error) -> String {
    failure(error).why().to_owned()
}

fn failure(error: reqwest::Error) -> Failure {
    if let Some(why) = refused_by_guard(&error) {
        return Failure::Lasting { why };
    }
    // The address may carry a secret in its path, so it is left out.
    let error = error.without_url();
    let why = match sources(&error).last() {
        _ if error.is_timeout() => "no answer in time".to_owned(),
        Some(root) => root.to_string(),
        None => error.to_string(),
    };
    Failure::Passing { why, retry_after: None }
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}
