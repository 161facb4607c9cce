//! Examples of `set_field_type`.

use crate::commands::Example;
use crate::problem::words;

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        title: words(
            "文字列を数値と日付に（読めない値は空になり、数えられる）",
            "Text to numbers and dates: what cannot be read becomes blank and is counted",
        ),
        inputs: &[(
            "取り込み",
            "
            | 番号: text | 金額: text | 納期: text |
            | 001        | 1200.50    | 2026-11-21 |
            | 002        | 1,000円    | 2026/3/1   |
            | 003        |            | 来週       |
        ",
        )],
        step: "
command: set_field_type
fields:
  - { field: 金額, to: number }
  - { field: 納期, to: date, as: 納品日 }",
        output: "
            | 番号: text | 金額: number | 納品日: date |
            | 001        | 1200.5       | 2026-11-21   |
            | 002        |              | 2026-03-01   |
            | 003        |              |              |
        ",
        kintone: None,
    },
    Example {
        title: words("レコード番号を番号に", "Record numbers to numbers"),
        inputs: &[(
            "受注",
            "
            | レコード番号: text | 件名: text |
            | SALES-12           | りんご     |
            | SALES-9            | みかん     |
        ",
        )],
        step: "
command: set_field_type
fields:
  - { field: レコード番号, to: number, as: 番号 }",
        output: "
            | 番号: number | 件名: text |
            | 12           | りんご     |
            | 9            | みかん     |
        ",
        kintone: None,
    },
    Example {
        title: words("文字列を区切ってチェックボックスとユーザーに", "Text split into check boxes and users"),
        inputs: &[(
            "取り込み",
            "
            | 印: text        | 担当: text  |
            | 特価 / 新着     | sato,suzuki |
            | 廃番 / 特価     |             |
            | 廃番            | tanaka      |
        ",
        )],
        step: "
command: set_field_type
fields:
  - { field: 印, to: check_box, separator: /, options: [新着, 特価] }
  - { field: 担当, to: user_select }",
        output: "
            | 印: texts  | 担当: entities |
            | 新着; 特価 | sato; suzuki   |
            | 特価       |                |
            |            | tanaka         |
        ",
        kintone: None,
    },
    Example {
        title: words("複数の値、ユーザー、添付ファイルを文字列に", "Lists, users and files to text"),
        inputs: &[(
            "受注",
            "
            | 印: texts  | 担当: entities | 添付: files      |
            | 特価; 新着 | sato; suzuki   | 見積.pdf; 図.png |
            |            |                |                  |
        ",
        )],
        step: "
command: set_field_type
fields:
  - { field: 印, to: text, separator: \"、\" }
  - { field: 担当, to: text }
  - { field: 添付, to: multi_line_text, separator: \"\\n\" }",
        output: "
            | 印: text   | 担当: text  | 添付: text       |
            | 特価、新着 | sato,suzuki | 見積.pdf\\n図.png |
            |            |             |                  |
        ",
        kintone: None,
    },
    Example {
        title: words(
            "日時を日付と時刻に（フローのタイムゾーンで）、数値を文字列に",
            "Datetimes to dates and times in the flow's time zone, numbers to text",
        ),
        inputs: &[(
            "受注",
            "
            | 作成日時: datetime   | 更新日時: datetime   | 金額: number |
            | 2026-02-28T15:30:00Z | 2026-02-28T15:30:00Z | 1200.50      |
            |                      |                      |              |
        ",
        )],
        step: "
command: set_field_type
fields:
  - { field: 作成日時, to: date, as: 作成日 }
  - { field: 更新日時, to: time, as: 更新時刻 }
  - { field: 金額, to: text }",
        output: "
            | 作成日: date | 更新時刻: time | 金額: text |
            | 2026-03-01   | 00:30          | 1200.5     |
            |              |                |            |
        ",
        kintone: None,
    },
    Example {
        title: words(
            "選択肢にない値: ラジオボタンは最初の選択肢、ドロップダウンは空",
            "Values that are no option: the first one for a radio button, blank for a drop-down",
        ),
        inputs: &[(
            "受注",
            "
            | 状況: text | 区分: text | 分類: text |
            | 受付       | 新規       | A          |
            | 保留       | 継続       | Z          |
            |            |            |            |
        ",
        )],
        step: "
command: set_field_type
fields:
  - { field: 状況, to: radio_button, options: [受付, 完了] }
  - { field: 区分, to: drop_down, options: [新規, 既存] }
  - { field: 分類, to: drop_down, options: [その他, A, B], unknown: first }",
        output: "
            | 状況: text | 区分: text | 分類: text |
            | 受付       | 新規       | A          |
            | 受付       |            | その他     |
            |            |            |            |
        ",
        kintone: None,
    },
    Example {
        title: words("0 行でも列の型は変わる", "Without rows the types change all the same"),
        inputs: &[("取り込み", "| 金額: text |")],
        step: "
command: set_field_type
fields: [{ field: 金額, to: number }]",
        output: "| 金額: number |",
        kintone: None,
    },
];
