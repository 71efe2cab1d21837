//! Amazon Resource Names: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
//!
//! Source: AWS General Reference, "Amazon Resource Names (ARNs)".

/// The parts of an ARN; region and account are empty where the service has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    /// `role/path/name`, `function:name`, `bucket`.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; `None` for any other text.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut next = || parts.next();
        let (partition, service, region, account, resource) =
            (next()?, next()?, next()?, next()?, next()?);
        let whole = !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        whole.then_some(Self {
            partition,
            service,
            region,
            account,
            resource,
        })
    }
}

/// What stands last in an ARN: `…:agent/X` and `…:function:X` give `X`. Other texts stay whole. Colons and slashes
/// inside `${…}`, which stand in ids of templates, do not count.
pub(crate) fn last_segment(text: &str) -> &str {
    if !text.starts_with("arn:") {
        return text;
    }
    let mut start = 0;
    let mut in_hole = false;
    for (at, next) in text.char_indices() {
        match next {
            '{' => in_hole = true,
            '}' => in_hole = false,
            '/' | ':' if !in_hole => start = at + 1,
            _ => {}
        }
    }
    &text[start..]
}

/// Twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Areas that regions lie in. Source: AWS General Reference, "AWS Regions".
const AREAS: &[&str] = &["af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us"];
/// Where in an area.
const SIDES: &[&str] = &[
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// `eu-central-1`, `us-gov-west-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let ([area, side, number] | [area, "gov" | "iso" | "isob" | "isoe" | "isof", side, number]) =
        parts.as_slice()
    else {
        return false;
    };
    AREAS.contains(area)
        && SIDES.contains(side)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_come_apart() {
        let arn = Arn::parse("arn:aws:iam::123456789012:role/service-role/r").unwrap_or(Arn {
            partition: "",
            service: "",
            region: "",
            account: "",
            resource: "",
        });
        assert_eq!(
            (arn.service, arn.account, arn.resource),
            ("iam", "123456789012", "role/service-role/r")
        );
        assert_eq!(Arn::parse("arn:aws:s3"), None);
        assert_eq!(
            last_segment("arn:aws:lambda:eu-west-1:123456789012:function:f"),
            "f"
        );
        assert_eq!(last_segment("plain/text"), "plain/text");
        assert_eq!(
            last_segment("arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Name}"),
            "${Name}"
        );
    }

    #[test]
    fn regions_and_accounts_are_told_from_names() {
        assert!(
            ["eu-central-1", "us-gov-west-1", "ap-southeast-2"]
                .iter()
                .all(|text| is_region(text))
        );
        assert!(
            !["my-bucket-1", "eu-central", "us-east-1a", "a-b-1", ""]
                .iter()
                .any(|text| is_region(text))
        );
        assert!(is_account("012345678901") && !is_account("12345678901"));
    }
}
