//! The journal of acknowledged requests, as the clients saw them.

use std::{
    collections::HashSet,
    ops::Range,
    sync::{Mutex, MutexGuard},
};

use tokio::sync::watch;

/// An acknowledged request.
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
    /// The number of the order that a client read.
    Number { order: String, number: u64 },
    /// The callback of the barista's token.
    Ended { order: String, token: String },
}

/// An append-only journal.
#[derive(Debug)]
pub(super) struct Journal {
    entries: Mutex<Vec<Acknowledged>>,
    /// Requested orders, acknowledged or not.
    attempted: Mutex<HashSet<String>>,
    length: watch::Sender<usize>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { entries: Mutex::default(), attempted: Mutex::default(), length: watch::Sender::new(0) }
    }
}

impl Journal {
    /// Records that an order is about to be requested.
    pub(super) fn attempt(&self, order: &str) {
        self.attempted.lock().unwrap().insert(order.to_owned());
    }

    pub(super) fn attempted(&self) -> MutexGuard<'_, HashSet<String>> {
        self.attempted.lock().unwrap()
    }

    /// Records an acknowledgement.
    pub(super) fn write(&self, entry: Acknowledged) {
        let mut entries = self.entries.lock().unwrap();
        entries.push(entry);
        self.length.send_replace(entries.len());
    }

    pub(super) fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    pub(super) fn entries(&self, range: Range<usize>) -> Vec<Acknowledged> {
        self.entries.lock().unwrap()[range].to_vec()
    }

    /// Resolves when the journal has this number of entries.
    pub(super) async fn wait_for_length(&self, length: usize) {
        self.length.subscribe().wait_for(|now| *now >= length).await.unwrap();
    }
}
