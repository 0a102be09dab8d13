//! Files of one test.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file for one test, below `target/`, that is gone after it.
pub(crate) struct ScratchFile(PathBuf);

impl ScratchFile {
    pub(crate) fn new(name: &str, contents: impl AsRef<[u8]>) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let at = COUNT.fetch_add(1, Ordering::Relaxed);
        let own = format!("{}-{at}-{name}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(own);
        std::fs::write(&path, contents).unwrap();
        Self(path)
    }

    /// Its full path.
    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
