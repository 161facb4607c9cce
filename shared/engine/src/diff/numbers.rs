//! Auto-numbering: which added records count in which counter, and the numbers as their fields store them. Which numbers
//! they are is the ledger's to say; rows of a table are numbered here, within their record.

use std::collections::{BTreeMap, BTreeSet};

use flow::plan::{Affix, Column as Shape, NumberUnit, Numbers, RowNumbers};
use indexmap::IndexMap;
use model::field::{Field, Kind};
use model::numbering;
use model::value::{Row, Value};

use super::cells::cell;
use super::changes::Changes;
use crate::column::Column;
use crate::error::EngineError;
use crate::table::Table;

/// A text around a number.
#[derive(Clone, Debug)]
enum Text {
    Fixed(String),
    Of(Column),
}

impl Text {
    fn new(affix: &Affix, rows: &Table) -> Result<Self, EngineError> {
        Ok(match affix {
            Affix::Text(text) => Self::Fixed(text.clone()),
            Affix::Column(index) => {
                let column = rows.columns().get(*index).ok_or_else(|| EngineError::plan("no column of a prefix"))?;
                Self::Of(column.clone())
            }
        })
    }

    fn at(&self, row: usize) -> &str {
        match self {
            Self::Fixed(text) => text,
            Self::Of(column) => column.text(row).unwrap_or_default(),
        }
    }
}

/// How a field stores a number.
#[derive(Clone, Debug)]
struct Form {
    field: String,
    /// A field of numbers has no texts around them, and no zeros in front.
    plain: bool,
    digits: usize,
    prefix: Text,
    suffix: Text,
}

impl Form {
    fn value(&self, row: usize, number: u64) -> Value {
        if self.plain {
            return i64::try_from(number).map_or(Value::Blank, |n| Value::Number(n.into()));
        }
        Value::text(numbering::text(number, self.digits, self.prefix.at(row), self.suffix.at(row)))
    }

    /// The number in a stored value.
    fn read(&self, value: &Value, prefix: &str, suffix: &str) -> Option<u64> {
        match value {
            Value::Number(number) => number.to_i64().and_then(|n| u64::try_from(n).ok()),
            Value::Text(text) => numbering::read(text, prefix, suffix),
            _ => None,
        }
    }
}

/// The numbers of a table's added rows.
#[derive(Clone, Debug)]
pub(super) struct RowNumbering(Form);

impl RowNumbering {
    pub(super) fn new(spec: &RowNumbers, table: &Field, rows: &Table) -> Result<Self, EngineError> {
        let field = table.fields.iter().find(|f| f.code == spec.field);
        let plain = field.and_then(Field::kind) == Some(Kind::Number);
        let (prefix, suffix) = (Text::new(&spec.prefix, rows)?, Text::new(&spec.suffix, rows)?);
        Ok(Self(Form { field: spec.field.clone(), plain, digits: spec.digits, prefix, suffix }))
    }

    /// Numbers the new rows behind the largest number of those that stay.
    pub(super) fn assign(&self, row: usize, rows: &mut [Row]) {
        let form = &self.0;
        let stay = rows.iter().filter(|r| r.id.is_some());
        let read = |r: &Row| form.read(cell(r, &form.field), form.prefix.at(row), form.suffix.at(row));
        let mut last = stay.filter_map(read).max().unwrap_or(0);
        for new in rows.iter_mut().filter(|r| r.id.is_none()) {
            last = last.saturating_add(1);
            new.cells.push((form.field.clone(), form.value(row, last)));
        }
    }
}

/// The numbers of added records.
#[derive(Clone, Debug)]
pub(super) struct RecordNumbering {
    form: Form,
    unit: NumberUnit,
    /// What was given, by row; blank where nothing was.
    given: Vec<Value>,
}

impl RecordNumbering {
    pub(super) fn new(spec: &Numbers, field: &Field, rows: &Table) -> Result<Self, EngineError> {
        let plain = field.kind() == Some(Kind::Number);
        let (prefix, suffix) = (Text::new(&spec.prefix, rows)?, Text::new(&spec.suffix, rows)?);
        let form = Form { field: spec.field.clone(), plain, digits: spec.digits, prefix, suffix };
        Ok(Self { form, unit: spec.unit.clone(), given: Vec::new() })
    }

    /// The cell of an added record.
    pub(super) fn cell(&self, row: usize) -> (String, Value) {
        (self.form.field.clone(), self.given.get(row).cloned().unwrap_or_default())
    }
}

/// Added records that count in one counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Which of the output's numberings, from 0.
    pub numbering: usize,
    /// The numbered field.
    pub field: String,
    /// What is counted.
    pub unit: NumberUnit,
    /// The values of the group's fields, in kintone's text form; empty without a group.
    pub group: Vec<String>,
    /// Their rows, in the order in which they are added.
    pub rows: Vec<usize>,
}

impl Changes {
    /// Which counters are needed, and for how many records: in the order of the numberings, and of the added records.
    pub fn demands(&self) -> Vec<Demand> {
        let mut all: IndexMap<(usize, Vec<String>), Demand> = IndexMap::new();
        for (index, numbering) in self.numbered.iter().enumerate() {
            for row in &self.adds {
                let group = match &numbering.unit {
                    NumberUnit::App { group, .. } => group.iter().map(|code| self.group_text(code, *row)).collect(),
                    NumberUnit::Domain { .. } => Vec::new(),
                };
                let demand = all.entry((index, group)).or_insert_with_key(|(_, group)| Demand {
                    numbering: index,
                    field: numbering.form.field.clone(),
                    unit: numbering.unit.clone(),
                    group: group.clone(),
                    rows: Vec::new(),
                });
                demand.rows.push(*row);
            }
        }
        all.into_values().collect()
    }

    fn group_text(&self, code: &str, row: usize) -> String {
        let column = self.written.iter().find(|w| w.column.name() == code);
        column.and_then(|w| flow::literal::print(&w.column.value(row))).unwrap_or_default()
    }

    /// Gives numbers to the records of a demand, in order.
    pub fn give(&mut self, demand: &Demand, numbers: impl IntoIterator<Item = u64>) {
        let Some(numbering) = self.numbered.get_mut(demand.numbering) else { return };
        for (row, number) in demand.rows.iter().zip(numbers) {
            if numbering.given.len() <= *row {
                numbering.given.resize(*row + 1, Value::Blank);
            }
            numbering.given[*row] = numbering.form.value(*row, number);
        }
    }

    /// The columns of the app that [`Changes::largest`] looks at.
    pub fn number_columns(&self, demand: &Demand) -> Vec<Shape> {
        let plain = self.numbered.get(demand.numbering).is_some_and(|n| n.form.plain);
        let kind = if plain { Kind::Number } else { Kind::Text };
        let group = match &demand.unit {
            NumberUnit::App { group, .. } => group.as_slice(),
            NumberUnit::Domain { .. } => &[],
        };
        let kind_of = |code: &String| {
            self.written.iter().find(|w| w.column.name() == code).map_or(Kind::Text, |w| w.column.kind())
        };
        std::iter::once(Shape::new(&demand.field, kind))
            .chain(group.iter().map(|code| Shape::new(code, kind_of(code))))
            .collect()
    }

    /// The texts around the demand's numbers, each pair once; a field of numbers has none.
    pub fn texts_around(&self, demand: &Demand) -> BTreeSet<(&str, &str)> {
        let Some(numbering) = self.numbered.get(demand.numbering) else { return BTreeSet::new() };
        let form = &numbering.form;
        if form.plain {
            return BTreeSet::from([("", "")]);
        }
        demand.rows.iter().map(|row| (form.prefix.at(*row), form.suffix.at(*row))).collect()
    }

    /// The largest number that records of the demand's group hold, with the texts around it that the new ones will have;
    /// 0 where there is none.
    pub fn largest(&self, demand: &Demand, records: &Table) -> u64 {
        let mut by_suffix: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (prefix, suffix) in self.texts_around(demand) {
            by_suffix.entry(suffix).or_default().insert(prefix);
        }
        let same_group = |record: usize| {
            let text = |column: &Column| flow::literal::print(&column.value(record)).unwrap_or_default();
            records.columns().iter().skip(1).map(text).eq(demand.group.iter().cloned())
        };
        let read = |record: usize| match records.value(record, 0) {
            Value::Number(number) => number.to_i64().and_then(|n| u64::try_from(n).ok()),
            Value::Text(text) => by_suffix.iter().filter_map(|(suffix, of)| behind(&text, suffix, of)).max(),
            _ => None,
        };
        (0..records.rows()).filter(|record| same_group(*record)).filter_map(read).max().unwrap_or(0)
    }
}

/// The number in a text behind one of these prefixes. The digits at its end are tried as numbers of every length, instead
/// of every prefix: there may be one per record.
fn behind(text: &str, suffix: &str, prefixes: &BTreeSet<&str>) -> Option<u64> {
    let stem = text.strip_suffix(suffix)?;
    let digits = stem.bytes().rev().take_while(u8::is_ascii_digit).count();
    let lengths = stem.len() - digits..stem.len();
    let prefix = lengths.filter_map(|length| stem.get(..length)).filter(|prefix| prefixes.contains(prefix));
    prefix.filter_map(|prefix| numbering::read(text, prefix, suffix)).max()
}
