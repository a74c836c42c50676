//! The pair that handshakes are made with at this moment.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
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
        Ok(Served { files: files.clone(), pair, last })
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
                *last = Last { digest, refused: None };
                Looked::Renewed(validity)
            }
            Err(error) => {
                let why = format!("{error:#}");
                let known = last.refused.as_ref() == Some(&why);
                *last = Last { digest, refused: Some(why.clone()) };
                if known { Looked::AsBefore } else { Looked::Refused(why) }
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
