//! The table of intended differences: where Suiro is meant to differ from LibreOffice, each with a predicate that finds the cause
//! in the formula, and the reason. The first entry that fits explains a case.

mod causes;
mod dates;
mod texts;

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
        dates::week_53,
    ),
    entry(
        "days beyond months",
        "DATEDIF with MD and YD: Excel warns of its own wrong results after short months, which LibreOffice repeats; Suiro counts from the last day of the shorter month",
        dates::datedif_md,
    ),
    entry(
        "small years",
        "DATE adds 1900 to years below 1900, as Excel does; LibreOffice takes them as they are",
        dates::small_year,
    ),
    entry(
        "whole arguments of TIME",
        "Excel drops the fraction of hours, minutes and seconds; LibreOffice counts it",
        dates::time_fraction,
    ),
    entry(
        "whole counts",
        "Excel drops the fraction of a count before it looks at its sign, so -0.5 is 0, and takes one that is far too large; LibreOffice refuses both",
        causes::negative_fraction,
    ),
    entry(
        "ends of the calendar",
        "Excel's serial numbers below 61 are one less than LibreOffice's, and negative ones and those after 9999 are #NUM!",
        dates::early_serial,
    ),
    entry(
        "38 digits",
        "A result beyond 38 digits is #NUM!; a double goes on to 10^308 with the first 16 digits",
        causes::too_many_digits,
    ),
    entry(
        "errors of statistics",
        "LARGE and SMALL beyond the values are #NUM! in Excel, a mode that is not there #N/A; LibreOffice says #VALUE!",
        causes::statistics_error,
    ),
    entry(
        "first error",
        "Of several errors Excel gives the first; LibreOffice often gives another that it meets",
        causes::first_error,
    ),
    entry(
        "end of February",
        "In years of 360 days Excel takes the last day of February for the 30th; LibreOffice does so in part",
        dates::end_of_february,
    ),
    entry(
        "errors handed on",
        "T, ISEVEN and ISODD hand on an error as it is; LibreOffice has errors of its own for them",
        causes::error_handed_on,
    ),
    entry(
        "candidates of another kind",
        "A number is no candidate for a text in SWITCH, as in Excel; LibreOffice says #VALUE!",
        causes::switch_of_kinds,
    ),
    entry(
        "one value as a list",
        "A single value is a list of one for INDEX; LibreOffice wants a range or an array",
        causes::single_as_list,
    ),
    entry(
        "point without decimals",
        "A format such as #.## shows its point always, as Excel does; LibreOffice leaves it out where no decimal follows",
        texts::bare_point,
    ),
    entry("whole days", "DAYS drops the time of day, as Excel does; LibreOffice counts it", dates::days_of_instants),
    entry(
        "kind by format",
        "ISLOGICAL of a number or a text is FALSE; LibreOffice has no kind for truth values and looks at the format of what was computed before",
        causes::islogical_of_number,
    ),
    entry(
        "order of texts",
        "Suiro orders texts by code point without regard to case, the same in every language; LibreOffice by the rules of Japanese",
        texts::text_order,
    ),
    entry(
        "dates that are dates already",
        "DATEVALUE and TIMEVALUE of a date, a time or a number give the day or the time; Excel and LibreOffice want a text",
        dates::value_of_date,
    ),
    entry(
        "bytes of half-width kana",
        "A half-width kana is one byte for LENB and its kin, as in Excel; LibreOffice counts two, one for some letters with accents, and finds spaces in halves of characters",
        texts::half_width,
    ),
    entry(
        "full-width spaces",
        "TRIM takes full-width spaces for spaces, because people type them in Japanese names; Excel and LibreOffice leave them",
        texts::trimmed_width,
    ),
    entry(
        "width of spaces",
        "ASC and JIS change the width of spaces, as in Excel; LibreOffice leaves them",
        texts::space_width,
    ),
    entry(
        "unreserved signs",
        "ENCODEURL leaves the point and the like as they are, as Excel does; LibreOffice encodes the point, and refuses an empty text",
        texts::point_in_url,
    ),
    entry(
        "multiples of another sign",
        "MROUND of numbers with different signs is #NUM! in Excel; LibreOffice rounds",
        causes::mround_signs,
    ),
    entry("Japanese times", "Excel reads 9時5分; LibreOffice does not", dates::japanese_time),
    entry("AM and PM", "AM/PM stays AM or PM in Excel, in Japanese too; LibreOffice writes 午前 or 午後", dates::am_pm),
    entry(
        "truth values are no numbers",
        "In Excel and in Suiro a truth value is a kind of its own: TRUE in texts, above all texts in comparisons, not a number for ISNUMBER and COUNT; LibreOffice takes it for 1 or 0",
        texts::truth_value,
    ),
    entry(
        "texts in columns",
        "Spreadsheets skip texts and truth values that stand in cells when they add up or combine conditions; Suiro reads them or says #VALUE!, because a column has a kind",
        texts::text_cell,
    ),
    entry(
        "texts as arguments",
        "Excel reads numbers and truth values in texts that are arguments of SUM, OR and the like, as Suiro does; LibreOffice refuses them",
        texts::text_argument,
    ),
    entry(
        "texts that are dates",
        "A text that reads as a date is compared as a date and not reckoned with as a serial number, and one that reads as a number is no date, because dates are no numbers in Suiro",
        dates::date_text,
    ),
    entry(
        "dates in texts",
        "A date or time in a text is written as a date or time, not as its serial number",
        dates::moment_in_text,
    ),
    entry(
        "dates are no numbers",
        "Dates and instants cannot be multiplied, summed up or compared with numbers by mistake: #VALUE!, or after all numbers in comparisons; a fraction of a day added to a date is dropped",
        dates::moment_as_number,
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
        texts::digits_in_text,
    ),
    entry(
        "rounding of doubles",
        "LibreOffice rounds to some twelve digits before it cuts a number of many digits; Excel and Suiro cut the number as it is",
        causes::cut_of_many_digits,
    ),
    entry(
        "exact decimals",
        "LibreOffice computes with doubles: digits that cancel each other out leave an error",
        causes::lost_digits,
    ),
];
