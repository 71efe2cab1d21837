//! What the table of managed services says of a type.

use super::super::found::Authentication;

/// A managed service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    /// Resource type in lower case.
    pub(super) resource_type: &'static str,
    /// All of them have to be on for the public entry to be there; the first that is stated is the evidence.
    pub(super) switches: &'static [Switch],
    /// Where addresses are admitted.
    pub(super) rules: AddressRules,
    /// A second place, which has to admit callers as well.
    pub(super) narrowed_by: AddressRules,
    /// When something else than a signed-in account suffices.
    pub(super) weaker: &'static [WeakerSignIn],
    /// What is asked otherwise; `None` where the application behind it decides.
    pub(super) otherwise: Option<Authentication>,
    /// Whether anybody without sign-in makes it an endpoint that takes anybody, not only public data.
    pub(super) is_endpoint: bool,
    /// What limits access in a place that is not collected.
    pub(super) not_collected: Option<&'static str>,
    /// The port it answers on.
    pub(super) port: u16,
}

/// A property that switches the public entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Switch {
    pub(super) field: &'static str,
    /// Values, in lower case, with which it is on; every other closes it.
    pub(super) open: &'static [&'static str],
    /// Whether it is on where nobody says.
    pub(super) when_absent: bool,
    /// Whether it stands on the resource that this one is a child of.
    pub(super) of_parent: bool,
}

/// Where the addresses are that are let in.
#[derive(Debug, Clone, Copy)]
pub(super) enum AddressRules {
    /// Nowhere.
    Nowhere,
    /// A default action, and a list that counts where it is `Deny`. Absent means `Allow`.
    Default {
        action: &'static str,
        list: &'static str,
        /// Names that the address may have in an item.
        item: &'static str,
    },
    /// A list that counts as soon as it has an item, or the flag is set.
    WhenAny {
        list: &'static str,
        /// Name of the address in an item; empty where items are addresses.
        item: &'static str,
        flag: &'static str,
    },
    /// Children with a first and a last address.
    Children {
        kind: &'static str,
        first: &'static str,
        last: &'static str,
        /// Whether everybody comes in while there is none.
        open_when_none: bool,
    },
    /// A child with a default action and a list.
    DefaultOfChild { kind: &'static str },
}

/// A property by which less than an account's sign-in suffices.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeakerSignIn {
    pub(super) field: &'static str,
    /// Values, in lower case, with which it suffices.
    pub(super) when: &'static [&'static str],
    /// Whether it suffices where nobody says.
    pub(super) when_absent: bool,
    /// What then suffices.
    pub(super) kind: Authentication,
}

/// How the switches spell that they are on.
pub(super) const ON: &[&str] = &["enabled", "true"];
/// The switch that most services have.
pub(super) const PUBLIC: Switch = Switch::at("properties.publicNetworkAccess");
/// Only that one.
pub(super) const USUAL: &[Switch] = &[PUBLIC];

impl Switch {
    /// One that is `Enabled` or absent where the entry is open.
    pub(super) const fn at(field: &'static str) -> Self {
        Self {
            field,
            open: ON,
            when_absent: true,
            of_parent: false,
        }
    }

    pub(super) const fn opened_by(mut self, open: &'static [&'static str]) -> Self {
        self.open = open;
        self
    }

    pub(super) const fn closed_when_absent(mut self) -> Self {
        self.when_absent = false;
        self
    }

    pub(super) const fn of_parent(mut self) -> Self {
        self.of_parent = true;
        self
    }
}

/// Keys suffice until this is `true`.
pub(super) const fn keys_unless(field: &'static str) -> WeakerSignIn {
    WeakerSignIn {
        field,
        when: &["false"],
        when_absent: true,
        kind: Authentication::Key,
    }
}

/// Holds from the moment the property has one of the values.
pub(super) const fn from(
    field: &'static str,
    when: &'static [&'static str],
    kind: Authentication,
) -> WeakerSignIn {
    WeakerSignIn {
        field,
        when,
        when_absent: false,
        kind,
    }
}

/// Holds with one of the values, and where nobody says.
pub(super) const fn usually(
    field: &'static str,
    when: &'static [&'static str],
    kind: Authentication,
) -> WeakerSignIn {
    WeakerSignIn {
        field,
        when,
        when_absent: true,
        kind,
    }
}

/// A service with the usual switch, no list, and Entra ID at the door.
pub(super) const fn service(resource_type: &'static str) -> Service {
    Service {
        resource_type,
        switches: USUAL,
        rules: AddressRules::Nowhere,
        narrowed_by: AddressRules::Nowhere,
        weaker: &[],
        otherwise: Some(Authentication::Entra),
        is_endpoint: false,
        not_collected: None,
        port: 443,
    }
}

impl Service {
    pub(super) const fn switched(mut self, switches: &'static [Switch]) -> Self {
        self.switches = switches;
        self
    }

    pub(super) const fn rules(mut self, rules: AddressRules) -> Self {
        self.rules = rules;
        self
    }

    pub(super) const fn narrowed_by(mut self, rules: AddressRules) -> Self {
        self.narrowed_by = rules;
        self
    }

    pub(super) const fn weaker(mut self, weaker: &'static [WeakerSignIn]) -> Self {
        self.weaker = weaker;
        self
    }

    pub(super) const fn asks_what_it_likes(mut self) -> Self {
        self.otherwise = None;
        self
    }

    pub(super) const fn endpoint(mut self) -> Self {
        self.is_endpoint = true;
        self
    }

    pub(super) const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    pub(super) const fn limited_by(mut self, what: &'static str) -> Self {
        self.not_collected = Some(what);
        self
    }
}
