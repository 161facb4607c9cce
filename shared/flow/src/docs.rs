//! The generated pages: docs/commands.md from the definitions and their examples; [`functions_markdown`] makes docs/functions.md.

mod functions;

use std::fmt::Write as _;

use crate::commands::{Behaviour, Definition, Example, Kintone, Role, definitions, inputs_text};
use crate::examples::{parse_table, print_table};
use crate::problem::Words;

pub use functions::functions_markdown;

const GENERATED: &str = "<!-- Generated from the code; change the definitions, not this page. -->\n\n";

/// What every step has.
const STEP: &str = "\
すべてのステップは、名前 `name`、コマンドの名前 `command`、行を受け取るステップ `from`（入力のほか）と、コマンドの設定を持ちます。
`version` はコマンドの版で、省くと 1 です。設定の意味が変わるときは新しい版になり、前の版もそのまま動きます。

Every step has a `name`, the name of its `command`, the steps `from` which it takes rows (but inputs), and the command's settings.
`version` is the version of the command, 1 without it. Where settings change their meaning, there is a new version, and the old one stays.

";

/// docs/commands.md.
pub fn commands_markdown() -> String {
    let mut page = format!("{GENERATED}# コマンド / Commands\n\n");
    page.push_str(STEP);
    page.push_str("| コマンド | command | 名前 / stored name |\n| --- | --- | --- |\n");
    for d in definitions() {
        line(&mut page, format_args!("| [{}](#{}) | {} | `{}` |", d.title.ja, d.name, d.title.en, d.name));
    }
    for d in definitions() {
        command(&mut page, d);
    }
    page
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}

fn command(page: &mut String, d: &Definition) {
    line(page, format_args!("\n## `{}`\n", d.name));
    line(page, format_args!("**{} / {}** (v{})\n", d.title.ja, d.title.en, d.version));
    both(page, d.reference().summary);
    let (ja, en) = match d.role {
        Role::Input => ("フローの始まり。", "Starts a flow."),
        Role::Middle => ("入力と出力の間。", "Between inputs and outputs."),
        Role::Output => ("フローの終わり。", "Ends a flow."),
    };
    let (inputs_ja, inputs_en) = inputs_text(d);
    line(page, format_args!("{ja}入力 {inputs_ja}。 / {en} Inputs: {inputs_en}.\n"));
    line(
        page,
        format_args!(
            "| 設定 / setting | 書き方 / form | 必須 / required | 意味 / meaning |\n| --- | --- | --- | --- |"
        ),
    );
    for s in d.settings {
        let required = if s.required { "✓" } else { "" };
        let form = s.form.replace('|', "\\|");
        let (ja, en) = (s.text.ja.replace('|', "\\|"), s.text.en.replace('|', "\\|"));
        line(page, format_args!("| `{}` | `{form}` | {required} | {ja}<br>{en} |", s.name));
    }
    line(page, format_args!("\n| | |\n| --- | --- |"));
    let Behaviour { blanks, duplicates, empty_input, types, order } = d.reference().behaviour;
    for (ja, en, text) in [
        ("空の値", "blanks", blanks),
        ("重複", "duplicates", duplicates),
        ("0 行の入力", "empty input", empty_input),
        ("型", "types", types),
        ("順序", "order", order),
    ] {
        line(page, format_args!("| {ja} / {en} | {}<br>{} |", text.ja, text.en));
    }
    for example in d.reference().examples {
        self::example(page, d, example);
    }
}

fn both(page: &mut String, text: Words) {
    line(page, format_args!("{}\n\n{}\n", text.ja, text.en));
}

fn example(page: &mut String, d: &Definition, example: &Example) {
    line(page, format_args!("\n### 例: {} / {}\n", example.title.ja, example.title.en));
    let shows_rows = !matches!(example.kintone, Some(Kintone::Query(_)));
    if shows_rows {
        for (name, text) in example.inputs {
            line(page, format_args!("{name}:\n"));
            table(page, text);
        }
    }
    line(page, format_args!("```yaml\n{}\n```\n", example.step.trim()));
    match example.kintone {
        Some(Kintone::Query(query)) => {
            line(
                page,
                format_args!(
                    "kintone への条件 / the condition sent to kintone (レコード番号 1):\n\n```text\n{query}\n```"
                ),
            );
        }
        Some(Kintone::Before(text)) => {
            line(page, format_args!("書く前のアプリ / the app before:\n"));
            table(page, text);
            line(page, format_args!("書いた後 / afterwards:\n"));
            table(page, example.output);
        }
        Some(Kintone::File(text)) => {
            let what = if d.role == Role::Input {
                "読むファイル / the file"
            } else {
                "書いたファイル / the file written"
            };
            line(page, format_args!("{what}:\n\n```text\n{}```\n", text.replace('\r', "")));
            if d.role == Role::Input {
                line(page, format_args!("{} の結果 / result:\n", d.title.ja));
                table(page, example.output);
            }
        }
        Some(Kintone::Call(called)) => match (called, example.output) {
            (false, _) => line(page, format_args!("呼び出さない / no call\n")),
            (true, "") => line(page, format_args!("行を渡さずに呼び出す / called without rows\n")),
            (true, sets) => {
                line(page, format_args!("渡すパラメータ / the parameters passed:\n"));
                table(page, sets);
            }
        },
        None => {
            let (from, rows) = example.result();
            match from.split_once('/') {
                Some((_, branch)) => {
                    line(page, format_args!("{} の枝「{branch}」 / branch \"{branch}\":\n", d.title.ja))
                }
                None => line(page, format_args!("{} の結果 / result:\n", d.title.ja)),
            }
            table(page, rows);
        }
    }
}

/// A table of an example as Markdown: its own form, with the line that Markdown wants below the header.
fn table(page: &mut String, text: &str) {
    // Examples are checked by the tests; one that cannot be read is shown as it stands.
    let Ok(table) = parse_table(text) else { return page.push_str(text) };
    let printed = print_table(&table.columns, &table.rows);
    for (i, row) in printed.lines().enumerate() {
        line(page, format_args!("{row}"));
        if i == 0 {
            line(page, format_args!("|{}", " --- |".repeat(table.columns.len())));
        }
    }
    page.push('\n');
}
