//! Changes of the day: leave and overrides that stand in the database instead of a file.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::request::{Named, Sent};
use super::{ApiError, App};
use crate::engine::EngineError;
use crate::store::{DayKind, DayRow};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/v1/leave", get(list_leave).post(add_leave))
        .route("/v1/leave/{id}", get(show_leave).delete(remove_leave))
        .route("/v1/overrides", get(list_overrides).post(add_override))
        .route("/v1/overrides/{id}", get(show_override).delete(remove_override))
}

/// The table as a file would have it, with its number and who made it.
#[derive(Serialize)]
struct RowBody {
    id: i64,
    created_at: DateTime<Utc>,
    created_by: String,
    #[serde(flatten)]
    table: Value,
    /// Why it changes nothing, if so: it has ended, or no longer fits the files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl RowBody {
    fn of(app: &App, row: DayRow) -> RowBody {
        let warnings = app.engine.without_effect(&row).into_iter().collect();
        RowBody { id: row.id, created_at: row.at, created_by: row.by, table: row.body, warnings }
    }
}

async fn list_leave(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "leave": rows(&app, DayKind::Leave).await? })))
}

async fn list_overrides(State(app): State<App>) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "overrides": rows(&app, DayKind::Override).await? })))
}

async fn rows(app: &App, kind: DayKind) -> Result<Vec<RowBody>, ApiError> {
    let rows = app.engine.store().day_rows(kind).await?;
    Ok(rows.into_iter().map(|row| RowBody::of(app, row)).collect())
}

async fn show_leave(State(app): State<App>, Named(id): Named<i64>) -> Result<Json<RowBody>, ApiError> {
    show(&app, DayKind::Leave, id).await
}

async fn show_override(State(app): State<App>, Named(id): Named<i64>) -> Result<Json<RowBody>, ApiError> {
    show(&app, DayKind::Override, id).await
}

async fn show(app: &App, kind: DayKind, id: i64) -> Result<Json<RowBody>, ApiError> {
    let row = app.engine.store().day_row(kind, id).await?.ok_or(EngineError::NotFound { kind, id })?;
    Ok(Json(RowBody::of(app, row)))
}

async fn add_leave(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<Map<String, Value>>,
) -> Result<impl IntoResponse, ApiError> {
    add(&app, &caller, DayKind::Leave, "/v1/leave", sent).await
}

async fn add_override(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<Map<String, Value>>,
) -> Result<impl IntoResponse, ApiError> {
    add(&app, &caller, DayKind::Override, "/v1/overrides", sent).await
}

async fn add(
    app: &App,
    caller: &Caller,
    kind: DayKind,
    path: &str,
    sent: Sent<Map<String, Value>>,
) -> Result<impl IntoResponse + use<>, ApiError> {
    let table = Value::Object(sent.body);
    let row = app.engine.add_day_row(kind, table, caller.name().to_owned(), sent.key).await?;
    let location = [(header::LOCATION, format!("{path}/{}", row.id))];
    Ok((StatusCode::CREATED, location, Json(RowBody::of(app, row))))
}

async fn remove_leave(State(app): State<App>, Named(id): Named<i64>) -> Result<StatusCode, ApiError> {
    remove(&app, DayKind::Leave, id).await
}

async fn remove_override(State(app): State<App>, Named(id): Named<i64>) -> Result<StatusCode, ApiError> {
    remove(&app, DayKind::Override, id).await
}

async fn remove(app: &App, kind: DayKind, id: i64) -> Result<StatusCode, ApiError> {
    app.engine.remove_day_row(kind, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
