//! Services with addresses of Google or of their own: which of them the internet reaches, and what they ask of callers.

use serde_json::Map;
use stance_model::Resource;

use super::firewall::{self, Extent};
use super::perimeter::Perimeters;
use super::public::Public;
use super::reach::Routes;
use super::{Estate, balancers, evidence, walk};

const BUCKET: &str = "storage.googleapis.com/bucket";
const VERTEX: &str = "aiplatform.googleapis.com";

/// What a row says of its address: the property, and the words for it.
type Said = (&'static str, String);

/// Finds, for a type, whether the internet reaches it.
struct Kind {
    resource_type: &'static str,
    /// The API that a service perimeter would close; `None` where the address is not that of an API.
    service: Option<&'static str>,
    /// What callers need where not everybody may call; `None` where the row does not say.
    authentication: Option<&'static str>,
    answers: fn(&Resource) -> Option<Said>,
    /// The address is the API's, which turns strangers away before they reach the resource: as with agents of other
    /// clouds, only a right for everybody lets the internet in.
    is_shared_address: bool,
}

const KINDS: &[Kind] = &[
    Kind {
        resource_type: "aiplatform.googleapis.com/endpoint",
        service: Some(VERTEX),
        authentication: Some("iam"),
        answers: vertex_endpoint,
        is_shared_address: false,
    },
    Kind {
        resource_type: "aiplatform.googleapis.com/reasoningengine",
        service: Some(VERTEX),
        authentication: Some("iam"),
        answers: reasoning_engine,
        is_shared_address: true,
    },
    Kind {
        resource_type: "aiplatform.googleapis.com/indexendpoint",
        service: Some(VERTEX),
        authentication: Some("iam"),
        answers: index_endpoint,
        is_shared_address: false,
    },
    Kind {
        resource_type: "run.googleapis.com/service",
        service: None,
        authentication: Some("iam"),
        answers: run_service,
        is_shared_address: false,
    },
    Kind {
        resource_type: "cloudfunctions.googleapis.com/function",
        service: None,
        authentication: Some("iam"),
        answers: function,
        is_shared_address: false,
    },
    Kind {
        resource_type: "cloudfunctions.googleapis.com/cloudfunction",
        service: None,
        authentication: Some("iam"),
        answers: function,
        is_shared_address: false,
    },
    Kind {
        resource_type: "container.googleapis.com/cluster",
        service: None,
        authentication: Some("iam"),
        answers: cluster,
        is_shared_address: false,
    },
    Kind {
        resource_type: "sqladmin.googleapis.com/instance",
        service: None,
        authentication: Some("key"),
        answers: sql,
        is_shared_address: false,
    },
    Kind {
        resource_type: "apigateway.googleapis.com/gateway",
        service: None,
        authentication: None,
        answers: gateway,
        is_shared_address: false,
    },
];

/// Adds their edges.
pub(super) fn add(estate: &Estate<'_>, public: &Public, routes: &mut Routes) {
    let perimeters = Perimeters::read(estate);
    let closed = |row: &Resource, service: &str| {
        let project = row.subscription().unwrap_or_default();
        perimeters.close(estate, project, service)
    };
    for kind in KINDS {
        for row in estate.known_of_type(kind.resource_type) {
            if kind.service.is_some_and(|service| closed(row, service)) {
                continue;
            }
            let Some((field, text)) = (kind.answers)(row) else {
                continue;
            };
            let anybody = public.get(&row.id.key());
            if kind.is_shared_address && anybody.is_none() {
                continue;
            }
            let authentication = match anybody {
                Some(access) if access.anonymous => Some("none"),
                Some(_) => Some("any account"),
                None => kind.authentication,
            };
            let said = evidence(row, field, text);
            routes.add(row, said, authentication, Map::new());
        }
    }
    balancers::add(estate, public, routes);
    for row in estate.inventory().of_type(BUCKET) {
        let Some(access) = public.get(&row.id.key()).filter(|access| access.reads) else {
            continue;
        };
        if closed(row, "storage.googleapis.com") {
            continue;
        }
        let authentication = if access.anonymous {
            "none"
        } else {
            "any account"
        };
        let said = access.evidence.clone();
        routes.add(row, said, Some(authentication), Map::new());
    }
}

fn vertex_endpoint(row: &Resource) -> Option<Said> {
    let properties = row.properties();
    let private = walk::text(properties, &["network"]).is_some()
        || walk::is_set(properties, "enablePrivateServiceConnect")
        || walk::is_set(
            properties,
            "privateServiceConnectConfig.enablePrivateServiceConnect",
        );
    if private {
        return None;
    }
    let field = "properties.privateServiceConnectConfig.enablePrivateServiceConnect";
    Some((field, "answers on the public Vertex AI address".to_owned()))
}

fn reasoning_engine(row: &Resource) -> Option<Said> {
    // An engine without a specification keeps memories and runs nothing. Those that run have no private address of
    // their own; only a service perimeter closes them.
    row.properties().get("spec")?;
    Some(("", "answers on the public Vertex AI address".to_owned()))
}

fn index_endpoint(row: &Resource) -> Option<Said> {
    let on = walk::is_set(row.properties(), "publicEndpointEnabled");
    let field = "properties.publicEndpointEnabled";
    on.then(|| (field, "answers queries on a public address".to_owned()))
}

/// Cloud Run, which takes requests from everywhere where nothing else is said.
fn run_service(row: &Resource) -> Option<Said> {
    let off = walk::is_set(row.properties(), "defaultUriDisabled");
    let open = matches!(ingress(row).as_str(), "" | "all" | "unspecified");
    let text = || "takes requests from everywhere".to_owned();
    (open && !off).then(|| ("properties.ingress", text()))
}

/// Whether a Cloud Run service or function takes requests that come through a load balancer.
pub(super) fn takes_balanced(row: &Resource) -> bool {
    let paths = ["serviceConfig.ingressSettings", "ingressSettings"];
    let of_function = walk::text(row.properties(), &paths);
    let inside = matches!(ingress(row).as_str(), "internal" | "internal_only" | "none");
    !inside && of_function != Some("ALLOW_INTERNAL_ONLY")
}

/// What a Cloud Run service says of where requests may come from, in the shape of version 2 of its API or of Knative:
/// `all`, `internal_only`, `internal_load_balancer`, `internal-and-cloud-load-balancing`; empty where it says nothing.
fn ingress(row: &Resource) -> String {
    let properties = row.properties();
    let annotations = walk::values(properties, "metadata.annotations");
    let annotation = annotations.first().and_then(|(_, all)| {
        all.get("run.googleapis.com/ingress-status")
            .or_else(|| all.get("run.googleapis.com/ingress"))?
            .as_str()
    });
    let said = walk::text(properties, &["ingress"]).or(annotation);
    let said = said.unwrap_or_default().to_lowercase();
    said.trim_start_matches("ingress_traffic_").to_owned()
}

/// A function that is called over HTTP.
fn function(row: &Resource) -> Option<Said> {
    let properties = row.properties();
    let by_event = !walk::values(properties, "eventTrigger").is_empty();
    let second = properties.get("serviceConfig");
    let over_http = second.is_some() || properties.get("httpsTrigger").is_some();
    if by_event || !over_http {
        return None;
    }
    let field = if second.is_some() {
        "properties.serviceConfig.ingressSettings"
    } else {
        "properties.ingressSettings"
    };
    let paths = ["serviceConfig.ingressSettings", "ingressSettings"];
    match walk::text(properties, &paths) {
        None | Some("ALLOW_ALL" | "INGRESS_SETTINGS_UNSPECIFIED") => {
            Some((field, "takes requests from everywhere".to_owned()))
        }
        Some(_) => None,
    }
}

/// The control plane of a cluster.
fn cluster(row: &Resource) -> Option<Said> {
    let properties = row.properties();
    let config = "controlPlaneEndpointsConfig";
    let by_name = format!("{config}.dnsEndpointConfig.allowExternalTraffic");
    if walk::is_set(properties, &by_name) {
        let field = "properties.controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic";
        return Some((
            field,
            "its control plane answers from everywhere by name".to_owned(),
        ));
    }
    let newer = format!("{config}.ipEndpointsConfig.enablePublicEndpoint");
    let public = walk::flag(properties, &newer).unwrap_or(!walk::is_set(
        properties,
        "privateClusterConfig.enablePrivateEndpoint",
    ));
    let addressed = walk::flag(properties, &format!("{config}.ipEndpointsConfig.enabled"));
    if !public || addressed == Some(false) {
        return None;
    }
    let authorized = [
        "controlPlaneEndpointsConfig.ipEndpointsConfig.authorizedNetworksConfig",
        "masterAuthorizedNetworksConfig",
    ];
    for list in authorized {
        if walk::is_set(properties, &format!("{list}.enabled")) {
            let blocks = walk::texts(properties, &format!("{list}.cidrBlocks.*.cidrBlock"));
            let blocks: Vec<&str> = blocks.into_iter().map(|(_, block)| block).collect();
            let field = "properties.masterAuthorizedNetworksConfig.cidrBlocks";
            let broad = is_broad(&blocks);
            return broad.then(|| (field, "its control plane takes all addresses".to_owned()));
        }
    }
    let field = "properties.masterAuthorizedNetworksConfig.enabled";
    Some((
        field,
        "its control plane has a public address without a list of networks".to_owned(),
    ))
}

/// A database server with a public address and a network that is everybody's.
fn sql(row: &Resource) -> Option<Said> {
    let properties = row.properties();
    if !walk::is_set(properties, "settings.ipConfiguration.ipv4Enabled") {
        return None;
    }
    let path = "settings.ipConfiguration.authorizedNetworks.*.value";
    let networks = walk::texts(properties, path);
    let networks: Vec<&str> = networks.into_iter().map(|(_, network)| network).collect();
    let field = "properties.settings.ipConfiguration.authorizedNetworks";
    is_broad(&networks).then(|| {
        (
            field,
            format!("takes connections from {}", networks.join(", ")),
        )
    })
}

/// A gateway has an address of everybody; its API says what callers need.
fn gateway(row: &Resource) -> Option<Said> {
    let host = walk::text(row.properties(), &["defaultHostname"])?;
    Some(("properties.defaultHostname", format!("answers as {host}")))
}

/// Whether a list of ranges is most of the internet.
fn is_broad(ranges: &[&str]) -> bool {
    let (v4, v6) = firewall::extents(ranges);
    v4.max(v6) >= Extent::Broad
}
