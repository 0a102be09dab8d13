//! The project's Markdown files, read as far as the tests need it.

use std::path::{Path, PathBuf};

/// Folders that hold no documents of the project's own.
const SKIPPED: [&str; 6] = [
    ".git",
    ".local",
    "target",
    "node_modules",
    "corpus",
    ".aws-sam",
];

pub(super) struct Page {
    /// Path below the root of the repository.
    pub(super) name: String,
    text: String,
}

/// A fenced block.
pub(super) struct Block {
    /// Where it begins.
    pub(super) line: usize,
    pub(super) language: String,
    /// What stands beside the language.
    pub(super) mark: String,
    pub(super) text: String,
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn pages() -> Vec<Page> {
    let mut open: Vec<PathBuf> = vec![root().to_owned()];
    let mut pages = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap();
            if !SKIPPED.contains(&name) {
                open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(Page::read(&path));
        }
    }
    assert!(pages.len() > 8, "the documents were not found");
    pages
}

impl Page {
    pub(super) fn read(path: &Path) -> Self {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
        Self {
            name: name.to_owned(),
            text: std::fs::read_to_string(path).unwrap(),
        }
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// The folder that relative links start from.
    pub(super) fn folder(&self) -> PathBuf {
        root().join(&self.name).parent().unwrap().to_owned()
    }

    /// The lines outside of fenced blocks.
    pub(super) fn prose(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines()
            .filter(|(_, _, fenced)| !fenced)
            .map(|(number, line, _)| (number, line))
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inside = false;
        for (number, line, fenced) in self.lines() {
            if !fenced {
                inside = false;
            } else if !inside || line.trim_start().starts_with("```") {
                if let Some(info) = line.trim_start().strip_prefix("```")
                    && !inside
                {
                    let (language, mark) = info.split_once(' ').unwrap_or((info, ""));
                    blocks.push(Block {
                        line: number,
                        language: language.to_owned(),
                        mark: mark.trim().to_owned(),
                        text: String::new(),
                    });
                    inside = true;
                }
            } else if let Some(block) = blocks.last_mut() {
                block.text.push_str(line);
                block.text.push('\n');
            }
        }
        blocks
    }

    /// The anchors of the headings, as GitHub makes them: lower case, blanks to hyphens, other
    /// punctuation left out.
    pub(super) fn anchors(&self) -> Vec<String> {
        let headings = self.prose().filter_map(|(_, line)| {
            let heading = line.trim_start_matches('#').strip_prefix(' ')?;
            line.starts_with('#').then_some(heading)
        });
        headings
            .map(|heading| {
                let kept = heading
                    .chars()
                    .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
                kept.collect::<String>().to_lowercase().replace(' ', "-")
            })
            .collect()
    }

    /// Each line with its number, and whether it belongs to a fenced block or its fences.
    fn lines(&self) -> impl Iterator<Item = (usize, &str, bool)> {
        let mut open = false;
        self.text.lines().enumerate().map(move |(at, line)| {
            let is_fence = line.trim_start().starts_with("```");
            let fenced = open || is_fence;
            if is_fence {
                open = !open;
            }
            (at + 1, line, fenced)
        })
    }
}
