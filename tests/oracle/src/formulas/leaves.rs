//! Literals and cells: what stands at the ends of a generated formula.

use rand::RngExt;
use rand::rngs::StdRng;

use super::pools::{
    DATE_FORMATS, DATE_TEXTS, ERA_DAYS, FORMATS, LISTED_NUMBERS, LISTED_TEXTS, NEEDLES, NO_DATES, NUMBER_TESTS,
    NUMBER_TEXTS, NUMBERS, SOLID, SPACED, TEXT_TESTS, TEXTS, TIME_FORMATS, TIME_TEXTS,
};
use super::shapes::Slot;

/// What is seldom stands once in so many times.
const SELDOM: u32 = 32;

/// One of several texts.
pub fn one_of<'a>(rng: &mut StdRng, texts: &[&'a str]) -> &'a str {
    texts.get(rng.random_range(0..texts.len().max(1))).copied().unwrap_or_default()
}

/// True once in `n` times.
pub fn once_in(rng: &mut StdRng, n: u32) -> bool {
    rng.random_range(0..n) == 0
}

fn cell(rng: &mut StdRng, letters: &[&str]) -> String {
    format!("{}{}", one_of(rng, letters), rng.random_range(1..=8))
}

/// A list of six, as long as the table.
fn list(rng: &mut StdRng, of: &[&str]) -> String {
    let parts: Vec<&str> = (0..6).map(|_| one_of(rng, of)).collect();
    format!("LIST({})", parts.join(","))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn number(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..35 => one_of(rng, NUMBERS).to_owned(),
        35..50 => rng.random_range(-1000..1000).to_string(),
        50..65 => {
            let places = rng.random_range(1..5);
            let digits = rng.random_range(-999_999..1_000_000);
            format!("{:.places$}", f64::from(digits) / 10f64.powi(i32::try_from(places).unwrap_or_default()))
        }
        65 if once_in(rng, 4) => cell(rng, &["I"]),
        66 if once_in(rng, 2) => format!("{}", rng.random_range(-1_000_000_000_000i64..1_000_000_000_000)),
        _ => cell(rng, &["A", "B", "L"]),
    }
}

fn date(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..50 => cell(rng, &["F"]),
        50..95 => {
            let (year, month) = (rng.random_range(1952..2060), rng.random_range(1..=12));
            let day =
                if once_in(rng, 3) { one_of(rng, &["28", "29", "30", "31"]) } else { one_of(rng, &["1", "5", "15"]) };
            format!("DATE({year},{month},{day})")
        }
        95..99 => one_of(rng, ERA_DAYS).to_owned(),
        _ if once_in(rng, 3) => quoted(one_of(rng, &DATE_TEXTS[..7])),
        _ => cell(rng, &["F"]),
    }
}

fn time(rng: &mut StdRng) -> String {
    if once_in(rng, 2) {
        return cell(rng, &["G"]);
    }
    format!("TIME({},{},{})", rng.random_range(0..24), rng.random_range(0..60), rng.random_range(0..60))
}

fn text(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..45 => quoted(one_of(rng, TEXTS)),
        45..50 => quoted(one_of(rng, SPACED)),
        50 => cell(rng, &["J"]),
        51 => quoted(""),
        _ => cell(rng, &["C", "D"]),
    }
}

fn truth(rng: &mut StdRng) -> String {
    match rng.random_range(0..10) {
        0..3 => "TRUE".into(),
        3..6 => "FALSE".into(),
        _ => format!("{}{}{}", number(rng), one_of(rng, &["=", "<", ">", "<=", ">=", "<>"]), number(rng)),
    }
}

fn any(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..50 => number(rng),
        50..97 => text(rng),
        97 => match rng.random_range(0..6) {
            0 => truth(rng),
            1 => cell(rng, &["I", "J", "K"]),
            _ => text(rng),
        },
        _ if once_in(rng, 4) => date(rng),
        _ => number(rng),
    }
}

fn anything(rng: &mut StdRng) -> String {
    match rng.random_range(0..100) {
        0..55 => any(rng),
        55..85 => one_of(rng, &["1/0", "NA()", "SQRT(-1)", "\"abc\"+1", "0/0", "VALUE(\"x\")"]).to_owned(),
        85 => cell(rng, &["I", "J", "K"]),
        88..91 if once_in(rng, 2) => cell(rng, &["F", "G", "H"]),
        93 => truth(rng),
        _ => cell(rng, &["A", "C", "D"]),
    }
}

/// One of the texts between bars, now and then one of those behind a tilde that stands between two of them.
fn choice<'a>(rng: &mut StdRng, texts: &'a str) -> &'a str {
    // A tilde in quotes belongs to a text.
    let outside = |at: usize| texts[..at].matches('"').count().is_multiple_of(2);
    let seldom = texts.char_indices().find(|(at, c)| *c == '~' && outside(*at));
    let (often, seldom) = seldom.map_or((texts, ""), |(at, _)| (&texts[..at], &texts[at + 1..]));
    let from = if !seldom.is_empty() && once_in(rng, SELDOM) { seldom } else { often };
    one_of(rng, &from.split('|').collect::<Vec<_>>())
}

/// Something of any kind where a slot asks for another. LibreOffice counts on for minutes from a day in the far future, so
/// what stands for a date is near.
pub fn wrong_kind(rng: &mut StdRng, slot: Slot) -> String {
    match slot {
        Slot::Date | Slot::DateText | Slot::Moment | Slot::Time | Slot::TimeText => one_of(rng, NO_DATES).to_owned(),
        _ => anything(rng),
    }
}

/// A literal or a cell for a slot.
pub fn leaf(rng: &mut StdRng, slot: Slot) -> String {
    match slot {
        Slot::Number => number(rng),
        Slot::Positive if once_in(rng, 2) => format!("{}", f64::from(rng.random_range(1..200_000)) / 100.0),
        Slot::Positive => one_of(rng, &["1", "2", "4", "9", "0.25", "100", "12.5", "B3", "B8", "L1", "1E6"]).to_owned(),
        Slot::Whole if once_in(rng, 3) => one_of(rng, &["B1", "B2", "B3", "B4", "12", "13", "31"]).to_owned(),
        Slot::Whole => rng.random_range(-14..20).to_string(),
        Slot::Count if once_in(rng, 12) => one_of(rng, &["-1", "100", "1.9", "B2"]).to_owned(),
        Slot::Count => rng.random_range(0..8).to_string(),
        Slot::Position if once_in(rng, 12) => one_of(rng, &["0", "-1", "50", "2.9"]).to_owned(),
        Slot::Position => rng.random_range(1..7).to_string(),
        Slot::Places if once_in(rng, 10) => one_of(rng, &["B1", "B2", "1.9", "-8", "B3"]).to_owned(),
        Slot::Places => rng.random_range(-4..6).to_string(),
        Slot::Text => text(rng),
        Slot::Needle => quoted(one_of(rng, NEEDLES)),
        Slot::NumberText if once_in(rng, 4) => cell(rng, &["E"]),
        Slot::NumberText => quoted(one_of(rng, NUMBER_TEXTS)),
        Slot::Date => date(rng),
        Slot::DateText => quoted(one_of(rng, DATE_TEXTS)),
        Slot::Time => time(rng),
        Slot::TimeText if once_in(rng, 60) => quoted("9時5分"),
        Slot::TimeText => quoted(one_of(rng, TIME_TEXTS)),
        Slot::Moment => cell(rng, &["H"]),
        Slot::Truth => truth(rng),
        Slot::Any => any(rng),
        Slot::Anything => anything(rng),
        Slot::Format => quoted(one_of(rng, FORMATS)),
        Slot::DateFormat => quoted(one_of(rng, DATE_FORMATS)),
        Slot::TimeFormat => quoted(one_of(rng, TIME_FORMATS)),
        Slot::Numbers if once_in(rng, 2) => one_of(rng, &["T[a]", "T[b]", "T[c]"]).to_owned(),
        Slot::Numbers => list(rng, LISTED_NUMBERS),
        Slot::Texts if once_in(rng, 2) => one_of(rng, &["T[t]", "T[u]"]).to_owned(),
        Slot::Texts => list(rng, LISTED_TEXTS),
        Slot::Solid if once_in(rng, 40) => text(rng),
        Slot::Solid => one_of(rng, SOLID).to_owned(),
        Slot::Year if once_in(rng, 120) => one_of(rng, &["126", "99", "1899", "0"]).to_owned(),
        Slot::Year => rng.random_range(1951..2101).to_string(),
        Slot::Rank if once_in(rng, 40) => one_of(rng, &["0", "7"]).to_owned(),
        Slot::Rank => rng.random_range(1..=5).to_string(),
        Slot::NumberTest => one_of(rng, NUMBER_TESTS).to_owned(),
        Slot::TextTest => one_of(rng, TEXT_TESTS).to_owned(),
        Slot::Divisor if once_in(rng, 150) => one_of(rng, &["0", "A7", "I1"]).to_owned(),
        Slot::Divisor if once_in(rng, 2) => {
            one_of(rng, &["3", "-7", "0.1", "2.5", "B4", "12", "-0.3", "7.25"]).to_owned()
        }
        Slot::Divisor => rng.random_range(1..60).to_string(),
        Slot::Choice(texts) => choice(rng, texts).replace('␠', " "),
    }
}
