//! Resources as IAM matches them: `*` stands for any characters, `/` among them, and for none, `?`
//! for one.

/// Whether there is a text that both resources match. A resource without wildcards is a text.
pub(super) fn meet(a: &str, b: &str) -> bool {
    let b = b.as_bytes();
    // At each step: whether the part of `a` so far and the first n bytes of `b` can match.
    let mut row: Vec<bool> = vec![true];
    row.extend(b.iter().scan(true, |all, byte| {
        *all = *all && *byte == b'*';
        Some(*all)
    }));
    for byte in a.bytes() {
        row = next_row(&row, byte, b);
    }
    row.last() == Some(&true)
}

fn next_row(row: &[bool], byte: u8, b: &[u8]) -> Vec<bool> {
    let mut left = byte == b'*' && row.first() == Some(&true);
    let mut next = vec![left];
    for ((above, above_left), other) in row.iter().skip(1).zip(row).zip(b) {
        left = match (byte, *other) {
            (b'*', _) | (_, b'*') => left || *above,
            (b'?', _) | (_, b'?') => *above_left,
            (byte, other) => *above_left && byte == other,
        };
        next.push(left);
    }
    next
}
