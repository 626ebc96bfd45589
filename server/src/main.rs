//! `doppio`: parses the command line, and runs the server or another sub-command.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use engine::clock::{SystemClock, SystemRng};
use server::{
    Clocks, RunningServer,
    config::{Cli, Command, DeadLettersCommand, DeadLettersConfig, ServeConfig},
    operate::{self, OperateError},
};
use tokio::signal;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(config) => serve(config),
        command => {
            server::start_log("warn");
            operate(&command).map(|text| println!("{text}")).map_err(anyhow::Error::from)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("doppio: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(config: ServeConfig) -> anyhow::Result<()> {
    server::start_log(&config.log);
    server::allow_open_files();
    // Leptos renders pages on these threads and needs at least four (leptos#4578).
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?;
    let stop = async {
        shutdown_signal().await;
        eprintln!("Shutting down: current requests are finished first.");
    };
    let clocks = Clocks::system();
    runtime.block_on(server::run(config, clocks, Arc::new(SystemRng), print_addresses, stop))?;
    Ok(())
}

/// Runs a sub-command other than `serve`; returns what to print.
fn operate(command: &Command) -> Result<String, OperateError> {
    match command {
        Command::Serve(_) => Ok(String::new()),
        Command::Backup(config) => operate::back_up(config),
        Command::Restore(config) => operate::restore(config, &SystemClock),
        Command::DeadLetters(DeadLettersConfig { data_dir, command }) => match command {
            DeadLettersCommand::List { json } => operate::list(data_dir, *json, Arc::new(SystemClock)),
            DeadLettersCommand::Replay { id, .. } => operate::replay(data_dir, *id, Arc::new(SystemClock)),
        },
    }
}

/// Prints the addresses and the staff link.
fn print_addresses(running: &RunningServer) {
    let RunningServer { url, staff_link, aws_api, metrics, .. } = running;
    println!("Order      {url}/");
    println!("Bar        {url}/barista");
    println!("Wall       {url}/display");
    println!("Staff link {}  (open it once on the tablet; keep it to yourselves)", &**staff_link);
    if let Some(address) = aws_api {
        println!(
            "AWS API    http://{address}  (aws --endpoint-url http://{address} stepfunctions list-state-machines)"
        );
    }
    if let Some(address) = metrics {
        println!("Metrics    http://{address}/metrics");
    }
}

/// Resolves at ctrl-c or SIGTERM.
async fn shutdown_signal() {
    let interrupt = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
