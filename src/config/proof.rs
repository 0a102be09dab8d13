//! `proof` of an issuer: how a sender shows possession of a token.

use crate::claims::Proof;
use crate::config::reader::Section;
use crate::config::shown;

const KEY: &str = "proof";

/// Reads the list. Without one, or with mistakes in it, the stricter [`Proof::Bearer`] counts.
pub(super) fn proof(section: &mut Section<'_>) -> Proof {
    let kinds = section.list(KEY).unwrap_or_default();
    let mut proof = Proof::Bearer;
    for kind in &kinds {
        match kind.as_str() {
            "bearer" => {}
            "unchecked" if kinds.len() > 1 => {
                let fault = "`unchecked` stands beside others";
                let remedy = "write [\"unchecked\"] alone, or remove it";
                section.mistake_in(KEY, kind, fault, remedy);
            }
            "unchecked" => proof = Proof::Unchecked,
            "mtls" | "dpop" => {
                let fault = format!("this version cannot check `{kind}` yet");
                let remedy = "write [\"bearer\"]: tokens that are bound to a key are then refused";
                section.mistake_in(KEY, kind, &fault, remedy);
            }
            other => {
                let fault = format!("{} is not a kind of proof", shown::text(other));
                let remedy = "write [\"bearer\"], or [\"unchecked\"] to take tokens that are bound \
                              to a key as bearer tokens";
                section.mistake_in(KEY, other, &fault, remedy);
            }
        }
    }
    proof
}
