//! The table of intended differences: where Suiro is meant to differ from LibreOffice, each with a predicate that finds the cause
//! in the formula, and the reason. The first entry that fits explains a case.

mod causes;

use model::value::Value;

use super::answer::Answer;
use super::suiro::{Outcome, Suiro};
use super::tree::Node;

/// A case that is not equal.
pub struct Case<'a> {
    /// The formula.
    pub formula: &'a str,
    /// Its parts.
    pub tree: &'a Node,
    /// LibreOffice's answer.
    pub answer: &'a Answer,
    /// Suiro's.
    pub outcome: &'a Outcome,
    /// To compute parts of the formula.
    pub suiro: &'a Suiro,
}

impl Case<'_> {
    /// What Suiro makes of a part.
    pub fn outcome_of(&self, node: &Node) -> Outcome {
        self.suiro.compute(&self.formula[node.span.clone()])
    }

    /// The value of a part; None for an error.
    pub fn value_of(&self, node: &Node) -> Option<Value> {
        self.outcome_of(node).value().cloned()
    }

    /// Whether a part is like this.
    pub fn any(&self, mut like: impl FnMut(&Node) -> bool) -> bool {
        let mut found = false;
        self.tree.walk(&mut |node| found = found || like(node));
        found
    }
}

/// An entry of the table.
pub struct Difference {
    /// Its name.
    pub name: &'static str,
    /// Why the difference is meant.
    pub reason: &'static str,
    /// Whether it explains a case.
    pub explains: fn(&Case<'_>) -> bool,
}

const fn entry(name: &'static str, reason: &'static str, explains: fn(&Case<'_>) -> bool) -> Difference {
    Difference { name, reason, explains }
}

/// The table. The order matters: what is most particular comes first.
pub static ALL: &[Difference] = &[
    entry(
        "power of zero",
        "0^0 is #NUM! and 0 to a negative power #DIV/0! in Excel; LibreOffice gives 1 and #NUM!",
        causes::power_of_zero,
    ),
    entry(
        "division by zero by name",
        "FLOOR and QUOTIENT by 0 are #DIV/0! in Excel; LibreOffice says invalid argument",
        causes::floor_by_zero,
    ),
    entry(
        "week 53",
        "WEEKNUM counts the last days of a year on (53, 54) in Excel; LibreOffice gives the first week of the next year",
        causes::week_53,
    ),
    entry(
        "days beyond months",
        "DATEDIF with MD: Excel warns of its own wrong results after short months, which LibreOffice repeats; Suiro counts from the last day of the shorter month",
        causes::datedif_md,
    ),
    entry(
        "small years",
        "DATE adds 1900 to years below 1900, as Excel does; LibreOffice takes them as they are",
        causes::small_year,
    ),
    entry(
        "whole arguments of TIME",
        "Excel drops the fraction of hours, minutes and seconds; LibreOffice counts it",
        causes::time_fraction,
    ),
    entry(
        "whole counts",
        "Excel drops the fraction of a count before it looks at its sign, so -0.5 is 0; LibreOffice refuses it",
        causes::negative_fraction,
    ),
    entry(
        "first days of 1900",
        "Excel's serial numbers below 61 are one less than LibreOffice's, and negative ones are #NUM!",
        causes::early_serial,
    ),
    entry(
        "Japanese times",
        "Excel reads 9時5分; LibreOffice does not",
        causes::japanese_time,
    ),
    entry(
        "AM and PM",
        "AM/PM stays AM or PM in Excel, in Japanese too; LibreOffice writes 午前 or 午後",
        causes::am_pm,
    ),
    entry(
        "truth values are no numbers",
        "In Excel and in Suiro a truth value is a kind of its own: TRUE in texts, above all texts in comparisons, not a number for ISNUMBER and COUNT; LibreOffice takes it for 1 or 0",
        causes::truth_value,
    ),
    entry(
        "texts in columns",
        "Spreadsheets skip texts and truth values that stand in cells when they add up or combine conditions; Suiro reads them or says #VALUE!, because a column has a kind",
        causes::text_cell,
    ),
    entry(
        "texts as arguments",
        "Excel reads numbers and truth values in texts that are arguments of SUM, OR and the like, as Suiro does; LibreOffice refuses them",
        causes::text_argument,
    ),
    entry(
        "texts that are dates",
        "A text that reads as a date is compared as a date and not reckoned with as a serial number, because dates are no numbers in Suiro",
        causes::date_text,
    ),
    entry(
        "dates in texts",
        "A date or time in a text is written as a date or time, not as its serial number",
        causes::moment_in_text,
    ),
    entry(
        "dates are no numbers",
        "Dates and instants cannot be multiplied, summed up or compared with numbers by mistake: #VALUE!, or after all numbers in comparisons",
        causes::moment_as_number,
    ),
    entry(
        "blank stays blank",
        "Blank and an empty text are one thing in kintone: it is passed on as blank, skipped by aggregates, and a date function of it is blank; in LibreOffice it becomes 0",
        causes::blank,
    ),
    entry(
        "fourteen decimals",
        "A quotient is rounded half up at fourteen decimals or more: one far below 1 has fewer digits than a double",
        causes::rounded_quotient,
    ),
    entry(
        "all digits in texts",
        "A number in a text has all its digits; LibreOffice writes at most 15",
        causes::digits_in_text,
    ),
    entry(
        "exact decimals",
        "LibreOffice computes with doubles: digits that cancel each other out leave an error",
        causes::lost_digits,
    ),
];
