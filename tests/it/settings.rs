//! `meridian.toml`, and what stands over it.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use meridian::settings::{ChannelKind, ChannelSettings, Over, Settings};
use tempfile::TempDir;

fn parse(text: &str) -> anyhow::Result<Settings> {
    Settings::parse(text, Path::new("etc/meridian.toml"), None, Over::default())
}

#[test]
fn without_a_word_everything_has_its_default() {
    let settings = Settings::parse("", Path::new("meridian.toml"), None, Over::default()).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8470");
    assert_eq!((settings.schedules, settings.state), (PathBuf::from("schedules"), PathBuf::from("state")));
    assert_eq!((settings.tzdir, settings.log.as_str(), settings.channels.len()), (None, "info", 0));
}

#[test]
fn paths_in_the_file_start_from_its_folder_and_flags_stand_over_it() {
    let settings =
        parse("schedules = \"rota\"\nstate = \"/var/lib/meridian\"\nlisten = \"[::1]:9\"").unwrap();
    assert_eq!(settings.schedules, PathBuf::from("etc/rota"));
    assert_eq!(settings.state, PathBuf::from("/var/lib/meridian"));
    let over = Over { schedules: Some("mine".into()), log: Some("debug".to_owned()), ..Over::default() };
    let settings = Settings::parse("log = \"warn\"", Path::new("etc/meridian.toml"), None, over).unwrap();
    assert_eq!((settings.schedules, settings.log.as_str()), (PathBuf::from("mine"), "debug"));
}

#[test]
fn secrets_come_from_their_folder_and_are_not_shown() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("hook-secret"), "whsec_c2VjcmV0\n").unwrap();
    let text =
        "[channels.hook]\nkind = \"webhook\"\nurl = \"https://example.com\"\nsecret_file = \"hook-secret\"";
    let settings =
        Settings::parse(text, Path::new("etc/meridian.toml"), Some(folder.path()), Over::default()).unwrap();
    let ChannelSettings {
        kind: ChannelKind::Webhook { secret: Some(secret), .. }, allow_private: false, ..
    } = &settings.channels["hook"]
    else {
        panic!("{settings:?}");
    };
    assert_eq!(secret.read().unwrap().reveal(), "whsec_c2VjcmV0");
    assert!(!format!("{settings:?}").contains("whsec"));
}

#[test]
fn the_address_of_the_database_is_a_secret_with_a_file_of_its_own() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("database-url"), "postgres://meridian:hush@db/meridian\n").unwrap();
    let read = |text: &str| {
        let settings =
            Settings::parse(text, Path::new("etc/meridian.toml"), Some(folder.path()), Over::default());
        settings.map(|settings| {
            assert!(!format!("{settings:?}").contains("hush"));
            settings.database.map(|database| database.reveal().to_owned())
        })
    };
    assert_eq!(read("").unwrap(), None);
    let from_file = read("database_file = \"database-url\"").unwrap();
    assert_eq!(from_file.as_deref(), Some("postgres://meridian:hush@db/meridian"));
    assert_eq!(read("database = \"sqlite:a.db\"").unwrap().as_deref(), Some("sqlite:etc/a.db"));
    assert_eq!(read("database = \"sqlite:/a.db\"").unwrap().as_deref(), Some("sqlite:/a.db"));
    let both = read("database = \"sqlite:a.db\"\ndatabase_file = \"database-url\"").unwrap_err();
    assert_snapshot!(format!("{both:#}"), @"etc/meridian.toml: `database` and `database_file` are two places for one thing; keep one");
}

#[test]
fn a_mistake_is_shown_with_its_place() {
    let texts = [
        "lisen = \"127.0.0.1:1\"",
        "listen = \"localhost\"",
        "[channels.hook]\nkind = \"pigeon\"",
        "[channels.hook]\nkind = \"webhook\"",
        "[channels.hook]\nkind = \"webhook\"\nurl = \"https://example.com\"\nsecret = \"whsec_x\"",
        "[channels.paper]\nkind = \"log\"\nurl = \"https://example.com\"",
    ];
    let said: Vec<String> = texts.iter().map(|text| format!("{:#}", parse(text).unwrap_err())).collect();
    assert_snapshot!(said.join("\n---\n"), @r#"
    etc/meridian.toml:1:1: unknown field `lisen`, expected one of `listen`, `tls`, `schedules`, `state`, `database`, `database_file`, `tzdir`, `watch`, `log`, `public_url`, `channels`, `heartbeat`, `retention`
    ---
    etc/meridian.toml:1:10: "localhost" is no address and port: write it in numbers, as in "127.0.0.1:8470" or "[::1]:8470"
    ---
    etc/meridian.toml:2:8: unknown variant `pigeon`, expected one of `log`, `webhook`, `smtp`, `slack`, `teams`, `http`
    ---
    etc/meridian.toml: channels.hook: a channel of kind "webhook" needs `url`
    ---
    etc/meridian.toml:4:1: unknown field `secret`, expected one of `kind`, `preset`, `rate`, `acknowledge`, `allow_private`, `url`, `url_file`, `secret_file`, `host`, `port`, `tls`, `from`, `username`, `password_file`, `ca_file`, `account`, `token_file`, `topic`, `language`, `method`, `headers`, `body`
    ---
    etc/meridian.toml: channels.paper: a channel of kind "log" has no `url`; it has no keys of its own
    "#);
}

#[test]
fn a_channel_has_what_its_kind_needs_and_nothing_that_it_does_not_know() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("secret"), "hush-hush\n").unwrap();
    let read = |text: &str| {
        let text = format!("[channels.it]\n{text}");
        Settings::parse(&text, Path::new("meridian.toml"), Some(folder.path()), Over::default())
    };
    let sound = [
        "kind = \"log\"",
        "kind = \"webhook\"\nurl_file = \"secret\"\nrate = \"5/s\"",
        "kind = \"smtp\"\nhost = \"mail\"\nfrom = \"m@example.com\"",
        "kind = \"smtp\"\nhost = \"mail\"\nfrom = \"m@example.com\"\ntls = \"implicit\"\nrate = \"500/h\"",
        "kind = \"slack\"\nurl_file = \"secret\"",
        "kind = \"slack\"\nurl_file = \"secret\"\nacknowledge = true",
        "kind = \"teams\"\nurl_file = \"secret\"",
        "kind = \"http\"\nurl = \"https://a.example/\"",
        "kind = \"http\"\npreset = \"ntfy\"\nurl = \"https://ntfy.sh\"\ntopic = \"x\"",
        "kind = \"http\"\npreset = \"twilio-voice\"\naccount = \"AC1\"\ntoken_file = \"secret\"\nfrom = \"+1\"\nrate = \"30/m\"",
    ];
    let mut table = String::new();
    for text in sound {
        let settings = read(text).unwrap_or_else(|error| panic!("{text}: {error:#}"));
        assert!(!format!("{settings:?}").contains("hush"), "{settings:?}");
        let ChannelSettings { kind, rate, acknowledge, .. } = &settings.channels["it"];
        let rate = rate.map_or("-".to_owned(), |rate| rate.to_string());
        let link = if *acknowledge { "with links" } else { "without" };
        let port = match kind {
            ChannelKind::Smtp(smtp) => format!(", port {}", smtp.port),
            _ => String::new(),
        };
        table += &format!("{} {rate} {link}{port}\n", kind.as_str());
    }
    assert_snapshot!(table, @r#"
    log - with links
    webhook 5/s with links
    smtp 10/s with links, port 587
    smtp 500/h with links, port 465
    slack 1/s without
    slack 1/s with links
    teams 2/s without
    http - with links
    ntfy 1/s with links
    twilio-voice 30/m with links
    "#);
    let wrong = [
        "kind = \"slack\"\nurl = \"https://hooks.slack.com/services/hush\"",
        "kind = \"teams\"",
        "kind = \"webhook\"\nurl = \"https://a.example\"\nurl_file = \"secret\"",
        "kind = \"smtp\"\nfrom = \"m@example.com\"",
        "kind = \"smtp\"\nhost = \"mail\"\nfrom = \"m@example.com\"\nusername = \"m\"",
        "kind = \"webhook\"\nurl = \"https://a.example\"\npreset = \"ntfy\"",
        "kind = \"http\"\npreset = \"twilio-sms\"\naccount = \"AC1\"\nfrom = \"+1\"",
    ];
    let said = wrong.map(|text| format!("{:#}", read(text).unwrap_err()));
    assert!(said.iter().all(|said| !said.contains("hush")), "{said:?}");
    assert_snapshot!(said.join("\n"), @r#"
    meridian.toml: channels.it: a channel of kind "slack" has no `url`; it has `url_file`, `acknowledge`, `allow_private`, `rate`
    meridian.toml: channels.it: a channel of kind "teams" needs `url_file`
    meridian.toml: channels.it: `url` and `url_file` are two places for one thing; keep one
    meridian.toml: channels.it: a channel of kind "smtp" needs `host`
    meridian.toml: channels.it: `username` and `password_file` go together
    meridian.toml: channels.it: only a channel of kind "http" has a `preset`
    meridian.toml: channels.it: a channel of kind "http" with the preset "twilio-sms" needs `token_file`
    "#);
    let rates = ["fast", "0/s", "1/d", "-1/s", "20000/s", "1"];
    let refused =
        rates.map(|rate| read(&format!("kind = \"slack\"\nurl_file = \"secret\"\nrate = {rate:?}")).is_err());
    assert_eq!(refused, [true; 6]);
    let url = |text: &str| match parse(&format!("public_url = {text:?}")) {
        Ok(settings) => settings.public_url.unwrap(),
        Err(error) => format!("{error:#}").replace('\n', " "),
    };
    let urls = [
        "https://m.example.com/",
        "https://a.example/desk/",
        "m.example.com",
        "ftp://a.example",
        "https://a.example/?x",
    ];
    assert_snapshot!(urls.map(url).join("\n"), @r#"
    https://m.example.com
    https://a.example/desk
    etc/meridian.toml: public_url "m.example.com": relative URL without a base
    etc/meridian.toml: public_url "ftp://a.example": how people reach us, as "https://meridian.example.com"
    etc/meridian.toml: public_url "https://a.example/?x": how people reach us, as "https://meridian.example.com"
    "#);
}

#[test]
fn a_misspelt_level_silenced_everything() {
    let texts =
        ["loud", "", "meridian=loud", "meridain=debug", "info,sqlx", "inof,sqlx=warn", "info,[x]=debug"];
    let said: Vec<String> = texts
        .iter()
        .map(|text| match parse(&format!("log = {text:?}")) {
            Ok(settings) => format!("{:?} is taken", settings.log),
            Err(error) => format!("{error:#}"),
        })
        .collect();
    assert_snapshot!(said.join("\n---\n"), @r#"
    etc/meridian.toml:1:7: "loud" is neither a level nor a part of this program; levels are off, error, warn, info, debug, trace; try "info", or "info,sqlx=warn" to have one part say less
    ---
    etc/meridian.toml:1:7: log is empty; try "info", or "info,sqlx=warn" to have one part say less
    ---
    etc/meridian.toml:1:7: "loud" is no level; levels are off, error, warn, info, debug, trace
    ---
    etc/meridian.toml:1:7: "meridain" is no part of this program; levels are off, error, warn, info, debug, trace; try "info", or "info,sqlx=warn" to have one part say less
    ---
    "info,sqlx" is taken
    ---
    etc/meridian.toml:1:7: "inof" is neither a level nor a part of this program; levels are off, error, warn, info, debug, trace; try "info", or "info,sqlx=warn" to have one part say less
    ---
    etc/meridian.toml:1:7: "[x]" is no part of this program; levels are off, error, warn, info, debug, trace; try "info", or "info,sqlx=warn" to have one part say less
    "#);
    for text in ["off", "WARN", "debug,sqlx=warn", "meridian::engine=trace,info"] {
        assert_eq!(parse(&format!("log = {text:?}")).unwrap().log, text);
    }
    assert_eq!(parse("log = 'info, sqlx=warn'").unwrap().log, "info,sqlx=warn");
    let over = Over { log: Some("loud".to_owned()), ..Over::default() };
    let said = Settings::parse("", Path::new("meridian.toml"), None, over).unwrap_err().to_string();
    assert!(said.starts_with("--log (MERIDIAN_LOG): \"loud\" is neither a level nor"), "{said}");
}

#[test]
fn how_long_things_are_kept_and_who_hears_of_us() {
    let kept = |text: &str| parse(text).map(|settings| settings.retention);
    let default = kept("").unwrap();
    assert_eq!((default.tickets, default.notices.num_days()), (None, 30));
    let said = kept("[retention]\ntickets = \"2y\"\nnotices = \"7d\"").unwrap();
    assert_eq!((said.tickets.map(|kept| kept.num_days()), said.notices.num_days()), (Some(730), 7));
    assert_eq!(kept("[retention]\ntickets = \"forever\"").unwrap(), default);
    let settings = parse("[heartbeat]\nurl = \"https://example.com/secret\"").unwrap();
    assert!(!format!("{settings:?}").contains("secret\""), "{settings:?}");
    assert_eq!(settings.heartbeat.unwrap().every.as_secs(), 60);
    for (text, said) in [
        ("[retention]\ntickets = \"1d\"", "`tickets` is at least 30d"),
        ("[retention]\nnotices = \"1h\"", "`notices` is at least 1d"),
        ("[retention]\ntickets = \"long\"", "is no duration"),
        ("[heartbeat]\nurl = \"https://example.com\"\nevery = \"2d\"", "between a second and a day"),
        ("[heartbeat]\nevery = \"1m\"", "missing field `url`"),
    ] {
        let error = format!("{:#}", parse(text).unwrap_err());
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[test]
fn a_secret_is_found_where_the_unit_takes_it_from() {
    let folder = TempDir::new().unwrap();
    let (credentials, secrets) = (folder.path().join("credentials"), folder.path().join("secrets"));
    let text =
        "[channels.desk]\nkind = \"webhook\"\nurl = \"https://hooks.example.com\"\nsecret_file = \"desk\"\n";
    let read = || {
        let path = folder.path().join("meridian.toml");
        let read = Settings::parse(text, &path, Some(&credentials), Over::default());
        match &read.unwrap().channels["desk"].kind {
            ChannelKind::Webhook { secret, .. } => {
                secret.as_ref().unwrap().read().map(|secret| secret.reveal().to_owned())
            }
            other => panic!("{other:?}"),
        }
    };
    let said = format!("{:#}", read().unwrap_err()).replace(&folder.path().display().to_string(), "DIR");
    assert_snapshot!(said, @"desk is not to be seen: no DIR/credentials/desk, no DIR/secrets/desk, no DIR/desk. Where the unit passes it (LoadCredential=desk:FILE), run this as root, and while the daemon runs or with FILE in /etc/meridian/secrets");
    for (place, text) in [(folder.path(), "beside"), (&secrets, "of the folder"), (&credentials, "passed")] {
        std::fs::create_dir_all(place).unwrap();
        std::fs::write(place.join("desk"), text).unwrap();
        assert_eq!(read().unwrap(), text, "the place that is nearer to the daemon stands over the others");
    }
}

#[test]
fn certificate_and_key_come_from_the_credentials_that_are_there_else_from_beside_the_settings() {
    let credentials = TempDir::new().unwrap();
    std::fs::write(credentials.path().join("tls.key"), "").unwrap();
    let text = "[tls]\ncertificate = \"tls.crt\"\nkey = \"tls.key\"\n";
    let read = |credentials: Option<&Path>| {
        let path = Path::new("etc/meridian.toml");
        Settings::parse(text, path, credentials, Over::default()).unwrap().tls.unwrap()
    };
    let (passed, beside) = (read(Some(credentials.path())), read(None));
    assert_eq!((passed.certificate, passed.key), ("etc/tls.crt".into(), credentials.path().join("tls.key")));
    assert_eq!((beside.certificate, beside.key), ("etc/tls.crt".into(), "etc/tls.key".into()));
    assert_eq!(parse("").unwrap().tls, None);
    let half = parse("[tls]\ncertificate = \"tls.crt\"").unwrap_err().to_string();
    assert!(half.contains("missing field `key`"), "{half}");
}
