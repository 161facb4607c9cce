//! `input_file`: reads a CSV file or an Excel workbook.

mod examples;
mod words;

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use super::files::column::InColumn;
use super::files::{CellName, DelimiterName, EncodingName, FormatName, column_format, file_name, wrong_format};
use super::{Definition, Reference, Role};
use crate::check::StepCheck;
use crate::located::{At, Located};
use crate::plan::file::{Cell, Delimiter, Encoding, SHEET_COLUMNS};
use crate::plan::{Column, FileColumn, InLayout, NodeId, Op, ReadFile, Source};
use crate::problem::Problem;
use crate::settings::{not_empty, read_shape, schema_of};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    file: At<String>,
    format: At<FormatName>,
    #[serde(default)]
    csv: Option<At<Csv>>,
    #[serde(default)]
    excel: Option<At<Excel>>,
    columns: At<Vec<InColumn>>,
    #[serde(default)]
    missing: Missing,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Csv {
    #[serde(default)]
    encoding: Option<EncodingName>,
    #[serde(default)]
    delimiter: Option<DelimiterName>,
    #[serde(default)]
    header: Option<bool>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Excel {
    #[serde(default)]
    form: FormName,
    #[serde(default)]
    sheet: Option<String>,
    #[serde(default)]
    from: Option<At<CellName>>,
    #[serde(default)]
    to: Option<At<CellName>>,
    #[serde(default)]
    header: Option<At<bool>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum FormName {
    #[default]
    List,
    Single,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Missing {
    #[default]
    Ok,
    Error,
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    file_name(&settings.file, problems);
    let (csv, excel) = (settings.csv.as_ref().map(|c| c.position), settings.excel.as_ref().map(|e| e.position));
    match settings.format.value {
        FormatName::Csv => wrong_format(excel, "excel", "excel", problems),
        FormatName::Excel => wrong_format(csv, "csv", "csv", problems),
    }
    check_range(&settings, problems);
    not_empty(&settings.columns, "columns", &settings.columns, problems);
    for column in &settings.columns.value {
        source(&settings, column, problems);
        if let Some(format) = &column.more.format {
            column_format(kind(column), format, problems);
        }
    }
    Vec::new()
}

/// A range belongs to a list, and its corners to each other.
fn check_range(settings: &Settings, problems: &mut Vec<Problem>) {
    let Some(excel) = &settings.excel else { return };
    let corners = [("from", excel.from.as_ref().map(|c| c.position)), ("to", excel.to.as_ref().map(|c| c.position))];
    let header = ("header", excel.header.as_ref().map(|h| h.position));
    if excel.form == FormName::Single {
        for (name, position) in corners.into_iter().chain([header]) {
            if let Some(position) = position {
                problems.push(
                    Problem::new(
                        "setting_not_for_form",
                        format!("「{name}」は form: list のときだけ書けます。単票では列ごとに cell を書いてください。"),
                        format!("\"{name}\" belongs to form: list; in a single form every column has its \"cell\"."),
                    )
                    .in_setting("excel")
                    .at(position),
                );
            }
        }
    }
    if let (from, Some(to)) = (excel.from.as_ref().map_or(Cell { row: 0, column: 0 }, |c| c.value.0), &excel.to)
        && (to.value.0.row < from.row || to.value.0.column < from.column)
    {
        problems.push(
            Problem::new(
                "empty_range",
                format!("範囲の右下 {} が、左上 {from} より上か左にあります。", to.value.0),
                format!("The range's bottom right {} lies above or left of its top left {from}.", to.value.0),
            )
            .in_setting("excel")
            .at(to.position),
        );
    }
}

/// Whether the first row names the columns.
fn has_header(settings: &Settings) -> bool {
    match settings.format.value {
        FormatName::Csv => settings.csv.as_ref().and_then(|c| c.header).unwrap_or(true),
        FormatName::Excel => settings.excel.as_ref().and_then(|e| e.header.as_ref()).is_none_or(|h| h.value),
    }
}

fn kind(column: &InColumn) -> Kind {
    column.more.kind.as_ref().map_or(Kind::Text, |k| k.value.into())
}

/// Where a column's values stand. With a header they stand under its name, without one in a place, in a form in a cell.
fn source(settings: &Settings, column: &InColumn, problems: &mut Vec<Problem>) -> Option<Source> {
    let single = settings.format.value == FormatName::Excel
        && settings.excel.as_ref().is_some_and(|e| e.form == FormName::Single);
    let (place, cell) = (&column.more.column, &column.more.cell);
    let mut report = |code, ja: String, en: String| {
        problems.push(Problem::new(code, ja, en).in_setting("columns").at(column.name.position));
        None
    };
    let name = &column.name.value;
    match (place, cell) {
        (None, Some(cell)) if single => Some(Source::Cell(cell.value.0)),
        _ if single => report(
            "column_source",
            format!("単票の列「{name}」には、column ではなく cell（例: B2）を書いてください。"),
            format!("The column \"{name}\" of a single form needs \"cell\", such as B2, and no \"column\"."),
        ),
        (_, Some(_)) => report(
            "column_source",
            format!("列「{name}」の cell は、excel の form: single のときだけ書けます。"),
            format!("\"cell\" of the column \"{name}\" belongs to form: single of excel."),
        ),
        (Some(place), None) if place.value > width(settings) => report(
            "column_source",
            format!("列「{name}」の column は、範囲の右端より右です。範囲か column を直してください。"),
            format!("\"column\" of \"{name}\" lies right of the range; correct the range or the number."),
        ),
        (Some(place), None) if (1..=SHEET_COLUMNS).contains(&place.value) => {
            Some(Source::Position(usize::try_from(place.value - 1).unwrap_or(usize::MAX)))
        }
        (Some(_), None) => report(
            "column_source",
            format!("列「{name}」の column は、左端を 1 として {SHEET_COLUMNS} までの番号です。"),
            format!("\"column\" of \"{name}\" counts from 1 at the left, up to {SHEET_COLUMNS}."),
        ),
        (None, None) if has_header(settings) => Some(Source::Header(name.clone())),
        (None, None) => report(
            "column_source",
            format!("見出しがないので、列「{name}」の column（左から何番目か）を書いてください。"),
            format!("There is no header: write \"column\" of \"{name}\", its number from the left."),
        ),
    }
}

/// Columns of the range that is read.
fn width(settings: &Settings) -> u32 {
    let excel = settings.excel.as_ref().filter(|_| settings.format.value == FormatName::Excel);
    let corner = |cell: &Option<At<CellName>>| cell.as_ref().map(|c| c.value.0.column);
    let to = excel.and_then(|e| corner(&e.to));
    // A range that is none is reported by itself.
    to.map_or(u32::MAX, |to| (to + 1).saturating_sub(excel.and_then(|e| corner(&e.from)).unwrap_or(0)).max(1))
}

fn layout(settings: &Settings) -> InLayout {
    let header = has_header(settings);
    match settings.format.value {
        FormatName::Csv => {
            let none = Csv::default();
            let csv = settings.csv.as_ref().map_or(&none, |c| &c.value);
            InLayout::Csv {
                encoding: csv.encoding.map_or(Encoding::Utf8, Into::into),
                delimiter: csv.delimiter.map_or(Delimiter::Comma, Into::into),
                header,
            }
        }
        FormatName::Excel => {
            let none = Excel::default();
            let excel = settings.excel.as_ref().map_or(&none, |e| &e.value);
            let sheet = excel.sheet.clone();
            let cell = |c: &Option<At<CellName>>| c.as_ref().map(|c| c.value.0);
            match excel.form {
                FormName::Single => InLayout::Form { sheet },
                FormName::List => InLayout::List {
                    sheet,
                    from: cell(&excel.from).unwrap_or(Cell { row: 0, column: 0 }),
                    to: cell(&excel.to),
                    header,
                },
            }
        }
    }
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let before = check.problem_count();
    let mut problems = Vec::new();
    let file = file_name(&settings.file, &mut problems)?;
    let (mut columns, mut places) = (Vec::new(), Vec::new());
    for column in &settings.columns.value {
        let format = column.more.format.as_ref().and_then(|f| column_format(kind(column), f, &mut problems));
        let Some(source) = source(&settings, column, &mut problems) else { continue };
        columns.push(Column::new(column.more.rename.as_ref().unwrap_or(&column.name), kind(column)));
        places.push(FileColumn { source, format });
    }
    // The shape was checked before: what is left to find are names that meet.
    check.unique_names(&columns, "columns");
    if check.problem_count() > before || !problems.is_empty() {
        return None;
    }
    let must_exist = settings.missing == Missing::Error;
    let op = ReadFile { file, layout: layout(&settings), columns: places, must_exist };
    Some(check.node(Op::ReadFile(op), columns))
}

/// `input_file`
pub(super) static DEFINITION: Definition = Definition {
    name: "input_file",
    version: 1,
    title: words::TITLE,
    role: Role::Input,
    inputs: 0..=0,
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
