//! Whom the principals of a policy mean.

use super::estate::Estate;
use super::identity::{Identity, last_of, unique_id};
use super::policy::{Principals, Statement};
use crate::graph::Confidence;

/// How a policy names an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Itself,
    Account,
    Anybody,
}

/// How the principals name an identity, `NotPrincipal` not considered.
pub(super) fn matches(principals: &Principals, identity: &Identity<'_>) -> Option<Match> {
    if principals.aws.iter().any(|one| is(one, identity)) {
        return Some(Match::Itself);
    }
    let mut accounts = principals.aws.iter().filter_map(|one| account_of(one));
    if accounts.any(|account| account == identity.account) {
        return Some(Match::Account);
    }
    principals.anybody.then_some(Match::Anybody)
}

/// Whether a statement that denies means an identity.
pub(super) fn is_denied(deny: &Statement, identity: &Identity<'_>) -> bool {
    let Some(principals) = &deny.principals else {
        return false;
    };
    matches(principals, identity).is_some() != principals.but
}

/// The role or user itself, by ARN, unique id, or a session of it.
fn is(name: &str, identity: &Identity<'_>) -> bool {
    if name.eq_ignore_ascii_case(identity.arn()) {
        return true;
    }
    if unique_id(identity.resource).is_some_and(|unique| unique == name) {
        return true;
    }
    let session = name.split_once(":assumed-role/");
    session.is_some_and(|(start, rest)| {
        let role = rest.split('/').next().unwrap_or_default();
        identity.is_role
            && start.ends_with(&format!("::{}", identity.account))
            && role == last_of(identity.arn())
    })
}

/// The account of `111122223333` and `arn:aws:iam::111122223333:root`.
pub(super) fn account_of(name: &str) -> Option<&str> {
    let account = match name.strip_suffix(":root") {
        Some(start) => start.rsplit(':').next()?,
        None => name,
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then_some(account)
}

/// The account in an ARN of a role, user or session.
fn account_in(arn: &str) -> Option<&str> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let service = parts.nth(1)?;
    let account = parts.nth(1)?;
    (service == "iam" || service == "sts").then_some(account)
}

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Asker<'e, 'a> {
    Identity(&'e Identity<'a>),
    /// A principal that was not collected.
    Arn(String),
    /// An account that was not collected.
    Account(String),
    Anybody,
}

/// Somebody whom a policy of a resource lets in.
#[derive(Debug, Clone)]
pub(super) struct Grantee<'e, 'a> {
    pub(super) asker: Asker<'e, 'a>,
    /// Policies of its own must allow it as well.
    pub(super) needs_own: bool,
    pub(super) confidence: Confidence,
}

impl Asker<'_, '_> {
    /// Whether a statement that denies means it.
    pub(super) fn is_denied(&self, deny: &Statement) -> bool {
        let Some(principals) = &deny.principals else {
            return false;
        };
        let listed = |name: &str| {
            let mut names = principals.aws.iter();
            names.any(|one| one.eq_ignore_ascii_case(name))
        };
        let is_named = match self {
            Self::Identity(identity) => return is_denied(deny, identity),
            Self::Arn(arn) => listed(arn) || account_in(arn).is_some_and(listed),
            Self::Account(account) => {
                let mut names = principals.aws.iter().filter_map(|one| account_of(one));
                names.any(|one| one == account)
            }
            Self::Anybody => false,
        };
        (is_named || principals.anybody) != principals.but
    }
}

/// Whom the principals of a policy in an account mean. Its own account as a whole is only listed where a role is trusted:
/// elsewhere the policies of its identities say what they may do.
pub(super) fn grantees<'e, 'a>(
    estate: &'e Estate<'a>,
    principals: &Principals,
    account: &str,
    is_trust: bool,
) -> Vec<Grantee<'e, 'a>> {
    let mut found = Vec::new();
    if principals.but {
        // Everybody but those: discouraged, and as good as anybody.
        found.push(Grantee {
            asker: Asker::Anybody,
            needs_own: false,
            confidence: Confidence::Medium,
        });
        return found;
    }
    for name in &principals.aws {
        if name == "*" {
            found.push(Grantee {
                asker: Asker::Anybody,
                needs_own: false,
                confidence: Confidence::High,
            });
        } else if let Some(named) = account_of(name) {
            of_account(estate, named, account, is_trust, &mut found);
        } else {
            found.extend(one(estate, name, account));
        }
    }
    found
}

fn of_account<'e, 'a>(
    estate: &'e Estate<'a>,
    named: &str,
    own: &str,
    is_trust: bool,
    found: &mut Vec<Grantee<'e, 'a>>,
) {
    if named == own && !is_trust {
        return;
    }
    let identities = estate.identities.iter();
    let of_account = identities.filter(|identity| identity.account == named);
    let is_collected = of_account.clone().next().is_some();
    for identity in of_account.filter(|identity| !is_trust || identity.assumes) {
        found.push(Grantee {
            asker: Asker::Identity(identity),
            needs_own: true,
            confidence: Confidence::High,
        });
    }
    if !is_collected && named != own {
        found.push(Grantee {
            asker: Asker::Account(named.to_owned()),
            needs_own: false,
            confidence: Confidence::Medium,
        });
    }
}

fn one<'e, 'a>(estate: &'e Estate<'a>, name: &str, own: &str) -> Option<Grantee<'e, 'a>> {
    let known = estate.identity(name).or_else(|| {
        let mut identities = estate.identities.iter();
        let is_session = name.contains(":assumed-role/");
        is_session
            .then(|| identities.find(|identity| is(name, identity)))
            .flatten()
    });
    if let Some(identity) = known {
        return Some(Grantee {
            needs_own: identity.account != own,
            asker: Asker::Identity(identity),
            confidence: Confidence::High,
        });
    }
    // A unique id of something that is gone, or no principal at all.
    let account = account_in(name)?;
    Some(Grantee {
        asker: Asker::Arn(name.to_owned()),
        needs_own: false,
        confidence: if account == own {
            Confidence::High
        } else {
            Confidence::Medium
        },
    })
}
