import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Loaded before a service, into its process: says what is left there after a collection.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', ({ id }: { id: number }) => {
  // What the first one frees may hold more.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ id, result: heapUsed + external });
});
// It must not keep a service alive that is done.
process.channel?.unref();
