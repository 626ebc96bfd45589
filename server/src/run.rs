//! Runs a server and answers the sub-commands of other processes.

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

/// Starts the server, calls `started`, and runs until `stop` resolves. Meanwhile it answers `doppio restore` and
/// `doppio dead-letters`. A restore stops the server and starts it again at the same addresses, so that nothing in
/// memory is older than the data.
///
/// # Errors
/// The server cannot be started, or not any more after a restore.
pub async fn run(
    mut config: ServeConfig,
    clocks: Clocks,
    rng: Arc<dyn Rng>,
    started: impl FnOnce(&RunningServer),
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let mut server = serve(&config, clocks.clone(), Arc::clone(&rng)).await?;
    if server.engine.is_none() {
        started(&server);
        stop.await;
        server.shutdown().await;
        return Ok(());
    }
    let mut control = ControlServer::open(&config.data_dir, &clocks.connections);
    started(&server);
    // Port 0 stood for any port. After a restore it has to be the same one.
    config.listen = server.address;
    config.metrics = server.metrics;
    config.aws_api = config.aws_api.map(|wanted| server.aws_api.map_or(wanted, AwsApi::At));
    let mut stop = pin!(stop);
    let restart = Restart { config, clocks, rng };
    let outcome = loop {
        let (request, reply_to) = tokio::select! {
            () = &mut stop => {
                server.shutdown().await;
                break Ok(());
            }
            call = control.next() => call,
        };
        let reply = match request {
            Request::Restore { file } => match restart.restore(server, &file).await {
                Ok((restarted, reply)) => {
                    server = restarted;
                    reply
                }
                Err(error) => {
                    send(reply_to, Reply::Refused(format!("The server has stopped: {error}")));
                    break Err(error);
                }
            },
            request => match &server.engine {
                Some(engine) => operate::dead_letters::reply(engine, &*restart.clocks.connections, &request).await,
                None => Reply::Refused("This server has no embedded cloud.".to_owned()),
            },
        };
        send(reply_to, reply);
    };
    control.close().await;
    outcome
}

fn send(reply_to: oneshot::Sender<Reply>, reply: Reply) {
    // The other process may have ended; what it asked for is done and in the log.
    let _ = reply_to.send(reply);
}

/// What is needed to start the server again.
struct Restart {
    config: ServeConfig,
    clocks: Clocks,
    rng: Arc<dyn Rng>,
}

impl Restart {
    /// Checks the backup while the server runs. Only then stops it, replaces the data and starts it again.
    async fn restore(&self, server: RunningServer, file: &Path) -> Result<(RunningServer, Reply), ServeError> {
        let staged = match self.stage(file).await {
            Ok(staged) => staged,
            Err(error) => return Ok((server, refused(&error))),
        };
        tracing::info!(backup = %file.display(), "the server restarts with the data of a backup");
        server.shutdown().await;
        let restored = match self.install(staged) {
            Ok(restored) => restored,
            Err(why) => return Ok((self.start().await?, Reply::Refused(why))),
        };
        match self.start().await {
            Ok(server) => Ok((server, Reply::Restored { kept: restored.kept })),
            Err(error) => self.roll_back(restored, &error).await,
        }
    }

    /// The restored data is intact, but the server does not start with it: puts the previous data back.
    async fn roll_back(&self, restored: Restored, error: &ServeError) -> Result<(RunningServer, Reply), ServeError> {
        tracing::error!(%error, "the server does not start with the restored data and goes back to the previous data");
        let Some(kept) = restored.kept else {
            return Err(ServeError::Read(format!("the restored data cannot be used: {error}")));
        };
        let undone = match self.stage(&kept).await {
            Ok(staged) => self.install(staged),
            Err(error) => Err(error.to_string()),
        };
        undone.map_err(ServeError::Read)?;
        let why = format!("The server does not start with that data: {error} It runs with the previous data.");
        Ok((self.start().await?, Reply::Refused(why)))
    }

    async fn stage(&self, file: &Path) -> Result<Staged, RestoreError> {
        let (store, file) = (data_folder::database(&self.config.data_dir), file.to_owned());
        let from = file.clone();
        // Staging reads the whole backup twice, so it must not block the runtime.
        let staged = tokio::task::spawn_blocking(move || stage(&store, &from)).await;
        staged.unwrap_or_else(|error| Err(RestoreError::Io { path: file, source: std::io::Error::other(error) }))
    }

    fn install(&self, staged: Staged) -> Result<Restored, String> {
        let lock = Lock::take(&data_folder::database(&self.config.data_dir)).map_err(|error| error.to_string())?;
        staged.install(&lock, self.clocks.orders.now()).map_err(|error| error.to_string())
    }

    async fn start(&self) -> Result<RunningServer, ServeError> {
        serve(&self.config, self.clocks.clone(), Arc::clone(&self.rng)).await
    }
}

fn refused(error: &RestoreError) -> Reply {
    tracing::warn!(%error, "a backup was not restored");
    Reply::Refused(error.to_string())
}
