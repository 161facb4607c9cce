//! Notices as records of a kintone app.

use async_trait::async_trait;
use model::notice::{Part, RecordPlace, Told};
use model::ports::{Credential, MessageError, Recorder};

use crate::kintone::{Connection, Connector, Kintone, KintoneError, Target};

/// Writes them. It reads the app's form each time, since notices are few and its owner may change it: what the form does not
/// have any more is left out.
///
/// The record is written by a call for several records, which fires no webhook, so that no flow starts by it.
#[derive(Clone, Debug)]
pub struct Records(Connector);

impl Records {
    /// With the connector of the process.
    pub fn new(connector: Connector) -> Self {
        Self(connector)
    }

    /// The app's kintone. Makes no call yet.
    pub fn open(&self, place: &RecordPlace, credential: &Credential) -> Result<Kintone, MessageError> {
        let connection = Connection::stored(&place.base_url, place.guest_space, credential);
        self.0.open(connection).map_err(|e| MessageError(e.to_string()))
    }
}

#[async_trait]
impl Recorder for Records {
    /// Where the form has a key that prohibits duplicates, the record of a repeated telling is found by it and written
    /// again with the same values; else it is added.
    async fn record(&self, place: &RecordPlace, credential: &Credential, told: &Told<'_>) -> Result<(), MessageError> {
        let failed = |e: KintoneError| MessageError(e.brief());
        let kintone = self.open(place, credential)?;
        let form = kintone.schema(place.app).await.map_err(failed)?.schema;
        let (mut fields, _) = place.fit(&form);
        let key = fields.get(&Part::Key).filter(|field| field.unique).cloned();
        if key.is_some() {
            fields.remove(&Part::Key);
        }
        if fields.is_empty() {
            return Err(MessageError(format!("the form of app {} has none of the fields of a notice", place.app)));
        }
        let values: Vec<_> = fields.keys().map(|part| told.part(*part)).collect();
        let target = Target { app: place.app, fields: fields.into_values().collect() };
        match key {
            Some(key) => {
                let value = told.part(Part::Key);
                kintone.upsert_record(&target, &key, &value, &values).await.map(|_| ()).map_err(failed)
            }
            None => kintone.add_record(&target, &values).await.map(|_| ()).map_err(failed),
        }
    }
}
