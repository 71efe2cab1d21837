//! `stance doctor`.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use stance_base::safe_text;
use stance_collect::CollectOptions;
use stance_kql::{Engine, EngineOptions};
use stance_operations::catalog::catalog;
use stance_operations::doctor::{DoctorRequest, Explanation, Weight, examine};

use crate::arguments::{DoctorArguments, DoctorFormat};
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use crate::terminal::{self, Stream};

/// Explains what is missing. Exit code 0: nothing was found that needs mending.
pub(crate) async fn run(arguments: &DoctorArguments) -> Result<ExitCode, Failure> {
    let clock = data_folder::clock(&arguments.data);
    let lake = data_folder::lake(&arguments.data)?;
    let tables = catalog(&lake, &[]).await?;
    let options = EngineOptions {
        clock: clock.clone(),
        ..EngineOptions::default()
    };
    let engine = Engine::new(Arc::new(tables), options)?;
    let request = DoctorRequest {
        wanted: arguments.wanted.clone(),
        paths: arguments.input.clone(),
        reading: CollectOptions {
            now: clock.now(),
            ..CollectOptions::default()
        },
    };
    let found = examine(&engine, &request).await?;
    let text = match arguments.format {
        DoctorFormat::Text => as_text(&found, terminal::colour(Stream::Output)),
        DoctorFormat::Json => stance_report::json::to_safe_json(&found)? + "\n",
    };
    Output::open(None).write(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn as_text(found: &[Explanation], colour: bool) -> String {
    let mut text = String::new();
    for weight in [Weight::Cause, Weight::Hint, Weight::Good] {
        for one in found.iter().filter(|one| one.weight == weight) {
            let (mark, paint) = match weight {
                Weight::Cause => ("cause", "31"),
                Weight::Hint => ("hint ", "33"),
                Weight::Good => ("good ", "32"),
            };
            let mark = if colour {
                format!("\u{1b}[{paint}m{mark}\u{1b}[0m")
            } else {
                mark.to_owned()
            };
            let said = safe_text::one_line(&one.text);
            let _ = writeln!(text, "{mark}  {:<9}  {said}", one.topic);
            if !one.help.is_empty() {
                let help = safe_text::one_line(&one.help);
                let _ = writeln!(text, "                  {help}");
            }
        }
    }
    text
}
