use crate::authz;

#[test]
fn each_shell_gets_a_script_of_its_own() {
    for (shell, marker) in [
        ("bash", "complete -F _authz"),
        ("zsh", "#compdef authz"),
        ("fish", "complete -c authz"),
    ] {
        let output = authz(&["completions", shell]);
        let script = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(script.contains(marker), "{shell}: {script}");
    }
}

#[test]
fn a_command_that_there_is_not_ends_with_two() {
    for arguments in [&["tell"][..], &["completions", "csh"], &[]] {
        assert_eq!(authz(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
