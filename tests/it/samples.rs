//! The sample events are answered as `events/README.md` says, so that the page cannot lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cognito_authorizer::time::Timestamp;
use cognito_authorizer::{Authorizer, Config};

use crate::support::authorizer::{issuer_keys, verdict_at};

/// 2024-01-01 and 2099-12-31: the tokens hold between them, whenever the tests run.
const TIMES: [u64; 2] = [1_704_067_200, 4_102_358_400];

fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("events")
}

/// File, outcome and reason of each row of the table.
fn documented() -> BTreeMap<String, (String, String)> {
    let page = std::fs::read_to_string(events().join("README.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let file = cells[1].trim_matches('`').to_owned();
        let answer = (cells[2].to_owned(), cells[3].to_owned());
        assert_eq!(table.insert(file, answer), None, "twice: {row}");
    }
    table
}

#[test]
fn each_sample_is_answered_as_documented() {
    let config = std::fs::read_to_string(events().join("authorizer.toml")).unwrap();
    let config = Config::from_toml(&config).unwrap().in_folder(&events());
    let network = issuer_keys();
    let read_file = |path: &str| std::fs::read(path);
    let authorizer = Authorizer::new(config, Arc::clone(&network), read_file).unwrap();
    let mut answered = BTreeMap::new();
    for entry in std::fs::read_dir(events()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if !file.ends_with(".json") || file == "jwks.json" {
            continue;
        }
        let event = std::fs::read_to_string(events().join(&file)).unwrap();
        let [early, late] = TIMES.map(|now| {
            let verdict = verdict_at(&authorizer, &event, Timestamp::from_seconds(now));
            let reason = verdict.reason().map_or("granted", |reason| reason.as_str());
            (verdict.outcome().as_str().to_owned(), reason.to_owned())
        });
        assert_eq!(early, late, "{file}");
        answered.insert(file, early);
    }
    assert_eq!(answered, documented());
    assert_eq!(
        network.fetches.load(Ordering::SeqCst),
        0,
        "the samples need no network"
    );
}
