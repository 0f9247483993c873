import { readFileSync } from 'node:fs';

const { dependencies, devDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
const [, inImage = '', inDevelopment = ''] = readFileSync('docs/DEPENDENCIES.md', 'utf8').split(
  /^## /m,
);

/** What the items of its list begin with. */
function named(section: string): string[] {
  return [...section.matchAll(/^- ([^:]+):/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
}

it.each([
  ['in the image', inImage, dependencies],
  ['in development', inDevelopment, devDependencies],
])('docs/DEPENDENCIES.md has each package %s, and no other', (_where, section, packages) => {
  expect(named(section).sort()).toEqual(Object.keys(packages).sort());
});
