import { print } from '@tradepost/messaging';
import { audit } from './audit/audit';
import { Unreachable } from './audit/client';
import { commandOf, usage } from './audit/command';
import { EndpointUnknown, endpointsOf } from './audit/endpoints';
import { lines } from './audit/print';
import { Usage } from './shop/arguments';
import { runCommand } from './shop/run-command';

// `npm run audit`: does what the services say of themselves fit together? docs/OPERATIONS.md.

const exitCodes = { clean: 0, violations: 1, unable: 2 };

/** @returns the exit code */
async function main(): Promise<number> {
  try {
    const command = await commandOf(process.argv.slice(2));
    const report = await audit(await endpointsOf(command.endpoints), command.options);
    print(command.json, report, lines(report));
    return report.violations.length === 0 ? exitCodes.clean : exitCodes.violations;
  } catch (error) {
    if (error instanceof Usage) throw error;
    const expected = [Unreachable, EndpointUnknown].some((kind) => error instanceof kind);
    console.error(expected ? (error as Error).message : error);
    return exitCodes.unable;
  }
}

runCommand(usage, main);
