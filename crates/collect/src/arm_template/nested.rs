//! Deployments inside deployments: inline templates, linked files, and the scope they land in.

use std::rc::Rc;

use super::context::{Context, DeploymentId, EnvironmentId, InstanceId, Lazy};
use super::deployment::{Deployment, Presence};
use super::environment::{Environment, Source};
use super::evaluator::Evaluator;
use super::fault::Fault;
use super::scope::{Scope, ScopeKind, joined};
use super::symbolic_text::{Part, SymbolicText};
use super::value::Value;
use crate::json::{self, Document, Node};

/// Most linked files of one template.
const MOST_LINKED: usize = 500;

/// A template to deploy, and the file it stands in.
struct Found<'a> {
    file: Rc<str>,
    template: &'a Node,
    linked: bool,
}

impl<'a> Evaluator<'a> {
    /// The deployment an instance of `Microsoft.Resources/deployments` makes; `None` where its template is not to be had.
    pub(super) fn child_of(&mut self, id: InstanceId) -> Option<DeploymentId> {
        match &self.instance(id).child {
            Lazy::Done(child) => return *child,
            Lazy::Running => return None,
            Lazy::Untouched => {}
        }
        self.instances[id.0].child = Lazy::Running;
        let child = self.make_child(id);
        self.instances[id.0].child = Lazy::Done(child);
        child
    }

    fn make_child(&mut self, id: InstanceId) -> Option<DeploymentId> {
        let instance = self.instance(id);
        if instance.existing || instance.presence == Presence::Absent {
            return None;
        }
        let (context, node, outer) = (instance.context.clone(), instance.node, instance.deployment);
        let name = instance.located.names.last().cloned().unwrap_or_default();
        let depth = self.deployment(outer).depth + 1;
        if depth > self.options.limits.deployments_deep {
            let deepest = self.options.limits.deployments_deep;
            let fault = Fault::limit(format!(
                "deployments are nested deeper than {deepest} levels"
            ));
            self.report(&context, node.into(), &fault);
            return None;
        }
        let properties = node.get("properties")?;
        let found = self.template_of(&context, properties)?;
        let outer_scope = self.deployment(outer).scope.clone();
        let scope = self.target_scope(&context, node, &outer_scope);
        let environment_id = EnvironmentId(self.environments.len());
        let outer_scoped = !found.linked && self.is_outer_scoped(&context, properties);
        let inside = if outer_scoped {
            Context {
                inner: Some(environment_id),
                ..context.clone()
            }
        } else {
            Context::new(environment_id)
        };
        let child = self.add_deployment(inside, scope.clone(), found.template, depth);
        let mut environment = Environment::new(found.file, found.template, child, scope);
        environment.deployment_name = name;
        environment.outer = Some(context.environment);
        self.environments.push(environment);
        self.pass_parameters(&context, properties, environment_id);
        Some(child)
    }

    /// Adds a deployment of a template.
    pub(super) fn add_deployment(
        &mut self,
        context: Context,
        scope: Scope,
        template: &'a Node,
        depth: usize,
    ) -> DeploymentId {
        self.deployments.push(Deployment {
            context,
            scope,
            resources: template.get("resources"),
            outputs: template.get("outputs"),
            instances: Vec::new(),
            expanded: Lazy::Untouched,
            output_values: Lazy::Untouched,
            depth,
        });
        DeploymentId(self.deployments.len() - 1)
    }

    /// Expressions of an inline template belong to the template around it unless it says `inner`.
    /// With symbolic names `inner` is the default, and the only way.
    fn is_outer_scoped(&mut self, context: &Context, properties: &'a Node) -> bool {
        let written = properties
            .get("expressionEvaluationOptions")
            .and_then(|options| options.get("scope"));
        let value = written.map(|written| self.value(context, written));
        match value.as_ref().and_then(Value::as_text) {
            Some(scope) if scope.eq_ignore_ascii_case("inner") => false,
            Some(scope) if scope.eq_ignore_ascii_case("outer") => true,
            _ => !self.environment(context.environment).has_symbolic_names(),
        }
    }

    fn pass_parameters(
        &mut self,
        context: &Context,
        properties: &'a Node,
        environment: EnvironmentId,
    ) {
        let link = properties.get("parametersLink");
        if let Some(document) = link.and_then(|link| self.linked(context, link)) {
            self.take_parameter_file(document, environment);
        }
        let Some(given) = properties.get("parameters") else {
            return;
        };
        let Some(members) = given.members() else {
            let fault = Fault::new(
                "ARM0017",
                "the parameters of a nested deployment are made by an expression and stay unknown",
                "Write the parameters as an object.",
            );
            self.report(context, given.into(), &fault);
            return;
        };
        for member in members {
            let source = match (member.value.get("value"), member.value.get("reference")) {
                _ if member.value.text().is_some() => Source::Entry(&member.value, context.clone()),
                (Some(value), _) => Source::Passed(value, context.clone()),
                (None, Some(_)) => Source::Vault,
                (None, None) => continue,
            };
            let declared = self.environments[environment.0]
                .parameters
                .get_mut(&member.key.to_lowercase());
            if let Some(parameter) = declared {
                parameter.source = source;
                continue;
            }
            let fault = Fault::new(
                "ARM0009",
                format!("the nested template declares no parameter `{}`", member.key),
                "Remove the parameter, or declare it in the nested template.",
            );
            self.report(context, member.into(), &fault);
        }
    }

    /// Gives an environment the values of a parameter file.
    pub(super) fn take_parameter_file(
        &mut self,
        document: &'a Document,
        environment: EnvironmentId,
    ) {
        let given = document.root.get("parameters").unwrap_or(&document.root);
        for member in given.members().unwrap_or_default() {
            let (value, reference) = (member.value.get("value"), member.value.get("reference"));
            let source = match (value, reference) {
                (Some(value), _) => Source::Literal(value, &document.file),
                (None, Some(_)) => Source::Vault,
                (None, None)
                    if member.key.starts_with('$')
                        || member.key.eq_ignore_ascii_case("contentVersion") =>
                {
                    continue;
                }
                (None, None) => {
                    let fault = Fault::new(
                        "ARM0009",
                        format!(
                            "the parameter `{}` has neither `value` nor `reference`",
                            member.key
                        ),
                        "Write it as `{ \"value\": … }`.",
                    );
                    self.report_parameter_file(document, member, &fault);
                    continue;
                }
            };
            let declared = self.environments[environment.0]
                .parameters
                .get_mut(&member.key.to_lowercase());
            if let Some(parameter) = declared {
                parameter.source = source;
                continue;
            }
            let fault = Fault::new(
                "ARM0009",
                format!("the template declares no parameter `{}`", member.key),
                "Remove it from the parameter file, or declare it in the template.",
            );
            self.report_parameter_file(document, member, &fault);
        }
    }

    fn report_parameter_file(&mut self, document: &Document, member: &json::Member, fault: &Fault) {
        self.report_in(
            &document.file,
            member.into(),
            stance_model::DiagnosticLevel::Warning,
            fault,
        );
    }

    /// Where a nested deployment lands.
    pub(super) fn target_scope(
        &mut self,
        context: &Context,
        node: &'a Node,
        outer: &Scope,
    ) -> Scope {
        if let Some(written) = node.get("scope") {
            let value = self.value(context, written);
            let text = value.to_symbolic().unwrap_or_default();
            let text = if text.known_prefix().starts_with('/') || text.known_prefix().is_empty() {
                text
            } else {
                joined(&[&SymbolicText::literal("/providers/"), &text])
            };
            if let Some(scope) = outer.at_id(&text) {
                return scope;
            }
        }
        self.moved_scope(context, node, outer)
    }

    /// The scope after `subscriptionId` and `resourceGroup` of a resource.
    pub(super) fn moved_scope(
        &mut self,
        context: &Context,
        node: &'a Node,
        outer: &Scope,
    ) -> Scope {
        let mut scope = outer.clone();
        if let Some(subscription) = self.scope_name(context, node, "subscriptionId") {
            scope.subscription = subscription;
            scope.kind = ScopeKind::Subscription;
        }
        if let Some(group) = self.scope_name(context, node, "resourceGroup") {
            scope.resource_group = group;
            scope.kind = ScopeKind::ResourceGroup;
        }
        scope
    }

    fn scope_name(&mut self, context: &Context, node: &'a Node, key: &str) -> Option<SymbolicText> {
        let value = self.value(context, node.get(key)?);
        value.to_symbolic().filter(|text| text.len() > 0)
    }

    fn template_of(&mut self, context: &Context, properties: &'a Node) -> Option<Found<'a>> {
        if let Some(template) = properties.get("template") {
            if template.members().is_some() {
                let file = self.environment(context.environment).file.clone();
                return Some(Found {
                    file,
                    template,
                    linked: false,
                });
            }
            let fault = Fault::new(
                "ARM0017",
                "the template of a nested deployment is no object and is not read",
                "Write the nested template as an object.",
            );
            self.report(context, template.into(), &fault);
            return None;
        }
        let Some(link) = properties.get("templateLink") else {
            let fault = Fault::new(
                "ARM0017",
                "a nested deployment has neither `template` nor `templateLink`",
                "Give the deployment a template.",
            );
            self.report(context, properties.into(), &fault);
            return None;
        };
        let document = self.linked(context, link)?;
        Some(Found {
            file: Rc::from(document.file.as_str()),
            template: &document.root,
            linked: true,
        })
    }

    /// The file a link names, where it lies in the input; else a note.
    fn linked(&mut self, context: &Context, link: &'a Node) -> Option<&'a Document> {
        let outcome = self.try_linked(context, link);
        match outcome {
            Ok(document) => Some(document),
            Err(reason) => {
                let fault = Fault::new(
                    "ARM0012",
                    format!("a linked template is not read: {reason}"),
                    "Put the linked file beside this one, or scan it by itself; nothing is fetched from a network.",
                );
                self.report(context, link.into(), &fault);
                None
            }
        }
    }

    fn try_linked(&mut self, context: &Context, link: &'a Node) -> Result<&'a Document, String> {
        let path = self.link_path(context, link)?;
        let finder = self
            .options
            .links
            .ok_or_else(|| "no folder to look in was given".to_owned())?;
        let from = self.environment(context.environment).file.clone();
        let found = finder.read(&from, &path)?;
        let mut around = Some(context.environment);
        while let Some(id) = around {
            let environment = self.environment(id);
            if environment.file.as_ref() == found.file {
                return Err(format!("`{}` links to itself", found.file));
            }
            around = environment.outer;
        }
        let documents = self.documents;
        if let Some(known) = documents.find(&found.file) {
            return Ok(known);
        }
        if documents.len() >= MOST_LINKED {
            return Err(format!("more than {MOST_LINKED} files are linked"));
        }
        let parsed = json::parse(&found.file, &found.text, &json::Limits::default());
        let reason = parsed
            .diagnostics
            .last()
            .map(|diagnostic| diagnostic.message.clone());
        if self.is_first("linked", &found.file) {
            self.diagnostics.extend(parsed.diagnostics);
        }
        match parsed.document {
            Some(document) => Ok(documents.add(document)),
            None => Err(reason.unwrap_or_default()),
        }
    }

    /// The path of a link below the folder of the template that links.
    fn link_path(&mut self, context: &Context, link: &'a Node) -> Result<String, String> {
        if link.get("id").is_some() {
            return Err("it is a template spec in Azure".to_owned());
        }
        let written = link.get("relativePath").or_else(|| link.get("uri"));
        let written =
            written.ok_or_else(|| "the link has neither `relativePath` nor `uri`".to_owned())?;
        let text = self
            .value(context, written)
            .to_symbolic()
            .unwrap_or_default();
        let path = match text.parts() {
            // The place of the template itself is unknown, what is put onto it is not.
            [Part::Literal(path)]
            | [Part::Hole(_), Part::Literal(path)]
            | [Part::Hole(_), Part::Literal(path), Part::Hole(_)] => path.clone(),
            _ => {
                return Err(format!(
                    "its place `{}` is not known before deployment",
                    text.shown()
                ));
            }
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = path.trim_start_matches('/').trim_start_matches("./");
        if path.contains("://") {
            return Err(format!("`{path}` is not a file of the input"));
        }
        if path.is_empty() {
            return Err("its place is not known before deployment".to_owned());
        }
        Ok(path.to_owned())
    }
}
