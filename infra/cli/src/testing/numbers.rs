//! The numbers of the domain that a case registers.

use std::collections::BTreeMap;

use model::numbering::{Cycle, NamedNumber};
use serde::Deserialize;

use super::CaseError;

/// A number of the domain, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenNumber {
    #[serde(default = "one")]
    start: u64,
    #[serde(default)]
    cycle: CycleName,
    #[serde(default)]
    first_month: Option<u8>,
}

fn one() -> u64 {
    1
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CycleName {
    #[default]
    None,
    Daily,
    Monthly,
    Yearly,
    FiscalYear,
}

/// The numbers of a case.
pub fn numbers(written: BTreeMap<String, WrittenNumber>) -> Result<Vec<NamedNumber>, CaseError> {
    written.into_iter().map(|(name, number)| number.named(name)).collect()
}

impl WrittenNumber {
    fn named(self, name: String) -> Result<NamedNumber, CaseError> {
        let wrong = |ja: &str, en: &str| Err(CaseError::new(format!("numbers: {name}: {ja}"), en));
        if self.start == 0 {
            return wrong("start は 1 以上です", "start is 1 or more");
        }
        let cycle = match (self.cycle, self.first_month) {
            (CycleName::FiscalYear, Some(first_month @ 1..=12)) => Cycle::FiscalYear { first_month },
            (CycleName::FiscalYear, _) | (_, Some(_)) => {
                return wrong(
                    "first_month には、cycle: fiscal_year のとき（だけ）、年度の始まりの月（1から12）を書きます",
                    "first_month (1 to 12) belongs to cycle: fiscal_year, which needs it",
                );
            }
            (CycleName::None, None) => Cycle::None,
            (CycleName::Daily, None) => Cycle::Daily,
            (CycleName::Monthly, None) => Cycle::Monthly,
            (CycleName::Yearly, None) => Cycle::Yearly,
        };
        Ok(NamedNumber { name, start: self.start, cycle })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_registered_as_suiro_number_does() {
        let read = |text: &str| numbers(serde_saphyr::from_str(text).unwrap());
        let one = |start, cycle| NamedNumber { name: "請求".into(), start, cycle };
        assert_eq!(read("請求: {}").unwrap(), [one(1, Cycle::None)]);
        let fiscal = read("請求: { start: 5, cycle: fiscal_year, first_month: 4 }");
        assert_eq!(fiscal.unwrap(), [one(5, Cycle::FiscalYear { first_month: 4 })]);
        for wrong in
            ["start: 0", "cycle: fiscal_year", "cycle: daily, first_month: 4", "cycle: fiscal_year, first_month: 13"]
        {
            assert!(read(&format!("請求: {{ {wrong} }}")).is_err(), "{wrong}");
        }
    }
}
