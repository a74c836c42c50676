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
    insta::assert_snapshot!(table);
}
