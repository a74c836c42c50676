//! The daemon's own settings: `meridian.toml`, with environment and flags standing over it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::TimeDelta;
use reqwest::Url;
use serde::{Deserialize, Deserializer};

use crate::schedule::duration;

mod channels;
use channels::WrittenChannel;
pub use channels::{ChannelKind, ChannelSettings, HttpSettings, Rate, SmtpSettings, SmtpTls, TwilioSettings};

/// What the daemon is told to do, all of it known.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// The API speaks HTTPS with these; plain HTTP without.
    pub tls: Option<TlsFiles>,
    pub schedules: PathBuf,
    /// Holds the database where no other is named, the lock and the first administrator's token.
    pub state: PathBuf,
    /// `sqlite:PATH` or `postgres://...`, which may have a password in it; `None`: a file in `state`.
    pub database: Option<Secret>,
    /// Where that was read from, if it has a file of its own.
    pub database_file: Option<PathBuf>,
    pub tzdir: Option<PathBuf>,
    /// Rotation files and zone data that change are read again without being asked.
    pub watch: bool,
    /// Directives as of `RUST_LOG`: `info`, `meridian=debug`.
    pub log: String,
    /// How people reach us from outside, for links in messages; no links without.
    pub public_url: Option<String>,
    pub channels: BTreeMap<String, ChannelSettings>,
    pub heartbeat: Option<HeartbeatSettings>,
    pub retention: RetentionSettings,
}

/// Who is called, and how often, as long as all is well.
#[derive(Clone, Debug)]
pub struct HeartbeatSettings {
    /// Its path is a secret, as a rule.
    pub url: Secret,
    pub every: Duration,
    /// Loopback, link-local and private addresses may be called.
    pub allow_private: bool,
}

/// For how long things are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetentionSettings {
    /// Done tickets and all that is known of them, since anything happened to them; `None`: for ever.
    pub tickets: Option<TimeDelta>,
    /// Notices, since they were delivered or given up.
    pub notices: TimeDelta,
    /// Rows of the audit log; `None`: for ever.
    pub audit: Option<TimeDelta>,
}

/// PEM files; the certificate's has the server's own first, then the intermediates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Text that no log and no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself; for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A secret where it is kept. In a file only those read it who use it: a backup is made without the channels' secrets.
#[derive(Clone, Debug)]
pub enum Kept {
    Here(Secret),
    InFile(SecretFile),
}

#[derive(Clone, Debug)]
pub struct SecretFile {
    name: PathBuf,
    secrets: Secrets,
}

impl Kept {
    pub fn read(&self) -> anyhow::Result<Secret> {
        match self {
            Kept::Here(secret) => Ok(secret.clone()),
            Kept::InFile(file) => Ok(Secret::new(file.read()?.trim())),
        }
    }

    /// The file, for what is not in the settings themselves.
    pub fn file(&self) -> Option<&SecretFile> {
        match self {
            Kept::Here(_) => None,
            Kept::InFile(file) => Some(file),
        }
    }
}

impl SecretFile {
    pub fn read(&self) -> anyhow::Result<String> {
        self.secrets.read(&self.name)
    }

    /// Where it is; `None`: it cannot be seen.
    pub fn path(&self) -> Option<PathBuf> {
        self.secrets.find(&self.name)
    }
}

/// What stands over the file: flags, and the environment where no flag is given.
#[derive(Clone, Debug, Default)]
pub struct Over {
    pub listen: Option<SocketAddr>,
    pub schedules: Option<PathBuf>,
    pub state: Option<PathBuf>,
    pub database: Option<Secret>,
    pub tzdir: Option<PathBuf>,
    pub watch: Option<bool>,
    pub log: Option<String>,
}

/// The file that is read, if it is there, when none is named.
pub const DEFAULT_FILE: &str = "meridian.toml";

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Crates that log: ourselves, and what we are built on.
const LOG_PARTS: [&str; 12] = [
    "meridian",
    "axum",
    "h2",
    "hyper",
    "hyper_util",
    "mio",
    "reqwest",
    "rustls",
    "sqlx",
    "tokio",
    "tower",
    "tower_http",
];

/// Where secrets may be given by name: systemd's folder of credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// What meridian.service is started with, and where systemd keeps its credentials as long as it runs.
const UNIT_FILE: &str = "/etc/meridian/meridian.toml";
const UNIT_CREDENTIALS: &str = "/run/credentials/meridian.service";

/// Beside the settings: what the unit passes with `LoadCredential=NAME:/etc/meridian/secrets/NAME`.
const SECRETS: &str = "secrets";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(deserialize_with = "address")]
    listen: SocketAddr,
    tls: Option<WrittenTls>,
    schedules: PathBuf,
    state: PathBuf,
    database: Option<String>,
    database_file: Option<PathBuf>,
    tzdir: Option<PathBuf>,
    watch: bool,
    #[serde(deserialize_with = "directives")]
    log: String,
    public_url: Option<String>,
    channels: BTreeMap<String, WrittenChannel>,
    heartbeat: Option<WrittenHeartbeat>,
    retention: WrittenRetention,
}

impl Default for Written {
    fn default() -> Written {
        Written {
            listen: SocketAddr::from(([127, 0, 0, 1], 8470)),
            tls: None,
            schedules: "schedules".into(),
            state: "state".into(),
            database: None,
            database_file: None,
            tzdir: None,
            watch: true,
            log: "info".into(),
            public_url: None,
            channels: BTreeMap::new(),
            heartbeat: None,
            retention: WrittenRetention::default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTls {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHeartbeat {
    url: String,
    #[serde(default = "minute", deserialize_with = "lasting")]
    every: TimeDelta,
    #[serde(default)]
    allow_private: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenRetention {
    #[serde(deserialize_with = "kept")]
    tickets: Option<TimeDelta>,
    #[serde(deserialize_with = "lasting")]
    notices: TimeDelta,
    #[serde(deserialize_with = "kept")]
    audit: Option<TimeDelta>,
}

impl Default for WrittenRetention {
    fn default() -> WrittenRetention {
        WrittenRetention { tickets: None, notices: TimeDelta::days(30), audit: None }
    }
}

/// Called more often, nobody learns anything; the alarm after a day comes too late.
const BEATS: [TimeDelta; 2] = [TimeDelta::seconds(1), TimeDelta::days(1)];
/// Reports look back over weeks, and people over months.
const TICKETS_KEPT_MIN: TimeDelta = TimeDelta::days(30);
/// A delivery that is repeated has to find what it repeats.
const NOTICES_KEPT_MIN: TimeDelta = TimeDelta::days(1);
/// Whoever asks who has read something asks later than that.
const AUDIT_KEPT_MIN: TimeDelta = TimeDelta::days(30);

impl WrittenHeartbeat {
    fn settings(self) -> anyhow::Result<HeartbeatSettings> {
        let [least, most] = BEATS;
        ensure!((least..=most).contains(&self.every), "`every` is between a second and a day");
        let every = self.every.to_std().context("every")?;
        Ok(HeartbeatSettings { url: Secret::new(self.url), every, allow_private: self.allow_private })
    }
}

impl WrittenRetention {
    fn settings(self) -> anyhow::Result<RetentionSettings> {
        let long_enough = self.tickets.is_none_or(|kept| kept >= TICKETS_KEPT_MIN);
        ensure!(long_enough, "`tickets` is at least 30d: what is gone does not come back");
        ensure!(self.notices >= NOTICES_KEPT_MIN, "`notices` is at least 1d");
        let long_enough = self.audit.is_none_or(|kept| kept >= AUDIT_KEPT_MIN);
        ensure!(long_enough, "`audit` is at least 30d");
        Ok(RetentionSettings { tickets: self.tickets, notices: self.notices, audit: self.audit })
    }
}

fn minute() -> TimeDelta {
    TimeDelta::minutes(1)
}

fn lasting<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
    let text = String::deserialize(from)?;
    duration_of(&text).map_err(serde::de::Error::custom)
}

fn kept<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TimeDelta>, D::Error> {
    match String::deserialize(from)?.as_str() {
        "forever" => Ok(None),
        text => duration_of(text).map(Some).map_err(serde::de::Error::custom),
    }
}

/// As in the rotation files, and in years of 365 days.
fn duration_of(text: &str) -> Result<TimeDelta, String> {
    let years = text.strip_suffix('y').and_then(|years| years.parse::<u16>().ok());
    let found = years.map(|years| TimeDelta::days(365 * i64::from(years))).or_else(|| duration(text));
    found.ok_or_else(|| format!("{text:?} is no duration: write it like \"90s\", \"15m\", \"30d\" or \"2y\""))
}

impl Settings {
    /// Reads `file`, or [`DEFAULT_FILE`] if that is there. Paths in the file are relative to its folder.
    pub fn read(file: Option<&Path>, over: Over) -> anyhow::Result<Settings> {
        let (path, text) = match file {
            Some(path) => (path, read_text(path)?),
            None if Path::new(DEFAULT_FILE).exists() => {
                let path = Path::new(DEFAULT_FILE);
                (path, read_text(path)?)
            }
            None => (Path::new(DEFAULT_FILE), String::new()),
        };
        let passed = std::env::var_os(CREDENTIALS).map(PathBuf::from);
        let credentials = passed.or_else(|| (path == Path::new(UNIT_FILE)).then(|| UNIT_CREDENTIALS.into()));
        Settings::parse(&text, path, credentials.as_deref(), over)
    }

    /// From the text of a file that stands at `path`; only `database_file` is read from disk.
    pub fn parse(
        text: &str,
        path: &Path,
        credentials: Option<&Path>,
        over: Over,
    ) -> anyhow::Result<Settings> {
        let written: Written =
            toml::from_str(text).map_err(|error| anyhow::anyhow!("{}", mistake(path, text, &error)))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let secrets = Secrets::of(folder, credentials);
        let mut channels = BTreeMap::new();
        for (name, channel) in written.channels {
            let read =
                channel.settings(&secrets).with_context(|| format!("{}: channels.{name}", path.display()))?;
            channels.insert(name, read);
        }
        let database_file = match &over.database {
            Some(_) => None,
            None => written.database_file.as_ref().and_then(|name| secrets.find(name)),
        };
        let database = match over.database {
            Some(database) => Some(database),
            None => database(written.database, written.database_file, folder, &secrets)
                .with_context(|| format!("{}", path.display()))?,
        };
        let heartbeat = written.heartbeat.map(WrittenHeartbeat::settings).transpose();
        let heartbeat = heartbeat.with_context(|| format!("{}: heartbeat", path.display()))?;
        let retention =
            written.retention.settings().with_context(|| format!("{}: retention", path.display()))?;
        Ok(Settings {
            heartbeat,
            retention,
            listen: over.listen.unwrap_or(written.listen),
            tls: written.tls.map(|tls| tls.files(folder, &secrets)),
            schedules: over.schedules.unwrap_or_else(|| folder.join(written.schedules)),
            state: over.state.unwrap_or_else(|| folder.join(written.state)),
            database,
            database_file,
            tzdir: over.tzdir.or_else(|| written.tzdir.map(|tzdir| folder.join(tzdir))),
            watch: over.watch.unwrap_or(written.watch),
            log: match over.log {
                Some(log) => {
                    sound_directives(log).map_err(|said| anyhow::anyhow!("--log (MERIDIAN_LOG): {said}"))?
                }
                None => written.log,
            },
            public_url: public_url(written.public_url).with_context(|| path.display().to_string())?,
            channels,
        })
    }
}

/// Where it is and what it is; never the line itself, which may hold a secret.
fn mistake(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(1, |line| line.chars().count() + 1);
    format!("{}:{line}:{column}: {}", path.display(), error.message())
}

/// Without a slash at its end.
fn public_url(written: Option<String>) -> anyhow::Result<Option<String>> {
    let Some(text) = written else { return Ok(None) };
    let url = Url::parse(&text).with_context(|| format!("public_url {text:?}"))?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    ensure!(
        matches!(url.scheme(), "http" | "https") && url.has_host() && plain,
        "public_url {text:?}: how people reach us, as \"https://meridian.example.com\""
    );
    Ok(Some(url.as_str().trim_end_matches('/').to_owned()))
}

/// Read from its file, where one is named instead.
fn database(
    database: Option<String>,
    file: Option<PathBuf>,
    folder: &Path,
    secrets: &Secrets,
) -> anyhow::Result<Option<Secret>> {
    let text = match (database, file) {
        (Some(_), Some(_)) => bail!("`database` and `database_file` are two places for one thing; keep one"),
        (None, None) => return Ok(None),
        (Some(text), None) => text,
        (None, Some(file)) => secrets.read(&file)?,
    };
    let text = text.trim();
    // Like every other path here.
    let from_folder =
        text.strip_prefix("sqlite:").map(|path| format!("sqlite:{}", folder.join(path).display()));
    Ok(Some(Secret::new(from_folder.unwrap_or_else(|| text.to_owned()))))
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    let why = || {
        format!(
            "{text:?} is no address and port: write it in numbers, as in \"127.0.0.1:8470\" or \"[::1]:8470\""
        )
    };
    text.parse().map_err(|_| serde::de::Error::custom(why()))
}

fn directives<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    sound_directives(String::deserialize(from)?).map_err(serde::de::Error::custom)
}

/// What the filter of logs would take for the name of a program's part, and so fall silent, is refused here.
fn sound_directives(text: String) -> Result<String, String> {
    const TRY: &str = "try \"info\", or \"info,sqlx=warn\" to have one part say less";
    let is_level = |word: &str| LEVELS.contains(&word.to_ascii_lowercase().as_str());
    let is_part = |word: &str| LOG_PARTS.contains(&word.split("::").next().unwrap_or(word));
    let said = text.split(',').map(str::trim).filter(|directive| !directive.is_empty());
    let said: Vec<&str> = said.collect();
    if said.is_empty() {
        return Err(format!("log is empty; {TRY}"));
    }
    for directive in &said {
        let (part, level) = match directive.split_once('=') {
            Some((part, level)) => (Some(part), Some(level)),
            None if is_level(directive) => (None, Some(*directive)),
            None => (Some(*directive), None),
        };
        if let Some(part) = part.filter(|part| !is_part(part)) {
            let levels = LEVELS.join(", ");
            let what = if level.is_some() {
                "no part of this program"
            } else {
                "neither a level nor a part of this program"
            };
            return Err(format!("{part:?} is {what}; levels are {levels}; {TRY}"));
        }
        if let Some(level) = level.filter(|level| !is_level(level)) {
            return Err(format!("{level:?} is no level; levels are {}", LEVELS.join(", ")));
        }
    }
    Ok(said.join(","))
}

/// Where a file that is named in the settings is looked for, each on its own: the daemon and whoever is run beside it find
/// the same one.
#[derive(Clone, Debug)]
struct Secrets(Vec<PathBuf>);

impl Secrets {
    /// In systemd's credentials, in a folder of secrets, beside the settings.
    fn of(folder: &Path, credentials: Option<&Path>) -> Secrets {
        let passed = credentials.map(Path::to_owned);
        Secrets(passed.into_iter().chain([folder.join(SECRETS), folder.to_owned()]).collect())
    }

    fn find(&self, name: &Path) -> Option<PathBuf> {
        self.0.iter().map(|folder| folder.join(name)).find(|path| path.exists())
    }

    fn read(&self, name: &Path) -> anyhow::Result<String> {
        if let Some(path) = self.find(name) {
            return read_text(&path);
        }
        let looked: Vec<String> = self.0.iter().map(|folder| self.missed(&folder.join(name))).collect();
        let name = name.display();
        bail!(
            "{name} is not to be seen: {}. Where the unit passes it (LoadCredential={name}:FILE), run this as root, and \
             while the daemon runs or with FILE in /etc/meridian/{SECRETS}",
            looked.join(", ")
        )
    }

    fn missed(&self, path: &Path) -> String {
        match path.try_exists() {
            Ok(_) => format!("no {}", path.display()),
            Err(error) => format!("{}: {error}", path.display()),
        }
    }
}

impl WrittenTls {
    /// Where there is no such file, it is missed beside the settings.
    fn files(self, folder: &Path, secrets: &Secrets) -> TlsFiles {
        let place = |name: PathBuf| secrets.find(&name).unwrap_or_else(|| folder.join(name));
        TlsFiles { certificate: place(self.certificate), key: place(self.key) }
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
