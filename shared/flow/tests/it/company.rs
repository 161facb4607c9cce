//! The demo company's apps, with a field of every kind in the orders.

use model::field::{AppSchema, Field, FieldType as T};

/// The schemas: 受注 (1), 在庫 (2), 在庫移動 (3).
pub fn apps() -> Vec<AppSchema> {
    let unique = |code: &str, t| Field { unique: true, ..Field::new(code, t) };
    let required = |code: &str, t| Field { required: true, ..Field::new(code, t) };
    let system = || {
        vec![
            Field::new("$id", T::Id),
            Field::new("$revision", T::Revision),
            Field::new("レコード番号", T::RecordNumber),
        ]
    };
    let app = |app, name: &str, fields: Vec<Field>| AppSchema {
        app,
        name: name.into(),
        precision: Default::default(),
        fields: system().into_iter().chain(fields).collect(),
    };
    vec![
        app(
            1,
            "受注",
            vec![
                unique("受注番号", T::SingleLineText),
                Field { label: "商品".into(), ..Field::new("商品コード", T::SingleLineText) },
                Field { label: "受注個数".into(), ..Field::new("受注数", T::Number) },
                Field::new("引当数", T::Number),
                Field { options: vec!["受付".into(), "引当済".into()], ..Field::new("状況", T::DropDown) },
                Field::new("受注日", T::Date),
                Field::new("作成日時", T::CreatedTime),
                Field::new("金額", T::Calc),
                Field { filled_by_kintone: true, ..Field::new("商品名", T::SingleLineText) },
                Field::new("備考", T::MultiLineText),
                Field::new("担当", T::UserSelect),
                Field {
                    fields: vec![Field::new("明細商品", T::SingleLineText)], ..Field::new("明細", T::Subtable)
                },
                Field::new("見出し", T::Group),
            ],
        ),
        app(
            2,
            "在庫",
            vec![
                unique("商品コード", T::SingleLineText),
                Field::new("在庫数", T::Number),
                Field::new("引当済", T::Number),
                Field::new("担当", T::UserSelect),
                Field::new("担当者名", T::SingleLineText),
            ],
        ),
        app(
            3,
            "在庫移動",
            vec![
                required("商品コード", T::SingleLineText),
                Field::new("数量", T::Number),
                unique("受注番号", T::SingleLineText),
            ],
        ),
    ]
}
