//! Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body`.

use anyhow::{Context, bail, ensure};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::settings::Secret;

/// The key behind a `whsec_...` secret.
#[derive(Clone)]
pub struct SigningKey(Vec<u8>);

/// Secrets are handed around with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl SigningKey {
    pub fn new(secret: &Secret) -> anyhow::Result<SigningKey> {
        let Some(encoded) = secret.reveal().strip_prefix("whsec_") else {
            bail!("a webhook secret is `whsec_` and base64 after it");
        };
        let key = BASE64.decode(encoded).context("what follows `whsec_` is not base64")?;
        ensure!(
            (24..=64).contains(&key.len()),
            "a webhook secret has 24 to 64 bytes, this one {}",
            key.len()
        );
        Ok(SigningKey(key))
    }

    /// The value of `webhook-signature` for one attempt.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}
