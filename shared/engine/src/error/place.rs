//! Where something happened: step, field, row, record.

use std::fmt;

/// Where something happened, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The step's name; empty where no step is involved.
    pub step: String,
    /// The key of the group that the step did with its rows, inside a `for_each`: rows count within it.
    pub group: Option<String>,
    /// The column's name or the field's code; may be empty.
    pub field: String,
    /// The row, counted from 1, in the input of the step.
    pub row: Option<usize>,
    /// The first of a group of rows, counted from 1, where it is none of them by itself.
    pub rows_from: Option<usize>,
    /// The record that the row comes from, where it still carries its record number or `$id`.
    pub record: Option<String>,
    /// The row of the record's table, counted from 1, where the field is one of a table.
    pub table_row: Option<usize>,
}

impl Place {
    /// A place that knows only the field.
    pub fn field(field: impl Into<String>) -> Self {
        Self { field: field.into(), ..Self::default() }
    }

    /// The same place, in this row (counted from 0).
    pub fn at(mut self, row: usize) -> Self {
        self.row = Some(row + 1);
        self
    }

    /// The same place, in the group of rows that begins with this one (counted from 0).
    pub(crate) fn in_group(mut self, first: usize) -> Self {
        self.rows_from = Some(first + 1);
        self
    }

    fn english(&self) -> String {
        let mut parts = Vec::new();
        if !self.step.is_empty() {
            parts.push(format!("step \"{}\"", self.step));
        }
        parts.extend(self.group.as_ref().map(|group| format!("group \"{group}\"")));
        if !self.field.is_empty() {
            parts.push(format!("field \"{}\"", self.field));
        }
        parts.extend(self.row.map(|row| format!("row {row}")));
        parts.extend(self.rows_from.map(|first| format!("the group of rows that begins with row {first}")));
        parts.extend(self.record.as_ref().map(|record| format!("record {record}")));
        parts.extend(self.table_row.map(|row| format!("row {row} of the table")));
        parts.join(", ")
    }

    pub(super) fn japanese(&self) -> String {
        let mut parts = Vec::new();
        if !self.step.is_empty() {
            parts.push(format!("ステップ「{}」", self.step));
        }
        parts.extend(self.group.as_ref().map(|group| format!("グループ「{group}」")));
        if !self.field.is_empty() {
            parts.push(format!("フィールド「{}」", self.field));
        }
        parts.extend(self.row.map(|row| format!("{row}行目")));
        parts.extend(self.rows_from.map(|first| format!("{first}行目から始まるグループ")));
        parts.extend(self.record.as_ref().map(|record| format!("レコード番号{record}")));
        parts.extend(self.table_row.map(|row| format!("テーブルの{row}行目")));
        parts.join("、")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}
