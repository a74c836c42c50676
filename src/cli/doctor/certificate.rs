//! The API's own certificate: whether the files can be used, for whom it is, and for how long.

use rustls::pki_types::CertificateDer;

use super::{Chart, Patient};
use crate::cli::show;
use crate::settings::TlsFiles;
use crate::tls::{Certificate, Holds, Pair};

const RENEW: &str = "renew it; files that change are put to work by themselves, and copies that the unit passes \
                     (LoadCredential=) by systemctl restart meridian";

/// The server's own, where the settings have one that can be used.
pub fn examine(chart: &mut Chart, patient: &Patient) -> Option<CertificateDer<'static>> {
    let files = patient.settings.tls.as_ref()?;
    let pair = match Pair::read(files) {
        Ok(pair) => pair,
        Err(error) => {
            chart.problem("tls", format!("{error:#}"), remedy(files));
            return None;
        }
    };
    holds(chart, patient, &pair);
    let chained: Vec<Certificate> = pair.chain.iter().filter_map(|one| Certificate::read(one)).collect();
    let file = files.certificate.display();
    if let Some(at) = chained.windows(2).position(|two| !two[0].is_issued_by(&two[1])) {
        let what = format!("certificate {} in {file} is not issued by the one after it", at + 1);
        let remedy =
            "the server's own first, then each one's issuer: some clients find no way to an authority else";
        chart.warning("tls.chain", what, remedy);
    } else {
        chart.ok("tls.chain", format!("{} in order in {file}", show::counted(chained.len(), "certificate")));
    }
    pair.chain.into_iter().next()
}

fn holds(chart: &mut Chart, patient: &Patient, pair: &Pair) {
    let until = pair.validity.until;
    let names = Certificate::read(&pair.chain[0]).map(|own| own.names).unwrap_or_default();
    let left = show::lasting(until - patient.now);
    let whom = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    let said = format!("for {whom}, until {}", show::utc(until));
    match pair.validity.at(patient.now) {
        Holds::NoMore => {
            chart.problem("tls", format!("{said}: it ended {left} ago, and clients turn away"), RENEW);
        }
        Holds::NotYet => {
            let from = show::utc(pair.validity.from);
            chart.problem("tls", format!("{said}, and only from {from} on"), "is the clock right?");
        }
        _ if names.is_empty() => {
            let remedy = "have it issued with a subjectAltName: clients do not look at the common name";
            chart.problem("tls", format!("{said}: it has no names, and clients turn away"), remedy);
        }
        Holds::NotForLong => chart.warning("tls", format!("{said}: that is in {left}"), RENEW),
        Holds::Yes => chart.ok("tls", said),
    }
}

/// The message says what is wrong with files that are there.
fn remedy(files: &TlsFiles) -> &'static str {
    match files.certificate.exists() && files.key.exists() {
        true => "mend the files: the daemon goes on with what it has, and does not start again with these",
        false => {
            "bring both files; where the unit passes them (LoadCredential=), run this as root while the daemon runs, \
             or look at what LoadCredential= names"
        }
    }
}
