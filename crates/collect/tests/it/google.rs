//! Google Cloud: what exports of any size and spelling promise.

use std::io::Read;
use std::ops::ControlFlow;

use stance_collect::{CollectOptions, Gathered, Sink, collect, collect_reader};
use stance_model::{Coverage, Diagnostic, Resource};

use crate::support::{covered, names, read, read_as, said};

fn bucket(name: &str) -> String {
    format!(
        r#"{{"name":"//storage.googleapis.com/{name}","asset_type":"storage.googleapis.com/Bucket","resource":{{"data":{{"name":"{name}"}}}},"ancestors":["projects/12","organizations/1"]}}"#
    )
}

const PROJECT: &str = r#"{"name":"//cloudresourcemanager.googleapis.com/projects/12","asset_type":"cloudresourcemanager.googleapis.com/Project","resource":{"data":{"projectId":"contoso-ai","projectNumber":"12"}},"ancestors":["projects/12"]}"#;

#[test]
fn the_project_is_an_id_wherever_one_row_tells_it() {
    for text in [
        format!("{}\n{PROJECT}\n", bucket("a")),
        format!("{PROJECT}\n{}\n", bucket("a")),
        format!("[{},{PROJECT}]", bucket("a")),
    ] {
        let found = read(&text);
        assert_eq!(found.resources.len(), 2, "{}", said(&found));
        for resource in &found.resources {
            assert_eq!(resource.subscription(), Some("contoso-ai"), "{text}");
            assert!(
                !resource.id.as_str().contains("/12"),
                "{}",
                resource.id.as_str()
            );
        }
        assert_eq!(said(&found), "");
        assert!(!covered(&found).contains("gcp:12"), "{}", covered(&found));
    }
}

#[test]
fn without_such_a_row_the_number_stays_and_is_said() {
    let found = read(format!("{}\n{}\n", bucket("a"), bucket("b")));
    assert_eq!(names(&found), ["a", "b"]);
    assert_eq!(found.resources[0].scope().as_deref(), Some("gcp:12"));
    assert_eq!(
        said(&found),
        "COL0051 0:0 resources that name their project by its number only: 2\n"
    );
}

#[test]
fn an_export_in_several_files_knows_its_projects_from_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.json"), bucket("a")).unwrap();
    std::fs::write(folder.path().join("b.json"), PROJECT).unwrap();
    let mut found = Gathered::default();
    let summary = collect(
        &[folder.path().to_owned()],
        &CollectOptions::default(),
        &mut found,
    );
    assert_eq!(summary.files_understood, 2);
    assert_eq!(said(&found), "");
    let subscriptions: Vec<_> = found.resources.iter().map(Resource::subscription).collect();
    assert_eq!(subscriptions, [Some("contoso-ai"); 2]);
}

/// Gives one row again and again; nothing of it is ever held whole.
struct Rows {
    head: &'static str,
    tail: &'static str,
    between: &'static str,
    left: u64,
    ready: Vec<u8>,
    at: usize,
    begun: bool,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.ready.len() {
            self.ready.clear();
            self.at = 0;
            if !self.begun {
                self.begun = true;
                self.ready.extend_from_slice(self.head.as_bytes());
            }
            let now = self.left.min(500);
            for row in 0..now {
                let id = self.left - row;
                let last = id == 1;
                let text = format!(
                    r#"{{"name":"//aiplatform.googleapis.com/projects/contoso-ai/locations/us/endpoints/{id}","assetType":"aiplatform.googleapis.com/Endpoint","resource":{{"data":{{"displayName":"e"}}}},"ancestors":["projects/12"]}}{}"#,
                    if last { self.tail } else { self.between }
                );
                self.ready.extend_from_slice(text.as_bytes());
            }
            self.left -= now;
        }
        let count = buffer.len().min(self.ready.len() - self.at);
        buffer[..count].copy_from_slice(&self.ready[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Counts and forgets.
#[derive(Default)]
struct Counting {
    resources: u64,
    said: Vec<Diagnostic>,
    coverage: Vec<Coverage>,
}

impl Sink for Counting {
    fn resource(&mut self, _: Resource) -> ControlFlow<()> {
        self.resources += 1;
        ControlFlow::Continue(())
    }
    fn coverage(&mut self, row: Coverage) {
        self.coverage.push(row);
    }
    fn diagnostic(&mut self, said: Diagnostic) {
        self.said.push(said);
    }
}

#[test]
fn lists_arrays_and_lines_of_any_size_stream() {
    // About 1 MiB: far over what one element or one document may have here.
    let count = 5_000;
    for (head, between, tail) in [
        ("", "\n", "\n"),
        ("[", ",\n", "]"),
        (
            r#"{"readTime":"2026-01-01T00:00:00Z","assets":["#,
            ",",
            "]}",
        ),
    ] {
        let mut options = CollectOptions::default();
        options.limits.document_bytes = 128 << 10;
        options.limits.element_bytes = 64 << 10;
        let rows = Rows {
            head,
            tail,
            between,
            left: count,
            ready: Vec::new(),
            at: 0,
            begun: false,
        };
        let mut sink = Counting::default();
        collect_reader("assets.json", rows, &options, &mut sink);
        assert_eq!(sink.resources, count, "{head} {:?}", sink.said);
        assert!(sink.said.is_empty(), "{:?}", sink.said);
        assert_eq!(sink.coverage.len(), 1);
        assert_eq!(sink.coverage[0].count, count);
    }
}

#[test]
fn a_manifest_says_what_an_export_holds() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.json"),
        format!("{PROJECT}\n{}", bucket("a")),
    )
    .unwrap();
    std::fs::write(
        folder.path().join("stance-coverage.json"),
        r#"[{"scope":"gcp:contoso-ai","what":"storage.googleapis.com/Bucket","status":"Complete"}]"#,
    )
    .unwrap();
    let mut found = Gathered::default();
    collect(
        &[folder.path().to_owned()],
        &CollectOptions::default(),
        &mut found,
    );
    assert_eq!(said(&found), "");
    assert!(
        covered(&found).contains("gcp:contoso-ai | storage.googleapis.com/bucket | Complete"),
        "{}",
        covered(&found)
    );
}

#[test]
fn a_cut_list_gives_what_stands_before_the_cut() {
    let text = format!(r#"{{"assets":[{},{}"#, bucket("a"), &bucket("b")[..40]);
    let found = read(text);
    assert_eq!(names(&found), ["a"]);
    assert!(said(&found).starts_with("COL0008"), "{}", said(&found));
}

#[test]
fn scripts_and_settings_of_machines_leave_no_secret() {
    let script = "#!/bin/sh\\nexport DB=postgres://app:hunter2hunter2@db/app\\necho ok";
    let text = format!(
        r#"[{{"kind":"compute#instance","name":"m","selfLink":"https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/m","metadata":{{"items":[{{"key":"startup-script","value":"{script}"}},{{"key":"windows-startup-script-ps1","value":"net user x hunter2hunter2"}}]}}}},
        {{"name":"projects/p/locations/l/customJobs/1","jobSpec":{{"workerPoolSpecs":[{{"containerSpec":{{"env":[{{"name":"OPENAI_API_KEY","value":"hunter2hunter2"}}]}}}}]}}}}]"#
    );
    let found = read(text);
    assert_eq!(found.resources.len(), 2, "{}", said(&found));
    for resource in &found.resources {
        let body = resource.body.to_string();
        assert!(!body.contains("hunter2"), "{body}");
        assert!(body.contains("***redacted"), "{body}");
    }
}

#[test]
fn lists_of_older_apis_are_flattened() {
    let one = |zone: &str| {
        format!(
            r#"{{"kind":"compute#instance","name":"m","selfLink":"https://www.googleapis.com/compute/v1/projects/p/zones/{zone}/instances/m"}}"#
        )
    };
    let found = read(format!(
        r#"{{"kind":"compute#instanceAggregatedList","items":{{"zones/a":{{"instances":[{}]}},"zones/b":{{"warning":{{}}}},"zones/c":{{"instances":[{}]}}}}}}"#,
        one("a"),
        one("c")
    ));
    assert_eq!(found.resources.len(), 2);
    assert_eq!(found.resources[1].text("location"), Some("c"));
}

#[test]
fn objects_of_others_are_left_to_others() {
    let found = read_as(
        "x.json",
        r#"{"name":"projects/p/locations/l/instances/cache","redisVersion":"REDIS_7"}"#,
    )
    .0;
    assert!(found.resources.is_empty());
    assert!(said(&found).starts_with("COL0006"), "{}", said(&found));
}
