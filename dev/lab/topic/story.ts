import { Module } from '@nestjs/common';
import type { Story } from '../story';
import { ArchiveTopic } from './archive.topic';
import { LogLine } from './log-line';
import { OnCallTopic } from './on-call.topic';

@Module({ providers: [ArchiveTopic] })
class ArchiveModule {}

@Module({ providers: [OnCallTopic] })
class OnCallModule {}

@Module({})
class SpeakerModule {}

const lines = [
  ['orders.info', 'order 1 placed'],
  ['payments.critical.gateway', 'no answer for 30 s'],
  ['users.warning', 'two with one address'],
  ['critical', 'the disk is full'],
  ['orders.criticality.low', 'not the word'],
  ['payments.info', 'the gateway is back'],
] as const;

export const topic: Story = {
  title: 'One topic exchange, a queue with a pattern for each listener: hear the part you want.',
  read: [
    'dev/lab/topic/log-line.ts',
    'dev/lab/topic/on-call.topic.ts',
    'libs/contracts/src/topic/log-entries.ts',
    'apps/log-sink/src/logs.topic.ts',
  ],
  async tell(stage) {
    const archive = 'archive (#)';
    const onCall = 'on-call (#.critical.#)';
    stage.begin(
      { name: 'speaker', width: 28 },
      { name: archive, width: 28 },
      { name: onCall, width: 32 },
    );
    await stage.service('archive', ArchiveModule, { column: archive });
    await stage.service('on-call', OnCallModule, { column: onCall });
    const { messages } = await stage.service('speaker', SpeakerModule);
    for (const [key, text] of lines) {
      const isTold = messages.tell(LogLine, key, { text });
      stage.column('speaker').say(`${key} ${isTold ? '→' : 'dropped'}`);
      await stage.pace.beats(1);
    }
    const [kept, woken] = [stage.column(archive).said, stage.column(onCall).said];
    await stage.until('all is kept', () => kept.length >= lines.length);
    stage.screen.print();
    stage.screen.print(
      `${lines.length} lines: archive kept ${kept.length}, on-call woke up for ${woken.length}.`,
    );
  },
};
