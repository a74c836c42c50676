//! The daemon as an administrator meets it: a process, signals, files.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::api::office::ORG;
use crate::postgres;

pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Daemon {
    pub process: Child,
    log: Receiver<Value>,
    pub address: String,
}

pub fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("schedules")).unwrap();
    std::fs::write(folder.path().join("schedules/org.toml"), ORG).unwrap();
    folder
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meridian"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MERIDIAN_") || name == "NOTIFY_SOCKET" {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command
}

/// Exit code, standard output, standard error.
pub fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = command(folder, arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

impl Daemon {
    /// In that folder, on a port that the system picks.
    pub fn start(folder: &Path, notify: Option<&Path>) -> Daemon {
        Daemon::start_with(folder, notify, &["--watch=false"])
    }

    fn start_with(folder: &Path, notify: Option<&Path>, arguments: &[&str]) -> Daemon {
        let mut command = command(folder, &[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
        if let Some(socket) = notify {
            command.env("NOTIFY_SOCKET", socket);
        }
        Daemon::of(command)
    }

    /// Once it listens.
    pub fn of(mut command: Command) -> Daemon {
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, log) = channel();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines() {
                let line = line.unwrap();
                let entry = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if said.send(entry).is_err() {
                    break;
                }
            }
        });
        let mut daemon = Daemon { process, log, address: String::new() };
        let listening = daemon.hears("listening at");
        daemon.address = listening["address"].as_str().unwrap().to_owned();
        daemon
    }

    /// Waits for a line of the log with these words.
    pub fn hears(&self, words: &str) -> Value {
        self.hears_all_until(words).pop().unwrap()
    }

    /// Every line up to the one with these words, that one last.
    pub fn hears_all_until(&self, words: &str) -> Vec<Value> {
        let mut before = Vec::new();
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(entry) if entry["message"].as_str().is_some_and(|message| message.contains(words)) => {
                    before.push(entry);
                    return before;
                }
                Ok(entry) => before.push(entry),
                Err(error) => panic!("{words:?} was not logged ({error}), but {before:#?}"),
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Asks it to stop and gives its exit code.
    pub fn stop(mut self) -> i32 {
        self.signal("TERM");
        for _ in 0..1000 {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not stop within twenty seconds");
    }

    pub fn server(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Where a test fails before it stops the daemon.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_day_from_the_shell_survives_a_restart() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let mode = |path: &str| std::fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state"), mode("state/admin-token"), mode("state/meridian.db")), (0o700, 0o600, 0o600));

    let server = daemon.server();
    // The token is found in the state folder beside us.
    let shell = |arguments: &[&str]| run(folder.path(), &[arguments, &["--server", &server]].concat());
    let (code, text, error) =
        shell(&["ticket", "open", "The shop is down", "--priority", "P1", "--label", "shop=17"]);
    assert_eq!(code, 0, "{error}");
    assert!(text.starts_with("ticket 1  P1 "), "{text}");
    let (code, text, _) = shell(&["ticket", "show", "1", "--json"]);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &shown["title"], &shown["labels"]["shop"]),
        (0, &"The shop is down".into(), &"17".into())
    );
    let (code, text, error) = shell(&["ticket", "reopen", "1", "down again"]);
    assert_eq!((code, text.as_str()), (1, ""));
    assert!(error.contains("ticket 1 is waiting, so it cannot be reopened (409 Conflict)"), "{error}");
    let (code, token, _) = shell(&["token", "add", "phone", "--role", "responder", "--person", "anna"]);
    assert_eq!((code, token.trim().len()), (0, 47));
    let (code, text, error) = shell(&["leave", "add", "carol", "--from", "2030-12-24", "--to", "2030-12-26"]);
    assert_eq!((code, text.as_str()), (0, "added: number 1\n"), "{error}");
    assert_eq!(shell(&["leave", "list"]).1.lines().count(), 2);
    assert_eq!(shell(&["token", "list"]).1.lines().count(), 3);
    assert_eq!(shell(&["handoff", "list"]).1, "no handoffs\n");

    let first_token = std::fs::read_to_string(folder.path().join("state/admin-token")).unwrap();
    assert_eq!(daemon.stop(), 0);
    let daemon = Daemon::start(folder.path(), None);
    let again = std::fs::read_to_string(folder.path().join("state/admin-token")).unwrap();
    assert_eq!(again, first_token, "a second start makes no second token");
    let (code, text, _) = run(folder.path(), &["ticket", "list", "--server", &daemon.server()]);
    assert_eq!(code, 0);
    assert!(text.contains("The shop is down"), "{text}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_stream_does_not_hold_up_the_stop() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let token = std::fs::read_to_string(folder.path().join("state/admin-token")).unwrap();
    let mut stream = TcpStream::connect(&daemon.address).unwrap();
    write!(stream, "GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", token.trim())
        .unwrap();
    let mut head = [0; 15];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let began = std::time::Instant::now();
    assert_eq!(daemon.stop(), 0);
    assert!(began.elapsed() < Duration::from_secs(8), "cut off only after {:?}", began.elapsed());
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream was ended, not cut: {rest:?}");
}

#[test]
fn a_hangup_reads_the_files_again_and_broken_ones_change_nothing() {
    let folder = folder();
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut message = [0; 4096];
        let length = systemd.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    };
    let daemon = Daemon::start(folder.path(), Some(&socket));
    assert!(told().starts_with("READY=1\nSTATUS=revision 1 at work"));

    let files = folder.path().join("schedules/org.toml");
    std::fs::write(&files, ORG.replace("[\"carol\"]", "[\"karol\"]")).unwrap();
    daemon.signal("HUP");
    assert!(told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    let ready = told();
    assert!(
        ready.starts_with("READY=1\nSTATUS=files REFUSED (1 error and 1 warning); revision 1 stays at work"),
        "{ready}"
    );
    let problem = daemon.hears("karol");
    assert_eq!((&problem["file"], &problem["code"]), (&"org.toml".into(), &"unknown-person".into()));

    std::fs::write(&files, ORG.replace("to = \"16:00\"", "to = \"17:00\"")).unwrap();
    daemon.signal("HUP");
    let changed = daemon.hears("new schedules are at work");
    assert_eq!((&changed["revision"], &changed["teams"]), (&2.into(), &"[\"emea\"]".into()));
    assert!(told().starts_with("RELOADING=1"));
    assert!(told().starts_with("READY=1\nSTATUS=revision 2 at work"));
    assert_eq!(daemon.stop(), 0);
    assert!(told().starts_with("STOPPING=1"));
}

#[test]
fn a_second_daemon_is_turned_away() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let (code, _, error) = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 1);
    assert!(error.contains("is in use by another daemon"), "{error}");
    let (code, _, error) = run(folder.path(), &["serve", "--state", "other", "--listen", &daemon.address]);
    assert_eq!(code, 1);
    assert!(error.contains(&format!("cannot listen at {}", daemon.address)), "{error}");
    assert!(!folder.path().join("other").exists(), "nothing was written");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_daemon_that_cannot_start_says_why() {
    let folder = folder();
    std::fs::write(folder.path().join("schedules/org.toml"), ORG.replace("[\"carol\"]", "[\"karol\"]"))
        .unwrap();
    let (code, _, error) = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 1);
    assert!(error.contains("karol"), "{error}");
    let (code, _, error) = run(folder.path(), &["serve", "--config", "not-there.toml"]);
    assert_eq!(code, 1);
    assert!(error.contains("not-there.toml cannot be read"), "{error}");
    std::fs::write(
        folder.path().join("meridian.toml"),
        "[channels.hook]\nkind = \"webhook\"\nurl = \"http://10.0.0.1/\"\n",
    )
    .unwrap();
    let (code, _, error) = run(folder.path(), &["serve"]);
    assert_eq!(code, 1);
    assert!(error.contains("channels.hook: url: 10.0.0.1 is not a public address"), "{error}");
}

#[test]
fn edited_files_are_put_to_work_without_being_asked() {
    let folder = folder();
    let daemon = Daemon::start_with(folder.path(), None, &[]);
    daemon.hears("an administrator's token is in");
    let files = folder.path().join("schedules/org.toml");
    std::fs::write(&files, ORG.replace("to = \"16:00\"", "to = \"17:00\"")).unwrap();
    assert_eq!(daemon.hears("new schedules are at work")["revision"], 2);

    std::fs::write(&files, ORG.replace("[\"carol\"]", "[\"karol\"]")).unwrap();
    daemon.hears("the files are refused; revision 2");
    // As editors and configuration management do it: another file takes the name.
    let beside = folder.path().join("schedules/.org.toml.new");
    std::fs::write(&beside, ORG).unwrap();
    std::fs::rename(&beside, &files).unwrap();
    let mended = daemon.hears_all_until("new schedules are at work");
    assert_eq!(mended.last().unwrap()["revision"], 3);
    // A folder that was not there at the start is watched as well.
    let region = folder.path().join("schedules/apac");
    std::fs::create_dir(&region).unwrap();
    std::fs::write(
        region.join("leave.toml"),
        "[[leave]]\nperson = \"carol\"\nfrom = 2030-01-01\nto = 2030-01-02\n",
    )
    .unwrap();
    assert_eq!(daemon.hears("new schedules are at work")["revision"], 4);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_folder_that_is_switched_by_a_link_is_read_again() {
    let folder = folder();
    std::fs::rename(folder.path().join("schedules"), folder.path().join("first")).unwrap();
    std::fs::create_dir(folder.path().join("second")).unwrap();
    std::fs::write(folder.path().join("second/org.toml"), ORG.replace("to = \"16:00\"", "to = \"17:00\""))
        .unwrap();
    std::os::unix::fs::symlink("first", folder.path().join("schedules")).unwrap();
    let daemon = Daemon::start_with(folder.path(), None, &[]);
    daemon.hears("an administrator's token is in");
    std::os::unix::fs::symlink("second", folder.path().join("next")).unwrap();
    std::fs::rename(folder.path().join("next"), folder.path().join("schedules")).unwrap();
    assert_eq!(daemon.hears("new schedules are at work")["revision"], 2);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_folder_that_is_taken_away_is_heard_of_when_it_comes_back() {
    let folder = folder();
    let daemon = Daemon::start_with(folder.path(), None, &[]);
    daemon.hears("an administrator's token is in");
    let (schedules, away) = (folder.path().join("schedules"), folder.path().join("away"));
    std::fs::rename(&schedules, &away).unwrap();
    daemon.hears("the files are refused; revision 1");
    std::fs::write(away.join("org.toml"), ORG.replace("to = \"16:00\"", "to = \"17:00\"")).unwrap();
    std::fs::rename(&away, &schedules).unwrap();
    assert_eq!(daemon.hears("new schedules are at work")["revision"], 2);
    std::fs::write(schedules.join("org.toml"), ORG).unwrap();
    assert_eq!(daemon.hears("new schedules are at work")["revision"], 3);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn new_zone_data_becomes_a_revision_and_is_told() {
    let folder = folder();
    let org = ORG.replacen("timezone = \"UTC\"", "timezone = \"America/Vancouver\"", 1);
    std::fs::write(folder.path().join("schedules/org.toml"), &org).unwrap();
    let zones = folder.path().join("zones");
    std::fs::create_dir_all(zones.join("America")).unwrap();
    const FILES: [&str; 3] = ["America/Vancouver", "UTC", "+VERSION"];
    // As packages do it: the new file lies ready and takes the name of the old.
    let ready = |file: &str| zones.join(file).with_extension("new");
    let lay_ready = |version: &str| {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zones").join(version);
        for file in FILES {
            std::fs::copy(from.join(file), ready(file)).unwrap();
        }
    };
    let take_names = || {
        for file in FILES {
            std::fs::rename(ready(file), zones.join(file)).unwrap();
        }
    };
    lay_ready("2025b");
    take_names();
    let daemon = Daemon::start_with(folder.path(), None, &["--tzdir", "zones"]);
    // What it reads at its start, it has read when it hears of an edit.
    std::fs::write(folder.path().join("schedules/org.toml"), org.replace("to = \"16:00\"", "to = \"17:00\""))
        .unwrap();
    daemon.hears("new schedules are at work");
    lay_ready("2026f");
    take_names();
    let told = daemon.hears_all_until("new schedules are at work");
    let [.., data, zone, _] = &told[..] else { panic!("{told:#?}") };
    let said = |name: &str| data[name].as_str().unwrap().to_owned();
    assert_eq!(
        [said("message"), said("before"), said("now")],
        ["new time zone data is put to work", "2025b", "2026f"]
    );
    let said = zone["message"].as_str().unwrap();
    assert!(said.starts_with("America/Vancouver: its clock is no longer what it was, first at "), "{said}");
    assert!(said.contains("; it moves emea ("), "{said}");
    assert_eq!(daemon.stop(), 0);
}

/// Level, and message or code, of every line.
fn in_short(entries: &[Value]) -> Vec<String> {
    let short = entries.iter().map(|entry| {
        let word = |name: &str| entry[name].as_str().unwrap_or_default();
        format!("{} {}", word("level"), if word("code").is_empty() { word("message") } else { word("code") })
    });
    short.collect()
}

#[test]
fn a_reload_was_logged_twice_and_over_http_not_at_all() {
    let folder = folder();
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut message = [0; 4096];
        let length = systemd.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    };
    let daemon = Daemon::start(folder.path(), Some(&socket));
    daemon.hears("an administrator's token is in");
    told();
    let files = folder.path().join("schedules/org.toml");
    let broken = ORG.replace("[\"carol\"]", "[\"karol\"]");

    std::fs::write(&files, &broken).unwrap();
    daemon.signal("HUP");
    told();
    told();
    std::fs::write(&files, ORG).unwrap();
    daemon.signal("HUP");
    let by_signal = daemon.hears_all_until("the files are mended");
    assert_eq!(
        in_short(&by_signal),
        [
            "ERROR the files are refused; revision 1, the last good one, stays at work",
            "ERROR unknown-person",
            "WARN policy-calls-nobody",
            "INFO the files are mended, and say what is at work already"
        ]
    );
    assert_eq!((&by_signal[0]["errors"], &by_signal[0]["warnings"]), (&1.into(), &1.into()));
    told();
    told();

    std::fs::write(&files, &broken).unwrap();
    let answer = reload(&daemon, folder.path());
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    assert!(told().starts_with("STATUS=files REFUSED (1 error and 1 warning); revision 1 stays at work"));
    std::fs::write(&files, ORG.replace("to = \"16:00\"", "to = \"17:00\"")).unwrap();
    assert!(reload(&daemon, folder.path()).starts_with("HTTP/1.1 200 "));
    assert!(told().starts_with("STATUS=revision 2 at work"));
    let by_request = daemon.hears_all_until("new schedules are at work");
    assert_eq!(
        in_short(&by_request),
        [
            "INFO asked to read the schedules again",
            "ERROR the files are refused; revision 1, the last good one, stays at work",
            "ERROR unknown-person",
            "WARN policy-calls-nobody",
            "INFO asked to read the schedules again",
            "INFO new schedules are at work",
        ]
    );
    assert_eq!(by_request[0]["by"], "admin");
    assert_eq!(daemon.stop(), 0);
}

/// The whole answer to a request for a reload.
fn reload(daemon: &Daemon, folder: &Path) -> String {
    let token = std::fs::read_to_string(folder.join("state/admin-token")).unwrap();
    let mut stream = TcpStream::connect(&daemon.address).unwrap();
    let head = "POST /v1/schedules/reload HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0";
    write!(stream, "{head}\r\nauthorization: Bearer {}\r\n\r\n", token.trim()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn nobody_was_told_of_the_token_that_an_earlier_start_had_written() {
    let folder = folder();
    let file = folder.path().join("state/admin-token");
    let org = folder.path().join("schedules/org.toml");
    std::fs::write(&org, ORG.replace("[\"carol\"]", "[\"karol\"]")).unwrap();
    assert_eq!(run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]).0, 1);
    assert!(!file.exists(), "a first start that fails leaves no token behind");

    std::fs::write(&org, ORG).unwrap();
    for _ in 0..2 {
        let daemon = Daemon::start(folder.path(), None);
        let said = daemon.hears("an administrator's token is in");
        assert!(said["file"].as_str().unwrap().ends_with("state/admin-token"));
        assert_eq!(daemon.stop(), 0);
    }
    std::fs::write(&file, "mer_another").unwrap();
    let daemon = Daemon::start(folder.path(), None);
    daemon.signal("HUP");
    let said = in_short(&daemon.hears_all_until("the files say"));
    assert_eq!(said, ["INFO the files say what is at work already"], "no valid token is in that file");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn half_a_request_held_up_the_stop() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let mut half = TcpStream::connect(&daemon.address).unwrap();
    write!(half, "GET /v1/tickets HTTP/1.1\r\nhost").unwrap();
    let _silent = TcpStream::connect(&daemon.address).unwrap();
    // Both have been taken once a later one is answered.
    assert!(reload(&daemon, folder.path()).starts_with("HTTP/1.1 200 "));
    let began = std::time::Instant::now();
    assert_eq!(daemon.stop(), 0);
    assert!(began.elapsed() < Duration::from_secs(6), "stopped only after {:?}", began.elapsed());
}

#[test]
fn the_log_did_not_say_which_administrator_acted_as_whom() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let shell = |arguments: &[&str]| run(folder.path(), &[arguments, &["--server", &server]].concat());
    assert_eq!(shell(&["ticket", "open", "The shop is down", "--as", "bjorn"]).0, 0);
    let opened = daemon.hears("acted as bjorn");
    assert_eq!(shell(&["ticket", "note", "1", "looking", "--as", "anna"]).0, 0);
    let noted = daemon.hears("acted as anna");
    let said = [&opened, &noted].map(|entry| {
        let word = |name: &str| entry[name].to_string();
        format!("{} {} {} {}", word("token"), word("person"), word("ticket.id"), word("request"))
    });
    assert_eq!(
        said,
        [r#""admin" "bjorn" 1 "POST /v1/tickets""#, r#""admin" "anna" 1 "POST /v1/tickets/1/note""#]
    );
    assert_eq!(shell(&["token", "add", "phone", "--role", "responder", "--person", "anna"]).0, 0);
    assert_eq!(daemon.hears("a token was made")["by"], "admin");
    assert_eq!(shell(&["token", "revoke", "phone"]).0, 0);
    assert_eq!(daemon.hears("a token was revoked")["token"], "phone");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_ticket_is_reported_on_and_judged_from_the_shell() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let shell = |arguments: &[&str]| run(folder.path(), &[arguments, &["--server", &server]].concat());
    assert_eq!(shell(&["ticket", "open", "The shop is down"]).0, 0);
    let (code, text, said) = shell(&["ticket", "report", "1"]);
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(text.starts_with("# Post-incident report: ticket 1\n\n**The shop is down**\n"), "{text}");
    let (code, text, _) = shell(&["ticket", "report", "1", "--html", "1.html"]);
    assert_eq!((code, text.as_str()), (0, "1.html\n"));
    let page = std::fs::read_to_string(folder.path().join("1.html")).unwrap();
    assert!(page.contains("<h1>Post-incident report: ticket 1</h1>"), "{page}");
    let (code, _, said) = shell(&["ticket", "report", "1", "--json"]);
    assert!(code == 1 && said.contains("meridian ticket show 1 --json"), "{said}");

    assert_eq!(shell(&["ticket", "judge", "1", "--as", "dave"]).0, 2, "it says nothing");
    assert_eq!(shell(&["ticket", "judge", "1", "--good", "--missing", "summary", "--as", "dave"]).0, 2);
    let (code, _, said) =
        shell(&["ticket", "judge", "1", "--missing", "summary", "--note", "whom to call?", "--as", "dave"]);
    assert!(code == 1 && said.contains("dave has received it by no handoff"), "{said}");
    assert_eq!(daemon.stop(), 0);
}

/// The whole answer.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_daemon_waits_for_its_database_and_says_when_it_is_gone() {
    let mut server = postgres::Server::start().await;
    let url = server.database().await;
    server.stop();
    let folder = folder();
    std::fs::write(folder.path().join("database-url"), &url).unwrap();
    let settings = "listen = \"127.0.0.1:0\"\ndatabase_file = \"database-url\"\n";
    std::fs::write(folder.path().join("meridian.toml"), settings).unwrap();
    let starting = folder.path().to_owned();
    let daemon = std::thread::spawn(move || Daemon::start(&starting, None));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!daemon.is_finished(), "there is nothing to listen for yet");
    server.start_again();
    let daemon = daemon.join().unwrap();
    let shell =
        |arguments: &[&str]| run(folder.path(), &[arguments, &["--server", &daemon.server()]].concat());
    assert_eq!(shell(&["ticket", "open", "Before"]).0, 0);
    server.stop();
    let (code, _, said) = shell(&["ticket", "open", "Meanwhile"]);
    assert_eq!(code, 1);
    assert!(said.contains("the database cannot be reached"), "{said}");
    let answer = get(&daemon.address, "/readyz");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("database cannot be reached"), "{answer}");
    server.start_again();
    let (code, text, said) = shell(&["ticket", "open", "After"]);
    assert_eq!((code, text.starts_with("ticket 2")), (0, true), "{text}{said}");
    assert_eq!(daemon.stop(), 0);
    assert!(!folder.path().join("state/meridian.db").exists());
}

#[test]
fn a_database_in_use_is_not_moved_and_one_at_rest_is() {
    let folder = folder();
    let daemon = Daemon::start(folder.path(), None);
    let server = daemon.server();
    let (code, _, said) = run(folder.path(), &["ticket", "open", "The shop is down", "--server", &server]);
    assert_eq!(code, 0, "{said}");
    let migrate = ["migrate", "--from", "sqlite:state/meridian.db", "--to", "sqlite:copy.db"];
    let (code, _, said) = run(folder.path(), &migrate);
    assert_eq!(code, 1);
    insta::assert_snapshot!(said, @"error: state/meridian.db is in use by another process, a daemon as a rule: stop that first (systemctl stop meridian.socket meridian.service)");
    assert_eq!(daemon.stop(), 0);
    let (code, text, said) = run(folder.path(), &migrate);
    assert_eq!((code, said.as_str()), (0, ""));
    let tickets = text.lines().find(|line| line.starts_with("tickets")).unwrap();
    assert!(tickets.starts_with("tickets              1 rows  same  "), "{tickets}");
}
