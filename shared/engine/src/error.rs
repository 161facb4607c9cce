//! What can go wrong in the engine: where, why, under which stable code, and how people are told.

use std::fmt;

use model::field::Kind;

use crate::report::Reason;

/// Where something happened, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The step's name; empty where no step is involved.
    pub step: String,
    /// The column's name or the field's code; may be empty.
    pub field: String,
    /// The row, counted from 1, in the input of the step.
    pub row: Option<usize>,
    /// The record that the row comes from, where it still carries its record number or `$id`.
    pub record: Option<String>,
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

    fn english(&self) -> String {
        let mut parts = Vec::new();
        if !self.step.is_empty() {
            parts.push(format!("step \"{}\"", self.step));
        }
        if !self.field.is_empty() {
            parts.push(format!("field \"{}\"", self.field));
        }
        parts.extend(self.row.map(|row| format!("row {row}")));
        parts.extend(self.record.as_ref().map(|record| format!("record {record}")));
        parts.join(", ")
    }

    fn japanese(&self) -> String {
        let mut parts = Vec::new();
        if !self.step.is_empty() {
            parts.push(format!("ステップ「{}」", self.step));
        }
        if !self.field.is_empty() {
            parts.push(format!("フィールド「{}」", self.field));
        }
        parts.extend(self.row.map(|row| format!("{row}行目")));
        parts.extend(self.record.as_ref().map(|record| format!("レコード番号{record}")));
        parts.join("、")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

/// Why the engine stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A formula yields an error value where the step says that this is a failure.
    #[error("{place}: the formula yields {error}")]
    Formula {
        /// Where.
        place: Box<Place>,
        /// The error value, such as `#DIV/0!`.
        error: String,
    },
    /// A number needs more than 38 digits in its column.
    #[error("{place}: more than 38 digits")]
    Overflow {
        /// Where.
        place: Box<Place>,
    },
    /// A formula yields values of different kinds.
    #[error("{place}: {found:?} in a column of {expected:?}")]
    Kind {
        /// Where.
        place: Box<Place>,
        /// The column's kind.
        expected: Kind,
        /// The value's kind.
        found: Kind,
    },
    /// The right side of a condition is no value of the column's kind, or a parameter without a value.
    #[error("{place}: cannot compare with \"{operand}\"")]
    Operand {
        /// Where.
        place: Box<Place>,
        /// The operand.
        operand: String,
    },
    /// The operation is not defined for this kind of column.
    #[error("{place}: {what} is not defined for {kind:?}")]
    Unsupported {
        /// Where.
        place: Box<Place>,
        /// The operation.
        what: String,
        /// The column's kind.
        kind: Kind,
    },
    /// A join would yield more rows than the limit.
    #[error("step \"{step}\": the join would yield {rows} rows, more than {limit}; the key \"{key}\" matches most")]
    TooManyRows {
        /// The step.
        step: String,
        /// Rows that the join would yield.
        rows: u64,
        /// The limit.
        limit: u64,
        /// The key with the most pairs.
        key: String,
    },
    /// A value that does not convert, in strict mode.
    #[error("{place}: \"{value}\": {}", reason.english())]
    Conversion {
        /// Where.
        place: Box<Place>,
        /// The value.
        value: String,
        /// Why not.
        reason: Reason,
    },
    /// kintone would refuse the number: its whole part is longer than the app allows.
    #[error("{place}: {value} has more than {whole} digits in front of the point")]
    NumberTooLong {
        /// Where.
        place: Box<Place>,
        /// The number.
        value: String,
        /// Digits in front of the point that the app allows.
        whole: u32,
    },
    /// Several rows to write have one key.
    #[error("step \"{step}\": rows {rows:?} have the same key \"{key}\"")]
    DuplicateKey {
        /// The step.
        step: String,
        /// The key.
        key: String,
        /// The rows, counted from 1.
        rows: Vec<usize>,
    },
    /// A row to write has the key of several records of the app.
    #[error("step \"{step}\": records {ids:?} have the same key \"{key}\"")]
    DuplicateRecord {
        /// The step.
        step: String,
        /// The key.
        key: String,
        /// The records' ids.
        ids: Vec<u64>,
    },
    /// A row to write has no key and would be skipped, in strict mode.
    #[error("step \"{step}\": row {row} has no key")]
    BlankKey {
        /// The step.
        step: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// A replacing write would empty the app without the flow's consent.
    #[error("step \"{step}\": the result is empty")]
    EmptyResult {
        /// The step.
        step: String,
    },
    /// The target app has no such field, or one that cannot be written.
    #[error("{place}: not a field that can be written")]
    Field {
        /// Where.
        place: Box<Place>,
    },
    /// Plan and tables do not fit each other: a fault of Suiro, not of the flow.
    #[error("step \"{step}\": {reason}")]
    Plan {
        /// The step; may be empty.
        step: String,
        /// What does not fit, in technical words.
        reason: String,
    },
}

impl EngineError {
    /// A fault of Suiro.
    pub(crate) fn plan(reason: impl Into<String>) -> Self {
        Self::Plan { step: String::new(), reason: reason.into() }
    }

    /// The same error, told of this step.
    pub(crate) fn in_step(mut self, name: &str) -> Self {
        match &mut self {
            Self::Formula { place, .. }
            | Self::Overflow { place }
            | Self::Kind { place, .. }
            | Self::Operand { place, .. }
            | Self::Unsupported { place, .. }
            | Self::Conversion { place, .. }
            | Self::NumberTooLong { place, .. }
            | Self::Field { place } => place.step = name.to_owned(),
            Self::TooManyRows { step, .. }
            | Self::DuplicateKey { step, .. }
            | Self::DuplicateRecord { step, .. }
            | Self::BlankKey { step, .. }
            | Self::EmptyResult { step }
            | Self::Plan { step, .. } => *step = name.to_owned(),
        }
        self
    }

    /// The stable code, as the catalogue of errors knows it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Formula { .. } => "engine.formula",
            Self::Overflow { .. } => "engine.overflow",
            Self::Kind { .. } => "engine.kind",
            Self::Operand { .. } => "engine.operand",
            Self::Unsupported { .. } => "engine.unsupported",
            Self::TooManyRows { .. } => "engine.too_many_rows",
            Self::Conversion { .. } => "engine.conversion",
            Self::NumberTooLong { .. } => "engine.number_too_long",
            Self::DuplicateKey { .. } => "engine.duplicate_key",
            Self::DuplicateRecord { .. } => "engine.duplicate_record",
            Self::BlankKey { .. } => "engine.blank_key",
            Self::EmptyResult { .. } => "engine.empty_result",
            Self::Field { .. } => "engine.field",
            Self::Plan { .. } => "engine.plan",
        }
    }

    /// The sentence in English: what happened where, and what to do.
    pub fn en(&self) -> String {
        let told = self.to_string();
        let remedy = match self {
            Self::Formula { .. } => "Correct the formula or the data, or let the step turn errors into blanks.",
            Self::Overflow { .. } => "Round the numbers, or split the calculation.",
            Self::Kind { .. } => "Let every branch of the formula yield the same kind of value.",
            Self::Operand { .. } => "Correct the condition's value.",
            Self::Unsupported { .. } => "Choose another comparison, key or aggregate for this field.",
            Self::TooManyRows { .. } => "Add a key to the join, or group one side first.",
            Self::Conversion { .. } => "Correct the data, or switch strict off to let the value become blank.",
            Self::NumberTooLong { .. } => "Raise the digits of numbers in the app's settings, or correct the data.",
            Self::DuplicateKey { .. } => "Group the rows by the key, or choose a key that is unique.",
            Self::DuplicateRecord { .. } => "Make the key field unique in the app, or correct the records.",
            Self::BlankKey { .. } => "Fill the key, filter such rows out, or switch strict off.",
            Self::EmptyResult { .. } => "If the app shall be emptied, allow an empty result in the step.",
            Self::Field { .. } => "Choose another field in the step's mapping.",
            Self::Plan { .. } => "Please report this: it is a fault of Suiro.",
        };
        format!("{told}. {remedy}")
    }

    /// The sentence in Japanese.
    pub fn ja(&self) -> String {
        let at = |place: &Place| place.japanese();
        match self {
            Self::Formula { place, error } => format!(
                "{}: 計算式の結果が{error}になりました。計算式かデータを直すか、エラーを空にする設定にしてください。",
                at(place)
            ),
            Self::Overflow { place } => {
                format!("{}: 数値が38桁を超えました。数値を丸めるか、計算を分けてください。", at(place))
            }
            Self::Kind { place, expected, found } => format!(
                "{}: {}の列に{}の値が現れました。計算式のどの場合でも同じ種類の値になるようにしてください。",
                at(place),
                kind_ja(*expected),
                kind_ja(*found)
            ),
            Self::Operand { place, operand } => {
                format!("{}: 「{operand}」とは比較できません。条件の値を直してください。", at(place))
            }
            Self::Unsupported { place, what, kind } => format!(
                "{}: {}の列では「{what}」を使えません。別の比較、キー、集計方法を選んでください。",
                at(place),
                kind_ja(*kind)
            ),
            Self::TooManyRows { step, rows, limit, key } => format!(
                "ステップ「{step}」: 結合結果が{rows}行になり、上限の{limit}行を超えます（最も多く一致するキー: 「{key}」）。\
                 結合キーを増やすか、先に片方をグループ化してください。"
            ),
            Self::Conversion { place, value, reason } => format!(
                "{}: 「{value}」は{}。データを直すか、厳密モードを解除してください（解除すると空になります）。",
                at(place),
                reason.japanese()
            ),
            Self::NumberTooLong { place, value, whole } => format!(
                "{}: {value}の整数部がアプリの上限（{whole}桁）を超えています。アプリの数値の桁数設定を増やすか、データを直してください。",
                at(place)
            ),
            Self::DuplicateKey { step, key, rows } => format!(
                "ステップ「{step}」: キー「{key}」の行が複数あります（{}行目）。キーでグループ化するか、一意になるキーを選んでください。",
                list(rows)
            ),
            Self::DuplicateRecord { step, key, ids } => format!(
                "ステップ「{step}」: キー「{key}」のレコードが出力先に複数あります（レコード番号{}）。\
                 キーのフィールドを重複禁止にするか、レコードを直してください。",
                list(ids)
            ),
            Self::BlankKey { step, row } => format!(
                "ステップ「{step}」: {row}行目のキーが空です。キーを入力するか、フィルタで除くか、厳密モードを解除してください。"
            ),
            Self::EmptyResult { step } => format!(
                "ステップ「{step}」: 結果が0件のため、アプリを空にしません。空にしてよい場合は、空の結果を許可してください。"
            ),
            Self::Field { place } => {
                format!("{}: 書き込めるフィールドではありません。割り当てを直してください。", at(place))
            }
            Self::Plan { step, reason } => {
                format!("ステップ「{step}」: Suiroの不具合です（{reason}）。お手数ですが報告してください。")
            }
        }
    }
}

impl From<arrow_schema::ArrowError> for EngineError {
    /// The kernels are called with columns that fit them; a refusal (offsets beyond 2^31, say) is told as it is.
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::plan(error.to_string())
    }
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
}

fn kind_ja(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "文字列",
        Kind::Number => "数値",
        Kind::Bool => "真偽値",
        Kind::Date => "日付",
        Kind::Time => "時刻",
        Kind::Datetime => "日時",
        Kind::Texts => "複数選択",
        Kind::Entities => "ユーザー・組織・グループ",
        Kind::Files => "添付ファイル",
        Kind::Rows => "テーブル",
    }
}
