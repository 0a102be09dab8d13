//! Links and paths.

use super::page::{Page, pages, root};

/// Folders of the repository by which a path in backticks is told from other words.
const FOLDERS: [&str; 9] = [
    "authz/",
    "bench/",
    "docs/",
    "events/",
    "examples/",
    "fuzz/",
    "local/",
    "src/",
    "tests/",
];

/// What only a run makes.
const MADE: [&str; 1] = ["fuzz/corpus/"];

#[test]
fn each_relative_link_leads_somewhere() {
    let mut seen = 0;
    for page in pages() {
        for (line, target) in links(&page) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let place = format!("{}:{line}: {target}", page.name);
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = page.folder().join(file);
            assert!(path.exists(), "{place}: there is no such file");
            if anchor.is_empty() {
                continue;
            }
            let anchors = if file.is_empty() {
                page.anchors()
            } else {
                Page::read(&path.canonicalize().unwrap()).anchors()
            };
            let found = anchors.iter().any(|own| own == anchor);
            assert!(found, "{place}: there is no such heading");
        }
    }
    assert!(seen > 8, "the links were not found");
}

#[test]
fn each_path_in_backticks_exists() {
    let mut seen = 0;
    for page in pages() {
        for (line, text) in page.prose() {
            for word in text.split('`').skip(1).step_by(2) {
                let is_path = FOLDERS.iter().any(|folder| word.starts_with(folder));
                let is_plain = !word.contains([' ', '*', '…', '{', '<']);
                if !is_path || !is_plain || MADE.iter().any(|made| word.starts_with(made)) {
                    continue;
                }
                seen += 1;
                let place = format!("{}:{line}", page.name);
                assert!(root().join(word).exists(), "{place}: there is no `{word}`");
            }
        }
    }
    assert!(seen > 20, "the paths were not found");
}

/// The targets of `[…](…)` outside of code, each with its line.
fn links(page: &Page) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    for (line, text) in page.prose() {
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().unwrap();
            links.push((line, target.split(' ').next().unwrap()));
        }
    }
    links
}
