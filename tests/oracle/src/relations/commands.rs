//! The commands that are compared: each makes settings and tables for its cases. One file per command.

mod append_records;
mod fill_blanks;
mod filter;
mod group_by;
mod join;
mod lookup;
mod pivot;
mod remove_duplicates;
mod select_fields;
mod sort;
mod tables;
mod transpose;
mod window;

use flow::plan::Column;
use model::field::Kind;
use serde_json::{Value as Json, json};

use super::case::Case;
use super::tables::{Generator, Rows};

/// What a command makes of a generator.
pub struct Made {
    /// The tables.
    tables: Vec<Rows>,
    /// How many of them are inputs of the step.
    inputs: usize,
    /// The step's settings.
    settings: Json,
    /// The columns of the result, where a file cannot take them.
    target: Option<Vec<Column>>,
}

impl Made {
    /// All tables are inputs, and a file takes the result.
    fn new(tables: Vec<Rows>, settings: Json) -> Self {
        let inputs = tables.len();
        Self { tables, inputs, settings, target: None }
    }
}

/// A command and its cases.
pub struct Command {
    /// Its name in documents.
    pub name: &'static str,
    make: fn(&mut Generator) -> Made,
}

impl Command {
    /// A case of a seed.
    pub fn case(&self, id: usize, seed: u64) -> Case {
        let Made { tables, inputs, settings, target } = (self.make)(&mut Generator::new(seed));
        Case { id, command: self.name, tables, inputs, settings, target }
    }
}

/// All of them.
pub const COMMANDS: &[Command] = &[
    Command { name: "filter", make: filter::make },
    Command { name: "join", make: join::make },
    Command { name: "append_records", make: append_records::make },
    Command { name: "group_by", make: group_by::make },
    Command { name: "remove_duplicates", make: remove_duplicates::make },
    Command { name: "select_fields", make: select_fields::make },
    Command { name: "sort", make: sort::make },
    Command { name: "window", make: window::make },
    Command { name: "pivot", make: pivot::make },
    Command { name: "transpose_columns_to_rows", make: transpose::to_rows },
    Command { name: "transpose_rows_to_columns", make: transpose::to_columns },
    Command { name: "fill_blanks", make: fill_blanks::make },
    Command { name: "expand_table", make: tables::expand },
    Command { name: "create_table", make: tables::create },
    Command { name: "lookup", make: lookup::make },
];

/// Columns of every simple kind, two of each.
const ALL_KINDS: &str =
    "商品: text, 取引先 名: text, 数量: number, 金額(税込): number, 受注日: date, 納期: date, 登録: datetime";

/// The names of the table's columns of these kinds.
fn of_kind(table: &Rows, kinds: &[Kind]) -> Vec<String> {
    table.columns.iter().filter(|c| kinds.contains(&c.kind)).map(|c| c.name.clone()).collect()
}

/// The names of all columns.
fn names(table: &Rows) -> Vec<String> {
    table.columns.iter().map(|c| c.name.clone()).collect()
}

/// Up to three columns to sort by, as settings write them.
fn order(make: &mut Generator, names: &[String]) -> Vec<Json> {
    let mut chosen = make.some(names, 1);
    chosen.truncate(3);
    chosen
        .into_iter()
        .map(|name| match make.below(0, 4) {
            0 => json!(name),
            1 => json!({ "field": name, "order": "desc" }),
            2 => json!({ "field": name, "blanks": make.one(&["first", "last"]) }),
            _ => json!({ "field": name, "order": make.one(&["asc", "desc"]), "blanks": make.one(&["first", "last"]) }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::report::cases;

    #[test]
    fn every_case_is_a_sound_flow_and_most_have_rows() {
        for command in COMMANDS {
            let outcomes: Vec<_> = cases(command, 1, 30).iter().map(|case| case.run().unwrap()).collect();
            let rows = outcomes.iter().filter(|o| o.as_ref().is_ok_and(|(_, rows)| !rows.is_empty())).count();
            assert!(rows >= 15, "{}: {rows} of 30 cases have rows", command.name);
        }
    }
}
