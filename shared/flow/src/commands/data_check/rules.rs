//! The rule that a check becomes.

use crate::check::{StepCheck, formula_shape};
use crate::conditions::{Condition, OperatorName, check_here, operator_text};
use crate::kinds::is_ordered;
use crate::located::{At, OneOrMany};
use crate::plan::{CheckTest, Column, Conditions, Members, NodeId, Op, Operator, Predicate, Read, RowsTest, Rule};
use crate::problem::{Position, Problem};
use model::field::Kind;

use super::written::{ALLOWED, CheckSettings, Name, Relative};

/// What the checks become.
pub(super) struct Lowering {
    pub tests: Vec<CheckTest>,
    pub rows: Vec<RowsTest>,
    /// The rows, and the nodes with values that must exist.
    pub inputs: Vec<NodeId>,
    masters: Vec<((u64, String), usize)>,
    members: Vec<(Members, usize)>,
}

impl Lowering {
    pub(super) fn new(inputs: Vec<NodeId>) -> Self {
        Self { tests: Vec::new(), rows: Vec::new(), inputs, masters: Vec::new(), members: Vec::new() }
    }
}

/// A name in a formula.
fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

impl CheckSettings {
    /// The app whose values are looked among.
    pub(super) fn app(&self) -> Option<u64> {
        self.app.as_ref().map(|app| app.value)
    }

    fn given(&self) -> [(&'static str, Option<Position>); 12] {
        let one = |v: &Option<OneOrMany>| v.as_ref().map(|v| v.0.first().map_or(self.check.position, |a| a.position));
        let text = |v: &Option<At<String>>| v.as_ref().map(|v| v.position);
        [
            ("field", text(&self.field)),
            ("operator", self.operator.as_ref().map(|o| o.position)),
            ("value", one(&self.value)),
            ("with", text(&self.with)),
            ("formula", text(&self.formula)),
            ("relative", self.relative.as_ref().map(|r| r.position)),
            ("min", one(&self.min)),
            ("min_formula", text(&self.min_formula)),
            ("max", one(&self.max)),
            ("max_formula", text(&self.max_formula)),
            ("pattern", text(&self.pattern)),
            ("app", self.app.as_ref().map(|a| a.position)),
        ]
    }

    fn setting(&self) -> String {
        let name = self.check.value.text();
        self.field.as_ref().map_or_else(|| format!("checks: {name}"), |f| format!("checks: {}: {name}", f.value))
    }

    /// Reports settings that the check lacks, or that belong to another.
    pub(super) fn shape(&self, problems: &mut Vec<Problem>) {
        let name = self.check.value;
        let (_, needed, may) = ALLOWED.iter().find(|(n, ..)| *n == name).unwrap_or(&ALLOWED[0]);
        let mut tell = |ja: String, en: String, position| {
            problems.push(Problem::new("check_settings", ja, en).in_setting(self.setting()).at(position));
        };
        let inside = self.r#in.as_ref().map(|i| i.position);
        let all: Vec<(&str, Option<Position>)> = self.given().into_iter().chain([("in", inside)]).collect();
        for (setting, position) in &all {
            match position {
                None if needed.contains(setting) => tell(
                    format!("チェック「{}」には「{setting}」が要ります。", name.text()),
                    format!("The check \"{}\" needs \"{setting}\".", name.text()),
                    self.check.position,
                ),
                Some(position) if !needed.contains(setting) && !may.contains(setting) => tell(
                    format!("チェック「{}」に「{setting}」は書けません。", name.text()),
                    format!("\"{setting}\" does not belong to the check \"{}\".", name.text()),
                    *position,
                ),
                _ => {}
            }
        }
        let count = |names: &[&str]| all.iter().filter(|(n, p)| names.contains(n) && p.is_some()).count();
        let blank = matches!(
            self.operator.as_ref().map(|o| Operator::from(o.value)),
            Some(Operator::Empty | Operator::NotEmpty)
        );
        if name == Name::Compare && count(&["value", "with", "formula", "relative"]) != usize::from(!blank) {
            tell(
                "比べる相手は「value」「with」「formula」「relative」のどれか一つです（is empty には要りません）。".into(),
                "A value is compared with one of \"value\", \"with\", \"formula\" and \"relative\" (\"is empty\" takes none).".into(),
                self.check.position,
            );
        }
        let (low, high) = (count(&["min", "min_formula"]), count(&["max", "max_formula"]));
        if name == Name::Range && (low > 1 || high > 1 || low + high == 0) {
            tell(
                "範囲には、下限（min か min_formula）と上限（max か max_formula）の少なくとも一方を書きます。".into(),
                "A range has a lower end (\"min\" or \"min_formula\"), an upper one (\"max\" or \"max_formula\"), or both.".into(),
                self.check.position,
            );
        }
        for formula in [&self.formula, &self.min_formula, &self.max_formula].into_iter().flatten() {
            formula_shape(formula, &self.setting(), problems);
        }
    }

    /// Adds what the check becomes. Problems are reported.
    pub(super) fn lower(&self, check: &mut StepCheck<'_>, columns: &[Column], lowering: &mut Lowering) {
        let setting = self.setting();
        let name = self.check.value;
        let message = self.message.clone().unwrap_or_else(|| name.message().to_owned());
        let column = match &self.field {
            Some(field) => match check.column(columns, field, &setting, field.position) {
                Some(column) => Some(column),
                None => return,
            },
            None => None,
        };
        if name == Name::Records {
            lowering.rows.extend(self.rows(check, message));
            return;
        }
        let rules = self.rules(check, columns, column, lowering);
        for rule in rules {
            lowering.tests.push(CheckTest {
                column,
                field: self.field.as_ref().map(|f| f.value.clone()).unwrap_or_default(),
                check: name.text(),
                message: message.clone(),
                rule,
                may_be_blank: !matches!(name, Name::Required | Name::Formula)
                    && !matches!(
                        self.operator.as_ref().map(|o| Operator::from(o.value)),
                        Some(Operator::Empty | Operator::NotEmpty)
                    ),
            });
        }
    }

    fn rules(
        &self,
        check: &mut StepCheck<'_>,
        columns: &[Column],
        column: Option<usize>,
        lowering: &mut Lowering,
    ) -> Vec<Rule> {
        let field = self.field.as_ref().map(|f| f.value.as_str()).unwrap_or_default();
        let kind = column.map_or(Kind::Bool, |c| columns[c].kind);
        match self.check.value {
            Name::Required => vec![Rule::Required],
            Name::Compare => self.compare(check, columns, kind).into_iter().collect(),
            Name::Range => {
                if !is_ordered(kind) {
                    self.no_order(check);
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
                    (None, Some(formula)) => {
                        check.formula(formula, columns, &self.setting())?;
                        let text = format!("{} {} ({})", quoted(field), operator_text(operator.into()), formula.value);
                        self.formula(check, columns, text, formula.position)
                    }
                    (None, None) => None,
                };
                ends.into_iter().filter_map(end).collect()
            }
            Name::Format => {
                let Some(pattern) = &self.pattern else { return Vec::new() };
                let text = format!("REGEXTEST({},\"{}\")", quoted(field), pattern.value.replace('"', "\"\""));
                self.formula(check, columns, text, pattern.position).into_iter().collect()
            }
            Name::Exists => self.exists(check, lowering).into_iter().collect(),
            Name::Option => self.option(check).into_iter().collect(),
            Name::User => vec![members(check, lowering, Members::Users)],
            Name::Organization => vec![members(check, lowering, Members::Organizations)],
            Name::Group => vec![members(check, lowering, Members::Groups)],
            Name::Formula => {
                let Some(formula) = &self.formula else { return Vec::new() };
                check
                    .formula(formula, columns, &self.setting())
                    .map(|e| Rule::Holds(Predicate::Formula(e)))
                    .into_iter()
                    .collect()
            }
            Name::Records => Vec::new(),
        }
    }

    fn compare(&self, check: &mut StepCheck<'_>, columns: &[Column], kind: Kind) -> Option<Rule> {
        let operator = self.operator.as_ref()?;
        let field = quoted(self.field.as_ref()?);
        let sign = match Operator::from(operator.value) {
            Operator::NotEqual => "<>",
            other => operator_text(other),
        };
        let right = if let Some(with) = &self.with {
            check.column(columns, with, &self.setting(), with.position)?;
            (quoted(with), with.position)
        } else if let Some(formula) = &self.formula {
            check.formula(formula, columns, &self.setting())?;
            (format!("({})", formula.value), formula.position)
        } else if let Some(relative) = &self.relative {
            let Relative { days, weeks, months, years } = relative.value;
            let months = i64::from(months) + 12 * i64::from(years);
            let days = i64::from(days) + 7 * i64::from(weeks);
            (format!("(EDATE(TODAY(),{months})+({days}))"), relative.position)
        } else {
            return self.fixed(check, columns, operator.value, self.value.clone());
        };
        if !["=", "<>", "<", "<=", ">", ">="].contains(&sign) {
            check.problem(
                Problem::new(
                    "check_operator",
                    format!("「{sign}」で比べられるのは value だけです。ほかの列・式・相対日付とは = != < <= > >= で比べます。"),
                    format!("\"{sign}\" compares with \"value\" only; another column, a formula and a relative day take = != < <= > >=."),
                )
                .in_setting(self.setting())
                .at(operator.position),
            );
            return None;
        }
        let left = match (&self.relative, kind) {
            // The day of an instant, in the flow's zone.
            (Some(_), Kind::Datetime) => format!("DATE(YEAR({field}),MONTH({field}),DAY({field}))"),
            (Some(_), kind) if kind != Kind::Date => {
                self.no_order(check);
                return None;
            }
            _ => field,
        };
        self.formula(check, columns, format!("{left} {sign} {}", right.0), right.1)
    }

    /// A comparison with fixed values, as in a kintone list.
    fn fixed(
        &self,
        check: &mut StepCheck<'_>,
        columns: &[Column],
        operator: OperatorName,
        value: Option<OneOrMany>,
    ) -> Option<Rule> {
        let field = self.field.clone()?;
        let condition = Condition { field, operator: At { value: operator, position: self.check.position }, value };
        let mut problems = Vec::new();
        condition.shape(&mut problems);
        if let Some(problem) = problems.pop() {
            check.problem(problem.in_setting(self.setting()));
            return None;
        }
        let test = check_here(check, columns, &condition)?;
        Some(Rule::Holds(Predicate::Conditions(Conditions { any: false, tests: vec![test] })))
    }

    fn formula(&self, check: &mut StepCheck<'_>, columns: &[Column], text: String, at: Position) -> Option<Rule> {
        let expr = check.formula(&At { value: text, position: at }, columns, &self.setting())?;
        Some(Rule::Holds(Predicate::Formula(expr)))
    }

    fn exists(&self, check: &mut StepCheck<'_>, lowering: &mut Lowering) -> Option<Rule> {
        let (app, code) = (self.app.as_ref()?, self.r#in.as_ref()?);
        let schema = check.app(app)?;
        let field = check.field(schema, code, &self.setting())?;
        let Some(column) = Column::of_field(field).filter(|c| c.kind != Kind::Rows) else {
            check.problem(
                Problem::new(
                    "no_values",
                    format!("フィールド「{}」の値とは比べられません。", field.code),
                    format!("Nothing can be looked up among the values of the field \"{}\".", field.code),
                )
                .in_setting(self.setting())
                .at(code.position),
            );
            return None;
        };
        let key = (app.value, field.code.clone());
        let known = lowering.masters.iter().find(|(k, _)| *k == key).map(|(_, input)| *input);
        Some(Rule::Among(known.unwrap_or_else(|| {
            let read = Read { app: app.value, fields: vec![field.code.clone()], conditions: None };
            lowering.inputs.push(check.node_over(Vec::new(), Op::Read(read), vec![column]));
            lowering.masters.push((key, lowering.inputs.len() - 1));
            lowering.inputs.len() - 1
        })))
    }

    fn option(&self, check: &mut StepCheck<'_>) -> Option<Rule> {
        let (app, code) = (self.app.as_ref()?, self.r#in.as_ref()?);
        let schema = check.app(app)?;
        let field = check.field(schema, code, &self.setting())?;
        if field.options.is_empty() {
            check.problem(
                Problem::new(
                    "no_options",
                    format!("フィールド「{}」には選択肢がありません。", field.code),
                    format!("The field \"{}\" has no options.", field.code),
                )
                .in_setting(self.setting())
                .at(code.position),
            );
            return None;
        }
        Some(Rule::OneOf(field.options.clone()))
    }

    fn rows(&self, check: &mut StepCheck<'_>, message: String) -> Option<RowsTest> {
        let mut number = |value: &Option<OneOrMany>| -> Option<Option<u64>> {
            let Some(value) = value else { return Some(None) };
            match value.0.as_slice() {
                [one] if one.value.parse::<u64>().is_ok() => Some(one.value.parse().ok()),
                other => {
                    let position = other.first().map_or(self.check.position, |o| o.position);
                    check.problem(
                        Problem::new(
                            "bad_value",
                            "件数には 0 以上の整数を書きます。",
                            "A number of records is a whole number, 0 or more.",
                        )
                        .in_setting(self.setting())
                        .at(position),
                    );
                    None
                }
            }
        };
        let (min, max) = (number(&self.min)?, number(&self.max)?);
        // Without any number: there must be a record.
        Some(RowsTest { min: min.unwrap_or(u64::from(max.is_none())), max, message })
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

fn members(check: &mut StepCheck<'_>, lowering: &mut Lowering, members: Members) -> Rule {
    let known = lowering.members.iter().find(|(m, _)| *m == members).map(|(_, input)| *input);
    Rule::Among(known.unwrap_or_else(|| {
        let column = vec![Column::new("code", Kind::Text)];
        lowering.inputs.push(check.node_over(Vec::new(), Op::Members(members), column));
        lowering.members.push((members, lowering.inputs.len() - 1));
        lowering.inputs.len() - 1
    }))
}
