//! Cursors: a list of record ids taken when the cursor is made, handed out page by page.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::error::random_uuid;
use crate::switches::Switches;

/// One cursor.
#[derive(Debug)]
pub struct Cursor {
    /// The app that it reads.
    pub app: u64,
    /// The fields that it tells; all where absent.
    pub fields: Option<Vec<String>>,
    /// Records per page.
    pub size: usize,
    /// What is still to be told.
    pub left: VecDeque<u64>,
    expires: Timestamp,
}

/// The domain's cursors.
#[derive(Debug, Default)]
pub struct Cursors(HashMap<String, Cursor>);

impl Cursors {
    /// Makes a cursor; `None` where the domain holds as many as it may.
    pub fn create(
        &mut self,
        app: u64,
        fields: Option<Vec<String>>,
        size: usize,
        ids: VecDeque<u64>,
        now: Timestamp,
        switches: &Switches,
    ) -> Option<String> {
        self.drop_expired(now);
        if self.0.len() >= switches.cursor_limit {
            return None;
        }
        let id = random_uuid();
        self.0.insert(id.clone(), Cursor { app, fields, size, left: ids, expires: expiry(now, switches) });
        Some(id)
    }

    /// A live cursor, whose life is renewed.
    pub fn renew(&mut self, id: &str, now: Timestamp, switches: &Switches) -> Option<&mut Cursor> {
        self.drop_expired(now);
        let cursor = self.0.get_mut(id)?;
        cursor.expires = expiry(now, switches);
        Some(cursor)
    }

    /// The app of a live cursor.
    pub fn app_of(&self, id: &str) -> Option<u64> {
        self.0.get(id).map(|cursor| cursor.app)
    }

    /// Ends a cursor; false where there is none.
    pub fn remove(&mut self, id: &str, now: Timestamp) -> bool {
        self.drop_expired(now);
        self.0.remove(id).is_some()
    }

    fn drop_expired(&mut self, now: Timestamp) {
        self.0.retain(|_, cursor| now < cursor.expires);
    }
}

fn expiry(now: Timestamp, switches: &Switches) -> Timestamp {
    let life = SignedDuration::from_secs(i64::try_from(switches.cursor_life_s).unwrap_or(i64::MAX));
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}
