//! Signatures of calls: who has only seen a URL cannot start the unit with it.
//!
//! A caller that signs sends two headers: `x-suiro-timestamp`, seconds since 1970, and `x-suiro-signature`, `v1=` and the
//! HMAC-SHA256 in hex of `TIMESTAMP\nMETHOD\nPATH\nBODY` under its key. PATH is the path without the secret, with its
//! query: `/trigger/v1/run`, `/r/UNIT`. The key's text itself is the key: nothing has to be decoded.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::Timestamp;

/// The header of the time.
pub const TIMESTAMP: &str = "x-suiro-timestamp";
/// The header of the signature.
pub const SIGNATURE: &str = "x-suiro-signature";
/// How far a signature's time may be from ours, by default: five minutes, as Slack and Stripe have it.
pub const WINDOW: Duration = Duration::from_secs(300);

/// A call whose signature may be right.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The header of the time, as it was sent.
    pub timestamp: &'a str,
    /// The header of the signature, as it was sent.
    pub signature: &'a str,
    /// `POST` or `GET`.
    pub method: &'a str,
    /// The path without the secret, with its query.
    pub path: &'a str,
    /// The body, as it was sent.
    pub body: &'a [u8],
}

/// A signature that was found right: used once. Kept with the run that it started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The signature in hex, in lower case.
    pub signature: String,
    /// Until when the same would be taken again, if nobody remembered it.
    pub until: Timestamp,
}

/// What is wrong with a signature. The texts hold nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The time is no number.
    #[error("x-suiro-timestamp must be seconds since 1970")]
    Timestamp,
    /// The time is not now.
    #[error("x-suiro-timestamp is outside the window")]
    Window,
    /// It does not look like a signature.
    #[error("x-suiro-signature must be v1= and 64 hex digits")]
    Form,
    /// It is another's, or of another call.
    #[error("the signature is not that of this call")]
    Wrong,
}

impl SignatureError {
    /// The error in Japanese; its English is what it displays.
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Timestamp => "x-suiro-timestamp は1970年からの秒数です",
            Self::Window => "x-suiro-timestamp の時刻が離れすぎています",
            Self::Form => "x-suiro-signature は v1= と64桁の16進数です",
            Self::Wrong => "署名がこの呼び出しのものではありません",
        }
    }
}

/// The signature of a call, as it stands in the header.
pub fn sign(key: &str, call: &Call<'_>) -> String {
    let digest = mac(key, call).finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v1={hex}")
}

/// Checks a call's signature at this instant. A signature's time may be before or after ours by the window.
pub fn check(now: Timestamp, window: Duration, key: &str, call: &Call<'_>) -> Result<Signed, SignatureError> {
    // One spelling alone: what else numbers may look like is nobody's timestamp.
    let digits = !call.timestamp.is_empty() && call.timestamp.bytes().all(|b| b.is_ascii_digit());
    let seconds: i64 = call.timestamp.parse().ok().filter(|_| digits).ok_or(SignatureError::Timestamp)?;
    let at = Timestamp(seconds.checked_mul(1_000).ok_or(SignatureError::Timestamp)?);
    if at + window < now || at > now + window {
        return Err(SignatureError::Window);
    }
    let hex = call.signature.strip_prefix("v1=").filter(|hex| hex.len() == 64).ok_or(SignatureError::Form)?;
    // from_str_radix also takes "+f" for 0f: a second spelling would start a second run.
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(SignatureError::Form);
    }
    let digit = |at: usize| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes: Option<Vec<u8>> = (0..64).step_by(2).map(digit).collect();
    let bytes = bytes.ok_or(SignatureError::Form)?;
    // Compares in constant time.
    mac(key, call).verify_slice(&bytes).map_err(|_| SignatureError::Wrong)?;
    let signature = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Signed { signature, until: at + window + Duration::from_secs(1) })
}

fn mac(key: &str, call: &Call<'_>) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    for part in [call.timestamp, "\n", call.method, "\n", call.path, "\n"] {
        mac.update(part.as_bytes());
    }
    mac.update(call.body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_500);

    fn call<'a>(timestamp: &'a str, signature: &'a str) -> Call<'a> {
        Call { timestamp, signature, method: "POST", path: "/trigger/v1/run", body: b"{\"appId\":1}" }
    }

    /// Computed with Python's hmac: `hmac.new(b"key", b"1800000000\nPOST\n/trigger/v1/run\n{\"appId\":1}", "sha256")`.
    #[test]
    fn another_implementation_signs_alike() {
        assert_eq!(sign("key", &call("1800000000", "")), format!("v1={PYTHON}"));
    }
    const PYTHON: &str = "1d4e9ab29c67ed829024f9a87823e33b07220ae2eb31164e47f70e9b8230e80c";

    /// Whatever is accepted is remembered by one text, so that it starts nothing a second time.
    #[test]
    fn a_signature_has_one_spelling() {
        let signature = sign("key", &call("1800000000", ""));
        let signed = check(NOW, WINDOW, "key", &call("1800000000", &signature)).expect("right");
        let upper = format!("v1={}", signature[3..].to_uppercase());
        assert_eq!(check(NOW, WINDOW, "key", &call("1800000000", &upper)).map(|s| s.signature), Ok(signed.signature));
        let mut others = Vec::new();
        for at in (3..signature.len()).step_by(2).filter(|at| signature.as_bytes()[*at] == b'0') {
            for sign in ["+", "-", " ", "０"] {
                others.push(format!("{}{sign}{}", &signature[..at], &signature[at + 1..]));
            }
        }
        assert!(!others.is_empty(), "the signature has a byte below sixteen");
        for other in others {
            assert_eq!(check(NOW, WINDOW, "key", &call("1800000000", &other)), Err(SignatureError::Form), "{other}");
        }
        for timestamp in ["+1800000000", " 1800000000", "1800000000.0", "-1", ""] {
            let right = sign("key", &call(timestamp, ""));
            let checked = check(NOW, WINDOW, "key", &call(timestamp, &right));
            assert_eq!(checked, Err(SignatureError::Timestamp), "{timestamp:?}");
        }
    }

    #[test]
    fn a_right_signature_is_right_in_its_window_alone() {
        let signature = sign("key", &call("1800000000", ""));
        let right = call("1800000000", &signature);
        let signed = check(NOW, WINDOW, "key", &right).expect("right");
        assert_eq!(signed.signature, signature[3..]);
        for (now, expected) in [
            (Timestamp(1_800_000_300_000), Ok(())),
            (Timestamp(1_800_000_300_001), Err(SignatureError::Window)),
            (Timestamp(1_799_999_700_000), Ok(())),
            (Timestamp(1_799_999_699_999), Err(SignatureError::Window)),
        ] {
            assert_eq!(check(now, WINDOW, "key", &right).map(|_| ()), expected, "{now:?}");
        }
        // Whoever remembers it until then has outlived every instant at which it is taken.
        assert!(check(signed.until, WINDOW, "key", &right).is_err());
        let upper = format!("v1={}", signature[3..].to_uppercase());
        let again = check(NOW, WINDOW, "key", &call("1800000000", &upper)).expect("the same in capitals");
        assert_eq!(again, signed, "is the same signature");
    }

    #[test]
    fn whatever_is_changed_is_found() {
        let signature = sign("key", &call("1800000000", ""));
        let right = call("1800000000", &signature);
        let wrong = [
            Call { timestamp: "1800000001", ..right },
            Call { method: "GET", ..right },
            Call { path: "/trigger/v1/token", ..right },
            Call { body: b"{\"appId\":2}", ..right },
        ];
        for call in wrong {
            assert_eq!(check(NOW, WINDOW, "key", &call), Err(SignatureError::Wrong), "{call:?}");
        }
        assert_eq!(check(NOW, WINDOW, "other", &right), Err(SignatureError::Wrong));
        let other = sign("other", &right);
        assert_eq!(check(NOW, WINDOW, "key", &call("1800000000", &other)), Err(SignatureError::Wrong));
        for form in ["", "v1=", "v1=zz", &signature[3..], &signature[..66], &format!("v1={}é", &signature[3..65])] {
            assert_eq!(check(NOW, WINDOW, "key", &call("1800000000", form)), Err(SignatureError::Form), "{form}");
        }
        for time in ["", "now", "9223372036854775807"] {
            assert_eq!(check(NOW, WINDOW, "key", &call(time, &signature)), Err(SignatureError::Timestamp), "{time}");
        }
    }
}
