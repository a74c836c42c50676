//! What the doctor took for healthy.

use std::fs;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::daemon::{Daemon, command, folder, run};

const NOBODY: u32 = 65534;

fn examined(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Verdict, what is said, and the remedy.
fn told(whole: &Value, id: &str) -> String {
    let all = whole["examinations"].as_array().unwrap();
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let found = all.iter().filter(|one| one["id"] == id);
    let lines: Vec<String> = found
        .map(|one| {
            let details: Vec<String> = one["details"].as_array().unwrap().iter().map(word).collect();
            let said = [word(&one["verdict"]), word(&one["what"]), word(&one["remedy"])].join(" | ");
            format!("{said} | {}", details.join("; "))
        })
        .collect();
    lines.join("\n")
}

fn doctor(folder: &Path, arguments: &[&str]) -> Value {
    examined(&run(folder, &[&["doctor", "--json"], arguments].concat()).1)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn what_may_not_be_seen_was_taken_for_absent() {
    if !is_root() {
        return;
    }
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    assert_eq!(daemon.stop(), 0);
    set_mode(path, 0o755);
    let binary = path.join("meridian");
    fs::copy(env!("CARGO_BIN_EXE_meridian"), &binary).unwrap();
    let mut unprivileged = std::process::Command::new(&binary);
    unprivileged.args(["doctor", "--quick", "--json"]).current_dir(path).uid(NOBODY).gid(NOBODY);
    let output = unprivileged.output().unwrap();
    let whole = examined(&String::from_utf8(output.stdout).unwrap());
    for id in ["state", "database"] {
        let said = told(&whole, id);
        assert!(
            said.starts_with("problem") && said.contains("cannot be seen: Permission denied"),
            "{id}: {said}"
        );
        assert!(said.contains("run this as root"), "{id}: {said}");
    }
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_root_reads_and_the_daemon_does_not_was_well() {
    if !is_root() {
        return;
    }
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    assert_eq!(daemon.stop(), 0);
    set_mode(path, 0o755);
    let state = path.join("state");
    for entry in fs::read_dir(&state).unwrap().map(Result::unwrap) {
        chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
    assert!(told(&doctor(path, &["--quick"]), "readable").starts_with("ok"));
    set_mode(&path.join("schedules/org.toml"), 0o600);
    let said = told(&doctor(path, &["--quick"]), "readable");
    assert!(
        said.starts_with("problem | 1 of ") && said.contains("schedules/org.toml: Permission denied"),
        "{said}"
    );
    set_mode(&path.join("schedules"), 0o700);
    let said = told(&doctor(path, &["--quick"]), "readable");
    assert!(said.starts_with("problem | 2 of "), "{said}");
}

#[test]
fn secrets_and_a_database_elsewhere_were_open_to_everybody() {
    let folder = folder();
    let path = folder.path();
    fs::create_dir(path.join("shared")).unwrap();
    fs::write(path.join("hook"), "whsec_c2VjcmV0").unwrap();
    fs::write(path.join("key.pem"), "").unwrap();
    let settings = "database = \"sqlite:shared/m.db\"\n[channels.pager]\nkind = \"webhook\"\n\
        url = \"http://127.0.0.1:9/\"\nallow_private = true\nsecret_file = \"hook\"\n\
        [tls]\ncertificate = \"c.pem\"\nkey = \"key.pem\"\n";
    fs::write(path.join("meridian.toml"), settings).unwrap();
    fs::write(path.join("shared/m.db"), "").unwrap();
    let files = ["hook", "key.pem", "shared/m.db"].map(|name| path.join(name));
    files.iter().for_each(|file| set_mode(file, 0o644));
    let said = told(&doctor(path, &["--quick"]), "secrets");
    assert!(
        said.starts_with("problem | everybody may read hook, key.pem, shared/m.db | chmod o= "),
        "{said}"
    );
    files.iter().for_each(|file| set_mode(file, 0o600));
    assert_eq!(told(&doctor(path, &["--quick"]), "secrets"), "");
}

#[test]
fn a_disk_of_the_database_alone_was_not_looked_at() {
    let folder = folder();
    let Ok(shared) = TempDir::new_in("/dev/shm") else { return };
    let url = format!("sqlite:{}", shared.path().join("m.db").display());
    let whole = doctor(folder.path(), &["--quick", "--database", &url]);
    let said = told(&whole, "disk.database");
    assert!(said.contains(&format!("free for {}", shared.path().display())), "{said}{whole:#}");
}

#[test]
fn people_without_contact_were_called_reached_by_the_log() {
    let folder = folder();
    let org = folder.path().join("schedules/org.toml");
    let text = fs::read_to_string(&org).unwrap();
    let contacts: Vec<&str> = text.lines().filter(|line| line.starts_with("contact")).collect();
    assert!(!contacts.is_empty());
    let without: String =
        text.lines().filter(|line| !line.starts_with("contact")).map(|line| format!("{line}\n")).collect();
    fs::write(&org, without).unwrap();
    let said = told(&doctor(folder.path(), &["--quick"]), "paging");
    assert!(said.contains("wakes nobody; 4 of them have no `contact`"), "{said}");
}

#[test]
fn people_whom_nothing_wakes_were_all_well() {
    let folder = folder();
    let path = folder.path();
    let org = path.join("schedules/org.toml");
    let text = fs::read_to_string(&org).unwrap();
    let said = told(&doctor(path, &["--quick"]), "paging");
    assert!(
        said.starts_with(
            "warning | what 4 of 4 people are told goes to nothing but the log, which wakes nobody"
        ),
        "{said}"
    );
    let said = told(&doctor(path, &["--quick"]), "contacts");
    assert!(
        said.starts_with("problem | 2 of 4 people") && said.contains("anna: none of hook, spare"),
        "{said}"
    );
    fs::write(&org, text.replace("\"hook\"", "\"log\"")).unwrap();
    let said = told(&doctor(path, &["--quick"]), "contacts");
    assert!(
        said.starts_with("warning | 1 of 4 people miss a channel") && said.contains("anna: no spare"),
        "{said}"
    );
}

#[test]
fn flaws_were_hidden_behind_what_was_overdue() {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    for ticket in 1..=30 {
        let title = format!("Ticket {ticket}");
        assert_eq!(run(path, &["ticket", "open", &title, "--server", &daemon.server()]).0, 0);
    }
    assert_eq!(daemon.stop(), 0);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = format!("sqlite:{}", path.join("state/meridian.db").display());
        let tool = sqlx::SqlitePool::connect(&database).await.unwrap();
        for text in [
            "update tickets set wake_at = 1000",
            "update tickets set wake_at = null where id between 12 and 28",
            "update tickets set priority = 'P5' where id = 30",
        ] {
            sqlx::query(text).execute(&tool).await.unwrap();
        }
        tool.close().await;
    });
    let said = told(&doctor(path, &[]), "audit");
    assert!(
        said.contains("18 things cannot be true; 13 live tickets should have been looked at before"),
        "{said}"
    );
    let details = said.split(" | ").last().unwrap();
    for words in ["ticket 12: live, and it will never", "ticket 30: beside its body stand other values"] {
        assert!(details.contains(words), "{words}: {details}");
    }
    assert!(!details.contains("was to be looked at on"), "{details}");
}

#[test]
fn a_daemon_with_a_socket_of_systemds_did_not_answer() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("meridian.toml"), "listen = \"127.0.0.1:9\"\n").unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let number = socket.as_raw_fd();
    // As systemd passes it: as the third descriptor, to the process whose id it names.
    let script = format!(
        "exec 3<&{number}; export LISTEN_FDS=1 LISTEN_PID=$$; exec {} serve --watch=false",
        env!("CARGO_BIN_EXE_meridian")
    );
    let serve = command(path, &[]);
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &script]).current_dir(path);
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::empty()).unwrap();
    let daemon = Daemon::of(shell);
    let said = told(&doctor(path, &["--quick"]), "daemon");
    assert!(said.starts_with("ok | process ") && said.contains("decides"), "{said}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn receivers_that_nobody_can_reach_were_well() {
    let folder = folder();
    let path = folder.path();
    // A port that was open a moment ago refuses.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = format!(
        "[channels.refuses]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\nallow_private = true\n\
         [heartbeat]\nurl = \"https://no-such-name.invalid/secret\"\n"
    );
    fs::write(path.join("meridian.toml"), settings).unwrap();
    let whole = doctor(path, &["--quick"]);
    let said = told(&whole, "channel.refuses");
    assert!(said.starts_with("problem | webhook: 127.0.0.1 (127.0.0.1) cannot be reached at port"), "{said}");
    let said = told(&whole, "heartbeat");
    assert!(said.starts_with("problem | nobody hears of us: no-such-name.invalid: "), "{said}");
    assert!(!whole.to_string().contains("/secret"), "{said}");
}

#[test]
fn a_credential_that_was_not_there_kept_everybody_from_a_backup() {
    let folder = folder();
    let path = folder.path();
    let daemon = Daemon::start(path, None);
    assert_eq!(daemon.stop(), 0);
    let settings = "[channels.pager]\nkind = \"webhook\"\nurl = \"https://hooks.example.com/\"\n\
        secret_file = \"encrypted\"\n";
    fs::write(path.join("meridian.toml"), settings).unwrap();
    for arguments in [&["backup", "copy.db"][..], &["restore", "copy.db", "--force"]] {
        let (code, _, said) = run(path, arguments);
        assert_eq!(code, 0, "{said}");
    }
    let said = told(&doctor(path, &["--quick"]), "channel.pager");
    assert!(said.starts_with("warning | encrypted is not to be seen"), "{said}");
    let (code, _, said) = run(path, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(code == 1 && said.contains("channels.pager: encrypted is not to be seen"), "{said}");
}

#[test]
fn mistakes_had_no_remedy() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("state"), "").unwrap();
    let (code, _, said) = run(path, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(code == 1 && said.contains("state directory state is no folder: move it away"), "{said}");
    fs::write(path.join("meridian.toml"), "listen = \"localhost:8470\"\n").unwrap();
    let (code, _, said) = run(path, &["serve"]);
    assert!(code == 1 && said.contains("write it in numbers, as in \"127.0.0.1:8470\""), "{said}");
}
