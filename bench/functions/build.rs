//! Makes the function that fetches from the bench's own issuer: the Lambda's `main.rs`, word for
//! word but for the one call that says which roots are trusted.

const CALL: &str = "HttpFetcher::new(";

fn main() {
    let source = "../../src/main.rs";
    println!("cargo::rerun-if-changed={source}");
    let text = std::fs::read_to_string(source).expect("the program is there");
    assert_eq!(text.matches(CALL).count(), 1, "`{CALL}` in {source}");
    // Inner documentation and attributes cannot be included; the including file has its own.
    let items = text.find("\nuse ").expect("the program has imports");
    let items = text[items..].replace(CALL, "trusting_the_bench(");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(format!("{out}/main.rs"), items).expect("the directory can be written");
}
