//! Formulas over numbers, a column at a time.
//!
//! What is computed here is what [`super::eval`] computes row by row, or nothing: sums, differences, products, percent,
//! signs, rounding to a fixed number of decimals, and the parts of dates, over columns of numbers and dates and fixed
//! numbers. All of these are exact as long as every intermediate has 38 digits at most at the scale that its columns give
//! it. Where one has more, or where the formula has any other part, there is no batch, and rows are computed one by one.

use std::ops::Range;

use model::decimal::arith::Rounding;
use model::decimal::{Decimal, MAX_DIGITS};
use model::value::Value;

use super::ast::BinaryOp;
use super::calendar;
use super::code::{Code, Expr};

/// Rows that are computed at a time: so few that intermediates stay near the processor.
const PART: usize = 1_024;
/// 10^38: the first number with more digits than a decimal holds.
const LIMIT: u128 = 10u128.pow(MAX_DIGITS);

/// Columns of one length, as a batch sees them.
pub trait Columns {
    /// The mantissas of a column of numbers, and their scale. What stands at a blank means nothing. `None`: no numbers.
    fn numbers(&self, column: usize) -> Option<(&[i128], u32)>;
    /// The days of a column of dates, since 1970-01-01. What stands at a blank means nothing. `None`: no dates.
    fn days(&self, column: usize) -> Option<&[i32]>;
    /// True where the column has a blank.
    fn has_blanks(&self, column: usize) -> bool;
    /// True where the column is blank in this row.
    fn is_blank(&self, column: usize, row: usize) -> bool;
}

/// The results of a batch: a number for every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mantissas {
    /// The digits of each.
    pub values: Vec<i128>,
    /// How many of them stand behind the point: as many as the number with most decimals needs.
    pub scale: u32,
}

impl Expr {
    /// The values of this formula for all rows, where they can be computed together. They are those of [`Expr::eval`], and
    /// none of them is blank or an error.
    pub fn eval_batch(&self, columns: &dyn Columns, rows: usize) -> Option<Mantissas> {
        let (step, scale) = compile(&self.root, columns)?;
        // A column alone would keep its blanks.
        if matches!(step, Step::Numbers { .. } | Step::DatePart { .. } | Step::Fixed(_)) {
            return None;
        }
        let mut values = Vec::with_capacity(rows);
        let mut begin = 0;
        while begin < rows {
            let end = rows.min(begin + PART);
            match step.eval(columns, begin..end)? {
                Part::Fixed(value) => values.resize(end, value),
                Part::Each(part) => values.extend_from_slice(&part),
            }
            begin = end;
        }
        Some(shortened(values, scale))
    }
}

/// The same numbers at the smallest scale that all of them have.
fn shortened(mut values: Vec<i128>, scale: u32) -> Mantissas {
    let mut drop = scale;
    for value in &values {
        while drop > 0 && !divides(*value, drop) {
            drop -= 1;
        }
        if drop == 0 {
            return Mantissas { values, scale };
        }
    }
    let unit = 10i128.pow(drop);
    values.iter_mut().for_each(|value| *value /= unit);
    Mantissas { values, scale: scale - drop }
}

/// True where the last `digits` digits are zeros.
fn divides(value: i128, digits: u32) -> bool {
    match (i64::try_from(value), 10i64.checked_pow(digits)) {
        (Ok(value), Some(unit)) => value % unit == 0,
        _ => value % 10i128.pow(digits) == 0,
    }
}

/// A part of a formula. Scales are settled; steps work on mantissas.
enum Step {
    Fixed(i128),
    Numbers {
        column: usize,
    },
    DatePart {
        column: usize,
        part: fn((i64, i64, i64)) -> i64,
    },
    Negate(Box<Step>),
    /// Both sides are multiplied by these powers of ten first, to stand at one scale.
    Sum {
        left: Box<Step>,
        right: Box<Step>,
        up: (i128, i128),
        subtract: bool,
    },
    Product(Box<Step>, Box<Step>),
    /// The last digits are cut off: so many as `unit` has zeros.
    Round {
        inner: Box<Step>,
        unit: i128,
        mode: Rounding,
    },
}

/// Mantissas of some rows, or one of all of them.
enum Part {
    Fixed(i128),
    Each(Vec<i128>),
}

/// The step of a part, and the scale of its results.
fn compile(code: &Code, columns: &dyn Columns) -> Option<(Step, u32)> {
    let compiled = |code: &Code| compile(code, columns).map(|(step, scale)| (Box::new(step), scale));
    match code {
        Code::Constant(Value::Number(number)) => Some((Step::Fixed(number.mantissa()), number.scale())),
        Code::Column(column) => columns.numbers(*column).map(|(_, scale)| (Step::Numbers { column: *column }, scale)),
        Code::Negate(inner) => compiled(inner).map(|(inner, scale)| (Step::Negate(inner), scale)),
        Code::Percent(inner) => {
            let (inner, scale) = compiled(inner)?;
            Some((Step::Product(inner, Box::new(Step::Fixed(1))), within(scale + 2)?))
        }
        Code::Binary(binary) => {
            // A blank date would make a sum blank.
            if binary.left_moment || binary.right_moment {
                return None;
            }
            let ((left, left_scale), (right, right_scale)) = (compiled(&binary.left)?, compiled(&binary.right)?);
            let subtract = match binary.op {
                BinaryOp::Multiply => return Some((Step::Product(left, right), within(left_scale + right_scale)?)),
                BinaryOp::Add => false,
                BinaryOp::Subtract => true,
                _ => return None,
            };
            let scale = left_scale.max(right_scale);
            let up = (10i128.pow(scale - left_scale), 10i128.pow(scale - right_scale));
            Some((Step::Sum { left, right, up, subtract }, scale))
        }
        Code::Call(function, args) => match (function.name, &args[..]) {
            ("ROUND", [inner, places]) => round(compiled(inner)?, places, Rounding::HalfUp),
            ("ROUNDUP", [inner, places]) => round(compiled(inner)?, places, Rounding::Up),
            ("ROUNDDOWN", [inner, places]) => round(compiled(inner)?, places, Rounding::Down),
            ("YEAR", [Code::Column(column)]) => date_part(columns, *column, |(year, _, _)| year),
            ("MONTH", [Code::Column(column)]) => date_part(columns, *column, |(_, month, _)| month),
            ("DAY", [Code::Column(column)]) => date_part(columns, *column, |(_, _, day)| day),
            _ => None,
        },
        _ => None,
    }
}

fn within(scale: u32) -> Option<u32> {
    (scale <= MAX_DIGITS).then_some(scale)
}

fn round((inner, scale): (Box<Step>, u32), places: &Code, mode: Rounding) -> Option<(Step, u32)> {
    let Code::Constant(Value::Number(places)) = places else { return None };
    let places = u32::try_from(places.to_i64()?).ok()?;
    // As many decimals as there are: nothing to cut, and the number stays what it is.
    let unit = 10i128.pow(scale.saturating_sub(places));
    Some((Step::Round { inner, unit, mode }, scale.min(places)))
}

fn date_part(columns: &dyn Columns, column: usize, part: fn((i64, i64, i64)) -> i64) -> Option<(Step, u32)> {
    columns.days(column).map(|_| (Step::DatePart { column, part }, 0))
}

impl Step {
    /// The mantissas of some rows; `None` where one of them has more than 38 digits. A blank counts as 0.
    fn eval(&self, columns: &dyn Columns, rows: Range<usize>) -> Option<Part> {
        Some(match self {
            Self::Fixed(value) => Part::Fixed(*value),
            Self::Numbers { column } => {
                let mut values = columns.numbers(*column)?.0.get(rows.clone())?.to_vec();
                blank_is_zero(columns, *column, rows.start, &mut values);
                Part::Each(values)
            }
            Self::DatePart { column, part } => {
                let days = columns.days(*column)?.get(rows.clone())?;
                let mut values: Vec<i128> = days.iter().map(|day| i128::from(part(calendar::ymd(*day)))).collect();
                blank_is_zero(columns, *column, rows.start, &mut values);
                Part::Each(values)
            }
            Self::Negate(inner) => inner.eval(columns, rows)?.map(|value| Some(-value))?,
            Self::Sum { left, right, up, subtract } => {
                let raised =
                    |part: Part, up: i128| if up == 1 { Some(part) } else { part.map(|value| times(value, up)) };
                let left = raised(left.eval(columns, rows.clone())?, up.0)?;
                let right = raised(right.eval(columns, rows)?, up.1)?;
                // Two numbers of 38 digits never pass 128 bits.
                let within = |sum: i128| (sum.unsigned_abs() < LIMIT).then_some(sum);
                if *subtract {
                    left.with(right, |a, b| within(a - b))?
                } else {
                    left.with(right, |a, b| within(a + b))?
                }
            }
            Self::Product(left, right) => left.eval(columns, rows.clone())?.with(right.eval(columns, rows)?, times)?,
            Self::Round { inner, unit, mode } => {
                let part = inner.eval(columns, rows)?;
                if *unit == 1 { part } else { part.map(|value| Some(cut(value, *unit, *mode)))? }
            }
        })
    }
}

impl Part {
    fn map(self, of: impl Fn(i128) -> Option<i128>) -> Option<Self> {
        Some(match self {
            Self::Fixed(value) => Self::Fixed(of(value)?),
            Self::Each(mut values) => {
                for value in &mut values {
                    *value = of(*value)?;
                }
                Self::Each(values)
            }
        })
    }

    fn with(self, other: Self, of: impl Fn(i128, i128) -> Option<i128>) -> Option<Self> {
        match (self, other) {
            (left, Self::Fixed(b)) => left.map(|a| of(a, b)),
            (Self::Fixed(a), right) => right.map(|b| of(a, b)),
            (Self::Each(mut left), Self::Each(right)) => {
                for (a, b) in left.iter_mut().zip(right) {
                    *a = of(*a, b)?;
                }
                Some(Self::Each(left))
            }
        }
    }
}

fn blank_is_zero(columns: &dyn Columns, column: usize, first: usize, values: &mut [i128]) {
    if columns.has_blanks(column) {
        for (row, value) in (first..).zip(values) {
            if columns.is_blank(column, row) {
                *value = 0;
            }
        }
    }
}

/// The product, where it has 38 digits at most.
fn times(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        // At most 2^126, which has 38 digits.
        (Ok(a), Ok(b)) => Some(i128::from(a) * i128::from(b)),
        _ => a.checked_mul(b).filter(|product| product.unsigned_abs() < LIMIT),
    }
}

/// The quotient by a power of ten, rounded.
fn cut(value: i128, unit: i128, mode: Rounding) -> i128 {
    if let (Ok(value), Ok(unit)) = (i64::try_from(value), i64::try_from(unit)) {
        let (quotient, rest) = (value / unit, value % unit);
        let away = match mode {
            Rounding::HalfUp => rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2),
            Rounding::Up => rest != 0,
            Rounding::Down => false,
            Rounding::HalfEven => {
                let (low, high) = (rest.unsigned_abs(), unit.unsigned_abs() - rest.unsigned_abs());
                low > high || (low == high && quotient % 2 != 0)
            }
        };
        return i128::from(if away { quotient + value.signum() } else { quotient });
    }
    // The same with the decimal's own arithmetic: as a number with as many decimals as are cut off.
    let digits = unit.ilog10();
    let rounded = Decimal::from_parts(value, digits).and_then(|number| number.round(0, mode));
    rounded.map_or(0, Decimal::mantissa)
}
