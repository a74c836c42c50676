use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_mangen::roff::{Roff, roman};

use super::{Cli, Outcome};

/// Manual pages, one for each command and one for the settings
///
/// For those who make packages.
#[derive(Args)]
#[command(after_help = "Example:
  meridian man /usr/local/share/man")]
pub struct Man {
    /// Folder that gets man1 and man5; made where it is missing
    dir: PathBuf,
}

/// The commented settings are their own reference, so that there is no second text to keep true.
const SETTINGS: &str = include_str!("../../systemd/meridian.toml");

const MANUAL: &str = "Meridian";

impl Man {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let mut meridian = Cli::command().disable_help_subcommand(true);
        meridian.build();
        write_commands(&meridian, &self.dir.join("man1"))?;
        write(&self.dir.join("man5/meridian.toml.5"), &settings_page()?)?;
        Ok(Outcome::Yes)
    }
}

/// The page of a command and those of the commands beneath it.
fn write_commands(command: &clap::Command, folder: &Path) -> anyhow::Result<()> {
    let page = clap_mangen::Man::new(command.clone()).source(source()).manual(MANUAL);
    write(&folder.join(page.get_filename()), &command_page(command, &page)?)?;
    for beneath in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        write_commands(beneath, folder)?;
    }
    Ok(())
}

fn command_page(command: &clap::Command, page: &clap_mangen::Man) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        page.render_options_section(&mut text)?;
    }
    if command.has_subcommands() {
        page.render_subcommands_section(&mut text)?;
    }
    let mut rest = Roff::new();
    if let Some(after) = command.get_after_long_help().or(command.get_after_help()) {
        notes_and_examples(&mut rest, &after.to_string());
    }
    rest.control("SH", ["SEE ALSO"]);
    rest.text([roman(see_also(command))]);
    rest.to_writer(&mut text)?;
    Ok(text)
}

/// What stands below a command's help: paragraphs, and indented lines that are printed as they are.
fn notes_and_examples(page: &mut Roff, after: &str) {
    let mut as_it_is = false;
    let mut section = "";
    for line in after.lines() {
        let heading = if ["Example:", "Examples:"].contains(&line) { "EXAMPLES" } else { "NOTES" };
        let indented = line.starts_with("  ");
        if as_it_is && !indented && !line.is_empty() {
            page.control("EE", []);
            page.control("RE", []);
            as_it_is = false;
        }
        if !indented
            && !line.is_empty()
            && section != heading
            && (section.is_empty() || heading == "EXAMPLES")
        {
            page.control("SH", [heading]);
            section = heading;
        }
        if indented && !as_it_is {
            page.control("RS", ["4"]);
            page.control("EX", []);
            as_it_is = true;
        }
        match line {
            "Example:" | "Examples:" => (),
            "" if as_it_is => (),
            "" => {
                page.control("PP", []);
            }
            line => {
                page.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
        }
    }
    if as_it_is {
        page.control("EE", []);
        page.control("RE", []);
    }
}

fn see_also(command: &clap::Command) -> String {
    let name = command.get_display_name().unwrap_or(command.get_name());
    match name {
        "meridian" => "meridian.toml(5), systemctl(1), journalctl(1)".to_owned(),
        "meridian-serve" => "meridian(1), meridian.toml(5), systemctl(1)".to_owned(),
        _ => match name.rsplit_once('-') {
            Some((above, _)) if above != "meridian" => format!("meridian(1), {above}(1)"),
            _ => "meridian(1)".to_owned(),
        },
    }
}

fn settings_page() -> anyhow::Result<Vec<u8>> {
    let mut page = Roff::new();
    page.control("TH", ["meridian.toml", "5", "", &source(), MANUAL]);
    page.control("SH", ["NAME"]);
    page.text([roman("meridian.toml - settings of the Meridian daemon")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([roman(
        "Read once, when the daemon starts: after an edit, restart it with `systemctl restart meridian`. \
         A key that is not known here is an error. The file as it comes says what there is; lines that begin \
         with # are explanations, and settings that are not in use:",
    )]);
    page.control("PP", []);
    page.control("EX", []);
    for line in SETTINGS.lines() {
        page.text([roman(line)]);
    }
    page.control("EE", []);
    page.control("SH", ["FILES"]);
    page.text([roman("/etc/meridian/meridian.toml")]);
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("meridian(1), meridian-serve(1)")]);
    let mut text = Vec::new();
    page.to_writer(&mut text)?;
    Ok(text)
}

fn source() -> String {
    format!("meridian {}", env!("CARGO_PKG_VERSION"))
}

fn write(file: &Path, text: &[u8]) -> anyhow::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    fs::write(file, text).with_context(|| format!("{}", file.display()))
}
