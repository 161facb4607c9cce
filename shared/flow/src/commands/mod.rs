//! The commands: one file each, all listed in [`definitions`]. Here is the shape that they share.
//!
//! A command's file ends in its `DEFINITION`: names, settings, what it says about blanks, duplicates, empty input, types
//! and order, how its settings become plan nodes, and examples that are tests, documentation and form alike.

mod add_constant;
mod aggregates;
mod append_records;
mod call_unit;
mod constant;
mod create_table;
mod data_check;
mod data_edit;
mod expand_table;
mod files;
mod fill_blanks;
mod filter;
mod for_each;
mod group_by;
mod input_app;
mod input_file;
mod input_series;
mod join;
mod lookup;
mod output_app;
mod output_file;
mod pivot;
mod remove_duplicates;
mod select_fields;
mod set_field_type;
mod sort;
mod split;
mod spread;
mod transpose_columns_to_rows;
mod transpose_rows_to_columns;
mod window;

pub(crate) use aggregates::function_name as aggregate_name;

use std::ops::RangeInclusive;

use crate::check::StepCheck;
use crate::document::Step;
use crate::located::Located;
use crate::plan::NodeId;
use crate::problem::{Problem, Words};

/// All commands, in the order in which they are shown.
static DEFINITIONS: &[&Definition] = &[
    &input_app::DEFINITION,
    &input_file::DEFINITION,
    &input_series::DEFINITION,
    &filter::DEFINITION,
    &split::DEFINITION,
    &join::DEFINITION,
    &append_records::DEFINITION,
    &group_by::DEFINITION,
    &sort::DEFINITION,
    &window::DEFINITION,
    &pivot::DEFINITION,
    &transpose_columns_to_rows::DEFINITION,
    &transpose_rows_to_columns::DEFINITION,
    &remove_duplicates::DEFINITION,
    &fill_blanks::DEFINITION,
    &lookup::DEFINITION,
    &data_edit::DEFINITION,
    &add_constant::DEFINITION,
    &set_field_type::DEFINITION,
    &for_each::DEFINITION,
    &expand_table::DEFINITION,
    &create_table::DEFINITION,
    &select_fields::DEFINITION,
    &data_check::DEFINITION,
    &output_app::DEFINITION,
    &output_file::DEFINITION,
    &call_unit::DEFINITION,
];

/// All commands, in the order in which they are shown.
pub fn definitions() -> &'static [&'static Definition] {
    DEFINITIONS
}

/// The command of this stored name, in this version.
pub fn definition(name: &str, version: u32) -> Option<&'static Definition> {
    DEFINITIONS.iter().copied().find(|d| d.name == name && d.version == version)
}

/// The versions in which a command of this stored name exists; none where there is no such command.
pub fn versions(name: &str) -> Vec<u32> {
    DEFINITIONS.iter().filter(|d| d.name == name).map(|d| d.version).collect()
}

/// The names of a step's branches, as far as they can be read; `None` for a command whose steps have one result.
pub(crate) fn branch_names(step: &Step) -> Option<Vec<String>> {
    (step.command.value == split::DEFINITION.name).then(|| split::branch_names(&step.settings))
}

/// How many inputs a command takes, in Japanese and English.
pub(crate) fn inputs_text(definition: &Definition) -> (String, String) {
    match (definition.inputs.start(), definition.inputs.end()) {
        (least, most) if least == most => (format!("{least} 個"), least.to_string()),
        (least, &usize::MAX) => (format!("{least} 個以上"), format!("{least} or more")),
        (least, most) => (format!("{least} 個から {most} 個"), format!("{least} to {most}")),
    }
}

/// One command.
pub struct Definition {
    /// The name in documents; never changes.
    pub name: &'static str,
    /// Version of the settings' shape and meaning. Where old documents would mean something else, a command gets a further
    /// definition with the next version, and the old one stays.
    pub version: u32,
    /// Title.
    pub title: Words,
    /// Where in a flow it stands.
    pub role: Role,
    /// How many steps it takes rows from, at least and at most.
    pub inputs: RangeInclusive<usize>,
    /// Its settings.
    pub settings: &'static [Setting],
    /// Reads the settings without any app's fields: reports what is wrong in their shape, and tells which apps they name.
    pub shape: fn(&Located, &mut Vec<Problem>) -> Vec<u64>,
    /// Checks the settings against the inputs' columns and the apps' fields, and adds the plan nodes. `None`: problems were reported.
    pub lower: fn(&mut StepCheck<'_>) -> Option<NodeId>,
    /// What is known about it beyond that; nothing without the feature `reference`.
    pub reference: Option<Reference>,
}

/// What documentation, editors and tests need of a command, and a worker does not.
#[derive(Clone, Copy)]
pub struct Reference {
    /// One or two sentences.
    pub summary: Words,
    /// What it does in the cases that people ask about.
    pub behaviour: Behaviour,
    /// JSON Schema of the settings.
    pub schema: fn() -> schemars::Schema,
    /// Examples, run by the tests.
    pub examples: &'static [Example],
}

impl Reference {
    /// Itself with the feature `reference`; else nothing, and none of it is in the binary.
    const fn kept(self) -> Option<Self> {
        if cfg!(feature = "reference") { Some(self) } else { None }
    }
}

#[cfg(feature = "reference")]
impl Definition {
    /// What documentation, editors and tests need of it.
    pub fn reference(&self) -> &Reference {
        self.reference.as_ref().unwrap_or_else(|| unreachable!("the feature `reference` keeps it"))
    }
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Definition").field(&self.name).finish()
    }
}

/// Where in a flow a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Starts a flow.
    Input,
    /// Between inputs and outputs.
    Middle,
    /// Ends a flow.
    Output,
}

/// One setting of a command, for the documentation and for the console's form.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Key in the document.
    pub name: &'static str,
    /// What is written there.
    pub form: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it does.
    pub text: Words,
}

/// Stated behaviour.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// Of blanks.
    pub blanks: Words,
    /// Of equal keys or rows.
    pub duplicates: Words,
    /// Of an input without rows.
    pub empty_input: Words,
    /// Of kinds of values, and their conversion.
    pub types: Words,
    /// Of the order of rows.
    pub order: Words,
}

/// An example: rows in, settings, rows out. Tables are written as [`crate::examples`] reads them.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it shows.
    pub title: Words,
    /// Name and rows of each input, in the order that the command defines. For an input command: the app's records.
    pub inputs: &'static [(&'static str, &'static str)],
    /// The step in YAML, without `name` and `from`.
    pub step: &'static str,
    /// The rows that the step yields; for an output command, the app's records afterwards. Empty where `kintone` is a query.
    pub output: &'static str,
    /// What only kintone decides, so that the engine alone cannot run the example.
    pub kintone: Option<Kintone>,
}

/// The part of an example that kintone decides.
#[derive(Clone, Copy, Debug)]
pub enum Kintone {
    /// The query that the step sends.
    Query(&'static str),
    /// The records of the written app before.
    Before(&'static str),
    /// Not kintone but a file decides: its text, as it is read or as it is written.
    File(&'static str),
    /// Not kintone but another unit takes the rows: whether it is called. The output is what it is called with.
    Call(bool),
}
