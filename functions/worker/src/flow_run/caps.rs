//! The record caps of a flow: told with what it would read or write, before anything is written.

use engine::StepReport;
use model::caps::RecordCaps;
use model::catalogue;

use super::{Computed, FlowError};

/// Refuses a flow whose inputs have more records than it may read. `inputs` are steps and their records, as far as they are
/// known.
pub(super) fn check_read<'a>(
    caps: RecordCaps,
    inputs: impl Iterator<Item = (&'a str, u64)> + Clone,
) -> Result<(), FlowError> {
    let sum: u64 = inputs.clone().map(|(_, records)| records).sum();
    if sum <= caps.read {
        return Ok(());
    }
    let of_steps = inputs.filter(|(_, records)| *records > 0);
    let (mut ja, mut en) = (Vec::new(), Vec::new());
    for (step, records) in of_steps {
        ja.push(format!("ステップ「{step}」 {records}件"));
        en.push(format!("step \"{step}\" {records}"));
    }
    Err(too_many_read(caps, sum, &ja, &en))
}

/// The same with what expanding makes of the records, also within groups: rows of tables count as records.
pub(super) fn check_expanded(caps: RecordCaps, input_records: u64, steps: &[StepReport]) -> Result<(), FlowError> {
    let (mut sum, mut ja, mut en) = (input_records, Vec::new(), Vec::new());
    for StepReport { step, expanded, .. } in steps.iter().filter(|step| step.expanded > 0) {
        sum += expanded;
        ja.push(format!("ステップ「{step}」 テーブルの展開で{expanded}行増加"));
        en.push(format!("step \"{step}\" adds {expanded} rows by expanding tables"));
    }
    if sum <= caps.read { Ok(()) } else { Err(too_many_read(caps, sum, &ja, &en)) }
}

/// Refuses a flow that would write more records than it may.
pub(super) fn check_written(caps: RecordCaps, computed: &Computed) -> Result<(), FlowError> {
    let sum = computed.in_apps() + computed.in_files();
    if sum <= caps.written {
        return Ok(());
    }
    let in_apps = computed.outputs.iter().map(|output| (output.step.as_str(), output.changes.len()));
    let in_files = computed.files.iter().map(|file| (file.step.as_str(), file.rows));
    let (mut ja, mut en) = (Vec::new(), Vec::new());
    for (step, records) in in_apps.chain(in_files).filter(|(_, records)| *records > 0) {
        ja.push(format!("ステップ「{step}」 {records}件"));
        en.push(format!("step \"{step}\" {records}"));
    }
    Err(FlowError::new(
        catalogue::TOO_MANY_WRITTEN,
        format!("書き込み{sum}件、上限{}件（{}）", caps.written, ja.join("、")),
        format!("{sum} records to write, {} at most ({})", caps.written, en.join(", ")),
    ))
}

/// Refuses an output that would make an app of `present` records hold `rows` others: at least the difference is added or
/// deleted, so that this is known before the app is read.
pub(super) fn check_regenerated(caps: RecordCaps, step: &str, present: u64, rows: u64) -> Result<(), FlowError> {
    let fewest = present.abs_diff(rows);
    if fewest <= caps.written {
        return Ok(());
    }
    Err(FlowError::new(
        catalogue::TOO_MANY_WRITTEN,
        format!(
            "書き込み{fewest}件以上、上限{}件（ステップ「{step}」 アプリの{present}件を{rows}件にする）",
            caps.written
        ),
        format!(
            "at least {fewest} records to write, {} at most (step \"{step}\" makes {rows} of the app's {present})",
            caps.written
        ),
    ))
}

fn too_many_read(caps: RecordCaps, sum: u64, ja: &[String], en: &[String]) -> FlowError {
    FlowError::new(
        catalogue::TOO_MANY_READ,
        format!("読み取り{sum}件、上限{}件（{}）", caps.read, ja.join("、")),
        format!("{sum} records to read, {} at most ({})", caps.read, en.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPS: RecordCaps = RecordCaps { read: 100, written: 100 };

    #[test]
    fn inputs_count_together() {
        let check = |inputs: &[(&'static str, u64)]| check_read(CAPS, inputs.iter().copied());
        assert_eq!(check(&[("受注", 60), ("在庫", 40)]), Ok(()));
        let error = check(&[("受注", 60), ("在庫", 41), ("単価", 0)]).unwrap_err();
        assert_eq!(error.code, catalogue::TOO_MANY_READ);
        assert_eq!(error.ja, "読み取り101件、上限100件（ステップ「受注」 60件、ステップ「在庫」 41件）");
        assert_eq!(error.en, "101 records to read, 100 at most (step \"受注\" 60, step \"在庫\" 41)");
    }

    #[test]
    fn rows_of_expanded_tables_count_as_records() {
        let step = |command, expanded| StepReport {
            node: 1,
            step: "展開".into(),
            command,
            rows_in: vec![30],
            rows_out: 999,
            expanded,
            counts: Default::default(),
        };
        assert_eq!(check_expanded(CAPS, 30, &[step("expand_table", 70)]), Ok(()));
        assert_eq!(check_expanded(CAPS, 30, &[step("expand_table", 70), step("sort", 0)]), Ok(()));
        let error = check_expanded(CAPS, 30, &[step("for_each", 71)]).unwrap_err();
        assert_eq!(error.ja, "読み取り101件、上限100件（ステップ「展開」 テーブルの展開で71行増加）");
    }
}
