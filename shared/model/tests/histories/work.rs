//! A worker in the world: it works, renews, asks for room to write, and may die or stall in all of that.

use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, Timestamp};
use model::ledger::{LedgerError, Reserved, Ticket};
use model::limits::{LEASE, RENEW_EVERY};
use model::run::{Ending, RunState};

use crate::world::{Doing, Event, World};

/// How a part of a run's work went.
enum Went {
    /// It is done.
    Well,
    /// The worker is dead.
    Died,
    /// The run is no longer the worker's.
    Lost,
}

struct Worker<'a> {
    world: &'a Arc<World>,
    ticket: &'a Ticket,
    /// When it dies, if it lives so long.
    dies: Option<Timestamp>,
    /// Until when its lease reaches.
    lease: Timestamp,
}

impl World {
    /// Works at a run to its end; false when the message comes back.
    pub async fn work(self: &Arc<Self>, ticket: Ticket) -> bool {
        let run = ticket.run.id.clone();
        self.note(&run.unit, Event::Taken(run.seq, ticket.run.attempt));
        self.does(Doing::Works(run.clone(), ticket.scheduled()));
        let now = self.clock.now();
        let dies = self.chance(self.plan.kills).then(|| now + self.some(Duration::from_secs(50)));
        let mut worker = Worker { world: self, ticket: &ticket, dies, lease: now + LEASE };
        match worker.flows().await {
            Ok(()) => {}
            Err(until) => {
                self.rest(&ticket);
                self.park(&ticket.owner, until).await;
                return false;
            }
        }
        if self.chance(self.plan.stalls) {
            self.rest(&ticket); // the fence keeps out what it still sends
            let lease = worker.lease;
            let world = self.clone();
            tokio::spawn(async move { world.wake_up_late(lease, &ticket).await });
            self.clock.sleep_until(lease + Duration::from_millis(1)).await;
            return false;
        }
        self.end(&ticket).await;
        self.rest(&ticket);
        true
    }

    /// A worker that stalled is not let write, nor renew; whether it may still end its run depends on who has it.
    async fn wake_up_late(&self, lease: Timestamp, ticket: &Ticket) {
        self.clock.sleep_until(lease + Duration::from_secs(30)).await;
        let reserved = self.ledger.reserve(ticket, 1, None).await;
        assert!(matches!(reserved, Err(LedgerError::Superseded(_))), "{reserved:?}");
        let renewed = self.ledger.renew(ticket).await;
        let refused = matches!(renewed, Err(LedgerError::Superseded(_) | LedgerError::ReservationLapsed(_)));
        assert!(refused, "{renewed:?}");
        self.end(ticket).await;
    }

    /// Notes that a worker may act no longer.
    fn rest(&self, ticket: &Ticket) {
        let run = ticket.run.id.clone();
        self.note(&run.unit, Event::Left(run.seq, ticket.run.attempt));
        self.does(Doing::Writes(run.clone(), 0));
        self.does(Doing::Rests(run));
    }

    async fn end(&self, ticket: &Ticket) {
        let ending = Ending { state: RunState::Succeeded, code: None, message: String::new(), flows: Vec::new() };
        let logged = self.chance(0.8); // else kintone was away, and its log record is made up for later
        match self.ledger.end(ticket, &ending, logged).await {
            Ok(ended) => {
                self.note(&ended.run.id.unit, Event::Ended(ended.run.id.seq, ended.run.state));
                self.wake(ended.woken);
            }
            Err(LedgerError::Superseded(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

impl Worker<'_> {
    /// Computes and writes flow by flow. `Err`: it stops there, and the message comes back then.
    async fn flows(&mut self) -> Result<(), Timestamp> {
        let world = self.world;
        let flows = if world.plan.writes { 1 + usize::from(world.chance(0.4)) } else { 1 };
        for _ in 0..flows {
            let length = world.some(Duration::from_secs(if world.plan.writes { 20 } else { 50 }));
            self.goes_on(length).await?;
            if world.plan.writes {
                self.write().await?;
            }
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<(), Timestamp> {
        let (world, run) = (self.world, &self.ticket.run.id);
        let records = world.records();
        match world.ledger.reserve(self.ticket, records, Some(&self.ticket.owner)).await {
            Ok(Reserved::Granted { woken }) => {
                self.lease = self.lease.max(world.clock.now() + LEASE);
                if !self.ticket.scheduled() {
                    world.does(Doing::Writes(run.clone(), records));
                }
                world.wake(woken);
            }
            Ok(Reserved::Parked { until, .. }) => {
                world.does(Doing::Parks(run.clone()));
                return Err(until);
            }
            Ok(answer @ (Reserved::Full | Reserved::TooLarge { .. } | Reserved::GivenUp { .. })) => {
                panic!("{answer:?}: it asks to be parked, for less than all")
            }
            Err(LedgerError::Superseded(_)) => return Err(world.clock.now()),
            Err(error) => panic!("{error}"),
        }
        self.goes_on(world.some(Duration::from_secs(40))).await?;
        world.does(Doing::Writes(run.clone(), 0));
        match world.ledger.release(self.ticket).await {
            Ok(woken) => world.wake(woken),
            Err(LedgerError::Superseded(_)) => return Err(world.clock.now()),
            Err(error) => panic!("{error}"),
        }
        Ok(())
    }

    /// Works for so long. A dead worker's message comes back when its visibility ends, about when its lease does.
    async fn goes_on(&mut self, length: Duration) -> Result<(), Timestamp> {
        match self.works(length).await {
            Went::Well => Ok(()),
            Went::Died => {
                // What it held is nobody's from now on; that others have to wait for it is the store's matter.
                self.world.rest(self.ticket);
                Err(self.lease + self.world.some(Duration::from_secs(5)))
            }
            Went::Lost => Err(self.world.clock.now()),
        }
    }

    async fn works(&mut self, length: Duration) -> Went {
        let clock = &self.world.clock;
        let end = clock.now() + length;
        while clock.now() < end {
            let next = end.min(clock.now() + RENEW_EVERY);
            if let Some(at) = self.dies.filter(|at| *at <= next) {
                clock.sleep_until(at).await;
                return Went::Died;
            }
            clock.sleep_until(next).await;
            let asked = clock.now();
            match self.world.ledger.renew(self.ticket).await {
                Ok(()) => self.lease = asked + LEASE,
                Err(_) => return Went::Lost,
            }
        }
        Went::Well
    }
}
