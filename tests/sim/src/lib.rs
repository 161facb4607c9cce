//! Simulated outside for tests and demos: kintone. Shares no types with the product.
//!
//! [`Sim::start`] runs an HTTP server that official clients cannot tell from kintone; [`Control`] makes its apps, tokens,
//! webhooks and faults, and acts as a person on the screen. README.md shows the same over HTTP.

pub mod button;
pub mod calls;
pub mod clock;
pub mod control;
pub mod faults;
pub mod field_type;
pub mod form;
mod generate;
mod http;
mod kintone;
pub mod query;
pub mod record;
mod server;
pub mod spec;
pub mod switches;
pub mod webhook;

pub use control::{Control, ControlError, ControlResult};
pub use faults::{Fault, FaultKind};
pub use kintone::error::ApiError;
pub use kintone::text::{Lang, Text};
pub use record::Record;
pub use server::{Options, Sim};
pub use spec::{
    ALL_EVENTS, ALL_RIGHTS, AppSpec, Generate, IdPattern, Right, TokenSpec, UserSpec, WebhookEvent, WebhookSpec,
};
pub use switches::Switches;
