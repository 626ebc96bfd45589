//! A bar from opening to closing, with somebody at its control control.

use std::{future::Future, path::Path, pin::pin, sync::Arc};

use engine::{
    backup::{RestoreError, Restored, Staged, stage},
    clock::Rng,
    store::Lock,
};
use tokio::sync::oneshot;

use crate::{
    Clocks, RunningServer, ServeError,
    config::{AwsApi, ServeConfig},
    control::{ControlServer, Reply, Request},
    data_folder,
    lifecycle::serve,
    operate,
};

/// Opens the bar, says so through `opened`, and keeps it open until `stop` resolves. Meanwhile it does what `doppio
/// restore` and `doppio dead-letters` ask. A restore closes the bar and opens it again at the same addresses, so that
/// nothing in memory is older than the data.
///
/// # Errors
/// The bar cannot be opened, or after a restore not any more.
pub async fn run(
    mut config: ServeConfig,
    clocks: Clocks,
    rng: Arc<dyn Rng>,
    opened: impl FnOnce(&RunningServer),
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let mut bar = serve(&config, clocks.clone(), Arc::clone(&rng)).await?;
    if bar.engine.is_none() {
        opened(&bar);
        stop.await;
        bar.shutdown().await;
        return Ok(());
    }
    let mut control = ControlServer::open(&config.data_dir, &clocks.connections);
    opened(&bar);
    // Port 0 was any port; from now on it is this one.
    config.listen = bar.address;
    config.metrics = bar.metrics;
    config.aws_api = config.aws_api.map(|wanted| bar.aws_api.map_or(wanted, AwsApi::At));
    let mut stop = pin!(stop);
    let reopen = Reopen { config, clocks, rng };
    let outcome = loop {
        let (request, answer) = tokio::select! {
            () = &mut stop => {
                bar.shutdown().await;
                break Ok(());
            }
            ask = control.next() => ask,
        };
        let reply = match request {
            Request::Restore { file } => match reopen.restore(bar, &file).await {
                Ok((reopened, reply)) => {
                    bar = reopened;
                    reply
                }
                Err(error) => {
                    send(answer, Reply::Refused(format!("The bar is closed now: {error}")));
                    break Err(error);
                }
            },
            request => match &bar.engine {
                Some(engine) => operate::dead_letters::answer(engine, &*reopen.clocks.connections, &request).await,
                None => Reply::Refused("This bar has no data of its own.".to_owned()),
            },
        };
        send(answer, reply);
    };
    control.close().await;
    outcome
}

fn send(answer: oneshot::Sender<Reply>, reply: Reply) {
    // Whoever went away does not want the answer; what was asked is done, and in the log.
    let _ = answer.send(reply);
}

/// What is needed to open the bar once more.
struct Reopen {
    config: ServeConfig,
    clocks: Clocks,
    rng: Arc<dyn Rng>,
}

impl Reopen {
    /// Checks the backup while the bar goes on; only then closes the bar, swaps the data and opens it again.
    async fn restore(&self, bar: RunningServer, file: &Path) -> Result<(RunningServer, Reply), ServeError> {
        let staged = match self.stage(file).await {
            Ok(staged) => staged,
            Err(error) => return Ok((bar, refused(&error))),
        };
        tracing::info!(backup = %file.display(), "the bar closes for a moment, to go on with the data of a backup");
        bar.shutdown().await;
        let restored = match self.install(staged) {
            Ok(restored) => restored,
            Err(why) => return Ok((self.open().await?, Reply::Refused(why))),
        };
        match self.open().await {
            Ok(bar) => Ok((bar, Reply::Restored { kept: restored.kept })),
            Err(error) => self.back_to(restored, &error).await,
        }
    }

    /// The restored data is whole, but the bar does not open with it: what was there before comes back.
    async fn back_to(&self, restored: Restored, error: &ServeError) -> Result<(RunningServer, Reply), ServeError> {
        tracing::error!(%error, "the bar does not open with the restored data; it goes back to the data from before");
        let Some(kept) = restored.kept else {
            return Err(ServeError::Read(format!("the restored data cannot be used: {error}")));
        };
        let undone = match self.stage(&kept).await {
            Ok(staged) => self.install(staged),
            Err(error) => Err(error.to_string()),
        };
        undone.map_err(ServeError::Read)?;
        let why = format!("The bar does not open with that data: {error} It goes on with the data from before.");
        Ok((self.open().await?, Reply::Refused(why)))
    }

    async fn stage(&self, file: &Path) -> Result<Staged, RestoreError> {
        let (store, file) = (data_folder::database(&self.config.data_dir), file.to_owned());
        let from = file.clone();
        // It reads the whole backup twice.
        let staged = tokio::task::spawn_blocking(move || stage(&store, &from)).await;
        staged.unwrap_or_else(|error| Err(RestoreError::Io { path: file, source: std::io::Error::other(error) }))
    }

    fn install(&self, staged: Staged) -> Result<Restored, String> {
        let lock = Lock::take(&data_folder::database(&self.config.data_dir)).map_err(|error| error.to_string())?;
        staged.install(&lock, self.clocks.orders.now()).map_err(|error| error.to_string())
    }

    async fn open(&self) -> Result<RunningServer, ServeError> {
        serve(&self.config, self.clocks.clone(), Arc::clone(&self.rng)).await
    }
}

fn refused(error: &RestoreError) -> Reply {
    tracing::warn!(%error, "a backup was not restored");
    Reply::Refused(error.to_string())
}
