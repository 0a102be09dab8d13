//! What the tests share: keys, tokens, key sets that need no network, authorizers.

pub(crate) mod authorizer;
pub(crate) mod keys;
pub(crate) mod token;
