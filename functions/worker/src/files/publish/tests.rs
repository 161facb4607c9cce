//! Publishing over a store in memory: taken up again, cut off, met by others.

use async_trait::async_trait;
use connect::storage::Storage;
use flow::plan::file::{Delimiter, Encoding, FileName};
use flow::plan::{OutColumn, OutLayout, WriteFile};
use model::file_path::FilePath;

use super::*;

fn path() -> FilePath {
    FilePath::new("在庫/一覧.csv").unwrap()
}

fn output(mode: FileMode, rows: &str) -> FileOutput {
    let layout = OutLayout::Csv {
        encoding: Encoding::Utf8,
        bom: false,
        delimiter: Delimiter::Comma,
        crlf: false,
        header: true,
        replace: false,
    };
    let columns = vec![OutColumn { column: 0, title: "品名".into(), format: None }];
    let file = FileName::parse(path().as_str()).unwrap();
    FileOutput {
        step: "出力".into(),
        path: path(),
        rows: rows.lines().count(),
        spec: WriteFile { file, layout, mode, columns, numbers: Vec::new(), by_name: false },
        bytes: format!("品名\n{rows}").into_bytes(),
        found: None,
        numbered: None,
    }
}

fn files(run: &str, store: &FileStore) -> Files {
    Files { store: store.clone(), run: run.into(), label: "1".into() }
}

async fn text(store: &FileStore) -> String {
    let found = store.get(&path(), u64::MAX).await.unwrap().expect("the file");
    String::from_utf8(found.bytes.to_vec()).unwrap()
}

async fn publish(files: &Files, outputs: &[FileOutput]) -> Result<(), WritingError> {
    Publishing { files, flow: 0, ours: &Alone, goes_on: false }.publish(outputs).await
}

/// A worker whose run another one has taken over.
struct Lost;

#[async_trait]
impl StillOurs for Lost {
    async fn still_ours(&self) -> Result<(), WritingError> {
        Err(WritingError::Superseded)
    }
}

#[tokio::test]
async fn a_run_appends_once_however_often_it_is_taken_up() {
    let store = Storage::memory().whole();
    let rows = output(FileMode::Append, "ねじ\n");
    for _ in 0..3 {
        publish(&files("u-1", &store), std::slice::from_ref(&rows)).await.unwrap();
        assert_eq!(text(&store).await, "品名\nねじ\n");
    }
    for _ in 0..2 {
        publish(&files("u-2", &store), &[output(FileMode::Append, "くぎ\n")]).await.unwrap();
        assert_eq!(text(&store).await, "品名\nねじ\nくぎ\n");
    }
}

#[tokio::test]
async fn two_steps_of_a_run_append_to_one_file() {
    let store = Storage::memory().whole();
    let both = [output(FileMode::Append, "ねじ\n"), output(FileMode::Append, "くぎ\n")];
    for _ in 0..2 {
        publish(&files("u-1", &store), &both).await.unwrap();
        assert_eq!(text(&store).await, "品名\nねじ\nくぎ\n");
    }
}

#[tokio::test]
async fn an_append_that_was_cut_off_is_made_up_for() {
    let store = Storage::memory().whole();
    publish(&files("u-1", &store), &[output(FileMode::Append, "ねじ\n")]).await.unwrap();
    // The note of the second run is there, its rows are not.
    let before = text(&store).await;
    let after = format!("{before}くぎ\n");
    let note = Appended {
        by: vec!["u-2/0/0".into()],
        before: digest(before.as_bytes()),
        after: digest(after.as_bytes()),
        length: after.len(),
    };
    let name = OwnName::appended(&path());
    store.put_own(&name, serde_json::to_vec(&note).unwrap().into(), &When::Always).await.unwrap();
    let again = || async { publish(&files("u-2", &store), &[output(FileMode::Append, "くぎ\n")]).await };
    again().await.unwrap();
    assert_eq!(text(&store).await, after);

    // Somebody appended more since: the rows are in it all the same.
    store.put(&path(), format!("{after}はり\n").into(), &When::Always).await.unwrap();
    again().await.unwrap();
    assert_eq!(text(&store).await, format!("{after}はり\n"));

    // Somebody wrote another file: nobody can tell, and nothing is guessed.
    store.put(&path(), "品名\nはり\n".into(), &When::Always).await.unwrap();
    let told = again().await;
    assert!(matches!(told, Err(WritingError::Unknown(_))), "{told:?}");
    assert_eq!(text(&store).await, "品名\nはり\n");
}

#[tokio::test]
async fn another_header_is_no_place_to_append_to() {
    let store = Storage::memory().whole();
    store.put(&path(), "商品\nはり\n".into(), &When::Always).await.unwrap();
    let told = publish(&files("u-1", &store), &[output(FileMode::Append, "くぎ\n")]).await;
    let Err(WritingError::Refused(error)) = told else { panic!("{told:?}") };
    assert_eq!(error.code, catalogue::FILE_FAILED, "the code of a computation would say that nothing was written");
    assert!(error.en.contains("records and the 0 files in front of this one are written"), "{}", error.en);
    assert_eq!(text(&store).await, "商品\nはり\n");
}

#[tokio::test]
async fn a_file_that_somebody_changed_since_is_replaced_all_the_same() {
    let store = Storage::memory().whole();
    store.put(&path(), "0".into(), &When::Absent).await.unwrap();
    let mut output = output(FileMode::Overwrite, "ねじ\n");
    output.found = store.head(&path()).await.unwrap();
    store.put(&path(), "1".into(), &When::Always).await.unwrap();
    publish(&files("u-1", &store), &[output]).await.unwrap();
    assert_eq!(text(&store).await, "品名\nねじ\n");
}

#[tokio::test]
async fn a_worker_that_lost_its_run_leaves_the_file_of_the_next_one() {
    let store = Storage::memory().whole();
    store.put(&path(), "the next run's".into(), &When::Absent).await.unwrap();
    let files = files("u-1", &store);
    for mode in [FileMode::Overwrite, FileMode::NewName] {
        let told =
            Publishing { files: &files, flow: 0, ours: &Lost, goes_on: false }.publish(&[output(mode, "ねじ\n")]).await;
        assert!(matches!(told, Err(WritingError::Superseded)), "{told:?}");
        assert_eq!(text(&store).await, "the next run's");
    }
}

#[tokio::test]
async fn what_is_staged_is_what_is_published() {
    let store = Storage::memory().whole();
    let files = files("u-1", &store);
    let publishing = Publishing { files: &files, flow: 2, ours: &Alone, goes_on: false };
    publishing.stage(&[output(FileMode::Overwrite, "ねじ\n")]).await.unwrap();
    let mut later = [output(FileMode::Overwrite, "くぎ\n")];
    publishing.take_staged(&mut later).await.unwrap();
    publishing.publish(&later).await.unwrap();
    assert_eq!(text(&store).await, "品名\nねじ\n");
    files.store.forget_staged(&files.run).await.unwrap();
    assert!(matches!(publishing.take_staged(&mut later).await, Err(WritingError::Unknown(_))));
}
