//! Auto-numbering: which fields of added records get numbers, what they count, and the texts around them.

use model::field::{AppSchema, Field, FieldType, Kind};
use model::numbering::Cycle;
use schemars::JsonSchema;
use serde::Deserialize;

use super::target::{Mapping, unwritable};
use crate::check::{StepCheck, formula_shape};
use crate::kinds::is_scalar;
use crate::located::{At, OneOrMany};
use crate::plan::{Affix, Assign, Column, NumberUnit, Numbers, OnError};
use crate::problem::{Problem, proposal};

/// Most digits: a counter has 20 at most; the rest are zeros in front.
const MOST_DIGITS: usize = 30;

/// One numbered field, as written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberSettings {
    field: At<String>,
    #[serde(default)]
    unit: UnitName,
    #[serde(default)]
    name: Option<At<String>>,
    #[serde(default)]
    group: Option<OneOrMany>,
    #[serde(default)]
    cycle: Option<At<CycleName>>,
    #[serde(default)]
    first_month: Option<At<u8>>,
    digits: At<usize>,
    #[serde(default)]
    prefix: Option<String>,
    #[serde(default)]
    prefix_formula: Option<At<String>>,
    #[serde(default)]
    suffix: Option<String>,
    #[serde(default)]
    suffix_formula: Option<At<String>>,
}

/// The texts around a number, as written.
pub(super) struct AffixSettings {
    pub prefix: Option<String>,
    pub prefix_formula: Option<At<String>>,
    pub suffix: Option<String>,
    pub suffix_formula: Option<At<String>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum UnitName {
    #[default]
    App,
    Domain,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CycleName {
    None,
    Daily,
    Monthly,
    Yearly,
    FiscalYear,
}

impl NumberSettings {
    fn affixes(&self) -> AffixSettings {
        AffixSettings {
            prefix: self.prefix.clone(),
            prefix_formula: self.prefix_formula.clone(),
            suffix: self.suffix.clone(),
            suffix_formula: self.suffix_formula.clone(),
        }
    }

    /// The numbered field.
    pub(super) fn field(&self) -> &At<String> {
        &self.field
    }

    /// Reports what does not belong together.
    pub(super) fn shape(&self, problems: &mut Vec<Problem>) {
        let setting = format!("numbers: {}", self.field.value);
        digits(&self.digits, &setting, problems);
        self.affixes().shape(&setting, problems);
        let mut wrong = |code, position, ja: &str, en: &str| {
            problems.push(Problem::new(code, ja, en).in_setting(&setting).at(position));
        };
        let domain = self.unit == UnitName::Domain;
        if domain != self.name.is_some() {
            wrong(
                "number_name",
                self.name.as_ref().map_or(self.field.position, |n| n.position),
                "「name」は、unit: domain のとき（だけ）、ドメインに登録した番号の名前を書きます。",
                "\"name\" is the number registered for the domain; it belongs to unit: domain, and is needed there.",
            );
        }
        let group = self.group.as_ref().and_then(|g| g.0.first()).map(|g| g.position);
        if let Some(position) = group.or(self.cycle.as_ref().map(|c| c.position)).filter(|_| domain) {
            wrong(
                "number_unit",
                position,
                "ドメインの番号の周期は登録で決まります。「cycle」と「group」を消してください。",
                "The cycle of a domain's number is registered with it; remove \"cycle\" and \"group\".",
            );
        }
        let fiscal = self.cycle.as_ref().is_some_and(|c| c.value == CycleName::FiscalYear);
        let month = self.first_month.as_ref();
        if fiscal != month.is_some() || month.is_some_and(|m| !(1..=12).contains(&m.value)) {
            wrong(
                "number_month",
                month.map_or(self.field.position, |m| m.position),
                "「first_month」は、cycle: fiscal_year のとき（だけ）、年度の始まりの月（1から12）を書きます。",
                "\"first_month\" is the month (1 to 12) in which the fiscal year begins; it belongs to cycle: fiscal_year.",
            );
        }
    }

    fn cycle(&self) -> Cycle {
        match self.cycle.as_ref().map(|c| c.value) {
            None | Some(CycleName::None) => Cycle::None,
            Some(CycleName::Daily) => Cycle::Daily,
            Some(CycleName::Monthly) => Cycle::Monthly,
            Some(CycleName::Yearly) => Cycle::Yearly,
            Some(CycleName::FiscalYear) => {
                Cycle::FiscalYear { first_month: self.first_month.as_ref().map_or(1, |m| m.value) }
            }
        }
    }

    /// The numbering. `None`: reported.
    pub(super) fn lower(
        &self,
        check: &mut StepCheck<'_>,
        app: &AppSchema,
        mapping: &Mapping,
        affixes: &mut Affixes,
    ) -> Option<Numbers> {
        let setting = format!("numbers: {}", self.field.value);
        let taken = mapping.iter().any(|(_, code)| *code == self.field.value);
        if !numbered(check, app.field(&self.field), &self.field, taken, &setting) {
            return None;
        }
        let unit = match &self.name {
            Some(name) => NumberUnit::Domain { name: name.value.clone() },
            None => {
                let group = self.group.as_ref().map(|g| g.0.as_slice()).unwrap_or_default();
                group.iter().for_each(|code| grouped(check, app, mapping, code, &setting));
                NumberUnit::App { group: group.iter().map(|g| g.value.clone()).collect(), cycle: self.cycle() }
            }
        };
        let (prefix, suffix) = affixes.lower(check, &self.affixes(), &setting)?;
        Some(Numbers { field: self.field.value.clone(), unit, digits: self.digits.value, prefix, suffix })
    }
}

impl AffixSettings {
    pub(super) fn shape(&self, setting: &str, problems: &mut Vec<Problem>) {
        for (text, formula, name) in
            [(&self.prefix, &self.prefix_formula, "prefix"), (&self.suffix, &self.suffix_formula, "suffix")]
        {
            let Some(formula) = formula else { continue };
            formula_shape(formula, setting, problems);
            if text.is_some() {
                problems.push(
                    Problem::new(
                        "affix_twice",
                        format!("「{name}」と「{name}_formula」は、どちらか一つだけ書いてください。"),
                        format!("Write either \"{name}\" or \"{name}_formula\", not both."),
                    )
                    .in_setting(setting)
                    .at(formula.position),
                );
            }
        }
    }
}

/// Columns that are computed in front of the write, for texts by formula.
pub(super) struct Affixes {
    /// What the formulas see.
    pub seen: Vec<Column>,
    /// The input's columns, and the computed ones behind them.
    pub columns: Vec<Column>,
    /// The computed ones.
    pub assigns: Vec<Assign>,
}

impl Affixes {
    pub(super) fn new(columns: Vec<Column>) -> Self {
        Self { seen: columns.clone(), columns, assigns: Vec::new() }
    }

    /// Prefix and suffix. `None`: reported.
    pub(super) fn lower(
        &mut self,
        check: &mut StepCheck<'_>,
        settings: &AffixSettings,
        setting: &str,
    ) -> Option<(Affix, Affix)> {
        let prefix = self.one(check, &settings.prefix, &settings.prefix_formula, setting);
        let suffix = self.one(check, &settings.suffix, &settings.suffix_formula, setting);
        Some((prefix?, suffix?))
    }

    fn one(
        &mut self,
        check: &mut StepCheck<'_>,
        text: &Option<String>,
        formula: &Option<At<String>>,
        setting: &str,
    ) -> Option<Affix> {
        let Some(formula) = formula else { return Some(Affix::Text(text.clone().unwrap_or_default())) };
        check.formula(formula, &self.seen, setting)?;
        // Whatever the formula yields becomes text, as `&` makes it.
        let as_text = At { value: format!("({})&\"\"", formula.value), position: formula.position };
        let expr = check.formula(&as_text, &self.seen, setting)?;
        let column = self.columns.len();
        self.columns.push(Column::new(format!("$text{}", self.assigns.len() + 1), Kind::Text));
        self.assigns.push(Assign { column, expr, on_error: OnError::Fail });
        Some(Affix::Column(column))
    }
}

/// Whether a field can be numbered; reported where not.
pub(super) fn numbered(
    check: &mut StepCheck<'_>,
    field: Option<&Field>,
    code: &At<String>,
    taken: bool,
    setting: &str,
) -> bool {
    let problem = match field {
        None => Problem::new(
            "unknown_field",
            format!("フィールドコード「{}」はありません。", code.value),
            format!("There is no field code \"{}\".", code.value),
        ),
        Some(_) if taken => Problem::new(
            "number_mapped",
            format!(
                "フィールド「{}」には列の値も入れようとしています。mapping から外すか、採番をやめてください。",
                code.value
            ),
            format!(
                "A column goes to the field \"{}\" too; take it out of the mapping, or do not number it.",
                code.value
            ),
        ),
        Some(field) => match unwritable(field, false) {
            Some(problem) => problem,
            None if matches!(field.field_type, FieldType::SingleLineText | FieldType::Number) => return true,
            None => Problem::new(
                "number_field_type",
                format!("採番できるのは、文字列（1行）か数値のフィールドです。「{}」は違います。", code.value),
                format!("A number goes to a field of one line of text, or of numbers; \"{}\" is neither.", code.value),
            ),
        },
    };
    check.problem(problem.in_setting(setting).at(code.position));
    false
}

/// Reports a group that is no mapped field of one simple value.
fn grouped(check: &mut StepCheck<'_>, app: &AppSchema, mapping: &Mapping, code: &At<String>, setting: &str) {
    let simple = app.field(code).and_then(Field::kind).is_some_and(is_scalar);
    if simple && mapping.iter().any(|(_, mapped)| *mapped == code.value) {
        return;
    }
    let (ja, en) = proposal(code, mapping.iter().map(|(_, code)| code.as_str()));
    check.problem(
        Problem::new(
            "number_group",
            format!(
                "「{}」は、フローが書く、値が一つのフィールドではないので、採番の単位にできません。{ja}",
                code.value
            ),
            format!(
                "\"{}\" is no field of one value that the flow writes, so numbers cannot go by it.{en}",
                code.value
            ),
        )
        .in_setting(setting)
        .at(code.position),
    );
}

/// Reports fields that are numbered more than once: only one number can stand in them.
pub(super) fn once<'a>(
    fields: impl Iterator<Item = &'a At<String>>,
    setting: &dyn Fn(&str) -> String,
    problems: &mut Vec<Problem>,
) {
    let mut before: Vec<&str> = Vec::new();
    for field in fields {
        if before.contains(&field.as_str()) {
            problems.push(
                Problem::new(
                    "number_twice",
                    format!("フィールド「{}」の採番が二つあります。一つにしてください。", field.value),
                    format!("The field \"{}\" is numbered twice; keep one of them.", field.value),
                )
                .in_setting(setting(field))
                .at(field.position),
            );
        }
        before.push(field);
    }
}

/// Reports a number of digits that makes no sense.
pub(in crate::commands) fn digits(digits: &At<usize>, setting: &str, problems: &mut Vec<Problem>) {
    if !(1..=MOST_DIGITS).contains(&digits.value) {
        problems.push(
            Problem::new(
                "number_digits",
                format!("桁数は1から{MOST_DIGITS}です。"),
                format!("The number of digits is 1 to {MOST_DIGITS}."),
            )
            .in_setting(setting)
            .at(digits.position),
        );
    }
}
