//! Numbers that start anew with the day, the month or the fiscal year, on a clock that the story turns.

use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock as _, ManualClock, Timestamp};
use model::limits::UnitLimits;
use model::numbering::{Cycle, NamedNumber};
use serde_json::json;
use sim::AppSpec;

use super::{Made, flow, text};
use crate::story::{Stage, all_succeeded, stage_with};

/// 2027-03-30T14:00:00Z: 23:00 of the 30th in Tokyo.
const START: Timestamp = Timestamp(1_806_415_200_000);
const HOUR: Duration = Duration::from_secs(3_600);

/// Fields that are numbered, and how.
const NUMBERS: [(&str, &str); 4] = [
    ("日", "cycle: daily"),
    ("月", "cycle: monthly"),
    ("年度", "cycle: fiscal_year, first_month: 4"),
    ("台帳", "unit: domain, name: 台帳番号"),
];

struct Ledger {
    stage: Stage,
    clock: Arc<ManualClock>,
    app: u64,
    unit: Made,
    told: u32,
}

impl Ledger {
    async fn open() -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let stage = stage_with(clock.clone(), UnitLimits::default()).await;
        let spec =
            NUMBERS.iter().fold(AppSpec::new("台帳").field("受注番号", text()), |s, (f, _)| s.field(f, text()));
        let app = stage.app(spec);
        let numbers = NUMBERS.map(|(field, how)| format!("      - {{ field: {field}, digits: 2, {how} }}\n")).concat();
        let domain = stage.stack.ledger.unit(&stage.company.unit).await.unwrap().domain;
        let named = NamedNumber { name: "台帳番号".into(), start: 50, cycle: Cycle::Yearly };
        stage.stack.ledger.put_named_number(&domain, &named).await.unwrap();
        let rest = format!(
            "  - name: 出力\n    command: output_app\n    from: 受注\n    app: {app}\n    method: append\n    mapping: {{ 受注番号: 受注番号 }}\n    numbers:\n{numbers}"
        );
        let unit = stage.unit("台帳", &[flow("台帳", &rest)]).await;
        let ledger = Self { stage, clock, app, unit, told: 0 };
        ledger.set_kintone();
        ledger
    }

    /// kintone's clock goes with the story's: records tell when they were created.
    fn set_kintone(&self) {
        let now = jiff::Timestamp::from_millisecond(self.clock.now().0).unwrap();
        self.stage.control().clock().stop_at(now);
    }

    fn turn(&self, by: Duration) {
        self.clock.advance(by);
        self.set_kintone();
    }

    /// Numbers one order; what it got, in the order of [`NUMBERS`].
    async fn next(&mut self) -> [String; 4] {
        self.told += 1;
        self.stage.tell(&self.unit, self.stage.put(&format!("D-{}", self.told), 1)).await;
        all_succeeded(&self.stage.ended(&self.unit, self.told as usize).await);
        NUMBERS.map(|(field, _)| self.stage.column(self.app, field).pop().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_ends_at_midnight_in_the_flows_zone() {
    let mut ledger = Ledger::open().await;
    assert_eq!(ledger.next().await, ["01", "01", "01", "50"]);
    assert_eq!(ledger.next().await, ["02", "02", "02", "51"]);
    ledger.turn(HOUR - Duration::from_millis(1));
    assert_eq!(ledger.next().await, ["03", "03", "03", "52"], "a millisecond before midnight in Tokyo");
    ledger.turn(Duration::from_millis(1));
    assert_eq!(ledger.next().await, ["01", "04", "04", "53"], "the 31st, in UTC still the 30th");
    ledger.turn(24 * HOUR);
    assert_eq!(ledger.next().await, ["01", "01", "01", "54"], "April 1st: a day, a month and a fiscal year");
    ledger.turn(275 * 24 * HOUR);
    assert_eq!(ledger.next().await, ["01", "01", "02", "50"], "January 1st: a year, within the fiscal year");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_begins_behind_what_was_numbered_in_it_by_hand() {
    let mut ledger = Ledger::open().await;
    let by_hand = |n: &str| {
        let fields = NUMBERS.iter().map(|(field, _)| ((*field).to_owned(), json!({ "value": n })));
        let record = serde_json::Value::Object(fields.collect());
        ledger.stage.control().put_records(ledger.app, vec![record]).unwrap();
    };
    // Yesterday's numbers are of the month and not of the day.
    by_hand("40");
    ledger.turn(2 * HOUR);
    by_hand("07");
    assert_eq!(ledger.next().await, ["08", "41", "41", "50"], "the domain's number does not look at the app");
}
