//! What a run changed or dropped, as people are told of it: how often, why, and where for the first few.

use engine::{Count, Sample, StepReport};
use serde::Serialize;

use crate::flow_run::Computed;

/// Samples in a line of text; the JSON has all that are kept.
const TOLD: usize = 3;

/// What one step counted of one field.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counted<'a> {
    /// The step.
    pub step: &'a str,
    /// Why, in Japanese.
    ja: &'static str,
    /// Why, in English.
    en: &'static str,
    /// Field, reason, how often, and samples.
    #[serde(flatten)]
    count: &'a Count,
}

impl<'a> Counted<'a> {
    fn new(step: &'a str, count: &'a Count) -> Self {
        Self { step, ja: count.reason.japanese(), en: count.reason.english(), count }
    }

    /// One line in both languages, with the first samples.
    pub fn text(&self) -> String {
        let Count { field, count, samples, .. } = self.count;
        let at = if field.is_empty() { self.step.to_owned() } else { format!("{} / {field}", self.step) };
        let mut told: Vec<String> = samples.iter().take(TOLD).map(sample).collect();
        if *count > told.len() as u64 && !told.is_empty() {
            told.push("…".to_owned());
        }
        let told = if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) };
        format!("{at}: {} / {} × {count}{told}", self.ja, self.en)
    }
}

/// Where a value stands, and the value.
fn sample(sample: &Sample) -> String {
    let mut at: Vec<String> = sample.group.iter().map(|group| format!("グループ「{group}」 (group)")).collect();
    if sample.row > 0 {
        at.push(format!("{}行目 (row {})", sample.row, sample.row));
    }
    at.extend(sample.record.as_ref().map(|record| format!("レコード番号{record} (record {record})")));
    at.extend(sample.table_row.map(|row| format!("テーブルの{row}行目 (table row {row})")));
    at.push(format!("「{}」", sample.value));
    at.join(" ")
}

/// What steps counted.
pub fn of_steps(steps: &[StepReport]) -> impl Iterator<Item = Counted<'_>> {
    steps.iter().flat_map(|s| s.counts.iter().map(|c| Counted::new(&s.step, c)))
}

impl Computed {
    /// Everything that was counted: by its steps, and by what its outputs store.
    pub fn counted(&self) -> impl Iterator<Item = Counted<'_>> {
        let stored = self.outputs.iter().flat_map(|o| o.changes.counts.iter().map(|c| Counted::new(&o.step, c)));
        stored.chain(of_steps(&self.steps))
    }
}

#[cfg(test)]
mod tests {
    use engine::Reason;

    use super::*;

    fn count() -> Count {
        let samples = (1..=4).map(|row| Sample {
            row,
            group: None,
            record: Some((row * 10).to_string()),
            table_row: (row == 1).then_some(2),
            value: format!("x{row}"),
        });
        Count { field: "金額".to_owned(), reason: Reason::NotANumber, count: 7, samples: samples.collect() }
    }

    #[test]
    fn a_line_tells_both_languages_and_the_first_places() {
        assert_eq!(
            Counted::new("出力", &count()).text(),
            "出力 / 金額: 数値ではありません / not a number × 7: \
             1行目 (row 1) レコード番号10 (record 10) テーブルの2行目 (table row 2) 「x1」, \
             2行目 (row 2) レコード番号20 (record 20) 「x2」, 3行目 (row 3) レコード番号30 (record 30) 「x3」, …"
        );
        let bare = Count { field: String::new(), count: 1, samples: Vec::new(), ..count() };
        assert_eq!(Counted::new("絞る", &bare).text(), "絞る: 数値ではありません / not a number × 1");
    }

    #[test]
    fn scripts_get_every_sample_with_its_place() {
        let json = serde_json::to_value(Counted::new("出力", &count())).unwrap();
        assert_eq!(json["step"], "出力");
        assert_eq!(json["field"], "金額");
        assert_eq!(json["reason"], "not_a_number");
        assert_eq!(json["en"], "not a number");
        assert_eq!(json["count"], 7);
        assert_eq!(json["samples"].as_array().map(Vec::len), Some(4));
        assert_eq!(json["samples"][0], serde_json::json!({ "row": 1, "record": "10", "table_row": 2, "value": "x1" }));
    }
}
