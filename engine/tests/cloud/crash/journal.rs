//! What was acknowledged, as the clients saw it.

use std::{
    collections::HashSet,
    ops::Range,
    sync::{Mutex, MutexGuard},
};

use tokio::sync::watch;

/// Something that the engine said is done.
#[derive(Debug, Clone)]
pub(super) enum Acknowledged {
    /// PutItem.
    Item { key: String },
    /// PutEvents.
    Event { id: String },
    /// StartExecution.
    Started { order: String },
    /// The callback of the customer's token.
    Chosen { order: String, token: String },
    /// The number of the order, as it was read.
    Number { order: String, number: u64 },
    /// The callback of the barista's token.
    Ended { order: String, token: String },
}

/// The journal. It only grows.
#[derive(Debug)]
pub(super) struct Journal {
    entries: Mutex<Vec<Acknowledged>>,
    /// Orders that were asked for, be it acknowledged or not.
    attempted: Mutex<HashSet<String>>,
    length: watch::Sender<usize>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { entries: Mutex::default(), attempted: Mutex::default(), length: watch::Sender::new(0) }
    }
}

impl Journal {
    /// Notes that an order is going to be asked for.
    pub(super) fn attempt(&self, order: &str) {
        self.attempted.lock().unwrap().insert(order.to_owned());
    }

    pub(super) fn attempted(&self) -> MutexGuard<'_, HashSet<String>> {
        self.attempted.lock().unwrap()
    }

    /// Notes an acknowledgement.
    pub(super) fn write(&self, entry: Acknowledged) {
        let mut entries = self.entries.lock().unwrap();
        entries.push(entry);
        self.length.send_replace(entries.len());
    }

    pub(super) fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    pub(super) fn part(&self, range: Range<usize>) -> Vec<Acknowledged> {
        self.entries.lock().unwrap()[range].to_vec()
    }

    /// Resolves when there are as many entries.
    pub(super) async fn reaches(&self, length: usize) {
        self.length.subscribe().wait_for(|now| *now >= length).await.unwrap();
    }
}
