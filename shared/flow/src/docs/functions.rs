//! docs/functions.md: the rules of the language, the functions by subject, and what is left out.

use super::{GENERATED, line};
use crate::formula::functions::{Function, GROUPS, LEFT_OUT, all};
use crate::kinds::{kind_name, kind_words};

/// The rules of the language: written by hand, beside the code that keeps them.
const LANGUAGE: &str = include_str!("language.md");

/// docs/functions.md.
pub fn functions_markdown() -> String {
    let mut page = format!("{GENERATED}# 数式と関数 / Formulas and functions\n\n{LANGUAGE}\n");
    line(&mut page, format_args!("## 関数 / Functions\n"));
    let count = all().count();
    line(
        &mut page,
        format_args!(
            "{count} 個の関数があります。例は今を 2026-01-31 15:04:05(Asia/Tokyo)として計算し、テストとしても実行されます。引数の[ ]は省略でき、…は続けて書けることを示します。\n"
        ),
    );
    line(
        &mut page,
        format_args!(
            "There are {count} functions. In the examples, which also run as tests, it is 2026-01-31 15:04:05 in Asia/Tokyo. Arguments in [ ] can be left out; … goes on."
        ),
    );
    for group in GROUPS {
        line(&mut page, format_args!("\n### {} / {}\n", group.ja, group.en));
        line(
            &mut page,
            format_args!(
                "| 関数 / function | 引数 → 結果 / arguments → result | 意味 / meaning | 例 / examples |\n| --- | --- | --- | --- |"
            ),
        );
        for function in group.functions {
            row(&mut page, function);
        }
    }
    line(&mut page, format_args!("\n## ない関数 / Functions that are left out\n"));
    line(&mut page, format_args!("| 関数 / function | 代わりに / instead |\n| --- | --- |"));
    for (name, ja, en) in LEFT_OUT {
        line(&mut page, format_args!("| `{name}` | {ja}<br>{en} |"));
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn row(page: &mut String, f: &Function) {
    let aliases = f.aliases.iter().map(|a| format!("<br>= `{a}`")).collect::<String>();
    let examples = f.examples.iter().map(|(formula, result)| {
        let result = if result.is_empty() { "（空 / blank）".to_owned() } else { format!("`{}`", cell(result)) };
        format!("`{}` → {result}", cell(formula))
    });
    let examples = examples.collect::<Vec<_>>().join("<br>");
    let result = match f.result() {
        Some(kind) => format!("{} `{}`", kind_words(kind).ja, kind_name(kind)),
        None => "引数による / by its arguments".to_owned(),
    };
    let takes = if f.takes.is_empty() { "–".to_owned() } else { format!("`{}`", f.takes) };
    let (ja, en) = (cell(f.ja), cell(f.en));
    line(page, format_args!("| `{}`{aliases} | {takes}<br>→ {result} | {ja}<br>{en} | {examples} |", f.name));
}
