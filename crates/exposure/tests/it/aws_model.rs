//! The graph against AWS's evaluation logic written out plainly: an explicit denial wins; else the policies of an identity
//! within its boundary allow, or the policy of the resource does (for roles within the boundary as well).
//!
//! Source: AWS IAM User Guide, "Policy evaluation for requests within a single account".

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_exposure::Vocabulary;
use stance_model::Resource;

use crate::aws_support::*;

const BUCKETS: [&str; 3] = ["a", "ab", "ba"];
const TABLES: [&str; 3] = ["a", "ab", "ba"];
const ACTIONS: [&str; 9] = [
    "*",
    "s3:*",
    "s3:PutBucketPolicy",
    "s3:*bucketacl",
    "s3:DeleteB?cket",
    "dynamodb:*",
    "dynamodb:GetItem",
    "dynamodb:Put*",
    "dynamodb:?uery",
];
const RESOURCES: [&str; 9] = [
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a?",
    "arn:aws:s3:::*a",
    "arn:aws:dynamodb:*:111122223333:table/*",
    "arn:aws:dynamodb:eu-central-1:111122223333:table/a*",
    "arn:aws:dynamodb:*:*:table/?a",
    "arn:aws:dynamodb:us-*",
];

#[derive(Debug, Clone)]
struct Said {
    denies: bool,
    but_actions: bool,
    actions: Vec<&'static str>,
    but_resources: bool,
    resources: Vec<&'static str>,
}

impl Said {
    fn json(&self) -> Value {
        let name = |but, name: &str| {
            if but {
                format!("Not{name}")
            } else {
                name.to_owned()
            }
        };
        json!({
            "Effect": if self.denies { "Deny" } else { "Allow" },
            name(self.but_actions, "Action"): self.actions,
            name(self.but_resources, "Resource"): self.resources,
        })
    }

    fn is_about(&self, action: &str, resource: &str) -> bool {
        let action = action.to_lowercase();
        let mut actions = self.actions.iter();
        let has_action = actions.any(|one| glob(&one.to_lowercase(), &action)) != self.but_actions;
        let mut resources = self.resources.iter();
        has_action && (resources.any(|one| glob(one, resource)) != self.but_resources)
    }
}

/// One way to write it down: try every length that a star may take.
fn glob(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            (0..=text.len()).any(|taken| glob(rest, &text[taken..]))
        }
        Some('?') => !text.is_empty() && glob(letters.as_str(), &text[1..]),
        Some(letter) => text
            .strip_prefix(letter)
            .is_some_and(|rest| glob(letters.as_str(), rest)),
    }
}

/// Whom a statement of a bucket's policy names.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Named {
    Role,
    User,
    Account,
    AllBut,
}

#[derive(Debug, Clone)]
struct World {
    role: Vec<Said>,
    user: Vec<Said>,
    boundary: Option<Vec<Said>>,
    /// Of the bucket `a`.
    bucket: Vec<(Named, Said)>,
}

fn user_arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/ana")
}

impl World {
    fn resources(&self) -> Vec<Resource> {
        let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/limit");
        let list = |said: &[Said]| said.iter().map(Said::json).collect::<Value>();
        let with = |said: &[Said]| {
            let mut properties = json!({"Policies": [inline(list(said))]});
            if self.boundary.is_some() {
                properties["PermissionsBoundary"] = json!(boundary);
            }
            properties
        };
        let mut all = vec![
            role_with("r", with(&self.role)),
            user("ana", with(&self.user)),
        ];
        if let Some(limit) = &self.boundary {
            let document = json!({"PolicyDocument": {"Statement": list(limit)}});
            all.push(resource("aws::iam::managedpolicy", &boundary, document));
        }
        all.extend(BUCKETS.map(bucket));
        all.extend(TABLES.map(table));
        let statements: Value = self.bucket.iter().map(shared).collect();
        all.push(bucket_policy("a", statements));
        all
    }

    fn allows(&self, is_role: bool, action: &str, resource: &str) -> bool {
        let own = if is_role { &self.role } else { &self.user };
        let limit = self.boundary.as_deref().unwrap_or_default();
        let about = |one: &&Said| one.is_about(action, resource);
        let on_bucket = self.bucket.iter().filter(|(named, one)| {
            let named = match named {
                Named::Role => is_role,
                Named::User => !is_role,
                // Of the account: for a denial everybody in it; a grant leaves it to their own policies.
                Named::Account => one.denies,
                Named::AllBut => one.denies && !is_role,
            };
            named && resource == "arn:aws:s3:::a" && one.is_about(action, resource)
        });
        let on_bucket: Vec<&Said> = on_bucket.map(|(_, one)| one).collect();
        let mut told = own
            .iter()
            .chain(limit)
            .filter(about)
            .chain(on_bucket.iter().copied());
        if told.any(|one| one.denies) {
            return false;
        }
        let mut limits = limit.iter().filter(about);
        let within = self.boundary.is_none() || limits.any(|one| !one.denies);
        let by_own = own.iter().filter(about).any(|one| !one.denies) && within;
        let by_bucket = on_bucket.iter().any(|one| !one.denies) && (within || !is_role);
        by_own || by_bucket
    }
}

fn shared((named, said): &(Named, Said)) -> Value {
    let mut statement = said.json();
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let (key, who) = match named {
        Named::Role => ("Principal", json!(role_arn("r"))),
        Named::User => ("Principal", json!(user_arn())),
        Named::Account => ("Principal", json!(root)),
        Named::AllBut => ("NotPrincipal", json!([role_arn("r")])),
    };
    statement[key] = json!({"AWS": who});
    statement
}

fn said() -> impl Strategy<Value = Said> {
    let words =
        |all: &'static [&'static str]| prop::collection::vec(prop::sample::select(all), 1..3);
    let but = || prop::bool::weighted(0.2);
    (
        prop::bool::weighted(0.3),
        but(),
        words(&ACTIONS),
        but(),
        words(&RESOURCES),
    )
        .prop_map(
            |(denies, but_actions, actions, but_resources, resources)| Said {
                denies,
                but_actions,
                actions,
                but_resources,
                resources,
            },
        )
}

fn world() -> impl Strategy<Value = World> {
    let named = prop::sample::select(vec![Named::Role, Named::User, Named::Account]);
    let shared = (named, prop::bool::weighted(0.2), said()).prop_map(|(named, but, said)| {
        // Only denials name everybody but some.
        let named = if but && said.denies {
            Named::AllBut
        } else {
            named
        };
        (named, said)
    });
    let list = |most| prop::collection::vec(said(), 0..most);
    let boundary = prop::option::of(list(3));
    let bucket = prop::collection::vec(shared, 0..3);
    (list(4), list(4), boundary, bucket).prop_map(|(role, user, boundary, bucket)| World {
        role,
        user,
        boundary,
        bucket,
    })
}

fn targets() -> Vec<(&'static str, String)> {
    let buckets = BUCKETS.iter().map(|name| format!("arn:aws:s3:::{name}"));
    let tables = TABLES
        .iter()
        .map(|name| format!("arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/{name}"));
    let buckets = buckets.map(|arn| ("aws::s3::bucket", arn));
    buckets
        .chain(tables.map(|arn| ("aws::dynamodb::table", arn)))
        .collect()
}

/// Capabilities by AWS's logic; those on objects of a bucket are left out, for they ask about many things at once.
fn expected(
    world: &World,
    vocabulary: &Vocabulary,
    is_role: bool,
    label: &str,
    arn: &str,
) -> Vec<String> {
    let pairs = vocabulary.pairs().iter().filter(|pair| pair.label == label);
    let held = pairs.filter(|pair| {
        let mut actions = pair.needs.aws.iter();
        !is_about_objects(&pair.capability, label)
            && actions.any(|action| world.allows(is_role, action, arn))
    });
    held.map(|pair| pair.capability.clone()).collect()
}

fn is_about_objects(capability: &str, label: &str) -> bool {
    label == "aws::s3::bucket" && capability.ends_with("data")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn edges_say_what_aws_would(world in world()) {
        let estate = Estate::of(world.resources());
        for (is_role, principal) in [(true, role_arn("r")), (false, user_arn())] {
            for (label, arn) in targets() {
                let mut told = estate.may(&principal, &arn);
                told.retain(|capability| !is_about_objects(capability, label));
                let expected = expected(&world, &estate.vocabulary, is_role, label, &arn);
                prop_assert_eq!(told, expected, "{} on {}", principal, arn);
            }
        }
    }

    #[test]
    fn a_further_grant_takes_nothing_away(world in world(), more in said()) {
        let before = Estate::of(world.resources());
        let mut wider = world.clone();
        wider.role.push(Said { denies: false, ..more });
        let after = Estate::of(wider.resources());
        for (_, arn) in targets() {
            let after = after.may(&role_arn("r"), &arn);
            for capability in before.may(&role_arn("r"), &arn) {
                prop_assert!(after.contains(&capability), "{} on {}", capability, arn);
            }
        }
    }
}
