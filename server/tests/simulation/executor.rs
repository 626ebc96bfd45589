//! An executor for the tasks of the server: one thread; tasks run in the order in which they were woken.

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
    tasks: Vec<Option<(Task, Arc<TaskWaker>)>>,
    ready: Arc<Mutex<VecDeque<usize>>>,
}

struct TaskWaker {
    task: usize,
    is_queued: AtomicBool,
    ready: Arc<Mutex<VecDeque<usize>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::Relaxed) {
            self.ready.lock().unwrap().push_back(self.task);
        }
    }
}

impl Executor {
    /// Spawns a task. It starts at the next [`Executor::run`].
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + 'static) -> usize {
        let number = self.tasks.len();
        let waker =
            Arc::new(TaskWaker { task: number, is_queued: AtomicBool::new(false), ready: Arc::clone(&self.ready) });
        Arc::clone(&waker).wake();
        self.tasks.push(Some((Box::pin(task), waker)));
        number
    }

    /// Drops a task wherever it is, as the crash of its process does.
    pub(super) fn kill(&mut self, task: usize) {
        self.tasks[task] = None;
    }

    /// Runs until no task is ready.
    pub(super) fn run(&mut self) {
        loop {
            let Some(next) = self.ready.lock().unwrap().pop_front() else { return };
            let Some((task, task_waker)) = &mut self.tasks[next] else { continue };
            task_waker.is_queued.store(false, Ordering::Relaxed);
            let waker = Waker::from(Arc::clone(task_waker));
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.tasks[next] = None;
            }
        }
    }
}
