//! Mail, by SMTP.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow, bail, ensure};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::answer::clean;
use super::letter::one_line;
use super::target::{allowed, connected};
use super::{Failure, Letter};
use crate::settings::{Secret, SmtpSettings, SmtpTls};

/// A mail server. Every message has a conversation of its own: what broke in one breaks no other.
#[derive(Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    allow_private: bool,
    tls: Option<(SmtpTls, TlsParameters)>,
    from: Mailbox,
    login: Option<(Credentials, Secret)>,
    timeout: Duration,
}

/// Says that nobody need answer, and that automatic answers are not wanted.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<AutoSubmitted, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(AutoSubmitted::name(), "auto-generated".to_owned())
    }
}

impl Smtp {
    pub fn new(settings: &SmtpSettings, allow_private: bool, timeout: Duration) -> anyhow::Result<Smtp> {
        let from: Mailbox =
            settings.from.parse().map_err(|error| anyhow!("`from` is no address: {error}"))?;
        let tls = match settings.tls {
            SmtpTls::None => None,
            kind => Some((kind, parameters(settings)?)),
        };
        let login = settings.login.as_ref().map(|(name, password)| {
            let password = password.read()?;
            anyhow::Ok((Credentials::new(name.clone(), password.reveal().to_owned()), password))
        });
        let login = login.transpose()?;
        let (host, port) = (settings.host.clone(), settings.port);
        ensure!(!host.is_empty() && port > 0, "`host` and `port` name a mail server");
        Ok(Smtp { host, port, allow_private, tls, from, login, timeout })
    }

    /// Connects, and hangs up without a word: where a message would go. An error says why none would.
    pub async fn reach(&self, within: Duration) -> anyhow::Result<String> {
        connected(&self.host, &self.resolved().await?, within).await
    }

    async fn resolved(&self) -> anyhow::Result<Vec<SocketAddr>> {
        let mut found = match self.host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) if !self.allow_private && !super::is_public(address) => bail!(
                "{address} is not a public address; say `allow_private = true` if it is meant to be called"
            ),
            Ok(address) => vec![SocketAddr::new(address, self.port)],
            Err(_) => allowed(&self.host, self.allow_private)
                .await
                .map_err(|error| anyhow!("{}: {error}", self.host))?,
        };
        found.iter_mut().for_each(|address| address.set_port(self.port));
        if self.tls.is_none() && found.iter().any(|address| !address.ip().is_loopback()) {
            bail!("{} is another machine: `tls` is \"starttls\" or \"implicit\"", self.host);
        }
        Ok(found)
    }

    pub(super) async fn send(&self, letter: &Letter<'_>) -> Result<String, Failure> {
        let message = self.message(letter).map_err(|error| Failure::lasting(format!("{error:#}")))?;
        match timeout(self.timeout, self.converse(&message)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Passing { why: "no answer in time".to_owned(), retry_after: None }),
        }
    }

    async fn converse(&self, message: &Message) -> Result<String, Failure> {
        let addresses = self.resolved().await.map_err(|error| guarded(&error))?;
        let failed = |error| self.failure(&error);
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let implicit = self.tls.clone().filter(|(kind, _)| *kind == SmtpTls::Implicit).map(|(_, tls)| tls);
        let within = Some(self.timeout);
        let mut server = AsyncSmtpConnection::connect_tokio1(&addresses[..], within, &hello, implicit, None)
            .await
            .map_err(failed)?;
        if let Some((SmtpTls::StartTls, tls)) = &self.tls {
            server.starttls(tls.clone(), &hello).await.map_err(failed)?;
        }
        if let Some((credentials, _)) = &self.login {
            server.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await.map_err(failed)?;
        }
        let answer = server.send(message.envelope(), &message.formatted()).await.map_err(failed)?;
        // It has been taken, whatever comes of the goodbye.
        server.quit().await.ok();
        let said: Vec<&str> = answer.message().collect();
        Ok(format!("answered {} {}", answer.code(), clean(&said.join(" "), &self.secrets())))
    }

    fn secrets(&self) -> Vec<&Secret> {
        self.login.iter().map(|(_, password)| password).collect()
    }

    /// 4yz passes. 5yz does not: no such mailbox, not signed in, not from here.
    fn failure(&self, error: &lettre::transport::smtp::Error) -> Failure {
        let root = anyhow::Chain::new(error).last().map(ToString::to_string).unwrap_or_default();
        let why = match error.status() {
            Some(code) => format!("answered {code}: {root}"),
            None => root,
        };
        let why = clean(&why, &self.secrets());
        if error.is_permanent() || error.is_client() {
            return Failure::Lasting { why };
        }
        Failure::Passing { why, retry_after: None }
    }

    /// The same at every attempt.
    fn message(&self, letter: &Letter) -> anyhow::Result<Message> {
        let to = letter
            .to
            .email
            .with_context(|| format!("{} has no `email` in the rotation files", letter.to.id))?;
        let address = to.parse().with_context(|| format!("the `email` of {} is no address", letter.to.id))?;
        let name = letter.to.name.map(|name| one_line(name).into_owned());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(one_line(&letter.subject))
            .date(SystemTime::from(letter.at))
            .message_id(Some(self.id("notice", letter.id)))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN);
        if let Some(about) = letter.about {
            // Nobody ever sent that one; it is what all mails about the ticket hang by.
            let thread = self.id("ticket", &about.ticket.to_string());
            message = message.in_reply_to(thread.clone()).references(thread);
        }
        let mut text = letter.text.replace("\r\n", "\n");
        if let Some(link) = &letter.links.acknowledge {
            text += &format!("\n\n{}: {link}", letter.tap);
        }
        Ok(message.body(text + "\n")?)
    }

    fn id(&self, what: &str, number: &str) -> String {
        let plain: String =
            number.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
        format!("<{what}-{plain}@{}>", self.from.email.domain())
    }
}

fn parameters(settings: &SmtpSettings) -> anyhow::Result<TlsParameters> {
    let mut tls = TlsParametersBuilder::new(settings.host.clone());
    if let Some(file) = &settings.authorities {
        let pem = file.read()?;
        let found = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).context("ca_file")?;
        ensure!(!found.is_empty(), "ca_file has no certificate: PEM is expected (BEGIN CERTIFICATE)");
        tls = tls.certificate_store(CertificateStore::None);
        let certificate = Certificate::from_pem(pem.as_bytes());
        tls = tls.add_root_certificate(certificate.map_err(|error| anyhow!("ca_file: {error}"))?);
    }
    tls.build_rustls().map_err(|error| anyhow!("TLS cannot be set up: {error}"))
}

/// A name that does not resolve may do so later; one that may not be called will not.
fn guarded(error: &anyhow::Error) -> Failure {
    let why = format!("{error:#}");
    match why.contains("`allow_private") || why.contains("`tls`") {
        true => Failure::Lasting { why },
        false => Failure::Passing { why, retry_after: None },
    }
}
