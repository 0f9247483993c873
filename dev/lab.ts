// `npm run lab -- topic`: one pattern of messaging on a real broker, in the terminal.
// docs/PATTERNS.md.
import { runCommand } from '../ops/shop/run-command';
import { commandOf, usage, type LabCommand } from './lab/command';
import { patternsFile, writeTranscript } from './lab/document';
import { anyBroker, ownServers } from './lab/servers';
import { Stage } from './lab/stage';
import { stories } from './lab/stories';
import type { Story } from './lab/story';
import { stopOnSignals } from './start/signals';

const interrupted = 130;

async function main(): Promise<number> {
  const command = commandOf(process.argv.slice(2));
  const interrupt = new AbortController();
  stopOnSignals((why) => interrupt.abort(new Error(`${why}: broken off`)));
  const { signal } = interrupt;
  try {
    await tell(command, signal);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    console.error((signal.reason as Error).message);
    return interrupted;
  }
}

async function tell(command: LabCommand, signal: AbortSignal): Promise<void> {
  const story: Story = stories[command.pattern];
  const provide = story.ownServers ? ownServers : anyBroker;
  const servers = await provide({ log: console.log, signal });
  try {
    const stage = await Stage.open({ ...command, ...servers, signal });
    console.log(`Broker: ${servers.how}; virtual host ${stage.virtualHost}\n`);
    try {
      stage.screen.print(story.title);
      await story.tell(stage);
      stage.screen.print();
      stage.screen.print('Read next:');
      for (const file of story.read) stage.screen.print(`  ${file}`);
      if (command.document) await writeTranscript(command.pattern, stage.screen.text);
    } finally {
      await stage.close();
    }
  } finally {
    await servers.stop();
  }
  console.log(command.document ? `\nWritten to ${patternsFile}` : `\nMore: ${patternsFile}`);
}

runCommand(usage, main);
