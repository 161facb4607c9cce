//! Record caps on the command line: `realtime=20000`, or `realtime=domain` for what the domain says.

use clap::Args;
use model::caps::{DomainCaps, MANUAL, OwnCaps, RecordCaps, Start, UnitCaps};

/// Most that a cap can be set to: the largest worker takes about a million rows at once.
const MOST: u64 = 1_000_000;

/// A cap as written: of which runs, and how many records; `None` takes back what a unit has set.
pub type Cap = (Start, Option<u64>);

fn cap(text: &str) -> Result<Cap, String> {
    let wrong = || {
        format!(
            "KIND=RECORDS と書いてください（KIND は realtime、manual、scheduled、RECORDS は1〜{MOST}か domain） / \
             write KIND=RECORDS: realtime, manual or scheduled, and 1 to {MOST} or domain"
        )
    };
    let (kind, records) = text.split_once('=').ok_or_else(wrong)?;
    let start = match kind {
        "realtime" => Start::Realtime,
        "manual" => Start::Manual,
        "scheduled" => Start::Scheduled,
        _ => return Err(wrong()),
    };
    if records == "domain" {
        return Ok((start, None));
    }
    let records = records.parse().ok().filter(|n| (1..=MOST).contains(n)).ok_or_else(wrong)?;
    Ok((start, Some(records)))
}

/// Caps of a domain's or a unit's runs.
#[derive(Clone, Debug, Default, Args)]
pub struct Caps {
    /// Records that one flow may read: realtime=N, manual=N or scheduled=N; repeat for more
    #[arg(long = "read-cap", value_name = "KIND=RECORDS", value_parser = cap)]
    pub read: Vec<Cap>,
    /// Records that one flow may write, in the same way
    #[arg(long = "write-cap", value_name = "KIND=RECORDS", value_parser = cap)]
    pub write: Vec<Cap>,
}

impl Caps {
    /// Sets a domain's; `domain` means the usual ones there.
    pub fn set_domain(&self, caps: &mut DomainCaps) {
        let usual = DomainCaps::default();
        for (start, records) in &self.read {
            caps.of_mut(*start).read = records.unwrap_or(usual.of(*start).read);
        }
        for (start, records) in &self.write {
            caps.of_mut(*start).written = records.unwrap_or(usual.of(*start).written);
        }
    }

    /// Sets a unit's own.
    pub fn set_unit(&self, caps: &mut UnitCaps) {
        for (start, records) in &self.read {
            caps.of_mut(*start).read = *records;
        }
        for (start, records) in &self.write {
            caps.of_mut(*start).written = *records;
        }
    }
}

/// Caps of a flow that is run by hand.
#[derive(Clone, Copy, Debug, Args)]
pub struct ByHand {
    /// Most records that the flow may read
    #[arg(long, value_name = "RECORDS", default_value_t = MANUAL)]
    pub read_cap: u64,
    /// Most records that the flow may write
    #[arg(long, value_name = "RECORDS", default_value_t = MANUAL)]
    pub write_cap: u64,
}

impl ByHand {
    /// As a run takes them.
    pub fn caps(self) -> RecordCaps {
        RecordCaps { read: self.read_cap, written: self.write_cap }
    }
}

/// A unit's own caps, as they are told; empty where it has none.
pub fn told(caps: &UnitCaps) -> String {
    let kinds = [("realtime", caps.realtime), ("manual", caps.manual), ("scheduled", caps.scheduled)];
    let of = |(kind, OwnCaps { read, written }): (&str, OwnCaps)| {
        let read = read.map(|n| format!("{kind}: 読み取り {n} / reads {n}"));
        let written = written.map(|n| format!("{kind}: 書き込み {n} / writes {n}"));
        [read, written]
    };
    kinds.into_iter().flat_map(of).flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_are_read_and_set() {
        assert_eq!(cap("realtime=20000"), Ok((Start::Realtime, Some(20_000))));
        assert_eq!(cap("scheduled=domain"), Ok((Start::Scheduled, None)));
        for wrong in ["20000", "hourly=5", "realtime=0", "realtime=1000001", "manual=many"] {
            assert!(cap(wrong).is_err_and(|why| why.contains("KIND=RECORDS")), "{wrong}");
        }
        let given = Caps { read: vec![(Start::Realtime, Some(7))], write: vec![(Start::Manual, None)] };
        let (mut domain, mut unit) = (DomainCaps::default(), UnitCaps::NONE);
        domain.manual.written = 3;
        unit.manual.written = Some(3);
        given.set_domain(&mut domain);
        given.set_unit(&mut unit);
        assert_eq!((domain.realtime.read, domain.manual.written), (7, MANUAL));
        assert_eq!(told(&unit), "realtime: 読み取り 7 / reads 7");
    }
}
