//! Where requests come in: sockets that systemd holds for us, so that a restart drops nobody, or one of our own.

use std::io::ErrorKind;
use std::net::{self, SocketAddr};
use std::os::fd::FromRawFd;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tracing::warn;

/// Sockets that systemd passed to this process (`systemd/meridian.socket`); none where it holds none. They are taken
/// out of the environment.
///
/// # Safety
///
/// No other thread may run yet: the environment is changed.
pub unsafe fn passed_sockets() -> anyhow::Result<Vec<net::TcpListener>> {
    // SAFETY: the caller sees to it that nobody else reads the environment.
    let passed = unsafe { sd_notify::listen_fds_with_names_and_unset_env() }
        .context("the sockets that systemd should have passed (LISTEN_FDS) cannot be had")?;
    let sockets = passed.map(|(descriptor, name)| {
        // SAFETY: it is open, or `sd_notify` would have failed, and nobody else has taken it: with the environment
        // goes the only word of it.
        let socket = unsafe { net::TcpListener::from_raw_fd(descriptor) };
        socket.local_addr().with_context(|| {
            format!(
                "systemd passed the socket {name:?}, which is none of TCP: ListenStream= in meridian.socket takes an \
                 address and a port, as in 127.0.0.1:8470"
            )
        })?;
        Ok(socket)
    });
    sockets.collect()
}

/// The passed ones where there are any, else one at `address`.
pub async fn listen(
    passed: Vec<net::TcpListener>,
    address: SocketAddr,
) -> anyhow::Result<Vec<(TcpListener, SocketAddr)>> {
    if passed.is_empty() {
        let listener = bind(address).await?;
        let address = listener.local_addr()?;
        return Ok(vec![(listener, address)]);
    }
    let taken = passed.into_iter().map(|socket| {
        socket.set_nonblocking(true)?;
        let listener = TcpListener::from_std(socket)?;
        let address = listener.local_addr()?;
        anyhow::Ok((listener, address))
    });
    let taken: Vec<_> = taken.collect::<Result<_, _>>()?;
    if taken.iter().all(|(_, given)| *given != address) {
        warn!(
            listen = %address,
            "systemd holds the socket, so `listen` is passed over: `systemctl edit meridian.socket` changes the address"
        );
    }
    Ok(taken)
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let remedy = remedy(error.kind());
        anyhow!("cannot listen at {address}: {error}; {remedy}")
    })
}

fn remedy(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AddrInUse => "is another daemon running? --listen takes another address",
        ErrorKind::PermissionDenied => {
            "ports below 1024 are for root, for who has CAP_NET_BIND_SERVICE, and for systemd, which passes them on \
             (meridian.socket); --listen takes another"
        }
        ErrorKind::AddrNotAvailable => "this machine has no such address; --listen takes another",
        _ => "--listen takes another address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_privileged_port_was_taken_for_another_daemon() {
        assert!(remedy(ErrorKind::AddrInUse).contains("another daemon"));
        for kind in [ErrorKind::PermissionDenied, ErrorKind::AddrNotAvailable, ErrorKind::Other] {
            assert!(!remedy(kind).contains("daemon"), "{kind}: {}", remedy(kind));
        }
    }
}
