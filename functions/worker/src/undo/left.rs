//! What taking back writes and what it leaves, as people are told of it.

use std::collections::BTreeMap;

use crate::flow_run::OutputChanges;

/// Why a record is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
}

impl Left {
    fn told(self) -> &'static str {
        match self {
            Self::Changed => "その後に変更されています / changed since",
            Self::Deleted => "その後に削除されています / deleted since",
            Self::Taken => {
                "重複を禁止した値を別のレコードが使っています / another record has a value that must be unique"
            }
            Self::Unknown => "追加したレコードを特定できないか、削除の記録と合いません / which record was added cannot be known, or one that was deleted is there",
        }
    }
}

/// What is to be written, and what is not.
#[derive(Debug, Default)]
pub struct Restored {
    /// The changes, per app.
    pub outputs: Vec<OutputChanges>,
    /// The former ids of the records that are brought back, in the order in which they are added, by app.
    pub back: BTreeMap<u64, Vec<u64>>,
    /// Records that are left as they are, by app and reason; without an id where it is not known.
    pub left: BTreeMap<(u64, Left), Vec<Option<u64>>>,
    /// Records that were read.
    pub read: u64,
    /// Writes of which nothing is known.
    pub unknown: usize,
    /// What cannot come back, for people.
    pub notes: Vec<String>,
}

/// How many records are not taken back, for people.
pub fn standing(count: u64) -> String {
    format!("元に戻していないレコード: {count}件 / records not taken back: {count}")
}

/// Records of a list in a message; the rest is counted.
const TOLD: usize = 200;

impl Restored {
    /// Whether all is taken back.
    pub fn whole(&self) -> bool {
        self.left.is_empty() && self.unknown == 0
    }

    /// What was left, for people; empty where nothing was.
    pub fn left_text(&self) -> String {
        let of = |((app, why), ids): (&(u64, Left), &Vec<Option<u64>>)| {
            let list: Vec<String> = ids.iter().flatten().take(TOLD).map(|id| format!("#{id}")).collect();
            let more = if ids.len() > list.len() { " …" } else { "" };
            format!("アプリ / app {app}: {} × {}: {}{more}", why.told(), ids.len(), list.join(" "))
        };
        if self.whole() {
            return String::new();
        }
        let count = self.left.values().map(Vec::len).sum::<usize>() + self.unknown;
        let mut lines = vec![standing(count as u64)];
        if self.unknown > 0 {
            lines.push(format!("控えがなく、内容が分からない書き込み: {0}件 / writes of which nothing is kept: {0}", self.unknown));
        }
        lines.extend(self.left.iter().map(of));
        lines.join("\n")
    }

    /// Leaves records as they are.
    pub(super) fn leave(&mut self, app: u64, why: Left, ids: impl IntoIterator<Item = Option<u64>>) {
        self.left.entry((app, why)).or_default().extend(ids);
    }
}
