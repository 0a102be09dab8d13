//! What the documents say holds: their links lead somewhere, their configurations are taken, and
//! what they quote stands in the file that they name.

mod links;
mod page;
mod reasons;
mod sam;
mod troubleshooting;

use cognito_authorizer::Config;

use self::page::{Block, pages, root};

/// What a configuration that leaves out its issuers stands beside.
const ISSUER: &str = r#"
[[issuers]]
user_pool_id = "eu-west-1_AbCdEf123"
client_ids = ["1example23456789clientid"]
"#;

/// Languages of blocks with commands, and of all others.
const COMMANDS: [&str; 2] = ["sh", "console"];
const OTHERS: [&str; 8] = [
    "text",
    "toml",
    "yaml",
    "json",
    "hcl",
    "typescript",
    "javascript",
    "python",
];

/// A block of TOML is a whole configuration, or is marked as ```` ```toml part ````, or as
/// ```` ```toml authz ```` if it is one that only the companion command understands. A quotation of a
/// file may be anything.
#[test]
fn each_configuration_is_taken() {
    let mut seen = 0;
    for (place, block) in blocks("toml") {
        if is_file(&block.mark) {
            continue;
        }
        seen += 1;
        let whole = Config::from_toml(&block.text);
        match block.mark.as_str() {
            "" => drop(whole.unwrap_or_else(|error| panic!("{place}: {error}"))),
            "part" => {
                assert!(whole.is_err(), "{place}: whole, although marked as part");
                Config::from_toml(&format!("{}{ISSUER}", block.text))
                    .unwrap_or_else(|error| panic!("{place}: {error}"));
            }
            "authz" => {
                assert!(whole.is_err(), "{place}: whole, although marked for authz");
                let table = block.text.parse::<toml::Table>();
                drop(table.unwrap_or_else(|error| panic!("{place}: {error}")));
            }
            other => panic!("{place}: `{other}` is no mark"),
        }
    }
    assert!(seen > 3, "the blocks were not found");
}

/// A block that names a file, as ```` ```yaml examples/attach/sam.yaml ````, stands in that file
/// line by line, whatever its indentation there.
#[test]
fn each_quotation_stands_in_its_file() {
    let mut seen = 0;
    for (place, block) in blocks("") {
        if !is_file(&block.mark) {
            continue;
        }
        seen += 1;
        let file = std::fs::read_to_string(root().join(&block.mark))
            .unwrap_or_else(|error| panic!("{place}: {}: {error}", block.mark));
        let lines: Vec<&str> = file.lines().collect();
        let quoted: Vec<&str> = block.text.lines().collect();
        let stands = lines
            .windows(quoted.len())
            .any(|window| is_quotation(&quoted, window));
        assert!(stands, "{place}: it does not stand so in {}", block.mark);
    }
    assert!(seen > 3, "the quotations were not found");
}

/// Whether a block's mark is the path of the file that it quotes, and not a reason in words.
fn is_file(mark: &str) -> bool {
    mark.contains('/') && !mark.contains(' ')
}

/// A block of commands is marked with where they run, as ```` ```sh machine ````: `make test` types
/// them there (`local/commands.py`). So that none escapes, each block has a language.
#[test]
fn each_command_says_where_it_runs() {
    let mut seen = 0;
    for (place, block) in blocks("") {
        let (language, mark) = (block.language.as_str(), block.mark.as_str());
        if !COMMANDS.contains(&language) {
            assert!(
                OTHERS.contains(&language),
                "{place}: `{language}` is no language"
            );
            assert!(
                language != "text" || ["", "output"].contains(&mark),
                "{place}: `{mark}` is no mark of `text`"
            );
            continue;
        }
        seen += 1;
        let reason = mark.strip_prefix("not-here: ");
        assert!(
            ["machine", "background", "cloud", "engine"].contains(&mark)
                || reason.is_some_and(|reason| !reason.trim().is_empty()),
            "{place}: `{mark}` does not say where these commands run"
        );
        assert_eq!(
            block.text.starts_with("$ "),
            language == "console",
            "{place}: the commands of `console`, and of no other block, are lines with `$ `"
        );
    }
    assert!(seen > 20, "the commands were not found");
}

fn is_quotation(quoted: &[&str], lines: &[&str]) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (Some(quote), Some(line)) = (quoted.first(), lines.first()) else {
        return false;
    };
    let Some(shift) = indent(line).checked_sub(indent(quote)) else {
        return false;
    };
    quoted.iter().zip(lines).all(|(quote, line)| {
        quote.is_empty() && line.is_empty() || **line == format!("{:shift$}{quote}", "")
    })
}

/// All fenced blocks of a language, each with its place; `""` means all languages.
fn blocks(language: &str) -> Vec<(String, Block)> {
    let mut found = Vec::new();
    for page in pages() {
        for block in page.blocks() {
            if language.is_empty() || block.language == language {
                found.push((format!("{}:{}", page.name, block.line), block));
            }
        }
    }
    found
}
