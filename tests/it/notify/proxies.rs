//! A proxy that the environment names is not asked: it would call for us whatever we may not call ourselves, and it
//! could swallow what it was given.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::mpsc;

use super::receiver::{Receiver, Reply};
use crate::api::office::ORG;
use crate::daemon::{Daemon, command, folder, run};

/// As programs look for them, in both spellings.
const NAMES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Says what it was asked, and answers nothing: pages that were given to it would be lost.
fn proxy() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (heard, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut first = [0; 200];
            let read = stream.unwrap().read(&mut first).unwrap_or(0);
            if heard.send(String::from_utf8_lossy(&first[..read]).into_owned()).is_err() {
                return;
            }
        }
    });
    (address, asked)
}

fn start_behind(proxy: &str, folder: &Path) -> Daemon {
    let mut daemon = command(folder, &["serve", "--watch=false", "--listen", "127.0.0.1:0"]);
    NAMES.iter().for_each(|name| _ = daemon.env(name, proxy));
    daemon.env("NO_PROXY", "");
    Daemon::of(daemon)
}

fn without_contacts() -> String {
    ORG.split_inclusive('\n').filter(|line| !line.starts_with("contact")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_gets_no_page_and_leads_nowhere_inside() {
    let folder = folder();
    let receiver = Receiver::open(&[Reply::Status(200)]).await;
    let beats = Receiver::open(&[Reply::Status(200)]).await;
    // Everybody is reached by `hook`, whose name leads inside, and then by `spare`, which may.
    let everybody = ["Anna", "Björn", "Carol", "Dave"].into_iter().fold(without_contacts(), |text, name| {
        let name = format!("name = \"{name}\"\n");
        text.replace(&name, &format!("{name}contact = [\"hook\", \"spare\"]\n"))
    });
    std::fs::write(folder.path().join("schedules/org.toml"), everybody).unwrap();
    let inside = receiver.url.replace("127.0.0.1", "localhost");
    let settings = format!(
        "[heartbeat]\nurl = \"{}\"\nevery = \"1s\"\nallow_private = true\n\
         [channels.hook]\nkind = \"webhook\"\nurl = \"{inside}\"\n\
         [channels.spare]\nkind = \"webhook\"\nurl = \"{}\"\nallow_private = true\n",
        beats.url, receiver.url
    );
    std::fs::write(folder.path().join("meridian.toml"), settings).unwrap();
    let (address, asked) = proxy();
    let daemon = start_behind(&address, folder.path());
    let server = daemon.server();
    let add = ["ticket", "open", "The shop is down", "--priority", "P1", "--server", &server];
    let (code, _, error) = run(folder.path(), &add);
    assert_eq!(code, 0, "{error}");
    let refused = daemon.hears("a channel refuses a notice");
    assert!(refused["reason"].as_str().unwrap().contains("has no public address"), "{refused}");
    receiver.hears(1).await;
    beats.hears(1).await;
    assert_eq!(asked.try_iter().collect::<Vec<_>>(), [""; 0], "the proxy was asked");
    assert_eq!(daemon.stop(), 0);
    receiver.close().await;
    beats.close().await;
}
