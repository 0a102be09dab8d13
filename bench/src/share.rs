//! A share of the processor such as Lambda gives to a small function, by a Linux control group.

use std::fs::{File, create_dir, remove_dir, write};
use std::path::{Path, PathBuf};

/// Lambda gives one core for 1,769 MB ("Configure Lambda function memory"), so 7 % for 128 MB.
pub const PER_CENT: u32 = 7;

/// The share is given in periods of 20 ms, so that a start of few milliseconds feels it too.
const PERIOD_US: u32 = 20_000;
const QUOTA_US: u32 = PERIOD_US / 100 * PER_CENT;

/// A control group with [`PER_CENT`] of one core; it is removed at the end.
pub struct Share(PathBuf);

impl Share {
    /// Makes the group, with version 1 or 2 of control groups, if the machine lets us.
    #[must_use]
    pub fn new() -> Option<Self> {
        let name = format!("bench-{}", std::process::id());
        let of_version_1 = Path::new("/sys/fs/cgroup/cpu").join(&name);
        if create_dir(&of_version_1).is_ok() {
            let group = Self(of_version_1);
            group.set("cpu.cfs_period_us", &PERIOD_US.to_string())?;
            group.set("cpu.cfs_quota_us", &QUOTA_US.to_string())?;
            return Some(group);
        }
        let of_version_2 = Path::new("/sys/fs/cgroup").join(&name);
        create_dir(&of_version_2).ok()?;
        let group = Self(of_version_2);
        group.set("cpu.max", &format!("{QUOTA_US} {PERIOD_US}"))?;
        Some(group)
    }

    fn set(&self, name: &str, value: &str) -> Option<()> {
        write(self.0.join(name), value).ok()
    }

    /// The file that a process joins the group by.
    #[must_use]
    pub fn entrance(&self) -> File {
        let path = self.0.join("cgroup.procs");
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
            if remove_dir(&self.0).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}
