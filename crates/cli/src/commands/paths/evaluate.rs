//! `stance paths evaluate`.

use std::process::ExitCode;

use stance_operations::exposure::{GraphFiles, evaluate_files, evaluate_now};

use super::{show, view};
use crate::arguments::paths::PathsEvaluateArguments;
use crate::commands::bom::open;
use crate::failure::Failure;

pub(super) async fn run(arguments: &PathsEvaluateArguments) -> Result<ExitCode, Failure> {
    let (lake, clock) = open(&arguments.data)?;
    if let (Some(nodes), Some(edges)) = (&arguments.nodes, &arguments.edges) {
        let files = GraphFiles {
            nodes: nodes.clone(),
            edges: edges.clone(),
        };
        let found = evaluate_files(&lake, &files).await?;
        say_diagnostics(&found.diagnostics);
        let report = view::report(&found.paths, found.bounded, clock.now());
        show::write(
            &report,
            arguments.format,
            false,
            arguments.output.as_deref(),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let outcome = evaluate_now(&lake, clock.now(), |text| eprintln!("{text}")).await?;
    say_diagnostics(&outcome.diagnostics);
    eprintln!(
        "{} nodes, {} edges, {} attack paths: {} opened, {} closed",
        outcome.nodes,
        outcome.edges,
        outcome.paths.open,
        outcome.paths.opened,
        outcome.paths.closed
    );
    for bound in &outcome.bounded {
        eprintln!("{bound}");
    }
    Ok(ExitCode::SUCCESS)
}

fn say_diagnostics(diagnostics: &[stance_model::Diagnostic]) {
    for one in diagnostics {
        eprintln!(
            "error[{}] {}: {}",
            one.code,
            stance_base::safe_text::one_line(&one.file),
            stance_base::safe_text::one_line(&one.message)
        );
    }
}
