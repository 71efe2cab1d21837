//! Every diagnostic code of this crate with its title and what helps, in one table.
//!
//! `docs/diagnostics.md` is written from here and a test keeps it fresh. A code never changes its
//! meaning; a retired one is not used again.

use stance_model::DiagnosticLevel;

/// A kind of problem met while reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiagnosticCode {
    /// `COL0007`.
    pub code: &'static str,
    /// How bad it is, unless the reader says otherwise for one case.
    pub level: DiagnosticLevel,
    /// What it means, for the table of codes.
    pub title: &'static str,
    /// How to mend it.
    pub help: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $level:ident, $title:literal, $help:literal;)+) => {
        $(
            #[doc = $title]
            pub const $name: DiagnosticCode = DiagnosticCode {
                code: $code,
                level: DiagnosticLevel::$level,
                title: $title,
                help: $help,
            };
        )+
        /// All of them, in order of code.
        pub const COLLECT_CODES: &[DiagnosticCode] = &[$($name),+];
    };
}

codes! {
    INPUT_NOT_FOUND = "COL0001", Error,
        "The path given does not exist",
        "Check the spelling and the current folder; quote paths that hold spaces.";
    CANNOT_READ = "COL0002", Error,
        "A file or folder cannot be read",
        "Check its permissions, and that no other program moves it while it is read.";
    LINK_LEAVES_INPUT = "COL0003", Warning,
        "A symbolic link points outside the input folder and was not followed",
        "Name the target as an input of its own, or copy it into the folder.";
    SPECIAL_FILE = "COL0004", Warning,
        "A pipe, socket or device was skipped",
        "Only ordinary files are read; write the data to a file first.";
    NOT_UNDERSTOOD = "COL0005", Error,
        "The file has no format that is read",
        "Give ARM JSON (templates, `az rest` answers), Resource Graph exports (JSON, CSV), JSON lines or Terraform (source, plans, states); compile Bicep with `az bicep build`.";
    NO_RESOURCE = "COL0006", Note,
        "The file was understood but holds no resource",
        "Nothing to mend if that is expected; leave the file out to silence this.";
    SYNTAX = "COL0007", Error,
        "A part of the file is not valid JSON and was left out",
        "Correct the text at the line named, or export it again.";
    TRUNCATED = "COL0008", Error,
        "The file ends in the middle; what stands before the cut was read",
        "Export it again, and check that the command ended without an error and the disk was not full.";
    TOO_LARGE = "COL0009", Error,
        "A single value or document is over the size limit and was left out",
        "Split the document, or export a list instead of one object.";
    TOO_DEEP = "COL0010", Error,
        "A value is nested deeper than the limit and was left out",
        "No cloud answers with such nesting; check how the file was made.";
    DUPLICATE_KEY = "COL0011", Warning,
        "An object names the same key twice; the last one counts",
        "Remove one of the two.";
    INVALID_TEXT = "COL0012", Warning,
        "Bytes that are no valid text were replaced",
        "Save the file as UTF-8 or UTF-16.";
    ROWS_WITHOUT_ID = "COL0013", Warning,
        "Rows without `id` are no resources and were left out",
        "Export whole rows: end the query without `summarize` and keep `id`, `name`, `type` and `properties` in `project`.";
    TYPE_MISMATCH = "COL0014", Warning,
        "A resource's `id` and `type` name different providers; the `type` counts",
        "Export the resource again; a row edited by hand keeps both in step.";
    OWN_PARENT = "COL0015", Warning,
        "A resource names itself as its parent; the reference is ignored",
        "Export the resource again or correct the reference.";
    COMPRESSED = "COL0016", Error,
        "Compressed data is damaged or expands beyond the limit; what stands before was read",
        "Compress the file again, or unpack it first.";
    FURTHER_PROBLEMS = "COL0017", Note,
        "Further problems in this file are not listed one by one",
        "Mend the ones listed and read the file again.";
    TOO_MANY_FILES = "COL0018", Error,
        "The folder holds more files or levels than the limit; the rest was left out",
        "Name the folders that matter as inputs.";
    ACCESS_DENIED = "COL0019", Warning,
        "The file holds a refusal, not an answer",
        "Give the reader role at the scope named and export again; checks on what is missing stay Unknown.";
    MANIFEST = "COL0020", Error,
        "The coverage manifest cannot be used",
        "Write a JSON array of {\"scope\", \"what\", \"status\"}; status is Complete, Partial, Denied or NotConfigured.";
    EMPTY_FILE = "COL0021", Warning,
        "The file is empty",
        "Export it again; an interrupted `az` command leaves an empty file.";
    TEMPLATE_UNREAD = "COL0022", Error,
        "A deployment template could not be read",
        "Compile it again with `az bicep build` and check it with `az deployment group validate`.";
    PARAMETERS_WITHOUT_TEMPLATE = "COL0023", Note,
        "A parameter file has no template beside it",
        "Put it beside its template as `NAME.parameters.json`, or name it with --parameters.";
    FLATTENED = "COL0024", Note,
        "Resources were printed in a flattened shape without `properties`; checks on their properties say Unknown",
        "Export with `az rest`, `az graph query` or `az resource show` instead: these keep the shape of the API.";
    CSV = "COL0025", Error,
        "A part of the CSV file cannot be read and was left out",
        "Download it again from Resource Graph Explorer, or export JSON.";
    INPUT_TWICE = "COL0026", Note,
        "The same input was named twice and is read once",
        "Name it once.";
    GAVE_UP = "COL0027", Error,
        "The file has too many faults; the rest of it was left out",
        "Export it again.";
    TERRAFORM_SYNTAX = "COL0030", Error,
        "A Terraform file, or an expression in one, cannot be read and was left out",
        "Check the line named with `terraform validate`; Terraform too reads nothing of a file with a fault of syntax.";
    TERRAFORM_EXPRESSION = "COL0031", Error,
        "A Terraform expression has no value; what it stands for is Unknown",
        "Check it with `terraform validate`, and that every variable it reads has the type it expects.";
    TERRAFORM_LIMIT = "COL0032", Error,
        "A limit on Terraform source was reached and the rest was left out",
        "Check counts, loops and locals that grow; a plan (`terraform show -json`) needs no evaluation.";
    TERRAFORM_MODULE = "COL0033", Note,
        "A Terraform module lies outside the input and was not read; what it declares and gives is Unknown",
        "Read a plan instead (`terraform show -json`), or vendor the module below the folder that is read.";
    TERRAFORM_LEAVES_INPUT = "COL0034", Warning,
        "A path of a Terraform module or file leaves the input folder and was not followed",
        "Name the folder above as the input.";
    TERRAFORM_UNMAPPED = "COL0035", Note,
        "Terraform resources of types that are not mapped were left out",
        "Nothing to mend where no check needs them; docs/terraform.md lists the mapped types.";
    TERRAFORM_VARIABLES = "COL0036", Warning,
        "A value is given for a variable that is not declared, or cannot be used",
        "Correct the name in the tfvars file, or declare the variable.";
    TERRAFORM_WITHOUT_TARGET = "COL0037", Note,
        "A Terraform resource only adds to another one that is not in the input, and was left out",
        "Read the folder or plan that declares the other one together with it.";
    YAML = "COL0040", Error,
        "The text is no YAML from here on; what stands before in its own document was read",
        "Check the indentation; `aws cloudformation validate-template` names the line too.";
    YAML_LIMIT = "COL0041", Error,
        "The YAML text is longer, deeper or expands to more than the limit",
        "Split the template, or write out what aliases stand for.";
    CLOUDFORMATION = "COL0042", Error,
        "A part of a CloudFormation template makes no sense and stays unknown",
        "Check the template with `cfn-lint` or `aws cloudformation validate-template`.";
    CLOUDFORMATION_LIMIT = "COL0043", Error,
        "Evaluating a CloudFormation template takes more than the limit; the rest stays unknown",
        "Split the template into nested stacks, each read on its own.";
    CLOUDFORMATION_MACRO = "COL0044", Warning,
        "A macro changes the template in a way that only the account knows",
        "Read the processed template instead: `aws cloudformation get-template --template-stage Processed`.";
    CLOUDFORMATION_NESTED = "COL0045", Warning,
        "The template of a nested stack was not read; its resources are missing",
        "Put it inside the input and name it by a relative path, or read it as an input of its own.";
    AWS_UNPLACED = "COL0046", Note,
        "An answer of AWS does not say of which account and region it is",
        "Keep answers in folders named by account and region, `123456789012/eu-central-1/`.";
    AWS_ANSWER = "COL0047", Warning,
        "An answer of AWS names nothing that it could be about",
        "Put it into a folder named by what was asked: `get-bucket-policy.json` into one named by the bucket.";
    CONFIG_ITEM = "COL0048", Warning,
        "An item of AWS Config carries no configuration that can be read; its properties stay unknown",
        "Record the type with AWS Config, or read the answer of the service itself.";
    ASSET_CONTENT = "COL0050", Note,
        "Rows of Cloud Asset Inventory of a content type that is not read were passed over",
        "Nothing to mend: RESOURCE and IAM_POLICY are read; export these to have resources and bindings.";
    PROJECT_NUMBER = "COL0051", Note,
        "Resources of Google Cloud name their project by its number only",
        "Export `cloudresourcemanager.googleapis.com/Project` with them, or add the answer of `gcloud projects list --format json`.";
    POLICY_WITHOUT_RESOURCE = "COL0052", Note,
        "An IAM policy of Google Cloud does not say what it is set on",
        "Export policies with `gcloud asset export --content-type iam-policy`: its rows name the resource.";
    SUBJECT_UNKNOWN = "COL0053", Note,
        "A bill of materials does not say which workload or image it describes",
        "Name the image with its digest when making it, or set the property `stance:resourceId` of its subject.";
    CUT_SHORT = "COL0054", Note,
        "A file holds more entries than are kept; the rest was left out",
        "Split the file.";
    PROJECT_NOT_NAMED = "COL0060", Warning,
        "An answer of Foundry's data plane does not say which project it comes from",
        "Keep the endpoint in the file's path, as in `ACCOUNT.services.ai.azure.com/api/projects/PROJECT/agents.json` or `accounts/ACCOUNT/projects/PROJECT/agents.json`, or write {\"endpoint\": \"https://…\", \"body\": …} around the answer.";
    ENVIRONMENT_NOT_NAMED = "COL0061", Warning,
        "A Dataverse answer does not say which environment it comes from; its host stands in for it",
        "Put the file below a folder `environments/ENVIRONMENT-ID/`, or add the list of environments (`pac admin list --json`) or the answer of RetrieveCurrentOrganization to the input.";
    TENANT_NOT_NAMED = "COL0062", Note,
        "A Microsoft Graph answer does not say which tenant it comes from; `unknown` stands in for it",
        "Put the file below a folder `tenants/TENANT-ID/`, or add the answer of https://graph.microsoft.com/v1.0/organization to the input as organization.json.";
    COMPONENT_UNREAD = "COL0063", Note,
        "The definition of an agent's component could not be read; its kind and name were kept",
        "Export the component again; checks on its content say Unknown.";
    MEMBERS_WITHOUT_GROUP = "COL0064", Warning,
        "A list of members or owners does not say whose they are and was left out",
        "Keep the path of the call in the path of the file, as in `groups/GROUP-ID/members.json`, or export `groups?$expand=members`.";
    SERVICE_NOT_NAMED = "COL0065", Warning,
        "An answer of AI Search does not say which service it comes from",
        "Keep `@odata.context` in the answer, or the host in the file's path, as in `NAME.search.windows.net/indexes.json`.";
    TOO_MANY_AGENTS = "COL0066", Note,
        "The input holds more agents than are put together from several answers; the rest stands as it was read",
        "Scan the environments one by one.";
}
