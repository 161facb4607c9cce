//! Names of units and runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Alphabet of generated ids: no vowels and no look-alikes, so that no id reads as a word or is misread.
const ALPHABET: &[u8; 32] = b"0123456789bcdfghjkmnpqrstvwxyzBD";

/// Random text of `n` characters from an alphabet of 32 (5 bits each).
pub fn random_text(n: usize) -> String {
    let mut bytes = vec![0u8; n];
    fill_random(&mut bytes);
    bytes.iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect()
}

/// Random bytes from the operating system.
///
/// # Panics
/// Where the operating system has no random source: nothing that needs a secret may go on then.
pub fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

/// An execution unit (実行単位), by a random id: `u` and eleven characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(pub String);

impl UnitId {
    /// A new id.
    pub fn random() -> Self {
        Self(format!("u{}", random_text(11)))
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run: its unit and its place in the unit's order. `u4k…-12` is the unit's twelfth request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// The unit.
    pub unit: UnitId,
    /// The place, from 1.
    pub seq: u64,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.unit, self.seq)
    }
}

impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.rsplit_once('-')
            .and_then(|(unit, seq)| Some(Self { unit: UnitId(unit.to_owned()), seq: seq.parse().ok()? }))
            .filter(|id| !id.unit.0.is_empty())
            .ok_or_else(|| {
                format!(
                    "{text:?} は実行のIDではありません。実行のIDは u4k8m2x7q9bd-12 のような形です / {text:?} is no run id; a run id looks like u4k8m2x7q9bd-12"
                )
            })
    }
}

impl Serialize for RunId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
