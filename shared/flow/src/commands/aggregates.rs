//! Aggregates as settings write them: shared by the commands that make one row of many.

use schemars::JsonSchema;
use serde::Deserialize;

use model::field::Kind;

use crate::check::StepCheck;
use crate::kinds::{is_ordered, is_scalar, kind_words};
use crate::located::At;
use crate::plan::{Aggregate, AggregateFunction as F, Column, Joined};
use crate::problem::{Position, Problem};
use crate::sort_by::{SortBy, sort_keys};

/// Between joined values, where nothing else is written.
const SEPARATOR: &str = ", ";

/// One aggregate: `{ function: sum, field: 金額, as: 合計 }`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AggregateSetting {
    pub function: At<FunctionName>,
    #[serde(default)]
    pub field: Option<At<String>>,
    #[serde(default, rename = "as")]
    pub name: Option<At<String>>,
    #[serde(default)]
    separator: Option<At<String>>,
    #[serde(default)]
    order: Vec<SortBy>,
    #[serde(default)]
    distinct: Option<At<bool>>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum FunctionName {
    Sum,
    Average,
    Median,
    Min,
    Max,
    Count,
    CountAll,
    CountDistinct,
    First,
    Last,
    VarianceSample,
    VariancePopulation,
    StdevSample,
    StdevPopulation,
    Join,
}

/// The name of an aggregate function in documents and plans.
pub(crate) fn function_name(function: &F) -> &'static str {
    match function {
        F::Sum => "sum",
        F::Average => "average",
        F::Median => "median",
        F::Min => "min",
        F::Max => "max",
        F::Count => "count",
        F::CountAll => "count_all",
        F::CountDistinct => "count_distinct",
        F::First => "first",
        F::Last => "last",
        F::VarianceSample => "variance_sample",
        F::VariancePopulation => "variance_population",
        F::StdevSample => "stdev_sample",
        F::StdevPopulation => "stdev_population",
        F::Join(_) => "join",
    }
}

impl AggregateSetting {
    /// Reports what is wrong with the aggregate whatever the columns are.
    pub(super) fn shape(&self, setting: &str, problems: &mut Vec<Problem>) {
        let mut report = |code, at: Position, ja: &str, en: &str| {
            problems.push(Problem::new(code, ja, en).in_setting(setting).at(at));
        };
        let at = self.function.position;
        if self.field.is_none() && self.function.value != FunctionName::CountAll {
            report(
                "missing_key",
                at,
                "集計する列（field）がありません。",
                "The column to aggregate (\"field\") is missing.",
            );
        }
        if self.function.value == FunctionName::Join {
            return;
        }
        let joined = [self.separator.as_ref().map(|s| s.position), self.distinct.as_ref().map(|d| d.position)];
        let order = (!self.order.is_empty()).then_some(at);
        for at in joined.into_iter().chain([order]).flatten() {
            report(
                "needless_key",
                at,
                "separator・order・distinct は join のときだけです。消してください。",
                "\"separator\", \"order\" and \"distinct\" belong to join; remove them.",
            );
        }
    }

    fn function(&self, check: &mut StepCheck<'_>, input: &[Column], setting: &str) -> Option<F> {
        Some(match self.function.value {
            FunctionName::Sum => F::Sum,
            FunctionName::Average => F::Average,
            FunctionName::Median => F::Median,
            FunctionName::Min => F::Min,
            FunctionName::Max => F::Max,
            FunctionName::Count => F::Count,
            FunctionName::CountAll => F::CountAll,
            FunctionName::CountDistinct => F::CountDistinct,
            FunctionName::First => F::First,
            FunctionName::Last => F::Last,
            FunctionName::VarianceSample => F::VarianceSample,
            FunctionName::VariancePopulation => F::VariancePopulation,
            FunctionName::StdevSample => F::StdevSample,
            FunctionName::StdevPopulation => F::StdevPopulation,
            FunctionName::Join => F::Join(Box::new(Joined {
                separator: self.separator.as_ref().map_or(SEPARATOR, |s| s.value.as_str()).to_owned(),
                order: sort_keys(check, input, &self.order, setting)?,
                distinct: self.distinct.as_ref().is_some_and(|d| d.value),
            })),
        })
    }

    /// The aggregate over these columns, and the column of its results. `None`: reported.
    pub(super) fn lower(
        &self,
        check: &mut StepCheck<'_>,
        input: &[Column],
        setting: &str,
    ) -> Option<(Aggregate, Column)> {
        let column = match &self.field {
            Some(field) => check.column(input, field, setting, field.position)?,
            None => 0, // counting rows looks at no column, so any will do
        };
        let function = self.function(check, input, setting)?;
        let given = input.get(column)?.kind;
        let Some(kind) = result(&function, given) else {
            let (kind, name) = (kind_words(given), function_name(&function));
            check.problem(
                Problem::new(
                    "aggregate_kind",
                    format!("「{}」は{}なので {name} はできません。", input[column].name, kind.ja),
                    format!("\"{}\" is of kind {}; {name} cannot take it.", input[column].name, kind.en),
                )
                .in_setting(setting)
                .at(self.function.position),
            );
            return None;
        };
        let name = self.name.as_ref().map_or_else(|| input[column].name.clone(), |n| n.value.clone());
        Some((Aggregate { function, column }, Column::new(name, kind)))
    }
}

/// The kind of an aggregate's results; `None` where it cannot take such values.
pub(super) fn result(function: &F, given: Kind) -> Option<Kind> {
    match function {
        F::Sum | F::Average | F::Median => (given == Kind::Number).then_some(Kind::Number),
        F::VarianceSample | F::VariancePopulation | F::StdevSample | F::StdevPopulation => {
            (given == Kind::Number).then_some(Kind::Number)
        }
        F::Min | F::Max => (is_ordered(given) || given == Kind::Text).then_some(given),
        F::CountDistinct => is_scalar(given).then_some(Kind::Number),
        F::First | F::Last => is_scalar(given).then_some(given),
        F::Count | F::CountAll => Some(Kind::Number),
        F::Join(_) => (!matches!(given, Kind::Files | Kind::Rows)).then_some(Kind::Text),
    }
}
