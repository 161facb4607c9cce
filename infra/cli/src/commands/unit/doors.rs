//! Whom a unit lets in, as the command line says it.

use std::net::IpAddr;
use std::time::Duration;

use model::unit::{DisableAfter, Doors};

use super::Failure;
use crate::args;

/// So many days.
pub fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// The doors after what is given has changed; the rest stays.
pub fn changed(before: &Doors, given: &args::Doors) -> Result<Doors, Failure> {
    let usage = |message: String| Failure { exit: 2, message };
    let mut doors = before.clone();
    if given.allow == ["ALL"] {
        doors.allow.clear();
    } else if !given.allow.is_empty() {
        let net = |text: &String| {
            let single = || text.parse::<IpAddr>().map(Into::into);
            text.parse().or_else(|_| single()).map_err(|_| {
                usage(format!(
                    "--allow {text}: 192.0.2.0/24 や 2001:db8::/32 のようなアドレスか、すべてを許す ALL を指定してください / give an address or a net like 192.0.2.0/24 or 2001:db8::/32, or ALL alone"
                ))
            })
        };
        doors.allow = given.allow.iter().map(net).collect::<Result<_, _>>()?;
    }
    doors.disable_after = match (given.disable_after, given.disable_minutes, doors.disable_after) {
        (Some(0), None, _) => None,
        (Some(refusals @ 1..), Some(minutes), _) => Some(DisableAfter { refusals, minutes }),
        (Some(refusals @ 1..), None, Some(set)) => Some(DisableAfter { refusals, ..set }),
        (None, Some(minutes), Some(set)) => Some(DisableAfter { minutes, ..set }),
        (None, None, set) => set,
        _ => {
            return Err(usage(
                "--disable-after と --disable-minutes は一緒に指定してください(--disable-after 0 で解除) / --disable-after and --disable-minutes belong together; --disable-after 0 alone takes the setting back".into(),
            ));
        }
    };
    let window = given.signature_window.map(|seconds| seconds * 1_000);
    doors.signature_ms = window.or(doors.signature_ms);
    Ok(doors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(allow: &[&str], after: Option<u64>, minutes: Option<u64>) -> args::Doors {
        let allow = allow.iter().map(|a| (*a).to_owned()).collect();
        args::Doors { allow, disable_after: after, disable_minutes: minutes, signature_window: None }
    }

    #[test]
    fn what_is_not_given_stays_and_what_is_wrong_is_told_in_both_languages() {
        let open = Doors::default();
        let listed = changed(&open, &given(&["192.0.2.7", "2001:db8::/32"], Some(300), Some(5))).expect("doors");
        let nets: Vec<String> = listed.allow.iter().map(ToString::to_string).collect();
        assert_eq!(nets, ["192.0.2.7/32", "2001:db8::/32"]);
        assert_eq!(listed.disable_after, Some(DisableAfter { refusals: 300, minutes: 5 }));
        assert_eq!(changed(&listed, &given(&[], None, None)).expect("the same"), listed);
        assert_eq!(
            changed(&listed, &given(&[], None, Some(9))).expect("longer").disable_after,
            Some(DisableAfter { refusals: 300, minutes: 9 })
        );
        let cleared = changed(&listed, &given(&["ALL"], Some(0), None)).expect("cleared");
        assert_eq!(cleared, open);
        let window = args::Doors { signature_window: Some(60), ..args::Doors::default() };
        assert_eq!(changed(&open, &window).expect("a window").signature_window(), Duration::from_secs(60));
        for wrong in [
            given(&["192.0.2.300"], None, None),
            given(&["192.0.2.1", "ALL"], None, None),
            given(&["192.0.2.0/33"], None, None),
            given(&[], Some(5), None),
            given(&[], None, Some(5)),
            given(&[], Some(0), Some(5)),
        ] {
            let failure = changed(&open, &wrong).expect_err("wrong");
            assert_eq!(failure.exit, 2);
            assert!(
                failure.message.contains("してください")
                    && failure.message.is_ascii() != failure.message.contains(" / ")
            );
        }
    }
}
