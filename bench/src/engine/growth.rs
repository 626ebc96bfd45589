//! Whether the engine stays as quick as it was: the same load before and after many finished orders.

use std::time::Duration;

use super::load::Length;
use super::process;
use super::server::{Kind, Programs, Server};
use super::table::{count, number};
use crate::clock::now;

/// Clients of each load.
const CLIENTS: usize = 64;
/// Both loads are counted for this long, after a warm-up.
const COUNTED: Duration = Duration::from_secs(20);
const WARM_UP: Duration = Duration::from_secs(3);

/// Measures, lets `orders` orders live, and measures again.
///
/// # Errors
/// The engine does not start, or an order does not live as it should.
pub(crate) async fn measure(programs: &Programs, orders: u64) -> anyhow::Result<()> {
    let data = programs.folder.join("growth");
    let server = Server::start(programs, Kind::Engine, &data).await?;
    let machine = super::prepare(&server).await?;
    println!("{orders} orders, all by {CLIENTS} clients; about {} minutes.", orders / 60_000 + 2);
    println!();
    println!("| after orders | lives a second | callback to next state, p50 ms | p99 ms | server CPU ms a life |");
    println!("|---:|---:|---:|---:|---:|");
    let length = Length::Counted { warm_up: WARM_UP, counted: COUNTED };
    let mut lives = 0;
    let mut speeds = Vec::new();
    for fill in [0, orders] {
        if fill > 0 {
            let began = now();
            lives += super::put(&server, &machine, CLIENTS, Length::Lives(fill))?.lives;
            eprintln!("{fill} orders lived in {:.0} s", began.elapsed().as_secs_f64());
        }
        let cpu = server.cpu_ms();
        let done = super::put(&server, &machine, CLIENTS, length)?;
        let cpu = server.cpu_ms().zip(cpu).map(|(after, before)| (after - before) / count(done.lives));
        println!(
            "| {lives} | {} | {} | {} | {} |",
            number(Some(done.per_second), 0),
            number(Some(done.p50), 2),
            number(Some(done.p99), 2),
            number(cpu, 3)
        );
        lives += done.lives;
        speeds.push((done.per_second, cpu));
    }
    let peak = process::peak_memory(server.id());
    server.stop()?;
    let bytes = super::size(&data);
    let again = Server::start(programs, Kind::Engine, &data).await?;
    println!();
    if let [(before, cpu_before), (after, cpu_after)] = speeds.as_slice() {
        println!(
            "Speed after: {:.1} % of that before; processor time a life: {} %.",
            100.0 * after / before,
            number(cpu_after.zip(*cpu_before).map(|(after, before)| 100.0 * after / before), 1)
        );
    }
    println!(
        "On disk: {bytes} bytes, {} an order. Peak memory: {} MiB. Opened again in {:.0} ms.",
        bytes / lives.max(1),
        number(peak, 0),
        again.started_in.as_secs_f64() * 1000.0
    );
    again.stop()
}
