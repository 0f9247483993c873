import type { DeadLetter, OperationResult, Replay } from '../../../src/api/dead-letters';
import { queryClient } from '../../api/queries';
import { useUrl } from '../../url/search-params';
import { UndoDialog } from '../operations/undo-dialog';
import { DiscardDialog } from './discard-dialog';
import { EditDialog } from './edit-dialog';
import { ReplayDialog } from './replay-dialog';
import type { Target } from './selection';
import { refreshDeadLetters, replaysPath } from './use-dead-letters';

/** What the reader asked for, and has not confirmed yet. */
export type Asked =
  | { act: 'replay' | 'discard'; target: Target }
  | { act: 'edit'; message: DeadLetter }
  | { act: 'undo'; what: string; operation: { service: string; operation: number } };

/** What was done, as the service answered. */
export interface Done {
  act: 'discard' | 'undo';
  result: OperationResult;
}

interface Props {
  asked: Asked;
  onClose: () => void;
  onDone: (done: Done) => void;
}

export function Dialogs({ asked, onClose, onDone }: Props) {
  const { set } = useUrl();
  const started = (replay: Replay) => {
    onClose();
    set({ replay: replay.id, picked: undefined }, { replace: true });
    void queryClient.invalidateQueries({ queryKey: [replaysPath] });
  };
  const done = (act: Done['act']) => (result: OperationResult) => {
    onClose();
    set({ picked: undefined }, { replace: true });
    onDone({ act, result });
    refreshDeadLetters();
  };
  switch (asked.act) {
    case 'replay':
      return <ReplayDialog target={asked.target} onClose={onClose} onStarted={started} />;
    case 'edit':
      return <EditDialog message={asked.message} onClose={onClose} onStarted={started} />;
    case 'discard':
      return <DiscardDialog target={asked.target} onClose={onClose} onDone={done('discard')} />;
    case 'undo':
      return (
        <UndoDialog
          what={asked.what}
          operation={asked.operation}
          onClose={onClose}
          onDone={done('undo')}
        />
      );
  }
}
