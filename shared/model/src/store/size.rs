//! How large items and commits are, as DynamoDB counts them, and what it takes at most.
//!
//! Source of the numbers: "DynamoDB item sizes and formats" and "Quotas in Amazon DynamoDB" in the developer guide.

use serde_json::Value as Json;

use super::{MAX_WRITES, StoreError, Write};

/// Largest item, in bytes: 400 KB, names of attributes included.
pub const MAX_ITEM: usize = 400 * 1024;
/// Largest commit, in bytes over all of its items: 4 MB.
pub const MAX_COMMIT: usize = 4 * 1024 * 1024;

/// A number of up to twenty digits: a byte for two digits, one more, and one for a sign.
const NUMBER: usize = 12;
/// What a list or a map takes beside its content; and what each of its entries does.
const CONTAINER: usize = 3;
const ENTRY: usize = 1;

/// Bytes of what a write holds: of a put the whole item, of all others the key.
pub fn of(write: &Write) -> usize {
    let key = write.key();
    let key = "pk".len() + key.pk.len() + "sk".len() + key.sk.len();
    let Write::Put { body, expires, due, .. } = write else { return key };
    let expires = expires.map_or(0, |_| "expires".len() + NUMBER);
    let due = due.map_or(0, |_| "due_pk".len() + "due".len() + "due".len() + NUMBER);
    key + "v".len() + NUMBER + "body".len() + of_body(body) + expires + due
}

/// Bytes of an item's content.
pub fn of_body(body: &Json) -> usize {
    match body {
        Json::Null | Json::Bool(_) => 1,
        Json::Number(number) => number.to_string().len().div_ceil(2) + 2,
        Json::String(text) => text.len(),
        Json::Array(list) => CONTAINER + list.iter().map(|value| ENTRY + of_body(value)).sum::<usize>(),
        Json::Object(map) => {
            CONTAINER + map.iter().map(|(name, value)| ENTRY + name.len() + of_body(value)).sum::<usize>()
        }
    }
}

/// Refuses what DynamoDB does not take. Every adapter asks this before it writes, so that all refuse alike, and nothing that
/// passes on one store is refused by another.
pub fn check(writes: &[Write]) -> Result<(), StoreError> {
    if writes.len() > MAX_WRITES {
        return Err(StoreError::Refused(format!("{} writes in one commit, at most {MAX_WRITES}", writes.len())));
    }
    let mut sum = 0;
    for write in writes {
        let size = of(write);
        if size > MAX_ITEM {
            let key = write.key();
            return Err(StoreError::Refused(format!(
                "{} / {} is an item of {size} bytes, at most {MAX_ITEM}",
                key.pk, key.sk
            )));
        }
        sum += size;
    }
    if sum > MAX_COMMIT {
        return Err(StoreError::Refused(format!("{sum} bytes in one commit, at most {MAX_COMMIT}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock::Timestamp;
    use crate::store::{Expect, Key};

    #[test]
    fn items_are_as_large_as_dynamodb_counts_them() {
        assert_eq!(of_body(&json!({})), 3);
        assert_eq!(
            of_body(&json!({ "名": "値", "on": true, "none": null })),
            3 + (1 + 3 + 3) + (1 + 2 + 1) + (1 + 4 + 1)
        );
        assert_eq!(of_body(&json!([1, -12_345_678, "ab"])), 3 + (1 + 3) + (1 + 7) + (1 + 2));
        let put = Write::put(Key::new("U#1", "STATE"), &json!({}), Expect::Any).expect("a write");
        assert_eq!(of(&put), 2 + 3 + 2 + 5 + (1 + 12) + (4 + 3));
        assert_eq!(of(&put.clone().expiring(Timestamp(1))), of(&put) + 7 + 12);
        assert_eq!(of(&put.clone().due(Some(Timestamp(1)))), of(&put) + 6 + 3 + 3 + 12);
        let delete = Write::Delete { key: put.key().clone(), expect: Expect::Any };
        assert_eq!(of(&delete), 12);
    }
}
