//! `input_series`: rows made of a range, of dates or of numbers.

mod examples;

use schemars::JsonSchema;
use serde::Deserialize;

use model::decimal::Decimal;
use model::field::Kind;
use model::value::Value;

use super::{Behaviour, Definition, Reference, Role, Setting};
use crate::check::{StepCheck, formula_shape};
use crate::formula::Expr;
use crate::kinds::kind_words;
use crate::literal;
use crate::located::{At, Located, OneOrMany};
use crate::plan::{Column, NodeId, Op, Series, SeriesStep};
use crate::problem::{Position, Problem, words};
use crate::settings::{read_shape, schema_of};

/// Most rows of a series: 273 years of days; what is meant to be more is mostly a mistake in the range.
const MOST: u32 = 100_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(rename = "as")]
    name: At<String>,
    first: At<OneOrMany>,
    last: At<OneOrMany>,
    by: At<By>,
    #[serde(default)]
    every: Option<At<u32>>,
    #[serde(default)]
    step: Option<At<OneOrMany>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    Day,
    BusinessDay,
    Week,
    Month,
    Quarter,
    Year,
    Number,
}

/// The formula of a bound: a date or a number as it is written, or a formula over no columns.
fn formula(written: &At<OneOrMany>, kind: Kind) -> Option<At<String>> {
    let [text] = &written.value.0[..] else { return None };
    let text = match literal::parse(kind, text) {
        Some(Value::Date(day)) => format!("DATE(1970,1,1)+{day}"),
        _ => text.value.clone(),
    };
    Some(At { value: text, position: written.position })
}

impl Settings {
    fn kind(&self) -> Kind {
        if self.by.value == By::Number { Kind::Number } else { Kind::Date }
    }
}

fn shape(settings: &Located, problems: &mut Vec<Problem>) -> Vec<u64> {
    let Some(settings) = read_shape::<Settings>(settings, problems) else { return Vec::new() };
    let bounds = [("first", Some(&settings.first)), ("last", Some(&settings.last)), ("step", settings.step.as_ref())];
    for (setting, written) in bounds.into_iter().filter_map(|(setting, written)| Some((setting, written?))) {
        match formula(written, settings.kind()) {
            // As a formula it would be 2024 - 1 - 1.
            Some(text) if settings.kind() == Kind::Number && literal::parse(Kind::Date, &text).is_some() => {
                problems.push(
                    Problem::new(
                        "series_kind",
                        format!("「{setting}」は日付ですが、by: number の範囲には数値を書きます。"),
                        format!("\"{setting}\" is a date; a range by: number has numbers."),
                    )
                    .in_setting(setting)
                    .at(written.position),
                );
            }
            Some(text) if setting == "step" && text.parse::<Decimal>().is_ok_and(|step| step.is_zero()) => {
                problems.push(
                    Problem::new("zero", "「step」に 0 は書けません。", "\"step\" cannot be 0.")
                        .in_setting(setting)
                        .at(written.position),
                );
            }
            Some(text) => formula_shape(&text, setting, problems),
            None => problems.push(
                Problem::new(
                    "one_value",
                    format!("「{setting}」は一つだけです。"),
                    format!("\"{setting}\" is one value."),
                )
                .in_setting(setting)
                .at(written.position),
            ),
        }
    }
    let mut report = |code, setting: &str, at: Position, ja: &str, en: &str| {
        problems.push(Problem::new(code, ja, en).in_setting(setting).at(at));
    };
    if let Some(every) = &settings.every {
        if matches!(settings.by.value, By::Number | By::BusinessDay) {
            let (ja, en) = (
                "「every」は日・週・月・四半期・年のときだけです。",
                "\"every\" belongs to days, weeks, months, quarters and years.",
            );
            report("needless_key", "every", every.position, ja, en);
        } else if every.value == 0 {
            report(
                "zero",
                "every",
                every.position,
                "「every」は 1 以上の整数です。",
                "\"every\" is a whole number of 1 or more.",
            );
        }
    }
    if let (Some(step), false) = (&settings.step, settings.by.value == By::Number) {
        report(
            "needless_key",
            "step",
            step.position,
            "「step」は by: number のときだけです。",
            "\"step\" belongs to by: number.",
        );
    }
    Vec::new()
}

fn lower(check: &mut StepCheck<'_>) -> Option<NodeId> {
    let settings: Settings = check.settings()?;
    let kind = settings.kind();
    let first = bound(check, &settings.first, kind, "first");
    let last = bound(check, &settings.last, kind, "last");
    let every = settings.every.as_ref().map_or(1, |every| every.value);
    let step = match settings.by.value {
        By::Day => SeriesStep::Days(every),
        By::Week => SeriesStep::Days(every.saturating_mul(7)),
        By::Month => SeriesStep::Months(every),
        By::Quarter => SeriesStep::Months(every.saturating_mul(3)),
        By::Year => SeriesStep::Months(every.saturating_mul(12)),
        By::BusinessDay => SeriesStep::BusinessDays,
        By::Number => {
            let one = At {
                value: OneOrMany(vec![At { value: "1".into(), position: settings.by.position }]),
                position: settings.by.position,
            };
            SeriesStep::Numbers(bound(check, settings.step.as_ref().unwrap_or(&one), kind, "step")?)
        }
    };
    let columns = vec![Column::new(&settings.name.value, kind)];
    Some(check.node(Op::Series(Series { from: first?, to: last?, step, limit: MOST }), columns))
}

/// A bound as a formula of the kind; `None`: reported.
fn bound(check: &mut StepCheck<'_>, written: &At<OneOrMany>, kind: Kind, setting: &str) -> Option<Expr> {
    let text = formula(written, kind)?;
    let expr = check.formula(&text, &[], setting)?;
    match expr.kind() {
        Some(found) if found != kind => {
            let (found, kind) = (kind_words(found), kind_words(kind));
            check.problem(
                Problem::new(
                    "series_kind",
                    format!(
                        "「{setting}」は{}ですが、{}が要ります。日付は 2026-04-01 の形で書きます。",
                        found.ja, kind.ja
                    ),
                    format!(
                        "\"{setting}\" is of kind {}; kind {} is needed. A date is written like 2026-04-01.",
                        found.en, kind.en
                    ),
                )
                .in_setting(setting)
                .at(written.position),
            );
            None
        }
        _ => Some(expr),
    }
}

/// `input_series`
pub(super) static DEFINITION: Definition = Definition {
    name: "input_series",
    version: 1,
    title: words("連続データ入力", "Series Input"),
    role: Role::Input,
    inputs: 0..=0,
    settings: &[
        Setting { name: "as", form: "name", required: true, text: words("列の名前。", "Name of the column.") },
        Setting {
            name: "first",
            form: "date | number | formula",
            required: true,
            text: words(
                "最初の値。2026-04-01 のような日付、数、または TODAY() や %パラメータ% を使った式。",
                "The first value: a date like 2026-04-01, a number, or a formula, with TODAY() or %parameters%.",
            ),
        },
        Setting {
            name: "last",
            form: "date | number | formula",
            required: true,
            text: words("最後の値。これを超えない値まで作ります。", "The last value: none is made beyond it."),
        },
        Setting {
            name: "by",
            form: "day | business_day | week | month | quarter | year | number",
            required: true,
            text: words(
                "間隔。business_day は土日とフローの祝日を除いた毎日。month・quarter・year は first の日と同じ日で、その日がない月は月末。",
                "The distance. business_day is every day but Saturdays, Sundays and the flow's holidays. month, quarter and year stay on the day of `first`, or the last day of a month that has no such day.",
            ),
        },
        Setting {
            name: "every",
            form: "number",
            required: false,
            text: words("いくつおきか。省くと 1（毎日、毎月など）。", "Only every so many; 1 without it."),
        },
        Setting {
            name: "step",
            form: "number | formula",
            required: false,
            text: words(
                "数の間隔（by: number）。省くと 1。負なら減っていきます。",
                "The distance of numbers (by: number); 1 without it, downwards below zero.",
            ),
        },
    ],
    shape,
    lower,
    reference: Reference {
    summary: words(
        "日付や数の連続した行を作ります。カレンダー、抜けた日の補完、月ごとの枠などに使います。",
        "Makes rows of consecutive dates or numbers: a calendar, days that are missing in the data, a frame of months.",
    ),
    behaviour: Behaviour {
        blanks: words(
            "空の値は作りません。式の結果が空ならエラーです。",
            "No blank is made. A formula that yields blank is an error.",
        ),
        duplicates: words("同じ値は作りません。", "No value comes twice."),
        empty_input: words("first が last を過ぎていれば 0 行です。", "No row where `first` is beyond `last`."),
        types: words(
            "日付の式が日付でない値、数の式が数でない値になればエラーです。100,000 行を超える範囲と、0 の step もエラーです。",
            "A formula that yields no date, or no number for by: number, is an error; so are a range of more than 100,000 rows and a step of 0.",
        ),
        order: words("first から last へ。", "From `first` to `last`."),
    },
    schema: schema_of::<Settings>,
    examples: examples::EXAMPLES,
    }
    .kept(),
};
