//! The script of fault tests (tests/faults) in its quick form: real daemons under load, each fault once or so. Those that
//! hang on how fast the machine is (a node that pauses, clocks, channels that hang, files that are swapped) are for a
//! machine that has nothing else to do, see README.md.

use std::fmt::Write;
use std::process::Command;

use serde_json::Value;

#[test]
fn daemons_that_die_and_databases_that_fail_lose_nothing() {
    let root = env!("CARGO_MANIFEST_DIR");
    let ran = Command::new("python3")
        .args([&format!("{root}/tests/faults/run.py"), "--quick", "--json"])
        .args(["kill", "outage", "full", "poison", "boundary"].iter().flat_map(|fault| ["--only", fault]))
        .args(["--binary", env!("CARGO_BIN_EXE_meridian")])
        .output()
        .expect("python3 runs");
    let stderr = String::from_utf8_lossy(&ran.stderr);
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}\n{stderr}"));
    let mut table = String::new();
    for fault in said["faults"].as_array().expect("a list of faults") {
        // How much was done in the time hangs on the machine; that something was, does not.
        let enough = fault["acknowledged"].as_u64().is_some_and(|count| count >= 50);
        let [name, database] = ["fault", "database"].map(|key| fault[key].as_str().unwrap());
        let [lost, doubled, broken] = ["lost", "double_decisions", "broken"].map(|key| &fault[key]);
        writeln!(
            table,
            "{name:8} {database:8} lost {lost}, doubled {doubled}, broken {broken}, enough {enough}"
        )
        .unwrap();
    }
    assert_eq!(ran.status.code(), Some(0), "{said:#}\n{stderr}");
    insta::assert_snapshot!(table, @r"
    kill     sqlite   lost 0, doubled 0, broken 0, enough true
    kill     postgres lost 0, doubled 0, broken 0, enough true
    outage   postgres lost 0, doubled 0, broken 0, enough true
    full     sqlite   lost 0, doubled 0, broken 0, enough true
    poison   sqlite   lost 0, doubled 0, broken 0, enough true
    poison   postgres lost 0, doubled 0, broken 0, enough true
    boundary sqlite   lost 0, doubled 0, broken 0, enough true
    ");
}

#[test]
fn the_script_of_three_nodes_says_how_it_is_used() {
    let script = format!("{}/tests/faults/three_nodes.py", env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new("python3").args([&script, "--help"]).output().expect("python3 runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(
        ran.status.success() && said.contains("--minutes"),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
