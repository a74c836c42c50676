//! A certificate and its key, read and found to belong together.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::{Certificate, Validity};
use crate::settings::TlsFiles;

/// Ready for handshakes, by TLS 1.2 and 1.3.
#[derive(Debug)]
pub struct Pair {
    pub config: Arc<ServerConfig>,
    /// Of the server's own certificate.
    pub validity: Validity,
    /// The server's own first, then what the file has after it.
    pub chain: Vec<CertificateDer<'static>>,
}

/// The texts of both files.
pub(super) struct Texts {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

impl Texts {
    pub fn read(files: &TlsFiles) -> anyhow::Result<Texts> {
        Ok(Texts { certificate: read(&files.certificate)?, key: read(&files.key)? })
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        let remedy = match error.kind() {
            ErrorKind::PermissionDenied => {
                ": the daemon's own user may not; systemd passes it with LoadCredential= (meridian.service)"
            }
            _ => "",
        };
        anyhow!("{} cannot be read: {error}{remedy}", path.display())
    })
}

impl Pair {
    /// An error names the file and what to do.
    pub fn read(files: &TlsFiles) -> anyhow::Result<Pair> {
        Pair::of(&Texts::read(files)?, files)
    }

    pub(super) fn of(texts: &Texts, files: &TlsFiles) -> anyhow::Result<Pair> {
        let chain = chain(&texts.certificate, &files.certificate)?;
        let key = key(&texts.key, &files.key)?;
        let own = chain.first().and_then(|own| Certificate::read(own));
        let own = own.with_context(|| {
            format!("the first certificate in {} cannot be read", files.certificate.display())
        })?;
        let certified = belong_together(chain.clone(), key, files)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Pair { config: Arc::new(config), validity: own.validity, chain })
    }
}

fn chain(text: &[u8], path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain: Result<Vec<_>, PemError> = CertificateDer::pem_slice_iter(text).collect();
    let chain = chain.map_err(|error| anyhow!("{} is no sound PEM: {error}", path.display()))?;
    if chain.is_empty() {
        bail!(
            "{} has no certificate: PEM is expected (BEGIN CERTIFICATE), the server's own first, then intermediates",
            path.display()
        );
    }
    Ok(chain)
}

fn key(text: &[u8], path: &Path) -> anyhow::Result<PrivateKeyDer<'static>> {
    let at = path.display();
    PrivateKeyDer::from_pem_slice(text).map_err(|error| match error {
        PemError::NoItemsFound if text.windows(9).any(|window| window == b"ENCRYPTED") => {
            anyhow!("the key in {at} is encrypted: `openssl pkey -in KEY -out NEW` takes its passphrase away")
        }
        PemError::NoItemsFound => {
            anyhow!("{at} has no private key: PEM is expected (BEGIN PRIVATE KEY)")
        }
        error => anyhow!("{at} is no sound PEM: {error}"),
    })
}

fn belong_together(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    files: &TlsFiles,
) -> anyhow::Result<CertifiedKey> {
    let (certificate, key_file) = (files.certificate.display(), files.key.display());
    let provider = ring::default_provider();
    let pair = |chain| CertifiedKey::from_der(chain, key.clone_key(), &provider);
    match pair(chain.clone()) {
        Ok(certified) => Ok(certified),
        Err(rustls::Error::InconsistentKeys(_)) => {
            let later = chain.iter().skip(1).any(|certificate| pair(vec![certificate.clone()]).is_ok());
            let remedy = if later {
                "the certificates stand in the wrong order: the server's own comes first, then intermediates"
            } else {
                "they are of two different pairs: bring both files of one"
            };
            bail!("the key in {key_file} is not that of the first certificate in {certificate}; {remedy}")
        }
        Err(error) => bail!("{certificate} and {key_file} cannot be used: {error}"),
    }
}
