//! Where cases play: a simulated kintone in this process. What runs is what a worker runs: the same reading, computing,
//! comparing and writing.

use connect::kintone::{Connection, Connector, Credential, HostPolicy, Kintone, ReadField, ReadRequest, Settings};
use engine::{Table, TableBuilder};
use flow::document::Document;
use flow::examples::ParsedTable;
use flow::formula::Parameters;
use flow::plan::{Column, Plan};
use jiff::tz::TimeZone;
use model::caps::DomainCaps;
use model::value::Value;
use sim::{Sim, UserSpec};
use worker::flow_run::{Run, Schemas};

use super::case::{AppCase, Case};
use super::compare::compare;
use super::unit::{Ended, Units};
use super::{CaseError, calls, records};

/// Login name and password of the simulated kintone; they open nothing else.
const LOGIN: (&str, &str) = ("test", "test-only");

/// A simulated kintone for cases, one after the other.
pub struct Stage {
    sim: Sim,
    connector: Connector,
}

impl Stage {
    /// Starts it on a free port of this machine.
    pub async fn start() -> Result<Self, CaseError> {
        let sim = Sim::start(sim::Options::default()).await.map_err(|e| CaseError(e.to_string()))?;
        let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
        let connector =
            Connector::new(Settings { hosts, ..Settings::default() }).map_err(|e| CaseError(e.to_string()))?;
        Ok(Self { sim, connector })
    }

    /// Runs a case; what is not as it should be.
    pub async fn run(&self, case: &Case) -> Result<Vec<Vec<String>>, CaseError> {
        self.set(case)?;
        let credential = Credential::password(LOGIN.0, LOGIN.1);
        let kintone = self.connector.open(Connection::new(self.sim.base_url(), credential));
        let kintone = kintone.map_err(|e| CaseError(e.to_string()))?;
        let document = Document::parse(&case.flow).map_err(|p| problems(case, &p))?;
        let zone = TimeZone::get(&document.zone).map_err(|e| CaseError(e.to_string()))?;
        let mut schemas = Schemas::default();
        let apps = case.apps.iter().map(|a| a.number);
        schemas.read(&kintone, apps).await.map_err(|e| CaseError(e.to_string()))?;
        let named = flow::check::apps(&document);
        if let Some(app) = named.iter().find(|app| schemas.get(**app).is_none()) {
            return Err(CaseError::new(
                format!("フローが使うアプリ {app} が apps にありません"),
                format!("apps lacks app {app}, which the flow names"),
            ));
        }
        let playing = Playing { case, kintone: &kintone, schemas: &schemas, document: &document, zone: &zone };
        playing.play((&self.sim.base_url(), LOGIN), &self.connector).await
    }

    /// Makes the apps of a case.
    fn set(&self, case: &Case) -> Result<(), CaseError> {
        let control = self.sim.control();
        control.reset();
        control.add_user(UserSpec::new(LOGIN.0, LOGIN.1));
        control.clock().stop_at(case.now);
        for app in &case.apps {
            let told = |e: sim::ControlError| CaseError(format!("apps: {}: {e}", app.name));
            let mut spec = records::spec(app)?;
            records::add_options(&mut spec, app);
            for user in std::iter::once(&app.records).chain(&app.after).flat_map(records::users) {
                if user != LOGIN.0 {
                    control.add_user(UserSpec { login: user, ..UserSpec::default() });
                }
            }
            control.create_app(spec).map_err(told)?;
            // Records get their numbers in order, so those that a case leaves out are made and deleted.
            let numbers = records::numbers(&app.records)?;
            let (mut next, mut gone) = (1, Vec::new());
            for (number, row) in numbers.into_iter().zip(&app.records.rows) {
                while next < number {
                    gone.extend(control.put_records(app.number, vec![serde_json::json!({})]).map_err(told)?);
                    next += 1;
                }
                control.put_records(app.number, vec![records::record(&app.records, row)?]).map_err(told)?;
                next += 1;
            }
            for id in gone {
                control.screen_delete(app.number, id).map_err(told)?;
            }
        }
        Ok(())
    }
}

fn problems(case: &Case, problems: &[flow::problem::Problem]) -> CaseError {
    let place = case.path.display();
    let both = |p: &flow::problem::Problem| format!("{place}:{}\n  {}", p.render(true), p.en);
    CaseError(problems.iter().map(both).collect::<Vec<_>>().join("\n"))
}

struct Playing<'a> {
    case: &'a Case,
    kintone: &'a Kintone,
    schemas: &'a Schemas,
    document: &'a Document,
    zone: &'a TimeZone,
}

impl Playing<'_> {
    async fn play(&self, login: (&str, (&str, &str)), connector: &Connector) -> Result<Vec<Vec<String>>, CaseError> {
        let sets: Vec<Parameters> = self.case.parameters.iter().map(|set| self.parameters(set)).collect();
        let caps = DomainCaps::default().realtime;
        let run =
            Run { kintone: self.kintone, schemas: self.schemas, now: self.case.now.as_second(), files: None, caps };
        let mut failures = Vec::new();
        for (step, expected) in &self.case.steps {
            failures.push(self.step(&run, &sets, step, expected).await?);
        }
        let plan =
            flow::check::check(self.document, &|app| self.schemas.get(app)).map_err(|p| problems(self.case, &p))?;
        let units = Units::new(self.case, login, connector, calls::units(&plan)).await?;
        failures.push(self.ended(units.run(self.case, &self.document.name, &sets).await?));
        failures.extend(self.calls(&plan, &units).await?);
        for app in &self.case.apps {
            failures.push(self.afterwards(app).await?);
        }
        failures.retain(|lines| !lines.is_empty());
        Ok(failures)
    }

    /// A parameter has the kind that the field of this code has in one of the apps, as in a unit.
    fn parameters(&self, set: &[(String, String)]) -> Parameters {
        let value = |(name, text): &(String, String)| {
            let kind = self.schemas.all().find_map(|s| s.field(name)).and_then(|f| f.kind());
            let value = kind.and_then(|kind| flow::literal::parse(kind, text)).unwrap_or_else(|| Value::text(text));
            (name.clone(), value)
        };
        set.iter().map(value).collect()
    }

    async fn step(
        &self,
        run: &Run<'_>,
        sets: &[Parameters],
        step: &str,
        expected: &ParsedTable,
    ) -> Result<Vec<String>, CaseError> {
        let upto = flow::check::up_to(self.document, step, &|app| self.schemas.get(app));
        let upto = upto.map_err(|p| problems(self.case, &p))?;
        let what = format!("ステップ「{step}」/ step {step:?}");
        let rows = match run.rows_of(&upto, sets).await {
            Ok(looked) => looked.table.to_rows(),
            Err(error) => return Ok(std::iter::once(what).chain(error.message().lines().map(str::to_owned)).collect()),
        };
        let columns = &upto.plan.nodes[upto.node].columns;
        Ok(compare(&what, (&expected.columns, &expected.rows), (columns, &rows), self.zone))
    }

    /// The calls that were made beside those that the case says.
    async fn calls(&self, plan: &Plan, units: &Units) -> Result<Vec<Vec<String>>, CaseError> {
        let expected = |unit: &str| self.case.calls.iter().find(|(name, _)| name == unit).map(|(_, tables)| tables);
        let mut failures = Vec::new();
        for unit in units.names() {
            let tables = expected(unit).map_or(&[][..], Vec::as_slice);
            let found = units.calls(unit).await?;
            failures.extend(calls::differences(plan, unit, tables, &found, self.zone));
        }
        for (unit, tables) in &self.case.calls {
            if !units.names().any(|name| name == unit) {
                failures.extend(calls::differences(plan, unit, tables, &[], self.zone));
            }
        }
        Ok(failures)
    }

    /// The end of the run beside the end that the case says.
    fn ended(&self, ended: Ended) -> Vec<String> {
        let lines = |head: String, text: &str| std::iter::once(head).chain(text.lines().map(str::to_owned)).collect();
        match (&self.case.fails, ended) {
            (None, Ended::Well) => Vec::new(),
            (None, Ended::Failed(told)) => lines("実行が失敗しました / the run failed".to_owned(), &told),
            (Some(wanted), Ended::Well) => {
                vec![format!("失敗するはずの実行が成功しました / the run should have failed: {wanted}")]
            }
            (Some(wanted), Ended::Failed(told)) => match told.contains(wanted) {
                true => Vec::new(),
                false => lines(
                    format!("「{wanted}」とは別の理由で失敗しました / failed for another reason than {wanted:?}"),
                    &told,
                ),
            },
        }
    }

    /// An app as it is now beside what the case says; where it says nothing, beside what it was.
    async fn afterwards(&self, app: &AppCase) -> Result<Vec<String>, CaseError> {
        let expected = app.after.as_ref().unwrap_or(&app.records);
        let (what, state) = match app.after {
            Some(_) => ("実行後", "afterwards"),
            None => ("変わらないはず", "should not change"),
        };
        let schema = self.schemas.get(app.number);
        let columns: Vec<Column> = expected
            .columns
            .iter()
            .map(|c| schema.and_then(|s| s.field(&c.name)).and_then(Column::of_field).unwrap_or_else(|| c.clone()))
            .collect();
        let field = |column: &Column| {
            let known = schema.and_then(|s| s.field(&column.name)).and_then(ReadField::of);
            known.unwrap_or_else(|| ReadField::new(&column.name, column.kind))
        };
        let request = ReadRequest { app: app.number, fields: columns.iter().map(field).collect(), condition: None };
        let told = |e: &dyn std::fmt::Display| CaseError(format!("apps: {}: {e}", app.name));
        let read = self.kintone.read(&request, || TableBuilder::new(&columns)).await.map_err(|e| told(&e))?;
        let tables = read.sinks.into_iter().map(TableBuilder::finish).collect::<Result<Vec<_>, _>>();
        let table = tables.and_then(Table::concat).map_err(|e| told(&e))?;
        let what = format!("アプリ {}「{}」{what} / app {} {state}", app.number, app.name, app.number);
        Ok(compare(&what, (&expected.columns, &expected.rows), (&columns, &table.to_rows()), self.zone))
    }
}
