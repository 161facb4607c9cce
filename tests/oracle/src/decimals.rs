//! Arithmetic, beside Python's `decimal`: operands and exact results that the script `decimals` of this crate wrote.
//!
//! Results must be equal digit by digit. What a formula can write goes through the formula's parser and evaluator; rounding to
//! even, which formulas do not have, through the number type itself.

use flow::formula::ErrorValue;
use model::decimal::Decimal;
use model::decimal::arith::Rounding;
use model::value::Value;

use crate::formulas::suiro::{Outcome, Suiro};

/// A case whose result is another.
#[derive(Debug)]
pub struct Unequal {
    /// Operation and operands.
    pub case: String,
    /// Python's result.
    pub theirs: String,
    /// Suiro's result.
    pub own: String,
}

/// The outcome of a comparison.
#[derive(Debug)]
pub struct Report {
    /// The first line of the file: version and seed.
    pub head: String,
    /// How many cases.
    pub cases: usize,
    /// Those that differ.
    pub unequal: Vec<Unequal>,
}

impl Report {
    /// Computes every case of a file. Fails with the number of a line that is none.
    pub fn of(file: &str) -> Result<Self, usize> {
        let suiro = Suiro::default();
        let mut report = Self { head: String::new(), cases: 0, unequal: Vec::new() };
        for (at, line) in file.lines().enumerate() {
            if let Some(head) = line.strip_prefix("# ") {
                report.head = head.to_owned();
                continue;
            }
            let mut parts = line.split('\t');
            let (Some(operation), Some(operands), Some(theirs)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(at + 1);
            };
            let operands: Vec<&str> = operands.split(' ').collect();
            let own = compute(&suiro, operation, &operands).ok_or(at + 1)?;
            report.cases += 1;
            if own != theirs {
                let case = format!("{operation} {}", operands.join(" "));
                report.unequal.push(Unequal { case, theirs: theirs.to_owned(), own });
            }
        }
        Ok(report)
    }

    /// What there is to say, with at most `show` cases that differ.
    pub fn text(&self, show: usize) -> String {
        let mut out = format!("{}\ncases {}, different {}\n", self.head, self.cases, self.unequal.len());
        for Unequal { case, theirs, own } in self.unequal.iter().take(show) {
            out.push_str(&format!("    {case}\n        Python {theirs}, Suiro {own}\n"));
        }
        out
    }
}

/// The result as it is kept; None for an operation that is not known.
fn compute(suiro: &Suiro, operation: &str, operands: &[&str]) -> Option<String> {
    if operation == "round_half_even" {
        return round_half_even(operands);
    }
    Some(match suiro.compute(&formula(operation, operands)?) {
        Outcome::Value(Value::Number(number)) => number.to_string(),
        Outcome::Value(other) => format!("{other:?}"),
        Outcome::Error(error) => error.to_string(),
        Outcome::Refused(code) => code.to_owned(),
    })
}

fn round_half_even(operands: &[&str]) -> Option<String> {
    let (number, places) = (operands.first()?.parse::<Decimal>().ok()?, operands.get(1)?.parse().ok()?);
    Some(match number.round(places, Rounding::HalfEven) {
        Ok(number) => number.to_string(),
        Err(error) => ErrorValue::from(error).to_string(),
    })
}

fn formula(operation: &str, operands: &[&str]) -> Option<String> {
    let function = match operation {
        "add" => return Some(operands.join("+")),
        "sub" => return Some(operands.join("-")),
        "mul" => return Some(operands.join("*")),
        "div" => return Some(operands.join("/")),
        "power" => return Some(operands.join("^")),
        "round_half_up" => "ROUND",
        "round_up" => "ROUNDUP",
        "round_down" => "ROUNDDOWN",
        "mod" | "quotient" | "sqrt" | "sum" | "average" | "var.s" | "var.p" | "stdev.s" | "stdev.p" => operation,
        _ => return None,
    };
    Some(format!("{function}({})", operands.join(",")))
}
