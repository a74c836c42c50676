//! Ways to reach people, as `[channels.NAME]` has them: what each kind needs, and what it does not know.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Deserializer};

use super::{Kept, Secret, SecretFile, Secrets};

/// A way to reach people, by the name that `contact` in the rotation files uses.
#[derive(Clone, Debug)]
pub struct ChannelSettings {
    pub kind: ChannelKind,
    /// Loopback, link-local and private addresses may be called.
    pub allow_private: bool,
    /// So much goes out and no more; `None`: as fast as it is taken.
    pub rate: Option<Rate>,
    /// Messages have the link that takes a ticket as the person they are for: whoever reads them can use it.
    pub acknowledge: bool,
}

#[derive(Clone, Debug)]
pub enum ChannelKind {
    Log,
    Webhook {
        url: Kept,
        /// `whsec_...`; unsigned without.
        secret: Option<Kept>,
    },
    Smtp(SmtpSettings),
    /// An incoming webhook: whoever has the URL may write.
    Slack {
        url: Kept,
    },
    /// A workflow of Teams, likewise.
    Teams {
        url: Kept,
    },
    Ntfy {
        url: Kept,
        /// A template.
        topic: String,
        token: Option<Kept>,
    },
    TwilioSms(TwilioSettings),
    TwilioVoice(TwilioSettings),
    Http(HttpSettings),
}

#[derive(Clone, Debug)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    /// `Name <address>` or an address.
    pub from: String,
    pub login: Option<(String, Kept)>,
    /// PEM of the authorities to trust instead of the system's.
    pub authorities: Option<SecretFile>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Begun within the conversation, and the conversation ends where the server does not know how.
    StartTls,
    /// From the first byte.
    Implicit,
    /// To this machine only.
    None,
}

#[derive(Clone, Debug)]
pub struct TwilioSettings {
    /// Of the API, without a path.
    pub url: Kept,
    pub account: String,
    pub token: Kept,
    pub from: String,
    /// Of what is said in a call.
    pub language: String,
}

/// A request of one's own: everything but the method is a template.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    pub method: String,
    pub url: Kept,
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
    /// `secret` in the templates.
    pub secret: Option<Kept>,
}

/// At most `count` within any stretch of that length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub count: NonZeroU32,
    pub per: Duration,
}

/// More in a second, a minute or an hour than anybody sends; what was sent within it is remembered.
const RATE_MAX: u32 = 10_000;

impl Rate {
    pub const fn per_second(count: u32) -> Rate {
        let Some(count) = NonZeroU32::new(count) else { panic!("a rate of nothing lets nothing through") };
        Rate { count, per: Duration::from_secs(1) }
    }

    fn parse(text: &str) -> Option<Rate> {
        let (count, per) = text.split_once('/')?;
        let count = count.trim().parse().ok().filter(|count: &NonZeroU32| count.get() <= RATE_MAX)?;
        let seconds = match per.trim() {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return None,
        };
        Some(Rate { count, per: Duration::from_secs(seconds) })
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "m",
            _ => "h",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

impl ChannelKind {
    pub fn as_str(&self) -> &'static str {
        match self {
            ChannelKind::Log => "log",
            ChannelKind::Webhook { .. } => "webhook",
            ChannelKind::Smtp(_) => "smtp",
            ChannelKind::Slack { .. } => "slack",
            ChannelKind::Teams { .. } => "teams",
            ChannelKind::Ntfy { .. } => "ntfy",
            ChannelKind::TwilioSms(_) => "twilio-sms",
            ChannelKind::TwilioVoice(_) => "twilio-voice",
            ChannelKind::Http(_) => "http",
        }
    }

    /// What only the daemon is to read.
    pub fn secrets(&self) -> Vec<&Kept> {
        match self {
            ChannelKind::Log => Vec::new(),
            ChannelKind::Webhook { url, secret } => [url].into_iter().chain(secret).collect(),
            ChannelKind::Smtp(smtp) => smtp.login.iter().map(|(_, password)| password).collect(),
            ChannelKind::Slack { url } | ChannelKind::Teams { url } => vec![url],
            ChannelKind::Ntfy { url, token, .. } => [url].into_iter().chain(token).collect(),
            ChannelKind::TwilioSms(twilio) | ChannelKind::TwilioVoice(twilio) => {
                vec![&twilio.url, &twilio.token]
            }
            ChannelKind::Http(http) => [&http.url].into_iter().chain(&http.secret).collect(),
        }
    }

    /// What a person needs so that it can reach them, as the rotation files call it.
    pub fn needs(&self) -> Option<&'static str> {
        match self {
            ChannelKind::Smtp(_) => Some("email"),
            ChannelKind::TwilioSms(_) | ChannelKind::TwilioVoice(_) => Some("phone"),
            _ => None,
        }
    }

    /// Several people read there what is meant for one.
    fn is_room(&self) -> bool {
        matches!(self, ChannelKind::Slack { .. } | ChannelKind::Teams { .. })
    }

    /// What such receivers are known to take without throttling.
    fn usual_rate(&self) -> Option<Rate> {
        match self {
            ChannelKind::Log | ChannelKind::Webhook { .. } | ChannelKind::Http(_) => None,
            ChannelKind::Smtp(_) => Some(Rate::per_second(10)),
            ChannelKind::Teams { .. } => Some(Rate::per_second(2)),
            ChannelKind::Slack { .. }
            | ChannelKind::Ntfy { .. }
            | ChannelKind::TwilioSms(_)
            | ChannelKind::TwilioVoice(_) => Some(Rate::per_second(1)),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenChannel {
    kind: Kind,
    preset: Option<Preset>,
    #[serde(default, deserialize_with = "rate")]
    rate: Option<Rate>,
    acknowledge: Option<bool>,
    #[serde(default)]
    allow_private: bool,
    url: Option<String>,
    url_file: Option<PathBuf>,
    secret_file: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<SmtpTls>,
    from: Option<String>,
    username: Option<String>,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    account: Option<String>,
    token_file: Option<PathBuf>,
    topic: Option<String>,
    language: Option<String>,
    method: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    body: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Log,
    Webhook,
    Smtp,
    Slack,
    Teams,
    Http,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Preset {
    Ntfy,
    TwilioSms,
    TwilioVoice,
}

const TWILIO: &str = "https://api.twilio.com";

impl WrittenChannel {
    pub(super) fn settings(self, secrets: &Secrets) -> anyhow::Result<ChannelSettings> {
        let (called, known) = self.knows()?;
        if let Some(unknown) = self.written().into_iter().find(|key| !known.contains(key)) {
            let known = if known.is_empty() {
                "no keys of its own".to_owned()
            } else {
                format!("`{}`", known.join("`, `"))
            };
            bail!("a channel of kind {called} has no `{unknown}`; it has {known}");
        }
        let (allow_private, rate, acknowledge) = (self.allow_private, self.rate, self.acknowledge);
        let kind = self.kind(secrets, &called)?;
        let rate = rate.or_else(|| kind.usual_rate());
        let acknowledge = acknowledge.unwrap_or(!kind.is_room());
        Ok(ChannelSettings { kind, allow_private, rate, acknowledge })
    }

    /// What it is called, and the keys that it may have beside those of every channel.
    fn knows(&self) -> anyhow::Result<(String, &'static [&'static str])> {
        let kind = |name: &str| format!("{name:?}");
        let preset = |name: &str| format!("\"http\" with the preset {name:?}");
        Ok(match (self.kind, self.preset) {
            (Kind::Log, None) => (kind("log"), &[]),
            (Kind::Webhook, None) => {
                (kind("webhook"), &["url", "url_file", "secret_file", "acknowledge", "allow_private", "rate"])
            }
            (Kind::Smtp, None) => (
                kind("smtp"),
                &[
                    "host",
                    "port",
                    "tls",
                    "from",
                    "username",
                    "password_file",
                    "ca_file",
                    "acknowledge",
                    "allow_private",
                    "rate",
                ],
            ),
            (Kind::Slack, None) => (kind("slack"), &["url_file", "acknowledge", "allow_private", "rate"]),
            (Kind::Teams, None) => (kind("teams"), &["url_file", "acknowledge", "allow_private", "rate"]),
            (Kind::Http, None) => (
                kind("http"),
                &[
                    "method",
                    "url",
                    "url_file",
                    "headers",
                    "body",
                    "secret_file",
                    "acknowledge",
                    "allow_private",
                    "rate",
                ],
            ),
            (Kind::Http, Some(Preset::Ntfy)) => (
                preset("ntfy"),
                &["url", "url_file", "topic", "token_file", "acknowledge", "allow_private", "rate"],
            ),
            (Kind::Http, Some(Preset::TwilioSms)) => (
                preset("twilio-sms"),
                &["account", "token_file", "from", "url", "acknowledge", "allow_private", "rate"],
            ),
            (Kind::Http, Some(Preset::TwilioVoice)) => (
                preset("twilio-voice"),
                &["account", "token_file", "from", "url", "language", "acknowledge", "allow_private", "rate"],
            ),
            (_, Some(_)) => bail!("only a channel of kind \"http\" has a `preset`"),
        })
    }

    /// The keys that are written down, beside `kind` and `preset`.
    fn written(&self) -> Vec<&'static str> {
        let keys = [
            ("rate", self.rate.is_some()),
            ("acknowledge", self.acknowledge.is_some()),
            ("allow_private", self.allow_private),
            ("url", self.url.is_some()),
            ("url_file", self.url_file.is_some()),
            ("secret_file", self.secret_file.is_some()),
            ("host", self.host.is_some()),
            ("port", self.port.is_some()),
            ("tls", self.tls.is_some()),
            ("from", self.from.is_some()),
            ("username", self.username.is_some()),
            ("password_file", self.password_file.is_some()),
            ("ca_file", self.ca_file.is_some()),
            ("account", self.account.is_some()),
            ("token_file", self.token_file.is_some()),
            ("topic", self.topic.is_some()),
            ("language", self.language.is_some()),
            ("method", self.method.is_some()),
            ("headers", self.headers.is_some()),
            ("body", self.body.is_some()),
        ];
        keys.into_iter().filter(|(_, is_there)| *is_there).map(|(key, _)| key).collect()
    }

    fn kind(self, secrets: &Secrets, called: &str) -> anyhow::Result<ChannelKind> {
        let file = |name: Option<PathBuf>| name.map(|name| SecretFile { name, secrets: secrets.clone() });
        let secret = |name| file(name).map(Kept::InFile);
        let needs = |key: &str| format!("a channel of kind {called} needs `{key}`");
        let url = match (self.url, self.url_file) {
            (Some(_), Some(_)) => bail!("`url` and `url_file` are two places for one thing; keep one"),
            (Some(url), None) => Some(Kept::Here(Secret::new(url))),
            (None, name) => secret(name),
        };
        Ok(match (self.kind, self.preset) {
            (Kind::Log, _) => ChannelKind::Log,
            (Kind::Webhook, _) => ChannelKind::Webhook {
                url: url.with_context(|| needs("url"))?,
                secret: secret(self.secret_file),
            },
            (Kind::Slack, _) => ChannelKind::Slack { url: url.with_context(|| needs("url_file"))? },
            (Kind::Teams, _) => ChannelKind::Teams { url: url.with_context(|| needs("url_file"))? },
            (Kind::Smtp, _) => {
                let tls = self.tls.unwrap_or(SmtpTls::StartTls);
                let login = match (self.username, secret(self.password_file)) {
                    (Some(username), Some(password)) => Some((username, password)),
                    (None, None) => None,
                    _ => bail!("`username` and `password_file` go together"),
                };
                ensure!(
                    login.is_none() || tls != SmtpTls::None,
                    "a password does not travel without TLS: `tls` is \"starttls\" or \"implicit\""
                );
                let usual = match tls {
                    SmtpTls::StartTls => 587,
                    SmtpTls::Implicit => 465,
                    SmtpTls::None => 25,
                };
                ChannelKind::Smtp(SmtpSettings {
                    host: self.host.with_context(|| needs("host"))?,
                    port: self.port.unwrap_or(usual),
                    tls,
                    from: self.from.with_context(|| needs("from"))?,
                    login,
                    authorities: file(self.ca_file),
                })
            }
            (Kind::Http, None) => ChannelKind::Http(HttpSettings {
                method: self.method.unwrap_or_else(|| "POST".to_owned()),
                url: url.with_context(|| needs("url"))?,
                headers: self.headers.unwrap_or_default(),
                body: self.body,
                secret: secret(self.secret_file),
            }),
            (Kind::Http, Some(Preset::Ntfy)) => ChannelKind::Ntfy {
                url: url.with_context(|| needs("url"))?,
                topic: self.topic.with_context(|| needs("topic"))?,
                token: secret(self.token_file),
            },
            (Kind::Http, Some(preset @ (Preset::TwilioSms | Preset::TwilioVoice))) => {
                let settings = TwilioSettings {
                    url: url.unwrap_or_else(|| Kept::Here(Secret::new(TWILIO))),
                    account: self.account.with_context(|| needs("account"))?,
                    token: secret(self.token_file).with_context(|| needs("token_file"))?,
                    from: self.from.with_context(|| needs("from"))?,
                    language: self.language.unwrap_or_else(|| "en-GB".to_owned()),
                };
                match preset {
                    Preset::TwilioVoice => ChannelKind::TwilioVoice(settings),
                    _ => ChannelKind::TwilioSms(settings),
                }
            }
        })
    }
}

fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rate>, D::Error> {
    let text = String::deserialize(from)?;
    let said = || {
        format!("{text:?} is no rate: write it like \"1/s\", \"30/m\" or \"500/h\", up to {RATE_MAX} at most")
    };
    Rate::parse(&text).map(Some).ok_or_else(|| serde::de::Error::custom(said()))
}
