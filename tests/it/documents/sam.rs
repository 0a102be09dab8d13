//! The commands of the SAM CLI that the documents show do not get into each other's way: no two templates
//! share a build folder or a stack.

use std::collections::BTreeMap;
use std::path::Path;

use super::page::{Page, pages, root};

/// Where `sam build` builds into, and from where `sam deploy` and `sam local invoke` take what they
/// use, unless they are told ("sam build", AWS SAM developer guide).
const BUILD_FOLDER: &str = ".aws-sam/build";

/// A command of the SAM CLI.
#[derive(Debug)]
struct Command {
    /// Page and line.
    place: String,
    /// Where it is run, below the root of the repository.
    folder: String,
    /// Such as `build` or `local invoke`.
    name: String,
    words: Vec<String>,
}

impl Command {
    /// What stands behind an option.
    fn option(&self, name: &str) -> Option<&str> {
        let mut words = self.words.iter();
        words.find(|word| *word == name)?;
        words.next().map(String::as_str)
    }

    /// A path as seen from the root of the repository.
    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.folder)
    }

    /// The folder that it builds into.
    fn builds(&self) -> String {
        self.path(self.option("--build-dir").unwrap_or(BUILD_FOLDER))
    }

    /// The template that it builds, or uses without a build.
    fn template(&self) -> String {
        self.path(self.option("--template").unwrap_or("template.yaml"))
    }

    /// The folder of the build that it uses; none if its template stands in the repository.
    fn uses(&self) -> Option<String> {
        match self.option("--template") {
            None => Some(self.path(BUILD_FOLDER)),
            Some(template) if root().join(self.path(template)).exists() => None,
            Some(template) => {
                let folder = Path::new(template).parent().unwrap();
                Some(self.path(folder.to_str().unwrap()))
            }
        }
    }

    /// The name of the stack that it deploys.
    fn stack(&self) -> String {
        if let Some(name) = self.option("--stack-name") {
            return name.to_owned();
        }
        let file = self.path("samconfig.toml");
        let text = std::fs::read_to_string(root().join(&file))
            .unwrap_or_else(|error| panic!("{}: {file}: {error}", self.place));
        let settings: toml::Table = toml::from_str(&text).unwrap();
        let name = &settings["default"]["global"]["parameters"]["stack_name"];
        name.as_str().unwrap().to_owned()
    }
}

/// The commands of a page, in order.
fn commands(page: &Page) -> Vec<Command> {
    let mut commands = Vec::new();
    for block in page.blocks() {
        let text = block.text.replace("\\\n", " ");
        let mut folder = String::new();
        for part in text.lines().flat_map(|line| line.split("&&")) {
            let part = part.trim().trim_start_matches(['$', '(', ' ']);
            let words: Vec<&str> = part.trim_end_matches(')').split_whitespace().collect();
            let name = match words.as_slice() {
                ["cd", into, ..] => {
                    folder = format!("{into}/");
                    continue;
                }
                ["sam", "local", name, ..] => format!("local {name}"),
                ["sam", name, ..] => (*name).to_owned(),
                _ => continue,
            };
            commands.push(Command {
                place: format!("{}:{}", page.name, block.line),
                folder: folder.clone(),
                name,
                words: words.into_iter().map(str::to_owned).collect(),
            });
        }
    }
    commands
}

/// Each build folder belongs to one template, and what is deployed or invoked is what the page has
/// just built.
#[test]
fn each_template_has_a_build_folder_of_its_own() {
    let mut templates: BTreeMap<String, String> = BTreeMap::new();
    let mut used = 0;
    for page in pages() {
        let mut last = None;
        for command in commands(&page) {
            let place = &command.place;
            match command.name.as_str() {
                "build" => {
                    let (folder, template) = (command.builds(), command.template());
                    assert!(root().join(&template).exists(), "{place}: {template}");
                    let first = templates.entry(folder.clone()).or_insert(template.clone());
                    assert_eq!(*first, template, "{place}: {folder} is another template's");
                    last = Some(folder);
                }
                "deploy" | "local invoke" => {
                    let Some(folder) = command.uses() else {
                        continue;
                    };
                    used += 1;
                    assert_eq!(Some(folder), last, "{place}: it is not what was built last");
                }
                "package" | "publish" | "list" => {}
                name => panic!("{place}: `sam {name}` is not known here"),
            }
        }
    }
    assert!(
        templates.len() > 2 && used > 4,
        "the commands were not found"
    );
}

/// Each stack belongs to one template, those included that are deployed from an example's folder.
#[test]
fn each_template_has_a_stack_of_its_own() {
    let examples = ["bookshop", "http-api", "websocket", "appsync"].map(|example| Command {
        place: format!("examples/{example}/samconfig.toml"),
        folder: format!("examples/{example}/"),
        name: "deploy".to_owned(),
        words: Vec::new(),
    });
    let shown = pages().iter().flat_map(commands).collect::<Vec<_>>();
    let mut stacks: BTreeMap<String, String> = BTreeMap::new();
    for command in shown.into_iter().chain(examples) {
        if command.name != "deploy" {
            continue;
        }
        let (stack, template) = (command.stack(), command.template());
        let first = stacks.entry(stack.clone()).or_insert(template.clone());
        assert_eq!(*first, template, "{}: `{stack}`", command.place);
    }
    assert!(stacks.len() > 6, "the commands were not found: {stacks:?}");
}
