//! Attached files of records that are about to be written: those that the record does not hold yet are copied.

use connect::kintone::{Kintone, KintoneError};
use engine::{Changes, Record};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use model::value::FileRef;

/// Files on their way at once: enough to hide the round trips, few beside the ten calls that the client makes at most.
const AT_ONCE: usize = 4;

/// Copies what has to be copied, and puts the new keys into `after`. Returns how many files those were.
pub(crate) async fn copy(kintone: &Kintone, before: &Record, after: &mut Record) -> Result<usize, KintoneError> {
    let mut foreign = Changes::foreign_files(before, after);
    // Each place gets an upload of its own: kintone does not say that one can be attached twice.
    let files: Vec<FileRef> = foreign.iter().map(|file| (**file).clone()).collect();
    let count = files.len();
    let copy_one = |file: FileRef| {
        let kintone = kintone.clone();
        async move { kintone.copy_file(&file).await }
    };
    let keys: Vec<String> = stream::iter(files).map(copy_one).buffered(AT_ONCE).try_collect().await?;
    for (file, key) in foreign.iter_mut().zip(keys) {
        file.file_key = key;
    }
    Ok(count)
}
