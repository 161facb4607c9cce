//! Units that a story makes, and how they are started and looked at.

use model::ids::UnitId;
use model::limits::UnitLimits;
use model::ports::{Credential, Login};
use model::run::Run;
use serde_json::json;
use suiro::demo::company::ADMINISTRATOR;
use suiro::units::{self, Wanted};

use crate::story::Stage;

/// A unit with one flow, and where it is started.
pub struct Made {
    pub id: UnitId,
    pub url: String,
}

/// Makes a unit of the company's orders app.
pub async fn unit(stage: &Stage, name: &str, flow: &str, log: bool) -> Made {
    limited(stage, name, flow, log, UnitLimits::default()).await
}

/// The same, with limits of its own.
pub async fn limited(stage: &Stage, name: &str, flow: &str, log: bool, limits: UnitLimits) -> Made {
    made(stage, name, &[flow], |wanted| {
        wanted.limits = limits;
        wanted.log_app = wanted.log_app.filter(|_| log);
    })
    .await
}

/// A unit of the company's orders app with these flows and a log app, as changed by the last argument.
pub async fn made(stage: &Stage, name: &str, flows: &[&str], change: impl FnOnce(&mut Wanted)) -> Made {
    let company = &stage.company;
    let tokens = company.tokens.split(',').map(str::to_owned).collect();
    let mut wanted = Wanted {
        name: name.into(),
        base_url: stage.sim.base_url(),
        guest_space: None,
        credential: Credential::Tokens { tokens, basic: None },
        expires: None,
        app: company.orders,
        events: Default::default(),
        flows: flows.iter().map(|flow| company.flow(flow)).collect(),
        log_app: Some(company.log),
        undo: Default::default(),
        coalesce: false,
        limits: Default::default(),
        doors: Default::default(),
    };
    change(&mut wanted);
    let added = units::add(&stage.stack.ledger, stage.stack.vault.as_ref(), &stage.stack.connector, wanted).await;
    let (id, secret) = added.unwrap_or_else(|e| panic!("{e}"));
    let url = format!("{}/r/{id}/{}", stage.stack.base_url(), secret.reveal());
    Made { id, url }
}

/// The company's administrator, who may read and write every app.
pub fn administrator() -> Credential {
    let login = Login { name: ADMINISTRATOR.0.into(), password: ADMINISTRATOR.1.into() };
    Credential::Password { login, basic: None }
}

impl Made {
    /// Starts it, as kintone does where a record was deleted.
    pub async fn start(&self, stage: &Stage) {
        let company = &stage.company;
        let id = format!("{}-{}", self.id, stage.stack.ledger.runs(&self.id, 1_000).await.unwrap().len());
        let body = json!({ "id": id, "type": "DELETE_RECORD", "app": { "id": company.orders }, "recordId": "9" });
        assert_eq!(stage.post(&self.url, &body).await.0, 202);
    }

    /// Its last run.
    pub async fn last(&self, stage: &Stage) -> Option<Run> {
        stage.stack.ledger.runs(&self.id, 1).await.unwrap().pop()
    }

    /// Starts it and waits for the end.
    pub async fn ran(&self, stage: &Stage) -> Run {
        self.start(stage).await;
        self.ended(stage).await
    }

    /// Its last run, when that has ended.
    pub async fn ended(&self, stage: &Stage) -> Run {
        stage.until("it ends", || async { self.last(stage).await.is_some_and(|run| run.state.ended()) }).await;
        self.last(stage).await.unwrap()
    }
}
