//! `stance policy`: definitions, initiatives, assignments and exemptions as files; compliance as it stands.

mod create;
mod list;
mod own;
mod shape;
mod states;
mod text_table;

use std::process::ExitCode;

use crate::arguments::policy::{
    AssignmentCommand, DefinitionCommand, ExemptionCommand, InitiativeCommand, PolicyArguments,
    PolicyCommand,
};
use crate::failure::Failure;

/// Runs the command below `stance policy`.
pub(crate) async fn run(arguments: &PolicyArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        PolicyCommand::List(list) => list::definitions(list)?,
        PolicyCommand::Show(show) => list::definition(show)?,
        PolicyCommand::Definition(definition) => match &definition.command {
            DefinitionCommand::List(list) => list::definitions(list)?,
            DefinitionCommand::Show(show) => list::definition(show)?,
        },
        PolicyCommand::Initiative(initiative) => match &initiative.command {
            InitiativeCommand::Create(create) => create::initiative(create)?,
            InitiativeCommand::List(list) => list::initiatives(list)?,
            InitiativeCommand::Show(show) => list::initiative(show)?,
            InitiativeCommand::Delete(delete) => own::delete(delete, own::Kind::Initiative)?,
        },
        PolicyCommand::Assign(assign) => create::assignment(assign)?,
        PolicyCommand::Assignment(assignment) => match &assignment.command {
            AssignmentCommand::Create(assign) => create::assignment(assign)?,
            AssignmentCommand::List(list) => list::assignments(list)?,
            AssignmentCommand::Show(show) => list::assignment(show)?,
            AssignmentCommand::Delete(delete) => own::delete(delete, own::Kind::Assignment)?,
        },
        PolicyCommand::Exempt(exempt) => create::exemption(exempt)?,
        PolicyCommand::Exemption(exemption) => match &exemption.command {
            ExemptionCommand::Create(exempt) => create::exemption(exempt)?,
            ExemptionCommand::List(list) => list::exemptions(list)?,
            ExemptionCommand::Show(show) => list::exemption(show)?,
            ExemptionCommand::Delete(delete) => own::delete(delete, own::Kind::Exemption)?,
        },
        PolicyCommand::States(arguments) => states::list(arguments).await?,
        PolicyCommand::Compliance(arguments) => states::compliance(arguments).await?,
    }
    Ok(ExitCode::SUCCESS)
}
