//! Whether the daemon runs, and what it says of itself.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use anyhow::{Context, anyhow};
use reqwest::StatusCode;
use rustls::pki_types::CertificateDer;
use serde_json::Value;

use super::{Chart, Patient};
use crate::daemon::StateDir;
use crate::tls::trusting_only;

const ANSWERS_WITHIN: Duration = Duration::from_secs(8);
/// A socket for every client, the database and the channels.
const FILES_MIN: u64 = 4096;

/// The process that holds the lock of the state directory, as the kernel lists it: taking the lock to see would keep
/// a daemon from starting.
pub fn process(patient: &Patient) -> Option<u32> {
    let inode = fs::metadata(patient.settings.state.join("lock")).ok()?.ino();
    let locks = fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        // `1: FLOCK  ADVISORY  WRITE 123 08:01:456 0 EOF`
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, "WRITE", process, file, ..] = words[..] else { return None };
        (file.rsplit(':').next()?.parse() == Ok(inode)).then(|| process.parse().ok())?
    })
}

/// Over HTTPS it is the daemon if it shows `certificate`, and it is not asked if we have none to compare with.
pub async fn examine(
    chart: &mut Chart,
    patient: &Patient,
    process: Option<u32>,
    certificate: Option<CertificateDer<'static>>,
) {
    let left = process.map_or_else(Vec::new, |_| StateDir::addresses(&patient.settings.state));
    let mut addresses = patient.listen.map_or(left, |given| vec![given]);
    if addresses.is_empty() {
        addresses.push(patient.settings.listen);
    }
    let ready = ready(patient, &addresses, certificate).await;
    let addresses: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    let addresses = addresses.join(", ");
    let log = "see its log: journalctl -u meridian";
    match (process, ready) {
        (None, Err(_)) => {
            chart.warning("daemon", "no daemon runs on this state directory", "systemctl start meridian");
        }
        (None, Ok(_)) => {
            let what = format!("something answers at {addresses}, and no daemon of this state directory");
            chart.warning(
                "daemon",
                what,
                "does the daemon run with other settings? give this command the same",
            );
        }
        (Some(process), Err(error)) => {
            let what = format!("process {process} runs, and {addresses} does not answer: {error:#}");
            let remedy = match patient.settings.tls {
                Some(_) => "has its certificate been renewed? systemctl restart meridian takes up the files",
                None => "is `listen` the one it was started with?",
            };
            chart.problem("daemon", what, format!("{remedy}; {log}"));
        }
        (Some(process), Ok((status, body))) => {
            let detail = body["detail"].as_str().unwrap_or_default().to_owned();
            match body["schedules"].as_str().unwrap_or("unknown") {
                _ if !status.is_success() => {
                    chart.problem("daemon", format!("process {process} is not ready: {detail}"), log);
                }
                "at work" => {
                    chart.ok("daemon", format!("process {process} decides, by revision {}", body["revision"]))
                }
                _ => chart.warning("daemon", format!("process {process} decides; {detail}"), log),
            }
        }
    }
    if let Some(limit) = process.and_then(open_files).filter(|limit| *limit < FILES_MIN) {
        chart.warning(
            "limits",
            format!("the daemon may open {limit} files at once"),
            "LimitNOFILE=65536 in its unit",
        );
    }
}

/// By the first address at which anybody answers.
async fn ready(
    patient: &Patient,
    addresses: &[SocketAddr],
    certificate: Option<CertificateDer<'static>>,
) -> anyhow::Result<(StatusCode, Value)> {
    let (mut http, mut scheme) = (reqwest::Client::builder().timeout(ANSWERS_WITHIN).no_proxy(), "http");
    if patient.settings.tls.is_some() {
        let certificate = certificate.context("it cannot be told from others without its certificate")?;
        (http, scheme) = (http.tls_backend_preconfigured(trusting_only(certificate)?), "https");
    }
    let http = http.build()?;
    let mut last = None;
    for address in addresses {
        match http.get(format!("{scheme}://{}/readyz", here(*address))).send().await {
            Ok(response) => return Ok((response.status(), response.json().await?)),
            Err(error) => last = Some(error.without_url()),
        }
    }
    Err(last.map_or_else(|| anyhow!("it has no address"), anyhow::Error::from))
}

/// Where everybody may come in, we do from here.
fn here(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => (),
    }
    address
}

fn open_files(process: u32) -> Option<u64> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}
