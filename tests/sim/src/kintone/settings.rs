//! What an app's settings hold besides its fields: number precision, process management, layout, views; and how
//! kintone tells them.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::form::{FieldDef, FieldType, Form};

/// How an app rounds numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the even neighbour.
    HalfEven,
    /// Away from zero at one half, as `UP` of kintone's settings page ("round off").
    Up,
    /// Towards zero.
    Down,
}

/// Digits and rounding of an app's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precision {
    /// All digits (16).
    pub digits: usize,
    /// Digits after the point (4).
    pub decimal_places: usize,
    /// What happens to more.
    pub rounding: Rounding,
}

impl Default for Precision {
    fn default() -> Self {
        Self { digits: 16, decimal_places: 4, rounding: Rounding::HalfEven }
    }
}

impl Precision {
    /// Reads `{"digits","decimalPlaces","roundingMode"}` over the precision so far; texts and numbers are both fine.
    pub fn updated(mut self, told: &Value) -> Self {
        let count = |name: &str| {
            let value = told.get(name)?;
            value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|count| usize::try_from(count).ok())
        };
        self.digits = count("digits").unwrap_or(self.digits).clamp(1, 30);
        self.decimal_places = count("decimalPlaces").unwrap_or(self.decimal_places).min(10);
        match told.get("roundingMode").and_then(Value::as_str) {
            Some("UP") => self.rounding = Rounding::Up,
            Some("DOWN") => self.rounding = Rounding::Down,
            Some("HALF_EVEN") => self.rounding = Rounding::HalfEven,
            _ => {}
        }
        self
    }

    /// As `app/settings.json` tells it.
    pub fn tell(self) -> Value {
        let mode = match self.rounding {
            Rounding::HalfEven => "HALF_EVEN",
            Rounding::Up => "UP",
            Rounding::Down => "DOWN",
        };
        json!({
            "digits": self.digits.to_string(),
            "decimalPlaces": self.decimal_places.to_string(),
            "roundingMode": mode,
        })
    }
}

/// One set of settings: the live one, or the preview that a deploy makes live.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's name.
    pub name: String,
    /// The description (HTML).
    pub description: String,
    /// The fields.
    pub form: Form,
    /// The layout; where nobody set one, a plain one is made from the fields.
    pub layout: Option<Value>,
    /// The views.
    pub views: Value,
    /// Number precision.
    pub precision: Precision,
    /// `states` of process management, as told.
    pub states: Value,
    /// `actions` of process management, as told.
    pub actions: Value,
    /// Everything else of `app/settings.json` (`theme`, `icon`, `titleField`, ...).
    pub others: Map<String, Value>,
    /// Grows with every change of the settings.
    pub revision: u64,
}

impl Settings {
    /// Settings with nothing but the system fields, whose codes are in that language (`ja` or `en`).
    pub fn new(name: &str, lang: &str) -> Self {
        let fields: IndexMap<_, _> = system_fields(lang).into_iter().map(|field| (field.code.clone(), field)).collect();
        let others = [
            ("icon", json!({ "type": "PRESET", "key": "APP72" })),
            ("theme", json!("WHITE")),
            ("titleField", json!({ "selectionMode": "AUTO" })),
            ("enableThumbnails", json!(true)),
            ("enableBulkDeletion", json!(false)),
            ("enableComments", json!(true)),
            ("enableDuplicateRecord", json!(true)),
            ("enableInlineRecordEditing", json!(true)),
            ("firstMonthOfFiscalYear", json!("4")),
        ];
        Self {
            name: name.to_owned(),
            description: String::new(),
            form: Form { fields, ..Form::default() },
            layout: None,
            views: json!({}),
            precision: Precision::default(),
            states: Value::Null,
            actions: json!([]),
            others: others.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            revision: 1,
        }
    }

    /// Adds a field; a system field takes the place of the one that every app has.
    pub fn add_field(&mut self, field: FieldDef) {
        if field.kind.is_system()
            && let Some(old) = self.form.first_of(field.kind).map(|old| old.code.clone())
        {
            self.form.fields.shift_remove(&old);
        }
        self.form.fields.insert(field.code.clone(), field);
    }

    /// Takes over process management as `app/status.json` tells it.
    pub fn set_process(&mut self, told: &Value) {
        if let Some(states) = told.get("states") {
            self.states = states.clone();
        }
        if let Some(actions) = told.get("actions") {
            self.actions = actions.clone();
        }
        let was_on = self.form.has_process();
        let on = told.get("enable").map_or(was_on, |enable| *enable == true || *enable == "true");
        self.form.statuses = if on { status_names(&self.states) } else { Vec::new() };
        for kind in [FieldType::Status, FieldType::StatusAssignee] {
            if let Some(code) = self.form.first_of(kind).map(|field| field.code.clone())
                && let Some(field) = self.form.fields.get_mut(&code)
            {
                field.props.insert("enabled".to_owned(), on.into());
            }
        }
    }

    /// The field layout: the one that was set, else one row per field.
    pub fn tell_layout(&self) -> Value {
        if let Some(layout) = &self.layout {
            return layout.clone();
        }
        let mut rows = Vec::new();
        for field in self.form.fields.values().filter(|field| !field.kind.is_system()) {
            let cell = |field: &FieldDef| match field.kind {
                FieldType::Label => {
                    json!({ "type": "LABEL", "label": field.props.get("label"), "size": {"width": "193"} })
                }
                kind => json!({ "type": kind.name(), "code": field.code.as_ref(), "size": {"width": "193"} }),
            };
            rows.push(match field.kind {
                FieldType::Subtable => json!({
                    "type": "SUBTABLE",
                    "code": field.code.as_ref(),
                    "fields": field.fields.values().map(cell).collect::<Vec<_>>(),
                }),
                FieldType::Group => json!({ "type": "GROUP", "code": field.code.as_ref(), "layout": [] }),
                _ => json!({ "type": "ROW", "fields": [cell(field)] }),
            });
        }
        Value::Array(rows)
    }

    /// `app/settings.json` without the revision.
    pub fn tell_settings(&self) -> Map<String, Value> {
        let mut told = self.others.clone();
        told.insert("name".to_owned(), self.name.as_str().into());
        told.insert("description".to_owned(), self.description.as_str().into());
        told.insert("numberPrecision".to_owned(), self.precision.tell());
        told
    }
}

/// The names of the statuses in their order, without those that no record can have.
fn status_names(states: &Value) -> Vec<String> {
    let Some(states) = states.as_object() else { return vec!["未処理".to_owned()] };
    let mut names: Vec<(u64, String)> = states
        .iter()
        .map(|(key, state)| {
            let index = state.get("index").and_then(|index| index.as_u64().or_else(|| index.as_str()?.parse().ok()));
            let name = state.get("name").and_then(Value::as_str).unwrap_or(key);
            (index.unwrap_or(u64::MAX), name.to_owned())
        })
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

fn system_fields(lang: &str) -> Vec<FieldDef> {
    let kinds = [
        (FieldType::RecordNumber, "レコード番号", "Record_number"),
        (FieldType::Modifier, "更新者", "Updated_by"),
        (FieldType::Creator, "作成者", "Created_by"),
        (FieldType::UpdatedTime, "更新日時", "Updated_datetime"),
        (FieldType::CreatedTime, "作成日時", "Created_datetime"),
        (FieldType::Status, "ステータス", "Status"),
        (FieldType::StatusAssignee, "作業者", "Assignee"),
        (FieldType::Category, "カテゴリー", "Categories"),
    ];
    kinds
        .into_iter()
        .map(|(kind, ja, en)| {
            let code = if lang == "en" { en } else { ja };
            let mut props = Map::new();
            props.insert("label".to_owned(), code.replace('_', " ").into());
            match kind {
                FieldType::Status | FieldType::StatusAssignee | FieldType::Category => {
                    props.insert("enabled".to_owned(), false.into())
                }
                _ => props.insert("noLabel".to_owned(), false.into()),
            };
            FieldDef { code: code.into(), kind, props, fields: IndexMap::new() }
        })
        .collect()
}
