//! The inputs that fuzzing started from, and those that it found, each read once more.

#[path = "../../fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    reason = "the crate of the fuzz targets needs them public"
)]
pub(crate) mod targets;

use std::path::Path;

type Target = fn(&[u8]);

/// Feeds every file of `fuzz/<kind>/<name>` to the target of that name; how many there were.
#[track_caller]
fn replay(kind: &str, name: &str, target: Target) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(kind)
        .join(name);
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .map(|input| target(&input))
        .count()
}

#[test]
fn inputs_of_the_fuzzer_do_no_harm() {
    let targets: [(&str, Target); 4] = [
        ("token", targets::token),
        ("jwks", targets::jwks),
        ("event", targets::event),
        ("config", targets::config),
    ];
    for (name, target) in targets {
        assert_ne!(replay("seeds", name, target), 0, "{name}");
        replay("regressions", name, target);
    }
}
