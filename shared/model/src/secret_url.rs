//! Realtime URLs: 256 random bits, known to the table by their SHA-256 alone.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::ids::{UnitId, fill_random};

/// How long a dead secret is remembered as its unit's: so long its calls are counted and told, since whoever still sends to
/// an old URL sees no more than a 404.
pub const DEAD_KEPT: Duration = Duration::from_secs(90 * 86_400);

/// Length of a secret in a URL: 32 bytes in base64url without padding.
pub const SECRET_LENGTH: usize = 43;

/// A secret as it stands in a URL. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one, from the operating system's random source.
    pub fn random() -> Self {
        let mut bytes = [0u8; 32];
        fill_random(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// One that somebody sent. `None` where it cannot be one, so that nonsense costs no read.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (text.len() == SECRET_LENGTH && bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text for the URL. Whoever calls this shows a secret.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the table knows it by: SHA-256 in hex. 256 random bits need neither salt nor stretching.
    pub fn hash(&self) -> String {
        Sha256::digest(self.0.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A secret of a unit, as the unit knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SecretRef {
    /// Its SHA-256.
    pub hash: String,
    /// When it dies; `None`: not by itself.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Whose it is, where it was made for a named caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// Whether that caller has to sign.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signs: bool,
}

impl SecretRef {
    /// A secret of the unit's own URL.
    pub fn new(hash: String, until: Option<Timestamp>) -> Self {
        Self { hash, until, caller: None, signs: false }
    }

    /// Until when it opens its unit still where another takes its place now, and both are good for `overlap`; `None`: no
    /// longer. It never lives longer by that.
    pub fn outlives(&self, now: Timestamp, overlap: Option<Duration>) -> Option<Timestamp> {
        let until = now + overlap?;
        Some(self.until.map_or(until, |dies| dies.min(until))).filter(|until| *until > now)
    }

    /// Since when it opens nothing, where it is dropped now.
    pub fn dropped(&self, now: Timestamp) -> Timestamp {
        self.until.map_or(now, |until| until.min(now))
    }
}

/// What the table holds under a secret's hash (or an access token's).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SecretItem {
    /// The unit that it starts.
    pub unit: UnitId,
    /// When it dies.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// The named caller that it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// The key with which that caller signs (docs/decisions/0026). Prints as `***`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SigningKey>,
}

/// A key with which calls are signed. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningKey(pub String);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl SecretItem {
    /// A secret of a unit's own URL, or a token got through it.
    pub fn new(unit: UnitId, until: Option<Timestamp>) -> Self {
        Self { unit, until, caller: None, key: None }
    }

    /// What is remembered of a secret that opens nothing from this instant on.
    pub fn dead(unit: UnitId, caller: Option<String>, at: Timestamp) -> Self {
        Self { caller, ..Self::new(unit, Some(at)) }
    }

    /// Whether it still opens its unit. The store keeps it longer, so whoever reads it asks.
    pub fn alive(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_different_and_hidden() {
        let (a, b) = (Secret::random(), Secret::random());
        assert_ne!(a, b);
        assert_eq!(a.reveal().len(), SECRET_LENGTH);
        assert_eq!(Secret::parse(a.reveal()), Some(a.clone()));
        assert_eq!(format!("{a:?}"), "***");
        assert_eq!(a.hash().len(), 64);
        assert_ne!(a.hash(), b.hash());
    }

    #[test]
    fn an_old_secret_lives_on_for_the_overlap_and_never_longer_than_it_would_have() {
        let (now, overlap) = (Timestamp(10_000), Some(Duration::from_secs(5)));
        let of = |until: Option<i64>| SecretRef::new(String::new(), until.map(Timestamp));
        assert_eq!(of(None).outlives(now, overlap), Some(Timestamp(15_000)));
        assert_eq!(of(Some(12_000)).outlives(now, overlap), Some(Timestamp(12_000)));
        assert_eq!(of(Some(20_000)).outlives(now, overlap), Some(Timestamp(15_000)));
        assert_eq!(of(Some(10_000)).outlives(now, overlap), None, "it is dead");
        assert_eq!(of(None).outlives(now, None), None);
        assert_eq!((of(None).dropped(now), of(Some(9_000)).dropped(now)), (now, Timestamp(9_000)));
    }

    #[test]
    fn what_cannot_be_a_secret_is_not_looked_up() {
        for bad in ["", "short", &"あ".repeat(15), &"a".repeat(44), &format!("{}=", "a".repeat(42))] {
            assert_eq!(Secret::parse(bad), None, "{bad}");
        }
    }
}
