//! Counts what a warm request and the program cost, and fails if that outgrew the record:
//! `count`, or `count record` to write it down anew, or `count figures` to see it as JSON.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use bench::cost::{Cost, make_calls};

/// The system's allocator, counting.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let [what, count] = words.as_slice() {
        make_calls(what, count.parse().expect("a number of calls"));
        return ExitCode::SUCCESS;
    }
    let cost = Cost::measure(|| ALLOCATIONS.load(Ordering::Relaxed));
    if words == ["record"] {
        cost.record();
        return ExitCode::SUCCESS;
    }
    if words == ["figures"] {
        println!("{}", cost.to_json());
        return ExitCode::SUCCESS;
    }
    let faults = cost.faults();
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
