import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type IConfigFile,
} from '@microsoft/api-extractor';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readArguments } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';

const usage = `Usage: npm run api-report [-- --check]
Writes down what each entry of libs/messaging exports, so that a change of it is seen in a review,
and a breaking one in time.
  --check  writes nothing; exit code 1 when it is not up to date
Example: npm run api-report`;

const folder = resolve('libs/messaging');
const reports = join(folder, 'api');
/** Where the declarations of the sources go. */
const built = resolve('.tradepost/api');

interface Package {
  exports: Record<string, string | { types: string }>;
}

/** @returns the exit code */
async function main(): Promise<number> {
  const { values } = readArguments({ options: { check: { type: 'boolean', default: false } } });
  rmSync(built, { recursive: true, force: true });
  execFileSync(process.execPath, [
    'node_modules/typescript/bin/tsc',
    ...['-p', join(folder, 'tsconfig.build.json')],
    ...['--outDir', built, '--emitDeclarationOnly'],
  ]);
  const stale = entries().filter((entry) => isStale(entry, values.check));
  if (values.check && stale.length > 0) {
    const changed = stale.map(({ name }) => name).join(', ');
    console.error(`What ${changed} exports has changed: run \`npm run api-report\`, and say so.`);
    return 1;
  }
  const count = entries().length;
  const wrote = `Wrote ${stale.length} of ${count} reports.`;
  console.log(values.check ? `${count} reports are up to date.` : wrote);
  return 0;
}

interface Entry {
  name: string;
  /** Relative to what is built. */
  types: string;
}

function entries(): Entry[] {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  return Object.entries((JSON.parse(text) as Package).exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [
          {
            name: path === '.' ? 'messaging' : path.replace('./', ''),
            types: target.types.replace('./dist/', ''),
          },
        ],
  );
}

/** Writes the report unless it is only to be checked. */
function isStale({ name, types }: Entry, isCheck: boolean): boolean {
  mkdirSync(reports, { recursive: true });
  const configObject: IConfigFile = {
    projectFolder: folder,
    newlineKind: 'lf',
    mainEntryPointFilePath: join(built, types),
    compiler: { tsconfigFilePath: join(folder, 'tsconfig.build.json') },
    apiReport: {
      enabled: true,
      reportFileName: name,
      reportFolder: reports,
      reportTempFolder: join(built, 'reports'),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    },
  };
  const packageJsonFullPath = join(folder, 'package.json');
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath,
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: !isCheck,
    messageCallback: (message) => (message.handled = true),
  });
  return apiReportChanged;
}

runCommand(usage, main);
