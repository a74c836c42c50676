//! The command line: one file per command. Answers go to standard output, everything else to standard error.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod audit;
mod backup;
mod channel;
mod check;
mod completions;
mod coverage;
mod doctor;
mod explain;
mod export;
mod forget;
mod handoff;
mod leave_and_override;
mod man;
mod message;
mod migrate;
mod notice;
mod report;
mod restore;
mod schema;
mod serve;
mod simulate;
mod ticket;
mod token;
mod who;

mod client;
mod facts;
mod files;
mod show;
mod ticket_after;
mod ticket_text;
mod ticket_vendor;
mod told;

/// Follow-the-sun scheduling, routing, escalation and handoff for global support organisations.
///
/// Exit codes: 0 yes; 1 problems found, or refused; 2 wrong usage.
#[derive(Parser)]
#[command(name = "meridian", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Who(who::Who),
    Coverage(coverage::CoverageOf),
    Explain(explain::Explain),
    Simulate(simulate::Simulate),
    Report(report::ReportOf),
    #[command(subcommand)]
    Ticket(ticket::Ticket),
    #[command(subcommand)]
    Handoff(handoff::Handoff),
    #[command(subcommand)]
    Leave(leave_and_override::Leave),
    #[command(subcommand)]
    Override(leave_and_override::Override),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Notice(notice::Notice),
    #[command(subcommand)]
    Channel(channel::Channel),
    #[command(subcommand)]
    Message(message::Message),
    Audit(audit::Audit),
    Export(export::Export),
    Forget(forget::Forget),
    Doctor(doctor::Doctor),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Migrate(migrate::Migrate),
    Schema(schema::Schema),
    Completions(completions::Completions),
    #[command(hide = true)]
    Man(man::Man),
}

/// What a command comes to when it did its work.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Yes,
    /// Problems were found, or it was refused; standard error says which.
    No,
}

/// Parses the command line and runs one command.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Check(check) => check.run(),
        Command::Who(who) => who.run(),
        Command::Coverage(coverage) => coverage.run(),
        Command::Explain(explain) => explain.run(),
        Command::Simulate(simulate) => simulate.run(),
        Command::Report(report) => report.run(),
        Command::Ticket(ticket) => ticket.run(),
        Command::Handoff(handoff) => handoff.run(),
        Command::Leave(leave) => leave.run(),
        Command::Override(over) => over.run(),
        Command::Token(token) => token.run(),
        Command::Notice(notice) => notice.run(),
        Command::Channel(channel) => channel.run(),
        Command::Message(message) => message.run(),
        Command::Audit(audit) => audit.run(),
        Command::Export(export) => export.run(),
        Command::Forget(forget) => forget.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Migrate(migrate) => migrate.run(),
        Command::Schema(schema) => schema.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    };
    match outcome {
        Ok(Outcome::Yes) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => {
            anstream::eprintln!("{}: {}", show::red("error"), show::fault(&error));
            ExitCode::from(1)
        }
    }
}
