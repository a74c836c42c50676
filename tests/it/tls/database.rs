//! PostgreSQL over TLS, as a URL of libpq asks for it.

use std::net::{Ipv4Addr, TcpListener};

use insta::assert_snapshot;
use meridian::store::Store;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::authority::Authority;
use crate::postgres::Server;

/// What has become of it, and by which TLS the connections of a store came.
async fn open(url: &str) -> String {
    let store = match Store::open(url).await {
        Ok(store) => store,
        Err(error) => {
            // What the library says after our own words differs from version to version.
            let said = format!("{error:#}");
            let ours = said.split(": error communicating").next().unwrap_or(&said);
            return format!("refused: {ours}");
        }
    };
    store.ping().await.unwrap();
    let mut other = PgConnection::connect(url).await.unwrap();
    let by: Vec<(bool, Option<String>)> = sqlx::query_as(
        "select distinct ssl, version
        from pg_stat_ssl join pg_stat_activity using (pid)
        where application_name = 'meridian'",
    )
    .fetch_all(&mut other)
    .await
    .unwrap();
    other.close().await.unwrap();
    store.close().await;
    let by: Vec<String> = by
        .into_iter()
        .map(|(encrypted, version)| version.filter(|_| encrypted).unwrap_or("plain".into()))
        .collect();
    format!("works by {}", by.join(" and "))
}

#[tokio::test]
async fn a_database_is_reached_by_tls_as_its_url_asks() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let folder = TempDir::new().unwrap();
    let (certificate, key) = ours.pair(30);
    std::fs::write(folder.path().join("server.crt"), certificate).unwrap();
    std::fs::write(folder.path().join("server.key"), key).unwrap();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let _server = Server::with_tls(folder.path(), port);
    let (ours, others) = (ours.file().display().to_string(), others.file().display().to_string());
    let cases = [
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ours}")),
        ("localhost", format!("sslmode=verify-full&sslrootcert={ours}")),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={others}")),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={others}")),
        ("127.0.0.2", format!("sslmode=verify-full&sslrootcert={ours}")),
        ("127.0.0.1", "sslmode=verify-full".to_owned()),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=/nowhere.pem".to_owned()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", "sslmode=prefer".to_owned()),
        ("127.0.0.1", "sslmode=disable".to_owned()),
    ];
    let mut table = String::new();
    for (host, parameters) in cases {
        let became = open(&format!("postgres://meridian@{host}:{port}/postgres?{parameters}")).await;
        table.push_str(&format!("{host} {parameters}\n    {became}\n"));
    }
    let shown = [(ours, "OURS"), (others, "OTHERS"), (port.to_string(), "PORT")];
    let table = shown.iter().fold(table, |table, (text, name)| table.replace(text, name));
    assert_snapshot!(table, @r#"
    127.0.0.1 sslmode=verify-full&sslrootcert=OURS
        works by TLSv1.3
    localhost sslmode=verify-full&sslrootcert=OURS
        works by TLSv1.3
    127.0.0.1 sslmode=verify-full&sslrootcert=OTHERS
        refused: could not open the database postgres://meridian@127.0.0.1:PORT/postgres: its certificate is of an authority that is not trusted here: sslrootcert=FILE in the URL names one
    127.0.0.1 sslmode=verify-ca&sslrootcert=OTHERS
        refused: could not open the database postgres://meridian@127.0.0.1:PORT/postgres: its certificate is of an authority that is not trusted here: sslrootcert=FILE in the URL names one
    127.0.0.2 sslmode=verify-full&sslrootcert=OURS
        refused: could not open the database postgres://meridian@127.0.0.2:PORT/postgres: its certificate is for others: is the host in the URL right?
    127.0.0.1 sslmode=verify-full
        refused: could not open the database postgres://meridian@127.0.0.1:PORT/postgres: its certificate is of an authority that is not trusted here: sslrootcert=FILE in the URL names one
    127.0.0.1 sslmode=verify-full&sslrootcert=/nowhere.pem
        refused: could not open the database postgres://meridian@127.0.0.1:PORT/postgres: its socket, or the file of sslrootcert, is not there
    127.0.0.1 sslmode=require
        works by TLSv1.3
    127.0.0.1 sslmode=prefer
        works by TLSv1.3
    127.0.0.1 sslmode=disable
        refused: could not open the database postgres://meridian@127.0.0.1:PORT/postgres: no pg_hba.conf entry for host "127.0.0.1", user "meridian", database "postgres", no encryption: it does not let this user in: is the password right, and pg_hba.conf?
    "#);
}
