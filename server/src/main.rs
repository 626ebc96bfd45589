//! `doppio`: reads the command line and runs the server until it is told to stop.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use engine::clock::{SystemClock, SystemRng};
use server::{
    Clocks, Running, ServeError,
    config::{Cli, Command, ServeConfig},
};
use tokio::signal;

fn main() -> ExitCode {
    let Command::Serve(config) = Cli::parse().command;
    server::start_log(&config.log);
    // Leptos renders pages on these threads and needs at least four of them (leptos#4578).
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| Ok(runtime.block_on(run(&config))?));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("doppio: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: &ServeConfig) -> Result<(), ServeError> {
    let running = server::serve(config, Clocks::same(Arc::new(SystemClock)), Arc::new(SystemRng)).await?;
    announce(&running);
    told_to_stop().await;
    eprintln!("Closing: requests under way are finished first.");
    running.shutdown().await;
    Ok(())
}

/// Prints where everything is, once.
fn announce(running: &Running) {
    let Running { url, staff_link, aws_api, .. } = running;
    println!("Order      {url}/");
    println!("Bar        {url}/barista");
    println!("Wall       {url}/display");
    println!("Staff link {staff_link}  (open it once on the tablet; keep it to yourselves)");
    if let Some(address) = aws_api {
        println!(
            "AWS API    http://{address}  (aws --endpoint-url http://{address} stepfunctions list-state-machines)"
        );
    }
}

/// Resolves at ctrl-c or SIGTERM.
async fn told_to_stop() {
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
