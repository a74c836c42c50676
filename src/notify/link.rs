//! Links that take a ticket with one tap, without signing in: whoever has one may do that one thing for a
//! while; where the message is about several tickets of one handoff, for all that are offered still. A lead who is asked
//! for it approves an escalation the same way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::desk::{Notice, NoticeKind, Says};
use crate::settings::Secret;

/// Makes links and reads them again.
#[derive(Clone)]
pub struct Acknowledging {
    public_url: String,
    key: Secret,
}

/// What a link says that nobody has tampered with.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub notice: String,
    /// Until then it does something.
    pub until: DateTime<Utc>,
}

/// The name under which the nodes share their key.
pub const KEY_NAME: &str = "acknowledge-links";

/// A link works a little longer than the offer: whoever taps late may still be the only one who answers.
const GRACE: TimeDelta = TimeDelta::minutes(10);
/// Where nothing says until when an answer counts.
const USUAL: TimeDelta = TimeDelta::hours(1);
/// What is signed of a vendor's links, so that none of them takes a ticket.
const REPLY_KEY: &str = "vendor-replies";
/// A vendor that takes longer is asked again.
const REPLIES: TimeDelta = TimeDelta::days(30);
/// 128 bits of the signature: enough for what nobody can try more than some times a second.
const SIGNATURE: usize = 16;

impl Acknowledging {
    pub fn new(public_url: String, key: Secret) -> Acknowledging {
        Acknowledging { public_url, key }
    }

    /// A key that nobody has yet.
    pub fn fresh_key() -> anyhow::Result<Secret> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
        Ok(Secret::new(URL_SAFE_NO_PAD.encode(random)))
    }

    /// For what asks somebody to take a ticket, or a lead to approve an escalation.
    pub fn link(&self, notice: &Notice) -> Option<String> {
        if !matches!(notice.kind, NoticeKind::Offer | NoticeKind::Page | NoticeKind::Approval) {
            return None;
        }
        let until = notice.expires_at.unwrap_or(notice.at + USUAL) + GRACE;
        let until = until.timestamp();
        let signature = URL_SAFE_NO_PAD.encode(self.signature(KEY_NAME, &notice.id, until));
        Some(format!("{}/a/{}.{until:x}.{signature}", self.public_url, notice.id))
    }

    /// For what asks a vendor for help: there it answers.
    pub fn reply_link(&self, notice: &Notice) -> Option<String> {
        if !matches!(notice.says, Says::VendorAsked { .. }) {
            return None;
        }
        let until = (notice.at + REPLIES).timestamp();
        let signature = URL_SAFE_NO_PAD.encode(self.signature(REPLY_KEY, &notice.id, until));
        Some(format!("{}/v/{}.{until:x}.{signature}", self.public_url, notice.id))
    }

    /// Of a link that takes a ticket. `None`: it is not one of ours, or somebody has changed it.
    pub fn read(&self, token: &str) -> Option<Asked> {
        self.read_as(KEY_NAME, token)
    }

    /// Of a link by which a vendor answers, likewise. Neither sort passes for the other.
    pub fn read_reply(&self, token: &str) -> Option<Asked> {
        self.read_as(REPLY_KEY, token)
    }

    fn read_as(&self, sort: &str, token: &str) -> Option<Asked> {
        let mut parts = token.split('.');
        let (Some(notice), Some(until), Some(given), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let until = i64::from_str_radix(until, 16).ok()?;
        let given = URL_SAFE_NO_PAD.decode(given).ok()?;
        // Compared in the same time, whichever of its bytes is wrong.
        if given.len() != SIGNATURE || self.mac(sort, notice, until).verify_truncated_left(&given).is_err() {
            return None;
        }
        Some(Asked { notice: notice.to_owned(), until: DateTime::from_timestamp_secs(until)? })
    }

    fn signature(&self, sort: &str, notice: &str, until: i64) -> [u8; SIGNATURE] {
        let whole = self.mac(sort, notice, until).finalize().into_bytes();
        whole[..SIGNATURE].try_into().expect("SHA-256 has 32 bytes")
    }

    fn mac(&self, sort: &str, notice: &str, until: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.reveal().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(format!("{sort}\n{notice}\n{until}").as_bytes());
        mac
    }
}
