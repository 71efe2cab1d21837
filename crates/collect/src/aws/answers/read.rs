//! Answers to drafts.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::aws::arn::is_account;
use crate::aws::draft::Draft;
use crate::aws::place::{self, Hints, Place};
use crate::aws::shape::shape;
use crate::aws::store::Standing;
use crate::aws::{store, types};
use crate::codes;
use crate::context::FileContext;
use crate::formats::Found;
use crate::stream;

use super::detect::{fits, fits_list, is_recorded};
use super::table::{self, Rule, Tells};
use super::{identity, settings};

/// One answer on its way into the store.
pub(super) struct Answer<'c, 'f> {
    pub(super) context: &'c mut FileContext<'f>,
    pub(super) hints: Hints,
    pub(super) at: stream::Place,
}

/// Reads an answer, recorded or as the command line prints it.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let mut body = found.body;
    if is_recorded(&body)
        && let Some(Value::Object(inner)) = body.shift_remove("data")
    {
        body = inner;
    }
    body.shift_remove("ResponseMetadata");
    // The file is understood, whatever it holds.
    context.coverage_rows += 1;
    let hints = place::hints(context.file);
    let mut answer = Answer {
        hints,
        at: found.place,
        context,
    };
    answer.read(body);
    if context.input.aws.is_full() {
        return store::deliver(context);
    }
    ControlFlow::Continue(())
}

/// A file without anything in it: the command line prints nothing for an empty answer. `false`: it is just empty.
pub(crate) fn empty(context: &mut FileContext<'_>) -> bool {
    let hints = place::hints(context.file);
    let told = hints.account.is_some() && hints.region.is_some();
    if hints.operation != settings::LOGGING || !told {
        return false;
    }
    context.coverage_rows += 1;
    let mut answer = Answer {
        hints,
        at: stream::Place::NONE,
        context,
    };
    settings::read(&mut answer, &Map::new())
}

impl Answer<'_, '_> {
    fn read(&mut self, mut body: Map<String, Value>) {
        if let Some(error) = body
            .get("Error")
            .filter(|error| error.get("Code").is_some())
        {
            let error = error.clone();
            return self.refusal(&error, &body);
        }
        if settings::read(self, &body) {
            return;
        }
        let more = more_pages(&body);
        let keys: Vec<String> = body.keys().cloned().collect();
        let mut known = false;
        for key in keys {
            match body.get(&key) {
                Some(Value::Array(items)) => {
                    let Some(rule) = table::list(&key).filter(|rule| fits_list(rule, items)) else {
                        continue;
                    };
                    if let Some(Value::Array(items)) = body.shift_remove(&key) {
                        self.list(rule, items, more.as_deref());
                        known = true;
                    }
                }
                Some(Value::Object(inner)) => {
                    let Some(rule) = table::object(&key).filter(|rule| fits(rule, inner)) else {
                        continue;
                    };
                    if let Some(Value::Object(inner)) = body.shift_remove(&key) {
                        // `get-function` answers tags beside the configuration.
                        let beside = body.shift_remove("Tags");
                        self.thing(rule, inner, beside, false);
                        known = true;
                    }
                }
                _ => {}
            }
        }
        if known {
            return;
        }
        if let Some(rule) = table::top(&body) {
            self.thing(rule, body, None, false);
        } else if let Some(arn) = identity::own_arn(&body).map(str::to_owned) {
            let rule = Rule::default();
            self.named(&rule, Some(arn), body, None, false);
        }
    }

    fn list(&mut self, rule: &Rule, items: Vec<Value>, more: Option<&str>) {
        let count = items.len() as u64;
        let asked = rule.operations.get(&self.hints.operation).cloned();
        let mut kinds: Vec<String> = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for item in items {
            let Value::Object(item) = item else { continue };
            let Some((kind, place)) = self.thing(rule, item, None, rule.tells != Tells::Named)
            else {
                continue;
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
            if let Some(place) = place.filter(|place| !places.contains(place)) {
                places.push(place);
            }
        }
        if rule.tells == Tells::Named {
            return;
        }
        if kinds.is_empty() {
            // An empty list whose name many services use is of the type that the file's name says.
            let plain = || rule.kind.clone().filter(|_| rule.only_with.is_empty());
            kinds.extend(asked.or_else(plain));
        }
        let place = places.pop().filter(|_| places.is_empty());
        let file = self.context.file.to_owned();
        for kind in kinds {
            let part = rule.tells == Tells::Parts || kind == "aws::bedrockagentcore::gatewaytarget";
            let more = more.or_else(|| part.then_some("the parts of one resource were listed"));
            let store = &mut self.context.input.aws;
            store.list(&self.hints, &file, &kind, place.clone(), more, count);
        }
    }

    /// One thing. Gives its type and place.
    pub(super) fn thing(
        &mut self,
        rule: &Rule,
        body: Map<String, Value>,
        beside: Option<Value>,
        listed: bool,
    ) -> Option<(String, Option<Place>)> {
        let arn = rule
            .arn
            .as_ref()
            .and_then(|member| body.get(member))
            .and_then(Value::as_str)
            .map(str::to_owned);
        self.named(rule, arn, body, beside, listed)
    }

    fn named(
        &mut self,
        rule: &Rule,
        arn: Option<String>,
        body: Map<String, Value>,
        beside: Option<Value>,
        listed: bool,
    ) -> Option<(String, Option<Place>)> {
        let by_member = rule
            .by_member
            .iter()
            .find(|(member, _)| body.contains_key(*member))
            .map(|(_, kind)| kind.clone());
        let kind = by_member
            .or_else(|| rule.kind.clone())
            .or_else(|| rule.operations.get(&self.hints.operation).cloned())
            .or_else(|| table::type_of(arn.as_deref()?))?;
        // The same list holds both kinds of profiles.
        let profile = ":application-inference-profile/";
        let kind = if arn.as_deref().is_some_and(|arn| arn.contains(profile)) {
            "aws::bedrock::applicationinferenceprofile".to_owned()
        } else {
            kind
        };
        let full = table::rules(&kind).is_some_and(|rules| rules.full_list)
            && rule.tells != Tells::Summary;
        let standing = match () {
            () if listed && !full => Standing::Summary,
            () if rule.tells == Tells::Setting => Standing::Addition,
            () => Standing::Details,
        };
        let (properties, mut tags) = shape(&kind, body);
        if let Some(beside) = beside {
            tags.extend(crate::aws::draft::tags(&beside));
        }
        let made = || {
            let own = rule.id.as_deref();
            let pattern = own.map_or_else(|| types::arn_pattern(&kind), Into::into);
            identity::made(&pattern, &properties, &self.hints)
        };
        let id = arn.map(|arn| unversioned(&kind, arn)).or_else(made);
        let Some(id) = id else {
            self.partless(&kind);
            return None;
        };
        let mut draft = Draft {
            name: identity::name_of(&kind, &id, &properties),
            parent: identity::parent_of(&kind, &id, &properties),
            resource_type: kind.clone(),
            id,
            tags,
            properties,
            ..Draft::default()
        };
        placed(&mut draft, &self.hints);
        let place = Place::of_arn(&draft.id);
        self.take(draft, standing);
        Some((kind, place))
    }

    pub(super) fn take(&mut self, draft: Draft, standing: Standing) {
        let file = self.context.file.to_owned();
        self.context
            .input
            .aws
            .take(&self.hints, &file, self.at, draft, standing);
    }

    /// A part of something that the answer does not name.
    fn partless(&mut self, kind: &str) {
        let message = format!("the answer does not say of what its `{kind}` is a part");
        self.context.report(codes::AWS_ANSWER, self.at, &message);
    }

    fn refusal(&mut self, error: &Value, body: &Map<String, Value>) {
        let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
        let code = text("Code");
        // That something is not set is an answer like any other.
        let refused = ["AccessDenied", "Unauthorized", "Forbidden"];
        if refused.iter().any(|known| code.contains(known)) {
            let message = format!("the answer is an error, {code}: {}", text("Message"));
            self.context.report(codes::ACCESS_DENIED, self.at, &message);
            self.context.input.incomplete = true;
            return;
        }
        if code.starts_with("NoSuch") || code.ends_with("NotFoundError") {
            settings::bucket(self, body);
        }
    }
}

/// Functions are told with the version that was asked for.
fn unversioned(kind: &str, arn: String) -> String {
    if kind == "aws::lambda::function" {
        return arn
            .strip_suffix(":$LATEST")
            .map_or(arn.clone(), str::to_owned);
    }
    if kind == "aws::logs::loggroup" {
        return arn.strip_suffix(":*").map_or(arn.clone(), str::to_owned);
    }
    arn
}

/// Account and region that the answer tells beside the ARN.
fn placed(draft: &mut Draft, hints: &Hints) {
    let text = |key: &str| draft.properties.get(key).and_then(Value::as_str);
    let account = text("OwnerId").or_else(|| text("OwnerAccountId"));
    let account = account
        .filter(|account| is_account(account))
        .map(str::to_owned);
    let region = text("BucketRegion").map(str::to_owned).or_else(|| {
        // com.amazonaws.eu-west-1.bedrock-runtime
        let service = text("ServiceName")?;
        let region = service
            .split('.')
            .find(|part| crate::aws::arn::is_region(part))?;
        Some(region.to_owned())
    });
    draft.account = account;
    draft.region = region;
    let regional = types::arn_pattern(&draft.resource_type).contains("{region}");
    if draft.account.is_none()
        && !draft.id.contains(store::ACCOUNT)
        && Place::of_arn(&draft.id).is_none()
    {
        draft.account.clone_from(&hints.account);
    }
    if regional && draft.region.is_none() && draft.id.contains(store::REGION) {
        draft.region.clone_from(&hints.region);
    }
}

/// Why an answer is not whole.
pub(crate) fn more_pages(body: &Map<String, Value>) -> Option<String> {
    let keys = [
        "nextToken",
        "NextToken",
        "NextMarker",
        "Marker",
        "NextContinuationToken",
    ];
    let key = keys.iter().find(|key| {
        body.get(**key)
            .and_then(Value::as_str)
            .is_some_and(|token| !token.is_empty())
    })?;
    let truncated = body.get("IsTruncated").or_else(|| body.get("Truncated"));
    if truncated == Some(&Value::Bool(false)) {
        return None;
    }
    Some(format!(
        "the answer has further pages: it still carries `{key}`"
    ))
}
