import { readFileSync } from 'node:fs';

const { dependencies, devDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
const [, inImage = '', inDevelopment = ''] = readFileSync('docs/DEPENDENCIES.md', 'utf8').split(
  /^## /m,
);

/** The packages of a table's first column. */
function named(section: string): string[] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| package '))
    .flatMap((line) => line.split('|')[1]?.trim().split(', ') ?? []);
}

it.each([
  ['in the image', inImage, dependencies],
  ['in development', inDevelopment, devDependencies],
])('docs/DEPENDENCIES.md has each package %s, and no other', (_where, section, packages) => {
  expect(named(section).sort()).toEqual(Object.keys(packages).sort());
});
