//! The undo log of a call. Writes happen at once on the app; where a later part fails, they are taken back from here.

use super::app::Comments;
use super::world::World;
use crate::record::Record;
use crate::webhook::Notice;

enum Undo {
    Added { app: u64, id: u64 },
    Changed { app: u64, old: Box<Record> },
    Removed { app: u64, old: Box<Record>, comments: Option<Comments> },
}

/// What a call has changed so far, and what it will tell when it commits.
#[derive(Default)]
pub struct Changes {
    undo: Vec<Undo>,
    /// What webhooks are told on commit.
    pub notices: Vec<Notice>,
}

impl Changes {
    /// Adds a record or stores a changed one.
    pub fn store(&mut self, world: &mut World, app: u64, record: Record) {
        let Some(held) = world.apps.get_mut(&app) else { return };
        let id = record.id;
        self.undo.push(match held.store(record) {
            Some(old) => Undo::Changed { app, old: Box::new(old) },
            None => Undo::Added { app, id },
        });
    }

    /// Removes a record with its comments.
    pub fn remove(&mut self, world: &mut World, app: u64, id: u64) {
        let Some(held) = world.apps.get_mut(&app) else { return };
        if let Some(old) = held.remove(id) {
            let comments = held.comments.remove(&id);
            self.undo.push(Undo::Removed { app, old: Box::new(old), comments });
        }
    }

    /// Takes everything back, last first. Ids that were given out stay used, as with a database's sequence.
    pub fn roll_back(self, world: &mut World) {
        for undo in self.undo.into_iter().rev() {
            match undo {
                Undo::Added { app, id } => {
                    if let Some(held) = world.apps.get_mut(&app) {
                        held.remove(id);
                    }
                }
                Undo::Changed { app, old } => {
                    if let Some(held) = world.apps.get_mut(&app) {
                        held.store(*old);
                    }
                }
                Undo::Removed { app, old, comments } => {
                    if let Some(held) = world.apps.get_mut(&app) {
                        let id = old.id;
                        held.store(*old);
                        if let Some(comments) = comments {
                            held.comments.insert(id, comments);
                        }
                    }
                }
            }
        }
    }
}
