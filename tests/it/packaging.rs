//! The files around the program that must agree with it.

use std::path::Path;

fn read(file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(file)).unwrap()
}

/// The rest of a line of `file` that begins with `key`, without quotes.
#[track_caller]
fn value(file: &str, key: &str) -> String {
    let text = read(file);
    let values: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(key))
        .map(|value| value.trim().trim_matches('"'))
        .collect();
    assert_eq!(values.len(), 1, "{file}: {key}");
    values[0].to_owned()
}

#[test]
fn all_files_name_one_version() {
    for (file, key) in [
        ("template.yaml", "SemanticVersion:"),
        ("authz/Cargo.toml", "version ="),
    ] {
        assert_eq!(value(file, key), env!("CARGO_PKG_VERSION"), "{file}");
    }
}

/// `cargo lambda build` overrides what the profile leaves open; most of all it would let a panic
/// end the environment.
#[test]
fn the_profile_leaves_nothing_open() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let release = &manifest["profile"]["release"];
    assert_eq!(release["lto"].as_str(), Some("fat"));
    assert_eq!(release["codegen-units"].as_integer(), Some(1));
    assert_eq!(release["panic"].as_str(), Some("unwind"));
    assert_eq!(release["strip"].as_bool(), Some(true));
}

/// The parameters of template.yaml, each with its default.
fn parameters_of_template() -> Vec<(String, String)> {
    let text = read("template.yaml");
    let section = text.split("\nParameters:\n").nth(1).unwrap();
    let section = section.split("\n\n").next().unwrap();
    let mut parameters: Vec<(String, String)> = Vec::new();
    for line in section.lines() {
        if let Some(default) = line.strip_prefix("    Default: ") {
            parameters.last_mut().unwrap().1 = default.to_owned();
        } else if let Some(name) = line
            .strip_prefix("  ")
            .filter(|line| !line.starts_with(' '))
        {
            parameters.push((name.trim_end_matches(':').to_owned(), String::new()));
        }
    }
    parameters
}

/// `parameters.yaml` gives every parameter: a stack keeps the earlier value of one that is not given.
#[test]
fn all_parameters_stand_in_the_file_of_parameters() {
    let text = read("parameters.yaml");
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    let given: Vec<(String, String)> = lines
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert!(given.len() > 5, "the parameters were not found");
    assert_eq!(given, parameters_of_template());
}

/// `sam build` and `sam deploy` must agree on the processor, and so read the same parameters.
#[test]
fn build_and_deployment_have_the_same_parameters() {
    let settings: toml::Table = toml::from_str(&read("samconfig.toml")).unwrap();
    for command in ["build", "deploy"] {
        let parameters = &settings["default"][command]["parameters"]["parameter_overrides"];
        assert_eq!(
            parameters.as_str(),
            Some("file://parameters.yaml"),
            "{command}"
        );
    }
}
