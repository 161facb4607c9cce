//! Adding, changing and deleting the fields of the preview form.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::Answer;
use super::preview::editable;
use crate::form::{FieldDef, FieldType};
use crate::kintone::catalogue::{self, BAD_JSON};
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::lookup;
use crate::kintone::params::{NOT_IN_ENUM, Params};
use crate::kintone::scope::Scope;
use crate::kintone::settings::Settings;
use crate::kintone::text::Text;
use crate::kintone::world::World;
use crate::record::Code;

/// The most fields of one deletion.
const FIELDS_AT_MOST: usize = 100;
/// The longest field code or label, in characters.
const CODE_AT_MOST: usize = 128;

const CODE_TAKEN: Text =
    Text::fixed("フィールドコードが重複しています。", "The field code is already used in this app.");
const CODE_TOO_LONG: Text = Text::fixed("128文字以内で入力してください。", "Enter 128 characters or less.");
const TOO_MANY_FIELDS: Text =
    Text::fixed("一度に100件までのフィールドを削除できます。", "A maximum of 100 fields can be deleted at one time.");

/// `POST preview/app/form/fields.json`.
pub fn add(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "properties"])?;
    let app = editable(world, scope, params)?;
    let mut settings = app.preview.clone();
    for (code, properties) in properties(params)? {
        let field = read(code, properties)?;
        let taken = settings.form.find(code).is_some() || settings.form.find_in_tables(code).is_some();
        if taken {
            return Err(ApiError::invalid_at(format!("properties.{code}.code"), CODE_TAKEN));
        }
        settings.add_field(field);
    }
    keep(app, settings)
}

/// `PUT preview/app/form/fields.json`: what is sent replaces what is there, property by property.
pub fn update(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "properties"])?;
    let app = editable(world, scope, params)?;
    let mut settings = app.preview.clone();
    for (code, properties) in properties(params)? {
        let sent = properties.as_object().ok_or(BAD_JSON)?;
        let at = settings.form.fields.get_index_of(code.as_str());
        let Some((at, old)) = at.and_then(|at| Some((at, settings.form.fields.get_index(at)?.1))) else {
            return Err(catalogue::no_such_field_in_settings(code));
        };
        let mut merged = old.to_properties();
        for (name, value) in sent {
            merged[name] = value.clone();
        }
        // The type of a field never changes.
        merged["type"] = old.kind.name().into();
        let new_code = sent.get("code").and_then(Value::as_str).unwrap_or(code).to_owned();
        let field = read(&new_code, &merged)?;
        settings.form.fields.shift_remove_index(at);
        settings.form.fields.shift_insert(at, Code::from(new_code), field);
    }
    keep(app, settings)
}

/// `DELETE preview/app/form/fields.json`.
pub fn delete(world: &mut World, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "fields"])?;
    let app = editable(world, scope, params)?;
    let codes = params.texts("fields")?.unwrap_or_default();
    if codes.len() > FIELDS_AT_MOST {
        return Err(ApiError::invalid_at("fields", TOO_MANY_FIELDS));
    }
    let mut settings = app.preview.clone();
    for code in &codes {
        if settings.form.fields.shift_remove(code.as_str()).is_some() {
            continue;
        }
        let fields = settings.form.fields.values_mut();
        let removed = fields.filter_map(|table| table.fields.shift_remove(code.as_str())).count();
        if removed == 0 {
            return Err(catalogue::no_such_field_in_settings(code));
        }
    }
    keep(app, settings)
}

fn keep(app: &mut crate::kintone::app::App, mut settings: Settings) -> ApiResult<Answer> {
    check_lookups(&settings)?;
    settings.revision += 1;
    let revision = settings.revision.to_string();
    app.preview = settings;
    Ok(json!({ "revision": revision }).into())
}

fn properties(params: &Params) -> ApiResult<&Map<String, Value>> {
    params.get("properties").and_then(Value::as_object).ok_or(BAD_JSON)
}

/// A field with its settings as kintone fills them up.
fn read(code: &str, properties: &Value) -> ApiResult<FieldDef> {
    if properties["type"].as_str().and_then(FieldType::from_name).is_none() {
        return Err(ApiError::invalid_at(format!("properties.{code}.type"), NOT_IN_ENUM));
    }
    if code.chars().count() > CODE_AT_MOST {
        return Err(ApiError::invalid_at(format!("properties.{code}.code"), CODE_TOO_LONG));
    }
    let mut field = FieldDef::from_properties(code, properties).map_err(|_| BAD_JSON)?;
    complete(&mut field);
    Ok(field)
}

/// Fills in the settings that were not sent, and drops `unique` where the type cannot have it.
pub fn complete(field: &mut FieldDef) {
    let empty = || Value::String(String::new());
    let mut set = |name: &str, value: Value| {
        field.props.entry(name).or_insert(value);
    };
    use FieldType as T;
    match field.kind {
        T::SingleLineText => {
            for name in ["minLength", "maxLength", "defaultValue", "expression"] {
                set(name, empty());
            }
            set("hideExpression", false.into());
        }
        T::Link => {
            for name in ["minLength", "maxLength", "defaultValue"] {
                set(name, empty());
            }
            set("protocol", "WEB".into());
        }
        T::Number => {
            for name in ["minValue", "maxValue", "defaultValue", "displayScale", "unit"] {
                set(name, empty());
            }
            set("digit", false.into());
            set("unitPosition", "BEFORE".into());
        }
        T::Calc => {
            for name in ["displayScale", "unit", "expression"] {
                set(name, empty());
            }
            set("format", "NUMBER".into());
            set("hideExpression", false.into());
            set("unitPosition", "BEFORE".into());
        }
        T::MultiLineText | T::RichText | T::DropDown | T::RadioButton => set("defaultValue", empty()),
        T::CheckBox | T::MultiSelect => set("defaultValue", json!([])),
        T::UserSelect | T::OrganizationSelect | T::GroupSelect => {
            set("defaultValue", json!([]));
            set("entities", json!([]));
        }
        T::Date | T::Time | T::DateTime => {
            set("defaultValue", empty());
            set("defaultNowValue", false.into());
        }
        T::File => set("thumbnailSize", "150".into()),
        _ => {}
    }
    if field.kind.is_stored() && !field.kind.is_system() {
        set("noLabel", false.into());
        if field.kind != T::Subtable {
            set("required", false.into());
        }
    }
    if field.kind.can_be_unique() {
        field.props.entry("unique").or_insert(false.into());
    } else {
        field.props.remove("unique");
    }
    if let Some(Value::Object(options)) = field.props.get_mut("options") {
        complete_options(options);
    }
    field.fields.values_mut().for_each(complete);
}

fn complete_options(options: &mut Map<String, Value>) {
    for (place, (name, option)) in options.iter_mut().enumerate() {
        if let Some(option) = option.as_object_mut() {
            option.entry("label").or_insert_with(|| name.as_str().into());
            option.entry("index").or_insert_with(|| place.to_string().into());
            if let Some(index) = option.get("index").and_then(Value::as_u64) {
                option.insert("index".to_owned(), index.to_string().into());
            }
        }
    }
}

/// A lookup may fill only fields that stand beside it.
fn check_lookups(settings: &Settings) -> ApiResult<()> {
    let check = |fields: &IndexMap<Code, FieldDef>| match lookup::targets(fields.values())
        .find(|target| !fields.contains_key(*target))
    {
        Some(unknown) => Err(catalogue::no_such_field_in_settings(unknown)),
        None => Ok(()),
    };
    check(&settings.form.fields)?;
    settings.form.fields.values().try_for_each(|table| check(&table.fields))
}
