//! Conditions as in a kintone list, and predicates over rows.

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
    /// Its formula, if it is one.
    pub(crate) fn formula(&self) -> Option<&Expr> {
        if let Self::Formula(expr) = self { Some(expr) } else { None }
    }

    /// Its lists of conditions.
    pub(crate) fn lists(&self) -> Vec<&Conditions> {
        match self {
            Self::Conditions(conditions) => vec![conditions],
            Self::AnyOf(lists) => lists.iter().collect(),
            Self::Formula(_) => Vec::new(),
        }
    }

    /// The columns that it looks at.
    pub(crate) fn columns(&self) -> Vec<usize> {
        match self {
            Self::Formula(expr) => expr.columns(),
            _ => self.lists().into_iter().flat_map(Conditions::columns).collect(),
        }
    }

    /// Takes new numbers of columns.
    pub(crate) fn renumber(&mut self, new: impl Fn(usize) -> usize) {
        match self {
            Self::Conditions(conditions) => conditions.renumber(&new),
            Self::AnyOf(lists) => lists.iter_mut().for_each(|c| c.renumber(&new)),
            Self::Formula(expr) => expr.remap(new),
        }
    }

    /// As people read it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Conditions(conditions) => conditions.text(),
            Self::AnyOf(lists) => lists.iter().map(|l| format!("({})", l.text())).collect::<Vec<_>>().join(" or "),
            Self::Formula(expr) => expr.source().to_owned(),
        }
    }
}
