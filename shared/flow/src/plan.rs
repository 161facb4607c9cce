//! The plan: what a checked flow is lowered to. Small, printable, and all that the engine and the worker know of a flow.
//!
//! A plan is a list of nodes in an order in which every node stands behind its inputs. Nodes name columns by index;
//! names are for people. Parameters (`%field%`) are still open in a [`Plan`]; [`crate::bind`] closes them for one run.

use model::field::Kind;

use crate::formula::Expr;

/// Index of a node in [`Plan::nodes`].
pub type NodeId = usize;

/// A flow, ready to be bound and run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The flow's name.
    pub name: String,
    /// IANA time zone of dates, TODAY() and text forms of instants.
    pub zone: String,
    /// Stop where a value cannot be converted without loss, instead of counting it.
    pub strict: bool,
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// One operation of a plan.
#[derive(Clone, Debug)]
pub struct Node {
    /// The step that it comes from, for messages.
    pub step: String,
    /// The command of that step.
    pub command: &'static str,
    /// Where its rows come from, in the order that the operation defines (join: left, right).
    pub inputs: Vec<NodeId>,
    /// What it yields.
    pub op: Op,
    /// The columns of its result; for a write, the columns of its input.
    pub columns: Vec<Column>,
}

/// A column of a node's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name that later steps use.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
}

/// What a node does.
#[derive(Clone, Debug)]
pub enum Op {
    /// Reads an app.
    Read(Read),
    /// Keeps the rows for which the predicate is true. An error or a blank is not true.
    Filter(Predicate),
    /// Joins two inputs.
    Join(Join),
    /// One row per distinct key, in order of first appearance.
    Group(Group),
    /// Computes columns, in order: a later one sees an earlier one's result.
    Compute(Vec<Assign>),
    /// Chooses, renames and reorders columns: the index of each in the input.
    Select(Vec<usize>),
    /// Writes to an app.
    Write(Write),
}

/// Reading of an app.
#[derive(Clone, Debug)]
pub struct Read {
    /// The app's number.
    pub app: u64,
    /// Field code of each column of the node, same order. Only fields that later nodes use.
    pub fields: Vec<String>,
    /// Which records; kintone decides, so the meaning is that of a kintone list.
    pub conditions: Option<Conditions>,
}

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

/// Which unmatched rows a join keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// None
    Inner,
    /// The left ones
    Left,
    /// The right ones
    Right,
    /// Both
    Full,
}

/// A join of two inputs. Rows keep the left order, then the right order; unmatched right rows come last.
/// Blank keys match nothing. Keys are compared by value: 1 equals 1.0, text exactly.
#[derive(Clone, Debug)]
pub struct Join {
    /// Which rows stay without a partner.
    pub kind: JoinKind,
    /// Pairs of column indices (left, right), of one kind each.
    pub keys: Vec<(usize, usize)>,
    /// Where each column of the result comes from.
    pub output: Vec<JoinColumn>,
}

/// A column of a join's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinColumn {
    /// Column of the left input
    Left(usize),
    /// Column of the right input
    Right(usize),
}

/// Grouping. Without keys the whole input is one group (also when it is empty: no row then).
#[derive(Clone, Debug)]
pub struct Group {
    /// Key columns, first in the result. Blank is a key like any other.
    pub keys: Vec<usize>,
    /// Aggregates, behind the keys in the result.
    pub aggregates: Vec<Aggregate>,
}

/// One aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// What is computed.
    pub function: AggregateFunction,
    /// Of which input column.
    pub column: usize,
}

/// Aggregate functions. All but `CountAll` skip blanks; of blanks alone, sums and counts are 0 and the others blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// Exact sum
    Sum,
    /// Exact mean, rounded half up at max(10, places) + 4 places
    Average,
    /// Middle value; mean of the two middle ones
    Median,
    /// Smallest
    Min,
    /// Largest
    Max,
    /// How many are not blank
    Count,
    /// How many rows
    CountAll,
    /// How many different values
    CountDistinct,
    /// First in input order
    First,
    /// Last in input order
    Last,
}

/// One computed column.
#[derive(Clone, Debug)]
pub struct Assign {
    /// Index in the node's columns: an existing one is replaced, one past the input's is new.
    pub column: usize,
    /// The formula over the node's columns.
    pub expr: Expr,
    /// What an error value becomes.
    pub on_error: OnError,
}

/// What an error value of a formula (`#DIV/0!`) becomes when it reaches a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnError {
    /// The flow fails and names row, record number and field.
    #[default]
    Fail,
    /// Blank, counted.
    Blank,
}

/// Writing to an app.
#[derive(Clone, Debug)]
pub struct Write {
    /// The app's number.
    pub app: u64,
    /// How.
    pub method: Method,
    /// Input column and field code.
    pub mapping: Vec<(usize, String)>,
}

/// How records are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Records with an equal key are updated where they differ.
    Update {
        /// Field codes of the key; each is in the mapping. `$id` or the record number is a key too.
        key: Vec<String>,
        /// Whether rows without a record of their key are added; else they are counted as skipped.
        insert: bool,
    },
    /// The app holds exactly the result afterwards.
    Regenerate {
        /// Consent to an empty result, which empties the app.
        allow_empty: bool,
    },
    /// All rows are added.
    Append,
}
