//! `meridian.toml`.

use std::path::Path;

use meridian::settings::{Over, Settings};

pub fn run(data: &[u8]) {
    let text = super::text_of(data);
    // A secret may be read from anywhere its owner says; here only from a folder where nothing is.
    if text.contains("_file") && text.contains(['/', '\\']) {
        return;
    }
    let nowhere = Path::new("there-is-no-such-folder");
    match Settings::parse(&text, &nowhere.join("meridian.toml"), Some(nowhere), Over::default()) {
        Ok(settings) => {
            let shown = format!("{settings:?}");
            if let Some(database) = &settings.database
                && let Some((_, password)) = password_of(database.reveal())
                && password.len() > 3
            {
                assert!(!shown.contains(password), "the password is shown:\n{shown}");
            }
            assert!(!settings.log.is_empty());
        }
        Err(error) => assert!(!format!("{error:#}").is_empty()),
    }
}

/// User and password of a URL.
fn password_of(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    rest.split_once('@')?.0.split_once(':')
}
