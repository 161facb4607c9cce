//! The rule that a check becomes.

use crate::check::StepCheck;
use crate::located::OneOrMany;
use crate::plan::{CheckTest, Column, Members, NodeId, Op, Operator, Predicate, Read, RowsTest, Rule};
use crate::problem::Problem;
use model::field::Kind;

use super::written::{CheckSettings, Name};

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

impl CheckSettings {
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
        let kind = column.map_or(Kind::Bool, |c| columns[c].kind);
        match self.check.value {
            Name::Required => vec![Rule::Required],
            Name::Compare => self.compare(check, columns, kind).into_iter().collect(),
            Name::Range => self.range(check, columns, kind),
            Name::Format => self.format(check, columns, kind).into_iter().collect(),
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
