//! Which records kintone refused, in words for people: step, app, record, field, row of a table, and kintone's reason.

use std::ops::Range;

use connect::kintone::{NamedRecord, RecordFailure};
use serde::{Deserialize, Serialize};

/// Records that a refusal names one by one; the rest is counted.
const TOLD: usize = 20;

/// Which of a flow's writes are one output's, and by what its new records are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Positions of its writes among those of the flow.
    pub positions: Range<usize>,
    /// The step.
    pub step: String,
    /// Field codes of its key, or those that are unique in the app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
}

/// The records that kintone names, a line each, in Japanese and English; where it names none, those of the part that it
/// refused. Empty where it refused no records.
pub fn places(labels: &[Label], records: &[RecordFailure], named: &[NamedRecord]) -> [String; 2] {
    let by_name = |position: usize| named.iter().find(|named| named.position == position);
    let mut lines = [String::new(), String::new()];
    let mut put = |line: [String; 2]| {
        for (lines, line) in lines.iter_mut().zip(line) {
            *lines += &line;
            lines.push('\n');
        }
    };
    if records.is_empty() {
        if let Some(line) = range(labels, named) {
            put(line);
        }
        return lines;
    }
    for failure in records.iter().take(TOLD) {
        let [ja, en] = place(labels, failure.position, by_name(failure.position));
        let [in_ja, in_en] = within(failure);
        let why = failure.messages.join(" ");
        put([format!("{ja}{in_ja}: {why}"), format!("{en}{in_en}: {why}")]);
    }
    let more = records.len().saturating_sub(TOLD);
    if more > 0 {
        put([format!("ほか{more}件"), format!("and {more} more")]);
    }
    lines
}

/// Which record.
fn place(labels: &[Label], position: usize, named: Option<&NamedRecord>) -> [String; 2] {
    let label = labels.iter().find(|label| label.positions.contains(&position));
    let app = named.map_or_else(|| "?".to_owned(), |named| named.app.to_string());
    let [ja, en] = name(label, position, named);
    match label {
        Some(Label { step, .. }) => {
            [format!("ステップ「{step}」、アプリ{app}、{ja}"), format!("step \"{step}\", app {app}, {en}")]
        }
        None => [format!("アプリ{app}、{ja}"), format!("app {app}, {en}")],
    }
}

/// What the record is called: its number, or the key of one that is added.
fn name(label: Option<&Label>, position: usize, named: Option<&NamedRecord>) -> [String; 2] {
    let start = label.map_or(0, |label| label.positions.start);
    let nth = position - start + 1;
    let Some(named) = named else {
        return [format!("{nth}件目のレコード"), format!("record {nth} of the step")];
    };
    if let Some(id) = named.id {
        return match named.deleted {
            true => [format!("削除するレコード番号{id}"), format!("record number {id}, which is deleted")],
            false => [format!("レコード番号{id}"), format!("record number {id}")],
        };
    }
    let is_key = |code: &String| label.is_some_and(|label| label.key.contains(code));
    let keys: Vec<&(String, String)> = named.values.iter().filter(|(code, _)| is_key(code)).collect();
    let told = if keys.is_empty() { named.values.iter().take(1).collect() } else { keys };
    let told: Vec<String> = told.into_iter().map(|(code, value)| format!("{code} = {value}")).collect();
    match told.join(", ") {
        told if told.is_empty() => [format!("追加する{nth}件目のレコード"), format!("new record {nth} of the step")],
        told => [format!("追加するレコード({told})"), format!("the new record with {told}")],
    }
}

/// Where in the record.
fn within(failure: &RecordFailure) -> [String; 2] {
    match (&failure.field, &failure.table) {
        (None, _) => [String::new(), String::new()],
        (Some(field), None) => [format!("、フィールド「{field}」"), format!(", field {field}")],
        (Some(field), Some((table, row))) => {
            let row = row + 1;
            [
                format!("、テーブル「{table}」{row}行目のフィールド「{field}」"),
                format!(", field {field} in row {row} of the table {table}"),
            ]
        }
    }
}

/// Between which records the refused one is, where kintone tells no more.
fn range(labels: &[Label], named: &[NamedRecord]) -> Option<[String; 2]> {
    let (first, last) = (named.first()?, named.last()?);
    let count = last.position - first.position + 1;
    let [first_ja, first_en] = place(labels, first.position, Some(first));
    if count == 1 {
        return Some([first_ja, first_en]);
    }
    let label = labels.iter().find(|label| label.positions.contains(&last.position));
    let same = label.is_some_and(|label| label.positions.contains(&first.position));
    let [last_ja, last_en] =
        if same { name(label, last.position, Some(last)) } else { place(labels, last.position, Some(last)) };
    Some([
        format!("次の{count}件のいずれか: {first_ja} から {last_ja} まで"),
        format!("one of these {count} records: {first_en}, to {last_en}"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(position: usize, id: Option<u64>, values: &[(&str, &str)]) -> NamedRecord {
        let values = values.iter().map(|(code, value)| ((*code).to_owned(), (*value).to_owned())).collect();
        NamedRecord { position, app: 5, id, deleted: position == 3, values }
    }

    fn labels() -> Vec<Label> {
        let label = |positions, step: &str, key: &[&str]| Label {
            positions,
            step: step.to_owned(),
            key: key.iter().map(|code| (*code).to_owned()).collect(),
        };
        vec![label(0..600, "台帳", &["番号"]), label(600..2_100, "明細", &[])]
    }

    fn failure(position: usize, field: Option<&str>, table: Option<(&str, usize)>) -> RecordFailure {
        let table = table.map(|(code, row)| (code.to_owned(), row));
        RecordFailure { position, field: field.map(str::to_owned), table, messages: vec!["だめです。".to_owned()] }
    }

    #[test]
    fn a_record_is_told_by_step_app_number_or_key_field_and_row() {
        let failures = vec![
            failure(1, Some("数"), None),
            failure(2, Some("品"), Some(("内訳", 2))),
            failure(3, None, None),
            failure(700, Some("数"), None),
            failure(701, None, None),
        ];
        let records = vec![
            named(1, Some(31), &[("数", "x")]),
            named(2, None, &[("名", "甲"), ("番号", "A-2")]),
            named(3, Some(9), &[]),
            named(700, None, &[("名", "乙")]),
        ];
        let [ja, en] = places(&labels(), &failures, &records);
        let ja: Vec<&str> = ja.lines().collect();
        let en: Vec<&str> = en.lines().collect();
        assert_eq!(
            ja,
            [
                "ステップ「台帳」、アプリ5、レコード番号31、フィールド「数」: だめです。",
                "ステップ「台帳」、アプリ5、追加するレコード(番号 = A-2)、テーブル「内訳」3行目のフィールド「品」: だめです。",
                "ステップ「台帳」、アプリ5、削除するレコード番号9: だめです。",
                "ステップ「明細」、アプリ5、追加するレコード(名 = 乙)、フィールド「数」: だめです。",
                "ステップ「明細」、アプリ?、102件目のレコード: だめです。",
            ]
        );
        assert_eq!(
            en,
            [
                "step \"台帳\", app 5, record number 31, field 数: だめです。",
                "step \"台帳\", app 5, the new record with 番号 = A-2, field 品 in row 3 of the table 内訳: だめです。",
                "step \"台帳\", app 5, record number 9, which is deleted: だめです。",
                "step \"明細\", app 5, the new record with 名 = 乙, field 数: だめです。",
                "step \"明細\", app ?, record 102 of the step: だめです。",
            ]
        );
    }

    #[test]
    fn where_kintone_names_the_part_alone_its_records_are_told() {
        let ends = vec![named(0, None, &[("番号", "A-1")]), named(99, None, &[("番号", "A-100")])];
        let [ja, en] = places(&labels(), &[], &ends);
        assert_eq!(
            ja.trim_end(),
            "次の100件のいずれか: ステップ「台帳」、アプリ5、追加するレコード(番号 = A-1) から 追加するレコード(番号 = A-100) まで"
        );
        assert_eq!(
            en.trim_end(),
            "one of these 100 records: step \"台帳\", app 5, the new record with 番号 = A-1, to the new record with 番号 = A-100"
        );
        let [ja, _] = places(&labels(), &[], &[named(4, Some(8), &[])]);
        assert_eq!(ja.trim_end(), "ステップ「台帳」、アプリ5、レコード番号8");
        assert_eq!(places(&labels(), &[], &[]), [String::new(), String::new()]);
    }

    #[test]
    fn many_are_counted() {
        let failures: Vec<_> = (0..25).map(|n| failure(n, Some("数"), None)).collect();
        let [ja, en] = places(&labels(), &failures, &[]);
        assert_eq!((ja.lines().count(), ja.lines().last()), (21, Some("ほか5件")));
        assert_eq!(en.lines().last(), Some("and 5 more"));
    }
}
