//! `output_file`: writes rows to a CSV file or an Excel workbook.

mod examples;
mod numbers;
mod words;

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::files::column::OutField;
use super::files::{DelimiterName, EncodingName, FormatName, column_format, file_name, fits_cell, wrong_format};
use super::{Definition, Reference, Role};
use crate::check::StepCheck;
use crate::kinds::kind_words;
use crate::located::{At, Located};
use crate::plan::file::{Delimiter, Encoding};
use crate::plan::{Column, FileMode, FileNumbers, NodeId, Op, OutColumn, OutLayout, WriteFile};
use crate::problem::Problem;
use crate::settings::{not_empty, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    file: At<String>,
    format: At<FormatName>,
    #[serde(default)]
    mode: Option<At<ModeName>>,
    #[serde(default)]
    csv: Option<At<Csv>>,
    #[serde(default)]
    excel: Option<At<Excel>>,
    #[serde(default)]
    columns: Option<At<Vec<OutField>>>,
    #[serde(default)]
    numbers: Vec<numbers::NumberSettings>,
    #[serde(default)]
    people: PeopleName,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ModeName {
    Overwrite,
    Append,
    NewName,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Csv {
    #[serde(default)]
    encoding: Option<EncodingName>,
    #[serde(default)]
    bom: Option<At<bool>>,
    #[serde(default)]
    delimiter: Option<DelimiterName>,
    #[serde(default)]
    newline: Newline,
    #[serde(default)]
    header: Option<bool>,
    #[serde(default)]
    unmappable: Unmappable,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Newline {
    #[default]
    Crlf,
    Lf,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unmappable {
    #[default]
    Error,
    Replace,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Excel {
    #[serde(default)]
    sheet: Option<At<String>>,
    #[serde(default)]
    header: Option<bool>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum PeopleName {
    #[default]
    Code,
    Name,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    file_name(&settings.file, problems);
    let (csv, excel) = (settings.csv.as_ref().map(|c| c.position), settings.excel.as_ref().map(|e| e.position));
    match settings.format.value {
        FormatName::Csv => wrong_format(excel, "excel", "excel", problems),
        FormatName::Excel => wrong_format(csv, "csv", "csv", problems),
    }
    if let Some(bom) = settings.csv.as_ref().and_then(|c| c.bom.as_ref()).filter(|b| b.value)
        && !encoding(&settings).is_unicode()
    {
        problems.push(
            Problem::new(
                "bom_needs_unicode",
                "bom は utf-8 と utf-16 のときだけ書けます。",
                "\"bom\" belongs to utf-8 and utf-16.",
            )
            .in_setting("csv")
            .at(bom.position),
        );
    }
    if let Some(sheet) = settings.excel.as_ref().and_then(|e| e.sheet.as_ref()).filter(|s| !is_sheet_name(s)) {
        problems.push(
            Problem::new(
                "sheet_name",
                format!("「{}」はシート名に使えません。31文字まで、[ ] : * ? / \\ を含まず、' で始まらず終わらない名前にしてください。", sheet.value),
                format!("\"{}\" cannot be a sheet's name: at most 31 characters, none of [ ] : * ? / \\, no ' at either end.", sheet.value),
            )
            .in_setting("excel")
            .at(sheet.position),
        );
    }
    if let (FormatName::Excel, Some(mode)) = (settings.format.value, &settings.mode)
        && mode.value == ModeName::Append
    {
        problems.push(
            Problem::new(
                "append_needs_csv",
                "append は format: csv のときだけ書けます。Excel では overwrite か new_name にしてください。",
                "\"append\" belongs to format: csv; with excel write overwrite or new_name.",
            )
            .in_setting("mode")
            .at(mode.position),
        );
    }
    if let Some(columns) = &settings.columns {
        not_empty(columns, "columns", columns, problems);
    }
    settings.numbers.iter().for_each(|number| number.shape(problems));
    Vec::new()
}

/// What Excel takes as a name.
fn is_sheet_name(name: &str) -> bool {
    let length = name.encode_utf16().count();
    (1..=31).contains(&length)
        && !name.contains(['[', ']', ':', '*', '?', '/', '\\'])
        && !name.chars().any(char::is_control)
        && !name.starts_with('\'')
        && !name.ends_with('\'')
        && !name.eq_ignore_ascii_case("history") // kept by Excel for itself
}

fn encoding(settings: &Settings) -> Encoding {
    settings.csv.as_ref().and_then(|c| c.encoding).map_or(Encoding::Utf8, Into::into)
}

fn layout(settings: &Settings) -> OutLayout {
    match settings.format.value {
        FormatName::Csv => {
            let none = Csv::default();
            let csv = settings.csv.as_ref().map_or(&none, |c| &c.value);
            let encoding = encoding(settings);
            // Without a mark nobody recognizes UTF-16; with one, some readers take it for a part of the first name in UTF-8.
            let bom = matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be);
            OutLayout::Csv {
                encoding,
                bom: csv.bom.as_ref().map_or(bom, |b| b.value),
                delimiter: csv.delimiter.map_or(Delimiter::Comma, Into::into),
                crlf: csv.newline == Newline::Crlf,
                header: csv.header.unwrap_or(true),
                replace: csv.unmappable == Unmappable::Replace,
            }
        }
        FormatName::Excel => {
            let none = Excel::default();
            let excel = settings.excel.as_ref().map_or(&none, |e| &e.value);
            let sheet = excel.sheet.as_ref().map_or("Sheet1", |s| s.value.as_str()).to_owned();
            OutLayout::Excel { sheet, header: excel.header.unwrap_or(true) }
        }
    }
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let before = check.problem_count();
    let file = file_name(&settings.file, &mut Vec::new())?;
    let input = check.columns(0);
    let columns: Vec<OutColumn> = match &settings.columns {
        Some(fields) => fields.value.iter().filter_map(|f| written(check, &input, f)).collect(),
        None => all_that_fit(check, &input),
    };
    if columns.is_empty() && check.problem_count() == before {
        let position = check.step.name.position;
        check.problem(
            Problem::new(
                "no_columns",
                "ファイルに書ける列がありません。",
                "There is no column that can stand in a file.",
            )
            .at(position),
        );
    }
    if check.problem_count() > before {
        return None;
    }
    let numbers: Vec<FileNumbers> = settings.numbers.iter().map(numbers::NumberSettings::lower).collect();
    if !numbers.is_empty() {
        // A number under a name that is there already would not be found by who reads the file.
        let titles = columns.iter().map(|c| &c.title).chain(numbers.iter().map(|n| &n.title));
        let titles: Vec<Column> = titles.map(|title| Column::new(title, Kind::Text)).collect();
        if !check.unique_names(&titles, "numbers") {
            return None;
        }
    }
    let mode = match settings.mode.as_ref().map(|m| m.value) {
        None | Some(ModeName::Overwrite) => FileMode::Overwrite,
        Some(ModeName::Append) => FileMode::Append,
        Some(ModeName::NewName) => FileMode::NewName,
    };
    let by_name = settings.people == PeopleName::Name;
    let op = WriteFile { file, layout: layout(&settings), mode, columns, numbers, by_name };
    Some(check.node(Op::WriteFile(op), input))
}

/// A column that the settings name.
fn written(check: &mut StepCheck<'_>, input: &[Column], field: &OutField) -> Option<OutColumn> {
    let index = check.column(input, &field.field, "columns", field.field.position)?;
    let kind = input[index].kind;
    if !fits_cell(kind) {
        check.problem(
            Problem::new(
                "no_cell",
                format!(
                    "「{}」は{}なので、ファイルの列になりません。先に expand_table などで行に開いてください。",
                    field.field.value,
                    kind_words(kind).ja
                ),
                format!(
                    "\"{}\" is of kind {} and cannot be a column of a file; open it with expand_table, say.",
                    field.field.value,
                    kind_words(kind).en
                ),
            )
            .in_setting("columns")
            .at(field.field.position),
        );
        return None;
    }
    let mut problems = Vec::new();
    let format = field.format.as_ref().and_then(|f| column_format(kind, f, &mut problems));
    let sound = problems.is_empty();
    problems.into_iter().for_each(|p| check.problem(p));
    let title = field.rename.clone().unwrap_or_else(|| input[index].name.clone());
    sound.then_some(OutColumn { column: index, title, format })
}

/// All columns of the input but tables and files, which are noted.
fn all_that_fit(check: &mut StepCheck<'_>, input: &[Column]) -> Vec<OutColumn> {
    let left_out: Vec<&str> = input.iter().filter(|c| !fits_cell(c.kind)).map(|c| c.name.as_str()).collect();
    if !left_out.is_empty() {
        let names = left_out.join(", ");
        check.note(Problem::new(
            "columns_left_out",
            format!("テーブルと添付ファイルはファイルに入りません: {names}"),
            format!("Tables and attached files do not go into the file: {names}"),
        ));
    }
    let kept = input.iter().enumerate().filter(|(_, c)| fits_cell(c.kind));
    kept.map(|(column, c)| OutColumn { column, title: c.name.clone(), format: None }).collect()
}

/// `output_file`
pub(super) static DEFINITION: Definition = Definition {
    name: "output_file",
    version: 1,
    title: words::TITLE,
    role: Role::Output,
    inputs: 1..=1,
    settings: words::SETTINGS,
    shape,
    lower,
    reference: Reference {
        summary: words::SUMMARY,
        behaviour: words::BEHAVIOUR,
        schema: schema_of::<Settings>,
        examples: examples::EXAMPLES,
    }
    .kept(),
};
