//! What scenarios send and are answered, for `tests/python/test_models.py`.

use std::{
    env,
    path::Path,
    sync::{Arc, OnceLock},
};

use keycensus_sim::{ExchangeLog, Simulator, World};

/// Starts a world, and has its exchanges written to the file that `KEYCENSUS_EXCHANGES` names, if it is set.
///
/// # Panics
/// The file cannot be opened.
pub(crate) fn simulator(world: World) -> Simulator {
    // One of all worlds of this process: what is in it needs to be there once.
    static LOG: OnceLock<Option<Arc<ExchangeLog>>> = OnceLock::new();
    let simulator = Simulator::new(world);
    let log = LOG.get_or_init(|| {
        let path = env::var_os("KEYCENSUS_EXCHANGES")?;
        let log = ExchangeLog::append_to(Path::new(&path));
        Some(Arc::new(
            log.unwrap_or_else(|e| panic!("{}: {e}", path.display())),
        ))
    });
    if let Some(log) = log {
        simulator.write_exchanges_to(log);
    }
    simulator
}
