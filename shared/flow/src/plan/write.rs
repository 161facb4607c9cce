//! Writing to an app: its method, its tables, and the numbers that added records get.

use std::fmt;

use model::numbering::Cycle;

use super::SortKey;
use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// Writing to an app.
#[derive(Clone, Debug)]
pub struct Write {
    /// The app's number.
    pub app: u64,
    /// How.
    pub method: Method,
    /// Input column and field code.
    pub mapping: Vec<(usize, String)>,
    /// How the mapped tables are written; one without an entry is replaced.
    pub tables: Vec<TableWrite>,
    /// Numbers that added records get, in fields that are not mapped.
    pub numbers: Vec<Numbers>,
    /// Write the keys of lookups also where they are equal, so that kintone fetches what they copy again.
    pub refresh_lookups: bool,
    /// The data check whose error records these are: they are written also where that check stops the flow.
    pub errors_of: Option<String>,
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

/// How a table of a record is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableWrite {
    /// The table's field code; it is in the mapping.
    pub field: String,
    /// Columns that the flow carries: their name in the flow's table, and their field code in the app's.
    pub columns: Vec<(String, String)>,
    /// How.
    pub method: TableMethod,
    /// The order of added rows (of all rows of a table that is replaced), by index in `columns`. None: the flow's order.
    pub order: Vec<SortKey>,
    /// Numbers that added rows get, in columns that are not carried.
    pub numbers: Vec<RowNumbers>,
}

/// How the rows of a table are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableMethod {
    /// The table holds exactly the flow's rows; one that is there already keeps its id and what the flow does not carry.
    Replace,
    /// The flow's rows come behind those that are there.
    Append,
    /// Rows of equal key are updated in the columns that the flow carries; the others are added.
    Merge {
        /// Field codes of the key; each is carried.
        key: Vec<String>,
        /// Whether rows without a partner in the flow are deleted.
        delete: bool,
    },
}

/// A field of added records that is numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Field code.
    pub field: String,
    /// What is counted.
    pub unit: NumberUnit,
    /// Least number of digits.
    pub digits: usize,
    /// In front of the number.
    pub prefix: Affix,
    /// Behind it.
    pub suffix: Affix,
}

/// A column of a table that is numbered, within the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowNumbers {
    /// Field code.
    pub field: String,
    /// Least number of digits.
    pub digits: usize,
    /// In front of the number.
    pub prefix: Affix,
    /// Behind it.
    pub suffix: Affix,
}

/// What a number counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberUnit {
    /// Records of the app, or of each group of them.
    App {
        /// Mapped fields of equal value; none: all records.
        group: Vec<String>,
        /// How often it starts anew.
        cycle: Cycle,
    },
    /// A number that is registered for the domain.
    Domain {
        /// Its name.
        name: String,
    },
}

/// A text around a number; a field of numbers has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affix {
    /// The same for all.
    Text(String),
    /// The row's value of this input column.
    Column(usize),
}

impl Write {
    /// Plain writing: tables replaced, no numbers.
    pub fn new(app: u64, method: Method, mapping: Vec<(usize, String)>) -> Self {
        let (tables, numbers) = (Vec::new(), Vec::new());
        Self { app, method, mapping, tables, numbers, refresh_lookups: false, errors_of: None }
    }

    /// How this table is written.
    pub fn table(&self, field: &str) -> Option<&TableWrite> {
        self.tables.iter().find(|t| t.field == field)
    }

    fn affixes(&self) -> impl Iterator<Item = &Affix> {
        let rows = self.tables.iter().flat_map(|t| &t.numbers).flat_map(|n| [&n.prefix, &n.suffix]);
        self.numbers.iter().flat_map(|n| [&n.prefix, &n.suffix]).chain(rows)
    }
}

impl Operation for Write {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        let affixes = self.affixes().filter_map(|a| if let Affix::Column(c) = a { Some(*c) } else { None });
        vec![self.mapping.iter().map(|(c, _)| *c).chain(affixes).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.mapping.iter_mut().for_each(|(c, _)| *c = numbers.input(*c));
        let rows = self.tables.iter_mut().flat_map(|t| &mut t.numbers).flat_map(|n| [&mut n.prefix, &mut n.suffix]);
        for affix in self.numbers.iter_mut().flat_map(|n| [&mut n.prefix, &mut n.suffix]).chain(rows) {
            if let Affix::Column(column) = affix {
                *column = numbers.input(*column);
            }
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let how = match &self.method {
            Method::Update { key, insert } => {
                format!("update by {}{}", key.join(", "), if *insert { ", insert the rest" } else { "" })
            }
            Method::Regenerate { allow_empty } => {
                format!("regenerate{}", if *allow_empty { ", may become empty" } else { "" })
            }
            Method::Append => "append".to_owned(),
        };
        writeln!(f, "    write app {}: {how}", self.app)?;
        if let Some(step) = &self.errors_of {
            writeln!(f, "    errors of {step}")?;
        }
        for (column, field) in &self.mapping {
            writeln!(f, "    {field} <- {}", names.input(0, *column))?;
        }
        for table in &self.tables {
            let method = match &table.method {
                TableMethod::Replace => "replace".to_owned(),
                TableMethod::Append => "append".to_owned(),
                TableMethod::Merge { key, delete } => {
                    format!("merge by {}{}", key.join(", "), if *delete { ", delete the rest" } else { "" })
                }
            };
            let renamed =
                table.columns.iter().map(|(from, to)| if from == to { to.clone() } else { format!("{to} <- {from}") });
            writeln!(f, "    table {}: {method} ({})", table.field, renamed.collect::<Vec<_>>().join(", "))?;
            if !table.order.is_empty() {
                let keys = table.order.iter().map(|key| {
                    let field = table.columns.get(key.column).map_or("?", |(_, to)| to.as_str());
                    format!("{field}{}", if key.descending { " desc" } else { "" })
                });
                writeln!(f, "      added by {}", keys.collect::<Vec<_>>().join(", "))?;
            }
            for number in &table.numbers {
                writeln!(f, "      number {}: {} digits within the record", number.field, number.digits)?;
            }
        }
        for number in &self.numbers {
            let unit = match &number.unit {
                NumberUnit::App { group, cycle } => format!("by app ({}), {cycle:?}", group.join(", ")),
                NumberUnit::Domain { name } => format!("by domain: {name}"),
            };
            writeln!(f, "    number {}: {} digits, {unit}", number.field, number.digits)?;
        }
        if self.refresh_lookups {
            writeln!(f, "    lookups are fetched again")?;
        }
        Ok(())
    }
}
