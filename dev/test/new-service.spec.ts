import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { appNames, apps } from '../../apps/services';
import { commandOf } from '../new-service/command';
import { freeColour, freePort } from '../new-service/free';
import { enter } from '../new-service/lists';
import { writeFolder } from '../new-service/write-folder';

const service = { name: 'gift-cards', keeps: 'voucher', port: 3042, colour: 'blueBright' };

it.each([
  [['Shipping'], '"Shipping" is not in kebab-case, as shipping and gift-cards are'],
  [['gift_cards'], '"gift_cards" is not in kebab-case'],
  [['orders'], 'There is a service "orders" already'],
  [['gateway'], '"gateway" is the name of something else already'],
  [['messaging'], '"messaging" is the name of something else already'],
  [['a', 'b'], 'One service at a time, not "a b"'],
  [[], 'Which name has the service?'],
  [['shipping', '--keeps', 'Parcel'], '--keeps wants one word in small letters, not "Parcel"'],
])('%j is refused, saying why', (args, why) => {
  expect(() => commandOf(args)).toThrow(why);
});

it('has parcels to keep unless told', () => {
  expect(commandOf(['gift-cards'])).toEqual({ name: 'gift-cards', keeps: 'parcel' });
});

it('takes a port and a colour that no other has', () => {
  for (const { port, colour } of Object.values(apps)) {
    expect(freePort()).not.toBe(port);
    expect(freeColour()).not.toBe(colour);
  }
});

describe('what it writes', () => {
  let root: string;
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const lists = [
    'apps/services.ts',
    'docker-compose.yml',
    'deploy/telemetry/prometheus.yml',
    'nest-cli.json',
  ];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'new-service-'));
    for (const file of [...lists, 'dev/new-service/template']) {
      cpSync(file, join(root, file), { recursive: true });
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is a folder of the names that it was given', async () => {
    const files = await writeFolder(root, service);

    expect(files).toContain('apps/gift-cards/src/vouchers.controller.ts');
    expect(files).toContain('apps/gift-cards/migrations/0001-vouchers.sql');
    expect(read('apps/gift-cards/src/gift-cards.module.ts')).toContain(
      'export class GiftCardsModule {}',
    );
    expect(read('apps/gift-cards/src/gift-cards.config.ts')).toContain('PORT = 3042;');
    for (const file of files)
      expect(`${file} ${read(file)}`).not.toMatch(/shipping|parcel|3007|txt/i);
  });

  it('is an entry in each list, the others as they were', async () => {
    expect(await enter(root, service)).toEqual(lists.map((file) => ({ file })));

    const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
      services: Record<string, { environment: Record<string, string>; ports: string[] }>;
    };
    expect(services['gift-cards']?.ports).toEqual(['127.0.0.1:3420-3429:3042']);
    expect(services['gift-cards']?.environment.POSTGRES_URL).toMatch(/tradepost_gift_cards$/);
    expect(services.console?.environment.SERVICES).toMatch(
      /,\s*gift-cards=http:\/\/gift-cards:3042$/,
    );
    const { projects } = JSON.parse(read('nest-cli.json')) as { projects: object };
    expect(Object.keys(projects)).toEqual(expect.arrayContaining([...appNames, 'gift-cards']));
    for (const file of lists) {
      const lines = readFileSync(file, 'utf8').split('\n');
      const kept = read(file).split('\n');
      expect(lines.filter((line) => !kept.some((one) => one.startsWith(line)))).toEqual([]);
    }
  });

  it('is said where its place is not found', async () => {
    writeFileSync(join(root, 'nest-cli.json'), '{}');

    const [, , , nest] = await enter(root, service);

    expect(nest?.byHand).toContain('"root": "apps/gift-cards"');
    expect(read('nest-cli.json')).toBe('{}');
    expect(existsSync(join(root, 'apps/gift-cards'))).toBe(false);
  });
});
