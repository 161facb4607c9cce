//! What the log app needs: creating an app, adding fields, deploying, writing one record.

use std::collections::BTreeMap;
use std::time::Duration;

use model::field::Field;
use model::value::Value;
use reqwest::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, json};

use super::answer::{Num, not_understood, read_answer};
use super::bulk::{Change, Target, encode_change};
use super::client::Kintone;
use super::error::{Class, KintoneError, Right};
use super::http::{Param, Request};
use super::send::PartAnswer;

/// Between two questions whether a deployment is through; small apps take seconds.
const POLL: Duration = Duration::from_secs(1);
/// Questions before giving up.
const POLLS: u32 = 180;

/// What became of a record that was added or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upserted {
    /// `$id`
    pub id: u64,
    /// Its revision now.
    pub revision: u64,
    /// True where the record was added.
    pub inserted: bool,
}

/// How a deployment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// The settings are live.
    Success,
    /// kintone could not apply them.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

#[derive(Deserialize)]
struct Created {
    app: Num,
}

#[derive(Deserialize)]
struct Added {
    ids: Vec<Num>,
    revisions: Vec<Num>,
}

#[derive(Deserialize)]
struct Form {
    properties: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Deployments {
    apps: Vec<Deployment>,
}

#[derive(Deserialize)]
struct Deployment {
    app: Num,
    status: String,
}

impl Kintone {
    /// Creates an app (not yet live) and returns its number. `space` is a space and one of its threads. Needs a
    /// password: an API token belongs to an app that exists.
    pub async fn create_app(&self, name: &str, space: Option<(u64, u64)>) -> Result<u64, KintoneError> {
        let mut body = json!({ "name": name });
        if let Some((space, thread)) = space {
            body["space"] = space.into();
            body["thread"] = thread.into();
        }
        let request = settings_call(Method::POST, "preview/app.json", Vec::new(), &body);
        let created: Created = read_answer(&self.call(&request).await?.body, &request.info())?;
        Ok(created.app.0)
    }

    /// Adds those fields that an app's form (live or not) lacks, and returns their codes. They are not yet live.
    /// `properties` is kintone's: code -> property.
    pub async fn add_missing_fields(
        &self,
        app: u64,
        properties: &Map<String, serde_json::Value>,
    ) -> Result<Vec<String>, KintoneError> {
        let number = vec![("app", Param::One(app.to_string()))];
        let request = Request::get("preview/app/form/fields.json", app, Right::ManageApp, number);
        let form: Form = read_answer(&self.call(&request).await?.body, &request.info())?;
        let missing: Map<String, serde_json::Value> = properties
            .iter()
            .filter(|(code, _)| !form.properties.contains_key(*code))
            .map(|(code, property)| (code.clone(), property.clone()))
            .collect();
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let codes = missing.keys().cloned().collect();
        let body = json!({ "app": app, "properties": missing });
        self.call(&settings_call(Method::POST, "preview/app/form/fields.json", vec![app], &body)).await?;
        Ok(codes)
    }

    /// Makes the settings of an app live and waits until they are.
    pub async fn deploy(&self, app: u64) -> Result<Deployed, KintoneError> {
        let body = json!({ "apps": [{ "app": app }] });
        self.call(&settings_call(Method::POST, "preview/app/deploy.json", vec![app], &body)).await?;
        let apps = vec![("apps", Param::Many(vec![app.to_string()]))];
        let question = Request::get("preview/app/deploy.json", app, Right::ManageApp, apps);
        for _ in 0..POLLS {
            let answer: Deployments = read_answer(&self.call(&question).await?.body, &question.info())?;
            let status = answer.apps.iter().find(|d| d.app.0 == app).map(|d| d.status.as_str());
            match status {
                Some("SUCCESS") => return Ok(Deployed::Success),
                Some("FAIL") => return Ok(Deployed::Failed),
                Some("CANCEL") => return Ok(Deployed::Cancelled),
                Some("PROCESSING") => self.inner.connector.settings().pause.pause(POLL).await,
                _ => return Err(not_understood(&question.info(), "no state of the deployment")),
            }
        }
        Err(question.info().error(Class::Unavailable, "the deployment is not through yet"))
    }

    /// Changes the record with this key, or adds it. After an unknown outcome the caller may call it again: the
    /// record is there once, whatever happened. It is a call for several records, which fires no webhook.
    pub async fn upsert_record(
        &self,
        target: &Target,
        key: &Field,
        key_value: &Value,
        values: &[Value],
    ) -> Result<Upserted, KintoneError> {
        self.put_one(target, true, Change::Upsert { key, value: key_value, values }).await
    }

    /// Adds a record. After an unknown outcome it may be there. It is a call for several records, which
    /// fires no webhook.
    pub async fn add_record(&self, target: &Target, values: &[Value]) -> Result<Upserted, KintoneError> {
        let mut body = format!("{{\"app\":{},\"records\":[", target.app).into_bytes();
        encode_change(&mut body, target, Change::Insert { values }).map_err(|e| KintoneError::local(e.to_string()))?;
        body.extend_from_slice(b"]}");
        let request = Request::write(Method::POST, "records.json", vec![target.app], Right::AddRecords, body);
        let answer: Added = read_answer(&self.call(&request).await?.body, &request.info())?;
        let (Some(id), Some(revision)) = (answer.ids.first(), answer.revisions.first()) else {
            return Err(not_understood(&request.info(), "no id, or no revision"));
        };
        Ok(Upserted { id: id.0, revision: revision.0, inserted: true })
    }

    /// Changes the record of this id, if it is at this revision, and returns its new revision. It is a call for several
    /// records, which fires no webhook.
    pub async fn update_record(
        &self,
        target: &Target,
        id: u64,
        revision: Option<u64>,
        values: &[Value],
    ) -> Result<u64, KintoneError> {
        Ok(self.put_one(target, false, Change::Update { id, revision, values }).await?.revision)
    }

    async fn put_one(&self, target: &Target, upsert: bool, change: Change<'_>) -> Result<Upserted, KintoneError> {
        let mut body = format!("{{\"app\":{},\"upsert\":{upsert},\"records\":[", target.app).into_bytes();
        encode_change(&mut body, target, change).map_err(|e| KintoneError::local(e.to_string()))?;
        body.extend_from_slice(b"]}");
        let request = Request::write(Method::PUT, "records.json", vec![target.app], Right::EditRecords, body);
        let answer: PartAnswer = read_answer(&self.call(&request).await?.body, &request.info())?;
        let record = answer.records.first().ok_or_else(|| not_understood(&request.info(), "no record"))?;
        Ok(Upserted { id: record.id.0, revision: record.revision.0, inserted: record.inserted() })
    }
}

fn settings_call(method: Method, resource: &'static str, apps: Vec<u64>, body: &serde_json::Value) -> Request {
    Request::write(method, resource, apps, Right::ManageApp, body.to_string())
}
