//! The units that are called: one cheap flow, one start in an hour, so that what is accepted waits and is not run.

use model::ids::UnitId;
use model::limits::UnitLimits;
use model::ports::Credential;
use model::run::RunState;
use serde_json::json;
use sim::{ALL_RIGHTS, AppSpec, Sim};
use suiro::local::Stack;
use suiro::units::{self, Wanted};

use crate::Outcome;
use crate::serve::{load, until};

/// The calling app's number.
pub const APP: u64 = 1;
/// The app that the flow writes to.
const TARGET: u64 = 2;
/// Requests of each unit before the figures are taken: one runs, one is told to wait.
const FIRST: usize = 2;

/// Finds no record and writes none: what is measured is acceptance.
const FLOW: &str = "
suiro: 1
name: 写し
steps:
  - name: 受注
    command: input_app
    app: 1
    fields: [受注番号]
    conditions:
      - { field: 受注番号, operator: \"=\", value: \"%受注番号%\" }
  - name: 追加
    command: output_app
    from: 受注
    app: 2
    method: append
";

/// The units and the paths of their realtime URLs.
pub struct Units {
    all: Vec<(UnitId, String)>,
}

impl Units {
    /// Makes the apps and so many units.
    pub async fn open(sim: &Sim, stack: &Stack, count: usize) -> Outcome<Self> {
        let (control, text) = (sim.control(), json!({ "type": "SINGLE_LINE_TEXT" }));
        let mut tokens = Vec::new();
        for (id, name) in [(APP, "受注"), (TARGET, "写し")] {
            let spec = AppSpec { id: Some(id), ..AppSpec::new(name) };
            let app = control.create_app(spec.field("受注番号", text.clone()))?;
            tokens.push(control.add_token(app, &ALL_RIGHTS)?);
        }
        let hour = 3_600_000;
        let limits = UnitLimits { starts: 1, window_ms: hour, wait_ms: 24 * 365 * hour, ..UnitLimits::default() };
        let mut all = Vec::with_capacity(count);
        for n in 1..=count {
            let wanted = Wanted {
                name: format!("単位{n}"),
                base_url: sim.base_url(),
                guest_space: None,
                credential: Credential::Tokens { tokens: tokens.clone(), basic: None },
                expires: None,
                app: APP,
                events: Default::default(),
                flows: vec![FLOW.to_owned()],
                log_app: None,
                undo: Default::default(),
                limits,
                doors: Default::default(),
                coalesce: false,
            };
            let (unit, secret) = units::add(&stack.ledger, stack.vault.as_ref(), &stack.connector, wanted).await?;
            all.push((unit.clone(), format!("/r/{unit}/{}", secret.reveal())));
        }
        Ok(Self { all })
    }

    /// The realtime URLs behind a base URL.
    pub fn urls(&self, base_url: &str) -> Vec<String> {
        self.all.iter().map(|(_, path)| format!("{base_url}{path}")).collect()
    }

    /// Uses up every unit's start, and waits until the worker has parked what comes next.
    pub async fn settle(&self, stack: &Stack) -> Outcome<()> {
        load::round(&self.urls(&stack.base_url()), FIRST * self.all.len(), 4).await?;
        until("the units are parked", || async {
            for (unit, _) in &self.all {
                let state = stack.ledger.state(unit).await?;
                if state.running.is_some() || state.wait.is_none() || !state.to_log.is_empty() {
                    return Ok(false);
                }
            }
            Ok(true)
        })
        .await?;
        for (unit, _) in &self.all {
            let runs = stack.ledger.runs(unit, FIRST).await?;
            if !runs.iter().any(|run| run.state == RunState::Succeeded) {
                return Err(format!("the flow of unit {unit} did not succeed: {runs:?}").into());
            }
        }
        Ok(())
    }

    /// Fails unless exactly so many requests wait beside the first ones, and none was refused or run.
    pub async fn check(&self, stack: &Stack, accepted: usize) -> Outcome<()> {
        let (mut waiting, mut refused) = (0, 0);
        for (unit, _) in &self.all {
            let state = stack.ledger.state(unit).await?;
            waiting += state.waiting.len();
            refused += state.refused;
        }
        let expected = accepted + self.all.len() * (FIRST - 1);
        if waiting == expected && refused == 0 {
            return Ok(());
        }
        Err(format!("{waiting} requests wait and {refused} were refused; {expected} and 0 were expected").into())
    }
}
