//! Comparisons of a value: with fixed ones, with another column, a formula or a day counted from today, and with a pattern.
//! Whatever it is compared with, the rules are those of conditions: values of one kind, exactly, and a blank beside it is
//! not looked at. Of a list all items must be right.

use std::cmp::Ordering;

use crate::check::StepCheck;
use crate::conditions::{Condition, OperatorName, check_here, operator_text, operators};
use crate::kinds::{is_ordered, kind_words};
use crate::literal;
use crate::located::{At, OneOrMany};
use crate::plan::{Column, Conditions, Operator, Predicate, Rule};
use crate::problem::{Position, Problem};
use model::field::Kind;
use model::value::Value;

use super::written::{CheckSettings, Relative};

/// A name in a formula.
fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// A fixed end of a range.
fn end_value(written: &Option<OneOrMany>, kind: Kind) -> Option<Value> {
    match &written.as_ref()?.0[..] {
        [one] => literal::parse(kind, one),
        _ => None,
    }
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) | (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Datetime(a), Value::Datetime(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::Texts | Kind::Entities | Kind::Files)
}

impl CheckSettings {
    /// `range`: a rule for each end.
    pub(super) fn range(&self, check: &mut StepCheck<'_>, columns: &[Column], kind: Kind) -> Vec<Rule> {
        if !is_ordered(kind) {
            self.no_order(check);
            return Vec::new();
        }
        if let (Some(min), Some(max)) = (end_value(&self.min, kind), end_value(&self.max, kind))
            && order(&min, &max).is_some_and(Ordering::is_gt)
        {
            check.problem(
                Problem::new(
                    "range_order",
                    "min が max より大きいので、どの値も範囲に入りません。",
                    "\"min\" is larger than \"max\": no value is in this range.",
                )
                .in_setting(self.setting())
                .at(self
                    .min
                    .as_ref()
                    .and_then(|min| min.0.first())
                    .map_or(self.check.position, |min| min.position)),
            );
            return Vec::new();
        }
        let ends = [
            (OperatorName::GreaterOrEqual, &self.min, &self.min_formula),
            (OperatorName::LessOrEqual, &self.max, &self.max_formula),
        ];
        let end = |(operator, value, formula): (OperatorName, &Option<OneOrMany>, &Option<At<String>>)| match (
            value, formula,
        ) {
            (Some(value), _) => self.fixed(check, columns, operator, Some(value.clone())),
            (None, Some(formula)) => self.beside(check, columns, kind, operator.into(), formula),
            (None, None) => None,
        };
        ends.into_iter().filter_map(end).collect()
    }

    /// `format`: the pattern, asked of the text or of each item.
    pub(super) fn format(&self, check: &mut StepCheck<'_>, columns: &[Column], kind: Kind) -> Option<Rule> {
        let (field, pattern) = (self.field.as_ref()?, self.pattern.as_ref()?);
        let text = format!("REGEXTEST({},\"{}\")", quoted(field), pattern.value.replace('"', "\"\""));
        if !is_list(kind) {
            return self.formula(check, columns, text, pattern.position);
        }
        let as_item = |c: &Column| if c.name == field.value { Column::new(&c.name, Kind::Text) } else { c.clone() };
        let columns: Vec<Column> = columns.iter().map(as_item).collect();
        check.formula(&At { value: text, position: pattern.position }, &columns, &self.setting()).map(Rule::EachItem)
    }

    /// `compare`.
    pub(super) fn compare(&self, check: &mut StepCheck<'_>, columns: &[Column], kind: Kind) -> Option<Rule> {
        let operator = self.operator.as_ref()?;
        if let Some(with) = &self.with {
            check.column(columns, with, &self.setting(), with.position)?;
            let column = At { value: quoted(with), position: with.position };
            self.operator_fits(check, kind, operator)?;
            self.beside(check, columns, kind, operator.value.into(), &column)
        } else if let Some(formula) = &self.formula {
            self.operator_fits(check, kind, operator)?;
            self.beside(check, columns, kind, operator.value.into(), formula)
        } else if let Some(relative) = &self.relative {
            self.relative(check, columns, kind, operator, relative)
        } else {
            self.fixed(check, columns, operator.value, self.value.clone())
        }
    }

    /// Compares with what a formula yields. Kinds that differ for certain are a problem; where the formula's kind depends
    /// on the row, a value of another kind is not right.
    fn beside(
        &self,
        check: &mut StepCheck<'_>,
        columns: &[Column],
        kind: Kind,
        operator: Operator,
        formula: &At<String>,
    ) -> Option<Rule> {
        let with = check.formula(formula, columns, &self.setting())?;
        if let Some(other) = with.kind().filter(|other| *other != kind) {
            let field = self.field.as_ref().map(|f| f.value.as_str()).unwrap_or_default();
            let (own, other) = (kind_words(kind), kind_words(other));
            check.problem(
                Problem::new(
                    "check_kinds",
                    format!(
                        "列「{field}」は{}、比べる相手は{}です。同じ型の値と比べてください（set_field_type で型をそろえられます）。",
                        own.ja, other.ja
                    ),
                    format!(
                        "The column \"{field}\" is of kind {}, what it is compared with of kind {}; compare values of one kind (set_field_type changes the kind of a column).",
                        own.en, other.en
                    ),
                )
                .in_setting(self.setting())
                .at(formula.position),
            );
            return None;
        }
        Some(Rule::Compared { operator, with })
    }

    /// Another column and a formula are compared by the signs that conditions have for the kind.
    fn operator_fits(&self, check: &mut StepCheck<'_>, kind: Kind, operator: &At<OperatorName>) -> Option<()> {
        let signs = [
            Operator::Equal,
            Operator::NotEqual,
            Operator::Less,
            Operator::LessOrEqual,
            Operator::Greater,
            Operator::GreaterOrEqual,
        ];
        let usable: Vec<Operator> = operators(kind).iter().copied().filter(|o| signs.contains(o)).collect();
        if usable.contains(&Operator::from(operator.value)) {
            return Some(());
        }
        let (words, sign) = (kind_words(kind), operator_text(operator.value.into()));
        let (ja, en) = if usable.is_empty() {
            (
                format!(
                    "{}の列は、ほかの列や式とは比べられません。「value」か、チェック formula を使ってください。",
                    words.ja
                ),
                format!(
                    "A column of kind {} is not compared with a column or a formula; use \"value\", or the check formula.",
                    words.en
                ),
            )
        } else {
            let usable = usable.iter().map(|o| operator_text(*o)).collect::<Vec<_>>().join(" ");
            (
                format!("{}の列とほかの列・式・相対日付は「{sign}」では比べられません。使えるもの: {usable}", words.ja),
                format!(
                    "A column of kind {} is not compared with a column, a formula or a relative day by \"{sign}\". Usable: {usable}",
                    words.en
                ),
            )
        };
        check.problem(Problem::new("check_operator", ja, en).in_setting(self.setting()).at(operator.position));
        None
    }

    /// A day counted from today; of an instant the day in the flow's zone is compared.
    fn relative(
        &self,
        check: &mut StepCheck<'_>,
        columns: &[Column],
        kind: Kind,
        operator: &At<OperatorName>,
        relative: &At<Relative>,
    ) -> Option<Rule> {
        let field = quoted(self.field.as_ref()?);
        let left = match kind {
            Kind::Date => field,
            Kind::Datetime => format!("DATE(YEAR({field}),MONTH({field}),DAY({field}))"),
            _ => {
                self.no_order(check);
                return None;
            }
        };
        self.operator_fits(check, Kind::Date, operator)?;
        let Relative { days, weeks, months, years } = relative.value;
        let months = i64::from(months) + 12 * i64::from(years);
        let days = i64::from(days) + 7 * i64::from(weeks);
        let sign = match Operator::from(operator.value) {
            Operator::NotEqual => "<>",
            other => operator_text(other),
        };
        let text = format!("{left} {sign} (EDATE(TODAY(),{months})+({days}))");
        self.formula(check, columns, text, relative.position)
    }

    /// A comparison with fixed values, as in a kintone list; of a list all items are among them.
    fn fixed(
        &self,
        check: &mut StepCheck<'_>,
        columns: &[Column],
        operator: OperatorName,
        value: Option<OneOrMany>,
    ) -> Option<Rule> {
        let field = self.field.clone()?;
        let position = self.operator.as_ref().map_or(self.check.position, |o| o.position);
        let condition = Condition { field, operator: At { value: operator, position }, value };
        let mut problems = Vec::new();
        condition.shape(&mut problems);
        if let Some(problem) = problems.pop() {
            check.problem(problem.in_setting(self.setting()));
            return None;
        }
        let mut test = check_here(check, columns, &condition, &self.setting())?;
        let kind = test.column.and_then(|index| columns.get(index)).map(|column| column.kind);
        if test.operator == Operator::In && kind.is_some_and(is_list) {
            test.operator = Operator::OnlyIn;
        }
        Some(Rule::Holds(Predicate::Conditions(Conditions { any: false, tests: vec![test] })))
    }

    fn formula(&self, check: &mut StepCheck<'_>, columns: &[Column], text: String, at: Position) -> Option<Rule> {
        let expr = check.formula(&At { value: text, position: at }, columns, &self.setting())?;
        Some(Rule::Holds(Predicate::Formula(expr)))
    }

    fn no_order(&self, check: &mut StepCheck<'_>) {
        let field = self.field.as_ref().map(|f| f.value.as_str()).unwrap_or_default();
        check.problem(
            Problem::new(
                "check_kind",
                format!("列「{field}」の型では、このチェックはできません。数値・日付・時刻・日時の列を選んでください（relative は日付と日時だけ）。"),
                format!("The column \"{field}\" is not of a kind for this check; choose a number, a date, a time or a datetime (relative: a date or a datetime)."),
            )
            .in_setting(self.setting())
            .at(self.check.position),
        );
    }
}
