//! Edits that are not written as a formula: each is one all the same, so that it means what the function of that name means.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::Edit;
use crate::commands::constant::quoted;
use crate::kinds::{is_scalar, kind_words};
use crate::plan::Column;
use crate::problem::Problem;

/// Edits of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DateMethod {
    Year,
    Month,
    Day,
    Weekday,
    WeekdayName,
    Quarter,
    FiscalYear,
    FiscalQuarter,
    MonthStart,
    MonthEnd,
    YearStart,
    FiscalYearStart,
    AddDays,
    AddMonths,
    AddYears,
}

/// Edits of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TextMethod {
    Trim,
    RemoveSpaces,
    Clean,
    Upper,
    Lower,
    HalfWidth,
    FullWidth,
    Katakana,
    Hiragana,
    Replace,
    PadLeft,
    PadRight,
    TakeLeft,
    TakeRight,
}

/// The first month of a fiscal year that the settings do not name.
const APRIL: u64 = 4;

impl DateMethod {
    /// The settings that it takes besides `of`: those that it must have, and those that it may have.
    fn settings(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::AddDays | Self::AddMonths | Self::AddYears => (&["amount"], &[]),
            Self::FiscalYear | Self::FiscalQuarter | Self::FiscalYearStart => (&[], &["first_month"]),
            _ => (&[], &[]),
        }
    }

    fn formula(self, of: &str, edit: &Edit) -> String {
        let amount = edit.amount.as_ref().map_or(0, |a| a.value);
        let first = edit.first_month.as_ref().map_or(APRIL, |m| m.value);
        match self {
            Self::Year => format!("YEAR({of})"),
            Self::Month => format!("MONTH({of})"),
            Self::Day => format!("DAY({of})"),
            Self::Weekday => format!("WEEKDAY({of})"),
            Self::WeekdayName => format!("TEXT({of},\"aaa\")"),
            Self::Quarter => format!("FISCALQUARTER({of},1)"),
            Self::FiscalYear => format!("FISCALYEAR({of},{first})"),
            Self::FiscalQuarter => format!("FISCALQUARTER({of},{first})"),
            Self::MonthStart => format!("EOMONTH({of},-1)+1"),
            Self::MonthEnd => format!("EOMONTH({of},0)"),
            Self::YearStart => format!("FYSTART({of},1)"),
            Self::FiscalYearStart => format!("FYSTART({of},{first})"),
            Self::AddDays => format!("{of}+({amount})"),
            Self::AddMonths => format!("EDATE({of},{amount})"),
            Self::AddYears => format!("EDATE({of},{amount}*12)"),
        }
    }
}

impl TextMethod {
    fn settings(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Replace => (&["find", "with"], &[]),
            Self::PadLeft | Self::PadRight => (&["length", "with"], &[]),
            Self::TakeLeft | Self::TakeRight => (&["length"], &[]),
            _ => (&[], &[]),
        }
    }

    fn formula(self, of: &str, edit: &Edit) -> String {
        let length = edit.length.as_ref().map_or(0, |l| l.value);
        let text =
            |setting: &Option<crate::located::At<String>>| quoted(setting.as_ref().map_or("", |t| t.value.as_str()));
        let (find, with) = (text(&edit.find), text(&edit.with));
        let pad = format!("REPT({with},MAX(0,{length}-LEN({of})))");
        match self {
            Self::Trim => format!("TRIM({of})"),
            Self::RemoveSpaces => format!("SUBSTITUTE(SUBSTITUTE({of},\" \",\"\"),\"　\",\"\")"),
            Self::Clean => format!("CLEAN({of})"),
            Self::Upper => format!("UPPER({of})"),
            Self::Lower => format!("LOWER({of})"),
            Self::HalfWidth => format!("ASC({of})"),
            Self::FullWidth => format!("JIS({of})"),
            Self::Katakana => format!("KATAKANA({of})"),
            Self::Hiragana => format!("HIRAGANA({of})"),
            Self::Replace => format!("SUBSTITUTE({of},{find},{with})"),
            Self::PadLeft => format!("IF(LEN({of})=0,\"\",{pad}&{of})"),
            Self::PadRight => format!("IF(LEN({of})=0,\"\",{of}&{pad})"),
            Self::TakeLeft => format!("LEFT({of},{length})"),
            Self::TakeRight => format!("RIGHT({of},{length})"),
        }
    }
}

/// Reports settings of an edit that its method needs or does not know.
pub(super) fn shape(edit: &Edit, problems: &mut Vec<Problem>) {
    let given = [
        ("of", edit.of.as_ref().map(|v| v.position)),
        ("amount", edit.amount.as_ref().map(|v| v.position)),
        ("first_month", edit.first_month.as_ref().map(|v| v.position)),
        ("length", edit.length.as_ref().map(|v| v.position)),
        ("find", edit.find.as_ref().map(|v| v.position)),
        ("with", edit.with.as_ref().map(|v| v.position)),
        ("kind", edit.kind.as_ref().map(|v| v.position)),
    ];
    let (needed, allowed): (&[&str], &[&str]) = match (edit.date.as_ref(), edit.text.as_ref()) {
        (Some(method), _) => method.settings(),
        (_, Some(method)) => method.settings(),
        _ if edit.formula.is_some() => (&[], &["kind"]),
        _ => (&[], &[]),
    };
    let of = edit.date.is_some() || edit.text.is_some();
    for (name, place) in given {
        let wanted = needed.contains(&name);
        let known = wanted || allowed.contains(&name) || (name == "of" && of);
        let (code, ja, en) = match place {
            Some(_) if !known => (
                "not_of_method",
                format!("この編集では「{name}」は使いません。消してください。"),
                format!("This edit does not take \"{name}\"; remove it."),
            ),
            None if wanted => {
                ("missing_key", format!("この編集には「{name}」が要ります。"), format!("This edit needs \"{name}\"."))
            }
            _ => continue,
        };
        problems.push(Problem::new(code, ja, en).at(place.unwrap_or(edit.field.position)));
    }
    let pads = matches!(edit.text, Some(TextMethod::PadLeft | TextMethod::PadRight));
    if let Some(with) = edit.with.as_ref().filter(|with| pads && with.chars().count() != 1) {
        problems.push(
            Problem::new("one_character", "埋める文字は一文字です。", "Texts are padded with one character.")
                .at(with.position),
        );
    }
    if let Some(month) = edit.first_month.as_ref().filter(|m| !(1..=12).contains(&m.value)) {
        problems.push(
            Problem::new("wrong_month", "「first_month」は 1 から 12 です。", "\"first_month\" is from 1 to 12.")
                .at(month.position),
        );
    }
}

/// The formula of a date or text edit over its column; a problem where the column holds something else.
pub(super) fn formula(edit: &Edit, of: &Column) -> Result<String, Box<Problem>> {
    let name = format!("[{}]", of.name.replace(']', "]]"));
    let (fits, text, wanted) = match (&edit.date, &edit.text) {
        (Some(method), _) => {
            (matches!(of.kind, Kind::Date | Kind::Datetime), method.formula(&name, edit), kind_words(Kind::Date))
        }
        (_, Some(method)) => (is_scalar(of.kind), method.formula(&name, edit), kind_words(Kind::Text)),
        _ => return Ok(String::new()),
    };
    if fits {
        return Ok(text);
    }
    let is = kind_words(of.kind);
    Err(Box::new(Problem::new(
        "edit_of_kind",
        format!("列「{}」は{}で、{}の編集はできません。set_field_type で変換してください。", of.name, is.ja, wanted.ja),
        format!(
            "The column \"{}\" is of kind {} and takes no edit of kind {}; convert it with set_field_type.",
            of.name, is.en, wanted.en
        ),
    )))
}
