//! The speed of the engine before and after many finished orders.

use std::time::Duration;

use super::load::Length;
use super::process;
use super::server::{Kind, Programs, Server};
use super::setup;
use super::table::{count, number};
use crate::clock::now;

/// Concurrent clients.
const CLIENTS: usize = 64;
/// Duration of each of the two measurements.
const COUNTED: Duration = Duration::from_secs(20);
const WARM_UP: Duration = Duration::from_secs(3);

/// Measures, processes `orders` orders, and measures again.
///
/// # Errors
/// The engine does not start, or an order does not end as expected.
pub(crate) async fn measure(programs: &Programs, orders: u64) -> anyhow::Result<()> {
    let data = programs.folder.join("growth");
    let server = Server::start(programs, Kind::Engine, &data).await?;
    let machine = setup::prepare(&server).await?;
    println!("{orders} orders, all by {CLIENTS} clients; about {} minutes.", orders / 60_000 + 2);
    println!();
    println!("| after orders | orders a second | callback to next state, p50 ms | p99 ms | server CPU ms an order |");
    println!("|---:|---:|---:|---:|---:|");
    let length = Length::Counted { warm_up: WARM_UP, counted: COUNTED };
    let mut orders_done = 0;
    let mut speeds = Vec::new();
    for additional in [0, orders] {
        if additional > 0 {
            let began = now();
            orders_done += setup::run_load(&server, &machine, CLIENTS, Length::Orders(additional))?.orders;
            eprintln!("{additional} orders took {:.0} s", began.elapsed().as_secs_f64());
        }
        let cpu = server.cpu_ms();
        let load = setup::run_load(&server, &machine, CLIENTS, length)?;
        let cpu = server.cpu_ms().zip(cpu).map(|(after, before)| (after - before) / count(load.orders));
        println!(
            "| {orders_done} | {} | {} | {} | {} |",
            number(Some(load.per_second), 0),
            number(Some(load.p50), 2),
            number(Some(load.p99), 2),
            number(cpu, 3)
        );
        orders_done += load.orders;
        speeds.push((load.per_second, cpu));
    }
    let peak = process::peak_memory(server.id());
    server.stop()?;
    let bytes = setup::folder_size(&data);
    let again = Server::start(programs, Kind::Engine, &data).await?;
    println!();
    if let [(before, cpu_before), (after, cpu_after)] = speeds.as_slice() {
        println!(
            "Speed after: {:.1} % of that before; CPU time an order: {} %.",
            100.0 * after / before,
            number(cpu_after.zip(*cpu_before).map(|(after, before)| 100.0 * after / before), 1)
        );
    }
    println!(
        "On disk: {bytes} bytes, {} an order. Peak memory: {} MiB. Opened again in {:.0} ms.",
        bytes / orders_done.max(1),
        number(peak, 0),
        again.started_in.as_secs_f64() * 1000.0
    );
    again.stop()
}
