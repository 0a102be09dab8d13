//! The commands that `docs/authz.md` shows print what it shows.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::sample::{read, root};

/// The commands of the page and the output below each, a block of code for each.
fn shown(page: &str) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for block in page.split("```").skip(1).step_by(2) {
        let mut lines = block.lines().skip(1);
        if let Some(command) = lines.next().and_then(|line| line.strip_prefix("$ ")) {
            shown.push((command.to_owned(), lines.collect::<Vec<_>>().join("\n")));
        }
    }
    shown.retain(|(command, _)| {
        command.starts_with("authz check") || command.starts_with("authz explain")
    });
    shown
}

#[test]
fn each_command_prints_what_the_page_shows() {
    let commands = shown(&read("docs/authz.md"));
    assert!(commands.len() >= 4, "the page has lost its commands");
    let program = Path::new(env!("CARGO_BIN_EXE_authz"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    for (command, expected) in commands {
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(root())
            .env_clear()
            .env("PATH", &path)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.stderr.is_empty(), "{command}: {output:?}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.trim_end(), expected.trim_end(), "$ {command}");
    }
}
