//! Columns of numbers in a file: which number of the domain, and the texts around it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::commands::output_app::digits;
use crate::located::At;
use crate::plan::FileNumbers;
use crate::problem::Problem;

/// A column of numbers, as written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberSettings {
    #[serde(rename = "as")]
    title: At<String>,
    name: At<String>,
    digits: At<usize>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    suffix: String,
}

impl NumberSettings {
    /// Reports what makes no sense.
    pub(super) fn shape(&self, problems: &mut Vec<Problem>) {
        let setting = format!("numbers: {}", self.title.value);
        digits(&self.digits, &setting, problems);
        if self.name.value.trim().is_empty() {
            problems.push(
                Problem::new(
                    "no_number_name",
                    "「name」に、ドメインに登録した番号の名前を書いてください（suiro number list で確かめられます）。",
                    "Write the name of a number that is registered for the domain as \"name\" (`suiro number list` shows them).",
                )
                .in_setting(setting)
                .at(self.name.position),
            );
        }
    }

    /// The column.
    pub(super) fn lower(&self) -> FileNumbers {
        FileNumbers {
            title: self.title.value.clone(),
            name: self.name.value.clone(),
            digits: self.digits.value,
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
        }
    }
}
