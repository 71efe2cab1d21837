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
        "A part of a Terraform file cannot be read and was left out",
        "Check it with `terraform validate`; the block at the line named is left out.";
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
}
