//! What cannot come back with a record's values: kintone makes or fills it itself. It is told, with the fields' codes.

use std::collections::BTreeMap;

use engine::Record;
use model::field::{AppSchema, Field, FieldType as T};
use model::value::Value;

/// What is written to an app.
#[derive(Debug)]
pub struct Lost<'a> {
    /// Its fields.
    pub schema: &'a AppSchema,
    /// What records that are changed back held.
    pub changed: Vec<&'a Record>,
    /// What records that are brought back held.
    pub back: Vec<&'a Record>,
}

impl Lost<'_> {
    /// What cannot come back, a line each.
    pub fn notes(&self) -> Vec<String> {
        let app = self.schema.app;
        let mut notes = Vec::new();
        let mut note = |codes: Vec<String>, ja: &str, en: &str| {
            if !codes.is_empty() {
                notes.push(format!("アプリ / app {app}: {}: {ja} / {en}", codes.join(", ")));
            }
        };
        if !self.back.is_empty() {
            note(
                self.of(&[T::RecordNumber]),
                "削除したレコードは新しい番号になります",
                "deleted records get new numbers",
            );
            note(
                self.of(&[T::Creator, T::CreatedTime, T::Modifier, T::UpdatedTime]),
                "削除したレコードでは、元に戻した人と日時になります",
                "of deleted records these become who took back, and when",
            );
            note(
                self.of(&[T::StatusAssignee, T::Status]),
                &format!("削除したレコードは最初のステータスからになります{}", self.statuses()),
                "of deleted records the process starts anew",
            );
            note(self.of(&[T::Category]), "削除したレコードのものは戻せません", "not restored for deleted records");
            note(self.of(&[T::Calc]), "削除したレコードでは計算し直されます", "calculated anew for deleted records");
        } else if !self.changed.is_empty() {
            note(
                self.of(&[T::Modifier, T::UpdatedTime]),
                "元に戻した人と日時になります",
                "become who took back, and when",
            );
        }
        let (keys, filled) = self.lookups();
        if !keys.is_empty() {
            let keys = keys.join(", ");
            note(
                filled,
                &format!("ルックアップ({keys})の参照先の今の値になります"),
                &format!("hold what the source of the lookup ({keys}) holds now"),
            );
        }
        notes
    }

    fn of(&self, types: &[T]) -> Vec<String> {
        self.schema.fields.iter().filter(|f| types.contains(&f.field_type)).map(|f| f.code.clone()).collect()
    }

    /// The statuses that deleted records had: `(処理中 × 3)`.
    fn statuses(&self) -> String {
        let status: Vec<String> = self.of(&[T::Status]);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, value) in self.back.iter().flat_map(|record| record.iter()).filter(|(code, _)| status.contains(code)) {
            if let Value::Text(text) = value {
                *counts.entry(text.as_str()).or_default() += 1;
            }
        }
        let counts: Vec<String> = counts.iter().map(|(status, count)| format!("{status} × {count}")).collect();
        if counts.is_empty() { String::new() } else { format!("（元は / were: {}）", counts.join(", ")) }
    }

    /// The lookups whose keys are written, and the fields that kintone fills by itself beside them.
    fn lookups(&self) -> (Vec<String>, Vec<String>) {
        let written = |code: &str| {
            let changed = self.changed.iter().any(|record| record.iter().any(|(name, _)| name == code));
            changed || !self.back.is_empty()
        };
        let (mut keys, mut filled) = (Vec::new(), Vec::new());
        let mut level = |fields: &[Field], table: Option<&Field>| {
            let name =
                |field: &Field| table.map_or(field.code.clone(), |table| format!("{}.{}", table.code, field.code));
            let is_written = |field: &Field| written(table.map_or(&field.code, |table| &table.code));
            let here: Vec<String> = fields.iter().filter(|f| f.lookup && is_written(f)).map(name).collect();
            if !here.is_empty() {
                keys.extend(here);
                let by_itself = fields.iter().filter(|f| f.filled_by_kintone && f.field_type != T::Calc);
                filled.extend(by_itself.map(name));
            }
        };
        level(&self.schema.fields, None);
        for table in &self.schema.fields {
            level(&table.fields, Some(table));
        }
        (keys, filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> AppSchema {
        let field = Field::new;
        let lookup = |code| Field { lookup: true, ..field(code, T::SingleLineText) };
        let filled = |code| Field { filled_by_kintone: true, ..field(code, T::SingleLineText) };
        let table = Field { fields: vec![lookup("品"), filled("品名")], ..field("明細", T::Subtable) };
        let fields = vec![
            field("$id", T::Id),
            field("作成者", T::Creator),
            field("更新者", T::Modifier),
            field("ステータス", T::Status),
            field("数", T::Number),
            lookup("客"),
            filled("客名"),
            table,
        ];
        AppSchema { app: 7, name: String::new(), precision: Default::default(), fields }
    }

    fn record(codes: &[(&str, &str)]) -> Record {
        codes.iter().map(|(code, value)| ((*code).to_owned(), Value::text(*value))).collect()
    }

    #[test]
    fn of_changed_records_only_what_their_change_touches_is_told() {
        let changed = record(&[("数", "1")]);
        let lost = Lost { schema: &schema(), changed: vec![&changed], back: Vec::new() };
        assert_eq!(
            lost.notes(),
            ["アプリ / app 7: 更新者: 元に戻した人と日時になります / become who took back, and when"]
        );
        let changed = record(&[("明細", "")]);
        let notes = Lost { schema: &schema(), changed: vec![&changed], back: Vec::new() }.notes();
        assert!(notes[1].starts_with("アプリ / app 7: 明細.品名: ルックアップ(明細.品)"), "{notes:#?}");
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn of_records_that_come_back_all_is_told() {
        let back = [record(&[("ステータス", "確認中")]), record(&[("ステータス", "確認中")])];
        let notes = Lost { schema: &schema(), changed: Vec::new(), back: back.iter().collect() }.notes();
        assert_eq!(
            notes,
            [
                "アプリ / app 7: 作成者, 更新者: 削除したレコードでは、元に戻した人と日時になります / of deleted records these become who took back, and when",
                "アプリ / app 7: ステータス: 削除したレコードは最初のステータスからになります（元は / were: 確認中 × 2） / of deleted records the process starts anew",
                "アプリ / app 7: 客名, 明細.品名: ルックアップ(客, 明細.品)の参照先の今の値になります / hold what the source of the lookup (客, 明細.品) holds now",
            ]
        );
        assert!(Lost { schema: &schema(), changed: Vec::new(), back: Vec::new() }.notes().is_empty());
    }
}
