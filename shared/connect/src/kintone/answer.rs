//! Pieces that many of kintone's answers share.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};

use super::classify::{CallInfo, Effect};
use super::error::{Class, KintoneError};

/// A whole number that kintone writes as text (`"id":"100"`), or, in some answers, as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Num(pub(crate) u64);

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumVisitor;

        impl Visitor<'_> for NumVisitor {
            type Value = Num;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number, as text or as a number")
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<Num, E> {
                Ok(Num(n))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Num, E> {
                text.parse().map(Num).map_err(|_| E::custom("not a whole number"))
            }
        }

        deserializer.deserialize_any(NumVisitor)
    }
}

/// Reads a whole answer. A write whose answer cannot be read took effect, or did not: its outcome is unknown.
pub(crate) fn read_answer<T: DeserializeOwned>(body: &[u8], info: &CallInfo) -> Result<T, KintoneError> {
    serde_json::from_slice(body).map_err(|e| not_understood(info, &e.to_string()))
}

/// The error of an answer that is not what kintone documents.
pub(crate) fn not_understood(info: &CallInfo, why: &str) -> KintoneError {
    let class = match info.effect {
        Effect::Read => Class::Malformed,
        Effect::Write => Class::Unknown,
    };
    info.error(class, format!("the answer is not what kintone documents: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_both_spellings() {
        let all: Vec<Num> = serde_json::from_str(r#"["12", 12, "9007199254740991"]"#).unwrap();
        assert_eq!(all, [Num(12), Num(12), Num(9_007_199_254_740_991)]);
        for bad in [r#""""#, r#""-1""#, "1.5", "null"] {
            assert!(serde_json::from_str::<Num>(bad).is_err(), "{bad}");
        }
    }
}
