//! That each command says how it is used, for any width of a terminal.

use crate::sample::{run, stdout};

/// The commands that the program's own help lists.
fn commands() -> Vec<String> {
    let help = stdout(&run(&["--help"], &[], ""));
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names = list.lines().filter(is_name);
    let names = names.map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.filter(|name| name != "help").collect()
}

#[test]
fn help_is_as_wide_as_the_terminal_and_a_hundred_columns_at_most() {
    let commands = commands();
    assert_eq!(commands.len(), 8, "{commands:?}");
    for (columns, width) in [(None, 100), (Some("80"), 80), (Some("200"), 100)] {
        let env: Vec<(&str, &str)> = columns.map(|own| ("COLUMNS", own)).into_iter().collect();
        let mut asked = vec![vec!["--help"]];
        asked.extend(commands.iter().map(|name| vec![name.as_str(), "--help"]));
        for arguments in asked {
            let help = stdout(&run(&arguments, &env, ""));
            assert!(help.contains("Usage: authz"), "{arguments:?}: {help}");
            let is_long = |line: &&str| line.chars().count() > width;
            let long = help.lines().find(is_long);
            assert_eq!(long, None, "{arguments:?} at {columns:?}");
        }
    }
}
