//! Conditions as in a kintone list, and predicates over rows.

use model::field::FieldType;

use crate::formula::Expr;

/// Conditions as in a kintone list: all of them, or any of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// True: one is enough. False: all must hold.
    pub any: bool,
    /// The conditions.
    pub tests: Vec<Test>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Field code in kintone (reading), or name of the column (filter).
    pub field: String,
    /// The column, where the condition is evaluated here and not by kintone.
    pub column: Option<usize>,
    /// The comparison.
    pub operator: Operator,
    /// What is compared with; empty for the `empty` operators.
    pub operands: Vec<Operand>,
}

/// Comparisons of a condition: kintone's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `only in`: every item of a list; only where it is evaluated here, and never as written
    OnlyIn,
    /// `like`: kintone's word search when kintone evaluates it, "contains" when it is evaluated here
    Like,
    /// `not like`
    NotLike,
    /// `is empty`
    Empty,
    /// `is not empty`
    NotEmpty,
}

/// The right side of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A fixed value, as its kintone text.
    Literal(String),
    /// `%field%`: the value of the record that started the run.
    Parameter(String),
    /// A kintone query function such as `TODAY()`, as written; reading only.
    Function(String),
    /// The value of a parameter in a test that only narrows what is read for a filter behind: as kintone writes a value of
    /// this type of field. A value that kintone would refuse takes the test away, and the filter decides alone.
    Narrowing {
        /// The parameter.
        parameter: String,
        /// The type of the field that is compared with it.
        of: FieldType,
    },
}

impl Operand {
    /// The parameter that it names.
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Parameter(parameter) | Self::Narrowing { parameter, .. } => Some(parameter),
            Self::Literal(_) | Self::Function(_) => None,
        }
    }
}

/// Which rows a filter keeps.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// Conditions, evaluated here.
    Conditions(Conditions),
    /// Several lists of conditions, one per record that started the run; kept where one of the lists holds.
    AnyOf(Vec<Conditions>),
    /// A formula: kept where it yields TRUE, a number other than 0, or a text.
    Formula(Expr),
    /// A branch of several: kept where none of the earlier ones holds and this one does; without this one, the rest.
    Branch {
        /// Those that have the row if they hold for it.
        earlier: Vec<Predicate>,
        /// The branch's own.
        own: Option<Box<Predicate>>,
    },
}

impl Conditions {
    /// The columns that are looked at here.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.tests.iter().filter_map(|t| t.column)
    }

    /// As a kintone query has them; open parameters as they were written.
    pub(crate) fn text(&self) -> String {
        crate::query::any_of(std::slice::from_ref(self))
    }

    fn renumber(&mut self, new: &impl Fn(usize) -> usize) {
        for test in &mut self.tests {
            test.column = test.column.map(new);
        }
    }
}

impl Predicate {
    /// Those that a branch is made of; itself where it is none.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Branch { earlier, own } => {
                earlier.iter().chain(own.as_deref()).flat_map(|part| part.parts()).collect()
            }
            simple => vec![simple],
        }
    }

    /// Its formulas.
    pub(crate) fn formulas(&self) -> Vec<&Expr> {
        self.parts()
            .into_iter()
            .filter_map(|part| if let Self::Formula(expr) = part { Some(expr) } else { None })
            .collect()
    }

    /// Its lists of conditions.
    pub(crate) fn lists(&self) -> Vec<&Conditions> {
        let mut lists = Vec::new();
        for part in self.parts() {
            match part {
                Self::Conditions(conditions) => lists.push(conditions),
                Self::AnyOf(several) => lists.extend(several),
                Self::Formula(_) | Self::Branch { .. } => {}
            }
        }
        lists
    }

    /// The columns that it looks at.
    pub(crate) fn columns(&self) -> Vec<usize> {
        let lists = self.lists().into_iter().flat_map(Conditions::columns);
        self.formulas().into_iter().flat_map(Expr::columns).chain(lists).collect()
    }

    /// Takes new numbers of columns.
    pub(crate) fn renumber(&mut self, new: impl Fn(usize) -> usize) {
        self.renumber_by(&new);
    }

    fn renumber_by(&mut self, new: &dyn Fn(usize) -> usize) {
        match self {
            Self::Conditions(conditions) => conditions.renumber(&new),
            Self::AnyOf(lists) => lists.iter_mut().for_each(|c| c.renumber(&new)),
            Self::Formula(expr) => expr.remap(new),
            Self::Branch { earlier, own } => {
                earlier.iter_mut().chain(own.as_deref_mut()).for_each(|part| part.renumber_by(new));
            }
        }
    }

    /// As people read it.
    pub(crate) fn text(&self) -> String {
        let listed = |parts: &[Self]| parts.iter().map(|p| format!("({})", p.text())).collect::<Vec<_>>().join(", ");
        match self {
            Self::Conditions(conditions) => conditions.text(),
            Self::AnyOf(lists) => lists.iter().map(|l| format!("({})", l.text())).collect::<Vec<_>>().join(" or "),
            Self::Formula(expr) => expr.source().to_owned(),
            Self::Branch { earlier, own } => match own {
                Some(own) if earlier.is_empty() => own.text(),
                Some(own) => format!("{}, and none of {}", own.text(), listed(earlier)),
                None => format!("none of {}", listed(earlier)),
            },
        }
    }
}
