//! The door of functions/api, and whether each answer there is right.

use model::catalogue::{self, Code};
use model::clock::Timestamp;
use model::gate::{self, Admission};
use model::ids::{RunId, UnitId};
use model::limits::UnitLimits;
use model::run::{Method, Run, RunState, Trigger};
use model::secret_url::SecretItem;
use model::standing::{Standing, standing};
use model::unit::UnitState;

use super::{Blind, Truth, Urls, World, hash};
use crate::world::id;

impl Truth {
    /// Whether it opens its unit.
    pub(super) fn lives(&self, now: Timestamp) -> bool {
        self.ends.iter().all(|end| *end > now)
    }
}

impl Urls {
    /// Whether a call with this secret is let in, where the path names this unit; `None`: a guessed one.
    pub(super) fn door(
        &self,
        world: &World,
        secret: Option<usize>,
        named: Option<&UnitId>,
    ) -> Result<SecretItem, Code> {
        let found = secret.and_then(|secret| world.secrets.get(&hash(secret)));
        let found = found.filter(|item| world.units.iter().enumerate().any(|(n, u)| u.is_some() && id(n) == item.unit));
        let item = found.ok_or(catalogue::URL_UNKNOWN)?;
        if named.is_some_and(|unit| *unit != item.unit) && !self.lacks(Blind::NamedUnit) {
            return Err(catalogue::URL_UNKNOWN);
        }
        if !item.alive(world.now) && !self.lacks(Blind::Death) {
            return Err(if self.lacks(Blind::OneAnswer) { catalogue::URL_DEAD } else { catalogue::URL_UNKNOWN });
        }
        Ok(item.clone())
    }

    /// What who has this secret and this token is told of a run.
    fn told(&self, world: &World, secret: Option<usize>, token: usize, run: &Run) -> Result<Option<Standing>, Code> {
        let opened = self.door(world, secret, None)?;
        let own = |item: &&SecretItem| {
            (item.alive(world.now) || self.lacks(Blind::DeathOfToken))
                && (item.unit == opened.unit || self.lacks(Blind::UnitOfToken))
                && (item.caller == opened.caller || self.lacks(Blind::CallerOfToken))
        };
        world.tokens.get(&token).filter(own).ok_or(catalogue::TOKEN_INVALID)?;
        if run.id.unit != opened.unit && !self.lacks(Blind::UnitOfRun) {
            return Err(catalogue::RUN_UNKNOWN);
        }
        Ok(standing(world.now, run, &queued(), &UnitLimits::default()))
    }

    /// The secrets whose last token is good.
    pub(super) fn good_tokens<'a>(&self, world: &'a World) -> impl Iterator<Item = usize> + 'a {
        world.tokens.iter().filter(|(_, item)| item.alive(world.now)).map(|(secret, _)| *secret)
    }

    pub(super) fn starts_are_right(&self, world: &World) -> bool {
        let calls = all(world).flat_map(|secret| [None, Some(0), Some(1)].map(|named| (secret, named)));
        calls.into_iter().all(|(secret, named)| {
            let own = secret.map(|secret| &world.truth[secret]).filter(|own| own.lives(world.now));
            let own = own.filter(|own| named.is_none_or(|named| named == own.unit));
            let opened = self.door(world, secret, named.map(id).as_ref());
            opened.ok().map(|item| item.unit) == own.map(|own| id(own.unit))
        })
    }

    pub(super) fn tells_are_right(&self, world: &World) -> bool {
        let tokens = 0..world.truth.len();
        let calls = all(world).flat_map(|secret| tokens.clone().map(move |token| (secret, token)));
        calls.flat_map(|call| [0, 1].map(|unit| (call, unit))).all(|((secret, token), unit)| {
            let own = secret.map(|secret| &world.truth[secret]).filter(|own| own.lives(world.now) && own.unit == unit);
            let got = &world.truth[token];
            let good = world.tokens.get(&token).is_some_and(|item| item.until.is_some_and(|until| until > world.now));
            let right = own.is_some_and(|own| good && (got.unit, got.named) == (own.unit, own.named));
            let told = self.told(world, secret, token, &run(unit));
            told.is_ok() == right && told.is_ok_and(|standing| standing.is_some()) == right
        })
    }

    pub(super) fn refusals_are_the_same(&self, world: &World) -> bool {
        let refusal = |secret, named: Option<usize>| self.door(world, secret, named.map(id).as_ref()).err();
        let calls = all(world).flat_map(|secret| [None, Some(0), Some(1)].map(|named| (secret, named)));
        calls.into_iter().all(|(secret, named)| {
            let told = refusal(secret, named);
            told.is_none() || told == refusal(None, named)
        })
    }
}

/// Every secret that there ever was, and one that is guessed.
fn all(world: &World) -> impl Iterator<Item = Option<usize>> {
    (0..world.truth.len()).map(Some).chain([None])
}

/// A unit in which one request waits.
fn queued() -> UnitState {
    match gate::admit(Timestamp(0), &UnitState::default(), &UnitLimits::default(), 1) {
        Admission::Queued { state, .. } => *state,
        _ => UnitState::default(),
    }
}

/// That request.
fn run(unit: usize) -> Run {
    Run {
        v: 1,
        id: RunId { unit: id(unit), seq: 1 },
        state: RunState::Queued,
        trigger: Trigger::new(Method::Api, 1),
        queued_at: Timestamp(0),
        deadline: Timestamp(600_000),
        started_at: None,
        ended_at: None,
        attempt: 0,
        waited: None,
        log_record: None,
        code: None,
        message: String::new(),
        flows: Vec::new(),
        again_of: None,
        undone_by: None,
        schedule: None,
        calls: false,
        flood: None,
        gathered: None,
    }
}
