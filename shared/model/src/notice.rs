//! Notices: what a unit's owner is told of, once per cause.
//!
//! They stand in the unit's state, so that what ends a run notes its notice in the same commit (as the list of runs to log
//! does, docs/decisions/0006). The sweep delivers them. Pure functions of (now, state, request).

mod message;
mod record;
mod target;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalogue::{self, Code};
use crate::clock::Timestamp;

/// For how long one cause is told once: a day's work has one look at it.
pub const ONCE_IN: Duration = Duration::from_secs(86_400);
/// How long before a secret dies its owner is told: a week, for who is on holiday for a few days.
pub const BEFORE_EXPIRY: Duration = Duration::from_secs(7 * 86_400);
/// Most notices of a unit that are kept: each takes some 200 bytes of its state.
pub const MOST: usize = 20;
/// How often delivery is tried: with pauses that double from one minute to six hours, for some three days.
pub const TRIES: u32 = 20;

pub use message::Told;
pub use record::{Lack, Part};
pub use target::{Delivery, RecordPlace, Target, Targets, Way};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Runs failed.
    Failed,
    /// Runs ended without having started, or webhooks came too late.
    TimedOut,
    /// It cannot be known what runs wrote.
    Uncertain,
    /// A flood of refused calls.
    Flood,
    /// The unit was disabled by itself.
    SwitchedOff,
    /// A secret of the unit dies soon.
    Expiring,
    /// What opens kintone for the unit dies soon, or today.
    Credential,
    /// A run that has started waits for kintone.
    Awaits,
    /// A URL of the unit is called that is no longer good.
    DeadUrl,
}

impl About {
    /// In Japanese and English.
    pub fn title(self) -> [&'static str; 2] {
        match self {
            Self::Failed => ["実行に失敗しました", "a run has failed"],
            Self::TimedOut => ["待機時間の上限を超えました", "a request waited too long"],
            Self::Uncertain => ["実行の結果を確認できません", "what a run wrote is not known"],
            Self::Flood => ["大量の要求を断っています", "a flood of calls is refused"],
            Self::SwitchedOff => ["自動的に無効になりました", "the unit was disabled by itself"],
            Self::Expiring => ["URLの期限が近づいています", "a URL expires soon"],
            Self::Credential => ["kintoneの認証情報の期限です", "the credential for kintone expires"],
            Self::Awaits => ["kintoneの応答を待っています", "a run waits for kintone"],
            Self::DeadUrl => ["無効になったURLが呼ばれています", "a URL that is no longer good is called"],
        }
    }

    /// Whether it is told of something that will die, and then no more.
    fn dies(self) -> bool {
        matches!(self, Self::Expiring | Self::Credential)
    }

    /// Whether a run that succeeds ends the cause.
    fn mended_by_success(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::Uncertain | Self::Awaits)
    }
}

/// Something that a unit's owner is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notice {
    /// What about.
    pub about: About,
    /// The catalogue's code.
    pub code: String,
    /// The hash of the secret that dies, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The connection whose credential dies, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// When it happened first, or when what it is about dies.
    pub since: Timestamp,
    /// How often since then.
    pub count: u64,
    /// The last run that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u64>,
    /// When it is to be told; `None`: it has been.
    pub due: Option<Timestamp>,
    /// When it was told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// How often it could not be delivered.
    #[serde(default)]
    pub tries: u32,
    /// Whether the cause has gone: then it is told once more at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

impl Notice {
    /// Of something that happened once, at this instant; told at once.
    fn new(about: About, code: Code, since: Timestamp) -> Self {
        Self {
            about,
            code: code.0.code.to_owned(),
            secret: None,
            connection: None,
            since,
            count: 1,
            run: None,
            due: Some(since),
            told: None,
            tries: 0,
            over: false,
        }
    }

    fn same(&self, other: &Notice) -> bool {
        let what = |notice: &Notice| (notice.about, notice.secret.clone(), notice.connection.clone());
        self.code == other.code && what(self) == what(other) && !self.over
    }

    /// Its entry of the catalogue.
    pub fn entry(&self) -> Option<Code> {
        Code::parse(&self.code)
    }
}

/// Something went wrong: one more of its cause, told now where it has not been told for a day.
pub fn note(now: Timestamp, notices: &mut Vec<Notice>, about: About, code: Option<Code>, run: Option<u64>) {
    add(now, notices, Notice { run, ..Notice::new(about, code.unwrap_or(catalogue::FLOW_FAILED), now) });
}

/// A secret will die: told a week before, or now where that is past.
pub fn note_expiry(now: Timestamp, notices: &mut Vec<Notice>, hash: &str, until: Timestamp) {
    let (secret, due) = (Some(hash.to_owned()), Some((until - BEFORE_EXPIRY).max(now)));
    add(now, notices, Notice { secret, due, ..Notice::new(About::Expiring, catalogue::URL_EXPIRES, until) });
}

/// The credential of a connection will die at this instant, or nobody has said when it does: told a week before and again
/// when it dies. What was to be told of the one before is forgotten.
pub fn note_credential(now: Timestamp, notices: &mut Vec<Notice>, dies: Option<(&str, Timestamp)>) {
    notices.retain(|notice| notice.about != About::Credential);
    let Some((connection, until)) = dies else { return };
    let of = |code| Notice { connection: Some(connection.to_owned()), ..Notice::new(About::Credential, code, until) };
    let before = (until - BEFORE_EXPIRY).max(now);
    if now < until {
        add(now, notices, Notice { due: Some(before), ..of(catalogue::CREDENTIAL_EXPIRES) });
    }
    add(now, notices, Notice { due: Some(until.max(now)), ..of(catalogue::CREDENTIAL_EXPIRED) });
}

fn add(now: Timestamp, notices: &mut Vec<Notice>, new: Notice) {
    let old = |told: Option<Timestamp>| told.is_some_and(|at| at + ONCE_IN <= now);
    if let Some(known) = notices.iter_mut().find(|notice| notice.same(&new)) {
        known.count = known.count.saturating_add(1);
        known.run = new.run.or(known.run);
        if known.due.is_none() && old(known.told) {
            (known.due, known.tries) = (new.due, 0);
        }
        return;
    }
    notices.retain(|notice| notice.due.is_some() || !old(notice.told));
    if notices.len() >= MOST {
        // What has been told goes first; then what has waited longest. What dies one day waits long, and is told but then.
        let told = notices.iter().position(|notice| notice.due.is_none());
        let gone = told.or_else(|| notices.iter().position(|notice| !notice.about.dies())).unwrap_or(0);
        notices.remove(gone);
    }
    notices.push(new);
}

/// A run has succeeded: what went wrong before is over. What was not told yet still is.
pub fn succeeded(notices: &mut Vec<Notice>) {
    end(notices, About::mended_by_success);
}

/// A cause has gone: the next of its kind is told anew. What was not told yet still is.
pub fn over(notices: &mut Vec<Notice>, about: About) {
    end(notices, |other| other == about);
}

fn end(notices: &mut Vec<Notice>, ended: impl Fn(About) -> bool) {
    notices.retain(|notice| !ended(notice.about) || notice.due.is_some());
    for notice in notices.iter_mut().filter(|notice| ended(notice.about)) {
        notice.over = true;
    }
}

/// When the next one is to be told.
pub fn due(notices: &[Notice]) -> Option<Timestamp> {
    notices.iter().filter_map(|notice| notice.due).min()
}

/// Those that are to be told now.
pub fn to_tell(now: Timestamp, notices: &[Notice]) -> Vec<Notice> {
    notices.iter().filter(|notice| notice.due.is_some_and(|at| at <= now)).cloned().collect()
}

/// Notes that these have been told, or could not be delivered and are tried again later.
pub fn told(now: Timestamp, notices: &mut Vec<Notice>, told: &[Notice], delivered: bool) {
    let is_told = |notice: &Notice| {
        let what = |notice: &Notice| (notice.about, notice.secret.clone(), notice.connection.clone());
        let same = |other: &&Notice| what(other) == what(notice) && other.code == notice.code;
        told.iter().filter(same).any(|other| other.since == notice.since && other.over == notice.over)
    };
    for notice in notices.iter_mut().filter(|notice| is_told(notice)) {
        notice.tries += 1;
        if delivered || notice.tries >= TRIES {
            (notice.due, notice.told, notice.tries) = (None, Some(now), 0);
        } else {
            let minutes = 1u64 << (notice.tries - 1).min(8);
            notice.due = Some(now + Duration::from_secs(60 * minutes.min(360)));
        }
    }
    let done = |notice: &Notice| notice.due.is_none() && (notice.over || notice.about.dies());
    notices.retain(|notice| !done(notice));
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    fn failed(now: Timestamp, notices: &mut Vec<Notice>, run: u64) {
        note(now, notices, About::Failed, Some(catalogue::FLOW_FAILED), Some(run));
    }

    #[test]
    fn one_cause_is_told_once_a_day_with_its_count() {
        let mut notices = Vec::new();
        failed(NOW, &mut notices, 1);
        let first = to_tell(NOW, &notices);
        assert_eq!((first.len(), first[0].count, due(&notices)), (1, 1, Some(NOW)));
        told(NOW, &mut notices, &first, true);
        for n in 2..=24 {
            failed(NOW + HOUR * (n - 1), &mut notices, u64::from(n));
            assert_eq!(to_tell(NOW + HOUR * (n - 1), &notices), [], "{n}");
        }
        failed(NOW + ONCE_IN, &mut notices, 25);
        let next = to_tell(NOW + ONCE_IN, &notices);
        assert_eq!((next.len(), next[0].count, next[0].run, next[0].since), (1, 25, Some(25), NOW));
        note(NOW, &mut notices, About::Failed, Some(catalogue::CONFLICT), Some(26));
        assert_eq!(to_tell(NOW + ONCE_IN, &notices).len(), 2, "another code is another cause");
    }

    #[test]
    fn a_success_ends_the_cause_and_forgets_no_notice() {
        let mut notices = Vec::new();
        failed(NOW, &mut notices, 1);
        note(NOW, &mut notices, About::Flood, Some(catalogue::UNIT_FLOOD), Some(2));
        succeeded(&mut notices);
        let first = to_tell(NOW, &notices);
        assert_eq!(first.len(), 2, "it is told although it is over");
        failed(NOW, &mut notices, 3);
        assert_eq!(to_tell(NOW, &notices).len(), 3, "and failing again is another one");
        told(NOW, &mut notices, &first, true);
        assert_eq!(to_tell(NOW, &notices).iter().map(|n| n.run).collect::<Vec<_>>(), [Some(3)]);
        let rest = to_tell(NOW, &notices);
        told(NOW, &mut notices, &rest, true);
        succeeded(&mut notices);
        assert_eq!(notices.iter().map(|n| n.about).collect::<Vec<_>>(), [About::Flood], "no run ends a flood");
        failed(NOW, &mut notices, 4);
        assert_eq!(to_tell(NOW, &notices).len(), 1, "it failed anew");
    }

    #[test]
    fn what_is_not_delivered_is_tried_again_for_days() {
        let mut notices = Vec::new();
        failed(NOW, &mut notices, 1);
        let (mut now, mut tries) = (NOW, 0);
        while let Some(at) = due(&notices) {
            assert!(at >= now && at <= now + HOUR * 6);
            now = at;
            let telling = to_tell(now, &notices);
            told(now, &mut notices, &telling, false);
            tries += 1;
        }
        assert_eq!(tries, TRIES);
        assert!(now > NOW + ONCE_IN * 2 && now < NOW + ONCE_IN * 4, "{now}");
    }

    #[test]
    fn a_secret_that_dies_is_told_a_week_before() {
        let mut notices = Vec::new();
        let until = NOW + BEFORE_EXPIRY * 2;
        note_expiry(NOW, &mut notices, "hash", until);
        assert_eq!((to_tell(NOW, &notices), due(&notices)), (vec![], Some(until - BEFORE_EXPIRY)));
        let telling = to_tell(until - BEFORE_EXPIRY, &notices);
        told(until - BEFORE_EXPIRY, &mut notices, &telling, true);
        assert_eq!(notices, [], "once");
        note_expiry(NOW, &mut notices, "brief", NOW + HOUR);
        assert_eq!(to_tell(NOW, &notices).len(), 1, "at once where a week is past");
    }

    #[test]
    fn a_credential_that_dies_is_told_a_week_before_and_on_the_day() {
        let mut notices = Vec::new();
        let until = NOW + BEFORE_EXPIRY * 2;
        note_credential(NOW, &mut notices, Some(("c1", until)));
        assert_eq!((to_tell(NOW, &notices), due(&notices)), (vec![], Some(until - BEFORE_EXPIRY)));
        let tell = |now, notices: &mut Vec<Notice>| {
            let telling = to_tell(now, notices);
            told(now, notices, &telling, true);
            telling.into_iter().map(|notice| notice.code).collect::<Vec<_>>()
        };
        assert_eq!(tell(until - BEFORE_EXPIRY, &mut notices), ["credential.expires"]);
        assert_eq!(tell(until - HOUR, &mut notices), [""; 0]);
        assert_eq!(tell(until, &mut notices), ["credential.expired"]);
        assert_eq!(notices, [], "once each");

        note_credential(NOW, &mut notices, Some(("c1", NOW + HOUR)));
        assert_eq!(tell(NOW, &mut notices), ["credential.expires"], "at once where a week is past");
        note_credential(NOW, &mut notices, Some(("c2", until)));
        assert!(notices.iter().all(|n| n.connection.as_deref() == Some("c2")), "a new one stops the old one's");
        note_credential(NOW, &mut notices, None);
        assert_eq!(notices, [], "and one without a date stops it too");
        note_credential(NOW, &mut notices, Some(("c1", NOW)));
        assert_eq!(tell(NOW, &mut notices), ["credential.expired"], "dead already");
    }

    #[test]
    fn a_crowd_of_causes_does_not_push_out_what_dies_one_day() {
        let mut notices = Vec::new();
        note_expiry(NOW, &mut notices, "hash", NOW + BEFORE_EXPIRY * 9);
        for (n, code) in catalogue::ALL.iter().enumerate() {
            note(NOW, &mut notices, About::Failed, Some(*code), Some(n as u64));
        }
        assert!(notices.len() == MOST && notices.iter().any(|n| n.about == About::Expiring));
    }

    #[test]
    fn notices_are_bounded() {
        let mut notices = Vec::new();
        for (n, code) in catalogue::ALL.iter().enumerate() {
            note(NOW, &mut notices, About::Failed, Some(*code), Some(n as u64));
        }
        assert_eq!(notices.len(), MOST);
        assert_eq!(notices.last().and_then(|n| n.run), Some(catalogue::ALL.len() as u64 - 1));
    }
}
