//! Turns the value of a request into the value that is stored, by the field's type.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{number, table, temporal};
use crate::form::{FieldDef, FieldType};
use crate::kintone::catalogue::{BAD_JSON, NO_FILE};
use crate::kintone::error::ApiResult;
use crate::kintone::settings::Precision;
use crate::kintone::text::Text;
use crate::kintone::world::World;

const NOT_A_NUMBER: Text = Text::fixed("数字でなければなりません。", "Only numbers are allowed.");
const TOO_MANY_DIGITS: Text =
    Text::fixed("有効桁数を超えています。", "The number of significant digits exceeds the limit.");
const BAD_DATE: Text = Text::fixed("日付の形式が正しくありません。", "The date format is not valid.");
const BAD_TIME: Text = Text::fixed("時刻の形式が正しくありません。", "The time format is not valid.");
const BAD_INSTANT: Text = Text::fixed("日時の形式が正しくありません。", "The date and time format is not valid.");

/// Where in the request a record stands, for the paths of errors.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The index in `records`; none for a single record.
    pub index: Option<usize>,
    /// The table and the row, inside one.
    pub row: Option<(&'a str, usize)>,
}

impl<'a> Place<'a> {
    /// A record, by its index in a list of them.
    pub fn of(index: Option<usize>) -> Self {
        Self { index, row: None }
    }

    fn root(self) -> String {
        self.index.map_or_else(|| "record".to_owned(), |index| format!("records[{index}]"))
    }

    /// `record.F` or `record.T.value[r].value.F`, followed by `tail`.
    pub fn path(self, code: &str, tail: &str) -> String {
        match self.row {
            Some((table, row)) => format!("{}.{table}.value[{row}].value.{code}.{tail}", self.root()),
            None => format!("{}.{code}.{tail}", self.root()),
        }
    }

    /// `record[F].value`, the form in which kintone names a value that it could not read.
    pub fn bracket_path(self, code: &str) -> String {
        match self.row {
            Some((table, row)) => format!("{}[{table}].value[{row}].value[{code}].value", self.root()),
            None => format!("{}[{code}].value", self.root()),
        }
    }
}

/// Writes values for one app; what is wrong with single values is gathered in `errors`.
pub struct Writer<'w> {
    /// The domain, for files, row ids and names of users.
    pub world: &'w mut World,
    /// The app.
    pub app: u64,
    /// Its number precision.
    pub precision: Precision,
    /// The time of the call.
    pub now: Timestamp,
    /// What is wrong, by path.
    pub errors: Vec<(String, Text)>,
}

impl Writer<'_> {
    /// The stored form of a value. `None` where nothing is to be stored (a bad value, noted in `errors`). `old` is what
    /// the record holds so far.
    pub fn value(
        &mut self,
        field: &FieldDef,
        input: Value,
        old: Option<&Value>,
        place: Place<'_>,
    ) -> ApiResult<Option<Value>> {
        match field.kind {
            FieldType::Number => self.number(field, input, place),
            FieldType::DropDown | FieldType::RadioButton => self.choice(field, input, place),
            FieldType::CheckBox | FieldType::MultiSelect => self.choices(field, input, place),
            FieldType::Date | FieldType::Time | FieldType::DateTime => self.temporal(field, input, place),
            FieldType::UserSelect | FieldType::OrganizationSelect | FieldType::GroupSelect => self.entities(input),
            FieldType::File => self.files(input, old),
            FieldType::Subtable => table::write(self, field, input, old, place).map(Some),
            _ => text(input).map(|text| Some(Value::String(text))),
        }
    }

    fn number(&mut self, field: &FieldDef, input: Value, place: Place<'_>) -> ApiResult<Option<Value>> {
        let text = text(input)?;
        if text.trim().is_empty() {
            return Ok(Some("".into()));
        }
        let wrong = match number::normalise(&text, self.precision) {
            number::Normalised::Number(text) => return Ok(Some(text.into())),
            // Inside a table kintone stores nothing, and says nothing.
            number::Normalised::NotANumber if place.row.is_some() => return Ok(Some("".into())),
            number::Normalised::NotANumber => {
                self.errors.push((place.bracket_path(&field.code), NOT_A_NUMBER));
                return Ok(None);
            }
            number::Normalised::TooLong => TOO_MANY_DIGITS,
        };
        self.errors.push((place.path(&field.code, "value"), wrong));
        Ok(None)
    }

    fn choice(&mut self, field: &FieldDef, input: Value, place: Place<'_>) -> ApiResult<Option<Value>> {
        let chosen = text(input)?;
        if chosen.is_empty() {
            return Ok(Some(Value::Null));
        }
        if !field.has_option(&chosen) {
            self.errors.push((place.path(&field.code, "value"), no_option(&chosen)));
            return Ok(None);
        }
        Ok(Some(chosen.into()))
    }

    fn choices(&mut self, field: &FieldDef, input: Value, place: Place<'_>) -> ApiResult<Option<Value>> {
        let mut chosen = Vec::new();
        for (index, item) in list(input)?.into_iter().enumerate() {
            let option = text(item)?;
            if !field.has_option(&option) {
                self.errors.push((place.path(&field.code, &format!("values[{index}].value")), no_option(&option)));
            }
            chosen.push(Value::String(option));
        }
        Ok(Some(Value::Array(chosen)))
    }

    fn temporal(&mut self, field: &FieldDef, input: Value, place: Place<'_>) -> ApiResult<Option<Value>> {
        let text = text(input)?;
        if text.trim().is_empty() {
            let as_null = field.kind != FieldType::DateTime || self.world.switches.empty_datetime_is_null;
            return Ok(Some(if as_null { Value::Null } else { "".into() }));
        }
        let (read, wrong) = match field.kind {
            FieldType::Date => (temporal::date(&text), BAD_DATE),
            FieldType::Time => (temporal::time(&text), BAD_TIME),
            _ => (temporal::instant(&text), BAD_INSTANT),
        };
        if read.is_none() {
            self.errors.push((place.bracket_path(&field.code), wrong));
        }
        Ok(read.map(Value::String))
    }

    fn entities(&mut self, input: Value) -> ApiResult<Option<Value>> {
        let mut named = Vec::new();
        for item in list(input)? {
            let code = item.get("code").and_then(Value::as_str).ok_or(BAD_JSON)?;
            named.push(self.world.entity(code));
        }
        Ok(Some(Value::Array(named)))
    }

    /// Attaches uploads; the keys of files that the record already holds keep these.
    fn files(&mut self, input: Value, old: Option<&Value>) -> ApiResult<Option<Value>> {
        let held = old.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut files = Vec::new();
        for item in list(input)? {
            let key = item.get("fileKey").and_then(Value::as_str).ok_or(BAD_JSON)?;
            let kept = held.iter().find(|file| file["fileKey"] == json!(key)).cloned();
            let life = self.world.switches.file_life_s;
            let file = kept.or_else(|| self.world.files.attach(key, self.app, self.now, life)).ok_or(NO_FILE)?;
            files.push(file);
        }
        Ok(Some(Value::Array(files)))
    }
}

fn no_option(chosen: &str) -> Text {
    Text::made(format!("\"{chosen}\"は選択肢にありません。"), format!("The value, \"{chosen}\", is not in options."))
}

/// A text, number or null as text; anything else is no JSON that kintone accepts here.
pub fn text(input: Value) -> ApiResult<String> {
    match input {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(BAD_JSON),
    }
}

fn list(input: Value) -> ApiResult<Vec<Value>> {
    match input {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        _ => Err(BAD_JSON),
    }
}
