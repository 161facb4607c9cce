//! A notice as a record of a kintone app: which field takes which part of it.
//!
//! Codes are those of the log app where both tell the same thing (`run_id`, `execution_unit_Id`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::{RecordPlace, Told};
use crate::decimal::Decimal;
use crate::field::{AppSchema, Field, FieldType};
use crate::ids::RunId;
use crate::value::Value;

/// A part of a notice that a field of its own takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What keeps one notice from becoming two records: where the field prohibits duplicates.
    Key,
    /// One line that says what it is about.
    Title,
    /// What happened, in both languages.
    Message,
    /// What to do, in both languages.
    Remedy,
    /// The unit's id.
    UnitId,
    /// What people call the unit.
    UnitName,
    /// The catalogue's code.
    Code,
    /// The last run.
    Run,
    /// Where to look.
    Link,
    /// When it happened first, or when something dies.
    Time,
    /// How often since then.
    Count,
}

use FieldType::{Datetime, Link, MultiLineText, Number, SingleLineText};

/// Parts with the usual code, the types that take them (the first is the one that is made) and the label (ja / en).
const PARTS: [(Part, &str, &[FieldType], &str); 11] = [
    (Part::Key, "notice_key", &[SingleLineText], "通知キー / Notice key"),
    (Part::Title, "title", &[SingleLineText, MultiLineText], "件名 / Title"),
    (Part::Message, "message", &[MultiLineText], "内容 / Message"),
    (Part::Remedy, "remedy", &[MultiLineText], "対処 / Remedy"),
    (Part::UnitId, "execution_unit_Id", &[SingleLineText, MultiLineText], "実行単位ID / Unit ID"),
    (Part::UnitName, "execution_unit_name", &[SingleLineText, MultiLineText], "実行単位 / Unit"),
    (Part::Code, "code", &[SingleLineText, MultiLineText], "コード / Code"),
    (Part::Run, "run_id", &[SingleLineText, MultiLineText], "実行ID / Run ID"),
    (Part::Link, "link", &[Link, SingleLineText, MultiLineText], "リンク / Link"),
    (Part::Time, "occurred_time", &[Datetime], "発生日時 / Time"),
    (Part::Count, "count", &[Number], "回数 / Count"),
];

impl Part {
    /// All parts, in the form's order.
    pub fn all() -> impl Iterator<Item = Self> {
        PARTS.iter().map(|(part, ..)| *part)
    }

    fn row(self) -> &'static (Part, &'static str, &'static [FieldType], &'static str) {
        // PARTS has a row for each part, in the order of the enum: a test says so.
        &PARTS[self as usize]
    }

    /// The usual code of its field, which also names the part.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// The part that is named so.
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|part| part.code() == name)
    }

    /// The types of fields that take it.
    pub fn types(self) -> &'static [FieldType] {
        self.row().2
    }
}

/// What an app lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The part that it cannot take.
    pub part: Part,
    /// The code of the field.
    pub code: String,
    /// What the field is instead; `None`: there is none.
    pub found: Option<FieldType>,
}

impl RecordPlace {
    /// The code of the field that takes a part; `None` where it is left out.
    pub fn code(&self, part: Part) -> Option<&str> {
        self.fields.get(&part).map_or(Some(part.code()), Option::as_deref)
    }

    /// The fields of the app's form that take a notice, and what it lacks.
    pub fn fit(&self, form: &AppSchema) -> (BTreeMap<Part, Field>, Vec<Lack>) {
        let (mut fields, mut lacks) = (BTreeMap::new(), Vec::new());
        for part in Part::all() {
            let Some(code) = self.code(part) else { continue };
            match form.field(code) {
                Some(field) if part.types().contains(&field.field_type) && field.writable() => {
                    fields.insert(part, field.clone());
                }
                found => lacks.push(Lack { part, code: code.to_owned(), found: found.map(|f| f.field_type) }),
            }
        }
        (fields, lacks)
    }

    /// The missing fields as kintone's properties, to be added to the form.
    pub fn properties(&self, lacks: &[Lack]) -> Map<String, Json> {
        let missing = lacks.iter().filter(|lack| lack.found.is_none());
        let property = |lack: &Lack| {
            let (part, _, types, label) = lack.part.row();
            let mut property = json!({ "type": types[0], "code": lack.code, "label": label });
            match part {
                Part::Key => property["unique"] = json!(true),
                Part::Link => property["protocol"] = json!("WEB"),
                _ => {}
            }
            (lack.code.clone(), property)
        };
        missing.map(property).collect()
    }
}

impl Told<'_> {
    /// What a repeated telling of the same notice has again, and no other notice has. Up to 64 characters: kintone keeps
    /// no more of what must be unique.
    pub fn key(&self) -> String {
        let notice = self.notice;
        // Neither the count nor the last run: both may change between the record and the note that it was written.
        let told = notice.told.map_or(0, |at| at.0);
        let of = (notice.about, &notice.code, &notice.secret, &notice.connection, notice.since.0, told);
        let hash = Sha256::digest(format!("{of:?}").as_bytes());
        let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{hash}", self.unit.id)
    }

    /// The value of a part.
    pub fn part(&self, part: Part) -> Value {
        let (unit, notice) = (self.unit, self.notice);
        let both = |texts: Option<[&str; 2]>| Value::text(texts.map(|t| t.join("\n")).unwrap_or_default());
        let entry = notice.entry();
        match part {
            Part::Key => Value::text(self.key()),
            Part::Title => Value::text(self.title()),
            Part::Message => {
                let happened = entry.map(|code| vec![code.0.ja.to_owned(), code.0.en.to_owned()]).unwrap_or_default();
                Value::text([happened, self.facts()].concat().join("\n"))
            }
            Part::Remedy => both(entry.map(|code| [code.0.remedy_ja, code.0.remedy_en])),
            Part::UnitId => Value::text(unit.id.0.clone()),
            Part::UnitName => Value::text(unit.name.clone()),
            Part::Code => Value::text(notice.code.clone()),
            Part::Run => {
                Value::text(notice.run.map(|seq| RunId { unit: unit.id.clone(), seq }.to_string()).unwrap_or_default())
            }
            Part::Link => Value::text(self.link.unwrap_or_default()),
            Part::Time => Value::Datetime(notice.since.seconds()),
            Part::Count => Value::Number(Decimal::from(i64::try_from(notice.count).unwrap_or(i64::MAX))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::clock::Timestamp;
    use crate::ids::UnitId;
    use crate::notice::{About, ONCE_IN, note, told};
    use crate::unit::Unit;

    fn place() -> RecordPlace {
        let (base_url, credential) = ("https://example.cybozu.com".into(), "notify/d/a".into());
        RecordPlace { base_url, guest_space: None, app: 1, credential, fields: BTreeMap::new() }
    }

    fn form(fields: Vec<Field>) -> AppSchema {
        AppSchema { app: 1, name: String::new(), precision: Default::default(), fields }
    }

    #[test]
    fn every_part_has_a_row_and_a_name_of_its_own() {
        for (n, (part, code, types, _)) in PARTS.iter().enumerate() {
            assert_eq!((*part as usize, Part::parse(code)), (n, Some(*part)));
            assert!(!types.is_empty());
        }
        assert_eq!(Part::parse("件名"), None);
    }

    #[test]
    fn what_a_form_lacks_is_named_and_what_it_has_is_used() {
        let mut place = place();
        let (fields, lacks) = place.fit(&form(Vec::new()));
        assert_eq!((fields.len(), lacks.len()), (0, PARTS.len()));
        let made = place.properties(&lacks);
        assert_eq!(made.len(), PARTS.len());
        assert_eq!((&made["notice_key"]["unique"], &made["occurred_time"]["type"]), (&json!(true), &json!("DATETIME")));
        let all: Vec<Field> = PARTS.iter().map(|(_, code, types, _)| Field::new(*code, types[0])).collect();
        assert_eq!(place.fit(&form(all.clone())).1, []);

        place.fields = BTreeMap::from([(Part::Title, Some("件名".into())), (Part::Count, None)]);
        let mut other = all;
        other.push(Field::new("件名", FieldType::Number));
        let (fields, lacks) = place.fit(&form(other.clone()));
        let lack = Lack { part: Part::Title, code: "件名".into(), found: Some(FieldType::Number) };
        assert_eq!((lacks.as_slice(), fields.contains_key(&Part::Count)), ([lack].as_slice(), false));
        assert!(place.properties(&lacks).is_empty(), "a field of another type is not made anew");
        if let Some(last) = other.last_mut() {
            *last = Field::new("件名", FieldType::SingleLineText);
        }
        assert_eq!(place.fit(&form(other)).0[&Part::Title].code, "件名");
    }

    #[test]
    fn a_repeated_telling_has_the_same_key_and_the_next_one_another() {
        let unit = Unit { id: UnitId("u4k8m2x7q9bd".into()), ..Unit::new("example.cybozu.com", "受注", 1, "c") };
        let (now, mut notices) = (Timestamp(1_800_000_000_000), Vec::new());
        note(now, &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(7));
        let key = |notices: &[crate::notice::Notice]| Told { unit: &unit, notice: &notices[0], link: None }.key();
        let first = key(&notices);
        assert!(first.starts_with("u4k8m2x7q9bd-") && first.len() <= 64, "{first}");
        note(now, &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(8));
        assert_eq!(key(&notices), first, "one more of its cause while it was written");
        let telling = notices.clone();
        told(now, &mut notices, &telling, true);
        note(now + ONCE_IN, &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(9));
        assert_ne!(key(&notices), first, "a day later it is told anew");
    }

    #[test]
    fn each_part_tells_its_own() {
        let unit = Unit { id: UnitId("u1".into()), ..Unit::new("example.cybozu.com", "受注", 1, "c") };
        let mut notices = Vec::new();
        note(Timestamp(60_000), &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(7));
        let told = Told { unit: &unit, notice: &notices[0], link: Some("https://example.cybozu.com/k/9/") };
        let text = |part| match told.part(part) {
            Value::Text(text) => text,
            other => panic!("{part:?}: {other:?}"),
        };
        assert!(text(Part::Title).contains("受注") && text(Part::Message).contains(catalogue::CONFLICT.0.ja));
        assert!(text(Part::Remedy).contains(catalogue::CONFLICT.0.remedy_en));
        assert_eq!([text(Part::Run), text(Part::UnitId), text(Part::UnitName)], ["u1-7", "u1", "受注"]);
        assert_eq!(text(Part::Code), catalogue::CONFLICT.0.code);
        assert_eq!(text(Part::Link), "https://example.cybozu.com/k/9/");
        assert_eq!((told.part(Part::Time), told.part(Part::Count)), (Value::Datetime(60), Value::Number(1.into())));
    }
}
