//! One app: its settings, its records and the index of its unique fields. Records change through here alone, so that
//! the index always fits them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::rules::Rules;
use super::settings::Settings;
use crate::form::Form;
use crate::record::{Code, Record};

/// A comment on a record.
#[derive(Debug, Clone)]
pub struct Comment {
    /// The number of the comment within its record.
    pub id: u64,
    /// The text as sent.
    pub text: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// Who wrote it, as `{"code","name"}`.
    pub creator: Value,
    /// Whom it mentions, as `[{"code","type"}]`.
    pub mentions: Value,
}

/// The comments of a record, with the number of the last one ever written.
#[derive(Debug, Clone, Default)]
pub struct Comments {
    /// Those that are there, oldest first.
    pub list: Vec<Comment>,
    /// The number of the last one.
    pub last: u64,
}

/// A deploy that runs or ended.
#[derive(Debug, Clone)]
pub struct Deploy {
    /// When it ends.
    pub until: Timestamp,
    /// Whether its end has taken effect.
    pub done: bool,
}

/// An app.
#[derive(Debug)]
pub struct App {
    /// Its id.
    pub id: u64,
    /// The guest space that it lies in.
    pub guest_space: Option<u64>,
    /// The settings in force.
    pub live: Settings,
    /// The settings that the next deploy brings into force.
    pub preview: Settings,
    /// Whether it was ever deployed: before that it has neither records nor valid tokens.
    pub deployed: bool,
    /// The last deploy.
    pub deploy: Option<Deploy>,
    /// When and by whom it was made and last changed.
    pub created: (Timestamp, Value),
    /// The last change of the settings.
    pub modified: (Timestamp, Value),
    /// The live form, to be held while the domain changes.
    pub form: Arc<Form>,
    /// What the live form demands, worked out once.
    pub rules: Arc<Rules>,
    /// Comments by record.
    pub comments: BTreeMap<u64, Comments>,
    records: BTreeMap<u64, Record>,
    last_record: u64,
    unique: HashMap<Code, HashMap<String, u64>>,
}

impl App {
    /// An app with those settings, in force or not yet.
    pub fn new(id: u64, settings: Settings, deployed: bool, created: (Timestamp, Value)) -> Self {
        let mut app = Self {
            id,
            guest_space: None,
            form: Arc::default(),
            rules: Arc::default(),
            live: settings.clone(),
            preview: settings,
            deployed,
            deploy: None,
            modified: created.clone(),
            created,
            comments: BTreeMap::new(),
            records: BTreeMap::new(),
            last_record: 0,
            unique: HashMap::new(),
        };
        app.settings_changed();
        app
    }

    /// Works out again what follows from the live settings; to be called after they changed.
    pub fn settings_changed(&mut self) {
        self.form = Arc::new(self.live.form.clone());
        self.rules = Arc::new(Rules::of(&self.live.form));
        self.unique = self.rules.unique.iter().map(|code| (code.clone(), HashMap::new())).collect();
        let Self { records, unique, .. } = self;
        for record in records.values() {
            index(unique, record);
        }
    }

    /// All records by id.
    pub fn records(&self) -> &BTreeMap<u64, Record> {
        &self.records
    }

    /// All records, to be fitted to a new form; unique values must stay as they are.
    pub fn records_mut(&mut self) -> impl Iterator<Item = &mut Record> {
        self.records.values_mut()
    }

    /// Takes the next record id.
    pub fn next_id(&mut self) -> u64 {
        self.last_record += 1;
        self.last_record
    }

    /// Stores a record, new or in the place of its former self, which is returned.
    pub fn store(&mut self, record: Record) -> Option<Record> {
        self.last_record = self.last_record.max(record.id);
        // The old keys leave the index before the new ones enter it.
        if let Some(old) = self.records.get(&record.id) {
            unindex(&mut self.unique, old);
        }
        index(&mut self.unique, &record);
        self.records.insert(record.id, record)
    }

    /// Removes a record.
    pub fn remove(&mut self, id: u64) -> Option<Record> {
        let old = self.records.remove(&id)?;
        unindex(&mut self.unique, &old);
        Some(old)
    }

    /// The record that holds this value in a unique field; `None` also where the field is not unique.
    pub fn find_unique(&self, code: &str, value: &str) -> Option<u64> {
        self.unique.get(code)?.get(value).copied()
    }

    /// Whether the field is one that prohibits duplicates.
    pub fn is_unique(&self, code: &str) -> bool {
        self.unique.contains_key(code)
    }

    /// The path of the app's API: with or without a guest space.
    pub fn screen_path(&self) -> String {
        self.guest_space.map_or_else(|| format!("/k/{}", self.id), |space| format!("/k/guest/{space}/{}", self.id))
    }
}

fn index(unique: &mut HashMap<Code, HashMap<String, u64>>, record: &Record) {
    for (code, keys) in unique {
        if let Some(text) = record.text(code).filter(|text| !text.is_empty()) {
            keys.insert(text.to_owned(), record.id);
        }
    }
}

fn unindex(unique: &mut HashMap<Code, HashMap<String, u64>>, record: &Record) {
    for (code, keys) in unique {
        if let Some(text) = record.text(code)
            && keys.get(text) == Some(&record.id)
        {
            keys.remove(text);
        }
    }
}
