// failed-tests.mjs REPORT NAMES: prints the files of the tests that failed, one a line, if they are few and none is a
// property, and exits with 1 otherwise: the counterexample of a property is a fault, however the next run ends. The names
// of the tests go to the file NAMES.
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const FEW = 4;

const [reportFile, namesFile] = process.argv.slice(2);
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const files = report.testResults
  .filter((file) => file.status !== 'passed')
  .map((file) => ({
    path: relative('.', file.name),
    reason: file.message,
    tests: file.assertionResults.filter((test) => test.status === 'failed'),
  }));
const names = files.flatMap(({ path, tests }) => tests.map((test) => `${path}: ${test.fullName}`));
process.stderr.write(names.map((name) => `failed: ${name}\n`).join(''));
writeFileSync(namesFile, names.map((name) => `${name}\n`).join(''));

const reasons = files.flatMap(({ reason, tests }) => [reason, ...tests.flatMap((test) => test.failureMessages)]);
const isProperty = reasons.some((reason) => reason?.includes('Property failed'));
if (files.length === 0 || files.length > FEW || isProperty) process.exit(1);
process.stdout.write(files.map(({ path }) => `${path}\n`).join(''));
