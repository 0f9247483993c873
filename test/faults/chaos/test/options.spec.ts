import { commandOf, readOptions } from '../options';

describe('the options of chaos', () => {
  it('--cluster makes three nodes of the broker, and has twice as many faults as targets', () => {
    const single = readOptions(['--orders', '200', '--seed', '1']);
    expect(single).toMatchObject({ nodes: 1, faults: 9 });
    const cluster = readOptions(['--orders', '200', '--seed', '1', '--cluster']);
    expect(cluster).toEqual({ ...single, nodes: 3, faults: 22 });
  });

  it('the command to run it again is the same run', () => {
    for (const more of [[], ['--cluster'], ['--cluster', '--scale', 'payments=3', 'orders=2']]) {
      const options = readOptions(['--orders', '200', '--seed', '1', ...more]);
      const command = commandOf(options);
      expect(command.includes('--cluster')).toBe(more.includes('--cluster'));
      expect(readOptions(command.split(' -- ')[1]?.split(' ') ?? [])).toEqual(options);
    }
  });
});
