//! A unit in a domain over the store in memory, with a clock that is turned by hand.

use std::sync::Arc;

use model::clock::{ManualClock, Timestamp};
use model::keys;
use model::ledger::{Admitted, Ledger, NewUnit, Request, Taken, Ticket};
use model::limits::UnitLimits;
use model::run::{Ending, Method, Payload, RunState, Trigger};
use model::secret_url::{Secret, SecretItem};
use model::store::memory::MemoryStore;
use model::unit::Unit;

pub const DOMAIN: &str = "example.cybozu.com";

pub struct Scene {
    pub clock: Arc<ManualClock>,
    pub ledger: Ledger,
    pub unit: Unit,
    pub secret: Secret,
}

pub async fn scene(limits: UnitLimits) -> Scene {
    let clock = Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
    let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock.clone());
    let unit = Unit { flows: vec!["引当".into()], limits, ..Unit::new(DOMAIN, "受注処理", 1, "c") };
    let (id, secret) = ledger.add_unit(NewUnit { unit, flows: vec!["suiro: 1".into()] }).await.unwrap();
    let unit = ledger.unit(&id).await.unwrap();
    Scene { clock, ledger, unit, secret }
}

pub fn request(method: Method, notification: Option<&str>) -> Request {
    let notification = notification.map(str::to_owned);
    let trigger = Trigger { notification, user: "sato".into(), records: vec!["7".into()], ..Trigger::new(method, 1) };
    Request { trigger, payload: Payload { sets: vec![Default::default()] }, again_of: None }
}

impl Scene {
    pub async fn admit(&self, requests: &[Request]) -> Admitted {
        self.ledger.admit(&self.unit, None, requests, true).await.unwrap()
    }

    pub async fn webhook(&self, notification: &str) -> Admitted {
        self.admit(&[request(Method::Webhook, Some(notification))]).await
    }

    pub async fn opens(&self, secret: &Secret) -> bool {
        let item = self.ledger.store().get(&[keys::secret(&secret.hash())]).await.unwrap().remove(0);
        item.is_some_and(|i| i.decode::<SecretItem>().unwrap().alive(self.ledger.clock().now()))
    }

    /// One more unit of the same domain.
    pub async fn add(&self, name: &str) -> Unit {
        let unit = Unit { name: name.into(), secrets: Vec::new(), ..self.unit.clone() };
        let (id, _) = self.ledger.add_unit(NewUnit { unit, flows: vec!["suiro: 1".into()] }).await.unwrap();
        self.ledger.unit(&id).await.unwrap()
    }

    /// A run of the unit is asked for.
    pub async fn ask(&self, unit: &Unit) {
        let admitted = self.ledger.admit(unit, None, &[request(Method::Api, None)], true).await.unwrap();
        assert!(matches!(admitted, Admitted::Queued(_)), "{admitted:?}");
    }

    /// What a nudge of the unit leads to.
    pub async fn take(&self, unit: &Unit, owner: &str) -> Taken {
        self.ledger.take_waking(&unit.id, DOMAIN, owner, Some(owner)).await.unwrap()
    }

    /// A nudge of the unit that leads to a run.
    pub async fn run(&self, unit: &Unit, owner: &str) -> Box<Ticket> {
        match self.take(unit, owner).await {
            Taken::Run(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    /// A run that is asked for and taken.
    pub async fn started(&self, unit: &Unit, owner: &str) -> Box<Ticket> {
        self.ask(unit).await;
        self.run(unit, owner).await
    }
}

/// An end like this.
pub fn ending(state: RunState) -> Ending {
    Ending { state, code: None, message: String::new(), flows: Vec::new() }
}
