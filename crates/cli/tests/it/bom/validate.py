"""Validates CycloneDX 1.6 files against the schema, strictly, and reads them into the library's own model."""

import json
import pathlib
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_6)
for name in sys.argv[1:]:
    text = pathlib.Path(name).read_text(encoding="utf-8")
    error = validator.validate_str(text)
    if error is not None:
        sys.exit(f"{name}: {error}")
    bom = Bom.from_json(json.loads(text))
    bom.validate()
    print(f"{pathlib.Path(name).name}: {len(bom.components)} components, {len(bom.services)} services")
