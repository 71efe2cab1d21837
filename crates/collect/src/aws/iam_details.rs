//! `aws iam get-account-authorization-details`: every user, group, role and policy of an account with what they may do.

use std::ops::ControlFlow;

use serde_json::{Map, Value};
use stance_model::{Coverage, CoverageStatus, Origin, SourceLocation};

use crate::context::FileContext;
use crate::formats::Found;
use crate::ledger::{Asked, Basis, Tally};

use super::answers::read::more_pages;
use super::arn::{Arn, is_account};
use super::draft::Draft;
use super::shape::shape;

/// The lists of the answer, what they hold and how it is named.
const LISTS: &[(&str, &str, &str)] = &[
    ("UserDetailList", "aws::iam::user", "UserName"),
    ("GroupDetailList", "aws::iam::group", "GroupName"),
    ("RoleDetailList", "aws::iam::role", "RoleName"),
    ("Policies", "aws::iam::managedpolicy", "ManagedPolicyName"),
];

/// Whether an object is such an answer.
pub(crate) fn is_details(body: &Map<String, Value>) -> bool {
    body.get("RoleDetailList").is_some_and(Value::is_array)
        || body.get("UserDetailList").is_some_and(Value::is_array)
}

/// Sends what it holds.
pub(crate) fn read(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    let mut body = found.body;
    let more = more_pages(&body);
    let account = account(&body);
    // The lists say how far the account was read; its resources need not.
    let mut tally = Tally::new(Asked::Unknown);
    for (member, kind, name) in LISTS {
        let Some(Value::Array(items)) = body.shift_remove(*member) else {
            continue;
        };
        let count = items.len() as u64;
        for item in items {
            let Value::Object(item) = item else { continue };
            let Some(draft) = draft(kind, name, item, account.as_deref()) else {
                continue;
            };
            let source = SourceLocation {
                file: context.file.to_owned(),
                line: found.place.line,
                column: found.place.column,
            };
            let resource = draft.into_resource(Origin::Live, source);
            context.send_made(resource, &mut tally)?;
        }
        cover(context, kind, account.as_deref(), more.as_deref(), count);
    }
    ControlFlow::Continue(())
}

fn draft(kind: &str, name: &str, item: Map<String, Value>, account: Option<&str>) -> Option<Draft> {
    let id = item.get("Arn").and_then(Value::as_str)?.to_owned();
    let (properties, tags) = shape(kind, item);
    let name = properties
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default();
    Some(Draft {
        resource_type: kind.to_owned(),
        name: name.to_owned(),
        // Policies of AWS itself lie in no account; here they are those of the account that uses them.
        account: account.map(str::to_owned),
        id,
        tags,
        properties,
        ..Draft::default()
    })
}

/// The account of the first thing that lies in one.
fn account(body: &Map<String, Value>) -> Option<String> {
    LISTS
        .iter()
        .filter_map(|(member, _, _)| body.get(*member).and_then(Value::as_array))
        .flatten()
        .find_map(|item| {
            let arn = Arn::parse(item.get("Arn")?.as_str()?)?;
            is_account(arn.account).then(|| arn.account.to_owned())
        })
}

/// The answer holds all there is, unless it was filtered or has more pages.
fn cover(
    context: &mut FileContext<'_>,
    kind: &str,
    account: Option<&str>,
    more: Option<&str>,
    count: u64,
) {
    let Some(account) = account else { return };
    let (basis, status) = match more {
        None => (Basis::Listed, CoverageStatus::Complete),
        Some(_) => (Basis::Paged, CoverageStatus::Partial),
    };
    context.cover(
        basis,
        Coverage {
            scope: format!("aws:{account}"),
            what: kind.to_owned(),
            status,
            reason: more.unwrap_or_default().to_owned(),
            source: context.file.to_owned(),
            count,
        },
    );
}
