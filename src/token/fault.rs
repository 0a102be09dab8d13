//! What is wrong with a credential that is no token, for whoever explains it.

use crate::reason::DenyReason;
use crate::token::{MAX_HEADER_BYTES, MAX_KID_BYTES, MAX_SIGNATURE_BYTES};

/// Why a credential is no strict compact JWS. Its text quotes nothing of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not the compact serialisation: too few parts or too many.
    #[error("it is not three parts joined by dots; it may be opaque, encrypted or cut off")]
    Parts,
    /// The encoded header is longer than [`MAX_HEADER_BYTES`].
    #[error("its header is longer than {MAX_HEADER_BYTES} bytes")]
    HeaderTooLong,
    /// The encoded signature is longer than [`MAX_SIGNATURE_BYTES`].
    #[error("its signature is longer than {MAX_SIGNATURE_BYTES} bytes, so no key made it")]
    SignatureTooLong,
    /// A part is empty or not canonical base64url without padding (RFC 7515 2).
    #[error("its {0} is empty or not canonical base64url without padding")]
    Encoding(&'static str),
    /// The header or the payload is not one strict JSON object.
    #[error("its {0} is not one strict JSON object")]
    Json(&'static str),
    /// The header has a member that changes how a token is to be read or verified.
    #[error("its header has the member `{0}`, which no token may have")]
    RefusedMember(&'static str),
    /// A member of the header is missing, empty or no string.
    #[error("its header's `{0}` is missing, empty or no text")]
    HeaderMember(&'static str),
    /// The header's `alg` is none that can be configured.
    #[error("its header's `alg` is none that can be configured")]
    Algorithm,
    /// The `kid` is longer than that of any key.
    #[error("its header's `kid` is longer than {MAX_KID_BYTES} bytes, so no key has it")]
    KidTooLong,
}

impl TokenFault {
    /// The reason for which such a credential is refused.
    #[must_use]
    pub const fn reason(self) -> DenyReason {
        match self {
            Self::Algorithm => DenyReason::UnsupportedAlgorithm,
            Self::KidTooLong => DenyReason::UnknownKey,
            Self::Parts
            | Self::HeaderTooLong
            | Self::SignatureTooLong
            | Self::Encoding(_)
            | Self::Json(_)
            | Self::RefusedMember(_)
            | Self::HeaderMember(_) => DenyReason::MalformedToken,
        }
    }
}
