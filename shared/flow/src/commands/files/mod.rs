//! What `input_file` and `output_file` share: the settings of a format, and their checks.

pub(super) mod column;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use model::field::Kind;

use crate::kinds::kind_words;
use crate::located::At;
use crate::plan::Format;
use crate::plan::file::{Cell, DatePattern, Delimiter, Encoding, FileName, FileNameError};
use crate::problem::{Position, Problem};

/// `format`
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormatName {
    Csv,
    Excel,
}

/// `encoding`
#[derive(Clone, Copy, Deserialize, JsonSchema)]
pub(super) enum EncodingName {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16le")]
    Utf16Le,
    #[serde(rename = "utf-16be")]
    Utf16Be,
    #[serde(rename = "shift_jis")]
    ShiftJis,
    #[serde(rename = "euc-jp")]
    EucJp,
    #[serde(rename = "latin-1")]
    Latin1,
    #[serde(rename = "gbk")]
    Gbk,
}

impl From<EncodingName> for Encoding {
    fn from(name: EncodingName) -> Self {
        match name {
            EncodingName::Utf8 => Self::Utf8,
            EncodingName::Utf16Le => Self::Utf16Le,
            EncodingName::Utf16Be => Self::Utf16Be,
            EncodingName::ShiftJis => Self::ShiftJis,
            EncodingName::EucJp => Self::EucJp,
            EncodingName::Latin1 => Self::Latin1,
            EncodingName::Gbk => Self::Gbk,
        }
    }
}

/// `delimiter`
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DelimiterName {
    Comma,
    Semicolon,
    Tab,
    Space,
}

impl From<DelimiterName> for Delimiter {
    fn from(name: DelimiterName) -> Self {
        match name {
            DelimiterName::Comma => Self::Comma,
            DelimiterName::Semicolon => Self::Semicolon,
            DelimiterName::Tab => Self::Tab,
            DelimiterName::Space => Self::Space,
        }
    }
}

/// A cell such as `B2`.
#[derive(Clone, Copy)]
pub(super) struct CellName(pub Cell);

impl<'de> Deserialize<'de> for CellName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let found = Cell::parse(&text);
        found.map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "「{text}」はシートのセルではありません。B2 のように、列の文字と行の番号を書いてください。\n\"{text}\" is no cell of a sheet; write its letters and its row, such as B2."
            ))
        })
    }
}

impl JsonSchema for CellName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cell".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z]{1,3}[1-9][0-9]{0,6}$" })
    }
}

/// Reports what is wrong with a file's name.
pub(super) fn file_name(file: &At<String>, problems: &mut Vec<Problem>) -> Option<FileName> {
    let (ja, en) = match FileName::parse(file) {
        Ok(name) => return Some(name),
        Err(FileNameError::OpenParameter) => (
            "ファイル名の % が閉じていません。パラメータは %フィールドコード%、% そのものは %% と書きます。".to_owned(),
            "A % in the file's name has no partner; a parameter is %code%, the sign itself %%.".to_owned(),
        ),
        Err(FileNameError::OpenDate) => (
            "ファイル名の { } が対になっていません。日付は {yyyyMMdd} のように書きます。".to_owned(),
            "The braces in the file's name are no pair; a date is written like {yyyyMMdd}.".to_owned(),
        ),
        Err(FileNameError::Pattern(word)) => (
            format!("日付の形に「{}」は使えません。yyyy・MM・dd・HH・mm・ss で書いてください。", word.0),
            format!("{word}."),
        ),
        Err(FileNameError::Path(reason)) => {
            (format!("ファイル名が使えません: {}。", reason.ja()), format!("The file's name cannot be used: {reason}."))
        }
    };
    problems.push(Problem::new("file_name", ja, en).in_setting("file").at(file.position));
    None
}

/// Reports settings of the other format.
pub(super) fn wrong_format(found: Option<Position>, setting: &str, format: &str, problems: &mut Vec<Problem>) {
    if let Some(position) = found {
        problems.push(
            Problem::new(
                "setting_not_for_format",
                format!("「{setting}」は format: {format} のときだけ書けます。消すか、format を変えてください。"),
                format!("\"{setting}\" belongs to format: {format}; remove it or change the format."),
            )
            .in_setting(setting)
            .at(position),
        );
    }
}

/// The format of a column's values; reported where it does not suit their kind.
pub(super) fn column_format(kind: Kind, text: &At<String>, problems: &mut Vec<Problem>) -> Option<Format> {
    let mut report = |ja: String, en: String| {
        problems.push(Problem::new("column_format", ja, en).in_setting("columns").at(text.position));
        None
    };
    match kind {
        Kind::Number if text.value == "#,##0" => Some(Format::Grouped),
        Kind::Number => report(
            format!("数値の形は「#,##0」（桁区切り）だけです:「{}」", text.value),
            format!("The only format of numbers is \"#,##0\" (groups of digits), not \"{}\".", text.value),
        ),
        Kind::Date | Kind::Time | Kind::Datetime => match DatePattern::parse(text) {
            Err(word) => report(
                format!("日付の形に「{}」は使えません。yyyy・MM・dd・HH・mm・ss で書いてください。", word.0),
                format!("{word}."),
            ),
            Ok(pattern) => {
                let (date, time) = (pattern.has_date(), pattern.has_time());
                let whole = match kind {
                    Kind::Date => date,
                    Kind::Time => time,
                    _ => date && time,
                };
                if whole {
                    return Some(Format::Date(pattern));
                }
                report(
                    format!("「{pattern}」では{}の全部が表せません。", kind_words(kind).ja),
                    format!("\"{pattern}\" does not tell the whole of a value of kind {}.", kind_words(kind).en),
                )
            }
        },
        _ => report(
            format!("{}の列に format は書けません。", kind_words(kind).ja),
            format!("A column of kind {} takes no format.", kind_words(kind).en),
        ),
    }
}

/// True for kinds that a cell of a file can hold.
pub(super) fn fits_cell(kind: Kind) -> bool {
    !matches!(kind, Kind::Rows | Kind::Files)
}
