//! The units that ship, as systemd itself judges them.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Tenths; what it has to do (call webhooks, be called, speak to a database and to systemd) costs eleven.
const EXPOSURE_MAX: u32 = 15;

/// Every unit of the project, with a program in place of one that is not installed.
fn units() -> (TempDir, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !["service", "socket", "timer"].iter().any(|kind| name.ends_with(&format!(".{kind}"))) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let program = "=/usr/bin/meridian ";
        std::fs::write(folder.path().join(&name), text.replace(program, "=/bin/true ")).unwrap();
        names.push(name);
    }
    names.sort();
    (folder, names)
}

fn analyze(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .current_dir(folder)
        .env("SYSTEMD_COLORS", "0")
        .output()
        .expect("tests/run installs systemd-analyze");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), text.concat())
}

#[test]
fn the_units_are_sound() {
    let (folder, names) = units();
    for expected in ["meridian.service", "meridian.socket"] {
        assert!(names.iter().any(|name| name == expected), "{names:?}");
    }
    for name in &names {
        let (sound, said) = analyze(folder.path(), &["verify", "--man=no", &format!("./{name}")]);
        let about_us: Vec<&str> = said.lines().filter(|line| line.contains("meridian")).collect();
        assert!(sound && about_us.is_empty(), "{name}: {said}");
    }
}

#[test]
fn the_services_are_exposed_to_little() {
    let (folder, names) = units();
    for name in names.iter().filter(|name| name.ends_with(".service")) {
        let threshold = format!("--threshold={EXPOSURE_MAX}");
        let (within, said) = analyze(folder.path(), &["security", "--offline=true", &threshold, name]);
        assert!(within && said.contains("Overall exposure level"), "{name}: {said}");
        // What is left, each for a reason.
        let left: Vec<&str> = said.lines().filter(|line| line.starts_with('✗')).collect();
        let left = left.iter().filter_map(|line| line.split_whitespace().nth(1));
        assert_eq!(
            left.collect::<Vec<_>>(),
            [
                "RootDirectory=/RootImage=",
                "RestrictAddressFamilies=~AF_UNIX",
                "RestrictAddressFamilies=~AF_(INET|INET6)",
                "PrivateNetwork=",
                "DeviceAllow=",
                "IPAddressDeny=",
            ],
            "{said}"
        );
    }
}

#[test]
fn a_unit_that_is_open_would_be_noticed() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("open.service"), "[Service]\nExecStart=/bin/true\n").unwrap();
    assert!(!analyze(folder.path(), &["security", "--offline=true", "--threshold=15", "open.service"]).0);
    std::fs::write(folder.path().join("meridian.socket"), "[Socket]\nListenStream=nowhere:x\n").unwrap();
    let (_, said) = analyze(folder.path(), &["verify", "./meridian.socket"]);
    assert!(said.contains("meridian"), "{said}");
}
