//! What flows write: tables and files, numbers, data checks, calls of other units.

mod calls;
mod checks;
mod cycles;
mod files;
mod lookups;
mod numbers;
mod tables;

use model::ids::UnitId;
use model::limits::UnitLimits;
use model::ports::{Credential, Login};
use model::run::Run;
use serde_json::{Value as Json, json};
use sim::AppSpec;
use suiro::demo::company::{ADMINISTRATOR, order};
use suiro::units::{self, Wanted};

use crate::story::{Stage, stage};

/// A unit that a story made.
#[derive(Clone, Debug)]
struct Made {
    unit: UnitId,
    url: String,
}

fn text() -> Json {
    json!({ "type": "SINGLE_LINE_TEXT" })
}

fn unique() -> Json {
    json!({ "type": "SINGLE_LINE_TEXT", "unique": true })
}

impl Stage {
    fn app(&self, spec: AppSpec) -> u64 {
        self.control().create_app(spec).expect("an app")
    }

    /// A unit that the order app starts, with these flows (`${受注}` is that app), connected by password.
    async fn unit(&self, name: &str, flows: &[String]) -> Made {
        let login = Login { name: ADMINISTRATOR.0.into(), password: ADMINISTRATOR.1.into() };
        self.unit_with(name, flows, Credential::Password { login, basic: None }).await
    }

    async fn unit_with(&self, name: &str, flows: &[String], credential: Credential) -> Made {
        let wanted = Wanted {
            name: name.to_owned(),
            base_url: self.sim.base_url(),
            guest_space: None,
            credential,
            expires: None,
            app: self.company.orders,
            events: Default::default(),
            flows: flows.iter().map(|text| self.company.flow(text)).collect(),
            log_app: Some(self.company.log),
            undo: Default::default(),
            limits: UnitLimits { starts: 1_000, ..UnitLimits::default() },
            coalesce: false,
            doors: Default::default(),
        };
        let stack = &self.stack;
        let made = units::add(&stack.ledger, stack.vault.as_ref(), &stack.connector, wanted).await;
        let (unit, secret) = made.unwrap_or_else(|e| panic!("{e}"));
        let url = format!("{}/r/{unit}/{}", stack.base_url(), secret.reveal());
        Made { unit, url }
    }

    /// Puts an order into the app without a webhook; its number.
    fn put(&self, name: &str, count: u32) -> u64 {
        self.control().put_records(self.company.orders, vec![order(name, "P-001", count)]).expect("an order")[0]
    }

    /// Tells a unit of an order.
    async fn tell(&self, made: &Made, id: u64) {
        let body = json!({
            "type": "ADD_RECORD", "app": { "id": self.company.orders },
            "record": { "レコード番号": { "type": "RECORD_NUMBER", "value": id.to_string() } },
        });
        let (status, answer) = self.post(&made.url, &body).await;
        assert_eq!(status, 202, "{answer}");
    }

    /// Waits until so many runs of a unit have ended; oldest first.
    async fn ended(&self, made: &Made, count: usize) -> Vec<Run> {
        let runs = || async { self.stack.ledger.runs(&made.unit, 1000).await.expect("runs") };
        self.until(&format!("{count} runs of {} end", made.unit), || async {
            runs().await.iter().filter(|run| run.state.ended()).count() >= count
        })
        .await;
        let mut runs = runs().await;
        runs.reverse();
        runs
    }

    /// A field's values in all records of an app, by record number.
    fn column(&self, app: u64, code: &str) -> Vec<String> {
        let mut records = self.control().records(app);
        records.sort_by_key(|record| record.id);
        records.iter().map(|record| record.text(code).unwrap_or_default().to_owned()).collect()
    }
}

/// A flow that reads the order that started it.
fn flow(name: &str, rest: &str) -> String {
    format!(
        "suiro: 1\nname: {name}\nsteps:\n  - name: 受注\n    command: input_app\n    app: ${{受注}}\n    conditions: [{{ field: レコード番号, operator: \"=\", value: \"%レコード番号%\" }}]\n{rest}"
    )
}
