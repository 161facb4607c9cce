//! What taking back writes and what it leaves, as people are told of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::flow_run::OutputChanges;
use crate::told;

/// Why a record is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// It was changed since.
    Changed,
    /// It was deleted since.
    Deleted,
    /// Another record has a value that must be unique.
    Taken,
    /// What was done to it cannot be known: it was added, and which record it is is not known; or it was to be deleted,
    /// and is still there.
    Unknown,
    /// The app takes its former values no more: for this reason.
    Refused(String),
}

impl Left {
    fn told(&self) -> String {
        match self {
            Self::Changed => "その後に(または実行の途中で)変更されています / changed since, or in the course of the run".to_owned(),
            Self::Deleted => "その後に削除されています / deleted since".to_owned(),
            Self::Taken => {
                "重複を禁止した値を別のレコードが使っています / another record has a value that must be unique".to_owned()
            }
            Self::Unknown => "追加したレコードを特定できないか、削除の記録と合いません / which record was added cannot be known, or one that was deleted is there".to_owned(),
            Self::Refused(why) => format!("元の値を書き込めません / the former values are refused ({why})"),
        }
    }
}

/// Records that are left for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Their app.
    pub app: u64,
    /// The reason.
    pub why: Left,
    /// Their ids, those of deleted records the former ones; none where it is not known.
    pub ids: Vec<Option<u64>>,
}

/// What is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// By app and reason.
    pub groups: Vec<Group>,
    /// Writes of which nothing is known.
    #[serde(default)]
    pub unknown: usize,
}

/// How many records are not taken back, for people.
pub fn standing(count: u64) -> String {
    format!("元に戻していないレコード: {count}件 / records not taken back: {count}")
}

impl Leaving {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.unknown == 0
    }

    /// Leaves records as they are.
    pub fn leave(&mut self, app: u64, why: Left, ids: impl IntoIterator<Item = Option<u64>>) {
        let at = self.groups.iter().position(|group| group.app == app && group.why == why);
        let at = at.unwrap_or_else(|| {
            self.groups.push(Group { app, why, ids: Vec::new() });
            self.groups.len() - 1
        });
        self.groups[at].ids.extend(ids);
    }

    /// What is left, for people; empty where nothing is.
    pub fn text(&self) -> String {
        let of = |Group { app, why, ids }: &Group| {
            let mut list = told::numbers(ids.iter().flatten().copied());
            if ids.contains(&None) {
                list += if list.is_empty() { "?" } else { " ?" };
            }
            format!("アプリ / app {app}: {} × {}: {list}", why.told(), ids.len())
        };
        if self.is_empty() {
            return String::new();
        }
        let count = self.groups.iter().map(|group| group.ids.len()).sum::<usize>() + self.unknown;
        let mut lines = vec![standing(count as u64)];
        if self.unknown > 0 {
            let unknown = self.unknown;
            lines.push(format!(
                "控えがなく、内容が分からない書き込み: {unknown}件 / writes of which nothing is kept: {unknown}"
            ));
        }
        lines.extend(self.groups.iter().map(of));
        lines.join("\n")
    }
}

/// What is to be written, and what is not.
#[derive(Debug, Default)]
pub struct Restored {
    /// The changes, per app.
    pub outputs: Vec<OutputChanges>,
    /// The former ids of the records that are brought back, in the order in which they are added, by app.
    pub back: BTreeMap<u64, Vec<u64>>,
    /// Records that are left as they are.
    pub left: Leaving,
    /// Records that were read.
    pub read: u64,
    /// What cannot come back, for people.
    pub notes: Vec<String>,
}

/// What is told of taking back when it is written; it is staged with the bulks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// What was counted, and what cannot come back.
    pub counted: String,
    /// What is left.
    pub left: Leaving,
    /// See [`Restored::back`].
    pub back: BTreeMap<u64, Vec<u64>>,
}

impl Telling {
    /// For people.
    pub fn text(&self) -> String {
        let lines = [self.counted.clone(), self.left.text()];
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}
