use super::*;

#[tokio::test]
async fn a_misspelt_parameter_verified_nothing_and_half_a_password_was_logged() {
    let mut table = String::new();
    for url in [
        "postgres://meridian:hush@127.0.0.1:1/m?sslmod=verify-full",
        "postgres://meridian:hush@127.0.0.1:1/m?sslmode=disable&Hush%20=1",
        "postgres://meridian:12/hush@127.0.0.1:1/m",
        "postgres://meridian:12#hush@127.0.0.1:1/m",
        "postgres://meridian:12?hush@127.0.0.1:1/m",
        "postgres://meridian:hu@sh@127.0.0.1:1/m",
        "postgres://meridian:hu%40sh@127.0.0.1:1/m?sslmode=disable&application_name=x&options[a]=b",
        "postgres://meridian@127.0.0.1:1/m?connect_timeout=5&channel_binding=require&sslpassword=hush",
    ] {
        let said = words(Store::open(url).await);
        assert!(!said.to_lowercase().contains("hu"), "{said}");
        table += &format!("{}\n", said.chars().take(110).collect::<String>());
    }
    insta::assert_snapshot!(table, @r#"
    the database's URL has the parameter "sslmod" that means nothing here; there are sslmode, ssl-mode, sslrootcer
    the database's URL has a parameter that means nothing here; there are sslmode, ssl-mode, sslrootcert, ssl-root
    the database's URL does not end where it should: percent-encode what is special in the password (@ is %40, # i
    the database's URL does not end where it should: percent-encode what is special in the password (@ is %40, # i
    the database's URL does not end where it should: percent-encode what is special in the password (@ is %40, # i
    the database's URL does not end where it should: percent-encode what is special in the password (@ is %40, # i
    could not open the database postgres://meridian@127.0.0.1:1/m: error communicating with database: Connection r
    could not open the database postgres://meridian@127.0.0.1:1/m: error communicating with database: Connection r
    "#);
}

#[tokio::test]
async fn parameters_that_libpq_knows_kept_the_daemon_from_starting() {
    let shared = postgres::database().await;
    let more = if shared.contains('?') { '&' } else { '?' };
    let url = format!(
        "{shared}{more}connect_timeout=5&channel_binding=prefer&target_session_attrs=read-write&application_name=x&\
         sslpassword=hush&options=-c%20statement_timeout%3D90s"
    );
    let parsed: DatabaseUrl = url.parse().unwrap();
    let unheeded = parsed.unheeded().join(" ");
    assert_eq!(unheeded, "connect_timeout channel_binding target_session_attrs application_name sslpassword");
    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.last().await.unwrap().batch, 0, "{parsed}");
}
