//! The Lambda's own program, but that it trusts the root of the bench's issuer: see
//! `build.rs`.

include!(concat!(env!("OUT_DIR"), "/main.rs"));

/// A fetcher that trusts the certificate that `BENCH_ROOT` names. Mozilla's roots cost no more:
/// they are in the program as they are used.
fn trusting_the_bench(timeout: Duration) -> HttpFetcher {
    let path = std::env::var_os("BENCH_ROOT").expect("`BENCH_ROOT` is set");
    let root = std::fs::read(path).expect("the root can be read");
    HttpFetcher::trusting(timeout, vec![root])
}
