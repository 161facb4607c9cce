//! Refused calls: counted in the process that refuses them, noted in the table now and then, and told as one flood.
//!
//! A call that a unit refuses costs no write of its own. Each process of api keeps a [`Tally`] per unit and notes it at the
//! first refusal, and from then on at most once in [`FLUSH_EVERY`]. The table holds [`Refusals`] per unit, an item apart
//! from the unit's state, so that a flood is in nobody's way. Pure functions of (now, state, request), as everywhere.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::notice::ONCE_IN;
use crate::unit::DisableAfter;

/// How often a process notes the refused calls of a unit, and how old what it knows of a unit that refuses may be: a
/// request that could have been accepted is refused no longer than that.
pub const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Refused calls of a unit within [`FLOOD_WINDOW`] beyond which they are a flood. kintone itself sends at most 60
/// notifications a minute and domain (reference/kintone-api.md), so an honest sender of webhooks stays below it.
pub const FLOOD_AFTER: u64 = 100;
/// The window of that number.
pub const FLOOD_WINDOW: Duration = Duration::from_secs(60);
/// How many refused calls a process holds back at most while no flood is known: of a flood that several processes take in,
/// each tells its part early, and few late webhooks are recorded one by one before it is found.
pub const HELD_BACK: u64 = FLOOD_AFTER / 4;
/// How long nothing has to be refused before a flood is over; and how long no call of a crowd, before the crowd is.
pub const FLOOD_QUIET: Duration = Duration::from_secs(60);
/// By how much more the end of a crowd is moved on than it has to be, so that the unit's state is written for it at most
/// once in that time.
const CROWD_STEP: Duration = Duration::from_secs(30);
/// How often the log record of a flood that goes on is written anew: often enough to be believed, seldom enough for kintone.
pub const FLOOD_TOLD_EVERY: Duration = Duration::from_secs(60);
/// Longest time over which refusals are summed up for switching a unit off: an hour, a bucket for each minute.
pub const MAX_DISABLE_MINUTES: u64 = 60;

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A webhook that could not start in time; answered 202, and told as timed out.
    Late,
    /// Another caller's request that could not start in time; answered 429.
    TooMany,
    /// The unit is disabled.
    Disabled,
    /// A notification that was accepted before.
    Duplicate,
    /// It came from an address that the unit does not take.
    Address,
    /// Its access token is wrong or too old.
    Token,
    /// Its signature is missing, wrong, too old, or was used before.
    Signature,
    /// Its content is wrong.
    Content,
    /// Its URL expired or was made anew: whoever sends it does not know.
    Dead,
}

/// Refused calls by their cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Webhooks that could not start in time.
    pub late: u64,
    /// Requests of other callers that could not start in time.
    pub too_many: u64,
    /// Calls of a disabled unit.
    pub disabled: u64,
    /// Notifications that were accepted before.
    pub duplicate: u64,
    /// Calls from an address that the unit does not take.
    pub address: u64,
    /// Wrong access tokens.
    pub token: u64,
    /// Wrong signatures.
    pub signature: u64,
    /// Wrong contents.
    pub content: u64,
    /// Calls at URLs that are no longer good.
    pub dead: u64,
}

impl Counts {
    /// So many calls of one cause.
    pub fn of(cause: Cause, calls: u64) -> Self {
        let mut counts = Self::default();
        *counts.slot(cause) = calls;
        counts
    }

    fn slot(&mut self, cause: Cause) -> &mut u64 {
        match cause {
            Cause::Late => &mut self.late,
            Cause::TooMany => &mut self.too_many,
            Cause::Disabled => &mut self.disabled,
            Cause::Duplicate => &mut self.duplicate,
            Cause::Address => &mut self.address,
            Cause::Token => &mut self.token,
            Cause::Signature => &mut self.signature,
            Cause::Content => &mut self.content,
            Cause::Dead => &mut self.dead,
        }
    }

    /// With what they are, in the order in which they are told: the stored name and the words in Japanese and English.
    pub fn named(&self) -> [(&'static str, &'static str, &'static str, u64); 9] {
        [
            ("late", "開始が間に合わないWebhook", "webhooks that could not start in time", self.late),
            ("tooMany", "開始が間に合わない要求", "requests that could not start in time", self.too_many),
            ("disabled", "無効中の要求", "calls while disabled", self.disabled),
            ("duplicate", "重複した通知", "repeated notifications", self.duplicate),
            ("address", "許可外のアドレス", "addresses not allowed", self.address),
            ("token", "不正なトークン", "wrong tokens", self.token),
            ("signature", "不正な署名", "wrong signatures", self.signature),
            ("content", "不正な内容", "wrong contents", self.content),
            ("dead", "無効になったURL", "URLs no longer good", self.dead),
        ]
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.named().iter().fold(0, |sum, (_, _, _, n)| sum.saturating_add(*n))
    }

    /// Those that were refused because too many waited: of callers that were let in. Only they count towards switching a
    /// unit off, so that nobody can do that from an address or with a signature that the unit does not take.
    pub fn crowd(&self) -> u64 {
        self.late.saturating_add(self.too_many)
    }

    /// And these.
    pub fn add(&mut self, more: &Counts) {
        let Counts { late, too_many, disabled, duplicate, address, token, signature, content, dead } = more;
        let all = [
            (Cause::Late, late),
            (Cause::TooMany, too_many),
            (Cause::Disabled, disabled),
            (Cause::Duplicate, duplicate),
            (Cause::Address, address),
            (Cause::Token, token),
            (Cause::Signature, signature),
            (Cause::Content, content),
            (Cause::Dead, dead),
        ];
        for (cause, calls) in all {
            let slot = self.slot(cause);
            *slot = slot.saturating_add(*calls);
        }
    }

    /// One line a language, only of what there is.
    pub fn told(&self) -> String {
        let part = |ja: bool| {
            let words = self.named().into_iter().filter(|(_, _, _, n)| *n > 0);
            words.map(|(_, j, e, n)| format!("{} {n}", if ja { j } else { e })).collect::<Vec<_>>().join(", ")
        };
        format!("{}\n{}", part(true), part(false))
    }
}

/// What a process holds of a unit's refused calls and has not noted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Not noted yet.
    pub counts: Counts,
    /// When it noted last.
    pub noted: Option<Timestamp>,
    /// Whether the unit was in a flood then.
    pub flood: bool,
}

impl Tally {
    /// Counts a refused call.
    pub fn count(&mut self, cause: Cause, calls: u64) {
        self.counts.add(&Counts::of(cause, calls));
    }

    /// Whether what is held is to be noted now: at the first refusal, then once in [`FLUSH_EVERY`]; and earlier where it
    /// may be part of a flood that nobody knows of yet.
    pub fn due(&self, now: Timestamp) -> bool {
        let held = self.counts.sum();
        let rested = self.noted.is_none_or(|at| at + FLUSH_EVERY <= now);
        held > 0 && (rested || (!self.flood && held >= HELD_BACK))
    }

    /// Takes what is held, to note it.
    pub fn take(&mut self, now: Timestamp) -> Counts {
        self.noted = Some(now);
        std::mem::take(&mut self.counts)
    }

    /// Whether nothing is lost if it is forgotten.
    pub fn idle(&self, now: Timestamp) -> bool {
        self.counts.sum() == 0 && self.noted.is_none_or(|at| at + FLUSH_EVERY <= now)
    }
}

/// A flood, as it is told: in the table, in the run that stands for it, in the log app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flood {
    /// The run that stands for it.
    pub seq: u64,
    /// When it began: the first refusal of the window in which it was found.
    pub first: Timestamp,
    /// When a call was refused last.
    pub last: Timestamp,
    /// How many, by cause.
    pub counts: Counts,
    /// Late webhooks that were recorded one by one before it was found; its log record tells of them too, and each can be
    /// run again by its own id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<u64>,
    /// When its log record was written last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// Whether it is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

impl Flood {
    /// Whether it has been quiet for long enough.
    pub fn ebbed(&self, now: Timestamp) -> bool {
        self.last + FLOOD_QUIET <= now
    }

    /// Whether its log record is to be written now: at first, now and then while it grows, and at its end.
    pub fn to_tell(&self, now: Timestamp) -> bool {
        self.ebbed(now) || self.told.is_none_or(|at| at + FLOOD_TOLD_EVERY <= now)
    }

    /// What there is to say of it, in both languages.
    pub fn message(&self) -> String {
        let (n, first, last) = (self.counts.sum(), self.first, self.last);
        let standing = if self.over { "終息 / over" } else { "継続中 / going on" };
        let mut text = format!(
            "{standing}\n断った要求 {n}件、{first} から {last} まで / {n} refused calls from {first} to {last}\n{}",
            self.counts.told()
        );
        if let (Some(a), Some(b)) = (self.runs.first(), self.runs.last()) {
            let many = self.runs.len();
            text += &format!(
                "\nこのうち{many}件は記録済みで、再実行できます(実行番号 {a}~{b}) / {many} of them are recorded and can be run again (numbers {a} to {b})"
            );
        }
        text
    }
}

/// The calls of a flood that were let in and found too many waiting. Where they are more than [`FLOOD_AFTER`] within
/// [`FLOOD_WINDOW`] they are a crowd, and it lasts until none has come for [`FLOOD_QUIET`]: other refused calls may keep
/// the flood going, but not the crowd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowd {
    /// Since when they are counted.
    pub since: Timestamp,
    /// How many there were since.
    pub calls: u64,
    /// Until when they are a crowd at least, as the unit's state has it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Crowd {
    /// Counts more of them. Answers until when they are a crowd, where that is to be noted anew.
    fn grow(&mut self, now: Timestamp, calls: u64) -> Option<Timestamp> {
        if calls == 0 {
            return None;
        }
        if self.since + FLOOD_WINDOW <= now {
            (self.since, self.calls) = (now, 0);
        }
        self.calls = self.calls.saturating_add(calls);
        let lasts = self.until.is_some_and(|until| until > now);
        let reaches = self.until.is_some_and(|until| until >= now + FLOOD_QUIET);
        if reaches || (!lasts && self.calls <= FLOOD_AFTER) {
            return None;
        }
        self.until = Some(now + FLOOD_QUIET + CROWD_STEP);
        self.until
    }
}

/// What the table holds of a unit's refused calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// Version of this form: 1.
    pub v: u8,
    /// Ever, by cause.
    #[serde(default)]
    pub total: Counts,
    /// The window in which a flood may be found: since when, and what was refused in it.
    #[serde(default)]
    pub window: Option<(Timestamp, Counts)>,
    /// Refused because too many waited, by the minute since 1970; the newest last.
    #[serde(default)]
    pub minutes: Vec<(i64, u64)>,
    /// The flood that is going on.
    #[serde(default)]
    pub flood: Option<Flood>,
    /// Its calls that were let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowd: Option<Crowd>,
    /// When it was last noted to be told that a URL is called that is no longer good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead: Option<Timestamp>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { v: 1, total: Counts::default(), window: None, minutes: Vec::new(), flood: None, crowd: None, dead: None }
    }
}

/// What became of a unit's refusals when more were noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The item after it.
    pub refusals: Refusals,
    /// A flood has been found: what it holds already. Its run is to be made.
    pub begins: Option<(Timestamp, Counts)>,
    /// The flood is one of calls that were let in and found too many waiting: until then late webhooks are no longer
    /// recorded one by one. Said when a crowd is found, and now and then while it lasts. What others are refused for must
    /// not cost honest webhooks their records.
    pub crowds: Option<Timestamp>,
    /// The unit is to be switched off: so many were refused in its time.
    pub disables: Option<u64>,
    /// It is to be told that a URL is called that is no longer good: once a day.
    pub tells_dead: bool,
}

/// Decides what becomes of a unit's refusals when a process notes more of them.
pub fn note(now: Timestamp, before: &Refusals, more: &Counts, disable: Option<&DisableAfter>) -> Noted {
    let mut refusals = before.clone();
    refusals.total.add(more);
    let minute = now.seconds().div_euclid(60);
    let horizon = i64::try_from(MAX_DISABLE_MINUTES).unwrap_or(i64::MAX);
    refusals.minutes.retain(|(at, _)| *at > minute - horizon);
    match refusals.minutes.last_mut() {
        // Clocks of two processes may differ by a little; the list stays in order all the same.
        Some((at, n)) if *at >= minute => *n = n.saturating_add(more.crowd()),
        _ if more.crowd() > 0 => refusals.minutes.push((minute, more.crowd())),
        _ => {}
    }
    let mut begins = None;
    let crowds;
    if let Some(flood) = &mut refusals.flood {
        flood.counts.add(more);
        crowds = refusals.crowd.get_or_insert_default().grow(now, more.crowd());
        flood.last = flood.last.max(now);
        refusals.window = None;
    } else {
        let (since, mut counts) =
            refusals.window.filter(|(since, _)| *since + FLOOD_WINDOW > now).unwrap_or((now, Counts::default()));
        counts.add(more);
        refusals.window = Some((since, counts));
        begins = (counts.sum() > FLOOD_AFTER).then_some((since, counts));
        let mut crowd = Crowd { since, ..Crowd::default() };
        crowds = crowd.grow(now, counts.crowd());
        refusals.crowd = begins.map(|_| crowd);
    }
    let disables = disable.and_then(|after| {
        let minutes = i64::try_from(after.minutes).unwrap_or(horizon);
        let of_late: u64 = refusals.minutes.iter().filter(|(at, _)| *at > minute - minutes).map(|(_, n)| n).sum();
        (of_late >= after.refusals && more.crowd() > 0).then_some(of_late)
    });
    if disables.is_some() {
        // Who switches the unit on again starts counting anew.
        refusals.minutes.clear();
    }
    let tells_dead = more.dead > 0 && refusals.dead.is_none_or(|at| at + ONCE_IN <= now);
    if tells_dead {
        refusals.dead = Some(now);
    }
    Noted { refusals, begins, crowds, disables, tells_dead }
}

#[cfg(test)]
mod tests;
