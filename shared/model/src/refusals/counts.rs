//! Refused calls by their cause.

use serde::{Deserialize, Serialize};

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
