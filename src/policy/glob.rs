//! Resources as IAM matches them: `*` stands for any characters, `/` among them, and for none, `?`
//! for one.

/// Whether there is a text that both resources match. A resource without wildcards is a text.
pub(super) fn meet(a: &str, b: &str) -> bool {
    // Most differ before the first wildcard of either.
    if literal(a).zip(literal(b)).any(|(a, b)| a != b) {
        return false;
    }
    if !a.contains(['*', '?']) {
        return fits(b.as_bytes(), a.as_bytes());
    }
    if !b.contains(['*', '?']) {
        return fits(a.as_bytes(), b.as_bytes());
    }
    let b = b.as_bytes();
    // At each step: whether the part of `a` so far and the first n bytes of `b` can match.
    let mut row = Vec::with_capacity(b.len().saturating_add(1));
    row.push(true);
    row.extend(b.iter().scan(true, |all, byte| {
        *all = *all && *byte == b'*';
        Some(*all)
    }));
    for byte in a.bytes() {
        next_row(byte, b, &mut row);
    }
    row.last() == Some(&true)
}

/// What stands before the first wildcard.
fn literal(resource: &str) -> impl Iterator<Item = u8> {
    let is_wildcard = |byte: &u8| matches!(byte, b'*' | b'?');
    resource.bytes().take_while(move |byte| !is_wildcard(byte))
}

/// Whether a text, which has no wildcards, fits a resource. Each `*` takes as little as it can, and
/// one byte more whenever what follows does not fit. Only the last `*` need be tried again.
fn fits(resource: &[u8], text: &[u8]) -> bool {
    let (mut resource, mut text) = (resource, text);
    let mut last_star = None;
    loop {
        match (resource, text) {
            ([b'*', behind @ ..], _) => {
                last_star = Some((behind, text));
                resource = behind;
            }
            ([], []) => return true,
            ([own, own_rest @ ..], [byte, rest @ ..]) if own == byte || *own == b'?' => {
                (resource, text) = (own_rest, rest);
            }
            _ => {
                let Some((behind, [_, rest @ ..])) = last_star else {
                    return false;
                };
                last_star = Some((behind, rest));
                (resource, text) = (behind, rest);
            }
        }
    }
}

/// Makes the row of one more byte of the first resource.
fn next_row(byte: u8, b: &[u8], row: &mut [bool]) {
    let Some((first, rest)) = row.split_first_mut() else {
        return;
    };
    let mut above_left = *first;
    *first = byte == b'*' && above_left;
    let mut left = *first;
    for (cell, other) in rest.iter_mut().zip(b) {
        let above = *cell;
        left = match (byte, *other) {
            (b'*', _) | (_, b'*') => left || above,
            (b'?', _) | (_, b'?') => above_left,
            (byte, other) => above_left && byte == other,
        };
        *cell = left;
        above_left = above;
    }
}
