//! Tasks of which none can take another down with it.

use std::collections::HashMap;

use tokio::task::{JoinError, JoinSet};

/// Tasks with names, so that one that ends in a fault still
/// has a row.
pub(crate) struct Tasks<N, T> {
    set: JoinSet<T>,
    names: HashMap<tokio::task::Id, N>,
}

impl<N, T> Default for Tasks<N, T> {
    fn default() -> Self {
        Self {
            set: JoinSet::new(),
            names: HashMap::new(),
        }
    }
}

impl<N, T: Send + 'static> Tasks<N, T> {
    /// Begins a task.
    pub(crate) fn spawn(&mut self, name: N, task: impl Future<Output = T> + Send + 'static) {
        let id = self.set.spawn(task).id();
        self.names.insert(id, name);
    }

    /// The next result; the task's name where it ended in a fault.
    pub(crate) async fn join_next(&mut self) -> Option<Result<T, N>> {
        loop {
            match self.set.join_next_with_id().await? {
                Ok((id, result)) => {
                    self.names.remove(&id);
                    return Some(Ok(result));
                }
                Err(fault) => {
                    tracing::error!("a task ended in a fault: {fault}");
                    if let Some(name) = self.names.remove(&JoinError::id(&fault)) {
                        return Some(Err(name));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tasks;

    #[tokio::test]
    async fn a_task_that_ends_in_a_fault_is_named_and_the_others_go_on() {
        let mut tasks = Tasks::default();
        tasks.spawn("sound", async { 1 });
        tasks.spawn("faulty", async { panic!("on purpose") });
        let mut done = vec![tasks.join_next().await, tasks.join_next().await];
        done.sort();
        assert_eq!(done, [Some(Ok(1)), Some(Err("faulty"))]);
        assert_eq!(tasks.join_next().await, None);
    }
}
