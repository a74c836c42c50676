//! One daemon, from its settings to its end.

use std::fmt;
use std::net::{self, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::certificate;
use super::connections::{Doorway, answer};
use super::handshake::Handshakes;
use super::listening::listen;
use super::state::{Held, StateDir, database_url, hold_database};
use super::{clock_watch, heartbeat, recognised, systemd, watch};
use crate::api::{self, App};
use crate::clock::Clock;
use crate::engine::{Engine, Retention, Source, in_numbers};
use crate::notify::{
    Acknowledging, Channels, Deliveries, Heartbeat, KEY_NAME, Notifier, Pace, ShiftWatch, use_ring,
};
use crate::settings::{ChannelKind, RetentionSettings, Secret, Settings};
use crate::store::{DatabaseUrl, unavailable};
use crate::tls::Served;

/// Edited files are put to work once they have not changed for so long.
const QUIET: Duration = Duration::from_secs(1);

/// Requests under way have so long to finish once we stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Deliveries under way likewise.
const DELIVERIES: Duration = Duration::from_secs(12);

/// At the start, between two looks at a database that is away.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// Runs until SIGTERM or SIGINT. Without `passed` sockets it listens where the settings say.
pub async fn serve(settings: Settings, passed: Vec<net::TcpListener>) -> anyhow::Result<()> {
    use_ring();
    let mut signals = Signals::new()?;
    // Whatever can be refused is refused before anything is written.
    let pace = Pace { seed: fastrand::u64(..), ..Pace::default() };
    let channels = Channels::new(&settings.channels, &pace)?;
    let heartbeat = settings.heartbeat.as_ref().map(Heartbeat::new).transpose()?;
    let beats = heartbeat.as_ref().map(|heartbeat| heartbeat.beats().clone());
    let tls = settings.tls.as_ref().map(Served::open).transpose().context("tls")?.map(Arc::new);
    let listeners = listen(passed, settings.listen).await?;
    let (listeners, addresses): (Vec<_>, Vec<_>) = listeners.into_iter().unzip();
    let door = Door { addresses, scheme: if tls.is_some() { "https" } else { "http" } };
    door.warn_of_listeners();
    warn_of_proxies(&settings);
    let state = StateDir::open(&settings.state)?;
    state.leave_addresses(&door.addresses)?;
    let source =
        Source { schedules: settings.schedules.clone(), tzdir: settings.tzdir.clone(), quiet: QUIET };
    let url = database_url(&settings);
    warn_of_parameters(url.reveal())?;
    let _held = hold_database(url.reveal(), Held::Anyhow)?;
    let node = state.node()?;
    let Some(engine) = signals.unless_stopped(patiently(&url, &state, &node, &source)).await.transpose()?
    else {
        return Ok(());
    };
    recognised::remember(engine.store(), &state).await?;
    // Only now: a first start that fails leaves no token behind.
    let organisation = engine.in_force().coverage.organisation.clone();
    let token_file = state.admin_token(engine.store(), &organisation, engine.clock().now()).await?;
    let deliveries = Deliveries::default();
    let links = links(&settings, &engine).await?.map(Arc::new);
    let channels = channels.with_links(links.clone());
    let shifts = ShiftWatch::new(engine.clone(), channels.clone());
    let notifier = Notifier::start(engine.clone(), channels, pace, node, deliveries.clone());

    let stop = CancellationToken::new();
    let shifts_watched = tokio::spawn(shifts.clone().watch(stop.clone()));
    let watchdog = tokio::spawn(systemd::watchdog(engine.clone(), deliveries.clone(), stop.clone()));
    let watching =
        settings.watch.then(|| tokio::spawn(watch::watch(engine.clone(), source.clone(), stop.clone())));
    let beating = heartbeat.zip(settings.heartbeat.clone()).map(|(heartbeat, settings)| {
        let deliveries = deliveries.clone();
        tokio::spawn(heartbeat::beat(engine.clone(), deliveries, heartbeat, settings, stop.clone()))
    });
    let RetentionSettings { tickets, notices, audit } = settings.retention;
    engine.keep_only(Retention { tickets, notices });
    engine.keep_private(audit);
    let renewing = tls.as_ref().map(|tls| {
        certificate::say_how_long(tls, engine.clock().now());
        let watching = certificate::watch(tls.clone(), engine.clock().clone(), stop.clone());
        settings.watch.then(|| tokio::spawn(watching))
    });
    let app = App::new(engine.clone(), source, deliveries, stop.clone());
    let app = app.with_heartbeats(beats).with_tls(tls.clone()).with_links(links).with_shifts(shifts);
    let handshakes = tls.clone().map(Handshakes::new);
    let doorway = Doorway { router: api::router(app), handshakes, stop: stop.clone() };
    let mut server = tokio::spawn(answer(listeners, doorway));
    let revision = engine.in_force().revision;
    for address in &door.addresses {
        let schedules = settings.schedules.display();
        info!(%address, revision, %schedules, "listening at {}://{address}", door.scheme);
    }
    if let Some(file) = token_file {
        info!(file = %file.display(), "an administrator's token is in {}", file.display());
    }
    let clock_watched = tokio::spawn(clock_watch::watch(engine.clone(), stop.clone()));
    systemd::ready(&status(&engine, &door));

    let mut drained = true;
    let ended = tokio::select! {
        () = signals.until_stop(&engine, &door, tls.as_ref()) => None,
        ended = &mut server => Some(ended),
        () = notifier.ended() => {
            drained = false;
            error!("nobody drains the outbox any more, so no page would go out: stopping, to be started anew");
            None
        }
    };
    systemd::stopping();
    stop.cancel();
    let served = match ended {
        Some(ended) => ended.context("the server panicked"),
        None => drain(server).await,
    };
    if let Some(watching) = watching {
        watching.await.context("watching the files panicked")?;
    }
    if let Some(beating) = beating {
        beating.await.context("the heartbeat panicked")?;
    }
    if let Some(renewing) = renewing.flatten() {
        renewing.await.context("watching the certificate panicked")?;
    }
    clock_watched.await.context("watching the clock panicked")?;
    shifts_watched.await.context("watching the shifts panicked")?;
    notifier.stop(DELIVERIES).await;
    engine.stop().await;
    engine.store().close().await;
    watchdog.await.context("the watchdog panicked")?;
    info!("stopped");
    anyhow::ensure!(drained, "the notifier ended by itself, which is a bug: see the log for why");
    served
}

/// The links of messages, where the settings say how people reach us. The first node makes the key.
async fn links(settings: &Settings, engine: &Engine) -> anyhow::Result<Option<Acknowledging>> {
    let Some(public_url) = settings.public_url.clone() else { return Ok(None) };
    let fresh = Acknowledging::fresh_key()?;
    let key = engine.store().key(KEY_NAME, fresh.reveal(), engine.clock().now()).await?;
    Ok(Some(Acknowledging::new(public_url, Secret::new(key))))
}

/// Waits for a database that is away, for as long as it takes.
async fn patiently(url: &Secret, state: &StateDir, node: &str, source: &Source) -> anyhow::Result<Engine> {
    let mut pause = PAUSE_FIRST;
    loop {
        let error = match start(url, state, node, source).await {
            Err(error) if unavailable(&error) => error,
            outcome => return outcome,
        };
        systemd::waiting("waiting for the database", pause + PAUSE_MAX);
        warn!(
            error = format!("{error:#}"),
            seconds = pause.as_secs(),
            "the database is away: tried again soon"
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

async fn start(url: &Secret, state: &StateDir, node: &str, source: &Source) -> anyhow::Result<Engine> {
    let store = recognised::open(url, state).await?.of_node(node);
    // The lock on the state directory proves that whoever held them under this name is gone.
    store.take_back_leases(node).await?;
    Engine::start(store, Clock::machine(), source.clone()).await
}

async fn drain(server: tokio::task::JoinHandle<()>) -> anyhow::Result<()> {
    let abort = server.abort_handle();
    match tokio::time::timeout(DRAIN, server).await {
        Ok(ended) => ended.context("the server panicked"),
        Err(_) => {
            warn!(seconds = DRAIN.as_secs(), "requests were still under way and are cut off");
            abort.abort();
            Ok(())
        }
    }
}

/// Where requests come in.
struct Door {
    addresses: Vec<SocketAddr>,
    scheme: &'static str,
}

impl Door {
    fn warn_of_listeners(&self) {
        let beyond = self.addresses.iter().filter(|address| !address.ip().is_loopback());
        for address in beyond.filter(|_| self.scheme == "http") {
            warn!(
                %address,
                "listening beyond this machine without TLS: tokens travel readable; name a certificate ([tls] in \
                 meridian.toml), or put a TLS proxy in front and listen on loopback"
            );
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let urls: Vec<String> =
            self.addresses.iter().map(|address| format!("{}://{address}", self.scheme)).collect();
        f.write_str(&urls.join(" "))
    }
}

fn status(engine: &Engine, door: &Door) -> String {
    let in_force = engine.in_force();
    match &in_force.refused {
        None if in_force.drift.is_some() => {
            format!("revision {} at work, files here DIFFER, {door}", in_force.revision)
        }
        None => format!("revision {} at work, {door}", in_force.revision),
        Some(refused) => format!(
            "files REFUSED ({}); revision {} stays at work, {door}",
            in_numbers(&refused.problems),
            in_force.revision,
        ),
    }
}

struct Signals {
    reload: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// `None`: asked to stop before it was done.
    async fn unless_stopped<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            _ = self.terminate.recv() => None,
            _ = self.interrupt.recv() => None,
        }
    }

    fn new() -> anyhow::Result<Signals> {
        let listen = |kind| signal(kind).context("signals cannot be heard");
        Ok(Signals {
            reload: listen(SignalKind::hangup())?,
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Reloads as often as asked, and tells systemd what is at work whoever has changed it.
    async fn until_stop(mut self, engine: &Engine, door: &Door, tls: Option<&Arc<Served>>) {
        let mut swapped = engine.swapped();
        let mut told = status(engine, door);
        loop {
            tokio::select! {
                _ = self.reload.recv() => {
                    systemd::reloading();
                    if let Some(tls) = tls {
                        certificate::look_again(tls, engine.clock().now()).await;
                    }
                    // The engine logs what comes of it. Reading may take long; a stop does not wait for it.
                    tokio::select! {
                        _ = engine.reload() => (),
                        _ = self.terminate.recv() => return info!("SIGTERM: stopping"),
                        _ = self.interrupt.recv() => return info!("SIGINT: stopping"),
                    }
                    told = status(engine, door);
                    systemd::ready(&told);
                }
                Ok(()) = swapped.changed() => {
                    let now = status(engine, door);
                    if now != told {
                        systemd::status(&now);
                        told = now;
                    }
                }
                _ = self.terminate.recv() => return info!("SIGTERM: stopping"),
                _ = self.interrupt.recv() => return info!("SIGINT: stopping"),
            }
        }
    }
}

/// Once, as everything else that is wrong with the settings.
fn warn_of_parameters(url: &str) -> anyhow::Result<()> {
    let url: DatabaseUrl = url.parse()?;
    if !url.unheeded().is_empty() {
        let parameters = url.unheeded().join(", ");
        warn!(
            parameters,
            "the database's URL has parameters that change nothing here, and could be left out"
        );
    }
    Ok(())
}

/// A proxy could call for us what we may not call ourselves, and keep what it was given: none is asked.
fn warn_of_proxies(settings: &Settings) {
    let calls_out = settings.heartbeat.is_some()
        || settings.channels.values().any(|channel| !matches!(channel.kind, ChannelKind::Log));
    let named = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set: Vec<&str> = names.into_iter().filter(named).collect();
    if calls_out && !set.is_empty() {
        let variables = set.join(", ");
        warn!(
            variables,
            "proxies of the environment are not used: channels and the heartbeat are called directly"
        );
    }
}
