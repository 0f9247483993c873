import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

// A program of its own, so that it outlives what hired it: the end of its input is the end of
// that process, and nothing else is. What it needs to know is no argument: others see those.
const program = `
  let input = '';
  process.stdin.setEncoding('utf8').on('data', (text) => (input += text)).on('end', async () => {
    const { url, authorization } = JSON.parse(input);
    for (let left = 120; left > 0; left -= 1) {
      const signal = AbortSignal.timeout(5_000);
      const request = { method: 'DELETE', headers: { authorization }, signal };
      const status = await fetch(url, request).then((answer) => answer.status, () => 0);
      if (status === 204 || status === 404) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  });
`;

/** Opens the virtual host when the process that closed it has died before it could. */
export class Doorkeeper {
  private constructor(private readonly child: ChildProcess) {}

  /** @throws when no process can be started */
  static async hire(opening: { url: string; authorization: string }): Promise<Doorkeeper> {
    const child = spawn(process.execPath, ['-e', program], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // A signal to the whole group (Ctrl-C) is not for it.
      detached: true,
    });
    await once(child, 'spawn');
    child.unref();
    child.stdin.on('error', () => undefined);
    child.stdin.write(JSON.stringify(opening));
    return new Doorkeeper(child);
  }

  /** The doors are open; nothing is left to do. */
  dismiss(): void {
    this.child.kill('SIGKILL');
  }

  /** Opens the doors, and keeps trying for some minutes, whatever becomes of this process. */
  takeOver(): void {
    this.child.stdin?.end();
  }
}
