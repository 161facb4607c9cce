//! What an app looks like: its form, its name, its number precision.

use std::collections::HashSet;

use indexmap::IndexMap;
use model::field::{AppSchema, Field, FieldType, NumberPrecision, RoundingMode};
use serde::Deserialize;

use super::answer::{Num, read_answer};
use super::client::Kintone;
use super::error::{Class, KintoneError, Right};
use super::http::{Param, Request};

/// An app's schema, and what could not be learnt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaRead {
    /// The schema: `$id` and `$revision`, then the form's fields. Process fields that are switched off are left out,
    /// since records do not hold them.
    pub schema: AppSchema,
    /// The app's settings are not readable with this credential: kintone's default precision is assumed.
    pub precision_assumed: bool,
    /// The app's name is not readable with this credential: it is empty.
    pub name_unknown: bool,
}

#[derive(Deserialize)]
struct Form {
    properties: IndexMap<String, Property>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Property {
    #[serde(rename = "type")]
    field_type: FieldType,
    code: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    format: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    expression: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    options: Option<IndexMap<String, ChoiceOption>>,
    #[serde(default)]
    lookup: Option<Lookup>,
    #[serde(default)]
    fields: Option<IndexMap<String, Property>>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct ChoiceOption {
    index: Num,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lookup {
    #[serde(default)]
    field_mappings: Vec<Mapping>,
}

#[derive(Deserialize)]
struct Mapping {
    field: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppSettings {
    number_precision: Precision,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Precision {
    digits: Num,
    decimal_places: Num,
    rounding_mode: RoundingMode,
}

#[derive(Deserialize)]
struct AppInfo {
    name: String,
}

impl Kintone {
    /// Describes an app: its form, its settings and its name, three calls at once.
    ///
    /// The form must be readable; what the credential may not see of the rest is assumed, and said.
    pub async fn schema(&self, app: u64) -> Result<SchemaRead, KintoneError> {
        let number = || Param::One(app.to_string());
        let form = Request::get("app/form/fields.json", app, Right::ViewRecords, vec![("app", number())]);
        let settings = Request::get("app/settings.json", app, Right::ManageApp, vec![("app", number())]);
        let info = Request::get("app.json", app, Right::ViewRecords, vec![("id", number())]);
        let (form_answer, settings_answer, info_answer) =
            futures::join!(self.call(&form), self.call(&settings), self.call(&info));

        let parsed: Form = read_answer(&form_answer?.body, &form.info())?;
        let precision = match permitted(settings_answer)? {
            Some(answer) => Some(precision(&read_answer::<AppSettings>(&answer.body, &settings.info())?)),
            None => None,
        };
        let name = match permitted(info_answer)? {
            Some(answer) => Some(read_answer::<AppInfo>(&answer.body, &info.info())?.name),
            None => None,
        };
        let mut fields = vec![Field::new("$id", FieldType::Id), Field::new("$revision", FieldType::Revision)];
        fields.extend(read_form(parsed.properties));
        Ok(SchemaRead {
            precision_assumed: precision.is_none(),
            name_unknown: name.is_none(),
            schema: AppSchema { app, name: name.unwrap_or_default(), precision: precision.unwrap_or_default(), fields },
        })
    }
}

/// `None` where the credential may not see it.
fn permitted<T>(answer: Result<T, KintoneError>) -> Result<Option<T>, KintoneError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.class == Class::Permission => Ok(None),
        Err(error) => Err(error),
    }
}

fn precision(settings: &AppSettings) -> NumberPrecision {
    let precision = &settings.number_precision;
    let small = |n: Num, most: u32| u32::try_from(n.0).unwrap_or(most).min(most);
    NumberPrecision {
        digits: small(precision.digits, 30),
        decimal_places: small(precision.decimal_places, 10),
        rounding: precision.rounding_mode,
    }
}

/// The fields of a form, or of a table. A lookup fills fields of its own level.
fn read_form(properties: IndexMap<String, Property>) -> Vec<Field> {
    let lookups = properties.values().filter_map(|p| p.lookup.as_ref());
    let filled: HashSet<String> = lookups.flat_map(|l| l.field_mappings.iter().map(|m| m.field.clone())).collect();
    let live = properties.into_values().filter(|p| p.enabled);
    live.map(|property| {
        let by_lookup = filled.contains(&property.code);
        read_field(property, by_lookup)
    })
    .collect()
}

fn read_field(property: Property, by_lookup: bool) -> Field {
    let mut options: Vec<(String, Num)> =
        property.options.unwrap_or_default().into_iter().map(|(name, option)| (name, option.index)).collect();
    options.sort_by_key(|(_, index)| index.0);
    let computed = property.field_type == FieldType::Calc || !property.expression.is_empty();
    Field {
        label: property.label,
        field_type: property.field_type,
        format: if property.field_type == FieldType::Calc { property.format } else { String::new() },
        required: property.required,
        unique: property.unique,
        options: options.into_iter().map(|(name, _)| name).collect(),
        lookup: property.lookup.is_some(),
        filled_by_kintone: by_lookup || computed,
        fields: property.fields.map(read_form).unwrap_or_default(),
        code: property.code,
    }
}

#[cfg(test)]
mod tests {
    use model::field::Kind;

    use super::*;

    const FORM: &str = r#"{"properties":{
        "区分":{"type":"DROP_DOWN","code":"区分","label":"区分","required":true,"defaultValue":"",
            "options":{"B":{"label":"B","index":"10"},"C":{"label":"C","index":"9"},"A":{"label":"A","index":"1"}}},
        "商品":{"type":"SINGLE_LINE_TEXT","code":"商品","label":"商品コード","required":false,"unique":true,
            "lookup":{"relatedApp":{"app":"3","code":""},"relatedKeyField":"コード",
                      "fieldMappings":[{"field":"品名","relatedField":"名"}]}},
        "品名":{"type":"SINGLE_LINE_TEXT","code":"品名","label":"品名","expression":"","unique":false},
        "全名":{"type":"SINGLE_LINE_TEXT","code":"全名","label":"全名","expression":"品名 & 商品"},
        "計":{"type":"CALC","code":"計","label":"計","expression":"1","format":"DATE"},
        "明細":{"type":"SUBTABLE","code":"明細","label":"明細","noLabel":true,"fields":{
            "数":{"type":"NUMBER","code":"数","label":"数","unique":false,"displayScale":""}}},
        "状態":{"type":"STATUS","code":"状態","label":"状態","enabled":false},
        "線":{"type":"GROUP","code":"線","label":"","openGroup":false},
        "新":{"type":"SOMETHING_NEW","code":"新","label":""}
    },"revision":"5"}"#;

    #[test]
    fn a_form_becomes_fields() {
        let form: Form = serde_json::from_str(FORM).unwrap();
        let fields = read_form(form.properties);
        let field = |code: &str| fields.iter().find(|f| f.code == code).unwrap();
        assert_eq!(field("区分").options, ["A", "C", "B"]);
        assert!(field("区分").required && field("商品").unique && field("商品").lookup);
        assert_eq!(field("商品").label, "商品コード");
        assert!(field("商品").writable());
        for filled in ["品名", "全名", "計"] {
            assert!(field(filled).filled_by_kintone && !field(filled).writable(), "{filled}");
        }
        assert_eq!(field("計").kind(), Some(Kind::Date));
        assert_eq!(field("明細").fields[0].kind(), Some(Kind::Number));
        assert!(fields.iter().all(|f| f.code != "状態"), "a switched-off process field is in no record");
        assert_eq!((field("線").kind(), field("新").kind()), (None, None));
    }

    #[test]
    fn settings_give_the_precision() {
        let json = r#"{"name":"a","numberPrecision":{"digits":"20","decimalPlaces":"6","roundingMode":"UP"}}"#;
        let expected = NumberPrecision { digits: 20, decimal_places: 6, rounding: RoundingMode::Up };
        assert_eq!(precision(&serde_json::from_str(json).unwrap()), expected);
    }
}
