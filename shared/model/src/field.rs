//! kintone's field types, and the fields of an app as a flow sees them.

use serde::{Deserialize, Serialize};

/// A kintone field type, by kintone's own name (`reference` 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FieldType {
    /// `$id`
    #[serde(rename = "__ID__")]
    Id,
    /// `$revision`
    #[serde(rename = "__REVISION__")]
    Revision,
    /// レコード番号: the id, with the app code in front where the app has one
    RecordNumber,
    /// 作成者
    Creator,
    /// 作成日時
    CreatedTime,
    /// 更新者
    Modifier,
    /// 更新日時
    UpdatedTime,
    /// 文字列（1行）
    SingleLineText,
    /// 文字列（複数行）
    MultiLineText,
    /// リッチエディター
    RichText,
    /// 数値
    Number,
    /// 計算
    Calc,
    /// ラジオボタン
    RadioButton,
    /// ドロップダウン
    DropDown,
    /// チェックボックス
    CheckBox,
    /// 複数選択
    MultiSelect,
    /// 日付
    Date,
    /// 時刻
    Time,
    /// 日時
    Datetime,
    /// リンク
    Link,
    /// ユーザー選択
    UserSelect,
    /// 組織選択
    OrganizationSelect,
    /// グループ選択
    GroupSelect,
    /// 添付ファイル
    File,
    /// ステータス
    Status,
    /// 作業者
    StatusAssignee,
    /// カテゴリー
    Category,
    /// テーブル
    Subtable,
    /// 関連レコード一覧: never part of a record
    ReferenceTable,
    /// フィールドグループ: never part of a record
    Group,
    /// ラベル, スペース, 罫線 and whatever kintone adds later: never part of a record that Suiro reads
    #[serde(other)]
    Other,
}

/// The kind of value that a field holds: what columns, formulas and conversions look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text of any length; one chosen option is text too
    Text,
    /// Exact decimal
    Number,
    /// Truth value: formulas only, no kintone field holds one
    Bool,
    /// Calendar day
    Date,
    /// Time of day
    Time,
    /// Instant
    Datetime,
    /// List of texts: check boxes, multiple choice, categories
    Texts,
    /// List of users, organisations or groups
    Entities,
    /// List of attached files
    Files,
    /// Rows of a table
    Rows,
}

/// A field of an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Field code: unique in the app, what queries and records use.
    pub code: String,
    /// Label: what people see.
    pub label: String,
    /// kintone's type.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// What a calculated field yields (`NUMBER`, `DATE`, …): kintone's `format`; empty for other types.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// kintone refuses a blank.
    #[serde(default)]
    pub required: bool,
    /// kintone refuses a value that another record has.
    #[serde(default)]
    pub unique: bool,
    /// The choices, in kintone's order, of choice fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// A lookup's key field: kintone fills the fields that it maps.
    #[serde(default)]
    pub lookup: bool,
    /// Filled by a lookup or by a formula of the app: kintone ignores what is written here.
    #[serde(default)]
    pub filled_by_kintone: bool,
    /// The columns of a table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// What kintone does to a number on writing: `numberPrecision` of the app's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoundingMode {
    /// Half to even: kintone's default
    HalfEven,
    /// Away from zero
    Up,
    /// Towards zero
    Down,
}

/// Digits and rounding of an app's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberPrecision {
    /// All digits, 1 to 30.
    pub digits: u32,
    /// Digits behind the point, 0 to 10.
    pub decimal_places: u32,
    /// How the rest is rounded.
    pub rounding: RoundingMode,
}

impl Default for NumberPrecision {
    /// kintone's own defaults: 16 digits, 4 behind the point, half to even.
    fn default() -> Self {
        Self { digits: 16, decimal_places: 4, rounding: RoundingMode::HalfEven }
    }
}

/// An app's fields as a flow sees them: `$id` and `$revision` first, then the form's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSchema {
    /// The app's number.
    pub app: u64,
    /// The app's name, for messages; may be empty.
    #[serde(default)]
    pub name: String,
    /// Digits and rounding of its numbers.
    #[serde(default)]
    pub precision: NumberPrecision,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl AppSchema {
    /// The field of this code.
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.code == code)
    }

    /// The code of the record number field, if the app has one.
    pub fn record_number_code(&self) -> Option<&str> {
        self.fields.iter().find(|f| f.field_type == FieldType::RecordNumber).map(|f| f.code.as_str())
    }
}

impl Field {
    /// A plain field: not required, not unique, no options.
    pub fn new(code: impl Into<String>, field_type: FieldType) -> Self {
        let code = code.into();
        Self {
            label: code.clone(),
            code,
            field_type,
            format: String::new(),
            required: false,
            unique: false,
            options: Vec::new(),
            lookup: false,
            filled_by_kintone: false,
            fields: Vec::new(),
        }
    }

    /// The kind of its values. `None` for fields that are never part of a record.
    pub fn kind(&self) -> Option<Kind> {
        use FieldType as T;
        Some(match self.field_type {
            T::Id | T::Revision | T::Number => Kind::Number,
            T::Calc => match self.format.as_str() {
                "DATE" => Kind::Date,
                "TIME" => Kind::Time,
                "DATETIME" => Kind::Datetime,
                "HOUR_MINUTE" | "DAY_HOUR_MINUTE" => Kind::Text,
                _ => Kind::Number,
            },
            T::RecordNumber | T::SingleLineText | T::MultiLineText | T::RichText | T::Link => Kind::Text,
            T::RadioButton | T::DropDown | T::Status => Kind::Text,
            T::CheckBox | T::MultiSelect | T::Category => Kind::Texts,
            T::Date => Kind::Date,
            T::Time => Kind::Time,
            T::Datetime | T::CreatedTime | T::UpdatedTime => Kind::Datetime,
            T::UserSelect | T::OrganizationSelect | T::GroupSelect => Kind::Entities,
            T::Creator | T::Modifier | T::StatusAssignee => Kind::Entities,
            T::File => Kind::Files,
            T::Subtable => Kind::Rows,
            T::ReferenceTable | T::Group | T::Other => return None,
        })
    }

    /// Whether a write may name this field.
    pub fn writable(&self) -> bool {
        use FieldType as T;
        !self.filled_by_kintone
            && !matches!(
                self.field_type,
                T::Id
                    | T::Revision
                    | T::RecordNumber
                    | T::Creator
                    | T::CreatedTime
                    | T::Modifier
                    | T::UpdatedTime
                    | T::Calc
                    | T::Status
                    | T::StatusAssignee
                    | T::Category
                    | T::ReferenceTable
                    | T::Group
                    | T::Other
            )
    }
}
