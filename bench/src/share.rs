//! A share of the processor such as Lambda gives to a small function, by a Linux control group.

use std::cell::Cell;
use std::fs::{File, create_dir, remove_dir, write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// Lambda gives one core for 1,769 MB ("Configure Lambda function memory"), so 7 % for 128 MB.
pub const PER_CENT: u32 = 7;

/// The least that Linux gives in one period (`min_cfs_quota_period`), so that a start of few
/// milliseconds feels the share too.
const QUOTA_US: u32 = 1000;
const PERIOD_US: u32 = QUOTA_US * 100 / PER_CENT;

/// A control group with [`PER_CENT`] of one core; it is removed at the end.
pub struct Share {
    group: PathBuf,
    starts: Cell<f64>,
}

impl Share {
    /// Makes the group, with version 1 or 2 of control groups, if the machine lets us.
    #[must_use]
    pub fn new() -> Option<Self> {
        let name = format!("bench-{}", std::process::id());
        let of_version_1 = Path::new("/sys/fs/cgroup/cpu").join(&name);
        if create_dir(&of_version_1).is_ok() {
            let group = Self::at(of_version_1);
            group.set("cpu.cfs_period_us", &PERIOD_US.to_string())?;
            group.set("cpu.cfs_quota_us", &QUOTA_US.to_string())?;
            return Some(group);
        }
        let of_version_2 = Path::new("/sys/fs/cgroup").join(&name);
        create_dir(&of_version_2).ok()?;
        let group = Self::at(of_version_2);
        group.set("cpu.max", &format!("{QUOTA_US} {PERIOD_US}"))?;
        Some(group)
    }

    fn at(group: PathBuf) -> Self {
        let starts = Cell::new(0.0);
        Self { group, starts }
    }

    /// How long the next process waits in the group before it starts: a whole period, so that
    /// nothing it did before counts, and another part of one each time, the parts spread evenly.
    /// When a process is held up depends on where between the ticks of the clock it starts.
    pub fn wait(&self) -> Duration {
        const GOLDEN_RATIO: f64 = 0.618_034;
        self.starts.set(self.starts.get() + 1.0);
        let part = (self.starts.get() * GOLDEN_RATIO).fract();
        let period = Duration::from_micros(PERIOD_US.into());
        period + period.mul_f64(part)
    }

    fn set(&self, name: &str, value: &str) -> Option<()> {
        write(self.group.join(name), value).ok()
    }

    /// The file that a process joins the group by.
    #[must_use]
    pub fn entrance(&self) -> File {
        let path = self.group.join("cgroup.procs");
        File::options()
            .write(true)
            .open(path)
            .expect("the group can be joined")
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A process that was just ended may still be counted in.
        for _ in 0..100 {
            if remove_dir(&self.group).is_ok() {
                break;
            }
            sleep(Duration::from_millis(10));
        }
    }
}
