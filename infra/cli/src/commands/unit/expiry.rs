//! When a credential expires, as its owner says it on the command line.

use jiff::civil::Date;
use model::clock::Timestamp;

use super::Failure;

/// Where the day begins: as flows have it where they name no time zone.
const ZONE: &str = "Asia/Tokyo";

/// The start of that day; `None` for `none`. A day that has passed is a slip of the pen.
pub fn parse(text: &str, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    let usage = |why: &str| Failure { exit: 2, message: format!("--credential-expires {text}: {why}") };
    if text == "none" {
        return Ok(None);
    }
    let day: Date = text.parse().map_err(|_| {
        usage("2027-03-31 のような日付か、期限を消す none を指定してください / give a day like 2027-03-31, or `none`")
    })?;
    let start = day.in_tz(ZONE).map_err(|e| usage(&e.to_string()))?.timestamp().as_millisecond();
    let start = Timestamp(start);
    if start <= now {
        return Err(usage("今日より後の日付を指定してください / give a day after today"));
    }
    Ok(Some(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_in_tokyo_and_lies_ahead() {
        // 2027-01-15T08:00:00Z, which is five in the afternoon there.
        let now = Timestamp(1_800_000_000_000);
        let day = parse("2027-01-16", now).expect("tomorrow").expect("a time");
        assert_eq!(day.rfc3339(), "2027-01-15T15:00:00Z");
        assert_eq!(parse("none", now).expect("no day"), None);
        for wrong in ["2027-01-15", "2026-12-31", "2027-02-30", "31.3.2027", ""] {
            let failure = parse(wrong, now).expect_err(wrong);
            assert!(failure.exit == 2 && failure.message.contains("してください / give"), "{}", failure.message);
        }
    }
}
