//! An executor for the tasks of the server: one thread, first woken, first run.

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

/// The tasks.
#[derive(Default)]
pub(super) struct Executor {
    executor: Vec<Option<(Task, Arc<Bell>)>>,
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

impl Executor {
    /// Spawns a task. It starts at the next [`Executor::run`].
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + 'static) -> usize {
        let number = self.executor.len();
        let bell = Arc::new(Bell { task: number, rung: AtomicBool::new(false), ready: Arc::clone(&self.ready) });
        Arc::clone(&bell).wake();
        self.executor.push(Some((Box::pin(task), bell)));
        number
    }

    /// Drops a task wherever it is, as the crash of its process does.
    pub(super) fn kill(&mut self, task: usize) {
        self.executor[task] = None;
    }

    /// Runs until no task is ready.
    pub(super) fn run(&mut self) {
        loop {
            let Some(next) = self.ready.lock().unwrap().pop_front() else { return };
            let Some((task, bell)) = &mut self.executor[next] else { continue };
            bell.rung.store(false, Ordering::Relaxed);
            let waker = Waker::from(Arc::clone(bell));
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.executor[next] = None;
            }
        }
    }
}
