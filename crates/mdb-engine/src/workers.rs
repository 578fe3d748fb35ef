//! The threads that work on all of memory: one pool for the session and all of its dmods.

use mdb_dmod_host::Status;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The pool, made when it is needed first. Where the system gives no threads, it is the session's
/// thread alone.
fn pool() -> Option<&'static ThreadPool> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let make = || {
        let all = ThreadPoolBuilder::new().thread_name(|n| format!("mdb-worker-{n}")).build();
        let alone = || ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        all.or_else(|_| alone()).ok()
    };
    POOL.get_or_init(make).as_ref()
}

/// How many threads work.
pub(crate) fn count() -> usize {
    pool().map_or(1, ThreadPool::current_num_threads)
}

/// Runs work that uses the pool's threads by itself.
pub(crate) fn install<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match pool() {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// Calls `function` for 0..n from the threads of the pool, roughly in order. After the first status
/// that is not [`Status::OK`] no further ones are begun, and that one is the answer.
pub(crate) fn parallel(n: u32, function: &(dyn Fn(u32) -> Status + Sync)) -> Status {
    // Wider than an index: it is also raised by those that find nothing left.
    let next = AtomicU64::new(0);
    let workers = u32::try_from(count()).unwrap_or(1).min(n);
    let work = |_: u32| -> Status {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(index) = u32::try_from(index).ok().filter(|index| *index < n) else {
                return Status::OK;
            };
            let status = function(index);
            if !status.is_ok() {
                // The others find nothing left.
                next.store(u64::from(n), Ordering::Relaxed);
                return status;
            }
        }
    };
    if workers < 2 {
        return work(0);
    }
    install(|| {
        let statuses = (0..workers).into_par_iter().with_max_len(1).map(work);
        statuses.reduce(|| Status::OK, |a, b| if a.is_ok() { b } else { a })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn each_index_once() {
        let seen = Mutex::new(Vec::new());
        let status = parallel(1000, &|index| {
            seen.lock().unwrap().push(index);
            Status::OK
        });
        assert_eq!(status, Status::OK);
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        assert_eq!(parallel(0, &|_| Status::ERROR), Status::OK);
    }

    #[test]
    fn a_failure_ends_it() {
        let calls = AtomicU64::new(0);
        let status = parallel(u32::MAX, &|index| {
            calls.fetch_add(1, Ordering::Relaxed);
            if index == 10 { Status::CANCELLED } else { Status::OK }
        });
        assert_eq!(status, Status::CANCELLED);
        assert!(calls.load(Ordering::Relaxed) < 1_000_000);
    }
}
