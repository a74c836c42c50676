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
    "#);
}
