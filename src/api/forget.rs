//! A customer is forgotten: what is personal in their tickets is erased, and nothing leads back to them.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tracing::{error, info};

use super::caller::Caller;
use super::request::Sent;
use super::{ApiError, App};
use crate::desk::TicketId;
use crate::engine::{Forgot, known};
use crate::store::{Deed, Forgetting, ToBeForgotten};

pub(super) fn router() -> Router<App> {
    let forgetting = get(list).post(forget);
    Router::new().route("/v1/forget", forgetting).route("/v1/forget/call-off", post(call_off))
}

/// After that an answer says how far it has got; asked again, it goes on.
const AT_A_TIME: Duration = Duration::from_secs(20);
/// Longer ones no file and no ticket has.
const NAME_MAX: usize = 300;
const TOLD: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forget {
    /// The id in the rotation files, or the name that tickets give.
    customer: String,
    /// The same once more, so that nobody is forgotten by a slip.
    confirm: Option<String>,
    /// What is open goes when it is closed; else nothing is done as long as anything is.
    #[serde(default)]
    when_closed: bool,
    /// Only says what there is.
    #[serde(default)]
    dry_run: bool,
    /// The same request goes on, after an answer that there is more: what was opened since then is not taken in.
    #[serde(default)]
    go_on: bool,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Progress {
    /// Nothing is changed.
    DryRun,
    /// There was no time for all of it: ask again, with `go_on`.
    More,
    /// Open tickets are left, and go when they are closed.
    Waits,
    Finished,
}

#[derive(Serialize)]
struct Forgotten {
    customer: String,
    state: Progress,
    /// Of this request.
    tickets: u64,
    events: u64,
    notices: u64,
    handoffs: u64,
    answers: u64,
    revisions: u64,
    open: Vec<TicketId>,
    /// What has to be done elsewhere, in words.
    not_reached: Vec<String>,
}

async fn forget(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<Forget>,
) -> Result<Json<Forgotten>, ApiError> {
    let Forget { customer, confirm, when_closed, dry_run, go_on } = sent.body;
    everything_is_seen(&caller)?;
    check_name(&customer)?;
    if dry_run {
        return Ok(Json(look(&app, customer).await?));
    }
    if confirm.as_ref() != Some(&customer) {
        let said = "must say the customer once more: what is forgotten does not come back";
        return Err(ApiError::invalid("confirm", said));
    }
    let forgetting = match go_on {
        true => begun(&app, &customer).await?.ok_or_else(ended)?,
        false => begin(&app, &caller, &customer, when_closed).await?,
    };
    let began = Instant::now();
    let forgot = app.engine.forget(forgetting, |_| began.elapsed() < AT_A_TIME).await?;
    forgot.log(Some(&caller.token));
    if forgot.is_ended {
        return Err(ended());
    }
    let not_reached = not_reached(&app, &customer, &forgot).await?;
    Ok(Json(Forgotten::of(customer, forgot, not_reached)))
}

async fn begun(app: &App, customer: &str) -> anyhow::Result<Option<Forgetting>> {
    let begun = app.engine.store().forgettings().await?;
    Ok(begun.into_iter().find(|one| one.customer == customer))
}

async fn begin(
    app: &App,
    caller: &Caller,
    customer: &str,
    when_closed: bool,
) -> Result<Forgetting, ApiError> {
    if !when_closed {
        nothing_is_open(app, customer).await?;
    }
    let in_force = app.engine.in_force();
    let known = known(&in_force.coverage.organisation, customer);
    let footprint = caller.footprint(app.engine.clock().now(), Deed::Forget)?;
    let begun = app.engine.store().begin_forgetting(customer, known, footprint).await;
    begun.map_err(|error| not_written(&error, "nothing was erased"))
}

fn ended() -> ApiError {
    ApiError::conflict(
        "it was finished meanwhile, called off, or asked for once more: `GET /v1/forget` lists who is still being forgotten; ask \
         again to be sure",
    )
}

impl Forgotten {
    fn of(customer: String, forgot: Forgot, not_reached: Vec<String>) -> Forgotten {
        let state = match (forgot.more, forgot.open.is_empty()) {
            (true, _) => Progress::More,
            (false, false) => Progress::Waits,
            (false, true) => Progress::Finished,
        };
        let Forgot { erased, answers, revisions, open, .. } = forgot;
        Forgotten {
            customer,
            state,
            tickets: erased.tickets,
            events: erased.events,
            notices: erased.notices,
            handoffs: erased.handoffs,
            answers,
            revisions,
            open,
            not_reached,
        }
    }
}

#[derive(Serialize)]
struct Listed {
    /// By customer.
    forgetting: Vec<ToBeForgotten>,
}

/// Who is being forgotten, and what that waits for.
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Listed>, ApiError> {
    everything_is_seen(&caller)?;
    Ok(Json(Listed { forgetting: app.engine.store().to_be_forgotten().await? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallOff {
    customer: String,
}

/// What was erased stays so. Answers with what had been waited for.
async fn call_off(
    State(app): State<App>,
    caller: Caller,
    sent: Sent<CallOff>,
) -> Result<Json<ToBeForgotten>, ApiError> {
    let customer = sent.body.customer;
    everything_is_seen(&caller)?;
    check_name(&customer)?;
    let waiting =
        app.engine.store().to_be_forgotten().await?.into_iter().find(|one| one.customer == customer);
    let footprint = caller.footprint(app.engine.clock().now(), Deed::Forget)?;
    let called_off = app.engine.call_off_forgetting(&customer, footprint).await;
    match (called_off.map_err(|error| not_written(&error, "it goes on"))?, waiting) {
        (true, Some(waiting)) => {
            let open = waiting.open.len();
            info!(
                open,
                by = caller.token,
                "forgetting a customer is called off: what was erased stays erased"
            );
            Ok(Json(waiting))
        }
        _ => Err(ApiError::not_found(
            "nobody of that name is being forgotten; `GET /v1/forget` lists who is: what is finished cannot be called off",
        )),
    }
}

/// Nothing is done that leaves no row in the audit log.
fn not_written(error: &anyhow::Error, so: &str) -> ApiError {
    error!(error = format!("{error:#}"), "what is done about a customer could not be written down");
    let said = format!("this cannot be written into the audit log, so {so}; ask again in a few seconds");
    ApiError::unavailable(said, 5)
}

/// What has been begun goes on whatever is open.
async fn nothing_is_open(app: &App, customer: &str) -> Result<(), ApiError> {
    if begun(app, customer).await?.is_some() {
        return Ok(());
    }
    let open = app.engine.store().live_of(&app.engine.named(customer).await?).await?;
    let many = match open.len() {
        0 => return Ok(()),
        1 => "one ticket is".to_owned(),
        count => format!("{count} tickets are"),
    };
    Err(ApiError::conflict(format!(
        "nothing was erased: of {customer} {many} still open: {}. Close them first, or ask for `when_closed`: then the others are \
         erased now, and these when they are closed",
        listed(&open)
    )))
}

/// What is asked for is everything, whoever may see it.
pub(super) fn everything_is_seen(caller: &Caller) -> Result<(), ApiError> {
    match caller.sees_all() {
        true => Ok(()),
        false => Err(ApiError::forbidden(
            "this is about every ticket of a customer, and a person may not see them all: use an admin token that is bound to \
             nobody, without Meridian-As",
        )),
    }
}

pub(super) fn check_name(customer: &str) -> Result<(), ApiError> {
    if customer.trim().is_empty() || customer.chars().count() > NAME_MAX || customer.contains('\0') {
        let said = format!(
            "is an id of the rotation files, or a name as tickets give it, of at most {NAME_MAX} characters"
        );
        return Err(ApiError::invalid("customer", said));
    }
    Ok(())
}

async fn look(app: &App, customer: String) -> Result<Forgotten, ApiError> {
    let would = app.engine.would_forget(&customer).await?;
    let not_reached = not_reached(app, &customer, &would).await?;
    Ok(Forgotten { state: Progress::DryRun, ..Forgotten::of(customer, would, not_reached) })
}

async fn not_reached(app: &App, customer: &str, forgot: &Forgot) -> Result<Vec<String>, ApiError> {
    let mut said = Vec::new();
    let organisation = app.engine.in_force().coverage.organisation.clone();
    let own = known(&organisation, customer).map(|known| known.name.clone()).filter(|name| !name.is_empty());
    let names = own.into_iter().chain([customer.to_owned()]).collect();
    let files = app.engine.store().named_files(&names).await?;
    if !files.in_force.is_empty() {
        said.push(format!(
            "the rotation files name the customer ({}): take that out, reload, and forget once more, so that earlier revisions of \
             them go, too",
            files.in_force.join(", ")
        ));
    }
    if !files.by_path.is_empty() {
        let paths: Vec<String> = files.by_path.into_iter().collect();
        said.push(format!(
            "rotation files are, or were, called by the customer's name ({}): rename what is still there; revisions keep the names \
             that their files had",
            paths.join(", ")
        ));
    }
    if !forgot.erased.left.is_empty() {
        let left: Vec<TicketId> = forgot.erased.left.iter().copied().collect();
        said.push(format!(
            "rows of these tickets are damaged, and nothing in them was erased: {}; see `meridian doctor`",
            listed(&left)
        ));
    }
    said.push("backups that were made before have all of it: let them go in their time, and forget once more after a restore".into());
    said.push("messages that were sent are where they were sent to, and the daemon's log and other systems keep what they heard".into());
    if app.engine.store().is_shared() {
        said.push(
            "PostgreSQL keeps what was written over until it is vacuumed, and in its archived log".into(),
        );
    }
    Ok(said)
}

fn listed(tickets: &[TicketId]) -> String {
    let mut said: Vec<String> = tickets.iter().take(TOLD).map(ToString::to_string).collect();
    if tickets.len() > TOLD {
        said.push(format!("{} more", tickets.len() - TOLD));
    }
    said.join(", ")
}
