//! `stance paths choke-points`.

use std::fmt::Write as _;
use std::process::ExitCode;

use stance_exposure::choke::Proof;
use stance_operations::exposure::{ChokeReport, FixSet, RankedFix, choke_points};

use super::history::short;
use super::{stored, wanted};
use crate::arguments::bom::ListFormat;
use crate::arguments::paths::ChokePointsArguments;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::Output;

const HEADER: &[&str] = &[
    "Closes",
    "Risk cut",
    "On paths",
    "Change",
    "What it says",
    "Recommendation",
];

pub(super) async fn run(arguments: &ChokePointsArguments) -> Result<ExitCode, Failure> {
    let stored = stored(&arguments.listed.data).await?;
    let paths = wanted::select(stored.paths, None, &arguments.wanted)?;
    let report = choke_points(&paths, arguments.top, stored.bounded);
    let place = Output::open(arguments.listed.output.as_deref());
    let listing = Listing {
        header: HEADER,
        rows: report
            .ranking
            .iter()
            .map(|fix| row(fix, arguments.listed.format == ListFormat::Table))
            .collect(),
    };
    match arguments.listed.format {
        ListFormat::Table => place.write(text(&report, &listing).as_bytes())?,
        format => place.write(&listing.bytes(format, "change", &report)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn row(fix: &RankedFix, for_people: bool) -> Vec<String> {
    let change = if for_people {
        format!("{} {}", short(&fix.fix.object), fix.fix.field)
    } else {
        named(fix)
    };
    vec![
        fix.paths_closed.to_string(),
        format!("{:.1}", fix.risk_cut),
        fix.paths_on
            .map(|count| count.to_string())
            .unwrap_or_default(),
        change,
        fix.text.clone(),
        fix.recommendations.join(", "),
    ]
}

/// As `--fix` takes it.
fn named(fix: &RankedFix) -> String {
    format!("{}#{}", fix.fix.object, fix.fix.field)
}

fn text(report: &ChokeReport, listing: &Listing) -> String {
    let mut text = String::from("Each change alone:\n");
    text.push_str(&listing.table("change"));
    say_set(
        &mut text,
        "Together, the changes that cut most risk",
        &report.best,
        report,
    );
    say_set(
        &mut text,
        "The fewest changes that close every path",
        &report.smallest,
        report,
    );
    if let Proof::Greedy { .. } = report.smallest.proof {
        let _ = writeln!(
            text,
            "No set of fewer than {} closes as much.",
            report.smallest_at_least
        );
    }
    if !report.uncuttable.is_empty() {
        let _ = writeln!(
            text,
            "{} paths have a way that no single change cuts.",
            report.uncuttable.len()
        );
    }
    for bound in &report.bounded {
        let _ = writeln!(text, "{}", stance_base::safe_text::one_line(bound));
    }
    text
}

fn say_set(text: &mut String, title: &str, set: &FixSet, report: &ChokeReport) {
    let how = match set.proof {
        Proof::Exact => "exact".to_owned(),
        Proof::Greedy { bound } => format!("greedy, proven within a factor of {bound:.2}"),
    };
    let _ = writeln!(
        text,
        "\n{title} ({how}): {} of {} paths, {:.1} of {:.1} points",
        set.paths_closed, report.paths, set.risk_cut, report.risk_total
    );
    for (number, fix) in set.fixes.iter().enumerate() {
        let change = stance_base::safe_text::one_line(&named(fix)).into_owned();
        let _ = writeln!(
            text,
            "{:>3}. {change} (closes {})",
            number + 1,
            fix.paths_closed
        );
    }
}
