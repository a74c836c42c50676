//! The API from the shell.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Args;
use reqwest::{Certificate, Method, RequestBuilder, Url, redirect};
use rustls::CertificateError;
use serde_json::Value;

use super::Outcome;
use crate::settings::Secret;

#[derive(Args)]
pub struct Remote {
    /// Address of the daemon
    #[arg(
        long,
        value_name = "URL",
        env = "MERIDIAN_SERVER",
        default_value = "http://127.0.0.1:8470",
        global = true
    )]
    server: String,
    /// File with the token [default: state/admin-token, if it is there]
    #[arg(long, value_name = "FILE", env = "MERIDIAN_TOKEN_FILE", global = true)]
    token_file: Option<PathBuf>,
    /// PEM file of the authorities to trust instead of the system's, for https
    #[arg(long, value_name = "FILE", env = "MERIDIAN_CA", global = true)]
    ca: Option<PathBuf>,
    /// Act as this person; with an administrator's token
    #[arg(long = "as", value_name = "PERSON", global = true)]
    acts_as: Option<String>,
    /// Print the API's JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// A daemon, and who talks to it.
pub struct Client {
    http: reqwest::Client,
    server: Url,
    token: Secret,
    acts_as: Option<String>,
}

/// Stands over the file, for places where files are awkward.
const TOKEN: &str = "MERIDIAN_TOKEN";
const ADMIN_TOKEN: &str = "state/admin-token";
const TIMEOUT: Duration = Duration::from_secs(40);
/// Of a report over months.
const PATIENCE: Duration = Duration::from_secs(620);

impl Remote {
    /// Runs a conversation with the daemon.
    pub fn talk<F: Future<Output = anyhow::Result<Outcome>>>(
        self,
        conversation: impl FnOnce(Client) -> F,
    ) -> anyhow::Result<Outcome> {
        crate::notify::use_ring();
        let client = self.client()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(conversation(client))
    }

    fn client(self) -> anyhow::Result<Client> {
        let mut server = server(&self.server)?;
        if !server.path().ends_with('/') {
            server.set_path(&format!("{}/", server.path()));
        }
        let token = token(self.token_file.as_deref())?;
        let mut http = reqwest::Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none());
        if let Some(file) = &self.ca {
            http = http.tls_certs_only(authorities(file)?);
        }
        // A proxy of the environment sees what goes through it, unless that is encrypted.
        if server.scheme() != "https" || is_loopback(&server) {
            http = http.no_proxy();
        }
        let http = http.build().context("no HTTP client can be made")?;
        Ok(Client { http, server, token, acts_as: self.acts_as })
    }
}

fn authorities(file: &Path) -> anyhow::Result<Vec<Certificate>> {
    let at = || format!("--ca {}", file.display());
    let text = std::fs::read(file).with_context(at)?;
    let found = Certificate::from_pem_bundle(&text).with_context(at)?;
    if found.is_empty() {
        bail!("{} has no certificate: PEM is expected (BEGIN CERTIFICATE)", at());
    }
    Ok(found)
}

/// Errors of connections come wrapped, once or more often.
fn tls_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = || cause.downcast_ref::<io::Error>()?.get_ref();
    cause.downcast_ref().or_else(|| tls_error(wrapped()?))
}

fn server(text: &str) -> anyhow::Result<Url> {
    let at = format!("--server {text:?}");
    match Url::parse(text) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) => Ok(url),
        Err(error) if text.contains("://") => Err(error).context(at),
        _ => bail!(
            "{at} is no address: http://HOST:PORT is expected, as http://127.0.0.1:8470, or https:// where the daemon has a \
             certificate"
        ),
    }
}

fn is_loopback(server: &Url) -> bool {
    let host = server.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

fn token(file: Option<&Path>) -> anyhow::Result<Secret> {
    let read = |file: &Path| {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        token_in(&text).with_context(|| format!("{}", file.display()))
    };
    match (file, std::env::var(TOKEN)) {
        (Some(file), _) => read(file),
        (None, Ok(token)) => token_in(&token).context(TOKEN),
        (None, Err(_)) if Path::new(ADMIN_TOKEN).exists() => read(Path::new(ADMIN_TOKEN)),
        (None, Err(_)) => bail!(
            "no token: give --token-file, set {TOKEN} or MERIDIAN_TOKEN_FILE, or run this beside {ADMIN_TOKEN}"
        ),
    }
}

/// What is no token is not shown: it may be another secret.
fn token_in(text: &str) -> anyhow::Result<Secret> {
    let text = text.trim();
    let is_one = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(
        is_one,
        "there is no token in it: one word is expected, as state/admin-token has it and `meridian token add` prints it"
    );
    Ok(Secret::new(text))
}

impl Client {
    /// `path` without the leading slash; empty values of the query are left out.
    pub async fn get(&self, path: &str, query: &[(&str, Option<String>)]) -> anyhow::Result<Value> {
        self.send(Method::GET, self.asking(path, query)?, None).await
    }

    /// As [`Client::get`], of what is no JSON, and may take its time.
    pub async fn get_text(&self, path: &str, query: &[(&str, Option<String>)]) -> anyhow::Result<String> {
        self.answer(self.http.request(Method::GET, self.asking(path, query)?).timeout(PATIENCE)).await
    }

    fn asking(&self, path: &str, query: &[(&str, Option<String>)]) -> anyhow::Result<Url> {
        let mut url = self.url(path)?;
        for (name, value) in query {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Ok(url)
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::POST, self.url(path)?, Some(body)).await
    }

    /// As [`Client::post`], of what looks at every ticket there is.
    pub async fn post_patiently(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.http.request(Method::POST, self.url(path)?).timeout(PATIENCE);
        let text = self.answer(request.json(body)).await?;
        serde_json::from_str(&text).context("the answer is not JSON; is this a Meridian?")
    }

    pub async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::DELETE, self.url(path)?, None).await
    }

    /// Why there is no answer, with a remedy where one is known.
    fn silent(&self, error: reqwest::Error) -> anyhow::Error {
        let never_sent = error.is_builder();
        let error = anyhow::Error::from(error.without_url());
        if never_sent {
            return error.context("nothing was asked: what was given makes no request");
        }
        let tls = error.chain().find_map(tls_error);
        let remedy = match tls {
            Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                ": its certificate is of an authority that is not trusted here; --ca FILE (MERIDIAN_CA) names one"
            }
            Some(rustls::Error::InvalidMessage(_)) => ": it does not speak TLS; is it http://?",
            _ => "",
        };
        error.context(format!("the daemon at {} does not answer{remedy}", self.server))
    }

    fn url(&self, path: &str) -> anyhow::Result<Url> {
        self.server.join(path).with_context(|| format!("{path:?} makes no address"))
    }

    async fn send(&self, method: Method, url: Url, body: Option<&Value>) -> anyhow::Result<Value> {
        let request = self.http.request(method, url);
        let text = self.answer(if let Some(body) = body { request.json(body) } else { request }).await?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).context("the answer is not JSON; is this a Meridian?")
    }

    /// The text of a success; a problem is an error in its own words.
    async fn answer(&self, request: RequestBuilder) -> anyhow::Result<String> {
        let mut request = request.bearer_auth(self.token.reveal());
        if let Some(person) = &self.acts_as {
            request = request.header("Meridian-As", person);
        }
        let response = request.send().await.map_err(|error| self.silent(error))?;
        let status = response.status();
        let text = response.text().await.context("the answer broke off")?;
        if status.is_success() {
            return Ok(text);
        }
        let problem: Value = serde_json::from_str(&text).unwrap_or_default();
        match problem["detail"].as_str() {
            Some(detail) => bail!("{detail} ({status})"),
            None => bail!("the server at {} answered {status}; is this a Meridian?", self.server),
        }
    }
}

/// One segment of a path, with everything else escaped.
pub fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
