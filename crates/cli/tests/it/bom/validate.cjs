// Validates CycloneDX 1.6 files with OWASP's JavaScript library: node validate.cjs FOLDER-OF-MODULES FILE...
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { basename, join } = require('node:path');

const [folder, ...files] = process.argv.slice(2);
const { Validation, Spec } = createRequire(join(folder, 'index.js'))('@cyclonedx/cyclonedx-library');

(async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  for (const file of files) {
    const error = await validator.validate(readFileSync(file, 'utf8'));
    if (error !== null) {
      console.error(file, JSON.stringify(error).slice(0, 2000));
      process.exit(1);
    }
    console.log(`${basename(file)}: valid`);
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
