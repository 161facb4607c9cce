//! The store on one DynamoDB table.
//!
//! Keys `pk` and `sk`; `v` counts the item's writes; `body` is the content; `expires` is DynamoDB's time to live
//! (seconds); `due_pk` and `due` (milliseconds) put an item into the sparse index `due`.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue as A, BillingMode, ConditionCheck, Delete, GlobalSecondaryIndex,
    KeySchemaElement, KeyType, KeysAndAttributes, Projection, ProjectionType, Put, ScalarAttributeType,
    TimeToLiveSpecification, TransactWriteItem,
};
use model::clock::{Clock as _, SystemClock, Timestamp};
use model::store::{Commit, Expect, Item, Key, Store, StoreError, Write, size};

use crate::attribute;

/// Name of the sparse index of due items.
pub const DUE_INDEX: &str = "due";
/// Its one partition: units that wait are few, and the sweep alone reads it.
const DUE_PARTITION: &str = "due";
/// Keys of due items in one answer: far below the 1 MB at which DynamoDB ends it by itself.
const DUE_PAGE: usize = 1_000;
/// Most keys in one batch read: DynamoDB's limit.
const MAX_BATCH: usize = 100;
/// How often what a batch read leaves out is asked for again: some 0.6 seconds in all, with the pauses in between.
const BATCH_TRIES: u32 = 7;
/// The first of those pauses; each is twice as long as the one before.
const BATCH_PAUSE: Duration = Duration::from_millis(10);

/// A [`Store`] on a DynamoDB table.
#[derive(Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
}

impl DynamoStore {
    /// The store on `table`.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The store on a table of a DynamoDB that answers at `endpoint` without checking who asks: the embedded one.
    pub fn at_endpoint(endpoint: &str, table: impl Into<String>) -> Self {
        use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .endpoint_url(endpoint)
            .build();
        Self::new(Client::from_conf(config), table)
    }

    /// Makes the table where it does not exist: for the embedded DynamoDB and for tests. AWS's comes from template.yaml.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let attribute = |name: &str, kind: ScalarAttributeType| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
        };
        let key = |name: &str, kind: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        let build = |e: aws_sdk_dynamodb::error::BuildError| StoreError::Refused(e.to_string());
        let index = GlobalSecondaryIndex::builder()
            .index_name(DUE_INDEX)
            .key_schema(key("due_pk", KeyType::Hash).map_err(build)?)
            .key_schema(key("due", KeyType::Range).map_err(build)?)
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(build)?;
        let made = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("pk", ScalarAttributeType::S).map_err(build)?)
            .attribute_definitions(attribute("sk", ScalarAttributeType::S).map_err(build)?)
            .attribute_definitions(attribute("due_pk", ScalarAttributeType::S).map_err(build)?)
            .attribute_definitions(attribute("due", ScalarAttributeType::N).map_err(build)?)
            .key_schema(key("pk", KeyType::Hash).map_err(build)?)
            .key_schema(key("sk", KeyType::Range).map_err(build)?)
            .global_secondary_indexes(index)
            .send()
            .await;
        match made {
            Ok(_) => {}
            Err(e) if e.as_service_error().is_some_and(|e| e.is_resource_in_use_exception()) => return Ok(()),
            Err(e) => return Err(failure(&e)),
        }
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build().map_err(build)?;
        let set = self.client.update_time_to_live().table_name(&self.table).time_to_live_specification(ttl);
        set.send().await.map(|_| ()).map_err(|e| failure(&e))
    }

    async fn get_batch(&self, keys: &[Key], found: &mut HashMap<Key, Item>) -> Result<(), StoreError> {
        let mut wanted: Vec<_> = keys.iter().map(key_attributes).collect();
        for tries in 0..BATCH_TRIES {
            if tries > 0 {
                SystemClock.pause(BATCH_PAUSE * 2_u32.pow(tries - 1)).await;
            }
            let build = |e: aws_sdk_dynamodb::error::BuildError| StoreError::Refused(e.to_string());
            let request =
                KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build().map_err(build)?;
            let sent = self.client.batch_get_item().request_items(&self.table, request).send().await;
            let answer = sent.map_err(|e| failure(&e))?;
            for item in answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default() {
                let (key, item) = parse_item(&item)?;
                found.insert(key, item);
            }
            // What DynamoDB could not read in one go, or for throttling, it leaves out of an answer that is a success: the
            // SDK does not back off for it.
            let rest = answer.unprocessed_keys.unwrap_or_default().remove(&self.table);
            wanted = rest.map(|r| r.keys).unwrap_or_default();
            if wanted.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable(format!("{} keys are left unread again and again", wanted.len())))
    }

    /// A commit of one write needs no transaction, which would cost twice as much.
    async fn commit_one(&self, write: &Write) -> Result<Commit, StoreError> {
        let expect = Condition::of(write);
        let (lost, error) = match write {
            Write::Put { .. } => {
                let request = self.client.put_item().table_name(&self.table).set_item(Some(put_attributes(write)));
                let request =
                    request.set_condition_expression(expect.text).set_expression_attribute_values(expect.values);
                match request.send().await {
                    Ok(_) => return Ok(Commit::Done),
                    Err(e) => (is_condition(&e), failure(&e)),
                }
            }
            Write::Delete { key, .. } => {
                let request = self.client.delete_item().table_name(&self.table).set_key(Some(key_attributes(key)));
                let request =
                    request.set_condition_expression(expect.text).set_expression_attribute_values(expect.values);
                match request.send().await {
                    Ok(_) => return Ok(Commit::Done),
                    Err(e) => (is_condition(&e), failure(&e)),
                }
            }
            Write::Check { .. } => return self.commit_many(std::slice::from_ref(write)).await,
        };
        if lost { Ok(Commit::Lost(vec![0])) } else { Err(error) }
    }

    async fn commit_many(&self, writes: &[Write]) -> Result<Commit, StoreError> {
        let actions = writes.iter().map(|w| self.action(w)).collect::<Result<Vec<_>, _>>()?;
        // The SDK adds a fresh idempotency token and repeats with the same one, so a lost reply does not write twice.
        let Err(error) = self.client.transact_write_items().set_transact_items(Some(actions)).send().await else {
            return Ok(Commit::Done);
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
            let codes: Vec<&str> = cancelled.cancellation_reasons().iter().filter_map(|r| r.code()).collect();
            let failed: Vec<usize> = (0..codes.len()).filter(|i| codes[*i] == "ConditionalCheckFailed").collect();
            if !failed.is_empty() {
                return Ok(Commit::Lost(failed));
            }
            if codes.contains(&"TransactionConflict") {
                return Ok(Commit::Lost(Vec::new()));
            }
            if let Some(at) = codes.iter().position(|code| *code == "ValidationError") {
                // It would be refused again and again.
                let reason = cancelled.cancellation_reasons().get(at).and_then(|reason| reason.message());
                return Err(StoreError::Refused(format!("ValidationError: {}", reason.unwrap_or_default())));
            }
        }
        Err(failure(&error))
    }

    fn action(&self, write: &Write) -> Result<TransactWriteItem, StoreError> {
        let build = |e: aws_sdk_dynamodb::error::BuildError| StoreError::Refused(e.to_string());
        let expect = Condition::of(write);
        let action = TransactWriteItem::builder();
        Ok(match write {
            Write::Put { .. } => {
                let put = Put::builder().table_name(&self.table).set_item(Some(put_attributes(write)));
                let put =
                    put.set_condition_expression(expect.text).set_expression_attribute_values(expect.values).build();
                action.put(put.map_err(build)?).build()
            }
            Write::Delete { key, .. } => {
                let delete = Delete::builder().table_name(&self.table).set_key(Some(key_attributes(key)));
                let delete =
                    delete.set_condition_expression(expect.text).set_expression_attribute_values(expect.values).build();
                action.delete(delete.map_err(build)?).build()
            }
            Write::Check { key, .. } => {
                let check = ConditionCheck::builder().table_name(&self.table).set_key(Some(key_attributes(key)));
                let text = expect.text.unwrap_or_else(|| "attribute_exists(pk) OR attribute_not_exists(pk)".into());
                let check = check.condition_expression(text).set_expression_attribute_values(expect.values).build();
                action.condition_check(check.map_err(build)?).build()
            }
        })
    }
}

#[async_trait]
impl Store for DynamoStore {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        if let [key] = keys {
            let request = self.client.get_item().table_name(&self.table).set_key(Some(key_attributes(key)));
            let answer = request.consistent_read(true).send().await.map_err(|e| failure(&e))?;
            return Ok(vec![answer.item.as_ref().map(parse_item).transpose()?.map(|(_, item)| item)]);
        }
        let mut distinct = keys.to_vec();
        distinct.sort();
        distinct.dedup();
        let mut found = HashMap::new();
        for batch in distinct.chunks(MAX_BATCH) {
            self.get_batch(batch, &mut found).await?;
        }
        Ok(keys.iter().map(|k| found.get(k).cloned()).collect())
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        size::check(&writes)?;
        match writes.as_slice() {
            [] => Ok(Commit::Done),
            [one] => self.commit_one(one).await,
            many => self.commit_many(many).await,
        }
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        newest_first: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        let mut found = Vec::new();
        let mut start = after.map(|sk| key_attributes(&Key::new(pk, sk)));
        loop {
            let mut request = self.client.query().table_name(&self.table).consistent_read(true);
            request = if prefix.is_empty() {
                request.key_condition_expression("pk = :pk")
            } else {
                request
                    .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":prefix", A::S(prefix.into()))
            };
            let request = request
                .expression_attribute_values(":pk", A::S(pk.into()))
                .scan_index_forward(!newest_first)
                .limit(i32::try_from(limit - found.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start);
            let answer = request.send().await.map_err(|e| failure(&e))?;
            for item in answer.items() {
                found.push(parse_item(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() || found.len() >= limit {
                return Ok(found);
            }
        }
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError> {
        let mut found = Vec::new();
        let mut start = None;
        while found.len() < limit {
            let request = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(DUE_INDEX)
                .key_condition_expression("due_pk = :pk AND due <= :until")
                .expression_attribute_values(":pk", A::S(DUE_PARTITION.into()))
                .expression_attribute_values(":until", A::N(until.0.to_string()))
                .limit(i32::try_from(DUE_PAGE.min(limit - found.len())).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start);
            let answer = request.send().await.map_err(|e| failure(&e))?;
            for item in answer.items() {
                found.push(parse_key(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

/// A condition expression and its values.
struct Condition {
    text: Option<String>,
    values: Option<HashMap<String, A>>,
}

impl Condition {
    fn of(write: &Write) -> Self {
        let (Write::Put { expect, .. } | Write::Delete { expect, .. } | Write::Check { expect, .. }) = write;
        match expect {
            Expect::Any => Self { text: None, values: None },
            Expect::Absent => Self { text: Some("attribute_not_exists(pk)".into()), values: None },
            Expect::Version(v) => {
                Self { text: Some("v = :v".into()), values: Some([(":v".to_owned(), A::N(v.to_string()))].into()) }
            }
        }
    }
}

fn key_attributes(key: &Key) -> HashMap<String, A> {
    [("pk".to_owned(), A::S(key.pk.clone())), ("sk".to_owned(), A::S(key.sk.clone()))].into()
}

fn put_attributes(write: &Write) -> HashMap<String, A> {
    let Write::Put { key, body, expect, expires, due } = write else { return HashMap::new() };
    let mut item = key_attributes(key);
    // Under `Any` nobody reads the version as a condition of that write; it only has to differ from what was read.
    let version = match expect {
        Expect::Version(v) => v + 1,
        Expect::Absent => 1,
        Expect::Any => random_version(),
    };
    item.insert("v".into(), A::N(version.to_string()));
    item.insert("body".into(), attribute::from_json(body));
    if let Some(at) = expires {
        item.insert("expires".into(), A::N(at.seconds().to_string()));
    }
    if let Some(at) = due {
        item.insert("due_pk".into(), A::S(DUE_PARTITION.into()));
        item.insert("due".into(), A::N(at.0.to_string()));
    }
    item
}

fn random_version() -> u64 {
    let mut bytes = [0u8; 8];
    model::ids::fill_random(&mut bytes);
    u64::from_le_bytes(bytes) >> 16 // stays a whole number in every JSON reader
}

fn parse_key(item: &HashMap<String, A>) -> Result<Key, StoreError> {
    let text = |name: &str| match item.get(name) {
        Some(A::S(s)) => Ok(s.clone()),
        other => Err(StoreError::Corrupt(format!("{name} is {other:?}"))),
    };
    Ok(Key { pk: text("pk")?, sk: text("sk")? })
}

fn parse_item(item: &HashMap<String, A>) -> Result<(Key, Item), StoreError> {
    let key = parse_key(item)?;
    let corrupt = |what: String| StoreError::Corrupt(format!("{} / {}: {what}", key.pk, key.sk));
    let version = match item.get("v") {
        Some(A::N(n)) => n.parse().map_err(|_| corrupt(format!("version {n}")))?,
        other => return Err(corrupt(format!("version {other:?}"))),
    };
    let body = item.get("body").ok_or_else(|| corrupt("no body".into()))?;
    let body = attribute::to_json(body).map_err(corrupt)?;
    Ok((key, Item { version, body }))
}

fn is_condition<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    matches!(code, Some("ConditionalCheckFailedException" | "TransactionConflictException"))
}

/// Load, conflicts and a silent service may pass; what DynamoDB says about the request itself does not.
fn failure<E: ProvideErrorMetadata + std::error::Error + 'static, R: std::fmt::Debug>(
    error: &SdkError<E, R>,
) -> StoreError {
    const FINAL: [&str; 5] = [
        "ValidationException",
        "AccessDeniedException",
        "ResourceNotFoundException",
        "ItemCollectionSizeLimitExceededException",
        "UnrecognizedClientException",
    ];
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code).unwrap_or("no answer");
    let message = service.and_then(ProvideErrorMetadata::message).unwrap_or("");
    let text = if service.is_some() {
        format!("{code}: {message}")
    } else {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            text = format!("{text}: {inner}");
            source = inner.source();
        }
        text
    };
    if FINAL.contains(&code) { StoreError::Refused(text) } else { StoreError::Unavailable(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answering::Answering;

    const LEFT_OUT: &str =
        r#"{ "Responses": {}, "UnprocessedKeys": { "t": { "Keys": [{ "pk": { "S": "a" }, "sk": { "S": "b" } }] } } }"#;
    const FOUND: &str = r#"{ "Responses": { "t": [{ "pk": { "S": "a" }, "sk": { "S": "b" }, "v": { "N": "3" }, "body": { "M": {} } }] } }"#;

    async fn asked(answers: &[&str]) -> Result<Vec<Option<Item>>, StoreError> {
        let dynamo = Answering::new().await;
        let store = DynamoStore::new(Client::new(&dynamo.config()), "t");
        let answering = async {
            for answer in answers {
                dynamo.received("200 OK", "application/x-amz-json-1.0", answer).await;
            }
            std::future::pending().await
        };
        let keys = ["b", "c"].map(|sk| Key { pk: "a".into(), sk: sk.into() });
        tokio::select! {
            found = store.get(&keys) => found,
            () = answering => unreachable!("it answers for ever"),
        }
    }

    #[tokio::test]
    async fn what_a_batch_read_leaves_out_is_asked_for_again() {
        let found = asked(&[LEFT_OUT, LEFT_OUT, FOUND]).await.expect("read");
        assert_eq!(found[0].as_ref().map(|item| item.version), Some(3));
    }

    #[tokio::test]
    async fn what_is_left_out_for_ever_is_not_asked_for_for_ever() {
        let answers = [LEFT_OUT; BATCH_TRIES as usize];
        assert!(matches!(asked(&answers).await, Err(StoreError::Unavailable(_))));
    }
}
