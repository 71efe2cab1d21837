//! A folder of its own for each test, and the real command run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The instant every test takes for now.
pub const NOW: &str = "2026-11-01T12:00:00Z";

/// A folder with inputs and a data folder, removed when dropped.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes an input file, making its folders.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// `stance` with these arguments, ready to run or to spawn: no colours, the test's data folder and clock.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stance"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("STANCE_LOG")
            .env("STANCE_DATA", self.data())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "120")
            .stdin(Stdio::null());
        if !matches!(arguments.first(), Some(&("completions" | "index" | "kql"))) {
            command.args(["--now", NOW]);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&self.command(arguments).output().unwrap())
    }

    /// Runs and expects exit code 0.
    pub fn ok(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}\n{}\n{}", run.output, run.errors);
        run
    }

    /// The JSON report of a scan.
    pub fn scan(&self, paths: &[&str]) -> Value {
        let mut arguments = vec!["scan"];
        arguments.extend(paths);
        arguments.extend(["--format", "json"]);
        self.ok(&arguments).json()
    }

    /// The rows of a query, as objects.
    pub fn query(&self, text: &str) -> Vec<Value> {
        let rows = self.ok(&["query", text, "--format", "json"]).json();
        rows.as_array().unwrap().clone()
    }
}

/// What a run of the command left.
pub struct Run {
    pub code: i32,
    pub output: String,
    pub errors: String,
}

impl Run {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.output)
            .unwrap_or_else(|error| panic!("{error}: {}", self.output))
    }
}

/// The workspace root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The public corpora, where they are at hand.
pub fn shared() -> Option<PathBuf> {
    let folder =
        std::env::var_os("STANCE_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: no public corpora at {}; set STANCE_SHARED to run this test",
        folder.display()
    );
    None
}

/// An Azure OpenAI account as Resource Graph shows it.
pub fn account(name: &str, properties: &Value) -> Value {
    serde_json::json!({
        "id": format!("/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/{name}"),
        "name": name,
        "type": "microsoft.cognitiveservices/accounts",
        "kind": "OpenAI",
        "location": "westeurope",
        "resourceGroup": "rg",
        "subscriptionId": "11111111-1111-1111-1111-111111111111",
        "sku": {"name": "S0"},
        "properties": properties,
    })
}

/// What `az graph query -o json` prints.
pub fn export(resources: &[Value]) -> String {
    serde_json::json!({"count": resources.len(), "data": resources, "skip_token": null, "total_records": resources.len()}).to_string()
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
