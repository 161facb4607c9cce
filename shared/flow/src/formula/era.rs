//! Japanese eras: which era a day is in, its forms, and reading of dates that are written with one.

use unicode_normalization::UnicodeNormalization;

use super::calendar;

/// A Japanese era.
pub(super) struct Era {
    /// Its first day: year, month, day.
    pub start: (i64, i64, i64),
    /// Its forms for `g`, `gg` and `ggg`.
    pub forms: [&'static str; 3],
}

/// The eras that a date from 1900 can have, latest first.
const ERAS: [Era; 5] = [
    Era { start: (2019, 5, 1), forms: ["R", "令", "令和"] },
    Era { start: (1989, 1, 8), forms: ["H", "平", "平成"] },
    Era { start: (1926, 12, 25), forms: ["S", "昭", "昭和"] },
    Era { start: (1912, 7, 30), forms: ["T", "大", "大正"] },
    Era { start: (1868, 1, 25), forms: ["M", "明", "明治"] },
];

/// The era of a day and the year in it, from 1.
pub(super) fn of_day(day: i32) -> Option<(&'static Era, i64)> {
    let date = calendar::ymd(day);
    let era = ERAS.iter().find(|era| era.start <= date)?;
    Some((era, date.0 - era.start.0 + 1))
}

/// Reads `令和8年1月31日`, `令和元年5月1日`, `R8.1.31`, `令8/1/31`, `Ｒ０８－０１－３１`, `㋿8年1月31日`.
///
/// The year is counted from the era's first one, whatever the day: `平成35年` is 2023 and `令和元年1月1日` is 2019-01-01, since
/// documents are full of such dates.
pub(super) fn parse(text: &str) -> Option<i32> {
    let plain: String = text.nfkc().collect();
    let plain = plain.trim();
    let (first_year, rest) = ERAS.iter().find_map(|era| {
        // The longest form first: 令和 begins with 令.
        let rest = era.forms.iter().rev().find_map(|form| strip(plain, form))?;
        Some((era.start.0, rest.trim_start()))
    })?;
    let (year, rest) = match rest.strip_prefix('元') {
        Some(rest) => (1, rest),
        None => number(rest)?,
    };
    let mut rest = rest.chars();
    let sign = rest.next()?;
    let behind_month = match sign {
        '年' => '月',
        '.' | '/' | '-' => sign,
        _ => return None,
    };
    let (month, rest) = number(rest.as_str())?;
    let (day, rest) = number(rest.strip_prefix(behind_month)?)?;
    if rest != if sign == '年' { "日" } else { "" } || year == 0 {
        return None;
    }
    let year = first_year + year - 1;
    ((1..=12).contains(&month) && (1..=calendar::days_in_month(year, month)).contains(&day))
        .then(|| calendar::day_of(year, month, day).ok())
        .flatten()
}

/// What is behind a form of an era's name, in any case.
fn strip<'a>(text: &'a str, form: &str) -> Option<&'a str> {
    text.get(..form.len()).filter(|start| start.eq_ignore_ascii_case(form)).map(|_| &text[form.len()..])
}

/// One or two digits, with spaces in front, and what is behind them.
fn number(text: &str) -> Option<(i64, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (1..=2).contains(&end).then(|| Some((text[..end].parse().ok()?, &text[end..]))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_eras_are_read() {
        for (text, date) in [
            ("令和8年1月31日", (2026, 1, 31)),
            ("令和元年5月1日", (2019, 5, 1)),
            ("平成31年4月30日", (2019, 4, 30)),
            ("平成35年3月31日", (2023, 3, 31)),
            ("昭和64年1月7日", (1989, 1, 7)),
            ("大正15年12月24日", (1926, 12, 24)),
            ("明治45年7月29日", (1912, 7, 29)),
            ("R8.1.31", (2026, 1, 31)),
            ("r08/01/31", (2026, 1, 31)),
            ("Ｓ５０－１２－３１", (1975, 12, 31)),
            ("㋿8年1月31日", (2026, 1, 31)),
            (" 令和 8年 1月31日 ", (2026, 1, 31)),
        ] {
            assert_eq!(parse(text).map(calendar::ymd), Some(date), "{text}");
        }
        for text in [
            "",
            "令和",
            "令和8年",
            "令和8年1月",
            "令和8年2月30日",
            "令和0年1月1日",
            "R8.1-31",
            "R8.1.31日",
            "8年1月31日",
            "明治1年1月1日",
            "令和8年1月31日頃",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_has_the_era_that_began_last() {
        let of = |year, month, day| {
            let (era, year) = of_day(calendar::day_of(year, month, day).unwrap()).unwrap();
            format!("{}{year}", era.forms[2])
        };
        assert_eq!(of(2019, 4, 30), "平成31");
        assert_eq!(of(2019, 5, 1), "令和1");
        assert_eq!(of(1989, 1, 7), "昭和64");
        assert_eq!(of(1926, 12, 25), "昭和1");
        assert_eq!(of(1912, 7, 30), "大正1");
        assert_eq!(of(1900, 1, 1), "明治33");
    }
}
