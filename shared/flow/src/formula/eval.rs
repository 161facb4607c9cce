//! The value of a formula for one row, and the rules of values.
//!
//! **Blank** is one thing: an empty field, `""`, an argument left out. It is 0 in `+ - * / ^ %`, "" in `&`, false in a condition,
//! and equals "", 0 and FALSE. A blank date, time or instant in a sum or a difference makes it blank (there is no day 0).
//! Aggregating functions (SUM, AVERAGE, MIN, …) skip blanks; date functions of a blank date are blank.
//!
//! **Numbers** are exact decimals. A division is rounded half up at max(10, both scales) + 4 decimals. TRUE is 1 and FALSE 0 in
//! arithmetic. A text that reads as a number is one in arithmetic, also with full-width digits, thousands separators, `¥` or
//! `%`; any other text is #VALUE!. A result beyond 38 digits is #NUM!.
//!
//! **Dates** are dates, not numbers. date + number = date (a fraction of a day is dropped), date - date = number of days;
//! instant + number = instant (to the second), instant - instant = days with fraction; date + time = instant; time ± number or
//! time = time, round the clock; time - time = part of a day. Elsewhere a time is its part of a day; a date or an instant is #VALUE!.
//! Excel's numbers of dates (46053 for 2026-01-31) come out where they are asked for, by N and VALUE; they go in wherever a
//! function takes a date, in date formats of TEXT, and in comparisons with dates.
//! An elapsed time is multiplied before it is divided by the day's 86,400 seconds, so `(end - start) * 24` is exact hours.
//! Days outside 1900-01-01 to 9999-12-31 are #NUM!. Days and clock times of instants are those of the flow's zone.
//!
//! **Comparison**: like kinds by value; texts without regard to case (EXACT regards it), but with regard to width; a date, time or
//! instant with a text that reads as one; a date with an instant as its first moment; a number with a date, time or instant as Excel's number of it. Other
//! mixed kinds have Excel's order: number < time < date < text < truth value. Blank is before every date and time.
//!
//! **Lists** (check boxes and the like) count as their parts joined with commas; users by code, files by name. Tables: #VALUE!.
//! `明細[金額]` is one column of a table: aggregates and list functions see its cells, blank ones too; elsewhere it is the list
//! of the texts of its cells that are not blank. Aggregates see the parts of lists one by one, as they see the cells.
//!
//! **Texts** have at most 4 MiB; a longer one is #VALUE!.
//!
//! **Errors** are values: an operator or function with an error among the operands that it looks at yields the first one.
//! IF, IFS, SWITCH, IFERROR and IFNA look only at what they need; AND, OR and XOR look at all, as in Excel.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::Value;

use super::ErrorValue;
use super::ast::BinaryOp;
use super::calendar;
use super::code::{Binary, Code, TableColumn};
use super::compare::compare;
use super::convert::{number, part_of_day, text};
use super::functions::Call;
use super::operators::{add, elapsed, power, subtract};
use super::parameters::Parameters;

/// One row, as a formula sees it.
pub trait RowView {
    /// The value of a column of this row. Called with the numbers that [`super::Expr::columns`] tells.
    fn value(&self, column: usize) -> Value;
}

/// A row of values in column order.
impl RowView for [Value] {
    fn value(&self, column: usize) -> Value {
        self.get(column).cloned().unwrap_or_default()
    }
}

impl RowView for Vec<Value> {
    fn value(&self, column: usize) -> Value {
        self.as_slice().value(column)
    }
}

/// What a formula sees besides its row: the same for all rows of a run.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The run's now, in seconds since 1970-01-01T00:00:00Z: fixed when the run starts.
    pub now: i64,
    /// The flow's time zone.
    pub zone: &'a TimeZone,
    /// The parameters of the run.
    pub parameters: &'a Parameters,
    /// Days off besides weekends, as days since 1970-01-01: what the functions of business days leave out.
    pub holidays: &'a BTreeSet<i32>,
}

/// What a context holds that was given no holidays.
static NO_HOLIDAYS: BTreeSet<i32> = BTreeSet::new();

impl<'a> Context<'a> {
    /// A context without holidays. `now` in seconds since 1970-01-01T00:00:00Z.
    pub fn new(now: i64, zone: &'a TimeZone, parameters: &'a Parameters) -> Self {
        Self { now, zone, parameters, holidays: &NO_HOLIDAYS }
    }

    /// The same with these days off, as days since 1970-01-01.
    #[must_use]
    pub fn with_holidays(self, holidays: &'a BTreeSet<i32>) -> Self {
        Self { holidays, ..self }
    }
    /// The day that TODAY() is.
    pub fn today(&self) -> Result<i32, ErrorValue> {
        calendar::local(self.now, self.zone).map(|(day, _)| day)
    }
}

/// Longest text that a formula makes, in bytes: many times what a field of kintone holds. A longer one is #VALUE!, so that
/// replacing in what was replaced cannot fill the memory.
pub(super) const LONGEST_TEXT: usize = 1 << 22;

/// A value, borrowed where it stands in the formula or in the parameters.
pub(super) type Outcome<'a> = Result<Cow<'a, Value>, ErrorValue>;

/// Where a formula is computed: a row and the run's context.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub row: &'a dyn RowView,
    pub ctx: &'a Context<'a>,
}

/// An operand of a product: an elapsed time stays in seconds until the product is complete.
enum Factor {
    Number(Decimal),
    Seconds(Decimal),
}

impl Factor {
    fn number(self) -> Result<Decimal, ErrorValue> {
        match self {
            Self::Number(n) => Ok(n),
            Self::Seconds(seconds) => part_of_day(seconds),
        }
    }
}

impl<'a> Scope<'a> {
    /// The value of a part.
    pub fn eval(&self, code: &'a Code) -> Outcome<'a> {
        match code {
            Code::Constant(value) => Ok(Cow::Borrowed(value)),
            Code::Column(column) => Ok(Cow::Owned(self.row.value(*column))),
            Code::TableColumn(column) => self.column_as_list(column).map(Cow::Owned),
            Code::Error(error) => Err(*error),
            Code::Parameter(name) => self.ctx.parameters.get(name).map(Cow::Borrowed).ok_or(ErrorValue::Ref),
            Code::Negate(inner) => Ok(Cow::Owned(Value::Number(-number(&*self.eval(inner)?)?))),
            Code::Percent(inner) => {
                let n = number(&*self.eval(inner)?)?;
                Ok(Cow::Owned(Value::Number(n.checked_mul(Decimal::from_parts(1, 2)?)?)))
            }
            Code::Binary(binary) => self.binary(binary).map(Cow::Owned),
            Code::Call(function, args) => match (function.body)(&Call { args, scope: *self })? {
                Value::Text(text) if text.len() > LONGEST_TEXT => Err(ErrorValue::Value),
                value => Ok(Cow::Owned(value)),
            },
        }
    }

    /// The cells of a table's column, from the first row to the last.
    pub fn cells(&self, column: &TableColumn) -> Result<Vec<Value>, ErrorValue> {
        let rows = match self.row.value(column.column) {
            Value::Rows(rows) => rows,
            Value::Blank => return Ok(Vec::new()),
            _ => return Err(ErrorValue::Value),
        };
        let mut found = column.kind.is_some() || rows.is_empty();
        let cells = rows.into_iter().map(|row| {
            let cell = row.cells.into_iter().find(|(name, _)| **name == *column.field);
            found |= cell.is_some();
            cell.map_or(Value::Blank, |(_, value)| value)
        });
        let cells = cells.collect();
        // Where the table's columns were not known when the formula was checked, a wrong name shows only here.
        if found { Ok(cells) } else { Err(ErrorValue::Ref) }
    }

    fn column_as_list(&self, column: &TableColumn) -> Result<Value, ErrorValue> {
        let mut texts = Vec::new();
        for cell in self.cells(column)?.iter().filter(|cell| !cell.is_blank()) {
            texts.push(text(cell, self.ctx.zone)?.into_owned());
        }
        Ok(if texts.is_empty() { Value::Blank } else { Value::Texts(texts) })
    }

    fn binary(&self, binary: &'a Binary) -> Result<Value, ErrorValue> {
        let zone = self.ctx.zone;
        if matches!(binary.op, BinaryOp::Multiply) {
            return Ok(Value::Number(self.product(binary)?.number()?));
        }
        let (left, right) = (self.eval(&binary.left)?, self.eval(&binary.right)?);
        let ordered = |test: fn(Ordering) -> bool| Ok(Value::Bool(test(compare(&left, &right, zone)?)));
        match binary.op {
            BinaryOp::Add | BinaryOp::Subtract if blank_moment(binary, &left, &right) => Ok(Value::Blank),
            BinaryOp::Add => add(&left, &right, zone),
            BinaryOp::Subtract => subtract(&left, &right, zone),
            BinaryOp::Multiply => Ok(Value::Number(number(&left)?.checked_mul(number(&right)?)?)),
            BinaryOp::Divide => Ok(Value::Number(number(&left)?.checked_div(number(&right)?)?)),
            BinaryOp::Power => power(number(&left)?, number(&right)?).map(Value::Number),
            BinaryOp::Concat => concat(&left, &right, zone),
            BinaryOp::Equal => ordered(Ordering::is_eq),
            BinaryOp::NotEqual => ordered(Ordering::is_ne),
            BinaryOp::Less => ordered(Ordering::is_lt),
            BinaryOp::LessOrEqual => ordered(Ordering::is_le),
            BinaryOp::Greater => ordered(Ordering::is_gt),
            BinaryOp::GreaterOrEqual => ordered(Ordering::is_ge),
        }
    }

    fn product(&self, binary: &'a Binary) -> Result<Factor, ErrorValue> {
        Ok(match (self.factor(&binary.left)?, self.factor(&binary.right)?) {
            (Factor::Number(a), Factor::Number(b)) => Factor::Number(a.checked_mul(b)?),
            (Factor::Seconds(s), Factor::Number(n)) | (Factor::Number(n), Factor::Seconds(s)) => {
                Factor::Seconds(s.checked_mul(n)?)
            }
            (Factor::Seconds(a), Factor::Seconds(b)) => Factor::Number(part_of_day(a)?.checked_mul(part_of_day(b)?)?),
        })
    }

    fn factor(&self, code: &'a Code) -> Result<Factor, ErrorValue> {
        if let Code::Binary(binary) = code {
            match binary.op {
                BinaryOp::Multiply => return self.product(binary),
                BinaryOp::Subtract => return self.difference(binary),
                _ => {}
            }
        }
        let value = self.eval(code)?;
        match &*value {
            Value::Time(second) => Ok(Factor::Seconds(Decimal::from(i64::from(*second)))),
            other => number(other).map(Factor::Number),
        }
    }

    fn difference(&self, binary: &'a Binary) -> Result<Factor, ErrorValue> {
        let (left, right) = (self.eval(&binary.left)?, self.eval(&binary.right)?);
        if blank_moment(binary, &left, &right) {
            return Ok(Factor::Number(Decimal::ZERO));
        }
        if let Some(seconds) = elapsed(&left, &right, self.ctx.zone)? {
            return Ok(Factor::Seconds(seconds));
        }
        match subtract(&left, &right, self.ctx.zone)? {
            Value::Time(second) => Ok(Factor::Seconds(Decimal::from(i64::from(second)))),
            other => number(&other).map(Factor::Number),
        }
    }
}

/// A date, time or instant of this sum or difference is blank.
fn blank_moment(binary: &Binary, left: &Value, right: &Value) -> bool {
    (binary.left_moment && left.is_blank()) || (binary.right_moment && right.is_blank())
}

fn concat(left: &Value, right: &Value, zone: &TimeZone) -> Result<Value, ErrorValue> {
    let (left, right) = (text(left, zone)?, text(right, zone)?);
    if left.len() + right.len() > LONGEST_TEXT {
        return Err(ErrorValue::Value);
    }
    let mut out = String::with_capacity(left.len() + right.len());
    out.push_str(&left);
    out.push_str(&right);
    Ok(Value::text(out))
}
