//! What a run counts: values that became blank, rows that were dropped; by field and reason, with samples.

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::Serialize;

/// Samples kept per field and reason: enough to find the cause, little enough for the run record.
const SAMPLES: usize = 5;
/// Characters of a value shown in a sample or message.
const SHOWN: usize = 60;

/// Why a value was changed or a row dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A text that is no number.
    NotANumber,
    /// A value that is no date.
    NotADate,
    /// A value that is no time of day.
    NotATime,
    /// A value that is no date and time.
    NotADatetime,
    /// A choice that the field does not have.
    UnknownOption,
    /// A kind of value that the field cannot hold.
    NotConvertible,
    /// A number with more decimals than the app stores.
    Rounded,
    /// A date and time whose time of day the field cannot hold.
    TimeCut,
    /// A date and time whose day the field cannot hold.
    DayCut,
    /// A time whose seconds kintone does not store.
    SecondsCut,
    /// A formula's error value that became blank, as the step says.
    FormulaError,
    /// A row that a filter's formula could not judge, and that was dropped.
    FilterError,
    /// A row without a key that was not written.
    BlankKey,
    /// A row whose key no record has, and that was not written.
    NoPartner,
    /// A key that was looked up and not found.
    NotFound,
    /// A file to read that is not there.
    FileMissing,
    /// A file to read that is empty.
    FileEmpty,
    /// A row of a file that has more or fewer values than its header.
    RaggedRow,
    /// A value of a file with bytes that its encoding does not know.
    Undecodable,
    /// An error value of a cell of a workbook.
    CellError,
    /// A character that the encoding of a file to write lacks, written as `?`.
    Unmappable,
    /// A value that a workbook cannot hold as what it is, written as text.
    WrittenAsText,
    /// A user, organisation or group without a known name, written by code.
    NameUnknown,
    /// A share of a total of 0, which is blank.
    ShareOfZero,
    /// A row of a value that no column was asked for.
    NotListed,
    /// A further row of a key and label that has one already.
    DoubleCell,
    /// A value that a data check finds wrong.
    CheckFailed,
    /// A row that a data check did not look at any more.
    NotChecked,
}

impl Reason {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
            Self::NotADate => "not_a_date",
            Self::NotATime => "not_a_time",
            Self::NotADatetime => "not_a_datetime",
            Self::UnknownOption => "unknown_option",
            Self::NotConvertible => "not_convertible",
            Self::Rounded => "rounded",
            Self::TimeCut => "time_cut",
            Self::DayCut => "day_cut",
            Self::SecondsCut => "seconds_cut",
            Self::FormulaError => "formula_error",
            Self::FilterError => "filter_error",
            Self::BlankKey => "blank_key",
            Self::NoPartner => "no_partner",
            Self::NotFound => "not_found",
            Self::FileMissing => "file_missing",
            Self::FileEmpty => "file_empty",
            Self::RaggedRow => "ragged_row",
            Self::Undecodable => "undecodable",
            Self::CellError => "cell_error",
            Self::Unmappable => "unmappable",
            Self::WrittenAsText => "written_as_text",
            Self::NameUnknown => "name_unknown",
            Self::ShareOfZero => "share_of_zero",
            Self::NotListed => "not_listed",
            Self::DoubleCell => "double_cell",
            Self::CheckFailed => "check_failed",
            Self::NotChecked => "not_checked",
        }
    }

    /// Whether the value stays, but not all of it: it was rounded or cut.
    pub fn shortens(self) -> bool {
        matches!(self, Self::Rounded | Self::TimeCut | Self::DayCut | Self::SecondsCut)
    }

    /// What is the matter with the value, in English.
    pub fn english(self) -> &'static str {
        match self {
            Self::NotANumber => "not a number",
            Self::NotADate => "not a date",
            Self::NotATime => "not a time",
            Self::NotADatetime => "not a date and time",
            Self::UnknownOption => "not among the field's options",
            Self::NotConvertible => "not convertible to the field's type",
            Self::Rounded => "more decimals than the app stores",
            Self::TimeCut => "a time of day that a date field does not hold",
            Self::DayCut => "a day that a time field does not hold",
            Self::SecondsCut => "seconds that kintone does not store",
            Self::FormulaError => "an error value of the formula",
            Self::FilterError => "an error value of the filter's formula",
            Self::BlankKey => "a row without a key",
            Self::NoPartner => "a key that no record has",
            Self::NotFound => "a key that was not found",
            Self::FileMissing => "the file is not there",
            Self::FileEmpty => "the file is empty",
            Self::RaggedRow => "a row with more or fewer values than the header",
            Self::Undecodable => "bytes that the encoding does not know",
            Self::CellError => "an error value of the cell",
            Self::Unmappable => "a character that the encoding lacks",
            Self::WrittenAsText => "a value that Excel can hold only as text",
            Self::NameUnknown => "a name that is not known",
            Self::ShareOfZero => "a total of 0, of which there is no share",
            Self::NotListed => "a value that is not listed",
            Self::DoubleCell => "a second row of one key and label",
            Self::CheckFailed => "wrong by a data check",
            Self::NotChecked => "not checked, since enough was wrong",
        }
    }

    /// What is the matter with the value, in Japanese.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::NotANumber => "数値ではありません",
            Self::NotADate => "日付ではありません",
            Self::NotATime => "時刻ではありません",
            Self::NotADatetime => "日時ではありません",
            Self::UnknownOption => "フィールドの選択肢にありません",
            Self::NotConvertible => "フィールドの型に変換できません",
            Self::Rounded => "小数部の桁数がアプリの設定を超えています",
            Self::TimeCut => "日付フィールドに入らない時刻があります",
            Self::DayCut => "時刻フィールドに入らない日付があります",
            Self::SecondsCut => "kintone が持たない秒があります",
            Self::FormulaError => "計算式のエラーです",
            Self::FilterError => "フィルタの計算式のエラーです",
            Self::BlankKey => "キーが空の行です",
            Self::NoPartner => "キーに一致するレコードがありません",
            Self::NotFound => "参照先にないキーです",
            Self::FileMissing => "ファイルがありません",
            Self::FileEmpty => "ファイルが空です",
            Self::RaggedRow => "見出しと列数が違う行です",
            Self::Undecodable => "文字コードとして読めない文字があります",
            Self::CellError => "セルのエラー値です",
            Self::Unmappable => "文字コードにない文字があります",
            Self::WrittenAsText => "Excel では文字列としてしか持てません",
            Self::NameUnknown => "名前がわかりません",
            Self::ShareOfZero => "0 の合計なので、割合を計算できません",
            Self::NotListed => "書かれていない値です",
            Self::DoubleCell => "同じキーと項目の行が既にあります",
            Self::CheckFailed => "データチェックのエラーです",
            Self::NotChecked => "エラーが規定の数に達したため、チェックしていません",
        }
    }
}

/// One of the values that were counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The row, counted from 1; within its group, where there is one.
    pub row: usize,
    /// The key of the group that a step inside a `for_each` did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The record, where the row still carries its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The row of the record's table, counted from 1, where the value stands in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_row: Option<usize>,
    /// The value, shortened.
    pub value: String,
}

/// How often one thing happened to one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Column name or field code.
    pub field: String,
    /// What happened.
    pub reason: Reason,
    /// How often.
    pub count: u64,
    /// The first few.
    pub samples: Vec<Sample>,
}

/// Counts of one step, in order of first occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(IndexMap<(String, Reason), Count>);

impl Counts {
    /// Counts one value; `sample` is asked for only while samples are kept.
    pub fn add(&mut self, field: &str, reason: Reason, sample: impl FnOnce() -> Sample) {
        let entry = self.0.entry((field.to_owned(), reason)).or_insert_with(|| Count {
            field: field.to_owned(),
            reason,
            count: 0,
            samples: Vec::new(),
        });
        entry.count += 1;
        if entry.samples.len() < SAMPLES {
            entry.samples.push(sample());
        }
    }

    /// Adds the counts of an inner step, which it did with the group of this key; its fields are told as `step/field`.
    pub(crate) fn merge(&mut self, step: &str, group: &dyn Fn() -> String, other: Counts) {
        for (_, mut count) in other.0 {
            count.samples.iter_mut().for_each(|sample| sample.group = Some(group()));
            count.field = if count.field.is_empty() { step.to_owned() } else { format!("{step}/{}", count.field) };
            match self.0.entry((count.field.clone(), count.reason)) {
                Entry::Vacant(entry) => {
                    entry.insert(count);
                }
                Entry::Occupied(mut entry) => {
                    let mine = entry.get_mut();
                    mine.count += count.count;
                    let room = SAMPLES.saturating_sub(mine.samples.len());
                    mine.samples.extend(count.samples.into_iter().take(room));
                }
            }
        }
    }

    /// The counts.
    pub fn iter(&self) -> impl Iterator<Item = &Count> {
        self.0.values()
    }

    /// True where nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often this happened to this field.
    pub fn of(&self, field: &str, reason: Reason) -> u64 {
        self.0.get(&(field.to_owned(), reason)).map_or(0, |c| c.count)
    }
}

impl Serialize for Counts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// A value's text, cut for a message.
pub(crate) fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let mut cut: String = chars.by_ref().take(SHOWN).collect();
    if chars.next().is_some() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_and_keeps_the_first_samples() {
        let mut counts = Counts::default();
        for row in 1..=8 {
            counts.add("金額", Reason::NotANumber, || Sample { row, value: format!("x{row}"), ..Sample::default() });
        }
        counts.add("日付", Reason::NotADate, || Sample {
            row: 1,
            group: None,
            record: Some("7".into()),
            table_row: None,
            value: shown(&"あ".repeat(90)),
        });
        assert_eq!(counts.of("金額", Reason::NotANumber), 8);
        assert_eq!(counts.of("金額", Reason::NotADate), 0);
        let all: Vec<_> = counts.iter().collect();
        assert_eq!(all[0].samples.iter().map(|s| s.row).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(all[1].samples[0].value.chars().count(), 61);
        assert_eq!(
            serde_json::to_value(&counts).unwrap()[1]["samples"][0]["record"],
            serde_json::Value::String("7".into())
        );
    }
}
