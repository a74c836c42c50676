//! How much may be under way at once, of all and of one peer, so that one who floods us leaves room for others.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

pub struct Places {
    /// Said in the log of those who are turned away.
    what: &'static str,
    max: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_peer: BTreeMap<IpAddr, usize>,
    said_at: Option<Instant>,
}

/// Whoever floods us shall not fill the log as well.
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// Taken for as long as it is kept.
pub struct Place {
    places: Arc<Places>,
    peer: IpAddr,
}

impl Places {
    pub fn new(what: &'static str, max: usize) -> Arc<Places> {
        Arc::new(Places { what, max, taken: Mutex::default() })
    }

    /// `None`: they are all taken, or this peer has `share` of them.
    pub fn take(self: &Arc<Places>, peer: IpAddr, share: usize) -> Option<Place> {
        let peer = network_of(peer);
        let mut taken = self.taken();
        let of_peer = taken.by_peer.get(&peer).copied().unwrap_or_default();
        if taken.all >= self.max || of_peer >= share {
            if taken.said_at.is_none_or(|at| at.elapsed() >= SAY_AGAIN) {
                taken.said_at = Some(Instant::now());
                warn!(%peer, of_peer, all = taken.all, "too many {} at once: some are turned away", self.what);
            }
            return None;
        }
        taken.all += 1;
        taken.by_peer.insert(peer, of_peer + 1);
        Some(Place { places: self.clone(), peer })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        match taken.by_peer.get_mut(&self.peer) {
            Some(of_peer) if *of_peer > 1 => *of_peer -= 1,
            _ => _ = taken.by_peer.remove(&self.peer),
        }
    }
}

/// An address of IPv4; of IPv6 the network, as everybody has a whole one to choose addresses from.
fn network_of(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_peer_leaves_room_for_others_and_places_come_back() {
        let places = Places::new("tests", 5);
        let peer = |text: &str| -> IpAddr { text.parse().expect("an address") };
        let take = |text: &str| places.take(peer(text), 3);
        let mut ours: Vec<Place> = (0..3).filter_map(|_| take("2001:db8::1")).collect();
        assert_eq!(ours.len(), 3);
        assert!(take("2001:db8::2").is_none(), "of the same network");
        let others = [take("192.0.2.1"), take("::ffff:192.0.2.1")];
        assert!(others.iter().all(Option::is_some));
        assert!(take("192.0.2.2").is_none(), "all are taken");
        ours.pop();
        assert!(take("192.0.2.2").is_some());
        drop((ours, others));
        let left = places.taken();
        assert_eq!((left.all, left.by_peer.len()), (0, 0));
    }
}
