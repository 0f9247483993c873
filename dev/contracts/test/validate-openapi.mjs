// The validator is an ES module, which jest does not load: `node validate-openapi.mjs FILE…`.
import { Validator } from '@seriousme/openapi-schema-validator';
import { readFileSync } from 'node:fs';

const answers = process.argv.slice(2).map(async (file) => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(readFileSync(file, 'utf8')));
  return { file, version: validator.version, valid, errors };
});
console.log(JSON.stringify(await Promise.all(answers)));
