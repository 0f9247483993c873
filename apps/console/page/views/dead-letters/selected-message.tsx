import type { DeadLetterSearch } from '../../../src/api/dead-letters';
import { useUrl } from '../../url/search-params';
import type { Asked } from './dialogs';
import { MessagePanel } from './message-panel';
import { idOf, keyOf, targetOfOne } from './selection';
import { useMessage, useMessages } from './use-dead-letters';

interface Props {
  search: DeadLetterSearch;
  onAsk: (asked: Asked) => void;
}

/** The panel of the message that the URL names. */
export function SelectedMessage({ search, onAsk }: Props) {
  const { get, set } = useUrl();
  const key = get('message');
  return key === undefined ? null : (
    <OfKey
      key={key}
      selected={key}
      search={search}
      onAsk={onAsk}
      onClose={() => set({ message: undefined })}
    />
  );
}

type OfKeyProps = Props & { selected: string; onClose: () => void };

function OfKey({ selected, search, onAsk, onClose }: OfKeyProps) {
  const listed = useMessages(search);
  const known = listed.data?.pages
    .flatMap(({ items }) => items)
    .find((message) => keyOf(message) === selected);
  const answer = useMessage(listed.isPending ? undefined : idOf(selected), known);
  return (
    <MessagePanel
      selected={selected}
      answer={answer}
      onClose={onClose}
      onReplay={(message) => onAsk({ act: 'replay', target: targetOfOne(message) })}
      onEdit={(message) => onAsk({ act: 'edit', message })}
      onDiscard={(message) => onAsk({ act: 'discard', target: targetOfOne(message) })}
    />
  );
}
