//! The pair that handshakes are made with at this moment.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use rustls::ServerConfig;
use sha2::{Digest, Sha256};

use super::pair::Texts;
use super::{Pair, Validity};
use crate::settings::TlsFiles;

/// Shared by whoever makes handshakes, whoever renews, and whoever tells of it.
#[derive(Debug)]
pub struct Served {
    files: TlsFiles,
    pair: ArcSwap<Pair>,
    last: Mutex<Last>,
    renewals: Renewals,
}

/// Clones count together.
#[derive(Clone, Debug)]
struct Renewals(Family<[(&'static str, &'static str); 1], Counter>);

const TAKEN_UP: &str = "taken_up";
const REFUSED: &str = "refused";

impl Renewals {
    /// Both are there from the start: a rate does not see a counter that begins with 1.
    fn new() -> Renewals {
        let renewals = Renewals(Family::default());
        [TAKEN_UP, REFUSED]
            .iter()
            .for_each(|outcome| drop(renewals.0.get_or_create(&[("outcome", *outcome)])));
        renewals
    }

    fn count(&self, outcome: &'static str) {
        self.0.get_or_create(&[("outcome", outcome)]).inc();
    }
}

/// What the files were when they were last looked at.
#[derive(Debug)]
struct Last {
    /// Of both texts; `None` where they could not be read.
    digest: Option<[u8; 32]>,
    refused: Option<String>,
}

/// What has become of the files since they were last looked at.
#[derive(Debug, PartialEq)]
pub enum Looked {
    AsBefore,
    /// A new pair is at work.
    Renewed(Validity),
    /// The pair of before stays at work.
    Refused(String),
}

impl Served {
    pub fn open(files: &TlsFiles) -> anyhow::Result<Served> {
        let texts = Texts::read(files)?;
        let pair = ArcSwap::from_pointee(Pair::of(&texts, files)?);
        let last = Mutex::new(Last { digest: Some(digest(&texts)), refused: None });
        Ok(Served { files: files.clone(), pair, last, renewals: Renewals::new() })
    }

    /// Reads the files; a pair in them that can be used is at work for whoever connects from now on.
    pub fn look_again(&self) -> Looked {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = Texts::read(&self.files);
        let digest = texts.as_ref().ok().map(digest);
        if digest.is_some() && digest == last.digest {
            return Looked::AsBefore;
        }
        match texts.and_then(|texts| Pair::of(&texts, &self.files)) {
            Ok(pair) => {
                let validity = pair.validity;
                self.pair.store(Arc::new(pair));
                self.renewals.count(TAKEN_UP);
                *last = Last { digest, refused: None };
                Looked::Renewed(validity)
            }
            Err(error) => {
                let why = format!("{error:#}");
                let known = last.refused.as_ref() == Some(&why);
                *last = Last { digest, refused: Some(why.clone()) };
                if known {
                    return Looked::AsBefore;
                }
                self.renewals.count(REFUSED);
                Looked::Refused(why)
            }
        }
    }

    pub fn config(&self) -> Arc<ServerConfig> {
        self.pair.load().config.clone()
    }

    pub fn validity(&self) -> Validity {
        self.pair.load().validity
    }

    /// Why the files are not what is at work.
    pub fn refused(&self) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).refused.clone()
    }

    pub fn register(&self, registry: &mut Registry) {
        let until = Gauge::<f64, AtomicU64>::default();
        until.set(self.validity().until.timestamp() as f64);
        let expires = "When the API's own certificate ends, since 1970";
        registry.register_with_unit("tls_certificate_expires_timestamp", expires, Unit::Seconds, until);
        let refused = Gauge::<i64>::default();
        refused.set(i64::from(self.refused().is_some()));
        let help = "1 while the certificate's files cannot be used and the pair of before stays at work";
        registry.register("tls_certificate_refused", help, refused);
        let help = "Changes of the certificate's files: taken up, or refused because they cannot be used";
        registry.register("tls_certificate_renewals", help, self.renewals.0.clone());
    }

    pub fn files(&self) -> &TlsFiles {
        &self.files
    }
}

fn digest(texts: &Texts) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(texts.certificate.len().to_le_bytes());
    hash.update(&texts.certificate);
    hash.update(&texts.key);
    hash.finalize().into()
}
