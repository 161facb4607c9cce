//! The switches: how the simulated domain behaves where kintone's behaviour has limits, delays or is not known.

use serde::{Deserialize, Serialize};

/// Every switch, with kintone's own value (or the most likely one) as the default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// How long each call takes the server, its own work included, in milliseconds: half of it passes before the work is
    /// done.
    pub service_time_ms: u64,
    /// How many requests may run at once (100 per domain).
    pub concurrency_limit: u64,
    /// How long a written record stays unknown to `like`, in milliseconds.
    pub index_delay_ms: u64,
    /// How long a deploy takes, in milliseconds.
    pub deploy_delay_ms: u64,
    /// How many records `like` may find before the search is cut and the answer carries `X-Cybozu-Warning`.
    pub like_threshold: u64,
    /// How long a cursor lives from its creation or last use, in seconds (600).
    pub cursor_life_s: u64,
    /// How many cursors the domain may hold (10).
    pub cursor_limit: usize,
    /// How long an uploaded file waits to be attached, in seconds (three days).
    pub file_life_s: u64,
    /// How many webhook notifications a minute the domain sends (60); the rest is dropped.
    pub webhooks_per_minute: u64,
    /// Sends every notification twice.
    pub webhook_duplicates: bool,
    /// Sends the notifications that wait together in the reverse order.
    pub webhook_reorder: bool,
    /// Waits before sending a notification, in milliseconds.
    pub webhook_delay_ms: u64,
    /// A losing writer gets `GAIA_DA02` (database lock) in place of `GAIA_CO02` in one of so many cases; 0 is never.
    pub lock_failure_one_in: u64,
    /// Counts every part of a bulkRequest as a call of the day, not the request as one (unknown in kintone).
    pub count_bulk_parts: bool,
    /// The status of `GAIA_RE20`: 404 or 400 (sources differ).
    pub missing_key_status: u16,
    /// Rows of tables keep inner fields that an update does not send (sources differ).
    pub table_rows_merge: bool,
    /// A new record that does not name a table gets one row of defaults in it, not none (unknown in kintone).
    pub tables_start_with_a_row: bool,
    /// Refuses the key field inside `record` when `updateKey` names it with `CB_VA01` (third parties say so).
    pub refuse_key_in_record: bool,
    /// Reads an empty DATETIME as null, not as empty text (unknown in kintone).
    pub empty_datetime_is_null: bool,
    /// A write to a calculated field is refused with `CB_IJ01` (an old test), not ignored.
    pub refuse_calc_writes: bool,
    /// The language of messages without `Accept-Language`: `ja` or `en`.
    pub language: String,
    /// The language of the system fields' codes of apps made by the API: `ja` or `en`.
    pub app_language: String,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            service_time_ms: 0,
            concurrency_limit: 100,
            index_delay_ms: 0,
            deploy_delay_ms: 0,
            like_threshold: 100_000,
            cursor_life_s: 600,
            cursor_limit: 10,
            file_life_s: 3 * 24 * 3600,
            webhooks_per_minute: 60,
            webhook_duplicates: false,
            webhook_reorder: false,
            webhook_delay_ms: 0,
            lock_failure_one_in: 0,
            count_bulk_parts: false,
            missing_key_status: 404,
            table_rows_merge: true,
            tables_start_with_a_row: false,
            refuse_key_in_record: false,
            empty_datetime_is_null: false,
            refuse_calc_writes: false,
            language: "ja".to_owned(),
            app_language: "ja".to_owned(),
        }
    }
}
