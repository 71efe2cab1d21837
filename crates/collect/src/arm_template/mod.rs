//! Azure Resource Manager templates (compiled Bicep among them) read as the resources they would deploy.
//!
//! A template is evaluated as Resource Manager would: parameters and their defaults, variables, user functions, copy
//! loops, conditions, nested and linked deployments, symbolic names, child resources in every spelling, and the
//! documented template functions. Nothing is fetched and nothing is deployed.
//!
//! # What cannot be known
//!
//! Every value is known, unknown or secret, and the three mix inside one object or one text.
//! - An unknown leaf holds the expression as written, and the resource's `unknowns` names its pointer. Known members
//!   beside it stay known. A condition that is unknown gives a resource whose existence is unknown (pointer `""`).
//! - Texts remember their known parts: `concat('oai-', uniqueString(resourceGroup().id))` is shown in names and ids as
//!   `oai-{uniqueString(resourceGroup().id)}`. The same expression gives the same text, so children, ids in properties
//!   and the resources they mean agree. `/name` is listed among the unknowns then.
//! - A text that surely is a resource id (it is known to start with `/subscriptions/` or `/providers/`) is given in that
//!   form, as a known value, so that resources can be joined by it.
//! - Without a [`Target`] ids hold the subscription `00000000-0000-0000-0000-000000000000` and the group
//!   `{resourceGroup}`; functions of them (`uniqueString`, `guid`) stay unknown. With a full target both functions give
//!   exactly what Azure gives.
//! - `reference` to a resource of the template knows what is declared there; `list*`, `pickZones`, `providers` and what
//!   Azure adds at run time stay unknown. `utcNow` is the instant given in [`Options`]; `newGuid` is unknown.
//! - An unknown loop count gives one instance whose existence is unknown.
//!
//! # Secrets
//!
//! The value of a secure parameter never enters evaluation: only whether one was given. In a body it stands as `***`,
//! inside of texts too.
//!
//! # Left out
//!
//! Deployments themselves (`Microsoft.Resources/deployments`) are containers and no resources of their own; `existing`
//! resources are listed apart; resources of other extensions (Microsoft Graph, Kubernetes) are noted.
//!
//! # Diagnostics
//!
//! | code | level | meaning |
//! |---|---|---|
//! | ARM0001 | error | the document is no template |
//! | ARM0002 | error | an expression cannot be read |
//! | ARM0003 | error | no such function, or not so many arguments |
//! | ARM0004 | error | a function does not take such arguments |
//! | ARM0005 | error | a parameter is not declared |
//! | ARM0006 | error | a variable is not declared |
//! | ARM0007 | error | a parameter or variable depends on itself |
//! | ARM0008 | warning | a given value is of the wrong type or not allowed |
//! | ARM0009 | warning | a value is given for no declared parameter |
//! | ARM0010 | error | a copy loop is wrong |
//! | ARM0011 | error | type, name or condition of a resource is wrong |
//! | ARM0012 | note | a linked template is not read |
//! | ARM0013 | error | a limit was reached |
//! | ARM0015 | note | a resource is no Azure resource |
//! | ARM0016 | error | a member is not there |
//! | ARM0017 | error | a nested deployment is wrong |
//! | ARM0018 | error | evaluation failed, which is a fault of the program |

mod access;
mod call;
mod cloud;
mod context;
mod copy_loop;
mod declaration;
mod deployment;
mod document_store;
mod emit;
mod environment;
mod evaluator;
mod fault;
mod functions;
mod lambda;
mod location;
mod nested;
mod options;
mod outputs;
mod parameter_type;
mod placeholder;
mod reference;
mod scope;
mod scope_functions;
mod symbolic_text;
mod syntax;
mod value;

use std::rc::Rc;

use stance_model::{Diagnostic, DiagnosticLevel, Resource, ResourceId, SourceLocation, Unknown};

use self::context::{Context, DeploymentId, EnvironmentId};
use self::document_store::DocumentStore;
use self::environment::Environment;
use self::evaluator::{Evaluator, Place};
use self::fault::Fault;
use self::scope::{Scope, ScopeKind};
use self::symbolic_text::{Hole, SymbolicText};
use crate::json::{Document, Node};

pub use options::{AzureCloud, Limits, LinkedFile, LinkedFiles, Options, Target};

/// Stack of the thread that evaluates. Expressions nest; the limits keep far below this.
const STACK_BYTES: usize = 64 << 20;

/// What a template declares.
#[derive(Debug, Clone, Default)]
pub struct TemplateResources {
    /// Resources that the template deploys, in the order they are written.
    pub resources: Vec<Resource>,
    /// Resources that the template expects to be there already.
    pub existing: Vec<ExistingResource>,
    /// Outputs of the outermost template.
    pub outputs: Vec<TemplateOutput>,
    /// What went wrong, in the order it was met.
    pub diagnostics: Vec<Diagnostic>,
}

/// A resource the template reads but does not deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingResource {
    /// Its id.
    pub id: ResourceId,
    /// Full type in lower case.
    pub resource_type: String,
    /// Where it is named.
    pub source: SourceLocation,
}

/// A value the template gives back.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateOutput {
    /// Its name.
    pub name: String,
    /// Its value; secure outputs stand as `***`.
    pub value: serde_json::Value,
    /// What in it is not known; pointers count from the value.
    pub unknowns: Vec<Unknown>,
    /// Where it is written.
    pub source: SourceLocation,
}

/// Whether a document is a deployment template: its `$schema` says so, or it has the members of one.
pub fn is_template(root: &Node) -> bool {
    let by_schema = root
        .get("$schema")
        .and_then(Node::text)
        .and_then(scope_kind);
    let resources = root.get("resources");
    by_schema.is_some()
        || (root.get("contentVersion").is_some()
            && resources.is_some_and(|node| node.items().is_some() || node.members().is_some()))
}

/// Whether a document is a parameter file.
pub fn is_parameter_file(root: &Node) -> bool {
    root.get("$schema")
        .and_then(Node::text)
        .is_some_and(|schema| {
            schema
                .to_ascii_lowercase()
                .contains("deploymentparameters.json")
        })
}

/// The level a template is deployed at, by its `$schema`.
fn scope_kind(schema: &str) -> Option<ScopeKind> {
    let schema = schema.to_ascii_lowercase();
    let file = schema
        .trim_end_matches('#')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    Some(match file {
        "deploymenttemplate.json" => ScopeKind::ResourceGroup,
        "subscriptiondeploymenttemplate.json" => ScopeKind::Subscription,
        "managementgroupdeploymenttemplate.json" => ScopeKind::ManagementGroup,
        "tenantdeploymenttemplate.json" => ScopeKind::Tenant,
        _ => return None,
    })
}

/// Evaluates a template. Never fails as a whole: what cannot be evaluated costs a diagnostic and stays unknown.
pub fn read(
    template: &Document,
    parameters: Option<&Document>,
    options: &Options<'_>,
) -> TemplateResources {
    // A thread of its own, because expressions nest deeper than a worker's stack may bear.
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new()
            .name("arm-template".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(threads, || evaluate(template, parameters, options));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(read)) => read,
            Ok(Err(_)) => not_evaluated(
                template,
                "ARM0018",
                "the template could not be evaluated, which is a fault of this program",
                "Please report it with the template.",
            ),
            Err(_) => not_evaluated(
                template,
                "ARM0013",
                "the template could not be evaluated with the memory there is",
                "Free memory and scan again.",
            ),
        }
    })
}

fn not_evaluated(template: &Document, code: &str, message: &str, help: &str) -> TemplateResources {
    TemplateResources {
        diagnostics: vec![Diagnostic {
            level: DiagnosticLevel::Error,
            file: template.file.clone(),
            line: 1,
            column: 1,
            code: code.to_owned(),
            message: message.to_owned(),
            help: help.to_owned(),
        }],
        ..TemplateResources::default()
    }
}

fn evaluate(
    template: &Document,
    parameters: Option<&Document>,
    options: &Options<'_>,
) -> TemplateResources {
    let documents = DocumentStore::default();
    let mut out = TemplateResources::default();
    let mut evaluator = Evaluator::new(options, &documents);
    let root = &template.root;
    let kind = root
        .get("$schema")
        .and_then(Node::text)
        .and_then(scope_kind)
        .unwrap_or(ScopeKind::ResourceGroup);
    let scope = Scope::of_target(kind, options.target);
    let own = Context::new(EnvironmentId(0));
    let mut environment = Environment::new(
        Rc::from(template.file.as_str()),
        root,
        DeploymentId(0),
        scope.clone(),
    );
    environment.deployment_name = match &options.target.deployment_name {
        Some(name) => SymbolicText::literal(name),
        None => SymbolicText::hole(Hole::of_call("deployment().name")),
    };
    evaluator.environments.push(environment);
    let deployment = evaluator.add_deployment(own.clone(), scope, root, 0);
    if !is_template(root) {
        let fault = Fault::new(
            "ARM0001",
            "the document is no deployment template",
            "A template has `$schema`, `contentVersion` and `resources`.",
        );
        evaluator.report(&own, Place::from(root), &fault);
        out.diagnostics = evaluator.diagnostics;
        return out;
    }
    if let Some(file) = parameters {
        evaluator.take_parameter_file(file, EnvironmentId(0));
        evaluator.check_given_parameters(EnvironmentId(0));
    }
    evaluator.emit(deployment, None, &mut out);
    evaluator.emit_outputs(deployment, &mut out);
    out.diagnostics = evaluator.diagnostics;
    // In the order a person reads: the template first, from top to bottom.
    out.diagnostics.sort_by(|one, other| {
        let order = |said: &Diagnostic| (said.file != template.file, said.line, said.column);
        order(one).cmp(&order(other))
    });
    out
}
