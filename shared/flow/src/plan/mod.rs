//! The plan: what a checked flow is lowered to. Small, printable, and all that the engine and the worker know of a flow.
//!
//! A plan is a list of nodes in an order in which every node stands behind its inputs. Nodes name columns by index;
//! names are for people. Parameters (`%field%`) are still open in a [`Plan`]; [`crate::bind`] closes them for one run.

mod append;
mod call;
mod check;
mod compute;
mod conditions;
mod distinct;
mod expand;
pub mod file;
mod fill;
mod filter;
mod for_each;
mod group;
mod join;
mod lookup;
mod nest;
pub(crate) mod operation;
mod pivot;
mod read;
mod read_file;
mod retype;
mod select;
mod series;
mod sort;
mod unpivot;
mod window;
mod write;
mod write_file;

use model::field::{FieldType, Kind};

pub use append::Append;
pub use call::Call;
pub use check::{
    Check, CheckTest, ERROR_COLUMNS, Members, Pass, RUN_PARAMETER, RowsTest, Rule, Violations, violation_columns,
};
pub use compute::{Assign, OnError};
pub use conditions::{Conditions, Operand, Operator, Predicate, Test};
pub use distinct::Distinct;
pub use expand::{Expand, ExpandColumn};
pub use fill::{Fill, Filling};
pub use for_each::{ForEach, Given};
pub use group::{Aggregate, AggregateFunction, Group, Joined};
pub use join::{Join, JoinColumn, JoinKind};
pub use lookup::{Duplicates, Fetched, Lookup, Missing};
pub use nest::{Nest, NestCell};
use operation::Operation;
pub use pivot::Pivot;
pub use read::Read;
pub use read_file::{FileColumn, Format, InLayout, ReadFile, Source};
pub use retype::{Retype, UnknownOption};
pub use series::{Series, SeriesStep};
pub use sort::{Sort, SortKey};
pub use unpivot::{Line, Unpivot};
pub use window::{Measure, Window, WindowColumn, WindowFunction};
pub use write::{Affix, Method, NumberUnit, Numbers, RowNumbers, TableMethod, TableWrite, Write};
pub use write_file::{FileMode, FileNumbers, OutColumn, OutLayout, WriteFile};

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
    /// Days that business-day functions take as holidays.
    pub holidays: Holidays,
}

/// Days that business-day functions take as holidays where their own argument names none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Days since 1970-01-01 that the flow's document lists.
    pub days: Vec<i32>,
    /// The read node whose only column, of dates, holds more of them. It stands before all nodes with formulas.
    pub node: Option<NodeId>,
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
    /// The columns of a table's rows, where the kind is [`Kind::Rows`]; else empty.
    pub inner: Vec<Column>,
    /// What the kind does not tell.
    pub nature: Nature,
}

/// What the kind of a column does not tell, where the column is still that of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nature {
    /// Nothing more is known, or there is nothing more to know.
    #[default]
    Plain,
    /// Texts that are record numbers, with the app's code in front where it has one.
    RecordNumber,
    /// Users.
    Users,
    /// Organisations.
    Organizations,
    /// Groups.
    Groups,
}

impl Nature {
    fn of(field_type: FieldType) -> Self {
        match field_type {
            FieldType::RecordNumber => Self::RecordNumber,
            FieldType::UserSelect | FieldType::Creator | FieldType::Modifier | FieldType::StatusAssignee => Self::Users,
            FieldType::OrganizationSelect => Self::Organizations,
            FieldType::GroupSelect => Self::Groups,
            _ => Self::Plain,
        }
    }

    /// Whether both are people, organisations or groups, and not the same of them: codes of the one are none of the other.
    pub fn excludes(self, other: Self) -> bool {
        let entities = |nature| matches!(nature, Self::Users | Self::Organizations | Self::Groups);
        entities(self) && entities(other) && self != other
    }
}

impl Column {
    /// A column of one kind; a table's has no known columns yet.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind, inner: Vec::new(), nature: Nature::Plain }
    }

    /// A column of tables with these columns.
    pub fn table(name: impl Into<String>, inner: Vec<Column>) -> Self {
        Self { inner, ..Self::new(name, Kind::Rows) }
    }

    /// The column of a field's values; `None` for fields that are never part of a record.
    pub fn of_field(field: &model::field::Field) -> Option<Self> {
        let inner = field.fields.iter().filter_map(Self::of_field).collect();
        Some(Self { inner, nature: Nature::of(field.field_type), ..Self::new(&field.code, field.kind()?) })
    }

    /// The same under another name.
    pub fn named(&self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self.clone() }
    }
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
    /// Sorts rows; equal ones keep their order.
    Sort(Sort),
    /// Adds columns that look at other rows of the same group.
    Window(Window),
    /// Keeps one row per key.
    Distinct(Distinct),
    /// Puts the rows of several inputs one after the other.
    Append(Append),
    /// Fills blanks.
    Fill(Fill),
    /// Spreads the values of one column over columns.
    Pivot(Pivot),
    /// Makes rows of columns.
    Unpivot(Unpivot),
    /// Makes the rows of a range.
    Series(Series),
    /// Makes rows of a table's rows.
    Expand(Expand),
    /// Makes tables of rows.
    Nest(Nest),
    /// Turns columns into other types.
    Retype(Vec<Retype>),
    /// Looks values up by key.
    Lookup(Lookup),
    /// Runs an inner plan per group of rows.
    ForEach(ForEach),
    /// The rows that such an inner plan starts from.
    Given(Given),
    /// Writes to an app.
    Write(Write),
    /// Reads a file.
    ReadFile(ReadFile),
    /// Writes a file.
    WriteFile(WriteFile),
    /// Finds errors of rows.
    Check(Check),
    /// Makes rows of errors.
    Violations(Violations),
    /// Lets checked rows go on, or stops the flow.
    Pass(Pass),
    /// Reads the domain's users, organisations or groups.
    Members(Members),
    /// Calls another unit when the run has succeeded.
    Call(Call),
}

impl Op {
    /// What the passes over a plan ask of the operation.
    pub(crate) fn operation(&self) -> &dyn Operation {
        match self {
            Self::Read(op) => op,
            Self::Filter(op) => op,
            Self::Join(op) => op,
            Self::Group(op) => op,
            Self::Compute(op) => op,
            Self::Select(op) => op,
            Self::Sort(op) => op,
            Self::Window(op) => op,
            Self::Distinct(op) => op,
            Self::Append(op) => op,
            Self::Fill(op) => op,
            Self::Pivot(op) => op,
            Self::Unpivot(op) => op,
            Self::Series(op) => op,
            Self::Expand(op) => op,
            Self::Nest(op) => op,
            Self::Retype(op) => op,
            Self::Lookup(op) => op,
            Self::ForEach(op) => op,
            Self::Given(op) => op,
            Self::Write(op) => op,
            Self::ReadFile(op) => op,
            Self::WriteFile(op) => op,
            Self::Check(op) => op,
            Self::Violations(op) => op,
            Self::Pass(op) => op,
            Self::Members(op) => op,
            Self::Call(op) => op,
        }
    }

    /// The same, to change it.
    pub(crate) fn operation_mut(&mut self) -> &mut dyn Operation {
        match self {
            Self::Read(op) => op,
            Self::Filter(op) => op,
            Self::Join(op) => op,
            Self::Group(op) => op,
            Self::Compute(op) => op,
            Self::Select(op) => op,
            Self::Sort(op) => op,
            Self::Window(op) => op,
            Self::Distinct(op) => op,
            Self::Append(op) => op,
            Self::Fill(op) => op,
            Self::Pivot(op) => op,
            Self::Unpivot(op) => op,
            Self::Series(op) => op,
            Self::Expand(op) => op,
            Self::Nest(op) => op,
            Self::Retype(op) => op,
            Self::Lookup(op) => op,
            Self::ForEach(op) => op,
            Self::Given(op) => op,
            Self::Write(op) => op,
            Self::ReadFile(op) => op,
            Self::WriteFile(op) => op,
            Self::Check(op) => op,
            Self::Violations(op) => op,
            Self::Pass(op) => op,
            Self::Members(op) => op,
            Self::Call(op) => op,
        }
    }
}
