import { Closers } from '../closers';

it('closes the last first, and all of them when one fails', async () => {
  const closed: string[] = [];
  const closers = new Closers();
  for (const name of ['tap', 'database', 'process']) {
    const opened = closers.add({ name }, async () => {
      closed.push(name);
      if (name !== 'tap') throw new Error(`${name} does not close`);
    });
    expect(opened.name).toBe(name);
  }
  await expect(closers.close()).rejects.toThrow('process does not close');
  expect(closed).toEqual(['process', 'database', 'tap']);
  await closers.close();
  expect(closed).toHaveLength(3);
});
