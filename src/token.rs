//! Step 2: the credential becomes an [`UnverifiedToken`], a strict compact JWS, or nothing.
//!
//! Nothing in here is trusted. The limits are checked before anything is decoded, so that the
//! cost of a hostile token is bounded by its first [`MAX_TOKEN_BYTES`] bytes.

mod fault;

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{self, Members};
use crate::reason::DenyReason;

pub use self::fault::TokenFault;

/// The longest token that is looked at. API Gateway passes at most 10,240 bytes of headers in
/// all, so no token that it can deliver in one is refused for its length.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The longest encoded JOSE header. Cognito's has some 100 bytes.
pub const MAX_HEADER_BYTES: usize = 4 * 1024;

/// The longest `kid` that a key may have. A key's is kept in memory, a token's is logged.
pub(crate) const MAX_KID_BYTES: usize = 256;

/// The longest encoded signature: that of an RSA key of 8192 bits, the largest that is used.
pub const MAX_SIGNATURE_BYTES: usize = 1366;

/// Header members that change how a token is to be read or verified: `crit` and `b64`
/// (RFC 7515 4.1.11, RFC 7797), encryption, compression and nesting (`enc`, `zip`, `cty`), and
/// keys or places of keys that the sender chooses (`jwk`, `jku`, `x5c`, `x5u`; RFC 8725 3.10).
/// A token that carries one is refused, whatever the member's value is, but for [`NO_COMPRESSION`].
const REFUSED_HEADER_MEMBERS: [&str; 9] = [
    "crit", "b64", "enc", "zip", "cty", "jwk", "jku", "x5c", "x5u",
];

/// The one value of `zip` that is passed over. ForgeRock and PingAM write it into every token that
/// they sign; as a JWS is never compressed (RFC 7516 4.1.3 defines `zip` for encryption alone), it
/// says what is so without it.
const NO_COMPRESSION: &str = "NONE";

/// A credential as it arrived, not yet known to be a token. It cannot be printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BearerToken<'a>(&'a str);

impl<'a> BearerToken<'a> {
    /// Takes a value that is the token itself, without a scheme.
    ///
    /// # Errors
    /// [`DenyReason::MissingToken`] for an empty value, [`DenyReason::MalformedToken`] if there
    /// is a character in it that no compact JWS has.
    pub fn from_bare(token: &'a str) -> Result<Self, DenyReason> {
        if token.is_empty() {
            return Err(DenyReason::MissingToken);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(DenyReason::MalformedToken);
        }
        let compact = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        // Not `all`: without an early end the compiler checks many bytes at a time.
        if token.bytes().fold(true, |good, b| good & compact(b)) {
            Ok(Self(token))
        } else {
            Err(DenyReason::MalformedToken)
        }
    }
}

impl fmt::Debug for BearerToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A signature algorithm that can be configured (RFC 7518 3.1, RFC 8037 3.1).
///
/// `none` and the HMAC family have no value here: they cannot be expressed, let alone allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each variant is the name in the registry of JOSE algorithms"
)]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl Algorithm {
    /// Every algorithm that can be configured.
    pub const ALL: [Self; 9] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// The algorithm of exactly that name, letter case included (RFC 7515 4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    /// The name of this algorithm in a JOSE header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// The JOSE header of a token (RFC 7515 4), read strictly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoseHeader {
    algorithm: Algorithm,
    kid: String,
    typ: Option<String>,
}

impl JoseHeader {
    fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        let members = json::parse_texts(bytes).map_err(|_| TokenFault::Json("header"))?;
        let (mut algorithm, mut kid, mut typ) = (None, None, None);
        for (name, text) in members {
            let text = |name| text.ok_or(TokenFault::HeaderMember(name));
            match name.as_ref() {
                "alg" => algorithm = Some(text("alg")?),
                "kid" => kid = Some(text("kid")?).filter(|kid| !kid.is_empty()),
                "typ" => typ = Some(text("typ")?),
                "zip" if text("zip").is_ok_and(|text| text == NO_COMPRESSION) => {}
                name => {
                    let mut refused = REFUSED_HEADER_MEMBERS.into_iter();
                    if let Some(name) = refused.find(|refused| *refused == name) {
                        return Err(TokenFault::RefusedMember(name));
                    }
                }
            }
        }
        let algorithm = algorithm.ok_or(TokenFault::HeaderMember("alg"))?;
        let kid = kid.ok_or(TokenFault::HeaderMember("kid"))?;
        let algorithm = Algorithm::from_name(&algorithm).ok_or(TokenFault::Algorithm)?;
        // No key of any set has such a `kid`: that is known without a look-up or a fetch.
        if kid.len() > MAX_KID_BYTES {
            return Err(TokenFault::KidTooLong);
        }
        Ok(Self {
            algorithm,
            kid: kid.into_owned(),
            typ: typ.map(Cow::into_owned),
        })
    }

    /// The header's `alg`. The sender chose it: it is a claim to be checked, never an order.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header's `kid`, compared byte by byte and used for nothing else.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The header's `typ` (RFC 8725 3.11), if there is one.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }
}

/// A strict compact JWS of which nothing is proved yet.
///
/// Its claims are private. Only [`crate::signature`] turns it into something that has claims.
pub struct UnverifiedToken<'a> {
    header: JoseHeader,
    signing_input: &'a str,
    signature: Vec<u8>,
    payload: Vec<u8>,
    unverified_iss: Option<String>,
}

impl<'a> UnverifiedToken<'a> {
    /// Reads the compact serialisation (RFC 7515 7.1): three parts of canonical base64url, the
    /// first a strict JSON object. The second is looked through for its `iss` and no further: a
    /// stranger may have written it, and reading it would cost more than finding that out. Nothing
    /// depends on what this `iss` is but whose keys are tried. What is wrong with the rest, a
    /// second `iss` say, is found when the signature holds: the payload is then read strictly, and
    /// its `iss` compared again. Until then there is no need to know.
    ///
    /// # Errors
    /// [`DenyReason::MalformedToken`] for any other form, [`DenyReason::UnsupportedAlgorithm`]
    /// for an `alg` that cannot be configured, [`DenyReason::UnknownKey`] for a `kid` that no key
    /// can have.
    pub fn parse(token: BearerToken<'a>) -> Result<Self, DenyReason> {
        Self::read(token).map_err(TokenFault::reason)
    }

    /// Does the same, reads the whole payload too, and says more about what is wrong.
    ///
    /// # Errors
    /// The first [`TokenFault`].
    pub fn examine(token: BearerToken<'a>) -> Result<Self, TokenFault> {
        let token = Self::read(token)?;
        token.members()?;
        Ok(token)
    }

    fn read(token: BearerToken<'a>) -> Result<Self, TokenFault> {
        let BearerToken(text) = token;
        let (signing_input, signature) = text.rsplit_once('.').ok_or(TokenFault::Parts)?;
        let (header, payload) = signing_input.split_once('.').ok_or(TokenFault::Parts)?;
        if payload.contains('.') {
            return Err(TokenFault::Parts);
        }
        if header.len() > MAX_HEADER_BYTES {
            return Err(TokenFault::HeaderTooLong);
        }
        if signature.len() > MAX_SIGNATURE_BYTES {
            return Err(TokenFault::SignatureTooLong);
        }
        let decode = |part, name| decode(part).ok_or(TokenFault::Encoding(name));
        let header = JoseHeader::parse(&decode(header, "header")?)?;
        let payload = decode(payload, "payload")?;
        let unverified_iss = json::peek_string(&payload, "iss");
        let signature = decode(signature, "signature")?;
        let token = Self {
            header,
            signing_input,
            signature,
            payload,
            unverified_iss,
        };
        if token.unverified_iss.is_none() {
            // Nothing will be verified: this only tells what is no JSON from what has no `iss`.
            json::parse_texts(&token.payload).map_err(|_| TokenFault::Json("payload"))?;
        }
        Ok(token)
    }

    /// The JOSE header.
    #[must_use]
    pub const fn header(&self) -> &JoseHeader {
        &self.header
    }

    /// What the token says its issuer is. Good for one thing: choosing among configured issuers.
    #[must_use]
    pub fn unverified_iss(&self) -> Option<&str> {
        self.unverified_iss.as_deref()
    }

    /// The bytes that the signature covers (RFC 7515 5.2).
    #[must_use]
    pub const fn signing_input(&self) -> &'a str {
        self.signing_input
    }

    /// The third part.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Gives up the token for its header and its claims, for the one module that may call them
    /// verified.
    ///
    /// # Errors
    /// [`DenyReason::MalformedToken`] if the payload is no strict JSON object.
    pub(crate) fn into_parts(self) -> Result<(JoseHeader, Members), DenyReason> {
        let members = self.members().map_err(TokenFault::reason)?;
        Ok((self.header, members))
    }

    fn members(&self) -> Result<Members, TokenFault> {
        json::parse_object(&self.payload).map_err(|_| TokenFault::Json("payload"))
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Decodes one part: base64url without padding, blanks or spare bits (RFC 7515 2), not empty.
fn decode(part: &str) -> Option<Vec<u8>> {
    if part.is_empty() {
        return None;
    }
    URL_SAFE_NO_PAD.decode(part).ok()
}
