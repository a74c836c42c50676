//! An address outside that the daemon may call. It comes from the settings, and whoever writes those, or the name
//! behind it, must not be able to lead us to our own neighbours unless the settings say so.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method, RequestBuilder, Url, redirect};
use tokio::net::TcpStream;

use super::is_public;

/// Calls this address and no other: no redirect is followed, no proxy of the environment is asked, and every address
/// that its name resolves to is looked at before it is connected to.
#[derive(Clone)]
pub struct Target {
    url: Url,
    client: Client,
    allow_private: bool,
}

impl Target {
    /// With `allow_private`, addresses of our own network may be called too. A whole call takes at most `timeout`.
    /// The process must have a rustls provider installed. Errors never show the address: it may be a secret.
    pub fn new(url: &str, allow_private: bool, timeout: Duration) -> anyhow::Result<Target> {
        let url = Url::parse(url).map_err(|error| anyhow!("url is no URL: {error}"))?;
        ensure!(matches!(url.scheme(), "http" | "https"), "url: only http and https can be called");
        if let (Some(address), false) = (literal_address(&url), allow_private)
            && !is_public(address)
        {
            bail!(
                "url: {address} is not a public address; say `allow_private = true` if it is meant to be called"
            );
        }
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(timeout)
            .timeout(timeout)
            .dns_resolver(Arc::new(Resolver { allow_private }))
            .user_agent(concat!("meridian/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("no HTTP client can be made")?;
        Ok(Target { url, client, allow_private })
    }

    /// Connects, and hangs up without a request: where one would go, and whether anybody would hear it. An error says why
    /// nobody would.
    pub async fn reach(&self, within: Duration) -> anyhow::Result<String> {
        let host = self.url.host_str().context("url: no host")?;
        let port = self.url.port_or_known_default().context("url: no port")?;
        let mut addresses = match literal_address(&self.url) {
            Some(address) => vec![SocketAddr::new(address, port)],
            None => allowed(host, self.allow_private).await.map_err(|error| anyhow!("{host}: {error}"))?,
        };
        addresses.iter_mut().for_each(|address| address.set_port(port));
        connected(host, &addresses, within).await
    }

    pub fn request(&self, method: Method) -> RequestBuilder {
        self.request_at(method, self.url.clone())
    }

    /// Another address of the same host.
    pub(super) fn request_at(&self, method: Method, url: Url) -> RequestBuilder {
        assert!(self.is_of(&url), "whoever is called was looked at before");
        self.client.request(method, url)
    }

    pub(super) fn is_of(&self, url: &Url) -> bool {
        url.origin() == self.url.origin()
    }
}

fn literal_address(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Gives out only addresses that may be called; what it gives out is what is connected to.
struct Resolver {
    allow_private: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} has no public address; say `allow_private = true` if it is meant to be called")]
struct NotPublic(String);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let allowed = allowed(name.as_str(), allow_private).await?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Connects to one of the addresses, which have one port, and hangs up; the host with its addresses, or why nobody answers.
pub(super) async fn connected(
    host: &str,
    addresses: &[SocketAddr],
    within: Duration,
) -> anyhow::Result<String> {
    let port = addresses.first().context("no address")?.port();
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let shown = format!("{host} ({})", shown.join(", "));
    match tokio::time::timeout(within, TcpStream::connect(addresses)).await {
        Ok(Ok(_)) => Ok(shown),
        Ok(Err(error)) => bail!("{shown} cannot be reached at port {port}: {error}"),
        Err(_) => bail!("{shown} does not answer at port {port} within {} s", within.as_secs()),
    }
}

/// The addresses of a name that may be called; an error where there is none.
pub(super) async fn allowed(
    name: &str,
    allow_private: bool,
) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    let allowed: Vec<SocketAddr> = found.filter(|address| allow_private || is_public(address.ip())).collect();
    if allowed.is_empty() {
        return Err(NotPublic(name.to_owned()).into());
    }
    Ok(allowed)
}

/// In words, where the guard is why a request was not sent: trying again is pointless then.
pub fn refused_by_guard(error: &reqwest::Error) -> Option<String> {
    anyhow::Chain::new(error).find_map(|cause| cause.downcast_ref::<NotPublic>()).map(ToString::to_string)
}
