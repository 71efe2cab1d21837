//! `stance policy states` and `stance policy compliance`.

use std::io::Write;

use serde_json::{Value, json};
use stance_base::safe_text;
use stance_operations::policy_states::{self, StateFilter};
use stance_policy::{AssignmentCompliance, ComplianceState, RollUp, Tally};

use super::{shape, text_table};
use crate::arguments::policy::{
    ComplianceArguments, ShapeFormat, StateFilterArguments, StatesArguments,
};
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;

fn filter(arguments: &StateFilterArguments, state: Option<ComplianceState>) -> StateFilter {
    let text = |given: &Option<String>| given.clone().unwrap_or_default();
    StateFilter {
        assignment: text(&arguments.assignment),
        initiative: text(&arguments.initiative),
        scope: text(&arguments.scope),
        state,
    }
}

/// Lists states.
pub(super) async fn list(arguments: &StatesArguments) -> Result<(), Failure> {
    let lake = data_folder::lake(&arguments.data)?;
    let filter = filter(&arguments.filter, arguments.state);
    let (states, more) = policy_states::list(&lake, &filter, arguments.top).await?;
    if more {
        say(&format!(
            "only the first {} states are listed; --top lists more",
            arguments.top
        ));
    }
    let columns = [
        "resourceId",
        "complianceState",
        "policyDefinitionName",
        "policyAssignmentName",
    ];
    let shape = &arguments.shape;
    shape::show_columns(
        Value::Array(states),
        shape.query.as_deref(),
        shape.format,
        &columns,
    )
}

/// Shows compliance.
pub(super) async fn compliance(arguments: &ComplianceArguments) -> Result<(), Failure> {
    let lake = data_folder::lake(&arguments.data)?;
    let roll_up = policy_states::compliance(&lake, &filter(&arguments.filter, None)).await?;
    if roll_up.resources.total() == 0 {
        say("there are no policy states; `stance scan` makes them");
    }
    if arguments.format == ShapeFormat::Table && arguments.query.is_none() {
        let text = text_table::render(&headers(), rows(&roll_up));
        return Output::open(None).write(text.as_bytes());
    }
    shape::show(
        json_of(&roll_up),
        arguments.query.as_deref(),
        arguments.format,
    )
}

fn say(text: &str) {
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{}", safe_text::terminal(text));
}

fn headers() -> Vec<String> {
    [
        "Of",
        "Name",
        "Compliance",
        "Of known",
        "Resources",
        "NonCompliant",
        "Compliant",
        "Exempt",
        "Unknown",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The whole first, then each assignment with its groups and definitions.
fn rows(roll_up: &RollUp) -> Vec<Vec<String>> {
    let mut rows = vec![row("all", "", &roll_up.resources)];
    for ((assignment, initiative), own) in &roll_up.assignments {
        let name = match (short(assignment), short(initiative)) {
            ("", "") => "not assigned".to_owned(),
            ("", initiative) => format!("{initiative} (not assigned)"),
            (assignment, "") => assignment.to_owned(),
            (assignment, initiative) => format!("{assignment}: {initiative}"),
        };
        rows.push(row("assignment", &name, &own.resources));
        rows.extend(
            own.groups
                .iter()
                .map(|(group, tally)| row("group", group, tally)),
        );
        rows.extend(
            own.policies
                .iter()
                .map(|(reference, policy)| row("definition", short(reference), &policy.resources)),
        );
    }
    rows
}

fn row(of: &str, name: &str, tally: &Tally) -> Vec<String> {
    let percent = |share: Option<f64>| {
        share
            .map(|share| format!("{share:.1} %"))
            .unwrap_or_default()
    };
    let mut row = vec![
        of.to_owned(),
        name.to_owned(),
        percent(tally.percentage()),
        percent(tally.percentage_of_known()),
    ];
    let counts = [
        tally.total(),
        tally.non_compliant,
        tally.compliant,
        tally.exempt,
        tally.unknown,
    ];
    row.extend(counts.map(|count| count.to_string()));
    row
}

/// The last segment of an id.
fn short(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn json_of(roll_up: &RollUp) -> Value {
    let initiatives = roll_up.initiatives.iter();
    json!({
        "resources": tally(&roll_up.resources),
        "initiatives": initiatives
            .map(|(id, own)| json!({"policySetDefinitionId": id, "resources": tally(own)}))
            .collect::<Vec<_>>(),
        "assignments": roll_up
            .assignments
            .iter()
            .map(|((assignment, initiative), own)| assignment_json(assignment, initiative, own))
            .collect::<Vec<_>>(),
    })
}

fn assignment_json(assignment: &str, initiative: &str, own: &AssignmentCompliance) -> Value {
    json!({
        "policyAssignmentId": assignment,
        "policySetDefinitionId": initiative,
        "resources": tally(&own.resources),
        "groups": own
            .groups
            .iter()
            .map(|(name, group)| json!({"name": name, "resources": tally(group)}))
            .collect::<Vec<_>>(),
        "definitions": own
            .policies
            .iter()
            .map(|(reference, policy)| json!({
                "policyDefinitionReferenceId": reference,
                "policyDefinitionId": policy.definition,
                "resources": tally(&policy.resources),
            }))
            .collect::<Vec<_>>(),
    })
}

fn tally(tally: &Tally) -> Value {
    json!({
        "state": tally.state().map(ComplianceState::as_str),
        "percentage": rounded(tally.percentage()),
        "percentageOfKnown": rounded(tally.percentage_of_known()),
        "total": tally.total(),
        "nonCompliant": tally.non_compliant,
        "compliant": tally.compliant,
        "conflict": tally.conflict,
        "exempt": tally.exempt,
        "unknown": tally.unknown,
    })
}

/// Rounded to one decimal.
fn rounded(share: Option<f64>) -> Option<f64> {
    share.map(|share| (share * 10.0).round() / 10.0)
}
