import type { DeadLetter, DeadLetterGroup } from '../../../src/api/dead-letters';
import { LateSkeleton } from '../../parts/late-skeleton';
import { ErrorState } from '../../parts/states';
import { useListKeys } from '../../parts/use-list-keys';
import { withTerm } from '../../search/terms';
import { useUrl } from '../../url/search-params';
import { ActBar } from './act-bar';
import classes from './dead-letters.module.css';
import type { Asked } from './dialogs';
import { Groups } from './groups';
import { Messages } from './messages';
import { keyOf, targetOfPicked, targetOfSearch } from './selection';
import { useMessages, type useDeadLetterSearch } from './use-dead-letters';

interface Props {
  box: ReturnType<typeof useDeadLetterSearch>;
  groups: DeadLetterGroup[];
  /** Read before, of another search or before an error. */
  isStale: boolean;
  onAsk: (asked: Asked) => void;
}

/** Causes at the left, their messages at the right. */
export function Panes({ box, groups, isStale, onAsk }: Props) {
  const choose = (group: DeadLetterGroup | undefined) => {
    const withQueue = withTerm(box.text, 'queue', group?.queue);
    box.setText(withTerm(withQueue, 'code', group?.errorCode));
  };
  return (
    <div className={classes.room} data-stale={isStale}>
      <div className={classes.panes}>
        <section className={`${classes.pane} ${classes.groupsPane}`} aria-label="Causes">
          <Groups groups={groups} search={box.search} onChoose={choose} />
        </section>
        <section className={classes.pane} aria-label="Messages">
          <MessagePane search={box.search} groups={groups} onAsk={onAsk} />
        </section>
      </div>
    </div>
  );
}

type PaneProps = Pick<Props, 'groups' | 'onAsk'> & { search: Props['box']['search'] };

function MessagePane({ search, groups, onAsk }: PaneProps) {
  const answer = useMessages(search);
  const { get, set } = useUrl();
  const messages = answer.data?.pages.flatMap(({ items }) => items) ?? [];
  const picked = pickedOf(get('picked'), messages);
  const select = (key: string) => set({ message: key }, { replace: get('message') !== undefined });
  const pick = (keys: string[], on: boolean) => {
    const now = new Set((get('picked') ?? '').split(',').filter(Boolean));
    for (const key of keys) {
      if (on) now.add(key);
      else now.delete(key);
    }
    set({ picked: [...now].slice(0, pickedMax).join(',') }, { replace: true });
  };
  useListKeys<DeadLetter>({
    items: messages,
    idOf: keyOf,
    selected: get('message'),
    onMove: select,
  });
  if (answer.isError && !answer.data) {
    return (
      <ErrorState
        what="The messages could not be read"
        error={answer.error}
        onRetry={() => void answer.refetch()}
      />
    );
  }
  if (!answer.data) return <LateSkeleton />;
  const target = picked.length > 0 ? targetOfPicked(picked) : targetOfSearch(search, groups);
  return (
    <>
      <ActBar
        target={target}
        picked={picked.length > 0}
        onUnpick={() => set({ picked: undefined }, { replace: true })}
        onAsk={onAsk}
      />
      <Messages
        messages={messages}
        total={groups.reduce((sum, group) => sum + group.count, 0)}
        selected={get('message')}
        picked={new Set(picked.map(keyOf))}
        onSelect={select}
        onPick={pick}
        more={{
          has: answer.hasNextPage,
          loading: answer.isFetchingNextPage,
          load: () => void answer.fetchNextPage(),
        }}
      />
    </>
  );
}

/** The URL holds them, and servers take some kilobytes of it. */
const pickedMax = 150;

/** Those of the URL that are still there. */
function pickedOf(text: string | undefined, messages: DeadLetter[]): DeadLetter[] {
  const keys = new Set((text ?? '').split(',').filter(Boolean));
  return keys.size === 0 ? [] : messages.filter((message) => keys.has(keyOf(message)));
}
