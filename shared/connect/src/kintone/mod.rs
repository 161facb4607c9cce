//! The kintone client: reads and writes records, describes apps, prepares the log app.
//!
//! [`Connector`] is made once per process, [`Kintone`] once per connection; both are cheap to clone and share one
//! throttle per domain. What each file holds is said in its first lines; the facts about kintone behind the
//! numbers (page size, parts of a bulk, error codes) come from its public documentation and from recorded answers.

mod answer;
mod app;
mod bulk;
mod calls;
mod classify;
mod client;
mod connection;
mod count;
mod encode;
mod error;
mod failure;
mod file;
mod http;
mod members;
mod named;
mod page;
mod parse;
mod query;
mod ranges;
mod read;
mod retry;
mod schema;
mod select;
mod send;
mod settle;
mod staged;
mod throttle;
mod times;
mod values;
mod write;

pub use app::{Deployed, Upserted};
pub use bulk::{Bulk, BulkBuilder, Change, MAX_BULK_BYTES, MAX_PARTS, RECORDS_PER_PART, Target};
pub use calls::Calls;
pub use client::{Connector, Kintone, Settings};
pub(crate) use connection::public_host;
pub use connection::{Connection, ConnectionError, Credential, HostPolicy, Secret};
pub use encode::EncodeError;
pub use error::{Class, Failure, KintoneError, Right};
pub use failure::{RecordFailure, Rejection};
pub use file::Download;
pub use members::MemberKind;
pub use named::NamedRecord;
pub use parse::records_into;
pub use query::{and, one_of, quote};
pub use read::{Begun, KEYS_PER_CALL, PAGE, ReadField, ReadRequest, ReadResult, Record};
pub use retry::{Pause, Retry, TokioPause};
pub use schema::SchemaRead;
pub use send::{Committed, Outcome, Written};
pub use settle::{Fence, Settled};
pub use staged::NotABulk;
pub use write::{WriteError, Writer};
