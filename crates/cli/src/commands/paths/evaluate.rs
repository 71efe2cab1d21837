//! `stance paths evaluate`.

use std::io::Write as _;
use std::process::ExitCode;

use stance_operations::exposure::{FilesStats, GraphFiles, evaluate_files, evaluate_now};

use super::{show, view};
use crate::arguments::paths::PathsEvaluateArguments;
use crate::commands::bom::open;
use crate::failure::Failure;
use crate::terminal::say;

pub(super) async fn run(arguments: &PathsEvaluateArguments) -> Result<ExitCode, Failure> {
    let (lake, clock) = open(&arguments.data)?;
    if let (Some(nodes), Some(edges)) = (&arguments.nodes, &arguments.edges) {
        let files = GraphFiles {
            nodes: nodes.clone(),
            edges: edges.clone(),
        };
        let found = evaluate_files(&lake, &files).await?;
        say_diagnostics(&found.diagnostics);
        if arguments.stats {
            say_statistics(&found.stats);
        }
        let report = view::report(&found.paths, found.bounded, clock.now());
        show::write(
            &report,
            arguments.format,
            false,
            arguments.output.as_deref(),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let outcome = evaluate_now(&lake, clock.now(), say).await?;
    say_diagnostics(&outcome.diagnostics);
    say(&format!(
        "{} nodes, {} edges, {} attack paths: {} opened, {} closed",
        outcome.nodes,
        outcome.edges,
        outcome.paths.open,
        outcome.paths.opened,
        outcome.paths.closed
    ));
    for bound in &outcome.bounded {
        say(bound);
    }
    Ok(ExitCode::SUCCESS)
}

fn say_diagnostics(diagnostics: &[stance_model::Diagnostic]) {
    for one in diagnostics {
        say(&format!(
            "error[{}] {}: {}",
            one.code,
            stance_base::safe_text::one_line(&one.file),
            stance_base::safe_text::one_line(&one.message)
        ));
    }
}

fn say_statistics(stats: &FilesStats) {
    let mut out = std::io::stderr().lock();
    let seconds = |time: std::time::Duration| format!("{:.3} s", time.as_secs_f64());
    // A closed standard error is no reason to fail.
    let _ = writeln!(
        out,
        "{} nodes, {} edges; load {}, search {}, paths {}",
        stats.nodes,
        stats.edges,
        seconds(stats.load_time),
        seconds(stats.search_time),
        seconds(stats.record_time)
    );
    for (rule, time, paths) in &stats.rules {
        let _ = writeln!(out, "{rule}: {}, {paths} paths", seconds(*time));
    }
}
