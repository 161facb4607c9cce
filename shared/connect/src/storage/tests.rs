//! What every store must do, on memory and on a folder.

use super::*;
use model::ids::UnitId;

const ALL: u64 = u64::MAX;

fn path(text: &str) -> FilePath {
    FilePath::new(text).unwrap()
}

/// What every store must do.
async fn contract(storage: &Storage) {
    let unit = storage.unit("example.cybozu.com", &UnitId("u1".into()));
    let other = storage.unit("example.cybozu.com", &UnitId("u10".into()));
    let file = path("受注/2026 年/在庫_50%#1 +.csv");
    assert_eq!(unit.get(&file, ALL).await.unwrap(), None);
    assert_eq!(unit.head(&file).await.unwrap(), None);

    let first = unit.put(&file, "a".into(), &When::Absent).await.unwrap();
    assert!(matches!(unit.put(&file, "b".into(), &When::Absent).await, Err(StorageError::Changed)));
    let stored = unit.get(&file, ALL).await.unwrap().unwrap();
    assert_eq!((stored.bytes.as_ref(), &stored.version), (&b"a"[..], &first));
    assert_eq!(unit.head(&file).await.unwrap(), Some(first.clone()));
    assert_eq!(other.get(&file, ALL).await.unwrap(), None, "another unit's");

    let second = unit.put(&file, "bb".into(), &When::Unchanged(first.clone())).await.unwrap();
    assert_ne!(first, second);
    assert!(matches!(unit.put(&file, "c".into(), &When::Unchanged(first)).await, Err(StorageError::Changed)));
    unit.put(&file, "ccc".into(), &When::Always).await.unwrap();
    assert!(matches!(unit.get(&file, 2).await, Err(StorageError::TooLarge { size: 3, limit: 2 })));

    let gone = When::Unchanged(second);
    assert!(matches!(unit.put(&path("new.csv"), "x".into(), &gone).await, Err(StorageError::Changed)));

    unit.put(&path("b.csv"), "x".into(), &When::Always).await.unwrap();
    other.put(&path("a.csv"), "x".into(), &When::Always).await.unwrap();
    let own = OwnName::staged("u1-7", 0, 1);
    unit.put_own(&own, "staged".into(), &When::Always).await.unwrap();
    assert_eq!(unit.get_own(&own, ALL).await.unwrap().unwrap().bytes, "staged");
    let names = |listed: Vec<Listed>| listed.into_iter().map(|f| (f.path, f.size)).collect::<Vec<_>>();
    assert_eq!(names(unit.list(None).await.unwrap()), [("b.csv".into(), 1), (file.to_string(), 3)]);
    assert_eq!(names(unit.list(Some(&path("受注"))).await.unwrap()), [(file.to_string(), 3)]);
    unit.delete_own(&own).await.unwrap();
    unit.delete_own(&own).await.unwrap();
    assert_eq!(unit.get_own(&own, ALL).await.unwrap(), None);
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    contract(&Storage::memory()).await;
}

#[tokio::test]
async fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    contract(&Storage::folder(&files).unwrap()).await;
    let kept = files.join("example.cybozu.com/u1/受注/2026 年/在庫_50%#1 +.csv");
    assert_eq!(std::fs::read(kept).unwrap(), b"ccc", "under the name that people gave it");
}

#[tokio::test]
async fn of_many_writers_at_once_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    for storage in [Storage::memory(), Storage::folder(folder.path()).unwrap()] {
        let store = storage.whole();
        let file = path("a.csv");
        let start = store.put(&file, "0".into(), &When::Absent).await.unwrap();
        let writers: Vec<_> = (1..=8u8)
            .map(|n| {
                let (store, file, when) = (store.clone(), file.clone(), When::Unchanged(start.clone()));
                tokio::spawn(async move { store.put(&file, vec![n; usize::from(n) + 1].into(), &when).await.is_ok() })
            })
            .collect();
        let mut won = 0;
        for writer in writers {
            won += usize::from(writer.await.unwrap());
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test]
async fn what_a_killed_process_left_of_a_staged_file_goes_with_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let unit = Storage::folder(folder.path()).unwrap().unit("d", &UnitId("u".into()));
    for run in ["u-1", "u-2"] {
        unit.put_own(&OwnName::bulks(run, 0, "1-1"), "x".into(), &When::Always).await.unwrap();
    }
    let staged = folder.path().join("d/u/.suiro/staged");
    std::fs::write(staged.join("u-1/0-bulks-1-1#1"), "").unwrap();
    unit.forget_staged("u-1").await.unwrap();
    unit.forget_staged("u-1").await.unwrap();
    let left: Vec<_> = std::fs::read_dir(&staged).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["u-2"]);
}

#[tokio::test]
async fn no_name_of_a_domain_or_unit_leads_out() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    let storage = Storage::folder(&files).unwrap();
    for (domain, unit) in [("..", ".."), ("a/../..", "b"), ("127.0.0.1:8080", "u/../../x"), ("", "")] {
        let store = storage.unit(domain, &UnitId(unit.into()));
        store.put(&path("a.csv"), "x".into(), &When::Always).await.unwrap();
    }
    let outside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(outside, ["files"]);
}

#[tokio::test]
async fn what_is_kept_of_old_runs_is_forgotten_whoever_was_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let unit = Storage::folder(folder.path()).unwrap().unit("d", &UnitId("u".into()));
    unit.forget_undo_below(9).await.unwrap();
    for run in ["u-3", "u-8", "u-9", "u-12"] {
        unit.put_own(&OwnName::images(run, 0, "1-1"), "x".into(), &When::Always).await.unwrap();
        unit.put_own(&OwnName::took_effect(run, 0, 2), "x".into(), &When::Always).await.unwrap();
    }
    unit.forget_undo_below(9).await.unwrap();
    let mut left = Vec::new();
    for run in ["u-3", "u-8", "u-9", "u-12"] {
        left.push(unit.kept_of_flow(run, 0).await.unwrap());
    }
    let kept = KeptOfFlow { computations: vec!["1-1".into()], bulks: vec![2] };
    assert_eq!(left, [KeptOfFlow::default(), KeptOfFlow::default(), kept.clone(), kept]);
}

/// Puts of an object store, by path and tags.
#[derive(Debug, Default)]
struct Tags(object_store::memory::InMemory, std::sync::Mutex<Vec<(String, String)>>);

impl std::fmt::Display for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[async_trait::async_trait]
impl object_store::ObjectStore for Tags {
    async fn put_opts(
        &self,
        location: &object_store::path::Path,
        payload: object_store::PutPayload,
        options: object_store::PutOptions,
    ) -> object_store::Result<object_store::PutResult> {
        self.1.lock().unwrap().push((location.to_string(), options.tags.encoded().to_owned()));
        self.0.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &object_store::path::Path,
        options: object_store::PutMultipartOptions,
    ) -> object_store::Result<Box<dyn object_store::MultipartUpload>> {
        self.0.put_multipart_opts(location, options).await
    }

    async fn get_opts(
        &self,
        location: &object_store::path::Path,
        options: object_store::GetOptions,
    ) -> object_store::Result<object_store::GetResult> {
        self.0.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: futures::stream::BoxStream<'static, object_store::Result<object_store::path::Path>>,
    ) -> futures::stream::BoxStream<'static, object_store::Result<object_store::path::Path>> {
        self.0.delete_stream(locations)
    }

    fn list(
        &self,
        prefix: Option<&object_store::path::Path>,
    ) -> futures::stream::BoxStream<'static, object_store::Result<object_store::ObjectMeta>> {
        self.0.list(prefix)
    }

    async fn list_with_delimiter(
        &self,
        prefix: Option<&object_store::path::Path>,
    ) -> object_store::Result<object_store::ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &object_store::path::Path,
        to: &object_store::path::Path,
        options: object_store::CopyOptions,
    ) -> object_store::Result<()> {
        self.0.copy_opts(from, to, options).await
    }
}

#[tokio::test]
async fn what_is_kept_of_runs_is_tagged_and_nothing_else() {
    let store = Arc::new(Tags::default());
    let unit = Storage::over(store.clone()).unit("d", &UnitId("u".into()));
    let path = path("a.csv");
    unit.put(&path, "x".into(), &When::Always).await.unwrap();
    for name in [OwnName::staged("u-1", 0, 0), OwnName::images("u-1", 0, "1-1"), OwnName::appended(&path)] {
        unit.put_own(&name, "x".into(), &When::Always).await.unwrap();
    }
    let tags: Vec<String> = store.1.lock().unwrap().iter().map(|(_, tags)| tags.clone()).collect();
    assert_eq!(tags, ["", "suiro=run", "suiro=run", ""]);
}
