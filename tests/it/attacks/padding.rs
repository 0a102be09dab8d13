//! RSA signatures whose padding is not the one form: each made with the issuer's true private
//! key, so that only the padding is wrong (RFC 8017 8.1.2, 8.2.2, 9.1.2, 9.2; RFC 7518 3.3, 3.5).

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use cognito_authorizer::reason::DenyReason::InvalidSignature;
use num_bigint::BigUint;

use super::raw::{RAW_RSA, to_length};
use super::{Expected, Target, signed_by};
use crate::support::token::Token;

/// The length of the modulus in octets.
const K: usize = 256;

/// The parts of the algorithm identifiers of RFC 8017 A.2.4: SHA-1, SHA-256, SHA-384, SHA-512.
const SHA1_OID: &[u8] = &[0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a];
const SHA256_OID: &[u8] = &[
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
];
const SHA384_OID: &[u8] = &[
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
];
const SHA512_OID: &[u8] = &[
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
];
const NULL: &[u8] = &[0x05, 0x00];

/// One DER element with a length of one octet.
fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u8::try_from(contents.len()).unwrap();
    assert!(length < 0x80);
    [&[tag, length], contents].concat()
}

/// The same element in BER with its length in two octets.
fn ber(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u8::try_from(contents.len()).unwrap();
    [&[tag, 0x81, length], contents].concat()
}

fn digest_info(oid: &[u8], parameters: &[u8], hash: &[u8]) -> Vec<u8> {
    let algorithm = der(0x30, &[oid, parameters].concat());
    der(0x30, &[algorithm, der(0x04, hash)].concat())
}

/// `00 01 FF … FF 00` and what is to be signed, in as many octets as the modulus has.
fn padded(info: &[u8]) -> Vec<u8> {
    let fill = vec![0xff; K - 3 - info.len()];
    [&[0, 1], fill.as_slice(), &[0], info].concat()
}

#[track_caller]
fn check(alg: &str, case: &str, encode: impl Fn(&[u8]) -> Vec<u8>, expected: Expected) {
    let token = Token::access().header("alg", alg).header("kid", "rsa");
    let token = signed_by(&token, |input| RAW_RSA.power(&encode(input)));
    Target::of_all_kinds().check(&format!("{alg}: {case}"), &token, expected);
}

fn sha(hash: &'static digest::Algorithm, input: &[u8]) -> Vec<u8> {
    digest(hash, input).as_ref().to_vec()
}

/// The encoder of this file is right: what it makes by the book is accepted.
#[test]
fn the_one_form_is_accepted() {
    for (alg, oid, hash) in [
        ("RS256", SHA256_OID, &SHA256),
        ("RS384", SHA384_OID, &SHA384),
        ("RS512", SHA512_OID, &SHA512),
    ] {
        let encode = |input: &[u8]| padded(&digest_info(oid, NULL, &sha(hash, input)));
        check(alg, "by the book", encode, Ok(()));
    }
    for (alg, hash, length) in [
        ("PS256", &SHA256, 32),
        ("PS384", &SHA384, 48),
        ("PS512", &SHA512, 64),
    ] {
        let encode = |input: &[u8]| pss(hash, hash, length, &sha(hash, input));
        check(alg, "by the book", encode, Ok(()));
    }
}

/// Bleichenbacher's forgeries of 2006 and their many sequels live on verifiers that parse.
#[test]
fn a_digest_info_has_one_der_form() {
    type Encode = Box<dyn Fn(&[u8]) -> Vec<u8>>;
    let hash = |input: &[u8]| sha(&SHA256, input);
    let info = move |input: &[u8]| digest_info(SHA256_OID, NULL, &hash(input));
    let algorithm = || der(0x30, &[SHA256_OID, NULL].concat());
    let rows: Vec<(&str, Encode)> = vec![
        (
            "parameters absent",
            Box::new(move |input| padded(&digest_info(SHA256_OID, &[], &hash(input)))),
        ),
        (
            "parameters not NULL",
            Box::new(move |input| padded(&digest_info(SHA256_OID, &[0x04, 0x00], &hash(input)))),
        ),
        (
            "garbage in the parameters",
            Box::new(move |input| {
                let garbage = der(0x04, &[0xaa; 40]);
                padded(&digest_info(SHA256_OID, &garbage, &hash(input)))
            }),
        ),
        (
            "NULL and more parameters",
            Box::new(move |input| padded(&digest_info(SHA256_OID, &[5, 0, 5, 0], &hash(input)))),
        ),
        (
            "NULL with contents",
            Box::new(move |input| padded(&digest_info(SHA256_OID, &[5, 1, 0], &hash(input)))),
        ),
        (
            "BER length of the whole",
            Box::new(move |input| {
                padded(&ber(0x30, &[algorithm(), der(4, &hash(input))].concat()))
            }),
        ),
        (
            "BER length of the algorithm",
            Box::new(move |input| {
                let algorithm = ber(0x30, &[SHA256_OID, NULL].concat());
                padded(&der(0x30, &[algorithm, der(4, &hash(input))].concat()))
            }),
        ),
        (
            "BER length of the hash",
            Box::new(move |input| {
                padded(&der(0x30, &[algorithm(), ber(4, &hash(input))].concat()))
            }),
        ),
        (
            "BER indefinite length",
            Box::new(move |input| {
                let inner = [algorithm(), der(4, &hash(input))].concat();
                padded(&[&[0x30, 0x80], inner.as_slice(), &[0, 0]].concat())
            }),
        ),
        (
            "hash in pieces",
            Box::new(move |input| {
                let pieces = [der(4, &hash(input)[..16]), der(4, &hash(input)[16..])].concat();
                padded(&der(0x30, &[algorithm(), der(0x24, &pieces)].concat()))
            }),
        ),
        (
            "hash as BIT STRING",
            Box::new(move |input| {
                padded(&der(0x30, &[algorithm(), der(3, &hash(input))].concat()))
            }),
        ),
        (
            "hash as NULL",
            Box::new(move |_| padded(&der(0x30, &[algorithm(), NULL.to_vec()].concat()))),
        ),
        (
            "hash cut",
            Box::new(move |input| padded(&digest_info(SHA256_OID, NULL, &hash(input)[..31]))),
        ),
        (
            "hash with more after it",
            Box::new(move |input| {
                padded(&digest_info(
                    SHA256_OID,
                    NULL,
                    &[&hash(input)[..], &[0]].concat(),
                ))
            }),
        ),
        (
            "a second hash inside",
            Box::new(move |input| {
                let both = [algorithm(), der(4, &hash(input)), der(4, &hash(input))].concat();
                padded(&der(0x30, &both))
            }),
        ),
        (
            "garbage behind",
            Box::new(move |input| {
                let info = info(input);
                let fill = vec![0xff; 8];
                let mut encoded = [&[0, 1], fill.as_slice(), &[0], &info].concat();
                encoded.resize(K, 0xaa);
                encoded
            }),
        ),
        (
            "zeros behind",
            Box::new(move |input| padded(&[&info(input)[..], &[0; 8]].concat())),
        ),
        (
            "no digest info",
            Box::new(move |input| padded(&hash(input))),
        ),
        (
            "SHA-1",
            Box::new(|input| {
                let hash = sha(&SHA1_FOR_LEGACY_USE_ONLY, input);
                padded(&digest_info(SHA1_OID, NULL, &hash))
            }),
        ),
        (
            "SHA-384",
            Box::new(|input| padded(&digest_info(SHA384_OID, NULL, &sha(&SHA384, input)))),
        ),
        (
            "SHA-512",
            Box::new(|input| padded(&digest_info(SHA512_OID, NULL, &sha(&SHA512, input)))),
        ),
        (
            "SHA-384's name on SHA-256",
            Box::new(move |input| padded(&digest_info(SHA384_OID, NULL, &hash(input)))),
        ),
    ];
    for (case, encode) in rows {
        check("RS256", case, encode, Err(InvalidSignature));
    }
}

#[test]
fn the_padding_is_full_and_of_type_one() {
    let spoil = |case: &str, spoil: fn(&mut [u8])| {
        let encode = move |input: &[u8]| {
            let mut encoded = padded(&digest_info(SHA256_OID, NULL, &sha(&SHA256, input)));
            spoil(&mut encoded);
            encoded
        };
        check("RS256", case, encode, Err(InvalidSignature));
    };
    spoil("block type 0", |encoded| encoded[1] = 0);
    spoil("block type 2", |encoded| encoded[1] = 2);
    spoil("block type 0, filled with zeros", |encoded| {
        encoded[1..204].fill(0)
    });
    spoil("first octet of the filling", |encoded| encoded[2] = 0xfe);
    spoil("last octet of the filling", |encoded| encoded[203] = 0xfe);
    spoil("a zero in the filling", |encoded| encoded[100] = 0);
    spoil("no zero before the digest info", |encoded| {
        encoded[204] = 0xff
    });
    spoil("another octet before the digest info", |encoded| {
        encoded[204] = 1
    });
    let short = |fill: usize| {
        move |input: &[u8]| {
            let info = digest_info(SHA256_OID, NULL, &sha(&SHA256, input));
            let fill = vec![0xff; fill];
            let start = [&[0, 1], fill.as_slice(), &[0], &info].concat();
            [vec![0; K - start.len()], start].concat()
        }
    };
    check(
        "RS256",
        "filling too short, moved right",
        short(8),
        Err(InvalidSignature),
    );
    check(
        "RS256",
        "no filling, moved right",
        short(0),
        Err(InvalidSignature),
    );
    check(
        "RS256",
        "the encoded message 0",
        |_| vec![0; K],
        Err(InvalidSignature),
    );
    check(
        "RS256",
        "the encoded message 1",
        |_| to_length(&BigUint::from(1_u8), K),
        Err(InvalidSignature),
    );
}

/// RFC 8017 8.2.2, step 1 and 5.2.2: as long as the modulus, and below it.
#[test]
fn a_signature_is_a_number_below_the_modulus() {
    type Spoil = fn(Vec<u8>) -> Vec<u8>;
    let rows: [(&str, Spoil); 9] = [
        ("plus the modulus", |good| {
            let sum = BigUint::from_bytes_be(&good) + &RAW_RSA.n;
            to_length(&sum, K + 1)
        }),
        ("the modulus", |_| to_length(&RAW_RSA.n, K)),
        ("the modulus less 1", |_| to_length(&(&RAW_RSA.n - 1_u8), K)),
        ("0", |_| vec![0; K]),
        ("1", |_| to_length(&BigUint::from(1_u8), K)),
        ("a zero in front", |good| [&[0], &good[..]].concat()),
        ("a zero behind", |good| [&good[..], &[0]].concat()),
        ("cut by one", |good| good[..K - 1].to_vec()),
        ("negative", |good| {
            to_length(&(&RAW_RSA.n - BigUint::from_bytes_be(&good)), K)
        }),
    ];
    for alg in ["RS256", "PS256"] {
        for (case, spoil) in rows {
            let token = Token::access().header("alg", alg).header("kid", "rsa");
            let token = signed_by(&token, |input| {
                spoil(crate::support::keys::RSA.sign(alg, input))
            });
            Target::of_all_kinds().check(&format!("{alg}: {case}"), &token, Err(InvalidSignature));
        }
    }
}

/// EMSA-PSS (RFC 8017 9.1.1) of a message's hash, with a salt of `salt` octets.
fn pss(
    hash: &'static digest::Algorithm,
    mask_hash: &'static digest::Algorithm,
    salt: usize,
    message_hash: &[u8],
) -> Vec<u8> {
    let salt = vec![0x5a; salt];
    let h = sha(hash, &[&[0; 8], message_hash, &salt].concat());
    let block_length = K - h.len() - 1;
    let mut block = vec![0; block_length - salt.len() - 1];
    block.push(1);
    block.extend(&salt);
    for (octet, mask) in block.iter_mut().zip(mgf1(mask_hash, &h, block_length)) {
        *octet ^= mask;
    }
    // The modulus has 2048 bits and the encoded message one less.
    block[0] &= 0x7f;
    [block, h, vec![0xbc]].concat()
}

/// MGF1 (RFC 8017 B.2.1).
fn mgf1(hash: &'static digest::Algorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0_u32..).map(|counter| sha(hash, &[seed, &counter.to_be_bytes()].concat()));
    blocks.flatten().take(length).collect()
}

/// RFC 7518 3.5: the salt is as long as the hash, and MGF1 uses the same hash.
#[test]
fn pss_has_one_salt_length_and_one_mask() {
    let wrong = Err(InvalidSignature);
    for salt in [0, 1, 20, 31, 33, 48, 64, 222] {
        let encode = move |input: &[u8]| pss(&SHA256, &SHA256, salt, &sha(&SHA256, input));
        check("PS256", &format!("salt of {salt}"), encode, wrong);
    }
    for salt in [32, 64, 206] {
        let encode = move |input: &[u8]| pss(&SHA384, &SHA384, salt, &sha(&SHA384, input));
        check("PS384", &format!("salt of {salt}"), encode, wrong);
    }
    for salt in [32, 48, 190] {
        let encode = move |input: &[u8]| pss(&SHA512, &SHA512, salt, &sha(&SHA512, input));
        check("PS512", &format!("salt of {salt}"), encode, wrong);
    }
    for (case, mask) in [
        ("MGF1 with SHA-1", &SHA1_FOR_LEGACY_USE_ONLY),
        ("MGF1 with SHA-384", &SHA384),
        ("MGF1 with SHA-512", &SHA512),
    ] {
        let encode = move |input: &[u8]| pss(&SHA256, mask, 32, &sha(&SHA256, input));
        check("PS256", case, encode, wrong);
    }
    let other = |input: &[u8]| pss(&SHA384, &SHA384, 48, &sha(&SHA384, input));
    check("PS256", "PS384's", other, wrong);
    let trailer = |input: &[u8]| {
        let mut encoded = pss(&SHA256, &SHA256, 32, &sha(&SHA256, input));
        encoded[K - 1] = 0xcc;
        encoded
    };
    check("PS256", "another trailer", trailer, wrong);
}
