//! What runs the server's tasks: one thread, and whoever was woken first goes first.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The tasks that there are.
#[derive(Default)]
pub(super) struct Tasks {
    tasks: Vec<Option<(Task, Arc<Bell>)>>,
    ready: Arc<Mutex<VecDeque<usize>>>,
}

struct Bell {
    task: usize,
    rung: AtomicBool,
    ready: Arc<Mutex<VecDeque<usize>>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if !self.rung.swap(true, Ordering::Relaxed) {
            self.ready.lock().unwrap().push_back(self.task);
        }
    }
}

impl Tasks {
    /// Begins a task at the next [`Tasks::run`].
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + 'static) -> usize {
        let number = self.tasks.len();
        let bell = Arc::new(Bell { task: number, rung: AtomicBool::new(false), ready: Arc::clone(&self.ready) });
        Arc::clone(&bell).wake();
        self.tasks.push(Some((Box::pin(task), bell)));
        number
    }

    /// Ends a task wherever it is, as the death of its process does.
    pub(super) fn kill(&mut self, task: usize) {
        self.tasks[task] = None;
    }

    /// Runs until nobody is ready.
    pub(super) fn run(&mut self) {
        loop {
            let Some(next) = self.ready.lock().unwrap().pop_front() else { return };
            let Some((task, bell)) = &mut self.tasks[next] else { continue };
            bell.rung.store(false, Ordering::Relaxed);
            let waker = Waker::from(Arc::clone(bell));
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.tasks[next] = None;
            }
        }
    }
}
