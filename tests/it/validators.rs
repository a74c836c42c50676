//! Judges that are not ours: Python with packages of others, installed once beneath `target/`.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

static PYTHON: LazyLock<String> = LazyLock::new(|| {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/validators");
    let made = Command::new(script).output().expect("tests/tools/validators can be run");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "tests/tools/validators cannot install what judges the output:\n{said}");
    String::from_utf8(made.stdout).expect("a path").trim().to_owned()
});

/// Where the packages are that judge.
pub fn python() -> &'static str {
    &PYTHON
}

/// What a script of `tests/tools` says of its arguments and input.
pub fn judge(script: &str, arguments: &[&str], input: &str) -> String {
    let mut python = Command::new(&*PYTHON)
        .arg(format!("tests/tools/{script}"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python runs");
    python.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
    let said = python.wait_with_output().expect("it ends");
    assert!(said.status.success(), "{script}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).expect("UTF-8")
}
