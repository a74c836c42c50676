use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Outcome, show};

/// Completions for a shell
#[derive(Args)]
#[command(after_help = "Example:
  meridian completions bash > /etc/bash_completion.d/meridian")]
pub struct Completions {
    shell: Shell,
}

impl Completions {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "meridian", &mut script);
        show::out(&String::from_utf8(script)?)
    }
}
